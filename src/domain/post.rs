//! A spot at a gathering where a steward counts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Longest name of a post, in characters: it stands on a steward's phone in one line.
pub const MAX_POST_CHARS: usize = 40;

/// The name of a post ("North gate"). It names a place, never a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Post(String);

/// A text that is not the name of a post.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not the name of a post; use 1 to {MAX_POST_CHARS} letters in one line, such as \"North gate\"")]
pub struct PostError(String);

impl Post {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Post {
    type Err = PostError;

    /// Reads a name; spaces around it are let go.
    fn from_str(text: &str) -> Result<Self, PostError> {
        let name = text.trim();
        if (1..=MAX_POST_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(PostError(text.chars().filter(|c| !c.is_control()).take(MAX_POST_CHARS).collect()))
        }
    }
}

impl TryFrom<String> for Post {
    type Error = PostError;

    fn try_from(text: String) -> Result<Self, PostError> {
        text.parse()
    }
}

impl From<Post> for String {
    fn from(post: Post) -> Self {
        post.0
    }
}

impl fmt::Display for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_has_a_short_name_in_one_line() {
        assert_eq!(" North gate ".parse::<Post>().unwrap().as_str(), "North gate");
        for bad in ["", "  ", "two\nlines", &"x".repeat(MAX_POST_CHARS + 1)] {
            assert!(bad.parse::<Post>().is_err(), "{bad:?}");
        }
    }
}
