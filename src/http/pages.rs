//! The pages, embedded in the binary. The first answer holds the moment, the figures and the server's time, so
//! that a countdown starts with no further request.

use std::{fmt::Write, sync::Arc};

use axum::{
    Router,
    extract::{OriginalUri, Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use memory_serve::CacheControl;
use serde_json::json;

use super::Shared;
use crate::{
    domain::{
        gathering::{Gathering, Slug, Visibility},
        text::{FALLBACK, Lang},
    },
    hub::Hub,
};

/// Where scripts and styles are: under a name that changes with any of them, so that a browser may keep them.
pub(super) const ASSETS: &str = concat!("/a/", env!("ONEOCLOCK_ASSETS"));

const PHONE: &str = include_str!("../../web/phone.html");
const DISPLAY: &str = include_str!("../../web/display.html");
const ORGANISE: &str = include_str!("../../web/organise.html");
const MISSING: &str = include_str!("../../web/missing.html");

/// Scripts and styles.
pub(super) fn assets() -> Router<Arc<Shared>> {
    memory_serve::load!().index_file(None).cache_control(CacheControl::Long).into_router()
}

/// `/`: a phone in the national room.
pub(super) async fn national(State(shared): State<Arc<Shared>>) -> Response {
    page(&shared.hub, PHONE, "/", None)
}

/// `/g/{slug}`: a phone at a gathering.
pub(super) async fn gathering(state: State<Arc<Shared>>, slug: Path<String>, uri: OriginalUri) -> Response {
    page_of(state, PHONE, &slug, uri).await
}

/// `/display`: a big screen for the whole country.
pub(super) async fn display(State(shared): State<Arc<Shared>>) -> Response {
    page(&shared.hub, DISPLAY, "/display", None)
}

/// `/display/{slug}`: a big screen at a gathering.
pub(super) async fn display_of(state: State<Arc<Shared>>, slug: Path<String>, uri: OriginalUri) -> Response {
    page_of(state, DISPLAY, &slug, uri).await
}

/// `/organise`: for whoever holds the organiser's pass, which stays in the URL's fragment.
pub(super) async fn organise(State(shared): State<Arc<Shared>>) -> Response {
    page(&shared.hub, ORGANISE, "/organise", None)
}

/// An address that leads nowhere.
pub(super) async fn missing(State(shared): State<Arc<Shared>>, OriginalUri(uri): OriginalUri) -> Response {
    (StatusCode::NOT_FOUND, page(&shared.hub, MISSING, uri.path(), None)).into_response()
}

async fn page_of(state: State<Arc<Shared>>, template: &'static str, slug: &str, uri: OriginalUri) -> Response {
    let known = slug.parse().ok().and_then(|slug: Slug| state.hub.read(|board| board.gathering(&slug).cloned()));
    match known {
        Some(gathering) => page(&state.hub, template, uri.path(), Some(&gathering)),
        None => missing(state, uri).await,
    }
}

fn page(hub: &Hub, template: &str, path: &str, gathering: Option<&Gathering>) -> Response {
    let lang = Lang::fallback();
    let (moment, board) = hub.news(&lang, gathering.map(|g| &g.slug));
    let place = gathering.map(|g| g.name.as_str()).unwrap_or_default();
    let venue = gathering.filter(|g| g.visibility != Visibility::Area).map(|g| g.venue.as_str()).unwrap_or_default();
    let town = gathering.map(|g| g.place.as_str()).unwrap_or_default();
    let kind = gathering.map(|g| g.kind.as_str()).unwrap_or_default();
    let place_in_town = [venue, town].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let calendar = gathering.map_or_else(|| "/moment.ics".to_owned(), |g| format!("/g/{}.ics", g.slug));
    let when = hub.moment();
    let when = format!("{} ({})", when.civil.strftime("%A %-d %B %Y, %H:%M"), when.zone);
    let title = if place.is_empty() { moment.name.clone() } else { format!("{place} · {}", moment.name) };
    let first = json!({
        "now": hub.clock().now(),
        "moment": moment,
        "board": board,
        "gathering": gathering.map(|g| json!({
            "slug": g.slug,
            "name": g.name,
            "place": g.place,
            "venue": venue,
            "joins": g.joins,
        })),
    });
    let html = fill(template, |marker| {
        Some(match marker {
            "lang" => FALLBACK.to_owned(),
            "assets" => ASSETS.to_owned(),
            "title" => escaped(&title),
            "name" => escaped(&moment.name),
            "when" => escaped(&when),
            "place" => escaped(place),
            "slug" => gathering.map(|g| g.slug.to_string()).unwrap_or_default(),
            "where" => escaped(&place_in_town),
            "kind" => escaped(kind),
            "calendar" => calendar.clone(),
            "path" => escaped(path),
            // Inside a script element nothing is escaped but the end of the element.
            "first" => first.to_string().replace('<', "\\u003c"),
            _ => return None,
        })
    });
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], html).into_response()
}

/// Replaces each `{{marker}}` once; what a value holds is never looked at again. Unknown ones stay as they are.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(2 * template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let filled = after.split_once("}}").and_then(|(marker, after)| Some((value(marker)?, after)));
        match filled {
            Some((text, after)) => {
                out.push_str(&text);
                rest = after;
            }
            None => {
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Text for HTML, inside an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_bring_markers_or_markup_of_its_own() {
        let value = |marker: &str| (marker == "name").then(|| escaped("{{first}}<script>"));
        assert_eq!(fill("<h1>{{name}}</h1>{{other}}{{", value), "<h1>{{first}}&#60;script&#62;</h1>{{other}}{{");
    }
}
