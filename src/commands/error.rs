//! Why one of the organiser's commands did not do what was asked.

use std::{io, path::PathBuf};

use super::{client, export};
use crate::domain::{import::MAX_BYTES, text::Lang};

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The server was not reached, or said no.
    #[error(transparent)]
    Client(#[from] client::ClientError),
    /// The terminal or pipe is gone.
    #[error("cannot write the answer")]
    Output(#[from] io::Error),
    /// A file named on the command line.
    #[error("cannot read {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file that is to be made.
    #[error("cannot write {}", path.display())]
    NotWritten {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A log that was changed, or is not one.
    #[error("the log {log} is not whole: {broken}")]
    Log {
        /// Whose.
        log: String,
        /// Where, and how.
        broken: export::Broken,
    },
    /// A list beyond [`MAX_BYTES`].
    #[error("{} is larger than {MAX_BYTES} bytes, the most a list of gatherings may have; is it the right file?", .0.display())]
    ListTooLarge(PathBuf),
    /// Two texts where one can be shown.
    #[error("{option} is given twice in \"{lang}\"; give one text in each language")]
    TextTwice {
        /// Which option.
        option: &'static str,
        /// In which language.
        lang: Lang,
    },
    /// So near the moment that a person must say it twice, and nobody is there to ask.
    #[error("{say}\nnothing was changed; to confirm from a script, add: --confirm \"{typing}\"")]
    Unconfirmed {
        /// What the server said.
        say: String,
        /// What it wants typed.
        typing: String,
    },
    /// A person typed something else.
    #[error("that is not what was asked for; nothing was changed")]
    NotConfirmed,
}
