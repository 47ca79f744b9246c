//! `/live/seat`: gives up the seat that a phone had on a WebSocket, when it goes on without one.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::{Shared, admission::same_site};

/// Takes the word for a seat as the body, as addresses are written into the logs of proxies. Whether it fits any is
/// told nobody.
pub(super) async fn give_up(State(shared): State<Arc<Shared>>, headers: HeaderMap, word: String) -> Response {
    match same_site(&headers, &shared.settings) {
        Ok(()) => {
            shared.hub.hand_over(&word);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(refusal) => {
            shared.hub.meters.refused(refusal.reason());
            refusal.into_response()
        }
    }
}
