//! `/api/v1/time`: what a `ping` on `/live` is answered, for pages that have no WebSocket to ask on.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::Shared;

/// An answer that was kept for a while would be wrong by as much.
const CACHE: HeaderValue = HeaderValue::from_static("no-store");

/// The server's time, and how surely.
#[derive(Debug, Serialize)]
struct Time {
    /// The server's time as this was written, Unix milliseconds with a fraction.
    now: f64,
    /// Names the stretch of time over which the server's clock did not step.
    epoch: u32,
    /// The server's own clock bound in milliseconds; null if unknown.
    err: Option<f64>,
}

/// The server's time.
pub(super) async fn time(State(shared): State<Arc<Shared>>) -> Response {
    let clock = shared.hub.clock();
    let (epoch, err) = (clock.epoch(), clock.err_ms());
    ([(header::CACHE_CONTROL, CACHE)], Json(Time { now: clock.now_ms_f64(), epoch, err })).into_response()
}
