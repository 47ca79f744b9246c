//! Which address leads where.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, StatusCode, header},
    routing::{get, post},
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

use super::{Shared, api, board, calendar, clock, echo, events, health, live, pages, qr, time};
use crate::domain::import::MAX_BYTES as MAX_LIST_BYTES;

/// How long a request may take from its head to its answer: a national list over a slow line.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Longest body of an organiser's command, in bytes: words in fourteen languages, and room.
const MAX_COMMAND_BYTES: usize = 64 * 1024;

/// What an answer may do that is no page: nothing. Pages bring a policy of their own.
const CONTENT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// What no page of ours ever needs.
const PERMISSIONS_POLICY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Headers of every answer but scripts and the upgrade.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Both together give a page the finer of the two clocks that browsers have.
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
];

/// All routes.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let mut rest = Router::new()
        .route("/", get(pages::national))
        .route("/g/{slug}", get(pages::gathering))
        .route("/keeper.js", get(pages::keeper))
        .route("/display", get(pages::display))
        .route("/display/{slug}", get(pages::display_of))
        .route("/embed", get(pages::embed))
        .route("/embed/{slug}", get(pages::embed_of))
        .route("/organise", get(pages::organise))
        .route("/moment.ics", get(calendar::moment))
        .route("/qr.svg", get(qr::qr))
        .route("/live/events", get(events::events))
        .route("/api/v1/board", get(board::board))
        .route("/api/v1/time", get(time::time))
        .route("/api/v1/clock", get(clock::clock))
        .route("/api/v1/moment", get(api::moment).post(api::command))
        .route("/api/v1/pace", post(api::pace))
        .layer(DefaultBodyLimit::max(MAX_COMMAND_BYTES))
        .route(
            "/api/v1/gatherings",
            get(api::gatherings).post(api::import).layer(DefaultBodyLimit::max(MAX_LIST_BYTES)),
        )
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(pages::missing)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN));
    for (name, value) in HEADERS {
        rest = rest.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)));
    }
    // These stand outside, and none of the layers is for them: fifteen thousand come in by `/live` in a minute, and a
    // phone fetches a score of scripts, each of which would be half headers.
    let mut routes = Router::new().route("/live", get(live::live)).route(&pages::scripts(), get(pages::script));
    if shared.settings.test_echo {
        routes = routes.route("/test/echo", get(echo::echo));
    }
    routes.merge(rest).layer(CatchPanicLayer::new()).with_state(Arc::clone(shared))
}
