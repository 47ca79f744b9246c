//! A steward as a test plays one: a pass, a device, and what it has counted.

use std::{
    collections::BTreeMap,
    process::Command,
    time::{Duration, SystemTime},
};

use oneoclock::wire::message::{Duty, FromServer, Kept};
use serde_json::{Value, json};

use super::{answer::Answer, page::Page, visit::Visit, world::World};

/// Milliseconds in a minute.
pub(crate) const MINUTE: i64 = 60_000;

/// Unix milliseconds, by this machine's clock.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

/// The minute that begins so many from now, as a tally names it.
pub(crate) fn minute(from_now: i64) -> i64 {
    (now() / MINUTE + from_now) * MINUTE
}

/// An organiser's request.
pub(crate) async fn ask(world: &World, method: &str, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        world.address,
        world.pass(),
        body.len()
    );
    world.ask(&request).await.unwrap()
}

/// The answer to an organiser's request that must succeed.
pub(crate) async fn done(world: &World, method: &str, path: &str, body: &Value) -> Value {
    let answer = ask(world, method, path, body).await;
    assert_eq!(answer.status, 200, "{method} {path} {body}: {}", answer.body);
    answer.json()
}

/// Everything that was counted, as organisers see it.
pub(crate) async fn count(world: &World) -> Value {
    done(world, "GET", "/api/v1/count", &Value::Null).await
}

/// One gathering of [`count`].
pub(crate) async fn count_at(world: &World, slug: &str) -> Value {
    let count = count(world).await;
    count["gatherings"].as_array().unwrap().iter().find(|row| row["id"] == slug).unwrap().clone()
}

/// Puts the moment so many minutes from now, to the whole minute.
pub(crate) fn set_moment(world: &World, minutes_from_now: i64) {
    let at = (now() / MINUTE + minutes_from_now) * 60;
    let civil = Command::new("date").args(["-u", "-d", &format!("@{at}"), "+%Y-%m-%d %H:%M"]).output().unwrap();
    let civil = String::from_utf8(civil.stdout).unwrap();
    let civil = civil.trim();
    world.does(&["moment", "set", civil, "--zone", "UTC", "--name", "Here", "--confirm", civil]);
}

/// A pass for a post that is good from seven hours ago until in seven hours.
pub(crate) async fn pass(world: &World, gathering: &str, post: &str) -> String {
    let (from, until) = (now() - 7 * 60 * MINUTE, now() + 7 * 60 * MINUTE);
    let wanted = json!({ "gathering": gathering, "post": post, "from": from, "until": until });
    done(world, "POST", "/api/v1/passes", &wanted).await["pass"].as_str().unwrap().to_owned()
}

/// One device at one post.
#[derive(Debug)]
pub(crate) struct Steward {
    pub(crate) page: Page,
    pub(crate) gathering: String,
    pub(crate) post: String,
    pub(crate) device: String,
}

impl Steward {
    /// With a pass of its own.
    pub(crate) async fn at(world: &World, gathering: &str, post: &str, device: u32) -> Self {
        Self::with(world, &pass(world, gathering, post).await, gathering, post, device).await
    }

    /// With a pass that is there.
    pub(crate) async fn with(world: &World, pass: &str, gathering: &str, post: &str, device: u32) -> Self {
        let name = format!("{device:08x}000000000000000000000000");
        let mut page = Visit::default().showing(pass).device(world, &name).await;
        page.until("its duty", |page| duty(page).is_some()).await;
        Self::seen(page, gathering, post, device)
    }

    /// On a connection that is there.
    pub(crate) fn seen(page: Page, gathering: &str, post: &str, device: u32) -> Self {
        let device = format!("{device:08x}000000000000000000000000");
        Self { page, gathering: gathering.to_owned(), post: post.to_owned(), device }
    }

    /// A tally of a minute.
    pub(crate) fn tally(&self, minute: i64, entered: u32) -> Value {
        json!({ "type": "tally", "gathering": self.gathering, "post": self.post, "device": self.device,
                "minute": minute, "in": entered, "in_undone": 0, "out": 0, "out_undone": 0 })
    }

    /// An estimate of the gathering.
    pub(crate) fn estimate(&self, at: i64, value: u32) -> Value {
        json!({ "type": "estimate", "at": at, "seq": 1, "gathering": self.gathering, "device": self.device,
                "value": value, "low": value - value / 10, "high": value + value / 10, "method": "estimated-eye" })
    }

    /// Counts so many in a minute, and waits until that is kept.
    pub(crate) async fn counts(&mut self, minute: i64, entered: u32) {
        let tally = self.tally(minute, entered);
        self.page.say(&tally).await;
        self.page.until("kept", |page| kept(page).get(&minute).is_some_and(|kept| *kept >= entered)).await;
    }

    /// Says something, and waits for the reason for which it is refused.
    pub(crate) async fn is_refused(&mut self, message: &Value) -> String {
        let before = self.page.refusals().len();
        self.page.say(message).await;
        self.page.until("a refusal", |page| page.refusals().len() > before).await;
        self.page.refusals()[before].to_owned()
    }

    /// What it was told of its duty last.
    pub(crate) fn duty(&self) -> &Duty {
        duty(&self.page).unwrap()
    }

    /// Waits until its duty is so, for `patience` at most.
    pub(crate) async fn until_duty(&mut self, patience: Duration, what: &str, state: impl Fn(&Duty) -> bool) {
        self.page.until_within(patience, what, |page| duty(page).is_some_and(&state)).await;
    }
}

fn duty(page: &Page) -> Option<&Duty> {
    page.messages().rev().find_map(|message| if let FromServer::Duty(duty) = message { Some(duty) } else { None })
}

/// Of each minute, the most people that were told to be kept.
pub(crate) fn kept(page: &Page) -> BTreeMap<i64, u32> {
    let mut all = BTreeMap::new();
    for message in page.messages() {
        if let FromServer::Kept(Kept::Tally { minute, totals, .. }) = message {
            let most: &mut u32 = all.entry(minute.start().0).or_default();
            *most = (*most).max(totals.entered);
        }
    }
    all
}
