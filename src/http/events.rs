//! `/live/events`: the same boards as server-sent events, for networks that let no WebSocket through.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Query, State},
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;

use super::{Shared, admission::Refusal, board::Reader};
use crate::hub::Sight;

/// A word at least this often, so that proxies which close quiet connections leave it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Told to proxies that would keep events until they have a bufferful (nginx reads it).
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// Streams the moment and the boards until the page goes or the server says `bye`.
pub(super) async fn events(State(shared): State<Arc<Shared>>, Query(reader): Query<Reader>) -> Response {
    let Ok(gathering) = reader.gathering() else { return Refusal::Gathering.into_response() };
    if shared.hub.is_closing() {
        return Refusal::Draining.into_response();
    }
    let Some(onlooker) = shared.hub.look_on(reader.lang(), gathering.as_ref()) else {
        return Refusal::Gathering.into_response();
    };
    let events = stream::unfold(Some(onlooker), |onlooker| async {
        let mut onlooker = onlooker?;
        let (text, rest) = match onlooker.next().await {
            Sight::Moment(json) | Sight::Board(json) => (String::from_utf8_lossy(&json).into_owned(), Some(onlooker)),
            Sight::Bye(json) => (json, None),
        };
        Some((Ok::<_, Infallible>(Event::default().data(text)), rest))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().extend([UNBUFFERED]);
    response
}
