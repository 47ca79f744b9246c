//! Pages that are ready to leave: each encoded once per address, language and state of the board, and compressed
//! once, so that fifteen thousand newcomers cost as much as a static file.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    encoding::Forms,
    sheet::{Sheet, View},
};
use crate::domain::{gathering::Slug, text::Lang, time::UnixMillis};

/// Most pages kept at once. A national day has 138 gatherings in a few languages; beyond this all are let go and
/// made anew, which costs milliseconds each.
const MAX_PAGES: usize = 4_096;

/// The tag of a page: enough of its hash that two pages never share one.
const TAG_BYTES: usize = 12;

/// Tells the page the server's time as its first byte left, in Unix milliseconds; the body is the same for all.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// What kind of page.
    pub(super) view: View,
    /// Of which gathering, if not of all.
    pub(super) slug: Option<Slug>,
    /// The languages it holds.
    pub(super) languages: Vec<Lang>,
}

/// One page, in every encoding.
#[derive(Debug)]
pub(super) struct Encoded {
    forms: Forms,
    sheet: &'static Sheet,
    caching: &'static str,
    tag: HeaderValue,
    language: HeaderValue,
}

impl Encoded {
    /// Compresses a page in `language` of what `view` shows.
    pub(super) fn new(view: View, html: String, language: &str) -> Self {
        let tag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&html)[..TAG_BYTES]));
        Self {
            forms: Forms::new(html),
            sheet: view.sheet(),
            caching: view.caching(),
            tag: HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\"")),
            language: HeaderValue::from_str(language).unwrap_or(HeaderValue::from_static("en")),
        }
    }

    /// The answer to a request with these headers. What time it is, it asks last: to compress a page takes a while. Where
    /// that is not told, the page goes by its device's clock, and says so, until it hears from another server.
    pub(super) fn answer(&self, request: &HeaderMap, now: impl FnOnce() -> Option<UnixMillis>) -> Response {
        let known = request.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == self.tag);
        let (body, encoding) = self.forms.best(request);
        let mut response =
            if known { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(body)) };
        let headers = response.headers_mut();
        self.sheet.guard(headers);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.caching));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language"));
        headers.insert(header::CONTENT_LANGUAGE, self.language.clone());
        headers.insert(header::ETAG, self.tag.clone());
        if let Some(encoding) = encoding.filter(|_| !known) {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
        if let Some(now) = now()
            && let Ok(now) = HeaderValue::from_str(&format!("now;dur={}", now.0))
        {
            headers.insert(SERVER_TIMING, now);
        }
        response
    }
}

/// All pages that are ready, for one state of the board.
#[derive(Debug, Default)]
pub(crate) struct Shelf(RwLock<Pages>);

#[derive(Debug, Default)]
struct Pages {
    /// The state of the board they tell of.
    revision: (u64, u32),
    ready: HashMap<Key, Arc<Encoded>>,
}

impl Shelf {
    /// The page for `key` at `revision`, made by `make` if it is not there.
    ///
    /// Two who ask for the same new page at once may both make it; the second takes the place of the first.
    pub(super) fn page(&self, revision: (u64, u32), key: Key, make: impl FnOnce() -> Encoded) -> Arc<Encoded> {
        {
            let pages = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(ready) = pages.ready.get(&key).filter(|_| pages.revision == revision) {
                return Arc::clone(ready);
            }
        }
        let made = Arc::new(make());
        let mut pages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if pages.revision != revision || pages.ready.len() >= MAX_PAGES {
            *pages = Pages { revision, ready: HashMap::new() };
        }
        pages.ready.insert(key, Arc::clone(&made));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(encodings: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, encodings.parse().unwrap())])
    }

    #[test]
    fn a_page_is_made_once_per_state_of_the_board() {
        let shelf = Shelf::default();
        let key = || Key { view: View::Phone, slug: None, languages: vec![Lang::fallback()] };
        let page = |revision, made: &mut u32| {
            shelf.page(revision, key(), || {
                *made += 1;
                Encoded::new(View::Phone, format!("{made}"), "en")
            });
        };
        let mut made = 0;
        page((1, 1), &mut made);
        page((1, 1), &mut made);
        assert_eq!(made, 1);
        page((2, 1), &mut made);
        page((2, 1), &mut made);
        assert_eq!(made, 2, "another board, another page");
    }

    #[test]
    fn whoever_has_the_page_is_told_so_and_still_hears_the_time() {
        let page = Encoded::new(View::Phone, "<!doctype html>".into(), "cy");
        let first = page.answer(&asked("br"), || Some(UnixMillis(1_803_128_400_000)));
        assert_eq!(first.headers()[header::CONTENT_ENCODING], "br");
        let tag = first.headers()[header::ETAG].clone();
        let again =
            page.answer(&HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]), || Some(UnixMillis(1_803_128_401_000)));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[SERVER_TIMING], "now;dur=1803128401000");
    }
}
