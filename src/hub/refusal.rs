//! What is said of something that was not done.

use crate::{journal::KeepError, wire::message::FromServer};

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Of which message.
    pub(super) of: &'static str,
    /// A stable word for programs.
    pub(super) reason: &'static str,
    /// A sentence for a person that says what to do.
    pub(super) say: String,
}

impl Refusal {
    /// A refusal of a message `of` this type.
    pub(super) fn new(of: &'static str, reason: &'static str, say: impl Into<String>) -> Self {
        Self { of, reason, say: say.into() }
    }

    /// Of what could not be written down: the page keeps it, and says it again.
    pub(super) fn not_kept(of: &'static str, error: KeepError) -> Self {
        let say = match error {
            KeepError::Busy { .. } | KeepError::Closed => {
                "The server is busy. Nothing is lost: your page keeps it and sends it again."
            }
            KeepError::Full | KeepError::Failed | KeepError::Unkeepable { .. } => {
                "The server cannot write it down just now; whoever runs it has been told. Nothing is lost: your page keeps it and sends it again."
            }
        };
        Self::new(of, "not_kept", say)
    }
}

impl From<Refusal> for FromServer {
    fn from(Refusal { of, reason, say }: Refusal) -> Self {
        Self::Refused { of: of.to_owned(), reason: reason.to_owned(), say }
    }
}
