//! What is counted about the other nodes.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use super::Labels;
use crate::domain::{
    outlook::{EngineState, Outlook},
    peers::Reporting,
};

/// Labels of what goes to the engine, and of what comes from it.
const OUT: Labels = [("direction", "out")];
const IN: Labels = [("direction", "in")];

/// What is counted about the other nodes.
#[derive(Debug)]
pub(super) struct NodeMeters {
    reporting: Gauge,
    expected: Gauge,
    exact: Gauge,
    engine: Family<Labels, Gauge>,
    messages: Family<Labels, Counter>,
    bytes: Family<Labels, Counter>,
    pub(super) shared: Counter,
    pub(super) learned: Counter,
    pub(super) garbage: Counter,
    pub(super) garbled: Counter,
}

impl NodeMeters {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let (reporting, expected, exact) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("nodes_reporting", "Nodes that have spoken of late, this one included", reporting.clone());
        registry.register("nodes_expected", "Nodes there should be", expected.clone());
        registry.register("figures_exact", "1 while the figures hold all that every node knows", exact.clone());
        let (engine, messages, bytes) = (Family::default(), Family::default(), Family::default());
        registry.register(
            "engine_state",
            "1 for the state of the way to other nodes, 0 for the others",
            engine.clone(),
        );
        registry.register("engine_messages", "Messages to and from the engine", messages.clone());
        registry.register_with_unit("engine_traffic", "What is in them", Unit::Bytes, bytes.clone());
        let (shared, learned) = (Counter::default(), Counter::default());
        let (garbage, garbled) = (Counter::default(), Counter::default());
        registry.register("facts_shared", "Facts that other nodes were told", shared.clone());
        registry.register("facts_learned", "Facts that came from other nodes and were news", learned.clone());
        registry.register("facts_refused", "Facts of other nodes that could not be ones", garbage.clone());
        registry.register(
            "engine_messages_refused",
            "Messages from the engine that could not be read",
            garbled.clone(),
        );
        let meters = Self { reporting, expected, exact, engine, messages, bytes, shared, learned, garbage, garbled };
        meters.note(&Outlook::default());
        meters
    }

    pub(super) fn note(&self, outlook: &Outlook) {
        let Reporting { exact, nodes, expected } = outlook.reporting;
        self.reporting.set(nodes.into());
        self.expected.set(expected.into());
        self.exact.set(exact.into());
        for state in EngineState::ALL {
            self.engine.get_or_create(&[("state", state.as_str())]).set((state == outlook.engine).into());
        }
    }

    pub(super) fn heard(&self, bytes: usize) {
        self.messages.get_or_create(&IN).inc();
        self.bytes.get_or_create(&IN).inc_by(bytes as u64);
    }

    pub(super) fn said(&self, bytes: usize) {
        self.messages.get_or_create(&OUT).inc();
        self.bytes.get_or_create(&OUT).inc_by(bytes as u64);
    }
}
