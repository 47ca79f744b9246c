//! `/livez`, `/readyz`, `/metrics`: for whoever looks after the server.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Shared,
    clock::{among, standing},
};
use crate::{domain::peers::Reporting, meters};

/// How much later than the beat the probe's board may be before the server is not ready.
const GRACE: Duration = Duration::from_secs(3);

/// Alive: the process answers. Restart it if not.
pub(super) async fn livez() -> &'static str {
    "alive\n"
}

/// Ready: a board left a socket of this server within the beat, its shards are walking, its journal keeps, its time is
/// not contradicted by a majority of nodes, and it is not draining. Take it out of the rotation if not.
pub(super) async fn readyz(State(shared): State<Arc<Shared>>) -> Response {
    let hub = &shared.hub;
    let tempo = hub.tempo();
    let board_ms = shared.probe.since_last_board().map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
    let withdrawn = hub.is_withdrawn();
    let checks = [
        ("board_leaves_a_socket", shared.probe.since_last_board().is_some_and(|age| age <= tempo.beat + GRACE)),
        ("clock_agrees", !withdrawn),
        ("hub_keeps_its_pace", hub.since_last_look() <= tempo.pace + GRACE),
        ("journal_keeps", hub.journal().healthy()),
        ("not_draining", !hub.is_closing() || withdrawn),
    ];
    let ready = checks.iter().all(|(_, good)| *good);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let checks: serde_json::Map<String, Value> =
        checks.iter().map(|(name, good)| ((*name).to_owned(), Value::Bool(*good))).collect();
    let outlook = hub.outlook();
    let Reporting { exact, nodes, expected } = outlook.reporting;
    let body = json!({
        "ready": ready,
        "checks": checks,
        "ms_since_board": board_ms,
        "nodes_clock": among(&hub.among()),
        // No check of its own: a load balancer that took the only server away because of its clock would take away,
        // at the moment, what pages are in step by.
        "clock": standing(&hub.clock().report()),
        // Nor do the other nodes make it unready: it counts down, and keeps what it is told, without any of them.
        "degraded": outlook.degraded(),
        "nodes": { "reporting": nodes, "expected": expected, "exact": exact, "engine": outlook.engine.as_str() },
    });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Everything the server counts about itself, as OpenMetrics.
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    shared.hub.meters.clock_age(shared.hub.clock().since_look());
    ([(header::CONTENT_TYPE, meters::CONTENT_TYPE)], shared.hub.meters.encode()).into_response()
}
