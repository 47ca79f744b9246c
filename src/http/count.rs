//! `/api/v1/count`, `/api/v1/rulings`, `/api/v1/switches`: everything that was counted, for organisers, and their word
//! on it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    api::{ApiError, ORGANISER, Organiser},
};
use crate::domain::{
    board::Board,
    fact::Fact,
    gathering::Gathering,
    headcount::{Day, Headcount, Held},
    ruling::{Ruling, Subject},
    switch::{Name, Switch},
    time::UnixMillis,
    version::Version,
};

/// What only organisers may know, and no cache.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// The true figures of every gathering, what is held, and how the switches stand.
pub(super) async fn count(State(shared): State<Arc<Shared>>, _: Organiser) -> Response {
    let hub = &shared.hub;
    let (now, moment) = (hub.clock().now(), hub.moment());
    let day = Day { moment: moment.at };
    let body = hub.read(|board| {
        let rows: Vec<Value> = board.gatherings().map(|gathering| row(board, gathering, day, now)).collect();
        let held: Vec<Value> = board.count().held(board.gatherings(), day).iter().map(held).collect();
        let quarantined: Vec<_> = board.count().quarantined().collect();
        let switch = |name, unless| board.switch(name).map_or(unless, |switch| switch.on);
        json!({
            "now": now,
            "moment": moment.at,
            "zone": moment.zone,
            "gatherings": rows,
            "held": held,
            "quarantined": quarantined,
            "elsewhere": board.elsewhere(day),
            "switches": { "elsewhere": switch(Name::Elsewhere, true), "final": switch(Name::Final, false) },
        })
    });
    (NO_STORE, Json(body)).into_response()
}

fn row(board: &Board, gathering: &Gathering, day: Day, now: UnixMillis) -> Value {
    let (slug, expected, count) = (&gathering.slug, gathering.expected, board.count());
    let posts = count.posts(slug).map(|post| {
        let devices = count.devices(slug, post, day).into_iter().map(|(device, counted)| {
            json!({ "device": device, "counted": counted, "quarantined": count.is_quarantined(device) })
        });
        json!({
            "post": post,
            "people": count.post(slug, post, expected, day, now),
            "devices": devices.collect::<Vec<_>>(),
        })
    });
    json!({
        "id": slug,
        "name": gathering.name,
        "place": gathering.place,
        "expected": expected,
        "visibility": gathering.visibility,
        "ready": board.ready(slug).is_some_and(|said| said.ready && day.contains(said.at)),
        "people": count.headcount(slug, expected, day, now).map(people),
        "at_moment": count.present(slug, expected, day, now).map(people),
        "posts": posts.collect::<Vec<_>>(),
    })
}

fn people(headcount: Headcount) -> Value {
    let Headcount { value, low, high, method, as_of, held } = headcount;
    json!({ "value": value, "low": low, "high": high, "method": method, "as_of": as_of, "held": held })
}

fn held(held: &Held) -> Value {
    let Held { subject, gathering, said, people, rush } = held;
    json!({ "subject": subject, "gathering": gathering, "said": said, "people": people, "rush": rush })
}

/// A ruling as an organiser asks for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ruled {
    subject: Subject,
    upto: u32,
}

/// Decides on something that is held, or on a device that is not to be believed.
pub(super) async fn rule(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    wanted: Result<Json<Ruled>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(Ruled { subject, upto }) = wanted?;
    let hub = &shared.hub;
    let kept = hub
        .write(ORGANISER, |board, _, _| {
            let version = Version::next(board.count().ruling_version(&subject), hub.node());
            let ruling = Ruling { subject, version, upto };
            Ok::<_, ApiError>((vec![Fact::Ruling(ruling.clone())], ruling))
        })
        .await?;
    tracing::info!(upto, "an organiser ruled on what was counted");
    Ok((NO_STORE, Json(json!({ "kept": kept }))).into_response())
}

/// A switch as an organiser wants it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: Name,
    on: bool,
}

/// Opens or closes people elsewhere, signs the figures off or takes that back.
pub(super) async fn switch(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(Wanted { name, on }) = wanted?;
    let hub = &shared.hub;
    let kept = hub
        .write(ORGANISER, |board, _, at| {
            let version = Version::next(board.switch(name).map(|known| &known.version), hub.node());
            let switch = Switch { name, version, on, at };
            Ok::<_, ApiError>((vec![Fact::Switch(switch.clone())], switch))
        })
        .await?;
    tracing::info!(switch = name.as_str(), on, "an organiser turned a switch");
    Ok((NO_STORE, Json(json!({ "kept": kept }))).into_response())
}
