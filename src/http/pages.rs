//! The pages, embedded in the binary. The first answer holds the moment and the words, and comes with the server's
//! time, so that a countdown starts with no further request.

pub(super) mod card;
mod encoding;
mod modules;
mod scripts;
mod sheet;
mod shelf;

use std::{fmt::Write, sync::Arc};

use axum::{
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Shared, calendar,
    shield::shielded,
    site::Site,
    words::{self, Language, Reader},
};
use sheet::View;
use shelf::{Encoded, Key};

use crate::{
    domain::gathering::{Gathering, Slug, Visibility},
    hub::Hub,
    wire::message::MomentMessage,
};

pub(super) use self::{scripts::addresses as scripts, shelf::Shelf};

/// What stands around the name of a value in a page.
const MARKERS: (&str, &str) = ("{{", "}}");

/// A script, which a browser may keep for good: another one has another address.
pub(super) async fn script(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(script) = scripts::script(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let (body, encoding) = script.forms.best(&headers);
    let head = [
        (header::CONTENT_TYPE, "text/javascript"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (head, encoding.map(|encoding| [(header::CONTENT_ENCODING, encoding)]), body).into_response()
}

/// `/keeper.js`: the service worker, from where it may answer for every page. A browser asks for it anew each time, and
/// what it may do is its own affair, not a page's: talk to here.
pub(super) async fn keeper(headers: HeaderMap) -> Response {
    let Some(script) = scripts::script(scripts::KEEPER) else { return StatusCode::NOT_FOUND.into_response() };
    let (body, encoding) = script.forms.best(&headers);
    let head = [
        (header::CONTENT_TYPE, "text/javascript"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; connect-src 'self'"),
    ];
    (head, encoding.map(|encoding| [(header::CONTENT_ENCODING, encoding)]), body).into_response()
}

/// `/`: a phone in the national room.
pub(super) async fn national(State(shared): State<Arc<Shared>>, reader: Reader, headers: HeaderMap) -> Response {
    page(&shared, View::Phone, None, &reader, &headers)
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
        None => page_of(state, View::Phone, &slug, reader, uri, headers).await,
        Some(slug) => match known(&state.hub, slug) {
            Some(gathering) => {
                shielded(calendar::answer(&state.hub, &Site::of(&state, &headers), Some(&gathering), reader.first()))
                    .await
            }
            None => missing(state, reader, uri).await,
        },
    }
}

/// `/display`: a big screen for the whole country, in as many languages as it is asked for.
pub(super) async fn display(State(shared): State<Arc<Shared>>, reader: Reader, headers: HeaderMap) -> Response {
    page(&shared, View::Display, None, &reader, &headers)
}

/// `/display/{slug}`: a big screen at a gathering.
pub(super) async fn display_of(
    state: State<Arc<Shared>>,
    slug: Path<String>,
    reader: Reader,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    page_of(state, View::Display, &slug, reader, uri, headers).await
}

/// `/embed`: the country's countdown, for other sites to show on their pages.
pub(super) async fn embed(State(shared): State<Arc<Shared>>, reader: Reader, headers: HeaderMap) -> Response {
    page(&shared, View::Embed, None, &reader, &headers)
}

/// `/embed/{slug}`: the same with the name of a gathering.
pub(super) async fn embed_of(
    state: State<Arc<Shared>>,
    slug: Path<String>,
    reader: Reader,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    page_of(state, View::Embed, &slug, reader, uri, headers).await
}

/// `/organise`: for whoever holds the organiser's pass, which stays in the URL's fragment. In English only.
pub(super) async fn organise(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    page(&shared, View::Organise, None, &Reader::default(), &headers)
}

/// `/steward`: for whoever counts at a post. The pass stays in the URL's fragment.
pub(super) async fn steward(State(shared): State<Arc<Shared>>, reader: Reader, headers: HeaderMap) -> Response {
    page(&shared, View::Steward, None, &reader, &headers)
}

/// An address that leads nowhere. Made anew for each, and not compressed: there are as many as anybody thinks up.
pub(super) async fn missing(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let html = render(&shared.hub, View::Missing, uri.path(), None, &reader);
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_LANGUAGE, reader.first().lang.as_str()),
        (header::VARY, "accept-language"),
    ];
    let mut response = (StatusCode::NOT_FOUND, head, html).into_response();
    View::Missing.sheet().guard(response.headers_mut());
    response
}

async fn page_of(
    state: State<Arc<Shared>>,
    view: View,
    slug: &str,
    reader: Reader,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    match known(&state.hub, slug) {
        Some(gathering) => page(&state, view, Some(&gathering), &reader, &headers),
        None => missing(state, reader, uri).await,
    }
}

fn known(hub: &Hub, slug: &str) -> Option<Gathering> {
    let slug: Slug = slug.parse().ok()?;
    hub.read(|board| board.gathering(&slug).cloned())
}

/// A page from the shelf, with the server's time beside it.
fn page(shared: &Shared, view: View, gathering: Option<&Gathering>, reader: &Reader, headers: &HeaderMap) -> Response {
    let key = Key {
        view,
        slug: gathering.map(|g| g.slug.clone()),
        languages: spoken(view, reader).map(|l| l.lang).collect(),
    };
    let encoded = shared.shelf.page(shared.hub.revision(), key, || {
        let html = render(&shared.hub, view, "", gathering, reader);
        Encoded::new(view, html, reader.first().lang.as_str())
    });
    encoded.answer(headers, || (!shared.hub.is_withdrawn()).then(|| shared.hub.clock().now()))
}

/// The languages whose words a page holds. More than one is for screens that nobody touches: whoever can choose
/// gets the first.
fn spoken(view: View, reader: &Reader) -> impl Iterator<Item = &'static Language> {
    reader.languages().take(if view == View::Display { usize::MAX } else { 1 })
}

/// A page as it is for everybody who asks for it in this state of the board.
fn render(hub: &Hub, view: View, path: &str, gathering: Option<&Gathering>, reader: &Reader) -> String {
    let language = reader.first();
    let moment = MomentMessage::of(&hub.moment(), &language.lang);
    let place = gathering.map(|g| g.name.as_str()).unwrap_or_default();
    let venue = gathering.map(Gathering::told_venue).unwrap_or_default();
    let town = gathering.map(|g| g.place.as_str()).unwrap_or_default();
    let kind = gathering.map(|g| g.kind.as_str()).unwrap_or_default();
    let place_in_town = [venue, town].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let calendar = gathering.map_or_else(|| "/moment.ics".to_owned(), |g| format!("/g/{}.ics", g.slug));
    let when = when(hub, language);
    let title = if place.is_empty() { moment.name.clone() } else { format!("{place} · {}", moment.name) };
    let first = json!({
        "moment": moment,
        "gathering": gathering.map(|g| json!({
            "slug": g.slug,
            "name": g.name,
            "place": g.place,
            "venue": venue,
            "joins": g.joins,
            "listed": g.visibility == Visibility::Listed,
        })),
        "words": spoken(view, reader).map(|language| json!([language.lang, language.said_on(view.said())])).collect::<Vec<_>>(),
    });
    fill(&view.sheet().html, MARKERS, |marker| {
        Some(match marker {
            "lang" => language.lang.to_string(),
            "dir" => escaped(language.text("$dir")?),
            "languages" => links(language),
            "draft" => escaped(if language.draft { language.text("draft")? } else { "" }),
            "title" => escaped(&title),
            "name" => escaped(&moment.name),
            "when" => escaped(&when),
            "place" => escaped(place),
            "slug" => gathering.map(|g| g.slug.to_string()).unwrap_or_default(),
            "where" => escaped(&place_in_town),
            "kind" => escaped(kind),
            "programme" => gathering.map(|g| card::programme(g, language)).unwrap_or_default(),
            "access" => gathering.map(|g| card::access(g, language)).unwrap_or_default(),
            "choices" => hub.read(|board| card::choices(board, language)),
            "calendar" => calendar.clone(),
            "page" => {
                gathering.map_or_else(|| "/".to_owned(), |g| format!("/g/{}", g.slug))
                    + "?lang="
                    + language.lang.as_str()
            }
            "path" => escaped(path),
            // Inside a script element nothing is escaped but the end of the element.
            "first" => first.to_string().replace('<', "\\u003c"),
            html => escaped(language.text(html)?),
        })
    })
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
