//! What the pages say by themselves, in every language there is: the files of `web/words/`, embedded.

use std::{collections::BTreeMap, convert::Infallible, sync::LazyLock};

use axum::{
    extract::{FromRequestParts, Query},
    http::{header, request::Parts},
};
use serde_json::{Map, Value};

use crate::{
    domain::text::{FALLBACK, Lang},
    wire::accept_language::{accepted, named},
};

/// Every language in the order of the switcher: that of last resort, the other one of the country whose day it was
/// first, and the rest by their tags.
const FILES: [(&str, &str); 14] = [
    (FALLBACK, include_str!("../../web/words/en.json")),
    ("cy", include_str!("../../web/words/cy.json")),
    ("ar", include_str!("../../web/words/ar.json")),
    ("bg", include_str!("../../web/words/bg.json")),
    ("de", include_str!("../../web/words/de.json")),
    ("es", include_str!("../../web/words/es.json")),
    ("fr", include_str!("../../web/words/fr.json")),
    ("it", include_str!("../../web/words/it.json")),
    ("lt", include_str!("../../web/words/lt.json")),
    ("pa", include_str!("../../web/words/pa.json")),
    ("pl", include_str!("../../web/words/pl.json")),
    ("pt", include_str!("../../web/words/pt.json")),
    ("ro", include_str!("../../web/words/ro.json")),
    ("ur", include_str!("../../web/words/ur.json")),
];

/// What the keys begin with that are for the HTML, and that no script needs.
const FOR_HTML: &str = "html.";

/// What the keys begin with that only a steward's page needs.
const FOR_STEWARDS: &str = "steward.";

/// How much of a language a page's scripts need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// What is on its face.
    Face,
    /// All that phones and displays say.
    Page,
    /// The face, and what stewards are told.
    Steward,
}

/// The keys of what the countdown and the lines around it say (`web/stage.js`): all that a page needs which shows
/// nothing else.
const ON_THE_FACE: [&str; 22] = [
    "$dir",
    "weekdays",
    "months",
    "date",
    "when",
    "until",
    "was",
    "wasFor",
    "days",
    "doing",
    "cueNow",
    "now",
    "begun",
    "after",
    "held",
    "heldWhy",
    "cancelled",
    "cancelledWhy",
    "moved",
    "resumed",
    "corrected",
    "resync",
];

static LANGUAGES: LazyLock<Vec<Language>> =
    LazyLock::new(|| FILES.iter().map(|(tag, file)| Language::read(tag, file)).collect());

static TAGS: LazyLock<Vec<Lang>> = LazyLock::new(|| LANGUAGES.iter().map(|language| language.lang).collect());

/// One language that the pages speak.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) lang: Lang,
    /// Whether nobody who speaks it has signed it yet.
    pub(super) draft: bool,
    /// What the page's scripts say.
    pub(super) for_script: Map<String, Value>,
    texts: BTreeMap<String, String>,
}

impl Language {
    /// A file of ours; that it can be read is tested, and an empty one is what is left if it cannot.
    fn read(tag: &str, file: &str) -> Self {
        let mut all: Map<String, Value> = serde_json::from_str(file).unwrap_or_default();
        let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        let texts = all.iter().filter_map(text).collect();
        let draft = all.get("$draft").is_some_and(|draft| draft == true);
        all.retain(|key, _| !key.starts_with(FOR_HTML));
        Self { lang: tag.parse().unwrap_or_else(|_| Lang::fallback()), draft, for_script: all, texts }
    }

    /// What a page's scripts say.
    pub(super) fn said_on(&self, said: Said) -> Map<String, Value> {
        let needed = |key: &str| match said {
            Said::Face => ON_THE_FACE.contains(&key),
            Said::Page => !key.starts_with(FOR_STEWARDS),
            Said::Steward => ON_THE_FACE.contains(&key) || key.starts_with(FOR_STEWARDS),
        };
        let all = self.for_script.iter().filter(|(key, _)| needed(key));
        all.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The text of a key that has only one form.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }
}

/// All of them.
pub(super) fn languages() -> &'static [Language] {
    &LANGUAGES
}

/// The languages a reader is answered in: those named in the address, else the one their browser asks for, else the
/// one of last resort. Nothing is kept; a choice stays in the address.
#[derive(Debug, Default)]
pub(super) struct Reader {
    langs: Vec<Lang>,
}

impl Reader {
    /// The language of the page.
    pub(super) fn first(&self) -> &'static Language {
        self.languages().next().unwrap_or(&LANGUAGES[0])
    }

    /// Every language asked for, in the order asked; at least one.
    pub(super) fn languages(&self) -> impl Iterator<Item = &'static Language> {
        let langs = if self.langs.is_empty() { &TAGS[..1] } else { &self.langs[..] };
        langs.iter().filter_map(|lang| LANGUAGES.iter().find(|language| language.lang == *lang))
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).unwrap_or_default().0;
        let tags: Vec<_> = query.iter().filter(|(key, _)| key == "lang").map(|(_, tags)| tags.as_str()).collect();
        let mut langs = named(&tags.join(","), &TAGS);
        if langs.is_empty() {
            let header = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            langs.extend(accepted(header.unwrap_or_default(), &TAGS));
        }
        Ok(Self { langs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_says_who_it_is() {
        for (language, (tag, _)) in languages().iter().zip(FILES) {
            assert_eq!(language.lang.as_str(), tag);
            assert!(language.text("$name").is_some_and(|name| !name.is_empty()), "{tag}");
            assert!(language.text("html.when").is_some(), "{tag}");
            assert!(language.for_script.contains_key("until"), "{tag}");
            assert_eq!(language.said_on(Said::Face).len(), ON_THE_FACE.len(), "{tag}");
            assert!(!language.said_on(Said::Page).keys().any(|key| key.starts_with(FOR_STEWARDS)), "{tag}");
            assert!(language.said_on(Said::Steward).keys().any(|key| key.starts_with(FOR_STEWARDS)), "{tag}");
            assert!(!language.for_script.keys().any(|key| key.starts_with(FOR_HTML)), "{tag}");
        }
    }

    #[test]
    fn a_page_with_nothing_but_a_face_has_every_word_for_it() {
        for script in [include_str!("../../web/stage.js"), include_str!("../../web/words.js")] {
            for rest in script.split("words.").skip(1) {
                let key: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
                assert!(["", "js"].contains(&key.as_str()) || ON_THE_FACE.contains(&key.as_str()), "{key}");
            }
        }
    }
}
