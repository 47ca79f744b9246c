//! What a list would change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    MAX_GATHERINGS,
    list::{ImportError, List, Reject},
    row::Row,
};
use crate::domain::{
    board::Board,
    fact::Fact,
    gathering::{Gathering, Point, Slug, Visibility},
    version::{NodeId, Version},
};

/// What a list would change, for people to read and for [`Diff::facts`] to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// Not known before.
    pub new: Vec<Entry>,
    /// Known, and different.
    pub changed: Vec<Entry>,
    /// Flagged as missing until now, and in the list again.
    pub returned: Vec<Entry>,
    /// Known, and no longer in the list: flagged, never deleted.
    pub missing: Vec<Entry>,
    /// How many were flagged before and are still not in the list.
    pub still_missing: usize,
    /// How many are exactly as the list says.
    pub unchanged: usize,
    /// Rows that were not taken.
    pub rejected: Vec<Reject>,
    /// What was passed over without harm.
    pub warnings: Vec<String>,
    /// The rows behind `new`, `changed` and `returned`. They stay on the server: a diff read back from JSON
    /// is for reading only.
    #[serde(skip)]
    rows: Vec<Row>,
}

/// A diff, and whether it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether the changes were made, not only looked at.
    pub applied: bool,
    /// The changes.
    #[serde(flatten)]
    pub diff: Diff,
}

/// One gathering in a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which one.
    pub slug: Slug,
    /// What it is called (in the list, or as known when it is not in the list).
    pub name: String,
    /// Its line in the file; none when it is not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What changes about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// One field of a gathering that changes; texts are empty for "not given".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The name of the column.
    pub field: String,
    /// What is known.
    pub old: String,
    /// What the list says.
    pub new: String,
}

impl Diff {
    /// Compares what is known with what a list says. The order of neither matters.
    ///
    /// # Errors
    /// [`ImportError::TooManyGatherings`], when the two together are more than can be kept.
    pub fn between<'b>(current: impl IntoIterator<Item = &'b Gathering>, list: &List) -> Result<Self, ImportError> {
        let mut known: BTreeMap<&Slug, &Gathering> = current.into_iter().map(|g| (&g.slug, g)).collect();
        let before = known.len();
        let mut diff = Self { rejected: list.rejects.clone(), warnings: list.warnings.clone(), ..Self::default() };
        let mut rows: Vec<&Row> = list.rows.iter().collect();
        rows.sort_by(|a, b| a.slug.cmp(&b.slug));
        for row in rows {
            let entry = |fields| Entry { slug: row.slug.clone(), name: row.name.clone(), line: Some(row.line), fields };
            match known.remove(&row.slug) {
                None => diff.new.push(entry(Vec::new())),
                Some(old) => {
                    let fields = changes(old, &row.onto(Some(old), old.version.clone()));
                    if old.missing {
                        diff.returned.push(entry(fields));
                    } else if fields.is_empty() {
                        diff.unchanged += 1;
                        continue;
                    } else {
                        diff.changed.push(entry(fields));
                    }
                }
            }
            diff.rows.push(row.clone());
        }
        if before + diff.new.len() > MAX_GATHERINGS {
            return Err(ImportError::TooManyGatherings { known: before, new: diff.new.len() });
        }
        diff.flag_missing(known, &list.mentioned);
        Ok(diff)
    }

    fn flag_missing(&mut self, left: BTreeMap<&Slug, &Gathering>, mentioned: &BTreeSet<Slug>) {
        for gathering in left.into_values().filter(|g| !mentioned.contains(&g.slug)) {
            if gathering.missing {
                self.still_missing += 1;
            } else {
                let (slug, name) = (gathering.slug.clone(), gathering.name.clone());
                self.missing.push(Entry { slug, name, line: None, fields: Vec::new() });
            }
        }
    }

    /// The facts that make the changes, each the next version of what `board` knows, written by `node`.
    ///
    /// None at all when nothing changes, so that an unchanged list leaves no trace.
    pub fn facts(&self, board: &Board, node: &NodeId) -> Vec<Fact> {
        let next = |old: Option<&Gathering>| Version::next(old.map(|g| &g.version), node);
        let taken = self.rows.iter().map(|row| {
            let old = board.gathering(&row.slug);
            row.onto(old, next(old))
        });
        let flagged = self.missing.iter().filter_map(|entry| {
            let old = board.gathering(&entry.slug)?;
            Some(Gathering { missing: true, version: next(Some(old)), ..old.clone() })
        });
        taken.chain(flagged).map(Fact::Gathering).collect()
    }
}

fn changes(old: &Gathering, new: &Gathering) -> Vec<FieldChange> {
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    [
        ("name", old.name.clone(), new.name.clone()),
        ("place", old.place.clone(), new.place.clone()),
        ("nation", old.nation.clone(), new.nation.clone()),
        ("venue", old.venue.clone(), new.venue.clone()),
        ("kind", old.kind.clone(), new.kind.clone()),
        ("lat, lon", degrees(old.point), degrees(new.point)),
        ("expected", number(old.expected), number(new.expected)),
        ("visibility", word(old.visibility).to_owned(), word(new.visibility).to_owned()),
        ("joins", yes(old.joins).to_owned(), yes(new.joins).to_owned()),
        ("programme", old.programme.to_string(), new.programme.to_string()),
        ("access", old.access.to_string(), new.access.to_string()),
    ]
    .into_iter()
    .filter(|(_, old, new)| old != new)
    .map(|(field, old, new)| FieldChange { field: field.to_owned(), old, new })
    .collect()
}

fn degrees(point: Option<Point>) -> String {
    let shown = |e6: i32| format!("{:.6}", f64::from(e6) / 1e6);
    point.map(|p| format!("{}, {}", shown(p.lat_e6), shown(p.lon_e6))).unwrap_or_default()
}

const fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Listed => "listed",
        Visibility::Area => "area",
        Visibility::Unlisted => "unlisted",
    }
}

const fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}
