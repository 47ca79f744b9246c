//! Passes as they are handed out and taken back: the next facts about them, or why there are none.

mod own;

use super::{
    board::Board,
    code::Code,
    gathering::Slug,
    grant::{Denial, Grant, GrantError, MAX_GRANTS, Standing, Window, label},
    grants::Denied,
    pass::{Pass, Role},
    post::Post,
    time::UnixMillis,
    version::{NodeId, Version},
};

/// Who hands out, when, and around which moment.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// What is known.
    pub board: &'a Board,
    /// The node that writes.
    pub node: &'a NodeId,
    /// The time.
    pub now: UnixMillis,
    /// The moment's instant.
    pub moment: UnixMillis,
}

/// What a steward's pass is to be good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where,
    pub gathering: Slug,
    /// at which post,
    pub post: Post,
    /// and what the organiser calls it; may be empty.
    pub label: String,
    /// From when; a day before the moment if nothing is said.
    pub from: Option<UnixMillis>,
    /// Until when; six hours after the moment if nothing is said.
    pub until: Option<UnixMillis>,
}

/// What was drawn from the operating system for one new pass.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// An id that no grant has.
    pub id: String,
    /// The pass.
    pub pass: Pass,
    /// A short code for the printed card, if there is to be one.
    pub code: Option<Code>,
}

/// A pass that takes the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// The new one, with the scope and window of the old.
    pub new: Grant,
    /// The old one, taken back.
    pub old: Grant,
}

impl Desk<'_> {
    /// Makes a steward's pass.
    ///
    /// # Errors
    /// [`GrantError`]: no such gathering, a label or window beyond its limits, or too many already.
    pub fn make(self, asked: &Asked, drawn: &Drawn) -> Result<Grant, GrantError> {
        self.has_room()?;
        if self.board.gathering(&asked.gathering).is_none() {
            return Err(GrantError::Gathering(asked.gathering.clone()));
        }
        let Window { from, until } = Window::asked(asked.from, asked.until, self.moment, self.now)?;
        Ok(Grant {
            id: drawn.id.clone(),
            version: Version::next(None, self.node),
            hash: drawn.pass.hash(),
            role: Role::Steward,
            gathering: Some(asked.gathering.clone()),
            post: Some(asked.post.clone()),
            label: label(&asked.label)?,
            from,
            until,
            revoked: false,
            code: drawn.code.as_ref().map(|code| code.hash(&asked.gathering)),
            by_code_of: None,
        })
    }

    /// Takes a pass back for good; `None` if it was taken back before.
    ///
    /// # Errors
    /// [`GrantError::Unknown`].
    pub fn revoke(self, id: &str) -> Result<Option<Grant>, GrantError> {
        let grant = self.known(id)?;
        Ok((!grant.revoked).then(|| self.changed(grant, |grant| grant.revoked = true)))
    }

    /// Gives a pass another window, so that links and cards which are out already stay good when the moment moves.
    ///
    /// # Errors
    /// [`GrantError`]: an unknown or revoked one, or a window beyond its limits.
    pub fn set_window(
        self,
        id: &str,
        from: Option<UnixMillis>,
        until: Option<UnixMillis>,
    ) -> Result<Option<Grant>, GrantError> {
        let grant = self.known(id)?;
        if self.board.grants().standing(grant, self.now) == Standing::Revoked {
            return Err(GrantError::Revoked(id.to_owned()));
        }
        let window = Window::asked(from, until, self.moment, self.now)?;
        Ok((grant.window() != window)
            .then(|| self.changed(grant, |grant| (grant.from, grant.until) = (window.from, window.until))))
    }

    /// Exchanges a pass for a new one of the same scope and window, with a new code if the old one had any; whoever
    /// had the old link, or came in by its code, is out.
    ///
    /// # Errors
    /// [`GrantError`]: one that is unknown, revoked or over, was itself had for a code, or is an organiser's.
    pub fn exchange(self, id: &str, drawn: &Drawn) -> Result<Exchanged, GrantError> {
        self.has_room()?;
        let old = self.known(id)?;
        if let Some(parent) = &old.by_code_of {
            return Err(GrantError::ByCode { id: id.to_owned(), parent: parent.clone() });
        }
        if old.role != Role::Steward {
            return Err(GrantError::Organisers(id.to_owned()));
        }
        match old.standing(self.now) {
            Standing::Valid | Standing::NotYet => {}
            Standing::Revoked => return Err(GrantError::Revoked(id.to_owned())),
            Standing::Expired => return Err(GrantError::Over(id.to_owned())),
        }
        let code = drawn.code.as_ref().filter(|_| old.code.is_some()).zip(old.gathering.as_ref());
        let new = Grant {
            id: drawn.id.clone(),
            version: Version::next(None, self.node),
            hash: drawn.pass.hash(),
            code: code.map(|(code, gathering)| code.hash(gathering)),
            ..old.clone()
        };
        Ok(Exchanged { new, old: self.changed(old, |grant| grant.revoked = true) })
    }

    /// Lets one more device in by a short code: a pass of its own, with the scope and window of the card's.
    ///
    /// # Errors
    /// Why the code is not good here and now.
    pub fn by_code(self, gathering: &Slug, code: &Code, drawn: &Drawn) -> Result<Grant, Denied> {
        let card = self.board.grants().by_code(gathering, code, self.now)?;
        self.has_room().map_err(|_| Denial::TooMany)?;
        Ok(Grant {
            id: drawn.id.clone(),
            version: Version::next(None, self.node),
            hash: drawn.pass.hash(),
            code: None,
            by_code_of: Some(card.id.clone()),
            ..card.as_ref().clone()
        })
    }

    fn has_room(self) -> Result<(), GrantError> {
        if self.board.grants().len() < MAX_GRANTS { Ok(()) } else { Err(GrantError::TooMany) }
    }

    fn known(&self, id: &str) -> Result<&Grant, GrantError> {
        self.board.grants().get(id).map(AsRef::as_ref).ok_or_else(|| GrantError::Unknown(id.chars().take(16).collect()))
    }

    fn changed(self, grant: &Grant, change: impl FnOnce(&mut Grant)) -> Grant {
        let mut next = grant.clone();
        next.version = Version::next(Some(&grant.version), self.node);
        change(&mut next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        access::AccessFacts,
        fact::Fact,
        gathering::{Gathering, Visibility},
        pass::SECRET_BYTES,
        programme::Programme,
    };

    const HOUR: i64 = 3_600_000;
    const MOMENT: UnixMillis = UnixMillis(1_000 * HOUR);

    fn board() -> Board {
        let mut board = Board::default();
        let bath = Gathering {
            slug: "bath".parse().unwrap(),
            version: Version::next(None, &"a".parse().unwrap()),
            name: "Bath".to_owned(),
            place: String::new(),
            nation: String::new(),
            venue: String::new(),
            kind: String::new(),
            point: None,
            expected: None,
            visibility: Visibility::Listed,
            joins: true,
            programme: Programme::default(),
            access: AccessFacts::default(),
            missing: false,
        };
        let _ = board.merge(Fact::Gathering(bath));
        board
    }

    fn keep(board: &mut Board, grants: impl IntoIterator<Item = Grant>) {
        for grant in grants {
            let _ = board.merge(Fact::Grant(grant));
        }
    }

    fn at<T>(board: &Board, hours: i64, act: impl FnOnce(Desk<'_>) -> T) -> T {
        let node = "a".parse().unwrap();
        act(Desk { board, node: &node, now: UnixMillis(hours * HOUR), moment: MOMENT })
    }

    fn asked() -> Asked {
        Asked {
            gathering: "bath".parse().unwrap(),
            post: "North gate".parse().unwrap(),
            label: " first phone ".to_owned(),
            from: None,
            until: None,
        }
    }

    fn drawn(n: u8) -> Drawn {
        Drawn {
            id: format!("id{n}"),
            pass: Pass::from_random(Role::Steward, [n; SECRET_BYTES]),
            code: Some(Code::from_random(u64::from(n))),
        }
    }

    #[test]
    fn a_pass_is_made_for_a_gathering_that_is_there_and_for_the_moments_day() {
        let board = board();
        let made = at(&board, 900, |desk| desk.make(&asked(), &drawn(1))).unwrap();
        assert_eq!((made.from.0, made.until.0), (976 * HOUR, 1_006 * HOUR));
        assert_eq!((made.label.as_str(), made.role, made.revoked), ("first phone", Role::Steward, false));
        let elsewhere = Asked { gathering: "york".parse().unwrap(), ..asked() };
        let refused = at(&board, 900, |desk| desk.make(&elsewhere, &drawn(1)));
        assert_eq!(refused, Err(GrantError::Gathering("york".parse().unwrap())));
        assert_eq!(at(&board, 1_006, |desk| desk.make(&asked(), &drawn(1))), Err(GrantError::Past));
    }

    #[test]
    fn a_pass_is_taken_back_once_and_for_good() {
        let mut board = board();
        let made = at(&board, 990, |desk| desk.make(&asked(), &drawn(1))).unwrap();
        keep(&mut board, [made]);
        let revoked = at(&board, 990, |desk| desk.revoke("id1")).unwrap().unwrap();
        assert!(revoked.revoked && revoked.version.rev == 2);
        keep(&mut board, [revoked]);
        assert_eq!(at(&board, 990, |desk| desk.revoke("id1")), Ok(None), "again");
        assert_eq!(at(&board, 990, |desk| desk.revoke("nobody")), Err(GrantError::Unknown("nobody".into())));
        let moved = at(&board, 990, |desk| desk.set_window("id1", None, None));
        assert_eq!(moved, Err(GrantError::Revoked("id1".into())));
    }

    #[test]
    fn an_exchanged_pass_has_another_secret_and_code_and_the_same_scope_and_the_old_one_is_out() {
        let mut board = board();
        let made = at(&board, 990, |desk| desk.make(&asked(), &drawn(1))).unwrap();
        keep(&mut board, [made]);
        let (bath, now) = ("bath".parse().unwrap(), UnixMillis(990 * HOUR));
        let made = at(&board, 990, |desk| desk.by_code(&bath, &Code::from_random(1), &drawn(9))).unwrap();
        keep(&mut board, [made]);
        assert!(board.grants().admit(&drawn(9).pass, now).is_ok());
        let refused = at(&board, 990, |desk| desk.exchange("id9", &drawn(3))).unwrap_err();
        assert_eq!(refused, GrantError::ByCode { id: "id9".into(), parent: "id1".into() });

        let Exchanged { new, old } = at(&board, 990, |desk| desk.exchange("id1", &drawn(2))).unwrap();
        keep(&mut board, [new, old]);
        let admitted = |n| board.grants().admit(&drawn(n).pass, now).map(|grant| grant.id.clone());
        assert_eq!(admitted(2), Ok("id2".to_owned()));
        assert_eq!(admitted(1).unwrap_err().why, Denial::Revoked);
        assert_eq!(admitted(9).unwrap_err().why, Denial::Revoked, "whoever came in by its code");
        let code = |n| board.grants().by_code(&bath, &Code::from_random(n), now).map(|grant| grant.id.clone());
        assert_eq!(code(2), Ok("id2".to_owned()));
        assert_eq!(code(1).unwrap_err().why, Denial::Revoked);
        let again = at(&board, 990, |desk| desk.exchange("id1", &drawn(4))).unwrap_err();
        assert_eq!(again, GrantError::Revoked("id1".into()));
        let late = at(&board, 1_006, |desk| desk.exchange("id2", &drawn(4))).unwrap_err();
        assert_eq!(late, GrantError::Over("id2".into()));
    }

    #[test]
    fn a_pass_without_a_code_gets_none_when_it_is_exchanged() {
        let mut board = board();
        let plain = Drawn { code: None, ..drawn(1) };
        let made = at(&board, 990, |desk| desk.make(&asked(), &plain)).unwrap();
        keep(&mut board, [made]);
        assert_eq!(at(&board, 990, |desk| desk.exchange("id1", &drawn(2))).unwrap().new.code, None);
    }

    #[test]
    fn links_that_are_out_follow_the_moment_when_they_are_told_to() {
        let mut board = board();
        let early = Asked { until: Some(UnixMillis(980 * HOUR)), ..asked() };
        let made = at(&board, 900, |desk| desk.make(&early, &drawn(1))).unwrap();
        keep(&mut board, [made]);
        let now = UnixMillis(1_000 * HOUR);
        assert_eq!(board.grants().admit(&drawn(1).pass, now).unwrap_err().why, Denial::Expired);
        let moved = at(&board, 900, |desk| desk.set_window("id1", None, None)).unwrap();
        keep(&mut board, moved);
        assert!(board.grants().admit(&drawn(1).pass, now).is_ok());
        assert_eq!(at(&board, 900, |desk| desk.set_window("id1", None, None)), Ok(None), "again");
    }
}
