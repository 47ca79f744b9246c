//! What a gathering offers to whoever could not come without it.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Longest text repeated back in an error, in characters.
const MAX_ECHO_CHARS: usize = 40;

/// One thing a gathering offers. A closed vocabulary, so that every page can say it in its reader's language and
/// a list can be searched for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// No step on the way or at the place.
    StepFree,
    /// British Sign Language is interpreted.
    Bsl,
    /// There are seats.
    Seating,
    /// A place to withdraw to.
    QuietSpace,
    /// Toilets on the spot or near it.
    Toilets,
    /// What is said goes to hearing aids.
    HearingLoop,
}

impl Access {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::StepFree, Self::Bsl, Self::Seating, Self::QuietSpace, Self::Toilets, Self::HearingLoop];

    /// Its stable word, in lists and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StepFree => "step-free",
            Self::Bsl => "bsl",
            Self::Seating => "seating",
            Self::QuietSpace => "quiet-space",
            Self::Toilets => "toilets",
            Self::HearingLoop => "hearing-loop",
        }
    }
}

/// What is known to be offered. What is not in it may be there all the same: nobody said so.
///
/// Written in one line: `step-free; bsl; quiet-space`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessFacts(BTreeSet<Access>);

/// A word that is not of the vocabulary.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("access \"{word}\" is not one of {all}; put a semicolon between two", all = Access::ALL.map(Access::as_str).join(", "))]
pub struct AccessError {
    word: String,
}

impl AccessFacts {
    /// What is known to be offered, in the order in which it is shown.
    pub fn iter(&self) -> impl Iterator<Item = Access> {
        self.0.iter().copied()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Access> for AccessFacts {
    fn from_iter<I: IntoIterator<Item = Access>>(facts: I) -> Self {
        Self(facts.into_iter().collect())
    }
}

impl FromStr for AccessFacts {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        let words = text.split([';', ',']).map(str::trim).filter(|word| !word.is_empty());
        words.map(access).collect()
    }
}

/// One word, in whatever case, and with a space where the vocabulary has a hyphen.
fn access(word: &str) -> Result<Access, AccessError> {
    let plain = word.to_ascii_lowercase().replace(' ', "-");
    let known = Access::ALL.into_iter().find(|access| access.as_str() == plain);
    let echo = || word.chars().filter(|c| !c.is_control()).take(MAX_ECHO_CHARS).collect();
    known.ok_or_else(|| AccessError { word: echo() })
}

impl fmt::Display for AccessFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Access::as_str).collect();
        f.write_str(&words.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_however_they_are_typed_and_written_in_one_way() {
        for (typed, written) in [
            ("step-free; bsl", "step-free; bsl"),
            ("BSL, Step free,bsl;", "step-free; bsl"),
            ("Hearing Loop;quiet-space", "quiet-space; hearing-loop"),
            ("", ""),
        ] {
            assert_eq!(typed.parse::<AccessFacts>().unwrap().to_string(), written);
        }
        let all: AccessFacts = Access::ALL.into_iter().collect();
        assert_eq!(all.to_string().parse(), Ok(all.clone()));
        assert_eq!(
            serde_json::to_string(&all).unwrap(),
            format!("{:?}", Access::ALL.map(Access::as_str)).replace(", ", ",")
        );
    }

    #[test]
    fn another_word_is_refused_with_all_there_are() {
        let said = "step-free; ramp".parse::<AccessFacts>().unwrap_err().to_string();
        assert_eq!(
            said,
            "access \"ramp\" is not one of step-free, bsl, seating, quiet-space, toilets, hearing-loop; \
             put a semicolon between two"
        );
    }
}
