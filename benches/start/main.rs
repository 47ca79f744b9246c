//! How long a server takes to be ready with the journal of a national day, and how much memory it has then.
//!
//! `cargo bench --bench start` makes the journal (`national_day.rs`), starts the server with it five times, each time
//! after a kill, and prints a Markdown table.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table goes to stdout, the progress to stderr")]

mod national_day;

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How often the server is started.
const ROUNDS: usize = 5;

/// A server that is not ready after so long never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    if !env::args().any(|argument| argument == "--bench") {
        println!("nothing measured: run it as `cargo bench --bench start`");
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let minutes = runtime.block_on(national_day::keep(folder.path())).map_err(io::Error::other)?;
    let bytes = fs::metadata(folder.path().join("journal.db"))?.len();
    eprintln!("{minutes} minutes kept in {:.1} s, {} MiB", begun.elapsed().as_secs_f64(), bytes / (1024 * 1024));
    println!("| start | listens after | ready after | resident | at most |\n|---|---|---|---|---|");
    for round in 1..=ROUNDS {
        let server = Server::start(folder.path())?;
        let ready = server.until_ready()?;
        let (resident, most) = (server.memory("VmRSS:")?, server.memory("VmHWM:")?);
        println!("| {round} | {:.2} s | {:.2} s | {resident} MiB | {most} MiB |", server.listens, ready.as_secs_f64());
    }
    Ok(())
}

/// A running server; dropping it kills it.
struct Server {
    child: Child,
    begun: Instant,
    address: String,
    /// Seconds from its start until it named its address.
    listens: f64,
}

impl Server {
    fn start(data: &Path) -> io::Result<Self> {
        let begun = Instant::now();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_oneoclock"));
        serve.env_clear().args(["serve", "--listen=127.0.0.1:0", "--data"]).arg(data);
        let mut child = serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let mut server = Self { child, begun, address: String::new(), listens: 0.0 };
        let mut lines = BufReader::new(stdout).lines();
        for line in lines.by_ref() {
            let line = line?;
            if let Some((_, rest)) = line.split_once("http://") {
                server.address = rest.split('/').next().unwrap_or_default().to_owned();
                break;
            }
        }
        server.listens = begun.elapsed().as_secs_f64();
        // The rest must be read, or the server would wait for room in the pipe.
        thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// Waits until it says that it is ready; how long that was from its start.
    fn until_ready(&self) -> io::Result<Duration> {
        while self.begun.elapsed() < PATIENCE {
            let mut socket = TcpStream::connect(&self.address)?;
            write!(socket, "GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
            let mut answer = String::new();
            socket.read_to_string(&mut answer)?;
            if answer.starts_with("HTTP/1.1 200") {
                return Ok(self.begun.elapsed());
            }
            thread::sleep(ASK_EVERY);
        }
        Err(io::Error::other("the server does not become ready"))
    }

    /// One of its sizes in /proc, in MiB, rounded up.
    fn memory(&self, what: &str) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kibibytes =
            status.lines().find_map(|line| line.strip_prefix(what)?.split_whitespace().next()?.parse().ok());
        kibibytes.map(|n: u64| n.div_ceil(1024)).ok_or_else(|| io::Error::other(format!("/proc does not say {what}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either fails only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
