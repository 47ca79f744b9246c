//! `/api/v1`: the moment, the gatherings, and what an organiser may do.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{
        FromRequestParts, Query, State,
        rejection::{BytesRejection, JsonRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Shared, admission};
use crate::{
    domain::{
        access::AccessFacts,
        fact::Fact,
        gathering::{Gathering, Visibility},
        import::{Diff, ImportError, Report, parse},
        moment::{MomentCommand, MomentError, ServerClock},
        pass::Role,
        programme::Item,
        text::Lang,
    },
    hub::{Granted, Tempo, TempoError},
    journal::KeepError,
    wire::message::MomentMessage,
};

/// Who speaks here, as the log calls them.
pub(super) const ORGANISER: &str = "organiser";

/// Why a request was not done: a status, a stable word for programs, a sentence for a person.
#[derive(Debug, thiserror::Error)]
#[error("{say}")]
pub(super) struct ApiError {
    status: StatusCode,
    reason: &'static str,
    say: String,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, reason: &'static str, say: &impl ToString) -> Self {
        Self { status, reason, say: say.to_string() }
    }

    /// Something failed in here that whoever asks can do nothing about.
    pub(super) fn fault(what: &str) -> Self {
        let say = format!("{what}; this is a fault of ours, and the log says more");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", &say)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "reason": self.reason, "say": self.say }))).into_response()
    }
}

impl From<KeepError> for ApiError {
    fn from(error: KeepError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", &error)
    }
}

impl From<MomentError> for ApiError {
    fn from(error: MomentError) -> Self {
        let status = if error.is_conflict() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
        Self::new(status, error.reason(), &error)
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_list", &error)
    }
}

impl From<TempoError> for ApiError {
    fn from(error: TempoError) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_pace", &error)
    }
}

/// What axum cannot make of a request, said in our own form.
macro_rules! from_rejections {
    ($($rejection:ty),*) => {$(
        impl From<$rejection> for ApiError {
            fn from(rejection: $rejection) -> Self {
                Self::new(rejection.status(), "bad_request", &rejection.body_text())
            }
        }
    )*};
}

from_rejections!(BytesRejection, JsonRejection, QueryRejection);

/// Proof that the request came with the organiser's pass, as `Authorization: Bearer <pass>`.
#[derive(Debug)]
pub(super) struct Organiser(());

impl FromRequestParts<Arc<Shared>> for Organiser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        if let Some(granted) = granted(&parts.headers, shared) {
            if granted.role == Role::Organiser {
                return Ok(Self(()));
            }
            shared.hub.foreign(&granted);
        }
        shared.hub.meters.refused("pass");
        let say = "this needs the organiser's pass, which the server keeps in its data folder as organiser.pass";
        Err(ApiError::new(StatusCode::FORBIDDEN, "pass", &say))
    }
}

fn granted(headers: &HeaderMap, shared: &Shared) -> Option<Granted> {
    let bearer = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    admission::granted(bearer.trim(), &shared.settings, |pass| shared.hub.admit(pass))
}

#[derive(Debug, Deserialize)]
pub(super) struct In {
    lang: Option<String>,
}

/// The moment: as pages hear of it in one language, and as it is kept, in all.
pub(super) async fn moment(State(shared): State<Arc<Shared>>, Query(wanted): Query<In>) -> Response {
    let lang = wanted.lang.and_then(|tag| tag.parse().ok()).unwrap_or_else(Lang::fallback);
    let kept = shared.hub.moment();
    let body = json!({ "now": shared.hub.clock().now(), "moment": MomentMessage::of(&kept, &lang), "kept": kept });
    ([(header::CACHE_CONTROL, "no-cache")], Json(body)).into_response()
}

/// Sets, moves, holds, resumes or cancels the moment.
pub(super) async fn command(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    command: Result<Json<MomentCommand>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(command) = command?;
    let hub = &shared.hub;
    let clock = if hub.clock().is_confirmed() { ServerClock::Confirmed } else { ServerClock::Unconfirmed };
    let kept = hub
        .write(ORGANISER, |_, current, now| {
            let moment = command.apply(current, now, hub.node(), clock)?;
            Ok::<_, ApiError>((vec![Fact::Moment(moment.clone())], moment))
        })
        .await?;
    tracing::info!(rev = kept.version.rev, at = kept.at.0, status = ?kept.status, "the moment was changed");
    if clock == ServerClock::Unconfirmed && kept.unconfirmed_clock.is_some() {
        tracing::warn!(
            rev = kept.version.rev,
            "the moment is armed by a clock that nothing vouches for, on the organiser's word"
        );
    }
    Ok(Json(json!({ "kept": kept })).into_response())
}

/// A gathering as the public may know it: no expected number, and where only the area is told no venue, and no
/// programme that might name it.
#[derive(Debug, Serialize)]
struct Public<'a> {
    id: &'a str,
    name: &'a str,
    place: &'a str,
    nation: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lat: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lon: Option<f64>,
    joins: bool,
    #[serde(skip_serializing_if = "<[Item]>::is_empty")]
    programme: &'a [Item],
    #[serde(skip_serializing_if = "AccessFacts::is_empty")]
    access: &'a AccessFacts,
}

impl<'a> Public<'a> {
    fn of(gathering: &'a Gathering) -> Self {
        let point = gathering.told_point();
        Self {
            id: gathering.slug.as_str(),
            name: &gathering.name,
            place: &gathering.place,
            nation: &gathering.nation,
            kind: &gathering.kind,
            venue: (gathering.visibility == Visibility::Listed).then_some(&gathering.venue),
            lat: point.map(|p| f64::from(p.lat_e6) / 1e6),
            lon: point.map(|p| f64::from(p.lon_e6) / 1e6),
            joins: gathering.joins,
            programme: gathering.told_programme(),
            access: &gathering.access,
        }
    }
}

/// The gatherings that may be found, in the order of their ids.
pub(super) async fn gatherings(State(shared): State<Arc<Shared>>) -> Response {
    shared.hub.read(|board| {
        let all: Vec<Public<'_>> = board.gatherings().filter(|g| g.is_listed()).map(Public::of).collect();
        ([(header::CACHE_CONTROL, "max-age=2, stale-while-revalidate=30")], Json(json!({ "gatherings": all })))
            .into_response()
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Apply {
    #[serde(default)]
    apply: bool,
}

/// Compares a list with what is known, and makes the changes if asked to.
pub(super) async fn import(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    wanted: Result<Query<Apply>, QueryRejection>,
    list: Result<Bytes, BytesRejection>,
) -> Result<Json<Report>, ApiError> {
    let (Query(Apply { apply }), list) = (wanted?, list?);
    // Reading a national list takes tens of milliseconds, which the pages' thread has not.
    let read = tokio::task::spawn_blocking(move || parse(&list)).await;
    let list = read.map_err(|_| ApiError::fault("the list could not be read"))??;
    let hub = &shared.hub;
    let diff = hub
        .write(ORGANISER, |board, _, _| {
            let diff = Diff::between(board.gatherings(), &list)?;
            let facts = if apply { diff.facts(board, hub.node()) } else { Vec::new() };
            Ok::<_, ApiError>((facts, diff))
        })
        .await?;
    if apply {
        let (new, changed, missing) = (diff.new.len(), diff.changed.len(), diff.missing.len());
        tracing::info!(new, changed, missing, "a list of gatherings was imported");
    }
    Ok(Json(Report { applied: apply, diff }))
}

/// A change of the hub's tempo; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pace {
    pace_ms: Option<u64>,
    beat_ms: Option<u64>,
}

/// Changes the pace at which the hub speaks, at once.
pub(super) async fn pace(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    wanted: Result<Json<Pace>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(wanted) = wanted?;
    let current = shared.hub.tempo();
    let or = |ms: Option<u64>, now: Duration| ms.map_or(now, Duration::from_millis);
    let tempo = Tempo::new(or(wanted.pace_ms, current.pace), or(wanted.beat_ms, current.beat))?;
    if tempo != current {
        shared.hub.set_tempo(tempo);
        tracing::info!(pace_ms = tempo.pace.as_millis(), beat_ms = tempo.beat.as_millis(), "the pace was changed");
    }
    let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Ok(Json(json!({ "pace_ms": ms(tempo.pace), "beat_ms": ms(tempo.beat) })).into_response())
}
