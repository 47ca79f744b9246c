//! Words written by an organiser, in as many languages as they have.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The language the server falls back to when an organiser wrote nothing in the reader's own.
pub const FALLBACK: &str = "en";

/// Longest language tag accepted, in bytes; RFC 5646 asks for at least 35 to be handled.
const MAX_TAG_BYTES: usize = 35;

/// A language tag in the form of RFC 5646, kept in lower case (`en`, `pt-br`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lang(String);

/// A language tag that is not one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a language tag; write it like \"en\", \"cy\" or \"pt-BR\"")]
pub struct LangError(String);

impl Lang {
    /// The language of last resort, [`FALLBACK`].
    pub fn fallback() -> Self {
        Self(FALLBACK.to_owned())
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first hyphen: `pt` of `pt-br`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl FromStr for Lang {
    type Err = LangError;

    fn from_str(tag: &str) -> Result<Self, LangError> {
        let part = |p: &str| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
        let primary = tag.split('-').next().is_some_and(|p| p.len() >= 2 && p.bytes().all(|b| b.is_ascii_alphabetic()));
        if tag.len() <= MAX_TAG_BYTES && primary && tag.split('-').all(part) {
            Ok(Self(tag.to_ascii_lowercase()))
        } else {
            Err(LangError(tag.chars().take(MAX_TAG_BYTES).collect()))
        }
    }
}

impl TryFrom<String> for Lang {
    type Error = LangError;

    fn try_from(tag: String) -> Result<Self, LangError> {
        tag.parse()
    }
}

impl From<Lang> for String {
    fn from(lang: Lang) -> Self {
        lang.0
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One text in several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<Lang, String>);

impl Texts {
    /// A text in one language.
    pub fn single(lang: Lang, text: impl Into<String>) -> Self {
        Self(BTreeMap::from([(lang, text.into())]))
    }

    /// The text for a reader of `lang`, and the language it is really in.
    ///
    /// Looks for the exact tag, then its primary language, then [`FALLBACK`], then whatever there is;
    /// `None` when nothing was written at all.
    pub fn for_reader(&self, lang: &Lang) -> Option<(&Lang, &str)> {
        let found = |l: &Lang| l == lang;
        self.0
            .iter()
            .find(|(l, _)| found(l))
            .or_else(|| self.0.iter().find(|(l, _)| l.as_str() == lang.primary()))
            .or_else(|| self.0.iter().find(|(l, _)| l.as_str() == FALLBACK))
            .or_else(|| self.0.iter().next())
            .map(|(l, t)| (l, t.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_their_own_language_then_a_relative_then_the_fallback() {
        let texts = Texts(BTreeMap::from([
            ("en".parse().unwrap(), "Link arms".to_owned()),
            ("pt".parse().unwrap(), "De braço dado".to_owned()),
        ]));
        let read = |tag: &str| texts.for_reader(&tag.parse().unwrap()).unwrap().1.to_owned();
        assert_eq!(read("pt-BR"), "De braço dado");
        assert_eq!(read("cy"), "Link arms");
        assert_eq!(Texts::default().for_reader(&Lang::fallback()), None);
    }

    #[test]
    fn tags_from_outside_are_checked() {
        for bad in ["", "e", "12", "en_GB", "en--gb", "en-\u{e9}", &"a-".repeat(40)] {
            assert!(bad.parse::<Lang>().is_err(), "{bad}");
        }
        assert_eq!("pt-BR".parse::<Lang>().unwrap().as_str(), "pt-br");
    }
}
