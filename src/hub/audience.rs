//! Those who see the same board: the national room, and one per gathering that somebody is at.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use super::{Tempo, locked};
use crate::{
    domain::{figures::Figures, gathering::Slug, small_numbers::rounded},
    wire::frame::BoardFrame,
};

/// How long the figure of one gathering stands: whoever watches it beside the national one, which changes with every
/// arrival, must not see who came where.
const HERE_STANDS: Duration = Duration::from_secs(30);

/// Those who see the same board.
#[derive(Debug)]
pub(super) struct Audience {
    /// The gathering; none for the national room.
    pub(super) slug: Option<Slug>,
    /// The national room, of which a gathering's phones are a part.
    national: Option<Arc<Self>>,
    phones: AtomicU32,
    /// The phones of a gathering as they were last told, and since when.
    here: Mutex<(u32, Option<Instant>)>,
    boards: Mutex<Boards>,
}

/// The boards an audience has been given.
#[derive(Clone, Debug)]
pub(super) struct Boards {
    /// The newest board: for displays, and for whoever comes in.
    pub(super) newest: Arc<BoardFrame>,
    newest_figures: Figures,
    /// The newest board worth a phone's while, or a beat.
    pub(super) notable: Arc<BoardFrame>,
    notable_figures: Figures,
    /// When phones were last given a board; none before the first.
    notable_at: Option<Instant>,
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
            notable_at: None,
        };
        Self { slug, national, phones: AtomicU32::new(0), here: Mutex::default(), boards: Mutex::new(boards) }
    }

    /// Whether nobody sits in it: the map of gatherings alone knows it.
    pub(super) fn is_idle(self: &Arc<Self>) -> bool {
        self.slug.is_some() && Arc::strong_count(self) == 1
    }

    /// Phones live in it on this node.
    pub(super) fn phones(&self) -> u32 {
        self.phones.load(Ordering::Relaxed)
    }

    /// Phones live at a gathering as the public is told, at `at`, so many `others` being at it by other nodes; none for
    /// the national room.
    pub(super) fn here(&self, others: u32, at: Instant) -> Option<u32> {
        self.slug.as_ref()?;
        let told = rounded(self.phones().saturating_add(others));
        let mut here = locked(&self.here);
        let (last, since) = *here;
        if told != last && since.is_none_or(|since| at.saturating_duration_since(since) >= HERE_STANDS) {
            *here = (told, Some(at));
        }
        Some(here.0)
    }

    /// The boards as they are now.
    pub(super) fn boards(&self) -> Boards {
        locked(&self.boards).clone()
    }

    /// Gives it a new board if `figures` have changed, or if its phones would else wait longer than the beat;
    /// tells whether it did.
    pub(super) fn show(
        &self,
        figures: Figures,
        tempo: Tempo,
        at: Instant,
        encode: impl FnOnce(Figures) -> BoardFrame,
    ) -> bool {
        let mut boards = locked(&self.boards);
        let beat = boards.notable_at.is_none_or(|last| tempo.is_beat(at.saturating_duration_since(last)));
        if !beat && figures == boards.newest_figures {
            return false;
        }
        boards.newest = Arc::new(encode(figures));
        boards.newest_figures = figures;
        if beat || figures.notably_differ_from(&boards.notable_figures) {
            boards.notable = Arc::clone(&boards.newest);
            boards.notable_figures = figures;
            boards.notable_at = Some(at);
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
        if self.0.as_ref().is_some_and(|(known, _)| !Arc::ptr_eq(known, audience)) {
            self.0 = None;
        }
        &self.0.get_or_insert_with(|| (Arc::clone(audience), audience.boards())).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{publication::National, time::UnixMillis},
        hub::pacer::board_message,
        wire::frame::PING,
    };

    /// Bytes around every packet: an IPv4 and a TCP header with timestamps.
    const HEADERS: usize = 52;

    /// A clock ping, and its pong, as they are in `tests/wire`, framed. The next ping carries the acknowledgement.
    const CLOCK_PING: usize = (42 + HEADERS) + (112 + HEADERS);

    /// Clock pings of the last hour, and in how many rows: the last pong of a row is acknowledged by a packet of its own.
    /// `tests/web/pings.test.js` holds the page to it.
    const CLOCK_PINGS: (usize, usize) = (60, 18);

    #[test]
    fn a_gatherings_figure_is_rounded_and_stands_for_half_a_minute() {
        let first = BoardFrame::encode(0, board_message(Figures::default(), UnixMillis(0)));
        let national = Arc::new(Audience::national(first));
        let first = BoardFrame::encode(0, board_message(Figures::default(), UnixMillis(0)));
        let glasgow = Arc::new(Audience::at("glasgow".parse().unwrap(), Arc::clone(&national), first));
        let start = Instant::now();
        let after = |seconds| glasgow.here(0, start + Duration::from_secs(seconds));
        assert_eq!(national.here(0, start), None);
        let mut phones: Vec<_> = (0..9).map(|_| Counted::new(&glasgow)).collect();
        assert_eq!(after(0), Some(0), "fewer than ten");
        phones.push(Counted::new(&glasgow));
        assert_eq!(after(1), Some(10));
        phones.extend((0..7).map(|_| Counted::new(&glasgow)));
        assert_eq!((after(30), after(31)), (Some(10), Some(15)), "seventeen");
        phones.clear();
        assert_eq!((after(60), after(61)), (Some(15), Some(0)));
    }

    /// So many of `all` by a second of the last hour, most of them in the last minutes.
    fn by(second: u32, all: u64) -> u64 {
        all * u64::from(second).pow(4) / 3_600_u64.pow(4)
    }

    /// The people figures of the last hour: gatherings report one after the other, crowds fill with a few coming and
    /// going all the time, and for half an hour people elsewhere say so.
    fn people(second: u32) -> National {
        let taking_part = (400 + by(second, 8_000) + u64::from(second * 5 % 31)) / 10 * 10;
        let elsewhere = u64::from(second.saturating_sub(1_800)) / 15 * 10;
        let (reported, ready) = (20 + second / 33, 30 + second / 36);
        let (low, high, as_of) = (taking_part - 60, taking_part + 120, None);
        National { taking_part, low, high, elsewhere, reported, gatherings: 138, ready, as_of, signed_off: false }
    }

    #[test]
    fn a_phone_needs_at_most_80_kb_in_the_last_hour_while_its_room_fills() {
        let (start, tempo) = (Instant::now(), Tempo::new(Duration::from_secs(1), Duration::from_secs(20)).unwrap());
        let first = BoardFrame::encode(0, board_message(Figures::default(), UnixMillis(0)));
        let room = Audience::national(first);
        let (pings, rows) = CLOCK_PINGS;
        let (mut boards, mut bytes, mut last) = (0, pings * CLOCK_PING + rows * HEADERS, 0);
        for second in 0..3_600_u32 {
            let phones = u32::try_from(1_000 + by(second, 14_000)).unwrap() + second * 7 % 11;
            let national = people(second);
            let figures = Figures { epoch: 2_893_471_556, rev: 3, phones, national, ..Figures::default() };
            room.show(figures, tempo, start + Duration::from_secs(second.into()), |figures| {
                let at = UnixMillis(1_803_124_800_000 + i64::from(second) * 1_000);
                BoardFrame::encode(second + 1, board_message(figures, at))
            });
            let notable = room.boards().notable;
            if notable.no != last {
                last = notable.no;
                boards += 1;
                // With the question, the pong that carries the acknowledgement, and the acknowledgement of that.
                bytes += notable.bytes(true).len() + HEADERS + (PING.len() + 4 + HEADERS) + HEADERS;
            }
        }
        assert!((180..=230).contains(&boards), "{boards} boards");
        assert!(bytes <= 80_000, "{bytes} bytes, of them {boards} boards");
    }
}
