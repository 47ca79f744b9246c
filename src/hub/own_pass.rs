//! The node's own organiser's pass, made known to the other nodes. Only its hash leaves the data folder.

use super::{Hub, locked};
use crate::{
    domain::{
        fact::Fact,
        grant::{GrantError, ID_LETTERS, id_from_random},
        handout::Desk,
        pass::PassHash,
    },
    journal::KeepError,
};

/// The label in the log of what a node does by itself.
const BY: &str = "node";

/// Why the other nodes do not take this node's organiser's pass.
#[derive(Debug, thiserror::Error)]
pub enum OwnPassError {
    /// There are too many grants.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The journal.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// No random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

impl Hub {
    /// Has the other nodes take this node's own organiser's pass, of which `hash` is kept; to be done at every start,
    /// and now and then. Does nothing on a node that has no others, or when the pass was revoked.
    ///
    /// # Errors
    /// [`OwnPassError`].
    pub async fn make_own_pass_known(&self, hash: PassHash) -> Result<(), OwnPassError> {
        if !locked(&self.nodes.peers).has_others() {
            return Ok(());
        }
        let mut letters = [0; ID_LETTERS];
        getrandom::fill(&mut letters)?;
        let id = id_from_random(letters);
        self.write(BY, |board, moment, now| {
            if board.grants().get(&id).is_some() {
                // One in millions; the next time draws another.
                return Ok((Vec::new(), ()));
            }
            let own = Desk { board, node: self.node(), now, moment: moment.at }.own(&hash, &id)?;
            Ok((own.into_iter().map(Fact::Grant).collect(), ()))
        })
        .await
    }
}
