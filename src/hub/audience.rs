//! Those who see the same board: the national room, and one per gathering that somebody is at.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use super::locked;
use crate::{
    domain::{figures::Figures, gathering::Slug},
    wire::frame::BoardFrame,
};

/// Those who see the same board.
#[derive(Debug)]
pub(super) struct Audience {
    /// The gathering; none for the national room.
    pub(super) slug: Option<Slug>,
    /// The national room, of which a gathering's phones are a part.
    national: Option<Arc<Self>>,
    phones: AtomicU32,
    boards: Mutex<Boards>,
}

/// The boards an audience has been given.
#[derive(Clone, Debug)]
pub(super) struct Boards {
    /// The newest board: for displays, and for whoever comes in.
    pub(super) newest: Arc<BoardFrame>,
    newest_figures: Figures,
    /// The newest board worth a phone's while.
    pub(super) notable: Arc<BoardFrame>,
    notable_figures: Figures,
}

impl Audience {
    /// The national room.
    pub(super) fn national(first: BoardFrame) -> Self {
        Self::new(None, None, first)
    }

    /// The phones of one gathering, which are also counted in the national room.
    pub(super) fn at(slug: Slug, national: Arc<Self>, first: BoardFrame) -> Self {
        Self::new(Some(slug), Some(national), first)
    }

    fn new(slug: Option<Slug>, national: Option<Arc<Self>>, first: BoardFrame) -> Self {
        let first = Arc::new(first);
        let boards = Boards {
            newest: Arc::clone(&first),
            newest_figures: Figures::default(),
            notable: first,
            notable_figures: Figures::default(),
        };
        Self { slug, national, phones: AtomicU32::new(0), boards: Mutex::new(boards) }
    }

    /// Whether nobody sits in it: the map of gatherings alone knows it.
    pub(super) fn is_idle(self: &Arc<Self>) -> bool {
        self.slug.is_some() && Arc::strong_count(self) == 1
    }

    /// Phones live in it.
    pub(super) fn phones(&self) -> u32 {
        self.phones.load(Ordering::Relaxed)
    }

    /// The boards as they are now.
    pub(super) fn boards(&self) -> Boards {
        locked(&self.boards).clone()
    }

    /// Gives it a new board if `figures` have changed, or in any case at a `beat`; tells whether it did.
    pub(super) fn show(&self, figures: Figures, beat: bool, encode: impl FnOnce(Figures) -> BoardFrame) -> bool {
        let mut boards = locked(&self.boards);
        if !beat && figures == boards.newest_figures {
            return false;
        }
        boards.newest = Arc::new(encode(figures));
        boards.newest_figures = figures;
        if beat || figures.notably_differ_from(&boards.notable_figures) {
            boards.notable = Arc::clone(&boards.newest);
            boards.notable_figures = figures;
        }
        true
    }
}

/// One phone's place in the counts, given up by dropping.
#[derive(Debug)]
pub(super) struct Counted(Arc<Audience>);

impl Counted {
    /// Counts one phone in.
    pub(super) fn new(audience: &Arc<Audience>) -> Self {
        for room in std::iter::once(audience).chain(&audience.national) {
            room.phones.fetch_add(1, Ordering::Relaxed);
        }
        Self(Arc::clone(audience))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        for room in std::iter::once(&self.0).chain(&self.0.national) {
            room.phones.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// The boards of the audience looked at last: seats of one audience tend to sit together, and taking its lock
/// for each of 15,000 would be waste.
#[derive(Debug, Default)]
pub(super) struct NewestBoards(Option<(Arc<Audience>, Boards)>);

impl NewestBoards {
    /// The boards of `audience`, as they were when it was first asked for in a row.
    pub(super) fn of(&mut self, audience: &Arc<Audience>) -> &Boards {
        let known = self.0.take().filter(|(known, _)| Arc::ptr_eq(known, audience));
        let (_, boards) = self.0.insert(known.unwrap_or_else(|| (Arc::clone(audience), audience.boards())));
        boards
    }
}
