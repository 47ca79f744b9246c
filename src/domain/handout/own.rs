//! A node's own organiser's pass, as it is given out to the other nodes: behind a load balancer the organiser's link
//! must open every one of them.

use super::{Desk, Grant, GrantError, MAX_GRANTS, Version};
use crate::domain::{
    grant::{MAX_WINDOW, OPENS_BEFORE},
    pass::{PassHash, Role},
    time::Millis,
};

/// The time of such a pass is drawn out again when so little of it is left: a fleet may rest for two weeks.
const DRAWN_OUT_BEFORE: Millis = Millis::from_mins(15 * 24 * 60);

impl Desk<'_> {
    /// The grant by which the other nodes take this node's own pass, of which `hash` is kept: a new one with this
    /// `id`, or the known one with more time. `None` if it is good for long yet, or was revoked.
    ///
    /// # Errors
    /// [`GrantError::TooMany`].
    pub fn own(self, hash: &PassHash, id: &str) -> Result<Option<Grant>, GrantError> {
        // From a while ago, for nodes whose clock is behind.
        let from = self.now - OPENS_BEFORE;
        let until = from + MAX_WINDOW;
        match self.board.grants().of_hash(hash) {
            Some(known) if known.revoked || known.until - self.now > DRAWN_OUT_BEFORE => Ok(None),
            Some(known) => Ok(Some(self.changed(known, |grant| (grant.from, grant.until) = (from, until)))),
            None if self.board.grants().len() >= MAX_GRANTS => Err(GrantError::TooMany),
            None => Ok(Some(Grant {
                id: id.to_owned(),
                version: Version::next(None, self.node),
                hash: *hash,
                role: Role::Organiser,
                gathering: None,
                post: None,
                label: format!("of node {}", self.node),
                from,
                until,
                revoked: false,
                code: None,
                by_code_of: None,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        board::Board,
        fact::Fact,
        pass::{Pass, SECRET_BYTES},
        time::UnixMillis,
    };

    #[test]
    fn a_nodes_own_pass_is_good_on_the_others_until_it_is_revoked() {
        let node = "a".parse().unwrap();
        let pass = Pass::from_random(Role::Organiser, [1; SECRET_BYTES]);
        let day = 24 * 3_600_000;
        let mut board = Board::default();
        let at = |board: &Board, days: i64| {
            let now = UnixMillis(days * day);
            Desk { board, node: &node, now, moment: now }.own(&pass.hash(), "own").unwrap()
        };
        let first = at(&board, 100).unwrap();
        let _ = board.merge(Fact::Grant(first.clone()));
        assert_eq!(board.grants().admit(&pass, UnixMillis(100 * day)).unwrap().role, Role::Organiser);
        assert_eq!(at(&board, 101), None, "it is good for long");
        let later = at(&board, 120).unwrap();
        assert_eq!((&later.id, later.version.rev), (&first.id, first.version.rev + 1));
        let _ = board.merge(Fact::Grant(later.clone()));
        assert!(board.grants().admit(&pass, UnixMillis(149 * day)).is_ok());
        let desk = Desk { board: &board, node: &node, now: UnixMillis(120 * day), moment: UnixMillis(0) };
        let revoked = desk.revoke("own").unwrap().unwrap();
        let _ = board.merge(Fact::Grant(revoked));
        assert_eq!(at(&board, 200), None, "revoked is for good");
        assert!(board.grants().admit(&pass, UnixMillis(121 * day)).is_err());
    }
}
