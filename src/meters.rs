//! What the server counts about itself, for operators: totals, never anybody's own.
//!
//! One [`Meters`] belongs to one server, so that several in one test process do not mix.

mod nodes;

use std::{sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use self::nodes::NodeMeters;
use crate::{
    clock::{Opinion, Report, Standing, Ticked},
    domain::{agreement::Among, grant::Denial, outlook::Outlook, pass::Role},
    wire::close::Ending,
};

/// The content type of [`Meters::encode`], as OpenMetrics has it.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper edges of the fan-out histogram in seconds: one board to all sockets of one shard takes from a
/// fraction of a millisecond to, for 20,000 phones on a busy core, a few tenths of a second.
const FAN_OUT_SECONDS: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0];

/// Upper edges of the commit histogram in seconds: an fsync takes from half a millisecond on a good disk to
/// seconds on a failing one.
const COMMIT_SECONDS: [f64; 12] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0];

/// A metric's labels: fixed words of ours, never anything a stranger chose.
type Labels = [(&'static str, &'static str); 1];

/// All the server's counters. Cheap to update from anywhere.
#[derive(Debug)]
pub struct Meters {
    registry: Registry,
    connections: Family<Labels, Gauge>,
    /// Introductions, also of pages that moved to another gathering.
    pub joins: Counter,
    endings: Family<Labels, Counter>,
    /// Frames that left for a socket.
    pub frames_sent: Counter,
    /// Frames a slow reader skipped for a newer one.
    pub frames_skipped: Counter,
    fan_out: Histogram,
    commits: Histogram,
    facts: Counter,
    tallies: Counter,
    reports: Family<Labels, Counter>,
    admitting: Gauge,
    refusals: Family<Labels, Counter>,
    passes_refused: Family<Labels, Counter>,
    /// Times the accept loop paused for want of file descriptors.
    pub accept_pauses: Counter,
    clock: ClockMeters,
    nodes: NodeMeters,
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Meters {
    /// A fresh set, all zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("oneoclock");
        let connections = Family::default();
        registry.register("connections", "Open WebSocket connections by role", connections.clone());
        let joins = Counter::default();
        registry.register("joins", "Introductions, also of pages that moved to another gathering", joins.clone());
        let endings = Family::default();
        registry.register("endings", "Ended connections by the way they ended", endings.clone());
        let frames_sent = Counter::default();
        registry.register("frames_sent", "Frames written to sockets by the fan-out", frames_sent.clone());
        let frames_skipped = Counter::default();
        registry.register("frames_skipped", "Frames a slow reader missed for a newer one", frames_skipped.clone());
        let fan_out = Histogram::new(FAN_OUT_SECONDS);
        let help = "Time from the first to the last write of one board in one shard";
        registry.register_with_unit("fan_out_duration", help, Unit::Seconds, fan_out.clone());
        let commits = Histogram::new(COMMIT_SECONDS);
        registry.register_with_unit("journal_commit", "Time of one journal commit", Unit::Seconds, commits.clone());
        let facts = Counter::default();
        registry.register("facts_kept", "Facts that were written down", facts.clone());
        let tallies = Counter::default();
        registry.register("tallies_kept", "Of these, what one device counted in one minute", tallies.clone());
        let reports = Family::default();
        registry.register("steward_reports", "What stewards reported, by what they were answered", reports.clone());
        let admitting = Gauge::default();
        registry.register("admissions_pending", "HTTP connections that are not upgraded (yet)", admitting.clone());
        let refusals = Family::default();
        registry.register("refusals", "Connections turned away before the upgrade, by reason", refusals.clone());
        let passes_refused = Family::default();
        registry.register("passes_refused", "Passes and codes that proved nothing, by reason", passes_refused.clone());
        let accept_pauses = Counter::default();
        registry.register("accept_pauses", "Pauses of the accept loop for want of descriptors", accept_pauses.clone());
        let clock = ClockMeters::new(&mut registry);
        let nodes = NodeMeters::new(&mut registry);
        Self {
            registry,
            connections,
            joins,
            endings,
            frames_sent,
            frames_skipped,
            fan_out,
            commits,
            facts,
            tallies,
            reports,
            admitting,
            refusals,
            passes_refused,
            accept_pauses,
            clock,
            nodes,
        }
    }

    /// Counts one connection of `role` in, until the returned value is dropped.
    pub fn count_in(&self, role: Role) -> CountedIn {
        CountedIn::new(self.connections.get_or_create(&[("role", role.as_str())]).clone())
    }

    /// Counts one HTTP connection that is not upgraded yet, until the returned value is dropped.
    pub fn admitting(&self) -> CountedIn {
        CountedIn::new(self.admitting.clone())
    }

    /// A connection ended.
    pub fn ended(&self, ending: Ending) {
        self.endings.get_or_create(&[("ending", ending.as_str())]).inc();
    }

    /// A connection was turned away for a reason given as a fixed word.
    pub fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&[("reason", reason)]).inc();
    }

    /// A pass or a code proved nothing.
    pub fn pass_refused(&self, why: Denial) {
        self.passes_refused.get_or_create(&[("reason", why.as_str())]).inc();
    }

    /// One shard wrote one board to all its readers.
    pub fn fanned_out(&self, took: Duration) {
        self.fan_out.observe(took.as_secs_f64());
    }

    /// The journal committed.
    pub fn committed(&self, took: Duration) {
        self.commits.observe(took.as_secs_f64());
    }

    /// Facts are on the disk, some of them tallies.
    pub fn kept(&self, facts: usize, tallies: usize) {
        self.facts.inc_by(facts as u64);
        self.tallies.inc_by(tallies as u64);
    }

    /// A steward's report was answered, with a fixed word.
    pub fn reported(&self, answer: &'static str) {
        self.reports.get_or_create(&[("answer", answer)]).inc();
    }

    /// How the clock stands, and what the last look at it or at a time source changed.
    pub fn clock(&self, report: &Report, ticked: Ticked) {
        self.clock.note(report, ticked);
    }

    /// How this node's time stands among the others'.
    pub fn agreement(&self, among: &Among) {
        self.clock.compare(among);
    }

    /// How long ago the clock was looked at.
    pub fn clock_age(&self, age: Duration) {
        self.clock.age.set(age.as_secs_f64());
    }

    /// How this node stands with the others.
    pub fn nodes(&self, outlook: &Outlook) {
        self.nodes.note(outlook);
    }

    /// A message came from the engine.
    pub fn node_heard(&self, bytes: usize) {
        self.nodes.heard(bytes);
    }

    /// A message was given to the engine.
    pub fn node_said(&self, bytes: usize) {
        self.nodes.said(bytes);
    }

    /// Facts were told to the other nodes.
    pub fn shared(&self, facts: usize) {
        self.nodes.shared.inc_by(facts as u64);
    }

    /// Facts came from another node, and are on the disk.
    pub fn learned(&self, facts: usize) {
        self.nodes.learned.inc_by(facts as u64);
    }

    /// What came as facts from another node cannot be any, and was refused.
    pub fn garbage(&self, facts: usize) {
        self.nodes.garbage.inc_by(facts as u64);
    }

    /// Everything, as OpenMetrics text.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// What is counted about the clock.
#[derive(Debug)]
struct ClockMeters {
    bound: Family<Labels, Gauge<f64, AtomicU64>>,
    standing: Family<Labels, Gauge>,
    transitions: Family<Labels, Counter>,
    steps: Counter,
    age: Gauge<f64, AtomicU64>,
    contradictions: Gauge,
    offset: Family<Labels, Gauge<f64, AtomicU64>>,
    ahead: Family<Labels, Gauge<f64, AtomicU64>>,
    nodes: Gauge,
    withdrawn: Gauge,
}

impl ClockMeters {
    fn new(registry: &mut Registry) -> Self {
        let bound = Family::default();
        let help = "The server clock's own bound; absent while it is unknown";
        registry.register_with_unit("clock_bound", help, Unit::Seconds, bound.clone());
        let standing = Family::default();
        registry.register("clock_state", "1 for the state that the clock is in, 0 for the others", standing.clone());
        let transitions = Family::default();
        registry.register("clock_transitions", "Times the clock came into a state", transitions.clone());
        let steps = Counter::default();
        registry.register("clock_steps", "Times the served time followed a step into a new epoch", steps.clone());
        let age = Gauge::default();
        registry.register_with_unit(
            "clock_read_age",
            "Time since the kernel was last asked",
            Unit::Seconds,
            age.clone(),
        );
        let contradictions = Gauge::default();
        let help = "Time sources that contradict the kernel's bound";
        registry.register("time_sources_contradicting", help, contradictions.clone());
        let offset = Family::default();
        let help = "How far the farthest time source is ahead of the system clock; absent while none answers";
        registry.register_with_unit("time_source_offset", help, Unit::Seconds, offset.clone());
        let ahead = Family::default();
        let help = "How far the served time is ahead of what most nodes agree on; absent while there is no majority";
        registry.register_with_unit("clock_ahead", help, Unit::Seconds, ahead.clone());
        let nodes = Gauge::default();
        nodes.set(1);
        registry.register("clock_nodes", "Nodes whose time is known, this one among them", nodes.clone());
        let withdrawn = Gauge::default();
        let help = "1 while this node serves nobody because its time is not that of the others";
        registry.register("clock_withdrawn", help, withdrawn.clone());
        Self { bound, standing, transitions, steps, age, contradictions, offset, ahead, nodes, withdrawn }
    }

    fn note(&self, report: &Report, ticked: Ticked) {
        set(&self.bound, ("source", "kernel"), report.bound_ms);
        for standing in Standing::ALL {
            let labels = [("state", standing.as_str())];
            self.standing.get_or_create(&labels).set(i64::from(standing == report.standing));
            self.transitions
                .get_or_create(&labels)
                .inc_by(u64::from(ticked.new_standing && standing == report.standing));
        }
        self.steps.inc_by(u64::from(ticked.new_epoch));
        let offsets = report.opinions.iter().filter_map(|(_, opinion)| match opinion {
            Opinion::Heard { ahead_ms, .. } => Some(*ahead_ms),
            Opinion::None | Opinion::Silent { .. } => None,
        });
        set(&self.offset, ("which", "farthest"), offsets.max_by(|a, b| a.abs().total_cmp(&b.abs())));
        self.contradictions.set(i64::try_from(report.contradicting().count()).unwrap_or(i64::MAX));
    }

    fn compare(&self, among: &Among) {
        set(&self.ahead, ("of", "majority"), among.ahead.map(|(ahead_ms, _)| ahead_ms));
        self.nodes.set(i64::try_from(among.nodes).unwrap_or(i64::MAX));
        self.withdrawn.set(among.withdrawn.into());
    }
}

/// Sets a gauge in seconds that is absent while there is nothing to say.
fn set(family: &Family<Labels, Gauge<f64, AtomicU64>>, label: (&'static str, &'static str), ms: Option<f64>) {
    match ms {
        Some(ms) => {
            family.get_or_create(&[label]).set(ms / 1_000.0);
        }
        None => family.clear(),
    }
}

/// One in a count of what is there now, given up by dropping.
#[derive(Debug)]
pub struct CountedIn(Gauge);

impl CountedIn {
    fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for CountedIn {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{Health, Kernel},
        domain::{outlook::EngineState, peers::Reporting},
    };

    #[test]
    fn the_text_has_every_metric_and_ends_as_openmetrics_demands() {
        let meters = Meters::new();
        let _phone = meters.count_in(Role::Participant);
        drop(meters.count_in(Role::Participant));
        meters.ended(Ending::Gone);
        let kernel = |health| Kernel { health, leap: false };
        let (system_ahead_ms, epoch, opinions) = (0.0, 1, Vec::new());
        let kernel_unknown = kernel(Health::Unknown);
        let unknown = Report {
            standing: Standing::Unsynced,
            bound_ms: None,
            kernel: kernel_unknown,
            system_ahead_ms,
            opinions,
            epoch,
        };
        meters.clock(&unknown, Ticked { new_epoch: true, new_standing: true });
        assert!(!meters.encode().contains("oneoclock_clock_bound_seconds{"), "unknown is not a number");
        let ahead = ("192.0.2.1".parse().unwrap(), Opinion::Heard { ahead_ms: -2_000.0, give_ms: 5.0 });
        let kernel = kernel(Health::Synchronised { bound_ms: 12.5 });
        let known =
            Report { standing: Standing::Degraded, bound_ms: Some(12.5), kernel, opinions: vec![ahead], ..unknown };
        meters.clock(&known, Ticked { new_standing: true, ..Ticked::default() });
        meters.clock(&known, Ticked::default());
        meters.clock_age(Duration::from_millis(250));
        let reporting = Reporting { exact: false, nodes: 2, expected: 3 };
        meters.nodes(&Outlook { reporting, engine: EngineState::Joined, ..Outlook::default() });
        meters.node_said(400);
        meters.node_heard(300);
        meters.node_heard(300);
        meters.shared(1);
        meters.learned(2);
        meters.garbage(3);
        meters.agreement(&Among { nodes: 3, agree: 2, ahead: Some((400.0, 3.0)), withdrawn: true });
        let text = meters.encode();
        for line in [
            "oneoclock_connections{role=\"participant\"} 1",
            "oneoclock_endings_total{ending=\"gone\"} 1",
            "oneoclock_clock_bound_seconds{source=\"kernel\"} 0.0125",
            "oneoclock_clock_steps_total 1",
            "oneoclock_clock_state{state=\"unsynced\"} 0",
            "oneoclock_clock_state{state=\"degraded\"} 1",
            "oneoclock_clock_transitions_total{state=\"unsynced\"} 1",
            "oneoclock_clock_transitions_total{state=\"degraded\"} 1",
            "oneoclock_clock_read_age_seconds 0.25",
            "oneoclock_time_sources_contradicting 1",
            "oneoclock_time_source_offset_seconds{which=\"farthest\"} -2.0",
            "oneoclock_clock_ahead_seconds{of=\"majority\"} 0.4",
            "oneoclock_clock_nodes 3",
            "oneoclock_clock_withdrawn 1",
            "oneoclock_fan_out_duration_seconds_count 0",
            "oneoclock_nodes_reporting 2",
            "oneoclock_nodes_expected 3",
            "oneoclock_figures_exact 0",
            "oneoclock_engine_state{state=\"none\"} 0",
            "oneoclock_engine_state{state=\"joined\"} 1",
            "oneoclock_engine_messages_total{direction=\"in\"} 2",
            "oneoclock_engine_traffic_bytes_total{direction=\"out\"} 400",
            "oneoclock_facts_shared_total 1",
            "oneoclock_facts_learned_total 2",
            "oneoclock_facts_refused_total 3",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
