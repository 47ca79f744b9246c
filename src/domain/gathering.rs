//! One local event: where it is, what kind of thing it is, and who may know of it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    access::AccessFacts,
    programme::{Item, Programme},
    version::Version,
};

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
    /// In the public list by area only; the venue is not shown, nor the programme, whose words may tell it.
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
    /// What happens there, and when. Facts that were kept before there were programmes have none.
    #[serde(default, skip_serializing_if = "Programme::is_empty")]
    pub programme: Programme,
    /// What it offers to whoever could not come without it; as new as the programme.
    #[serde(default, skip_serializing_if = "AccessFacts::is_empty")]
    pub access: AccessFacts,
    /// Whether the newest imported list no longer had it. A flag only: nothing is ever deleted by a list.
    pub missing: bool,
}

impl Gathering {
    /// Whether the public list has it.
    pub fn is_listed(&self) -> bool {
        self.visibility != Visibility::Unlisted && !self.missing
    }

    /// Where in the place it is, as far as the public may know; empty when it is not told.
    pub fn told_venue(&self) -> &str {
        if self.tells_where() { &self.venue } else { "" }
    }

    /// Where on the map it is, as far as the public may know.
    pub fn told_point(&self) -> Option<Point> {
        self.point.filter(|_| self.tells_where())
    }

    /// What happens there, as far as the public may know: free words may name the venue.
    pub fn told_programme(&self) -> &[Item] {
        if self.tells_where() { self.programme.items() } else { &[] }
    }

    fn tells_where(&self) -> bool {
        self.visibility != Visibility::Area
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gathering as journals held it before there were programmes.
    const OLDER: &str = r#"{"slug":"bath","version":{"rev":2,"node":"a"},"name":"Bath","place":"Bath","nation":"","venue":"Abbey","kind":"rally","point":null,"expected":400,"visibility":"listed","joins":true,"missing":false}"#;

    #[test]
    fn a_gathering_of_an_older_journal_has_no_programme_and_is_written_as_it_was() {
        let older: Gathering = serde_json::from_str(OLDER).unwrap();
        assert!(older.programme.is_empty() && older.access.is_empty());
        assert_eq!(serde_json::to_string(&older).unwrap(), OLDER);
    }

    #[test]
    fn a_programme_and_access_facts_are_kept() {
        let older: Gathering = serde_json::from_str(OLDER).unwrap();
        let told = Gathering { programme: "12:30 Gather".parse().unwrap(), access: "bsl".parse().unwrap(), ..older };
        let json = serde_json::to_string(&told).unwrap();
        assert!(json.contains(r#""programme":[{"at":"12:30","words":"Gather"}],"access":["bsl"]"#), "{json}");
        assert_eq!(serde_json::from_str::<Gathering>(&json).unwrap(), told);
    }

    #[test]
    fn where_only_the_area_is_told_nothing_tells_the_venue() {
        let mut bath: Gathering = serde_json::from_str(OLDER).unwrap();
        bath.programme = "12:30 Gather at the Abbey".parse().unwrap();
        bath.point = Some(Point { lat_e6: 51_380_000, lon_e6: -2_360_000 });
        let told = |g: &Gathering| (g.told_venue().to_owned(), g.told_point(), g.told_programme().len());
        let all = ("Abbey".to_owned(), bath.point, 1);
        assert_eq!(told(&bath), all);
        bath.visibility = Visibility::Unlisted;
        assert_eq!((told(&bath), bath.is_listed()), (all, false), "whoever has the link may know");
        bath.visibility = Visibility::Area;
        assert_eq!((told(&bath), bath.is_listed()), ((String::new(), None, 0), true));
    }
}
