//! One phone, which comes back as the real page does (`web/live.js`): after a wait between none and a bound that doubles
//! from one second to thirty, or when it was told to.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{sleep, sleep_until, timeout},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{
    Fault, display,
    fleet::GATHERINGS,
    pages::{Phase, Shared},
};

/// First step of the wait, and its bound.
const BASE: Duration = Duration::from_secs(1);
const CAP: Duration = Duration::from_secs(30);

/// A connection that lasted this long was a good one: the next wait starts small again.
const SETTLED: Duration = Duration::from_secs(10);

/// How long a connection may take to bring its first word.
const OPENS_WITHIN: Duration = Duration::from_secs(10);

/// How long a phone that comes and goes does nothing, on average.
const STAYS: Duration = Duration::from_secs(10);

/// The longest it stays away then.
const AWAY: Duration = Duration::from_secs(4);

/// How long after the start of the churn the first phone dies half-open: not so early that the first are let go of
/// before all is still.
const DIES_AFTER: Duration = Duration::from_secs(10);

type Line = WebSocketStream<TcpStream>;

/// The parts of a message that a page looks at here.
#[derive(Deserialize)]
struct Words<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    seat: Option<String>,
    at: Option<i64>,
    rev: Option<u32>,
    retry_ms: Option<u64>,
    c1: Option<f64>,
    s2: Option<f64>,
    s3: Option<f64>,
}

/// Why a page no longer listens.
enum End {
    /// The connection is gone; if it was told to, it comes back after so long.
    Lost(Option<Duration>),
    /// It was told that all is over.
    Over,
    /// It goes away for a while.
    Leaves,
    /// It changes to another network; the old connection stays as it is, and nobody answers there.
    Moves,
    /// Its battery is empty: the connection stays as it is, and nobody answers there.
    Dies,
}

/// A page.
pub(crate) struct Page {
    number: usize,
    dice: u64,
    /// The node it is on, or wants to be on.
    node: usize,
    /// Its last seat, as the server named it.
    seat: Option<String>,
    attempts: u32,
    heard: Option<Instant>,
    shared: Arc<Shared>,
}

fn unix_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3
}

impl Page {
    /// The `number`th page, which begins at `node`.
    pub(crate) fn new(number: usize, node: usize, shared: Arc<Shared>) -> Self {
        let dice = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { number, dice, node, seat: None, attempts: 0, heard: None, shared }
    }

    /// xorshift64*, Vigna 2016: at least 0, below 1.
    fn random(&mut self) -> f64 {
        self.dice ^= self.dice >> 12;
        self.dice ^= self.dice << 25;
        self.dice ^= self.dice >> 27;
        (self.dice.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Any node, whether it is there or not.
    fn any_node(&mut self) -> usize {
        let nodes = self.shared.nodes.len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small number")]
        let node = (self.random() * nodes as f64) as usize;
        node.min(nodes - 1)
    }

    /// Is a page until all is over.
    pub(crate) async fn live(mut self, mut phase: watch::Receiver<Phase>) {
        loop {
            self.shared.begin();
            let came = timeout(OPENS_WITHIN, self.come()).await;
            let Ok(Ok(mut line)) = came else {
                self.shared.settle();
                if *phase.borrow() == Phase::Over {
                    return;
                }
                let pause = self.pause();
                sleep(pause).await;
                self.node = self.any_node();
                continue;
            };
            self.shared.arrive(self.node, self.heard.take());
            let since = Instant::now();
            let end = self.listen(&mut line, &mut phase).await;
            self.shared.depart(self.node);
            if since.elapsed() >= SETTLED {
                self.attempts = 0;
            }
            match end {
                End::Over => return,
                End::Lost(told) => {
                    drop(line);
                    let pause = told.unwrap_or_else(|| self.pause());
                    sleep(pause).await;
                }
                End::Leaves => {
                    // In good order; it forgets its seat with the page.
                    let _ = line.close(None).await;
                    (self.seat, self.heard) = (None, None);
                    let away = AWAY.mul_f64(self.random());
                    sleep(away).await;
                    // Whoever is away when all holds still stays away.
                    if phase.wait_for(|phase| matches!(phase, Phase::Churn(_) | Phase::Over)).await.is_err() {
                        return;
                    }
                }
                End::Moves => self.shared.bury(line),
                End::Dies => {
                    self.shared.bury(line);
                    self.shared.died();
                    // Somebody else comes.
                    (self.seat, self.heard) = (None, None);
                }
            }
            self.node = self.any_node();
        }
    }

    /// The wait before the next try.
    fn pause(&mut self) -> Duration {
        let bound = BASE.saturating_mul(1 << self.attempts.min(10)).min(CAP);
        self.attempts += 1;
        bound.mul_f64(self.random())
    }

    /// Opens a connection to the node it wants to be on. Where nobody listens the next one is tried at once: browsers do
    /// so with the addresses of one name, and balancers with the servers behind them.
    async fn dial(&mut self) -> Result<Line, Fault> {
        let mut tries = self.shared.nodes.len();
        loop {
            tries -= 1;
            let address = self.shared.nodes.get(self.node).copied().ok_or("no such node")?;
            match TcpStream::connect(address).await {
                Ok(socket) => return display::greet(address, socket).await,
                Err(refused) if tries == 0 => return Err(refused.into()),
                Err(_) => self.node = (self.node + 1) % self.shared.nodes.len(),
            }
        }
    }

    /// Connects, introduces itself, and hears the welcome, the moment and a board.
    async fn come(&mut self) -> Result<Line, Fault> {
        let mut line = self.dial().await?;
        let gathering = format!("g{}", self.number % GATHERINGS as usize);
        let mut hello =
            json!({ "type": "hello", "role": "participant", "gathering": gathering, "lang": "en", "visible": true });
        if let (Some(seat), Some(hello)) = (self.seat.take(), hello.as_object_mut()) {
            hello.insert("was".to_owned(), seat.into());
        }
        line.send(Message::text(hello.to_string())).await?;
        loop {
            let message = line.next().await.ok_or("the end")??;
            let Message::Text(text) = message else { continue };
            let words: Words<'_> = serde_json::from_str(&text)?;
            match words.kind {
                "welcome" => self.seat = words.seat,
                "moment" => self.told(&words),
                "bye" => return Err("told to come back".into()),
                "board" => break,
                _ => {}
            }
        }
        let ping = json!({ "type": "ping", "seq": 1, "c1": unix_ms() });
        line.send(Message::text(ping.to_string())).await?;
        Ok(line)
    }

    fn told(&self, words: &Words<'_>) {
        if let (Some(at), Some(rev)) = (words.at, words.rev) {
            self.shared.told(self.number, rev, at);
        }
    }

    async fn listen(&mut self, line: &mut Line, phase: &mut watch::Receiver<Phase>) -> End {
        self.heard = Some(Instant::now());
        // Exponential, so that there is no rhythm in it.
        let mut stays = Instant::now() + STAYS.mul_f64(-(1.0 - self.random()).ln());
        let mut told = None;
        loop {
            let churns = matches!(*phase.borrow_and_update(), Phase::Churn(_));
            tokio::select! {
                heard = line.next() => {
                    let Some(Ok(message)) = heard else { return End::Lost(told) };
                    let Message::Text(text) = message else { continue };
                    let Ok(words) = serde_json::from_str::<Words<'_>>(&text) else { continue };
                    match words.kind {
                        "board" => self.heard = Some(Instant::now()),
                        "moment" => self.told(&words),
                        "bye" => told = words.retry_ms.map(Duration::from_millis),
                        "pong" => if let (Some(c1), Some(s2), Some(s3)) = (words.c1, words.s2, words.s3) {
                            self.shared.measured(self.number, f64::midpoint(s2, s3) - f64::midpoint(c1, unix_ms()));
                        },
                        _ => {}
                    }
                }
                changed = phase.changed() => {
                    if changed.is_err() {
                        return End::Over;
                    }
                    match *phase.borrow() {
                        Phase::Over => return End::Over,
                        Phase::Move(some) if self.number < some => return End::Moves,
                        Phase::Churn(_) => stays = Instant::now() + STAYS.mul_f64(-(1.0 - self.random()).ln()),
                        Phase::Move(_) | Phase::Still => {}
                    }
                }
                // Who is tired only after all was told to hold still, holds still.
                () = sleep_until(stays.into()), if churns => if let Phase::Churn(since) = *phase.borrow() {
                    return self.wish(since);
                },
            }
        }
    }

    /// What a page does that comes and goes since then: four in ten leave for a while, five change networks, and one dies.
    fn wish(&mut self, since: Instant) -> End {
        match self.random() {
            share if share < 0.4 => End::Leaves,
            share if share < 0.9 || since.elapsed() < DIES_AFTER => End::Moves,
            _ => End::Dies,
        }
    }
}
