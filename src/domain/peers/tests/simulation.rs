//! Some nodes, and an engine that loses, repeats, delays and cuts. Peers, boards, leaves and facts are the real ones;
//! the glue between them does what `hub/nodes/` does.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    board::Board,
    fact::Fact,
    foreign::Foreign,
    gathering::Gathering,
    leaves::Leaves,
    tests::{gathering, slug, tally, totals},
    version::Version,
};

const NODES: usize = 4;

/// How finely time goes by.
const STEP: Millis = Millis(50);

/// Longest way of a message, in milliseconds.
const SLOWEST: u64 = 400;

/// Facts in a part of an answer: few, so that much happens while one is given.
const PART: usize = 1;

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// A steward or an organiser says something to a node: which of a few things, and how much of it.
    Take(usize, u8, u32),
    /// The same, and nobody hears of it.
    TakeUnheard(usize, u8, u32),
    Pass(i64),
    /// From one node to another nothing goes; from a node to itself: it is cut off from all.
    Cut(usize, usize),
    Heal,
    /// Of a hundred messages so many are lost, and so many come twice.
    Weather {
        lost: u64,
        twice: u64,
    },
    FullDisk(usize, bool),
    Restart(usize),
    /// Says its last to one node only, and is never seen again.
    Die {
        node: usize,
        heard_by: usize,
    },
}

#[derive(Clone, Debug)]
enum Message {
    Lease(Lease),
    Facts { boot: u64, n: u64, facts: Vec<Fact> },
    Want { ask: u32, part: u32, leaves: Option<Leaves> },
    Have { ask: u32, part: u32, last: bool, facts: Vec<Fact> },
}

#[derive(Clone, Debug)]
struct Letter {
    from: usize,
    to: usize,
    due: Millis,
    message: Message,
}

/// What is still to be said to one who asked.
struct Answer {
    ask: u32,
    next: u32,
    parts: VecDeque<Vec<Fact>>,
}

struct Node {
    id: NodeId,
    peers: Peers,
    board: Board,
    /// As the journal has it: by kind and key.
    kept: BTreeMap<(&'static str, String), Fact>,
    answers: BTreeMap<usize, Answer>,
    is_alive: bool,
    is_full: bool,
}

impl Node {
    fn started(id: NodeId, boot: u64, kept: BTreeMap<(&'static str, String), Fact>) -> Self {
        let mut board = Board::default();
        kept.values().cloned().for_each(|fact| _ = board.merge(fact));
        let peers = Peers::awaited(id.clone(), boot);
        Self { id, peers, board, kept, answers: BTreeMap::new(), is_alive: true, is_full: false }
    }

    /// Keeps and merges what is news; none if the disk is full.
    fn keep(&mut self, facts: Vec<Fact>) -> Option<Vec<Fact>> {
        let news: Vec<_> = facts.into_iter().filter(|fact| !self.board.knows(fact)).collect();
        if self.is_full && !news.is_empty() {
            return None;
        }
        for fact in &news {
            let place = (fact.kind(), fact.key().into_owned());
            match (self.kept.get_mut(&place), fact) {
                (Some(Fact::Tally(old)), Fact::Tally(new)) => drop(old.totals.merge(&new.totals)),
                _ => drop(self.kept.insert(place, fact.clone())),
            }
            let _ = self.board.merge(fact.clone());
        }
        Some(news)
    }

    fn leaves(&self) -> Leaves {
        let mut leaves = Leaves::empty();
        self.kept.values().for_each(|fact| leaves.add(fact));
        leaves
    }

    /// The parts of an answer to one who has these leaves.
    fn answer(&self, leaves: &Leaves) -> VecDeque<Vec<Fact>> {
        let differing = self.leaves().differing(leaves);
        let facts: Vec<_> = self.kept.values().filter(|fact| differing[Leaves::place(fact)]).cloned().collect();
        let parts: VecDeque<_> = facts.chunks(PART).map(<[_]>::to_vec).collect();
        if parts.is_empty() { VecDeque::from([Vec::new()]) } else { parts }
    }
}

struct Mesh {
    nodes: Vec<Node>,
    now: Millis,
    under_way: Vec<Letter>,
    /// When the last letter to all came, by sender and reader: these keep their order.
    last: [[Millis; NODES]; NODES],
    cut: BTreeSet<(usize, usize)>,
    lost: u64,
    twice: u64,
    random: u64,
    boots: u64,
}

impl Mesh {
    fn new(seed: u64) -> Self {
        let nodes = (0..NODES).map(|n| Node::started(id(&format!("n{n}")), BOOT, BTreeMap::new())).collect();
        Self {
            nodes,
            now: Millis(0),
            under_way: Vec::new(),
            last: [[Millis(0); NODES]; NODES],
            cut: BTreeSet::new(),
            lost: 0,
            twice: 0,
            random: seed,
            boots: BOOT,
        }
    }

    /// SplitMix64: below `most`.
    fn draw(&mut self, most: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    fn delay(&mut self) -> Millis {
        Millis(self.now.0 + i64::try_from(self.draw(SLOWEST)).unwrap())
    }

    fn is_open(&self, from: usize, to: usize) -> bool {
        [(from, to), (from, from), (to, to)].iter().all(|way| !self.cut.contains(way))
    }

    fn send(&mut self, from: usize, to: usize, is_to_all: bool, message: &Message) {
        for copy in 0..=u8::from(self.draw(100) < self.twice) {
            let mut due = self.delay();
            if is_to_all && copy == 0 {
                due = due.max(self.last[from][to]);
                self.last[from][to] = due;
            }
            if self.is_open(from, to) && self.draw(100) >= self.lost {
                self.under_way.push(Letter { from, to, due, message: message.clone() });
            }
        }
    }

    fn send_to_all(&mut self, from: usize, message: &Message) {
        (0..NODES).for_each(|to| self.send(from, to, true, message));
    }

    fn share(&mut self, at: usize, facts: Vec<Fact>) {
        let peers = &mut self.nodes[at].peers;
        let message = Message::Facts { boot: peers.boot(), n: peers.say(), facts };
        self.send_to_all(at, &message);
    }

    fn take(&mut self, at: usize, thing: u8, much: u32) {
        let node = &self.nodes[at];
        let fact = match thing {
            0..=5 => {
                let totals = if thing.is_multiple_of(2) { totals(much, 0) } else { totals(0, much) };
                Fact::from(tally("North", u128::from(thing), i64::from(thing % 3), totals))
            }
            6 | 7 => {
                let name = ["bath", "york"][usize::from(thing - 6)];
                let version = Version::next(node.board.gathering(&slug(name)).map(|g| &g.version), &node.id);
                Fact::Gathering(Gathering { version, ..gathering(name, Some(much)) })
            }
            _ => Fact::Foreign(Foreign { body: format!("{{\"fact\":\"rumour\",\"no\":{much}}}") }),
        };
        if node.is_alive
            && let Some(news) = self.nodes[at].keep(vec![fact])
        {
            self.share(at, news);
        }
    }

    fn pass(&mut self, ms: i64) {
        for _ in 0..ms / STEP.0 {
            self.now = Millis(self.now.0 + STEP.0);
            self.deliver();
            if self.now.0 % LEASE_EVERY.0 == 0 {
                (0..NODES)
                    .filter(|n| self.nodes[*n].is_alive)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .for_each(|n| self.tick(n));
            }
        }
    }

    fn tick(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        let lease = node.peers.lease(0, node.peers.is_full_due(self.now).then(BTreeMap::new), self.now);
        node.peers.sweep(self.now);
        let ask = node.peers.ask(self.now);
        self.send_to_all(at, &Message::Lease(lease));
        if let Some(ask) = ask {
            let leaves = Some(self.nodes[at].leaves());
            let to = self.nodes.iter().position(|node| node.id == ask.peer).unwrap();
            self.send(at, to, false, &Message::Want { ask: ask.no, part: 0, leaves });
        }
    }

    fn deliver(&mut self) {
        loop {
            let due = (0..self.under_way.len()).filter(|n| self.under_way[*n].due <= self.now);
            let Some(next) = due.min_by_key(|n| self.under_way[*n].due) else { return };
            let letter = self.under_way.remove(next);
            if self.nodes[letter.to].is_alive && self.is_open(letter.from, letter.to) {
                self.hear(letter);
            }
        }
    }

    fn hear(&mut self, Letter { from, to, message, .. }: Letter) {
        let sender = self.nodes[from].id.clone();
        let now = self.now;
        match message {
            Message::Lease(lease) => drop(self.nodes[to].peers.hear(lease, now)),
            Message::Facts { boot, n, facts } if from != to => {
                self.nodes[to].peers.hear_facts(&sender, boot, n, now);
                match self.nodes[to].keep(facts) {
                    None => self.nodes[to].peers.missed(&sender, now),
                    Some(news) if !news.is_empty() && !self.nodes[to].peers.hears(&sender) => self.share(to, news),
                    Some(_) => {}
                }
            }
            Message::Facts { .. } => {}
            Message::Want { ask, part, leaves } => {
                let node = &mut self.nodes[to];
                if let Some(leaves) = leaves
                    && node.answers.get(&from).is_none_or(|answer| answer.ask != ask)
                {
                    let parts = node.answer(&leaves);
                    node.answers.insert(from, Answer { ask, next: 0, parts });
                }
                if let Some(answer) = node.answers.get_mut(&from)
                    && (answer.ask, answer.next) == (ask, part)
                    && let Some(facts) = answer.parts.pop_front()
                {
                    answer.next += 1;
                    let last = answer.parts.is_empty();
                    self.send(to, from, false, &Message::Have { ask, part, last, facts });
                }
            }
            Message::Have { ask, part, last, facts } => {
                let ask = Ask { peer: sender, no: ask };
                if self.nodes[to].peers.awaits(&ask, part) && self.nodes[to].keep(facts).is_some() {
                    self.nodes[to].peers.answered(&ask, part, last, now);
                    if !last {
                        let want = Message::Want { ask: ask.no, part: part + 1, leaves: None };
                        self.send(to, from, false, &want);
                    }
                }
            }
        }
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Take(at, thing, much) => self.take(at, thing, much),
            Event::TakeUnheard(at, thing, much) => {
                let lost = std::mem::replace(&mut self.lost, 100);
                self.take(at, thing, much);
                self.lost = lost;
            }
            Event::Pass(ms) => self.pass(ms),
            Event::Cut(from, to) => drop(self.cut.insert((from, to))),
            Event::Heal => self.cut.clear(),
            Event::Weather { lost, twice } => (self.lost, self.twice) = (lost, twice),
            Event::FullDisk(at, is_full) => self.nodes[at].is_full = is_full,
            Event::Restart(at) => {
                if self.nodes[at].is_alive {
                    // Nobody is started twice in a second.
                    self.boots += 1_000;
                    let Node { id, kept, .. } = &mut self.nodes[at];
                    self.nodes[at] = Node::started(id.clone(), self.boots, std::mem::take(kept));
                }
            }
            Event::Die { node, heard_by } => {
                let living = self.nodes.iter().filter(|node| node.is_alive).count();
                if living > 2 {
                    let deaf: Vec<_> =
                        (0..NODES).filter(|other| *other != heard_by).map(|other| (node, other)).collect();
                    self.under_way.retain(|letter| letter.from != node);
                    self.cut.extend(deaf.iter().filter(|(from, to)| from != to));
                    (0..9).for_each(|thing| self.take(node, thing, 1_000));
                    // What was said is heard by one, unless it is lost; then it is silent.
                    self.nodes[node].is_alive = false;
                }
            }
        }
    }

    fn living(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_alive)
    }

    /// Why the living do not all have the same, and say so.
    fn trouble(&self) -> Option<String> {
        let first = self.living().next().unwrap();
        let other = self.living().find(|node| node.kept != first.kept || node.board != first.board);
        let differ = other.map(|other| format!("{} has {:?}, {} has {:?}", first.id, first.kept, other.id, other.kept));
        let unsure = self.living().find(|node| !node.peers.reporting(self.now).exact);
        differ.or_else(|| unsure.map(|node| format!("{} is not exact: {:?}", node.id, node.peers)))
    }

    /// Everything is delivered.
    fn settle(&mut self) {
        self.cut.clear();
        (self.lost, self.twice) = (0, 0);
        self.nodes.iter_mut().for_each(|node| node.is_full = false);
        // A question that was lost is given up, then each of the others is asked.
        self.pass(ANSWER_WITHIN.0 + 10_000);
        if self.living().count() < NODES {
            self.pass(EXPECTED_FOR.0);
        }
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let node = || 0..NODES;
    prop_oneof![
        8 => (node(), 0u8..9, 0u32..50).prop_map(|(at, thing, much)| Event::Take(at, thing, much)),
        4 => (node(), 0u8..9, 0u32..50).prop_map(|(at, thing, much)| Event::TakeUnheard(at, thing, much)),
        4 => (0i64..1_000).prop_map(Event::Pass),
        3 => (0i64..6_000).prop_map(Event::Pass),
        3 => (node(), node()).prop_map(|(from, to)| Event::Cut(from, to)),
        2 => Just(Event::Heal),
        2 => (0u64..60, 0u64..60).prop_map(|(lost, twice)| Event::Weather { lost, twice }),
        1 => (node(), any::<bool>()).prop_map(|(at, is_full)| Event::FullDisk(at, is_full)),
        1 => node().prop_map(Event::Restart),
        1 => (node(), node()).prop_map(|(node, heard_by)| Event::Die { node, heard_by }),
    ]
}

proptest! {
    #[test]
    fn once_everything_is_delivered_all_have_the_same_and_say_so(
        events in prop::collection::vec(any_event(), 1..40),
        seed: u64,
    ) {
        let mut mesh = Mesh::new(seed);
        events.iter().for_each(|event| mesh.happen(event));
        mesh.settle();
        prop_assert_eq!(mesh.trouble(), None);
    }
}
