//! Killed at any instruction, the server has every tap that it acknowledged, and none twice.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{task::JoinSet, time::timeout};

use super::{
    page::Page,
    steward::{Steward, count, kept, minute, pass},
    visit::Visit,
    world::World,
};

/// How often it is killed.
const ROUNDS: usize = 20;

/// Stewards who tap.
const STEWARDS: u32 = 50;

/// Where they stand: ten at each post.
const POSTS: [&str; 5] = ["glasgow", "york", "leeds", "bristol", "brighton"];

/// Numbers that look random and follow from a seed (xorshift64*, Vigna 2016), so that a failure can be had again.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// From a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bound = bound as u64;
        usize::try_from((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound).unwrap()
    }

    fn millis(&mut self, from: usize, to: usize) -> Duration {
        Duration::from_millis((from + self.below(to - from)) as u64)
    }
}

/// What one device has counted, as its page remembers it through every kill.
#[derive(Debug)]
struct Tapper {
    number: u32,
    pass: String,
    gathering: &'static str,
    /// Of each minute: what was tapped, and what was acknowledged.
    minutes: BTreeMap<i64, (u32, u32)>,
    dice: Dice,
}

impl Tapper {
    fn sum(&self, which: impl Fn(&(u32, u32)) -> u32) -> i64 {
        self.minutes.values().map(|minute| i64::from(which(minute))).sum()
    }

    fn note(&mut self, page: &Page) {
        for (minute, people) in kept(page) {
            let (_, acknowledged) = self.minutes.entry(minute).or_default();
            *acknowledged = (*acknowledged).max(people);
        }
    }

    /// Says again what is not known to be kept, and taps until the server is gone.
    async fn tap(mut self, world: &World) -> Self {
        // The server may be gone at any time, also before it has answered.
        let Ok(page) = Visit::default().showing(&self.pass).try_open(world).await else { return self };
        let mut steward = Steward::seen(page, self.gathering, "Gate", self.number);
        let hello =
            json!({ "type": "hello", "role": "steward", "device": steward.device, "lang": "en", "visible": true });
        steward.page.say(&hello).await;
        for (minute, (tapped, _)) in self.minutes.clone() {
            let tally = steward.tally(minute, tapped);
            steward.page.say(&tally).await;
        }
        while !steward.page.is_over() {
            let now = minute(0);
            let (tapped, _) = self.minutes.entry(now).or_default();
            *tapped += 1;
            let tally = steward.tally(now, *tapped);
            steward.page.say(&tally).await;
            let pause = self.dice.millis(5, 100);
            let listen = async {
                while !steward.page.is_over() {
                    steward.page.listen().await;
                }
            };
            // The end of the pause is the next tap.
            let _ = timeout(pause, listen).await;
        }
        self.note(&steward.page);
        self
    }
}

/// What the server has of each device.
async fn counted(world: &World) -> BTreeMap<String, i64> {
    let count = count(world).await;
    let rows = count["gatherings"].as_array().unwrap().iter();
    let posts = rows.flat_map(|row| row["posts"].as_array().unwrap());
    let devices = posts.flat_map(|post| post["devices"].as_array().unwrap());
    devices.map(|d| (d["device"].as_str().unwrap().to_owned(), d["counted"].as_i64().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_twenty_times_under_fifty_stewards_it_has_every_acknowledged_tap_and_none_twice() {
    let seed = super::steward::now().unsigned_abs();
    eprintln!("seed {seed}");
    let mut dice = Dice::new(seed);
    let begun = Instant::now();
    let mut world = World::with_gatherings().await;
    let mut tappers = Vec::new();
    for (place, gathering) in POSTS.into_iter().enumerate() {
        let pass = pass(&world, gathering, "Gate").await;
        for number in 0..STEWARDS / 5 {
            let number = u32::try_from(place).unwrap() * 100 + number;
            let dice = Dice::new(seed ^ u64::from(number + 1) << 20);
            tappers.push(Tapper { number, pass: pass.clone(), gathering, minutes: BTreeMap::new(), dice });
        }
    }
    for round in 0..ROUNDS {
        let alive = dice.millis(150, 900);
        let shared = Arc::new(world);
        let mut tapping = JoinSet::new();
        for tapper in tappers.drain(..) {
            let world = Arc::clone(&shared);
            tapping.spawn(async move { tapper.tap(&world).await });
        }
        let _ = timeout(alive, std::future::pending::<()>()).await;
        shared.signal("KILL");
        while let Some(tapper) = tapping.join_next().await {
            tappers.push(tapper.unwrap());
        }
        world = Arc::into_inner(shared).unwrap().again(&["--pace=100ms"]).await;
        let there = counted(&world).await;
        for tapper in &tappers {
            let device = format!("{:08x}000000000000000000000000", tapper.number);
            let has = there.get(&device).copied().unwrap_or(0);
            let (tapped, acknowledged) = (tapper.sum(|m| m.0), tapper.sum(|m| m.1));
            assert!(has >= acknowledged, "seed {seed}, round {round}: {acknowledged} acknowledged, {has} there");
            assert!(has <= tapped, "seed {seed}, round {round}: {tapped} tapped, {has} there");
        }
    }
    let acknowledged: i64 = tappers.iter().map(|tapper| tapper.sum(|m| m.1)).sum();
    assert!(acknowledged > 500, "only {acknowledged} taps were acknowledged: nothing was tested");
    eprintln!("{acknowledged} taps acknowledged in {ROUNDS} rounds, {:?}", begun.elapsed());
}
