//! Which address leads where.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::map_response,
    routing::{get, post},
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use super::{
    Shared, api, board, calendar, clock, count, echo, events, figures, health, live, log, pages, passes, qr, seat,
    shield::shielded, time,
};
use crate::domain::import::MAX_BYTES as MAX_LIST_BYTES;

/// How long a request may take from its head to its answer: a national list over a slow line.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Longest body of an organiser's command, in bytes: words in fourteen languages, and room.
const MAX_COMMAND_BYTES: usize = 64 * 1024;

/// All routes.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let rest = Router::new()
        .route("/keeper.js", get(pages::keeper))
        .route("/display", get(pages::display))
        .route("/display/{slug}", get(pages::display_of))
        .route("/embed", get(pages::embed))
        .route("/embed/{slug}", get(pages::embed_of))
        .route("/organise", get(pages::organise))
        .route("/steward", get(pages::steward))
        .route("/moment.ics", get(calendar::moment))
        .route("/qr.svg", get(qr::qr))
        .route("/live/events", get(events::events))
        .route("/live/seat", post(seat::give_up))
        .route("/api/v1/board", get(board::board))
        .route("/api/v1/time", get(time::time))
        .route("/api/v1/clock", get(clock::clock))
        .route("/api/v1/moment", get(api::moment).post(api::command))
        .route("/api/v1/pace", post(api::pace))
        .route("/api/v1/figures", get(figures::figures))
        .route("/figures.csv", get(figures::table))
        .route("/api/v1/count", get(count::count))
        .route("/api/v1/rulings", post(count::rule))
        .route("/api/v1/switches", post(count::switch))
        .route("/api/v1/log", get(log::log))
        .route("/api/v1/passes", get(passes::list).post(passes::make))
        .route("/api/v1/passes/{id}", post(passes::change))
        .route("/api/v1/steward/code", post(passes::by_code))
        .layer(DefaultBodyLimit::max(MAX_COMMAND_BYTES))
        .route(
            "/api/v1/gatherings",
            get(api::gatherings).post(api::import).layer(DefaultBodyLimit::max(MAX_LIST_BYTES)),
        )
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(pages::missing)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN))
        .layer(map_response(shielded));
    // These stand outside, and none of the layers is for them, as each costs something at every request: fifteen
    // thousand come in by the phone's page and `/live` in a minute, and scripts would be half headers.
    let mut routes = Router::new()
        .route("/", get(pages::national))
        .route("/g/{slug}", get(pages::gathering))
        .route("/live", get(live::live))
        .route(&pages::scripts(), get(pages::script));
    if shared.settings.test_echo {
        routes = routes.route("/test/echo", get(echo::echo));
    }
    routes.merge(rest).layer(CatchPanicLayer::new()).with_state(Arc::clone(shared))
}
