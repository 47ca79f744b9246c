use proptest::prelude::*;

use super::*;

/// Nodes whose clocks are a test's, and how long every message takes between them, ms.
struct Fleet {
    nodes: Vec<Node>,
    way: f64,
    round: i64,
    /// Whether the way to the others is open.
    open: bool,
    /// Who answers.
    silent: Vec<usize>,
}

struct Node {
    name: NodeId,
    ahead: f64,
    err: Option<f64>,
    epoch: u32,
    agreement: Agreement,
}

impl Fleet {
    fn new(aheads: &[f64]) -> Self {
        let node = |(nth, &ahead): (usize, &f64)| Node {
            name: format!("node-{nth}").parse().unwrap(),
            ahead,
            err: Some(2.5),
            epoch: u32::try_from(nth).unwrap(),
            agreement: Agreement::default(),
        };
        let nodes = aheads.iter().enumerate().map(node).collect();
        Self { nodes, way: 1.0, round: 0, open: true, silent: Vec::new() }
    }

    fn own(&self, nth: usize, at: f64) -> Own {
        let Node { ahead, err, epoch, .. } = self.nodes[nth];
        Own { ms: 1_800_000_000_000.0 + at + ahead, epoch, err }
    }

    /// Everybody asks everybody, and judges.
    fn round(&mut self) -> Vec<Change> {
        self.round += 1;
        let age = Millis(self.round * ROUND.0);
        let at = millis(age.0);
        for asker in 0..self.nodes.len() {
            let own = self.own(asker, at);
            let seq = self.nodes[asker].agreement.ask(own);
            for other in (0..self.nodes.len()).filter(|&other| other != asker && self.open) {
                if self.silent.contains(&other) || self.silent.contains(&asker) {
                    continue;
                }
                let its = self.own(other, at + self.way);
                let withdrawn = self.nodes[other].agreement.among().withdrawn;
                let answer =
                    Answer { seq, c1: own.ms, s2: its.ms, s3: its.ms, epoch: its.epoch, err: its.err, withdrawn };
                let (name, heard) = (self.nodes[other].name.clone(), self.own(asker, at + 2.0 * self.way));
                self.nodes[asker].agreement.hear(&name, &answer, heard, age);
            }
        }
        let owns: Vec<Own> = (0..self.nodes.len()).map(|nth| self.own(nth, at + 10.0)).collect();
        let open = self.open;
        self.nodes.iter_mut().zip(owns).map(|(node, own)| node.agreement.judge(own, open, age)).collect()
    }

    fn rounds(&mut self, n: usize) {
        for _ in 0..n {
            self.round();
        }
    }

    /// Steps a node's clock: a new epoch.
    fn step(&mut self, nth: usize, ahead: f64) {
        self.nodes[nth].ahead = ahead;
        self.nodes[nth].epoch += 1_000;
    }

    fn withdrawn(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&nth| self.nodes[nth].agreement.among().withdrawn).collect()
    }
}

#[test]
fn the_odd_one_of_three_withdraws_in_the_third_round_and_is_back_five_after_it_was_set_right() {
    let mut fleet = Fleet::new(&[0.0, 1.0, 400.0]);
    fleet.rounds(2);
    assert_eq!(fleet.withdrawn(), [0_usize; 0], "two rounds are a bad moment");
    assert_eq!(fleet.round(), [Change::None, Change::None, Change::Withdraw]);
    let among = fleet.nodes[2].agreement.among();
    let (ahead, give) = among.ahead.unwrap();
    assert_eq!((among.nodes, among.agree), (3, 2));
    assert!((ahead - 399.5).abs() < 1.0 && give < 5.0, "{ahead} ± {give}");
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [2], "it stays so");
    fleet.step(2, 0.5);
    fleet.rounds(4);
    assert_eq!(fleet.withdrawn(), [2]);
    assert_eq!(fleet.round()[2], Change::Return);
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0]);
}

#[test]
fn alone_or_with_one_other_nobody_withdraws_however_far_apart_they_are() {
    for aheads in [&[0.0][..], &[0.0, 1.0], &[0.0, 400.0], &[-60_000.0, 60_000.0]] {
        let mut fleet = Fleet::new(aheads);
        fleet.rounds(20);
        assert_eq!(fleet.withdrawn(), [0_usize; 0], "{aheads:?}");
        assert_eq!(fleet.nodes[0].agreement.among().ahead, None);
    }
}

#[test]
fn where_no_two_agree_nobody_is_in_the_wrong() {
    let mut fleet = Fleet::new(&[0.0, 400.0, 800.0]);
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0]);
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0, 400.0]);
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0], "two against two");
}

#[test]
fn a_node_stays_while_its_bound_or_the_length_of_the_way_explains_the_difference() {
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0]);
    fleet.nodes[2].err = Some(450.0);
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0], "it says itself that it may be off by so much");
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0]);
    fleet.way = 450.0;
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0], "the way may have taken so much longer in one direction");
    let mut fleet = Fleet::new(&[0.0, 0.0, 90.0]);
    fleet.nodes.iter_mut().for_each(|node| node.err = None);
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0], "two unknown bounds of 50 ms");
    fleet.step(2, 120.0);
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [2]);
}

#[test]
fn the_quickest_of_the_last_answers_counts() {
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0]);
    fleet.round();
    fleet.way = 450.0;
    fleet.rounds(2);
    assert_eq!(fleet.withdrawn(), [2], "the first was quick");
}

#[test]
fn a_step_voids_what_was_measured_by_the_old_time() {
    let mut fleet = Fleet::new(&[0.0, 0.0, 0.0]);
    fleet.rounds(5);
    fleet.step(0, 400.0);
    fleet.rounds(2);
    assert_eq!(fleet.withdrawn(), [0_usize; 0]);
    fleet.round();
    assert_eq!(fleet.withdrawn(), [0], "and nobody believes that it is the others");
}

#[test]
fn quick_answers_from_before_a_step_do_not_outdo_slow_ones_from_after_it() {
    for stepped in [0, 2] {
        let mut fleet = Fleet::new(&[0.0, 0.0, 0.0]);
        fleet.nodes[stepped].ahead = 400.0;
        fleet.rounds(2);
        fleet.step(stepped, 0.0);
        fleet.way = 100.0;
        for _ in 0..10 {
            assert!(!fleet.round().contains(&Change::Withdraw), "node {stepped} was set right");
        }
    }
}

#[test]
fn one_round_inside_begins_the_count_again() {
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0]);
    fleet.rounds(2);
    fleet.step(2, 0.0);
    fleet.round();
    fleet.step(2, 400.0);
    fleet.rounds(2);
    assert_eq!(fleet.withdrawn(), [0_usize; 0]);
    fleet.round();
    assert_eq!(fleet.withdrawn(), [2]);
}

#[test]
fn being_cut_off_makes_nobody_right_or_wrong() {
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0]);
    fleet.rounds(2);
    fleet.open = false;
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0]);
    fleet.open = true;
    fleet.rounds(3);
    assert_eq!(fleet.withdrawn(), [2]);
    fleet.open = false;
    fleet.rounds(100);
    assert_eq!(fleet.withdrawn(), [2], "nor the other way round");
}

#[test]
fn whoever_withdrew_comes_back_when_there_is_no_majority_left_to_be_outside_of() {
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0]);
    fleet.rounds(3);
    assert_eq!(fleet.withdrawn(), [2]);
    fleet.silent = vec![0];
    fleet.rounds(20);
    assert_eq!(fleet.withdrawn(), [0_usize; 0], "one against one");
}

#[test]
fn nobody_withdraws_when_all_who_agree_have_withdrawn_themselves() {
    let mut fleet = Fleet::new(&[0.0, 0.0, 400.0]);
    for nth in [0, 1] {
        fleet.nodes[nth].agreement.among.withdrawn = true;
    }
    for _ in 0..BACK_AFTER - 1 {
        fleet.round();
        assert!(!fleet.withdrawn().contains(&2), "somebody has to serve");
    }
    fleet.rounds(10);
    assert_eq!(fleet.withdrawn(), [2], "now there are others");
}

#[test]
fn what_nobody_asked_for_or_makes_no_sense_changes_nothing() {
    let own = Own { ms: 1_000_000.0, epoch: 1, err: Some(2.5) };
    let node: NodeId = "other".parse().unwrap();
    let mut agreement = Agreement::default();
    let seq = agreement.ask(own);
    let later = Own { ms: own.ms + 2.0, ..own };
    let good = Answer { seq, c1: own.ms, s2: 5.0, s3: 6.0, epoch: 7, err: None, withdrawn: false };
    for bad in [
        Answer { seq: seq + 1, ..good },
        Answer { c1: 12.0, ..good },
        Answer { c1: f64::NAN, ..good },
        Answer { s2: f64::NAN, ..good },
        Answer { s2: 7.0, ..good },
        Answer { s3: 1e300, ..good },
        Answer { s2: f64::NEG_INFINITY, ..good },
    ] {
        agreement.hear(&node, &bad, later, Millis(0));
        assert!(agreement.nodes.is_empty(), "{bad:?}");
    }
    agreement.hear(&node, &good, Own { ms: own.ms + 3_000.0, ..own }, Millis(0));
    assert!(agreement.nodes.is_empty(), "too late to tell anything");
    agreement.hear(&node, &good, later, Millis(0));
    agreement.hear(&node, &good, later, Millis(0));
    assert_eq!(agreement.nodes[&node].samples.len(), 1, "and no answer counts twice");
}

proptest! {
    #[test]
    fn a_node_that_is_right_within_its_bound_never_withdraws_while_a_majority_is(
        right in prop::collection::vec((0_u8..60, -60_i8..60), 2..6),
        wrong in prop::collection::vec(-5_000_i16..5_000, 0..5),
        way in 0_u8..100,
    ) {
        let wrong = &wrong[..wrong.len().min(right.len() - 1)];
        let off = |&(bound, off): &(u8, i8)| f64::from(off).clamp(-f64::from(bound), f64::from(bound));
        let aheads: Vec<f64> = right.iter().map(off).chain(wrong.iter().map(|&ahead| f64::from(ahead))).collect();
        let mut fleet = Fleet::new(&aheads);
        fleet.way = f64::from(way);
        for (node, (bound, _)) in fleet.nodes.iter_mut().zip(&right) {
            node.err = Some(f64::from(*bound));
        }
        for _ in 0..12 {
            fleet.round();
            prop_assert!(fleet.withdrawn().iter().all(|&nth| nth >= right.len()), "{:?}", fleet.withdrawn());
        }
    }
}
