//! `/api/v1/clock`: how the server's clock stands, for the organiser's page; `/readyz` says the same to operators.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Shared, api::Organiser};
use crate::clock::{Opinion, Report, TimeSource};

/// How the clock stands, and on whose word the moment was armed by it, if that was needed.
pub(super) async fn clock(State(shared): State<Arc<Shared>>, _: Organiser) -> Response {
    let armed = shared.hub.moment().unconfirmed_clock;
    let body = json!({ "clock": standing(&shared.hub.clock().report()), "armed": armed });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// How the clock stands, for programs and for people.
pub(super) fn standing(report: &Report) -> Value {
    let opinion = |(source, opinion): &(TimeSource, Opinion)| format!("{source} {opinion}");
    json!({
        "state": report.standing.as_str(),
        "bound_ms": report.bound_ms.map(in_micros),
        "confirmed": report.err_ms().is_some(),
        "epoch": report.epoch,
        "say": report.kernel.health.to_string(),
        "system_ahead_ms": in_micros(report.system_ahead_ms),
        "leap_second_announced": report.kernel.leap,
        "contradicted": report.is_contradicted(),
        "time_sources": report.opinions.iter().map(opinion).collect::<Vec<_>>(),
    })
}

/// Milliseconds with three places: more is noise to a person.
fn in_micros(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}
