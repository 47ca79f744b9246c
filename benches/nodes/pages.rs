//! The phones of a fleet, and what is true of them together.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    net::TcpStream,
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_tungstenite::WebSocketStream;

use super::{Fault, fleet::ASK_EVERY, page::Page};

/// The longest all may take to come.
const COME_WITHIN: Duration = Duration::from_secs(60);

/// Between two phones that begin: a fleet that fills in a few seconds.
const BEGIN_EVERY: Duration = Duration::from_micros(800);

/// What phones do of their own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing, but come back when they are cut off.
    Still,
    /// They come, go, move and die; since when.
    Churn(Instant),
    /// So many move at once.
    Move(usize),
    /// All is over.
    Over,
}

/// What all pages of a run share.
pub(crate) struct Shared {
    pub(crate) nodes: Vec<SocketAddr>,
    live: Vec<AtomicI64>,
    /// Calls that are under way.
    calling: AtomicI64,
    notes: Mutex<Notes>,
    /// Connections at whose other end nobody is.
    graves: Mutex<Vec<WebSocketStream<TcpStream>>>,
}

/// What was noted of single pages.
#[derive(Default)]
struct Notes {
    /// When a phone last came, went or died.
    changed: Option<Instant>,
    dead: Vec<Instant>,
    /// The instants told for each revision of the moment: one each, if all goes well.
    told: BTreeMap<u32, BTreeMap<i64, u32>>,
    /// The newest revision and instant each page knows, and how far off it finds the server's clock, in ms.
    knows: BTreeMap<usize, (u32, i64)>,
    off_ms: BTreeMap<usize, f64>,
    /// Times without a board, from the last one on the old connection to the first on the new one.
    gaps: Vec<Duration>,
}

impl Shared {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A phone calls.
    pub(crate) fn begin(&self) {
        self.calling.fetch_add(1, Ordering::Relaxed);
    }

    /// It got nowhere.
    pub(crate) fn settle(&self) {
        self.calling.fetch_sub(1, Ordering::Relaxed);
    }

    /// It has its first board; the last one before was at `heard`.
    pub(crate) fn arrive(&self, node: usize, heard: Option<Instant>) {
        self.count(node, 1);
        self.settle();
        if let Some(heard) = heard {
            self.notes().gaps.push(heard.elapsed());
        }
    }

    /// It is no longer there.
    pub(crate) fn depart(&self, node: usize) {
        self.count(node, -1);
    }

    fn count(&self, node: usize, phones: i64) {
        if let Some(live) = self.live.get(node) {
            live.fetch_add(phones, Ordering::Relaxed);
        }
        self.notes().changed = Some(Instant::now());
    }

    /// Nobody is at this end any more, and the server is not told.
    pub(crate) fn bury(&self, line: WebSocketStream<TcpStream>) {
        self.graves.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// A phone died: the server will count it until its lease is over.
    pub(crate) fn died(&self) {
        self.notes().dead.push(Instant::now());
    }

    /// A page was told the moment.
    pub(crate) fn told(&self, number: usize, rev: u32, at: i64) {
        let mut notes = self.notes();
        *notes.told.entry(rev).or_default().entry(at).or_default() += 1;
        notes.knows.insert(number, (rev, at));
    }

    /// A page measured the server's clock, which is its own: how far off it finds it, in ms.
    pub(crate) fn measured(&self, number: usize, off_ms: f64) {
        self.notes().off_ms.insert(number, off_ms);
    }
}

/// All of them; dropping it ends them.
pub(crate) struct Pages {
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    pages: JoinSet<()>,
}

impl Pages {
    /// Nobody yet.
    pub(crate) fn at(nodes: Vec<SocketAddr>) -> Self {
        let live = nodes.iter().map(|_| AtomicI64::new(0)).collect();
        let shared =
            Shared { nodes, live, calling: AtomicI64::new(0), notes: Mutex::default(), graves: Mutex::default() };
        Self { shared: Arc::new(shared), phase: watch::Sender::new(Phase::Still), pages: JoinSet::new() }
    }

    /// So many come to each node; returns when they are there.
    pub(crate) async fn come(&mut self, each: &[u32]) -> Result<(), Fault> {
        for (node, &phones) in each.iter().enumerate() {
            for _ in 0..phones {
                let page = Page::new(self.pages.len(), node, Arc::clone(&self.shared));
                self.pages.spawn(page.live(self.phase.subscribe()));
                if self.pages.len().is_multiple_of(8) {
                    sleep(BEGIN_EVERY * 8).await;
                }
            }
        }
        let all = i64::from(each.iter().sum::<u32>());
        let there = async {
            while self.live() < all {
                sleep(ASK_EVERY).await;
            }
        };
        let came = timeout(COME_WITHIN, there).await;
        came.map_err(|_| format!("only {} of {all} phones came", self.live()))?;
        self.shared.notes().gaps.clear();
        Ok(())
    }

    /// Tells them what to do.
    pub(crate) fn phase(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Waits until nobody is calling, and says when anything last changed.
    pub(crate) async fn at_rest(&self) -> Instant {
        while self.shared.calling.load(Ordering::Relaxed) > 0 {
            sleep(ASK_EVERY / 10).await;
        }
        self.shared.notes().changed.unwrap_or_else(Instant::now)
    }

    /// Phones that are there.
    pub(crate) fn live(&self) -> i64 {
        self.shared.live.iter().map(|live| live.load(Ordering::Relaxed)).sum()
    }

    /// Phones that died, and when the last of them did.
    pub(crate) fn dead(&self) -> (i64, Option<Instant>) {
        let notes = self.shared.notes();
        (i64::try_from(notes.dead.len()).unwrap_or(i64::MAX), notes.dead.iter().max().copied())
    }

    /// How many instants were told for a revision of the moment that had one already.
    pub(crate) fn other_moments(&self) -> usize {
        self.shared.notes().told.values().map(|instants| instants.len().saturating_sub(1)).sum()
    }

    /// Pages that know the moment as `at`, and find the server's clock within `bound_ms` of theirs.
    pub(crate) fn in_step(&self, at: i64, bound_ms: f64) -> usize {
        let notes = self.shared.notes();
        let right = |number: &usize| notes.off_ms.get(number).is_some_and(|off| off.abs() <= bound_ms);
        notes.knows.iter().filter(|(number, (_, known))| *known == at && right(number)).count()
    }

    /// The times without a board since they came, longest last.
    pub(crate) fn gaps(&self) -> Vec<Duration> {
        let mut gaps = self.shared.notes().gaps.clone();
        gaps.sort_unstable();
        gaps
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Over);
        self.pages.abort_all();
    }
}
