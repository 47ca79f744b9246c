//! One row of the list: what it says about one gathering, or what is wrong with it.

use csv::StringRecord;

use crate::domain::{
    access::{AccessError, AccessFacts},
    gathering::{Gathering, Point, Slug, SlugError, Visibility},
    programme::{Programme, ProgrammeError},
    version::Version,
};

/// Most people one gathering can expect; more is a slip of the keyboard.
const MAX_EXPECTED: u32 = 10_000_000;

/// Longest text repeated back in a rejection, in characters.
const MAX_ECHO_CHARS: usize = 40;

/// A column this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Id,
    Name,
    Place,
    Nation,
    Venue,
    Kind,
    Lat,
    Lon,
    Expected,
    Visibility,
    Joins,
    Programme,
    Access,
}

impl Column {
    pub(super) const ALL: [Self; 13] = [
        Self::Id,
        Self::Name,
        Self::Place,
        Self::Nation,
        Self::Venue,
        Self::Kind,
        Self::Lat,
        Self::Lon,
        Self::Expected,
        Self::Visibility,
        Self::Joins,
        Self::Programme,
        Self::Access,
    ];

    /// Without these a row says nothing.
    pub(super) const REQUIRED: [Self; 3] = [Self::Id, Self::Name, Self::Place];

    /// What it is called in the header.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Place => "place",
            Self::Nation => "nation",
            Self::Venue => "venue",
            Self::Kind => "kind",
            Self::Lat => "lat",
            Self::Lon => "lon",
            Self::Expected => "expected",
            Self::Visibility => "visibility",
            Self::Joins => "joins",
            Self::Programme => "programme",
            Self::Access => "access",
        }
    }

    /// Longest text in it, in characters: a name is a line on a screen, a venue may be an address.
    const fn max_chars(self) -> usize {
        match self {
            Self::Venue => 200,
            Self::Name => 120,
            _ => 80,
        }
    }
}

/// Where each known column stands in this list, and how its numbers are written.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) at: [Option<usize>; Column::ALL.len()],
    pub(super) width: usize,
    /// Whether `51,5085` is a number here, as in lists written where the comma is the decimal sign.
    pub(super) decimal_comma: bool,
}

impl Layout {
    /// The cell of a row in this column; `None` when the list has no such column.
    pub(super) fn cell<'r>(&self, record: &'r StringRecord, column: Column) -> Option<&'r str> {
        self.at[column as usize].map(|at| record.get(at).unwrap_or_default())
    }
}

/// What one row says about one gathering. `None` means that the list has no such column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in the file, counted from 1.
    pub line: u64,
    /// Whom it is about.
    pub slug: Slug,
    /// What it is called.
    pub name: String,
    /// Town or city.
    pub place: String,
    /// Nation or region.
    pub nation: Option<String>,
    /// Where in the place.
    pub venue: Option<String>,
    /// What kind of event.
    pub kind: Option<String>,
    /// Where on the map; the inner `None` means that the cells are empty.
    pub point: Option<Option<Point>>,
    /// How many people are expected; the inner `None` means that the cell is empty.
    pub expected: Option<Option<u32>>,
    /// Who may find it.
    pub visibility: Option<Visibility>,
    /// Whether it joins the moment.
    pub joins: Option<bool>,
    /// What happens there, and when.
    pub programme: Option<Programme>,
    /// What it offers to whoever could not come without it.
    pub access: Option<AccessFacts>,
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Fault {
    #[error("the row has {found} cells where the header has {expected}; is a comma or a quotation mark missing?")]
    Width { found: usize, expected: usize },
    #[error(transparent)]
    Slug(#[from] SlugError),
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{column} has {chars} characters; at most {max} fit")]
    TooLong { column: &'static str, chars: usize, max: usize },
    #[error("{0} holds a line break or a control character; is a quotation mark missing?")]
    Unprintable(&'static str),
    #[error("{column} \"{text}\" is not a number of degrees; write it like 51.5085")]
    Degrees { column: &'static str, text: String },
    #[error("{column} {text} is out of range; it lies between -{limit} and {limit}")]
    Range { column: &'static str, text: String, limit: i32 },
    #[error("only one of lat and lon is given; give both or neither")]
    HalfPoint,
    #[error("expected \"{0}\" is not a whole number up to {MAX_EXPECTED}; write digits only")]
    Expected(String),
    #[error("visibility \"{0}\" is not one of listed, area, unlisted")]
    Visibility(String),
    #[error("joins \"{0}\" is not yes or no")]
    Joins(String),
    #[error(transparent)]
    Programme(#[from] ProgrammeError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("the id \"{slug}\" is used {times} times, on lines {lines}; keep one of them")]
    Twice { slug: Slug, times: usize, lines: String },
}

impl Row {
    /// Reads one row, and lists everything that is wrong with it, so that it is mended in one go.
    pub(super) fn read(line: u64, record: &StringRecord, layout: &Layout) -> Result<Self, Vec<Fault>> {
        if record.len() != layout.width {
            return Err(vec![Fault::Width { found: record.len(), expected: layout.width }]);
        }
        let mut faults = Vec::new();
        let mut text = |column| match layout.cell(record, column).map(|cell| plain(column, cell)) {
            Some(Err(fault)) => {
                faults.push(fault);
                None
            }
            Some(Ok(text)) => Some(text),
            None => None,
        };
        let (name, place) = (text(Column::Name), text(Column::Place));
        let (nation, venue, kind) = (text(Column::Nation), text(Column::Venue), text(Column::Kind));

        let mut keep = |fault: Fault| faults.push(fault);
        let id = layout.cell(record, Column::Id).unwrap_or_default();
        let slug = if id.is_empty() { Err(Fault::Empty("id")) } else { id.parse::<Slug>().map_err(Fault::Slug) };
        let slug = slug.map_err(&mut keep).ok();
        let point = point(record, layout).transpose().map_err(&mut keep).ok().flatten();
        let expected = layout.cell(record, Column::Expected).map(expected).transpose();
        let expected = expected.map_err(&mut keep).ok().flatten();
        let visibility = layout.cell(record, Column::Visibility).map(visibility).transpose();
        let visibility = visibility.map_err(&mut keep).ok().flatten();
        let joins = layout.cell(record, Column::Joins).map(joins).transpose().map_err(&mut keep).ok().flatten();
        let programme = layout.cell(record, Column::Programme).map(|cell| cell.parse().map_err(Fault::Programme));
        let programme = programme.transpose().map_err(&mut keep).ok().flatten();
        let access = layout.cell(record, Column::Access).map(|cell| cell.parse().map_err(Fault::Access));
        let access = access.transpose().map_err(&mut keep).ok().flatten();
        match (slug, name, place) {
            (Some(slug), Some(name), Some(place)) if faults.is_empty() => Ok(Self {
                line,
                slug,
                name,
                place,
                nation,
                venue,
                kind,
                point,
                expected,
                visibility,
                joins,
                programme,
                access,
            }),
            _ => Err(faults),
        }
    }

    /// What the gathering becomes when this row is taken: what the list does not say stays as it is.
    pub fn onto(&self, current: Option<&Gathering>, version: Version) -> Gathering {
        let text = |said: &Option<String>, known: fn(&Gathering) -> &String| {
            said.clone().or_else(|| current.map(|g| known(g).clone())).unwrap_or_default()
        };
        Gathering {
            slug: self.slug.clone(),
            version,
            name: self.name.clone(),
            place: self.place.clone(),
            nation: text(&self.nation, |g| &g.nation),
            venue: text(&self.venue, |g| &g.venue),
            kind: text(&self.kind, |g| &g.kind),
            point: self.point.unwrap_or_else(|| current.and_then(|g| g.point)),
            expected: self.expected.unwrap_or_else(|| current.and_then(|g| g.expected)),
            visibility: self.visibility.or(current.map(|g| g.visibility)).unwrap_or_default(),
            joins: self.joins.or(current.map(|g| g.joins)).unwrap_or(true),
            programme: self.programme.clone().or_else(|| current.map(|g| g.programme.clone())).unwrap_or_default(),
            access: self.access.clone().or_else(|| current.map(|g| g.access.clone())).unwrap_or_default(),
            missing: false,
        }
    }
}

/// Repeats a cell back, shortened.
pub(super) fn echo(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_ECHO_CHARS).collect()
}

fn plain(column: Column, text: &str) -> Result<String, Fault> {
    let (chars, max) = (text.chars().count(), column.max_chars());
    if text.is_empty() && Column::REQUIRED.contains(&column) {
        Err(Fault::Empty(column.as_str()))
    } else if text.chars().any(char::is_control) {
        Err(Fault::Unprintable(column.as_str()))
    } else if chars > max {
        Err(Fault::TooLong { column: column.as_str(), chars, max })
    } else {
        Ok(text.to_owned())
    }
}

fn point(record: &StringRecord, layout: &Layout) -> Option<Result<Option<Point>, Fault>> {
    let (lat, lon) = (layout.cell(record, Column::Lat)?, layout.cell(record, Column::Lon)?);
    Some(match (lat.is_empty(), lon.is_empty()) {
        (true, true) => Ok(None),
        (false, false) => degrees_e6("lat", lat, 90, layout)
            .and_then(|lat_e6| Ok(Some(Point { lat_e6, lon_e6: degrees_e6("lon", lon, 180, layout)? }))),
        _ => Err(Fault::HalfPoint),
    })
}

fn degrees_e6(column: &'static str, text: &str, limit: i32, layout: &Layout) -> Result<i32, Fault> {
    let number = if layout.decimal_comma { text.replacen(',', ".", 1) } else { text.to_owned() };
    let plain = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    let degrees = number.parse::<f64>().ok().filter(|_| plain);
    let degrees = degrees.ok_or_else(|| Fault::Degrees { column, text: echo(text) })?;
    if degrees.abs() > f64::from(limit) {
        return Err(Fault::Range { column, text: echo(text), limit });
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most 180 millions, which fits 32 bits")]
    Ok((degrees * 1e6).round() as i32)
}

fn expected(text: &str) -> Result<Option<u32>, Fault> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u32>() {
        _ if text.is_empty() => Ok(None),
        Ok(number) if digits && number <= MAX_EXPECTED => Ok(Some(number)),
        _ => Err(Fault::Expected(echo(text))),
    }
}

fn visibility(text: &str) -> Result<Visibility, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "" | "listed" => Ok(Visibility::Listed),
        "area" => Ok(Visibility::Area),
        "unlisted" => Ok(Visibility::Unlisted),
        _ => Err(Fault::Visibility(echo(text))),
    }
}

fn joins(text: &str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "" | "yes" | "true" | "1" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err(Fault::Joins(echo(text))),
    }
}
