//! `/api/v1/board`: the newest state as cacheable JSON, for networks that let nothing else through, and for CDNs
//! that carry it to millions.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{Shared, admission::Refusal};
use crate::domain::{
    gathering::{Slug, SlugError},
    pass::Role,
    text::Lang,
};

/// A cache may keep a board for as long as the quickest pace makes sense, and hand out an old one while it fetches.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=1, stale-while-revalidate=5");

/// Who reads, in a query.
#[derive(Debug, Deserialize)]
pub(super) struct Reader {
    lang: Option<String>,
    gathering: Option<String>,
    role: Option<String>,
    counted: Option<String>,
}

impl Reader {
    /// The language asked for, or the one of last resort.
    pub(super) fn lang(&self) -> Lang {
        self.lang.as_deref().and_then(|tag| tag.parse().ok()).unwrap_or_else(Lang::fallback)
    }

    /// A phone or a display. An organiser, whose pass cannot come along, is shown what a display is.
    pub(super) fn role(&self) -> Role {
        match self.role.as_deref() {
            None | Some("participant") => Role::Participant,
            Some(_) => Role::Display,
        }
    }

    /// Whether it is a page of ours on a page of another site.
    fn is_embedded(&self) -> bool {
        self.role.as_deref() == Some("embed")
    }

    /// Whether it counts as a phone, as in `hello`.
    pub(super) fn counted(&self) -> bool {
        self.counted.as_deref() != Some("false")
    }

    /// The gathering asked for, if any.
    pub(super) fn gathering(&self) -> Result<Option<Slug>, SlugError> {
        self.gathering.as_deref().filter(|slug| !slug.is_empty()).map(str::parse).transpose()
    }
}

/// The moment and the newest board, under a tag that changes with either.
pub(super) async fn board(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Query(reader): Query<Reader>,
) -> Response {
    if reader.is_embedded() && shared.is_nearly_full() {
        // Of all who look on, they are the first that can wait; and their connection is a place for somebody.
        shared.hub.meters.refused(Refusal::Full.reason());
        return ([(header::CONNECTION, HeaderValue::from_static("close"))], Refusal::Full).into_response();
    }
    if shared.hub.is_withdrawn() {
        // Its figures are right, and pages take the time from it too.
        return Refusal::Clock.into_response();
    }
    let shown = reader.gathering().ok().and_then(|gathering| shared.hub.shown(&reader.lang(), gathering.as_ref()));
    let Some(shown) = shown else { return Refusal::Gathering.into_response() };
    let tag = format!("\"{}-{}-{}\"", shared.hub.clock().stamp().epoch, shown.moment_no, shown.board_no);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let known = known.is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let common = [
        (header::CACHE_CONTROL, CACHE),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ETAG, HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let mut body = Vec::with_capacity(shown.moment.len() + shown.board.len() + 32);
    for part in [&b"{\"moment\":"[..], &shown.moment, b",\"board\":", &shown.board, b"}"] {
        body.extend_from_slice(part);
    }
    (common, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
