//! Words written by an organiser, in as many languages as they have.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The language the server falls back to when an organiser wrote nothing in the reader's own.
pub const FALLBACK: &str = "en";

/// Longest language tag kept, in bytes: longer ones lose their last parts, as RFC 4647 section 3.4 looks them up.
/// With it a tag takes 16 bytes in place, of which a server holds one per open page.
const MAX_TAG_BYTES: usize = 15;

/// A language tag in the form of RFC 5646, kept in lower case (`en`, `pt-br`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lang {
    bytes: [u8; MAX_TAG_BYTES],
    len: u8,
}

/// A language tag that is not one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a language tag; write it like \"en\", \"cy\" or \"pt-BR\"")]
pub struct LangError(String);

impl Lang {
    /// The language of last resort, [`FALLBACK`].
    pub fn fallback() -> Self {
        Self::kept(FALLBACK)
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or(FALLBACK)
    }

    /// The part before the first hyphen: `pt` of `pt-br`.
    pub fn primary(&self) -> &str {
        self.as_str().split('-').next().unwrap_or(FALLBACK)
    }

    /// As many whole parts of a checked tag as there is room for.
    fn kept(tag: &str) -> Self {
        let (mut bytes, mut len) = ([0; MAX_TAG_BYTES], 0);
        for (at, byte) in tag.bytes().chain([b'-']).enumerate() {
            if byte == b'-' && at <= MAX_TAG_BYTES {
                len = at;
            }
            if at < MAX_TAG_BYTES {
                bytes[at] = byte.to_ascii_lowercase();
            }
        }
        bytes[len..].fill(0);
        #[expect(clippy::cast_possible_truncation, reason = "at most MAX_TAG_BYTES")]
        Self { bytes, len: len as u8 }
    }
}

impl FromStr for Lang {
    type Err = LangError;

    fn from_str(tag: &str) -> Result<Self, LangError> {
        let part = |p: &str| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
        let primary = tag.split('-').next().is_some_and(|p| p.len() >= 2 && p.bytes().all(|b| b.is_ascii_alphabetic()));
        if primary && tag.split('-').all(part) {
            Ok(Self::kept(tag))
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
        lang.as_str().to_owned()
    }
}

impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lang({self})")
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
        for bad in ["", "e", "12", "en_GB", "en--gb", "en-\u{e9}", "-en", "en-"] {
            assert!(bad.parse::<Lang>().is_err(), "{bad}");
        }
        assert_eq!("pt-BR".parse::<Lang>().unwrap().as_str(), "pt-br");
        let long: Lang = "zh-Hant-TW-x-private".parse().unwrap();
        assert_eq!((long.as_str(), long.primary()), ("zh-hant-tw-x", "zh"), "the last parts are let go");
    }
}
