//! `/api/v1/time`: what a `ping` on `/live` is answered, for pages that have no WebSocket to ask on.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Shared, admission::Refusal};

/// An answer that was kept for a while would be wrong by as much.
const CACHE: HeaderValue = HeaderValue::from_static("no-store");

/// The server's time, the stretch of it over which its clock did not step, and its bound if it is known.
///
/// Not from a server that has withdrawn: a page would be in step with nobody.
pub(super) async fn time(State(shared): State<Arc<Shared>>) -> Response {
    if shared.hub.is_withdrawn() {
        return Refusal::Clock.into_response();
    }
    let now = shared.hub.clock().stamp();
    let time = json!({ "epoch": now.epoch, "err": now.err_ms, "now": now.ms() });
    ([(header::CACHE_CONTROL, CACHE)], Json(time)).into_response()
}
