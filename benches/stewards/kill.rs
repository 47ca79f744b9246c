//! Killed at random points under fifty stewards who tap.

use std::{collections::BTreeMap, time::Duration};

use tempfile::TempDir;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    Fault, Options,
    server::{MINUTE, Server, now},
    steward::{Connection, Heard, name, tally},
    table::Row,
};

/// Stewards, and the posts they stand at, one at each gathering.
const STEWARDS: u32 = 50;
const POSTS: u32 = 5;

/// One device's memory of what it has counted, through every kill.
struct Tapper {
    device: u32,
    pass: String,
    /// Of each minute: what was tapped, and what was acknowledged.
    minutes: BTreeMap<i64, (u32, u32)>,
    dice: u64,
}

impl Tapper {
    /// xorshift64*, Vigna 2016.
    fn millis(&mut self, most: u64) -> Duration {
        self.dice ^= self.dice >> 12;
        self.dice ^= self.dice << 25;
        self.dice ^= self.dice >> 27;
        Duration::from_millis((self.dice.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % most)
    }

    async fn tap(mut self, server: std::net::SocketAddr) -> Self {
        // The end of the connection is the end of the round.
        let _ = self.tap_until_gone(server).await;
        self
    }

    async fn tap_until_gone(&mut self, server: std::net::SocketAddr) -> Result<(), Fault> {
        let (gathering, device) = (self.device % POSTS, self.device);
        let mut connection = Connection::open(server, Some(&self.pass), device).await?;
        for (minute, (tapped, _)) in &self.minutes {
            connection.say(&tally(gathering, 0, device, *minute, *tapped)).await?;
        }
        loop {
            let minute = now() / MINUTE * MINUTE;
            let (tapped, _) = self.minutes.entry(minute).or_default();
            *tapped += 1;
            connection.say(&tally(gathering, 0, device, minute, *tapped)).await?;
            let pause = sleep(self.millis(100));
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    heard = connection.hear() => if let Heard::Kept { minute, entered } = heard? {
                        let (_, acknowledged) = self.minutes.entry(minute).or_default();
                        *acknowledged = (*acknowledged).max(entered);
                    },
                    () = &mut pause => break,
                }
            }
        }
    }

    fn sum(&self, which: impl Fn(&(u32, u32)) -> u32) -> i64 {
        self.minutes.values().map(|minute| i64::from(which(minute))).sum()
    }
}

/// Measures.
pub(crate) async fn measure(options: &Options) -> Result<Vec<Row>, Fault> {
    let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let data = home.path().join("data");
    let mut server = Server::start(&data)?;
    server.import(POSTS).await?;
    let seed = now().unsigned_abs() | 1;
    eprintln!("seed {seed}");
    let mut tappers = Vec::new();
    for device in 0..STEWARDS {
        let pass = server.pass(device % POSTS, 0).await?;
        tappers.push(Tapper {
            device,
            pass,
            minutes: BTreeMap::new(),
            dice: seed.wrapping_mul(u64::from(device) * 2 + 1),
        });
    }
    let (mut sound, mut lost, mut doubled) = (0, 0, 0);
    for _ in 0..options.rounds {
        let mut tapping = JoinSet::new();
        let mut alive = Duration::from_millis(150);
        for mut tapper in tappers.drain(..) {
            alive = alive.max(tapper.millis(1_000));
            tapping.spawn(tapper.tap(server.address));
        }
        sleep(alive).await;
        drop(server);
        while let Some(tapper) = timeout(Duration::from_secs(5), tapping.join_next()).await? {
            tappers.push(tapper?);
        }
        server = Server::start(&data)?;
        let there = server.counted().await?;
        let has = |tapper: &Tapper| there.get(&name(tapper.device)).copied().unwrap_or(0);
        let missing: i64 = tappers.iter().map(|tapper| (tapper.sum(|m| m.1) - has(tapper)).max(0)).sum();
        let extra: i64 = tappers.iter().map(|tapper| (has(tapper) - tapper.sum(|m| m.0)).max(0)).sum();
        (lost, doubled) = (lost + missing, doubled + extra);
        sound += u32::from(missing == 0 && extra == 0);
    }
    let acknowledged: i64 = tappers.iter().map(|tapper| tapper.sum(|m| m.1)).sum();
    Ok(vec![
        Row::new(
            "kill -9 under 50 stewards",
            "every round with nothing lost, nothing doubled",
            format!("{sound} of {} rounds; {lost} lost, {doubled} doubled", options.rounds),
            sound == options.rounds,
        ),
        Row::shown("taps acknowledged meanwhile", acknowledged.to_string()),
    ])
}
