//! How a node stands with the others, in a few words, and what of that is news to whoever looks after it.

use std::collections::BTreeMap;

use super::{
    peers::Reporting,
    time::{Millis, UnixMillis},
    version::NodeId,
};

/// How long after its start a node may look for the engine before that is worth a word.
const LOOKS_FOR: Millis = Millis::from_secs(2);

/// How a node reaches the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineState {
    /// Not at all: it is to be the only one.
    #[default]
    None,
    /// By the engine, which carries what it says.
    Joined,
    /// By an engine that does not, or not yet.
    Lost,
}

impl EngineState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Joined, Self::Lost];

    /// A stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Joined => "joined",
            Self::Lost => "lost",
        }
    }
}

/// How a node stands with the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// How much of the whole is known.
    pub reporting: Reporting,
    /// The way to the others.
    pub engine: EngineState,
    /// The others, and whether each is heard.
    pub nodes: BTreeMap<NodeId, bool>,
    /// Whether the way has been open for long enough to have heard everybody who is there.
    pub is_settled: bool,
    /// Whether another server goes by the name of this node.
    pub has_twin: bool,
}

impl Outlook {
    /// What is not as it should be, as stable words for programs: `engine`, `nodes`, `twin`, `doubt`.
    pub fn degraded(&self) -> Vec<&'static str> {
        let Reporting { exact, nodes, expected } = self.reporting;
        let lost = self.engine == EngineState::Lost;
        let known = [("engine", lost), ("nodes", nodes < expected && !lost), ("twin", self.has_twin)];
        let mut words: Vec<_> = known.into_iter().filter(|(_, is_so)| *is_so).map(|(word, _)| word).collect();
        if words.is_empty() && !exact {
            words.push("doubt");
        }
        words
    }
}

/// Something that whoever looks after the node wants to know, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The engine does not carry what is said.
    EngineLost,
    /// It does.
    EngineFound,
    /// A node is heard.
    Came(NodeId),
    /// A node went without a word.
    Fell(NodeId),
    /// A node left in good order, or is no longer expected back.
    Left(NodeId),
    /// Another server goes by the name of this one.
    Twin,
}

/// Follows the outlook from one look to the next.
#[derive(Clone, Debug, Default)]
pub struct Lookout {
    reporting: Reporting,
    exact_at: Option<UnixMillis>,
    /// What was told last of the engine, of the others, and of a twin.
    engine: EngineState,
    nodes: BTreeMap<NodeId, bool>,
    has_twin: bool,
}

impl Lookout {
    /// Takes in how things stand `now`, at this `age` of the node; what of it is news.
    pub fn see(&mut self, new: Outlook, age: Millis, now: UnixMillis) -> Vec<News> {
        self.reporting = new.reporting;
        if new.reporting.exact {
            self.exact_at = Some(now);
        }
        let mut news = Vec::new();
        // Nothing is lost that is still being looked for.
        let is_looked_for = self.engine == EngineState::None && age < LOOKS_FOR;
        if new.engine != self.engine && !(new.engine == EngineState::Lost && is_looked_for) {
            self.engine = new.engine;
            news.push(if new.engine == EngineState::Lost { News::EngineLost } else { News::EngineFound });
        }
        if new.has_twin && !self.has_twin {
            news.push(News::Twin);
        }
        self.has_twin = new.has_twin;
        // Whoever is not heard by a lost engine has not gone.
        if new.is_settled {
            let was_heard = |node| self.nodes.get(node).copied().unwrap_or(false);
            let changed = new.nodes.iter().filter(|(node, heard)| **heard != was_heard(node));
            news.extend(changed.map(|(node, heard)| if *heard { News::Came } else { News::Fell }(node.clone())));
            let left = self.nodes.keys().filter(|node| !new.nodes.contains_key(node));
            news.extend(left.cloned().map(News::Left));
            self.nodes = new.nodes;
        }
        news
    }

    /// How much of the whole was known at the last look.
    pub fn reporting(&self) -> Reporting {
        self.reporting
    }

    /// When all of it was known for the last time; none while it is, and if it never was.
    pub fn as_of(&self) -> Option<UnixMillis> {
        self.exact_at.filter(|_| !self.reporting.exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        lease::Lease,
        peers::{Heard, LEASE, LEASE_EVERY, Peers},
    };

    fn node(name: &str) -> NodeId {
        name.parse().unwrap()
    }

    /// A node among others, by hand: every quarter of a second it says its lease, and hears those that are said.
    struct Node {
        peers: Peers,
        lookout: Lookout,
        age: Millis,
        others: Vec<(&'static str, u64)>,
        is_cut: bool,
    }

    impl Node {
        fn new() -> Self {
            let peers = Peers::awaited(node("me"), 1);
            Self { peers, lookout: Lookout::default(), age: Millis(0), others: Vec::new(), is_cut: false }
        }

        fn hears(&mut self, name: &str, boot: u64, phones: u32) -> Heard {
            let no = u64::try_from(self.age.0).unwrap() + 1;
            let said = 0;
            let here = Some(std::iter::once(("glasgow".parse().unwrap(), phones)).collect());
            self.peers.hear(Lease { node: node(name), boot, no, said, phones, here, leaving: false }, self.age)
        }

        fn step(&mut self) -> Vec<News> {
            self.age.0 += LEASE_EVERY.0;
            let own = self.peers.lease(0, None, self.age);
            if !self.is_cut {
                self.peers.hear(own, self.age);
                for (name, boot) in self.others.clone() {
                    self.hears(name, boot, 100);
                }
            }
            while let Some(ask) = self.peers.ask(self.age) {
                self.peers.answered(&ask, 0, true, self.age);
            }
            self.peers.sweep(self.age);
            self.lookout.see(self.peers.outlook(self.age), self.age, UnixMillis(self.age.0))
        }

        /// All that is news in so many milliseconds.
        fn after(&mut self, span: i64) -> Vec<News> {
            (0..span / LEASE_EVERY.0).flat_map(|_| self.step()).collect()
        }

        fn degraded(&self) -> Vec<&'static str> {
            self.peers.outlook(self.age).degraded()
        }
    }

    #[test]
    fn each_change_is_news_once() {
        let mut me = Node::new();
        me.is_cut = true;
        assert_eq!(me.after(1_750), []);
        assert_eq!((me.after(10_000), me.degraded()), (vec![News::EngineLost], vec!["engine"]));
        (me.is_cut, me.others) = (false, vec![("a", 1), ("b", 1)]);
        let all = me.after(10_000);
        assert_eq!(all, [News::EngineFound, News::Came(node("a")), News::Came(node("b"))]);
        assert!(me.lookout.reporting().exact && me.degraded().is_empty());
        me.others.pop();
        assert_eq!((me.after(10_000), me.degraded()), (vec![News::Fell(node("b"))], vec!["nodes"]));
        me.others.push(("b", 2));
        assert_eq!(me.after(10_000), [News::Came(node("b"))]);
        me.peers.hear(Lease { leaving: true, ..Peers::awaited(node("b"), 2).farewell() }, me.age);
        me.others.pop();
        assert_eq!((me.after(10_000), me.degraded()), (vec![News::Left(node("b"))], vec![]));
    }

    #[test]
    fn who_cannot_be_heard_without_the_engine_has_not_gone() {
        let mut me = Node::new();
        me.others = vec![("a", 1)];
        me.after(5_000);
        me.is_cut = true;
        assert_eq!((me.after(60_000), me.degraded()), (vec![News::EngineLost], vec!["engine"]));
        me.is_cut = false;
        assert_eq!((me.after(60_000), me.degraded()), (vec![News::EngineFound], vec![]));
    }

    #[test]
    fn partial_figures_are_of_the_time_when_they_were_whole_for_the_last_time() {
        let mut me = Node::new();
        me.is_cut = true;
        me.after(5_000);
        assert_eq!((me.lookout.reporting().exact, me.lookout.as_of()), (false, None), "never");
        me.is_cut = false;
        me.after(5_000);
        assert_eq!((me.lookout.reporting().exact, me.lookout.as_of()), (true, None));
        me.is_cut = true;
        me.after(20_000);
        let as_of = me.lookout.as_of().unwrap().0;
        assert!((10_000..=10_000 + 600).contains(&as_of), "{as_of}");
    }

    #[test]
    fn a_copied_data_folder_is_an_error_and_no_figure_is_exact_with_it() {
        let mut me = Node::new();
        me.after(5_000);
        assert_eq!(me.hears("me", 7, 50), Heard::Twin);
        assert_eq!((me.after(1_000), me.degraded()), (vec![News::Twin], vec!["twin"]));
        assert!(!me.lookout.reporting().exact && me.peers.phones() == 0);
        assert_eq!((me.after(LEASE.0), me.degraded()), (vec![], vec![]), "it stopped");
    }

    #[test]
    fn the_phones_of_a_silent_node_are_counted_no_longer_than_its_lease() {
        let mut me = Node::new();
        me.others = vec![("a", 1), ("b", 1)];
        me.after(5_000);
        let here = |me: &Node| (me.peers.phones(), me.peers.phones_at(&"glasgow".parse().unwrap()));
        assert_eq!(here(&me), (200, 200));
        me.others.pop();
        me.after(LEASE.0 + LEASE_EVERY.0);
        assert_eq!(here(&me), (100, 100));
        assert_eq!(me.lookout.reporting(), Reporting { exact: false, nodes: 2, expected: 3 });
    }
}
