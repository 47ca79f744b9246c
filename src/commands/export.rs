//! `oneoclock export`: what a running server knows, for others to read; and whether a log is what it says it is.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    CommandError,
    client::{Client, ServerArgs},
};

mod follow;
mod totals;

pub use follow::Broken;
use follow::Follower;
use totals::Totals;

/// Bytes read from a file at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Writes the log or the figures of a running server, or checks a log that was written before.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// What to write, or check
    #[command(subcommand)]
    pub what: What,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What to write, or check.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum What {
    /// The log: everything that was ever said, a JSON line each, chained by hash
    Log {
        /// File to write; standard output unless told
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The figures, as the public may know them
    Figures {
        /// In which form
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// File to write; standard output unless told
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Whether a log is whole, and what its totals are; needs no server
    Check {
        /// The log, as "export log" wrote it
        file: PathBuf,
    },
}

/// How figures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table, for spreadsheets
    Csv,
    /// For programs
    Json,
}

impl Format {
    const fn path(self) -> &'static str {
        match self {
            Self::Csv => "/figures.csv",
            Self::Json => "/api/v1/figures",
        }
    }
}

/// Writes what is asked for, or checks it and says what was found.
///
/// # Errors
/// When the server is not reached or refuses, a file cannot be read or written, or a log is not whole.
pub async fn run(args: ExportArgs) -> Result<(), CommandError> {
    match args.what {
        What::Log { out } => log(&Client::organiser(&args.server)?, out.as_deref()).await,
        What::Figures { format, out } => {
            let client = Client::anybody(&args.server)?;
            let mut out = Output::open(out.as_deref())?;
            client.read(format.path(), |piece| out.write(piece)).await?;
            out.end()
        }
        What::Check { file } => check(&file),
    }
}

/// Writes the log as it comes, and follows its chain meanwhile: what does not check out here never will.
async fn log(client: &Client, out: Option<&Path>) -> Result<(), CommandError> {
    let mut output = Output::open(out)?;
    let mut follower = Follower::default();
    client
        .read("/api/v1/log", |piece| {
            output.write(piece)?;
            follower.feed(piece, |_| ()).map_err(|broken| of(&client.address(), broken))
        })
        .await?;
    let end = follower.end().map_err(|broken| of(&client.address(), broken))?;
    output.end()?;
    // Beside the log, which may go down a pipe.
    writeln!(io::stderr(), "{end}")?;
    Ok(())
}

/// Follows the chain of a log, and says what its facts come to.
fn check(path: &Path) -> Result<(), CommandError> {
    let cannot = |source| CommandError::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(cannot)?;
    let (mut follower, mut totals) = (Follower::default(), Totals::default());
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = file.read(&mut piece).map_err(cannot)?;
        if read == 0 {
            break;
        }
        let fed = follower.feed(&piece[..read], |line| totals.add(line));
        fed.map_err(|broken| of(&path.display().to_string(), broken))?;
    }
    let end = follower.end().map_err(|broken| of(&path.display().to_string(), broken))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{end}")?;
    write!(out, "{totals}")?;
    Ok(())
}

fn of(log: &str, broken: Broken) -> CommandError {
    CommandError::Log { log: log.to_owned(), broken }
}

/// Where an export goes.
struct Output {
    to: BufWriter<Box<dyn Write>>,
    path: Option<PathBuf>,
}

impl Output {
    fn open(path: Option<&Path>) -> Result<Self, CommandError> {
        let to: Box<dyn Write> = match path {
            None => Box::new(io::stdout()),
            Some(path) => Box::new(File::create(path).map_err(|source| written(path, source))?),
        };
        Ok(Self { to: BufWriter::new(to), path: path.map(Path::to_owned) })
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), CommandError> {
        self.to.write_all(piece).map_err(|source| self.failed(source))
    }

    fn end(mut self) -> Result<(), CommandError> {
        self.to.flush().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> CommandError {
        match &self.path {
            None => CommandError::Output(source),
            Some(path) => written(path, source),
        }
    }
}

fn written(path: &Path, source: io::Error) -> CommandError {
    CommandError::NotWritten { path: path.to_owned(), source }
}
