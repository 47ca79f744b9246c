//! What the server counts about itself, for operators: totals, never anybody's own.
//!
//! One [`Meters`] belongs to one server, so that several in one test process do not mix.

use std::{sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::{domain::pass::Role, wire::close::Ending};

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
    admitting: Gauge,
    refusals: Family<Labels, Counter>,
    /// Times the accept loop paused for want of file descriptors.
    pub accept_pauses: Counter,
    clock_bound: Family<Labels, Gauge<f64, AtomicU64>>,
    clock_epochs: Counter,
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
        let admitting = Gauge::default();
        registry.register("admissions_pending", "HTTP connections that are not upgraded (yet)", admitting.clone());
        let refusals = Family::default();
        registry.register("refusals", "Connections turned away before the upgrade, by reason", refusals.clone());
        let accept_pauses = Counter::default();
        registry.register("accept_pauses", "Pauses of the accept loop for want of descriptors", accept_pauses.clone());
        let clock_bound = Family::default();
        let help = "The server clock's own bound; absent while it is unknown";
        registry.register_with_unit("clock_bound", help, Unit::Seconds, clock_bound.clone());
        let clock_epochs = Counter::default();
        registry.register("clock_steps", "Times the system clock stepped under the server", clock_epochs.clone());
        Self {
            registry,
            connections,
            joins,
            endings,
            frames_sent,
            frames_skipped,
            fan_out,
            commits,
            admitting,
            refusals,
            accept_pauses,
            clock_bound,
            clock_epochs,
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

    /// One shard wrote one board to all its readers.
    pub fn fanned_out(&self, took: Duration) {
        self.fan_out.observe(took.as_secs_f64());
    }

    /// The journal committed.
    pub fn committed(&self, took: Duration) {
        self.commits.observe(took.as_secs_f64());
    }

    /// What the clock says of itself.
    pub fn clock(&self, bound_ms: Option<f64>, stepped: bool) {
        match bound_ms {
            Some(ms) => {
                self.clock_bound.get_or_create(&[("source", "kernel")]).set(ms / 1_000.0);
            }
            None => self.clock_bound.clear(),
        }
        if stepped {
            self.clock_epochs.inc();
        }
    }

    /// Everything, as OpenMetrics text.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
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

    #[test]
    fn the_text_has_every_metric_and_ends_as_openmetrics_demands() {
        let meters = Meters::new();
        let _phone = meters.count_in(Role::Participant);
        drop(meters.count_in(Role::Participant));
        meters.ended(Ending::Gone);
        meters.clock(None, true);
        assert!(!meters.encode().contains("oneoclock_clock_bound_seconds{"), "unknown is not a number");
        meters.clock(Some(12.5), false);
        let text = meters.encode();
        for line in [
            "oneoclock_connections{role=\"participant\"} 1",
            "oneoclock_endings_total{ending=\"gone\"} 1",
            "oneoclock_clock_bound_seconds{source=\"kernel\"} 0.0125",
            "oneoclock_clock_steps_total 1",
            "oneoclock_fan_out_duration_seconds_count 0",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
