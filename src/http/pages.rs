//! The pages, embedded in the binary. The first answer holds the moment, the figures and the server's time, so
//! that a countdown starts with no further request.

use std::{fmt::Write, sync::Arc};

use axum::{
    Router,
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use memory_serve::CacheControl;
use serde_json::json;

use super::{
    Shared, calendar,
    site::Site,
    words::{self, Language, Reader},
};
use crate::{
    domain::gathering::{Gathering, Slug, Visibility},
    hub::Hub,
};

/// Where scripts and styles are: under a name that changes with any of them, so that a browser may keep them.
pub(super) const ASSETS: &str = concat!("/a/", env!("ONEOCLOCK_ASSETS"));

const PHONE: &str = include_str!("../../web/phone.html");
const DISPLAY: &str = include_str!("../../web/display.html");
const ORGANISE: &str = include_str!("../../web/organise.html");
const MISSING: &str = include_str!("../../web/missing.html");

/// What stands around the name of a value in a page.
const MARKERS: (&str, &str) = ("{{", "}}");

/// Scripts and styles.
pub(super) fn assets() -> Router<Arc<Shared>> {
    memory_serve::load!().index_file(None).cache_control(CacheControl::Long).into_router()
}

/// `/`: a phone in the national room.
pub(super) async fn national(State(shared): State<Arc<Shared>>, reader: Reader) -> Response {
    page(&shared.hub, PHONE, "/", None, &reader)
}

/// `/g/{slug}`: a phone at a gathering; `/g/{slug}.ics`: the same for a calendar.
pub(super) async fn gathering(
    state: State<Arc<Shared>>,
    slug: Path<String>,
    reader: Reader,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    match slug.strip_suffix(".ics") {
        None => page_of(state, PHONE, &slug, reader, uri).await,
        Some(slug) => match known(&state.hub, slug) {
            Some(gathering) => calendar::answer(&state.hub, &Site::of(&state, &headers), Some(&gathering)),
            None => missing(state, reader, uri).await,
        },
    }
}

/// `/display`: a big screen for the whole country, in as many languages as it is asked for.
pub(super) async fn display(State(shared): State<Arc<Shared>>, reader: Reader) -> Response {
    page(&shared.hub, DISPLAY, "/display", None, &reader)
}

/// `/display/{slug}`: a big screen at a gathering.
pub(super) async fn display_of(
    state: State<Arc<Shared>>,
    slug: Path<String>,
    reader: Reader,
    uri: OriginalUri,
) -> Response {
    page_of(state, DISPLAY, &slug, reader, uri).await
}

/// `/organise`: for whoever holds the organiser's pass, which stays in the URL's fragment. In English only.
pub(super) async fn organise(State(shared): State<Arc<Shared>>) -> Response {
    page(&shared.hub, ORGANISE, "/organise", None, &Reader::default())
}

/// An address that leads nowhere.
pub(super) async fn missing(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    OriginalUri(uri): OriginalUri,
) -> Response {
    (StatusCode::NOT_FOUND, page(&shared.hub, MISSING, uri.path(), None, &reader)).into_response()
}

async fn page_of(
    state: State<Arc<Shared>>,
    template: &'static str,
    slug: &str,
    reader: Reader,
    uri: OriginalUri,
) -> Response {
    match known(&state.hub, slug) {
        Some(gathering) => page(&state.hub, template, uri.path(), Some(&gathering), &reader),
        None => missing(state, reader, uri).await,
    }
}

fn known(hub: &Hub, slug: &str) -> Option<Gathering> {
    let slug: Slug = slug.parse().ok()?;
    hub.read(|board| board.gathering(&slug).cloned())
}

fn page(hub: &Hub, template: &str, path: &str, gathering: Option<&Gathering>, reader: &Reader) -> Response {
    let language = reader.first();
    let (moment, board) = hub.news(&language.lang, gathering.map(|g| &g.slug));
    let place = gathering.map(|g| g.name.as_str()).unwrap_or_default();
    let when = when(hub, language);
    let title = if place.is_empty() { moment.name.clone() } else { format!("{place} · {}", moment.name) };
    // More than one language is for screens that nobody touches: whoever can choose gets the first.
    let several = template == DISPLAY;
    let spoken = reader.languages().take(if several { usize::MAX } else { 1 });
    let first = json!({
        "now": hub.clock().now(),
        "moment": moment,
        "board": board,
        "gathering": gathering.map(|g| json!({
            "slug": g.slug,
            "name": g.name,
            "place": g.place,
            "venue": if g.visibility == Visibility::Area { "" } else { &g.venue },
            "joins": g.joins,
        })),
        "words": spoken.map(|language| json!([language.lang, language.for_script])).collect::<Vec<_>>(),
    });
    let html = fill(template, MARKERS, |marker| {
        Some(match marker {
            "lang" => language.lang.to_string(),
            "dir" => escaped(language.text("$dir")?),
            "languages" => links(language),
            "draft" => escaped(if language.draft { language.text("draft")? } else { "" }),
            "assets" => ASSETS.to_owned(),
            "title" => escaped(&title),
            "name" => escaped(&moment.name),
            "when" => escaped(&when),
            "place" => escaped(place),
            "path" => escaped(path),
            // Inside a script element nothing is escaped but the end of the element.
            "first" => first.to_string().replace('<', "\\u003c"),
            html => escaped(language.text(html)?),
        })
    });
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_LANGUAGE, language.lang.as_str()),
        (header::VARY, "accept-language"),
    ];
    (head, html).into_response()
}

/// The moment's time on the wall for whoever runs no scripts; with scripts, the page writes it anew by itself.
fn when(hub: &Hub, language: &Language) -> String {
    let moment = hub.moment();
    let civil = moment.civil;
    let nth = |key: &str, n: i8| language.text(key)?.split(", ").nth(usize::try_from(n).ok()?);
    let value = |marker: &str| {
        Some(match marker {
            "weekday" => nth("weekdays", civil.weekday().to_monday_zero_offset())?.to_owned(),
            "month" => nth("months", civil.month() - 1)?.to_owned(),
            "day" => civil.day().to_string(),
            "year" => civil.year().to_string(),
            "time" => civil.strftime("%H:%M").to_string(),
            _ => return None,
        })
    };
    let date = fill(language.text("html.when").unwrap_or_default(), ("{", "}"), value);
    // Isolated: the name of a zone reads from left to right in every language.
    format!("{date} (\u{2068}{}\u{2069})", moment.zone)
}

/// A link to this page in every language there is, by its own name.
fn links(here: &Language) -> String {
    let mut out = String::new();
    for language in words::languages() {
        let (tag, name) = (language.lang, escaped(language.text("$name").unwrap_or_default()));
        let current = if tag == here.lang { " aria-current=\"true\"" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(out, "<a href=\"?lang={tag}\" lang=\"{tag}\" hreflang=\"{tag}\"{current}>{name}</a>");
    }
    out
}

/// Replaces each marker between `open` and `close` once; what a value holds is never looked at again. Unknown ones stay as they are.
fn fill(template: &str, (open, close): (&str, &str), value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(2 * template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        let filled = after.split_once(close).and_then(|(marker, after)| Some((value(marker)?, after)));
        match filled {
            Some((text, after)) => {
                out.push_str(&text);
                rest = after;
            }
            None => {
                out.push_str(open);
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
        assert_eq!(
            fill("<h1>{{name}}</h1>{{other}}{{", MARKERS, value),
            "<h1>{{first}}&#60;script&#62;</h1>{{other}}{{"
        );
    }
}
