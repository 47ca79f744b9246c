use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{Sender, channel},
    time::timeout,
};

use super::*;
use crate::{
    clock::Clock,
    domain::{
        board::Board,
        fact::Fact,
        gathering::Gathering,
        leaves::Leaves,
        tests::{gathering, tally, totals},
    },
    hub::{Running, Tempo, locked},
    journal::Journal,
};

/// How long a state may take to come about.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An engine in memory.
#[derive(Clone, Debug, Default)]
struct Bus {
    nodes: Arc<Mutex<BTreeMap<NodeId, Sender<Event>>>>,
    is_cut: Arc<AtomicBool>,
}

impl Bus {
    fn join(&self, node: &NodeId) -> Ends {
        let (come, events) = channel(4_096);
        locked(&self.nodes).insert(node.clone(), come);
        Ends { mesh: Box::new(self.clone()), events: Some(events) }
    }

    fn say(&self, to: To<'_>, message: &Value) {
        self.send(to, message.to_string().into_bytes());
    }
}

impl Mesh for Bus {
    fn send(&self, to: To<'_>, message: Vec<u8>) {
        let message = Bytes::from(message);
        let nodes = locked(&self.nodes);
        let readers = nodes.iter().filter(|(node, _)| matches!(to, To::All) || to == To::One(node));
        if !self.is_cut.load(Ordering::Relaxed) {
            readers.for_each(|(_, come)| _ = come.try_send(Event::Came(message.clone())));
        }
    }
}

/// A node on a bus, with a journal of its own.
struct Node {
    hub: Arc<Hub>,
    _running: Running,
    _folder: TempDir,
}

impl Node {
    fn on(bus: &Bus) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (journal, node) = Journal::open(folder.path(), |_| (), drop).unwrap();
        let tempo = Tempo::new(Duration::from_secs(1), Duration::from_secs(5)).unwrap();
        let (clock, meters, others) = (Clock::of_this_machine(&[]), Arc::new(Meters::new()), bus.join(&node));
        let hub = Arc::new(Hub::new(node, clock, journal, meters, Board::default(), tempo, others));
        Self { _running: hub.run(), hub, _folder: folder }
    }

    async fn takes(&self, facts: Vec<Fact>) {
        self.hub.take(facts, "a test").await.unwrap();
    }

    fn board(&self) -> Board {
        self.hub.read(Board::clone)
    }

    fn leaves(&self) -> Leaves {
        facts::sum(&self.hub.journal.facts()).unwrap()
    }

    fn is_exact(&self) -> bool {
        locked(&self.hub.nodes.peers).reporting(self.hub.age()).exact
    }

    fn hears(&self, other: &Self) -> bool {
        locked(&self.hub.nodes.peers).hears(&other.hub.node)
    }
}

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let look = async {
        while !is_so() {
            looks.tick().await;
        }
    };
    assert!(timeout(PATIENCE, look).await.is_ok(), "never: {what}");
}

fn counted(device: u128, minute: i64, came: u32) -> Fact {
    tally("North", device, minute, totals(came, 0)).into()
}

#[tokio::test]
async fn what_is_kept_on_one_node_is_kept_and_on_the_board_of_the_other() {
    let bus = Bus::default();
    let (a, b) = (Node::on(&bus), Node::on(&bus));
    eventually("they meet", || a.hears(&b) && b.hears(&a)).await;
    a.takes(vec![Fact::Gathering(gathering("bath", None)), counted(1, 0, 40)]).await;
    eventually("it is there", || b.board() == a.board()).await;
    eventually("and kept", || b.leaves() == a.leaves()).await;
    let log = b.hub.journal.log().page(0, u64::MAX).unwrap().lines;
    assert!(log.contains(&format!("\"by\":\"node {}\"", a.hub.node)), "{log}");
}

#[tokio::test]
async fn after_a_cut_both_ask_for_what_they_missed_in_as_many_parts_as_it_takes() {
    let bus = Bus::default();
    let (a, b) = (Node::on(&bus), Node::on(&bus));
    eventually("they meet", || a.hears(&b) && b.hears(&a)).await;
    bus.is_cut.store(true, Ordering::Relaxed);
    let many = |of: &str| {
        let named = |n| Fact::Gathering(Gathering { venue: "x".repeat(390), ..gathering(&format!("{of}{n}"), None) });
        (0..1_000).map(named).collect()
    };
    a.takes(many("a")).await;
    b.takes(many("b")).await;
    eventually("both know that they are cut off", || !a.is_exact() && !b.is_exact()).await;
    assert_eq!((a.board().gatherings().len(), b.board().gatherings().len()), (1_000, 1_000));
    bus.is_cut.store(false, Ordering::Relaxed);
    eventually("both have all", || a.board().gatherings().len() == 2_000 && a.board() == b.board()).await;
    eventually("and say so", || a.is_exact() && b.is_exact()).await;
    assert_eq!(a.leaves(), b.leaves());
}

#[tokio::test]
async fn a_node_that_comes_late_asks_for_everything() {
    let bus = Bus::default();
    let a = Node::on(&bus);
    a.takes((0..5_000).map(|n| counted(n % 50, i64::try_from(n / 50).unwrap(), 3)).collect()).await;
    let late = Node::on(&bus);
    eventually("it has everything", || late.board() == a.board()).await;
    assert_eq!(late.leaves(), a.leaves());
}

#[tokio::test]
async fn garbage_is_refused_and_what_comes_with_it_is_taken() {
    let bus = Bus::default();
    let a = Node::on(&bus);
    let empty = a.board();
    let evil = |facts: &Value| json!({ "type": "facts", "node": "evil", "boot": 1, "n": 1, "facts": facts });
    let garbage = json!([{ "fact": "tally", "in": -1 }, 7, { "fact": "gathering", "slug": "No Slug" }]);
    bus.say(To::All, &json!("no message"));
    bus.say(To::All, &evil(&garbage));
    bus.say(To::All, &json!({ "type": "want", "node": "evil", "ask": 1, "part": 0, "leaves": "no leaves" }));
    bus.say(To::All, &json!({ "type": "have", "node": "evil", "ask": 1, "part": 0, "last": true, "facts": garbage }));
    let counted_as = |metric| a.hub.meters.encode().lines().any(|line| line == metric);
    let refused = ["oneoclock_facts_refused_total 3", "oneoclock_engine_messages_refused_total 1"];
    eventually("it is counted", || refused.into_iter().all(counted_as)).await;
    assert_eq!(a.board(), empty);
    let mut mixed = garbage;
    mixed[1] = serde_json::to_value(counted(1, 0, 40)).unwrap();
    bus.say(To::All, &evil(&mixed));
    eventually("the good one is taken", || a.board().knows(&counted(1, 0, 40))).await;
    assert!(a.hub.journal.healthy());
}
