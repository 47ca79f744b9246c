//! `/live/events`: the same boards as server-sent events, for networks that let no WebSocket through.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};

use super::{
    Shared,
    admission::{Refusal, same_site},
    board::Reader,
};
use crate::hub::{Onlooker, Sight};

/// A word at least this often, so that proxies which close quiet connections leave it open; and so that a page which
/// is gone without a word leaves one unacknowledged soon enough to be out of the counts within 30 s.
const KEEP_ALIVE: Duration = Duration::from_secs(8);

/// Told to proxies that would keep events until they have a bufferful (nginx reads it).
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// Streams the moment and the boards until the page goes or the server says `bye`.
pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Query(reader): Query<Reader>,
) -> Response {
    match look_on(&shared, &headers, &reader) {
        Ok(onlooker) => stream(onlooker),
        Err(refusal) => {
            shared.hub.meters.refused(refusal.reason());
            refusal.into_response()
        }
    }
}

fn look_on(shared: &Shared, headers: &HeaderMap, reader: &Reader) -> Result<Onlooker, Refusal> {
    same_site(headers, &shared.settings)?;
    shared.is_open()?;
    let gathering = reader.gathering().map_err(|_| Refusal::Gathering)?;
    let onlooker = shared.hub.look_on(reader.role(), reader.lang(), gathering.as_ref(), reader.counted());
    onlooker.ok_or(Refusal::Gathering)
}

fn stream(onlooker: Onlooker) -> Response {
    let events = futures_util::stream::unfold(Some(onlooker), |onlooker| async {
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
