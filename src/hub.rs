//! The boards of this node: what is known, who is told, and at what pace.
//!
//! There are two ways in for a fact, and no third: [`Hub::take`] (from our own clients: keep, merge, share) and
//! [`Hub::learn`] (from the journal, or another node: merge). Neither sends anything. The hub speaks at
//! its own pace: once in a while it looks whether anything changed, encodes each audience's board once, and
//! calls its shards, which write it to every socket without waiting for one.

mod audience;
mod claims;
mod conversation;
mod duty;
mod elsewhere;
mod farewell;
mod granted;
mod guest;
mod handover;
mod inbox;
mod lively;
mod moments;
mod nodes;
mod onlooker;
mod outbox;
mod own_pass;
mod pacer;
mod posts;
mod reader;
mod refusal;
mod scope;
mod seat;
mod shard;
mod steward;
mod tempo;
mod told;
mod withdrawal;

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use dashmap::DashMap;
use tokio::{
    net::TcpStream,
    sync::{Mutex as AsyncMutex, Notify, OwnedSemaphorePermit, watch},
    task::JoinSet,
};

pub use self::claims::NetworkKey;
pub use self::granted::{Granted, PASS_REFUSED, Sightings};
pub(crate) use self::inbox::{Heard, Inbox, More};
pub use self::onlooker::{Onlooker, Shown, Sight};
pub use self::tempo::{MAX_BEAT, MIN_PACE, Tempo, TempoError};
use self::{
    audience::Audience, elsewhere::Away, farewell::Farewell, moments::Moments, nodes::Nodes, pacer::board_message,
    posts::Posts, reader::Seated, shard::Shard, told::Told, withdrawal::Withdrawal,
};
use crate::{
    clock::Clock,
    domain::{
        board::{Board, Visible},
        fact::Fact,
        figures::Figures,
        gathering::Slug,
        moment::Moment,
        time::UnixMillis,
        version::NodeId,
    },
    journal::{Entry, Journal, KeepError},
    mesh::Ends,
    meters::Meters,
    wire::{close::Ending, frame::BoardFrame},
};

/// Shards of the map of gatherings: more than any machine has cores, so that two joins rarely meet.
const MAP_SHARDS: usize = 64;

/// Takes a lock whose holder may have panicked: what it guards is a slot or a list that is whole at every step.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything this node knows, and everybody it tells.
#[derive(Debug)]
pub struct Hub {
    node: NodeId,
    clock: Clock,
    journal: Journal,
    /// What the server counts about itself.
    pub meters: Arc<Meters>,
    born: Instant,
    board: RwLock<Board>,
    /// Held by whoever writes a fact that follows from what is known, from looking to keeping.
    pen: AsyncMutex<()>,
    moments: Mutex<Arc<Moments>>,
    away: Away,
    posts: Arc<Posts>,
    told: Mutex<Told>,
    nodes: Nodes,
    withdrawal: Withdrawal,
    national: Arc<Audience>,
    gatherings: DashMap<Slug, Arc<Audience>>,
    board_no: AtomicU32,
    shards: Box<[Shard]>,
    next_shard: AtomicUsize,
    tempo: watch::Sender<Tempo>,
    /// Counts the times there was something new; the lively few wait on it.
    rounds: watch::Sender<u32>,
    closing: watch::Sender<Option<Farewell>>,
    farewells: AtomicU64,
    last_look: Mutex<Instant>,
    /// What became of each grant since the server started.
    sightings: Mutex<HashMap<String, Sightings>>,
    /// Counts what was merged and could be seen.
    changes: AtomicU64,
    /// Counts can wait for the pace; a moment that is held or moved, or a new epoch, cannot wait for a slow one.
    hurry: Notify,
}

/// The hub's tasks; dropping them ends them.
#[derive(Debug)]
pub struct Running(JoinSet<()>);

impl Running {
    /// Waits until one of them ends, which none does by itself: it would be a fault to tell of.
    pub async fn failed(&mut self) {
        self.0.join_next().await;
    }
}

impl Hub {
    /// A hub that knows `board`, which is in `journal` already, and reaches the `others`.
    pub fn new(
        node: NodeId,
        clock: Clock,
        journal: Journal,
        meters: Arc<Meters>,
        board: Board,
        tempo: Tempo,
        others: Ends,
    ) -> Self {
        let stamp = clock.stamp();
        let now = stamp.millis();
        let moment = board.moment().cloned().unwrap_or_else(|| Moment::default_at(now, &node));
        let told = Told::begin(&board, &moment, now);
        let (epoch, rev, national) = (stamp.epoch, moment.version.rev, told.national());
        let nodes = Nodes::new(&node, now, others, Arc::clone(&meters));
        let (reporting, as_of) = nodes.reporting();
        let figures = Figures { epoch, rev, national, reporting, as_of, ..Figures::default() };
        let first = BoardFrame::encode(1, board_message(figures, now));
        let away = Away::after(node.clone(), board.elsewhere_at(&node).cloned());
        let shards = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            node,
            clock,
            journal,
            meters,
            nodes,
            withdrawal: Withdrawal::default(),
            born: Instant::now(),
            board: RwLock::new(board),
            pen: AsyncMutex::default(),
            away,
            posts: Arc::default(),
            told: Mutex::new(told),
            moments: Mutex::new(Arc::new(Moments::encode(1, moment))),
            national: Arc::new(Audience::national(first)),
            gatherings: DashMap::with_shard_amount(MAP_SHARDS),
            board_no: AtomicU32::new(1),
            shards: (0..shards).map(|_| Shard::default()).collect(),
            next_shard: AtomicUsize::new(0),
            tempo: watch::Sender::new(tempo),
            rounds: watch::Sender::new(0),
            closing: watch::Sender::new(None),
            farewells: AtomicU64::new(0),
            last_look: Mutex::new(Instant::now()),
            sightings: Mutex::default(),
            changes: AtomicU64::new(0),
            hurry: Notify::new(),
        }
    }

    /// Starts the pacer, the shards, whoever keeps what phones say of people elsewhere, and the way to other nodes.
    pub fn run(self: &Arc<Self>) -> Running {
        let mut tasks = JoinSet::new();
        for at in 0..self.shards.len() {
            let hub = Arc::clone(self);
            tasks.spawn(async move { hub.shard(at).run(&hub).await });
        }
        let hub = Arc::clone(self);
        tasks.spawn(async move { hub.keep_pace().await });
        let hub = Arc::clone(self);
        tasks.spawn(async move { hub.keep_elsewhere().await });
        let hub = Arc::clone(self);
        tasks.spawn(async move { hub.attend_to_nodes().await });
        let hub = Arc::clone(self);
        tasks.spawn(async move { hub.say_leases().await });
        Running(tasks)
    }

    /// Takes facts from our own clients: on disk first, then on the board. Returns once they are both.
    ///
    /// The log says that they came now, `by` whom: a label such as "organiser", never a person.
    ///
    /// # Errors
    /// [`KeepError`]: they are not on disk, so nobody will hear of them.
    pub async fn take(&self, facts: Vec<Fact>, by: &str) -> Result<(), KeepError> {
        let entry = Entry { at: self.clock.now(), by: by.to_owned(), facts: facts.clone() };
        let (kept, tallies) = (facts.len(), facts.iter().filter(|fact| matches!(fact, Fact::Tally(_))).count());
        self.journal.keep(entry).await?;
        self.meters.kept(kept, tallies);
        self.share(&facts);
        let _ = self.learn(facts);
        Ok(())
    }

    /// Merges facts that are kept somewhere already.
    pub fn learn(&self, facts: Vec<Fact>) -> Visible {
        let mut board = self.board.write().unwrap_or_else(PoisonError::into_inner);
        let mut seen = Visible::No;
        for fact in facts {
            let moment = matches!(fact, Fact::Moment(_));
            if board.merge(fact) == Visible::Yes {
                seen = Visible::Yes;
                self.changes.fetch_add(1, Ordering::Relaxed);
                if moment {
                    self.hurry.notify_one();
                }
            }
        }
        seen
    }

    /// Tells one state of the board from the next, the default moment's daily change included.
    pub fn revision(&self) -> (u64, u32) {
        (self.changes.load(Ordering::Relaxed), self.moments().no)
    }

    /// Writes facts that follow from what is known: nobody else writes between the look and the keeping.
    ///
    /// `write` looks at the board, the moment in force and the time, and gives the facts and an answer. The log says
    /// `by` whom; see [`Hub::take`].
    ///
    /// # Errors
    /// What `write` refuses, or [`KeepError`] as the caller's own kind of error.
    pub async fn write<T, E: From<KeepError>>(
        &self,
        by: &str,
        write: impl FnOnce(&Board, &Moment, UnixMillis) -> Result<(Vec<Fact>, T), E>,
    ) -> Result<T, E> {
        let _pen = self.pen.lock().await;
        let (facts, answer) = {
            let now = self.clock.now();
            self.read(|board| write(board, &self.moment_in_force(board, now), now))?
        };
        if !facts.is_empty() {
            self.take(facts, by).await?;
        }
        Ok(answer)
    }

    /// Looks at the board.
    pub fn read<T>(&self, look: impl FnOnce(&Board) -> T) -> T {
        look(&self.board.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The moment that holds now: the one somebody set, or the default.
    pub fn moment(&self) -> Moment {
        let now = self.clock.now();
        self.read(|board| self.moment_in_force(board, now))
    }

    fn moment_in_force(&self, board: &Board, now: UnixMillis) -> Moment {
        board.moment().cloned().unwrap_or_else(|| Moment::default_at(now, &self.node))
    }

    /// This node's name.
    pub fn node(&self) -> &NodeId {
        &self.node
    }

    /// The server's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The served time has jumped: every page is to hear of the new epoch now, and not at a slow pace.
    pub fn clock_jumped(&self) {
        self.hurry.notify_one();
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The pace in force.
    pub fn tempo(&self) -> Tempo {
        *self.tempo.borrow()
    }

    /// Changes the pace at once.
    pub fn set_tempo(&self, tempo: Tempo) {
        self.tempo.send_replace(tempo);
    }

    /// How long ago the pacer last looked whether there is anything to tell.
    pub fn since_last_look(&self) -> Duration {
        locked(&self.last_look).elapsed()
    }

    /// Gives a page that came without a pass its seat; `early` is what it has said already. The task that reads from it ends with the connection.
    /// `network` is where it comes from.
    pub fn seat(self: &Arc<Self>, socket: TcpStream, early: &[u8], network: NetworkKey, permit: OwnedSemaphorePermit) {
        let shard = self.next_shard.fetch_add(1, Ordering::Relaxed) % self.shards.len();
        let place = self.shard(shard).seat(socket, self.age_s());
        // The good-byes may have been said while it was between the door and here.
        if let Some(farewell) = self.farewell() {
            place.1.bye(self.next_turn(farewell).retry_ms);
        }
        let seated = Seated::new(Arc::clone(self), shard, place, network, permit);
        #[expect(clippy::disallowed_methods, reason = "ends with its socket; the drain waits for its permit")]
        tokio::spawn(seated.attend(early));
    }

    /// Serves one who came with a pass, until the connection ends.
    pub async fn serve_lively(
        self: Arc<Self>,
        socket: TcpStream,
        early: Bytes,
        granted: Granted,
        permit: OwnedSemaphorePermit,
    ) {
        let open = self.opened(&granted);
        lively::serve(&self, socket, early, granted).await;
        drop(open);
        drop(permit);
    }

    /// Ends whatever is still open.
    pub async fn end_all(&self) {
        for shard in &self.shards {
            shard.end_all(Ending::Draining).await;
        }
    }

    fn shard(&self, at: usize) -> &Shard {
        &self.shards[at]
    }

    /// The hub's age in seconds: the coarse clock of leases, which no clock step can move.
    fn age_s(&self) -> u32 {
        u32::try_from(self.born.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    fn moments(&self) -> Arc<Moments> {
        Arc::clone(&locked(&self.moments))
    }

    fn national(&self) -> Arc<Audience> {
        Arc::clone(&self.national)
    }

    /// The audience of a gathering, if there is such a gathering; its board is fresh.
    fn audience_at(&self, slug: &Slug) -> Option<Arc<Audience>> {
        self.read(|board| board.gathering(slug).is_some()).then(|| {
            let empty = || {
                Arc::new(Audience::at(slug.clone(), self.national(), self.national.boards().newest.as_ref().clone()))
            };
            let audience = self.gatherings.entry(slug.clone()).or_insert_with(empty);
            if audience.is_idle() {
                self.show(&audience, self.clock.stamp(), Instant::now());
            }
            Arc::clone(&audience)
        })
    }
}
