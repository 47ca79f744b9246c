//! One local event: where it is, what kind of thing it is, and who may know of it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::version::Version;

/// Longest slug, in bytes: it stands in addresses and on posters.
const MAX_SLUG_BYTES: usize = 64;

/// The stable name of a gathering in addresses: lower-case words joined by hyphens (`kings-heath`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// A slug that is not one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a gathering's id; use up to 64 of a-z, 0-9 and single hyphens, such as \"kings-heath\"")]
pub struct SlugError(String);

impl Slug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() <= MAX_SLUG_BYTES && text.split('-').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugError(text.chars().take(MAX_SLUG_BYTES).collect()))
        }
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who may find a gathering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// In the public list, with its venue.
    #[default]
    Listed,
    /// In the public list by area only; the venue is not shown.
    Area,
    /// Not in the list; only whoever has the link.
    Unlisted,
}

/// A place on the map, in millionths of a degree (WGS 84), so that it compares exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// North is positive; -90,000,000 to 90,000,000.
    pub lat_e6: i32,
    /// East is positive; -180,000,000 to 180,000,000.
    pub lon_e6: i32,
}

/// One local event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathering {
    /// Its stable name in addresses.
    pub slug: Slug,
    /// Its place in its own history.
    pub version: Version,
    /// What it is called ("Glasgow: demonstration").
    pub name: String,
    /// Town or city.
    pub place: String,
    /// Nation or region; empty when not given.
    pub nation: String,
    /// Where in the place; empty when not given.
    pub venue: String,
    /// What kind of event ("rally", "poetry reading"); empty when not given.
    pub kind: String,
    /// Where on the map, if known.
    pub point: Option<Point>,
    /// How many people its organisers expect; never shown to the public.
    pub expected: Option<u32>,
    /// Who may find it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Whether it joins the moment, or keeps a time of its own.
    pub joins: bool,
    /// Whether the newest imported list no longer had it. A flag only: nothing is ever deleted by a list.
    pub missing: bool,
}
