use super::*;

mod simulation;
mod sums;

const BOOT: u64 = 1_803_128_400_000;

fn id(name: &str) -> NodeId {
    name.parse().unwrap()
}

fn lease(node: &str, boot: u64, no: u64, said: u64) -> Lease {
    Lease { node: id(node), boot, no, said, phones: 10, here: Some(BTreeMap::new()), leaving: false }
}

/// A node called `me` whose way to the others is open, at the age of two seconds.
struct World {
    me: Peers,
    age: Millis,
    no: u64,
}

impl World {
    fn new() -> Self {
        let mut world = Self { me: Peers::awaited(id("me"), BOOT), age: Millis(0), no: 0 };
        world.pass(2_000, &[]);
        world
    }

    /// Lets time go by, in which these say what they say, and this node hears itself.
    fn pass(&mut self, ms: i64, others: &[(&str, u64, u64)]) {
        for _ in 0..ms / LEASE_EVERY.0 {
            self.age = Millis(self.age.0 + LEASE_EVERY.0);
            self.no += 1;
            let own = self.me.lease(0, self.me.is_full_due(self.age).then(BTreeMap::new), self.age);
            self.me.hear(own, self.age);
            for (node, boot, said) in others {
                self.me.hear(lease(node, *boot, self.no, *said), self.age);
            }
            self.me.sweep(self.age);
        }
    }

    /// The same, with nothing heard, not even oneself.
    fn pass_in_silence(&mut self, ms: i64) {
        for _ in 0..ms / LEASE_EVERY.0 {
            self.age = Millis(self.age.0 + LEASE_EVERY.0);
            self.me.sweep(self.age);
        }
    }

    /// Asks whoever is to be asked until nobody is, and is answered; who it was.
    fn ask_all(&mut self) -> Vec<String> {
        let mut asked = Vec::new();
        while let Some(ask) = self.me.ask(self.age) {
            asked.push(ask.peer.to_string());
            self.me.answered(&ask, 0, true, self.age);
        }
        asked.sort();
        asked
    }

    fn is_exact(&self) -> bool {
        self.me.reporting(self.age).exact
    }

    fn nodes(&self) -> (u32, u32) {
        let Reporting { nodes, expected, .. } = self.me.reporting(self.age);
        (nodes, expected)
    }
}

#[test]
fn a_node_without_others_is_exact_asks_nobody_and_never_cut_off() {
    let mut alone = Peers::none(id("me"));
    alone.cut();
    assert!(!alone.sweep(Millis(99_999)) && alone.ask(Millis(99_999)).is_none());
    assert_eq!(alone.reporting(Millis(99_999)), Reporting::default());
}

#[test]
fn figures_are_partial_until_the_way_has_been_open_for_a_second() {
    let mut peers = Peers::awaited(id("me"), BOOT);
    assert!(!peers.reporting(Millis(0)).exact);
    let own = peers.lease(0, Some(BTreeMap::new()), Millis(0));
    assert_eq!(peers.hear(own, Millis(0)), Heard::Echo);
    assert!(!peers.reporting(Millis(SETTLED_AFTER.0 - 1)).exact);
    assert!(peers.reporting(SETTLED_AFTER).exact);
}

#[test]
fn a_node_that_does_not_hear_itself_is_cut_off_and_asks_nobody() {
    let mut world = World::new();
    world.pass(500, &[("a", 1, 0)]);
    world.pass_in_silence(750);
    assert!(!world.me.is_open() && !world.is_exact());
    assert_eq!(world.me.ask(world.age), None);
    assert_eq!(world.nodes(), (1, 2));
}

#[test]
fn whoever_is_new_is_asked_once_and_figures_are_exact_meanwhile() {
    let mut world = World::new();
    world.pass(250, &[("a", 1, 7)]);
    assert!(world.is_exact());
    assert_eq!(world.ask_all(), ["a"]);
    world.pass(5_000, &[("a", 1, 7)]);
    assert_eq!(world.ask_all(), [""; 0]);
    assert!(world.is_exact());
}

#[test]
fn a_doubt_that_lasts_makes_figures_partial_until_it_is_answered() {
    let mut world = World::new();
    world.pass(1_750, &[("a", 1, 0)]);
    assert!(world.is_exact());
    world.pass(500, &[("a", 1, 0)]);
    assert!(!world.is_exact());
    world.ask_all();
    assert!(world.is_exact());
}

#[test]
fn whoever_is_met_while_figures_are_partial_keeps_them_so_until_it_has_answered() {
    let mut world = World::new();
    world.pass(500, &[("a", 1, 0)]);
    world.ask_all();
    world.pass_in_silence(4_000);
    world.pass(1_250, &[("a", 1, 0)]);
    assert_eq!(world.nodes(), (2, 2));
    assert!(!world.is_exact());
    assert_eq!(world.ask_all(), ["a"]);
    assert!(world.is_exact());
}

#[test]
fn facts_in_their_order_raise_no_doubt_and_a_gap_does() {
    let mut world = World::new();
    let hear = |world: &mut World, n| world.me.hear_facts(&id("a"), 1, n, world.age);
    world.pass(250, &[("a", 1, 0)]);
    world.ask_all();
    [1, 2, 2, 1].into_iter().for_each(|n| hear(&mut world, n));
    world.pass(250, &[("a", 1, 2)]);
    assert_eq!(world.ask_all(), [""; 0]);
    hear(&mut world, 4);
    assert_eq!(world.ask_all(), ["a"]);
    world.pass(250, &[("a", 1, 4)]);
    assert_eq!(world.ask_all(), [""; 0]);
}

#[test]
fn a_lease_that_counts_more_facts_than_were_heard_raises_a_doubt() {
    let mut world = World::new();
    world.pass(250, &[("a", 1, 0)]);
    world.ask_all();
    world.pass(250, &[("a", 1, 1)]);
    assert_eq!(world.ask_all(), ["a"]);
}

#[test]
fn what_could_not_be_kept_is_asked_for_again_after_a_while() {
    let mut world = World::new();
    world.pass(250, &[("a", 1, 0)]);
    world.ask_all();
    world.me.missed(&id("a"), world.age);
    let ask = world.me.ask(world.age).unwrap();
    // No answer comes: the next question waits.
    world.pass(ANSWER_WITHIN.0 - 250, &[("a", 1, 0)]);
    assert_eq!(world.me.ask(world.age), None);
    world.pass(250, &[("a", 1, 0)]);
    let again = world.me.ask(world.age).unwrap();
    assert!(again.peer == ask.peer && again.no != ask.no);
}

#[test]
fn a_doubt_that_comes_while_an_answer_is_given_is_not_answered_by_it() {
    let mut world = World::new();
    world.pass(250, &[("a", 1, 0)]);
    let ask = world.me.ask(world.age).unwrap();
    world.me.hear_facts(&id("a"), 1, 3, world.age);
    world.me.answered(&ask, 0, true, world.age);
    assert_eq!(world.ask_all(), ["a"]);
    assert_eq!(world.ask_all(), [""; 0]);
}

#[test]
fn only_the_next_part_of_the_answer_that_is_waited_for_counts() {
    let mut world = World::new();
    world.pass(250, &[("a", 1, 0), ("b", 1, 0)]);
    let ask = world.me.ask(world.age).unwrap();
    let other = Ask { no: ask.no.wrapping_sub(1), ..ask.clone() };
    for (ask, part) in [(&other, 0), (&ask, 1)] {
        assert!(!world.me.awaits(ask, part));
        world.me.answered(ask, part, true, world.age);
    }
    assert!(world.me.awaits(&ask, 0));
    world.me.answered(&ask, 0, false, world.age);
    assert!(world.me.awaits(&ask, 1) && !world.me.awaits(&ask, 0));
    assert_eq!(world.me.ask(world.age), None, "one at a time");
    world.me.answered(&ask, 1, true, world.age);
    assert_eq!(world.ask_all(), ["b"]);
}

#[test]
fn no_question_of_one_start_has_the_number_of_a_question_of_the_last() {
    let asked = |boot| {
        let mut world = World::new();
        world.me = Peers::awaited(id("me"), boot);
        world.pass(500, &[("a", 1, 0)]);
        world.me.ask(world.age).unwrap().no
    };
    assert_ne!(asked(BOOT), asked(BOOT + 1_000));
}

#[test]
fn who_falls_silent_has_no_phones_after_three_seconds_and_is_expected_for_half_an_hour() {
    let mut world = World::new();
    world.pass(500, &[("a", 1, 0), ("b", 1, 0)]);
    assert_eq!(world.me.phones(), 20);
    world.pass(LEASE.0, &[("b", 1, 0)]);
    assert_eq!(world.me.phones(), 20);
    world.pass(250, &[("b", 1, 0)]);
    assert_eq!(world.me.phones(), 10);
    assert_eq!((world.nodes(), world.is_exact()), ((2, 3), false));
    assert!(!world.me.hears(&id("a")) && world.me.hears(&id("b")));
    world.ask_all();
    world.pass(EXPECTED_FOR.0, &[("b", 1, 0)]);
    assert_eq!((world.nodes(), world.is_exact()), ((2, 2), true));
}

#[test]
fn when_a_node_dies_or_leaves_this_one_makes_the_others_ask_it() {
    for leaves in [false, true] {
        let mut world = World::new();
        world.pass(500, &[("a", 1, 0), ("b", 1, 0)]);
        assert_eq!(world.me.say(), 1);
        if leaves {
            world.me.hear(Lease { leaving: true, ..lease("a", 1, 99, 0) }, world.age);
        } else {
            world.pass(LEASE.0 + 250, &[("b", 1, 0)]);
        }
        assert_eq!(world.me.lease(0, None, world.age).said, 2, "a number that nobody hears");
        assert_eq!(world.me.say(), 3);
    }
}

#[test]
fn who_leaves_is_not_waited_for_also_when_an_old_lease_of_it_comes_late() {
    let mut world = World::new();
    world.pass(500, &[("a", 1, 0), ("b", 1, 0)]);
    world.me.hear(Lease { leaving: true, ..lease("a", 1, 99, 0) }, world.age);
    world.ask_all();
    world.me.hear(lease("a", 1, 98, 0), world.age);
    assert_eq!((world.nodes(), world.is_exact(), world.me.phones()), ((2, 2), true, 10));
    world.me.hear(lease("a", 2, 1, 0), world.age);
    assert_eq!(world.nodes(), (3, 3), "started again");
    world.me.hear(Lease { leaving: true, ..lease("a", 1, 99, 0) }, world.age);
    assert_eq!(world.nodes(), (3, 3), "the old good-bye, once more");
}

#[test]
fn who_is_started_again_is_asked_again() {
    let mut world = World::new();
    world.pass(500, &[("a", 1, 5)]);
    world.ask_all();
    world.pass(250, &[("a", 2, 0)]);
    assert_eq!(world.ask_all(), ["a"]);
    assert_eq!(world.nodes(), (2, 2));
    world.me.hear(lease("a", 1, 999, 6), world.age);
    assert_eq!(world.ask_all(), [""; 0], "what it said before it was started again");
}

#[test]
fn a_start_with_an_earlier_clock_is_believed_once_the_old_one_is_silent() {
    let mut world = World::new();
    world.pass(500, &[("a", 9, 0)]);
    world.pass(1_000, &[("a", 4, 0)]);
    world.pass(LEASE.0, &[("a", 4, 0)]);
    assert!(world.me.hears(&id("a")));
    assert_eq!(world.nodes(), (2, 2));
}

#[test]
fn no_nodes_time_runs_out_while_nobody_can_be_heard() {
    let mut world = World::new();
    world.pass(500, &[("a", 1, 0), ("b", 1, 0)]);
    world.pass_in_silence(2 * EXPECTED_FOR.0);
    assert_eq!(world.nodes(), (1, 3));
    world.pass(1_250, &[("b", 1, 0)]);
    assert_eq!(world.nodes(), (2, 3), "a is still expected");
}

#[test]
fn a_cut_ends_the_question_so_that_it_is_asked_as_soon_as_the_way_is_open_again() {
    let mut world = World::new();
    world.pass(500, &[("a", 1, 0)]);
    world.me.ask(world.age).unwrap();
    world.me.cut();
    world.pass_in_silence(1_000);
    world.pass(250, &[("a", 1, 0)]);
    assert_eq!(world.ask_all(), ["a"]);
}

#[test]
fn another_server_with_this_nodes_name_is_noticed() {
    let mut world = World::new();
    assert_eq!(world.me.hear(lease("me", BOOT + 1, 1, 0), world.age), Heard::Twin);
}

#[test]
fn more_nodes_than_there_can_be_are_not_met_unless_one_is_not_there() {
    let mut world = World::new();
    let names: Vec<_> = (0..MAX_NODES).map(|n| format!("n{n}")).collect();
    for name in &names {
        world.me.hear(lease(name, 1, 1, 0), world.age);
    }
    assert_eq!(world.me.hear(lease("late", 1, 1, 0), world.age), Heard::Nothing);
    let still: Vec<_> = names.iter().skip(1).map(|name| (name.as_str(), 1, 0)).collect();
    world.no = 1;
    world.pass(LEASE.0 + 250, &still);
    assert_eq!(world.me.hear(lease("late", 1, 1, 0), world.age), Heard::Peer);
}

#[test]
fn a_full_lease_is_said_at_its_pace_and_when_somebody_is_met() {
    let mut world = World::new();
    world.pass(FULL_EVERY.0, &[]);
    let full = |world: &mut World| {
        world.age = Millis(world.age.0 + LEASE_EVERY.0);
        world.me.is_full_due(world.age).then(|| world.me.lease(0, Some(BTreeMap::new()), world.age)).is_some()
    };
    while !full(&mut world) {}
    assert!(!full(&mut world));
    world.me.hear(lease("a", 1, 1, 0), world.age);
    assert!(full(&mut world) && !full(&mut world));
}
