//! A thousand stewards at two taps a second.

use std::{
    collections::{BTreeMap, VecDeque, btree_map::Entry},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    sync::Barrier,
    task::JoinSet,
    time::{MissedTickBehavior, interval_at, timeout},
};

use super::{
    Fault, Options,
    server::{MINUTE, Server, now},
    steward::{Connection, Heard, tally},
    table::Row,
};

/// Gatherings, and posts at each: those of the national day.
const GATHERINGS: u32 = 138;
const POSTS: u32 = 4;

/// Between two taps of one steward.
const TAP_EVERY: Duration = Duration::from_millis(500);

/// People that each steward counts before the clock starts, so that every gathering is told of.
const FIRST: u32 = 12;

/// To what the national total is rounded.
const ROUNDED_TO: u64 = 10;

/// How long the last answers are waited for.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// When each tap was made, in order: the n-th brought the total to n.
#[derive(Default)]
struct Taps(Mutex<Vec<Instant>>, AtomicU64);

/// Taps as one steward remembers them: by minute, and those not acknowledged yet.
struct Steward {
    gathering: u32,
    post: u32,
    device: u32,
    connection: Connection,
    minutes: BTreeMap<i64, u32>,
    waiting: VecDeque<(i64, u32, Instant)>,
    waits: Vec<Duration>,
    refused: u32,
}

impl Steward {
    async fn tap(&mut self, people: u32, taps: &Taps) -> Result<(), Fault> {
        let minute = now() / MINUTE * MINUTE;
        let entered = self.minutes.entry(minute).or_default();
        *entered += people;
        let entered = *entered;
        let tapped = Instant::now();
        {
            let mut all = taps.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend((0..people).map(|_| tapped));
        }
        self.waiting.push_back((minute, entered, tapped));
        self.connection.say(&tally(self.gathering, self.post, self.device, minute, entered)).await
    }

    async fn hear(&mut self) -> Result<(), Fault> {
        match self.connection.hear().await? {
            Heard::Kept { minute, entered } => {
                while let Some(&(of, people, tapped)) = self.waiting.front()
                    && (of, people) <= (minute, entered)
                {
                    self.waiting.pop_front();
                    self.waits.push(tapped.elapsed());
                }
            }
            Heard::Refused { reason } => {
                eprintln!("refused: {reason}");
                self.refused += 1;
            }
            Heard::Board { .. } | Heard::Other => {}
        }
        Ok(())
    }

    /// Taps until `end`, beginning at a time of its own, and waits for the last answers.
    async fn work(mut self, phase: Duration, end: Instant, taps: Arc<Taps>) -> Result<Self, Fault> {
        let mut turns = interval_at((Instant::now() + phase).into(), TAP_EVERY);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while Instant::now() < end {
            tokio::select! {
                _ = turns.tick() => self.tap(1, &taps).await?,
                heard = self.hear() => heard?,
            }
        }
        self.settle().await?;
        Ok(self)
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        let all = async {
            while !self.waiting.is_empty() {
                self.hear().await?;
            }
            Ok::<_, Fault>(())
        };
        timeout(ANSWERED_WITHIN, all).await?
    }
}

/// Measures.
pub(crate) async fn measure(options: &Options) -> Result<Vec<Row>, Fault> {
    // Beside the program, on a disk: in memory a flush would cost nothing.
    let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let server = Server::start(&home.path().join("data"))?;
    server.import(GATHERINGS).await?;
    let taps = Arc::new(Taps::default());
    let mut stewards = Vec::new();
    let mut passes = BTreeMap::new();
    for device in 0..options.stewards {
        let (gathering, post) = (device % GATHERINGS, device / GATHERINGS % POSTS);
        let pass = match passes.entry((gathering, post)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(server.pass(gathering, post).await?),
        };
        let connection = Connection::open(server.address, Some(pass), device).await?;
        let (minutes, waiting, waits, refused) = (BTreeMap::new(), VecDeque::new(), Vec::new(), 0);
        let mut steward = Steward { gathering, post, device, connection, minutes, waiting, waits, refused };
        steward.tap(FIRST, &taps).await?;
        steward.settle().await?;
        steward.waits.clear();
        stewards.push(steward);
    }
    eprintln!("{} stewards at {} posts", stewards.len(), passes.len());
    let display = watch(&server, Arc::clone(&taps)).await?;

    let commits = "oneoclock_journal_commit_seconds_count";
    let kept = "oneoclock_tallies_kept_total";
    let (commits_before, kept_before) = (server.metric(commits).await?, server.metric(kept).await?);
    let (cpu_before, begun) = (server.cpu()?, Instant::now());
    let end = begun + Duration::from_secs(options.seconds);
    let mut working = JoinSet::new();
    for (n, steward) in (0_u64..).zip(stewards) {
        let phase = TAP_EVERY.mul_f64((n * 7_919 % 1_000) as f64 / 1_000.0);
        working.spawn(steward.work(phase, end, Arc::clone(&taps)));
    }
    let (mut waits, mut refused) = (Vec::new(), 0);
    while let Some(done) = working.join_next().await {
        let steward = done??;
        waits.extend(steward.waits);
        refused += steward.refused;
    }
    let took = begun.elapsed().as_secs_f64();
    let cpu = (server.cpu()? - cpu_before).as_secs_f64() / took;
    let commits = server.metric(commits).await? - commits_before;
    let kept = server.metric(kept).await? - kept_before;
    let late = display.stop().await;
    waits.sort_unstable();
    let at = |share: f64| percentile_ms(&waits, share);
    let worst = late.iter().max().map_or(0.0, Duration::as_secs_f64);
    let resident = server.resident()?;
    Ok(vec![
        Row::shown("taps", format!("{} of {} stewards in {took:.1} s", waits.len(), options.stewards)),
        Row::new("tap to kept, p99", "at most 100 ms", format!("{:.1} ms", at(0.99)), at(0.99) <= 100.0),
        Row::shown("tap to kept, p50 · max", format!("{:.1} ms · {:.1} ms", at(0.5), at(1.0))),
        Row::new("taps refused", "0", refused.to_string(), refused == 0),
        Row::shown("commits a second · tallies per commit", format!("{:.0} · {:.1}", commits / took, kept / commits)),
        Row::new(
            "tap to national total on a display",
            "at most 3 s",
            format!("{worst:.2} s at most, in {} boards", late.len()),
            !late.is_empty() && worst <= 3.0,
        ),
        Row::shown("the server's CPU meanwhile", format!("{:.0} % of one core", cpu * 100.0)),
        Row::shown("its resident memory", format!("{resident} MiB")),
    ])
}

/// A display that watches, and how late each of its boards was.
struct Display(tokio::task::JoinHandle<Vec<Duration>>, Arc<Barrier>);

impl Display {
    async fn stop(self) -> Vec<Duration> {
        self.1.wait().await;
        self.0.await.unwrap_or_default()
    }
}

/// Notes at each board how long ago the oldest tap was made that is in it and was not in the one before.
async fn watch(server: &Server, taps: Arc<Taps>) -> Result<Display, Fault> {
    let mut connection = Connection::open(server.address, None, 0).await?;
    let over = Arc::new(Barrier::new(2));
    let end = Arc::clone(&over);
    #[expect(clippy::disallowed_methods, reason = "ends when it is told to, and is waited for")]
    let watching = tokio::spawn(async move {
        let mut late = Vec::new();
        let listen = async {
            while let Ok(heard) = connection.hear().await {
                let Heard::Board { taking_part } = heard else { continue };
                let last = taps.1.swap(taking_part, Ordering::Relaxed);
                let taps = taps.0.lock().unwrap_or_else(PoisonError::into_inner);
                // The oldest that the board before did not show. The total is rounded: half a step less may be in it.
                let oldest = usize::try_from(last.saturating_sub(ROUNDED_TO / 2)).unwrap_or(usize::MAX);
                if taking_part > last
                    && last > 0
                    && let Some(tapped) = taps.get(oldest)
                {
                    late.push(tapped.elapsed());
                }
            }
        };
        tokio::select! {
            () = listen => {}
            _ = end.wait() => {}
        }
        late
    });
    Ok(Display(watching, over))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is a place in it")]
fn percentile_ms(sorted: &[Duration], share: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(place).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
}
