//! What is said of something that was not done.

use crate::{journal::KeepError, wire::message::FromServer};

/// A refusal: of what, a stable word for programs, a sentence for a person that says what to do.
pub(super) fn refused(of: &str, reason: &str, say: impl Into<String>) -> FromServer {
    FromServer::Refused { of: of.into(), reason: reason.into(), say: say.into() }
}

/// What could not be written down: the page keeps it, and says it again.
pub(super) fn not_kept(of: &str, error: KeepError) -> FromServer {
    let say = match error {
        KeepError::Busy { .. } | KeepError::Closed => {
            "The server is busy. Nothing is lost: your page keeps it and sends it again."
        }
        KeepError::Full | KeepError::Failed | KeepError::Unkeepable { .. } => {
            "The server cannot write it down just now; whoever runs it has been told. Nothing is lost: your page keeps it and sends it again."
        }
    };
    refused(of, "not_kept", say)
}
