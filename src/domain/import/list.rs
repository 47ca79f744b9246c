//! A list of gatherings as a file: CSV, from whatever spreadsheet.

use std::collections::{BTreeSet, HashMap};

use csv::{ReaderBuilder, StringRecord, Trim};
use serde::{Deserialize, Serialize};

use super::{
    MAX_BYTES, MAX_GATHERINGS, MAX_ROWS,
    row::{Column, Fault, Layout, Row, echo},
};
use crate::domain::gathering::Slug;

/// What may stand between cells; the header tells which does.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Most line numbers named in one rejection.
const MAX_LINES_NAMED: usize = 5;

/// A list, read: the rows that are good and the ones that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The good rows, in the order of the file; no two have the same slug.
    pub rows: Vec<Row>,
    /// The others, in the order of the file.
    pub rejects: Vec<Reject>,
    /// Gatherings whose rows were rejected: in the list all the same, so not missing.
    pub mentioned: BTreeSet<Slug>,
    /// What was passed over without harm, in plain words.
    pub warnings: Vec<String>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Where it stands in the file, counted from 1.
    pub line: u64,
    /// Its id as written; may be empty, or no id at all.
    pub id: String,
    /// Everything that is wrong with it, a clause each.
    pub reasons: Vec<String>,
}

/// Why a file cannot be read as a list at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Larger than [`MAX_BYTES`].
    #[error("the list has {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// Written by a spreadsheet as UTF-16.
    #[error("the list is in UTF-16; save it as \"CSV UTF-8\"")]
    Utf16,
    /// Written in some older encoding.
    #[error("line {line} is not in UTF-8, so names would be garbled; save the list as \"CSV UTF-8\"")]
    NotUtf8 {
        /// The first line that cannot be read.
        line: usize,
    },
    /// Nothing below the header, or nothing at all.
    #[error("the list has no gatherings; an empty list would only flag every gathering as missing")]
    Empty,
    /// The header lacks what every row needs.
    #[error("the header has no column called {}; it begins \"{header}\"", .missing.join(", "))]
    Columns {
        /// Which columns are missing.
        missing: Vec<&'static str>,
        /// The header as it is.
        header: String,
    },
    /// The header names a column twice.
    #[error("the header has two columns called {0}; keep one")]
    ColumnTwice(&'static str),
    /// More than [`MAX_ROWS`].
    #[error("the list has more than {MAX_ROWS} rows; split it, or check that it is the right file")]
    TooManyRows,
    /// More than [`MAX_GATHERINGS`], together with those that are known already.
    #[error(
        "the list has {new} new gatherings, and {known} are known; at most {MAX_GATHERINGS} are kept, and none is ever \
         deleted. Give a gathering that is known the id it has; or start afresh with another data folder"
    )]
    TooManyGatherings {
        /// How many are known.
        known: usize,
        /// How many the list would add.
        new: usize,
    },
    /// Not to be read as CSV.
    #[error("the list cannot be read as CSV")]
    Csv(#[from] csv::Error),
}

/// Reads a list. The header names the columns, in any order; `id`, `name` and `place` must be among them.
///
/// # Errors
/// When the file as a whole cannot be read. Rows that cannot are in [`List::rejects`].
pub fn parse(bytes: &[u8]) -> Result<List, ImportError> {
    let text = text(bytes)?;
    let delimiter = delimiter(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(true)
        // A row of the wrong width is rejected with its line number; it must not end the reading.
        .flexible(true)
        .trim(Trim::All)
        .quoting(true)
        .double_quote(true)
        .from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let (layout, warnings) = layout(&header, delimiter)?;

    let mut lines = Lines { text: text.as_bytes(), seen: 0, line: 1 };
    let mut read = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record)? {
        // Spreadsheets pad a table with rows of nothing.
        if record.iter().all(str::is_empty) {
            continue;
        }
        if read.len() == MAX_ROWS {
            return Err(ImportError::TooManyRows);
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        let id = layout.cell(&record, Column::Id).unwrap_or_default();
        read.push((line, echo(id), id.parse::<Slug>().ok(), Row::read(line, &record, &layout)));
    }
    if read.is_empty() {
        return Err(ImportError::Empty);
    }

    let mut uses: HashMap<Slug, Vec<u64>> = HashMap::new();
    for (line, _, slug, _) in &read {
        if let Some(slug) = slug {
            uses.entry(slug.clone()).or_default().push(*line);
        }
    }
    let mut list = List { warnings, ..List::default() };
    for (line, id, slug, row) in read {
        // Nobody can know which of two rows is meant, so neither is taken, whatever their order.
        let twice = slug.as_ref().and_then(|slug| used_twice(slug, uses.get(slug)?));
        let faults = match (row, twice) {
            (Ok(row), None) => {
                list.rows.push(row);
                continue;
            }
            (Ok(_), Some(twice)) => vec![twice],
            (Err(faults), twice) => faults.into_iter().chain(twice).collect(),
        };
        list.mentioned.extend(slug);
        list.rejects.push(Reject { line, id, reasons: faults.iter().map(Fault::to_string).collect() });
    }
    Ok(list)
}

/// Counts the lines of a text on the way through it.
///
/// The reader's own count is one too low after CRLF and does not see empty lines; an organiser looks for the line
/// their editor shows.
struct Lines<'t> {
    text: &'t [u8],
    seen: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first cell at or after a byte; bytes must be asked for in order.
    fn at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(letter) = self.text.get(self.seen) {
            let ends = *letter == b'\n' || (*letter == b'\r' && self.text.get(self.seen + 1) != Some(&b'\n'));
            if self.seen >= byte && !matches!(letter, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(ends);
            self.seen += 1;
        }
        self.line
    }
}

fn used_twice(slug: &Slug, lines: &[u64]) -> Option<Fault> {
    let times = lines.len();
    let named: Vec<String> = lines.iter().take(MAX_LINES_NAMED).map(u64::to_string).collect();
    let (last, first) = named.split_last().filter(|_| times > 1)?;
    let lines = match times.saturating_sub(MAX_LINES_NAMED) {
        0 => format!("{} and {last}", first.join(", ")),
        more => format!("{} and {more} more", named.join(", ")),
    };
    Some(Fault::Twice { slug: slug.clone(), times, lines })
}

fn text(bytes: &[u8]) -> Result<&str, ImportError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportError::TooLarge(bytes.len()));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ImportError::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let before = &bytes[..e.valid_up_to()];
        ImportError::NotUtf8 { line: before.iter().filter(|b| **b == b'\n').count() + 1 }
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// The delimiter by which the header names most of the columns known here.
fn delimiter(text: &str) -> u8 {
    let header = text.trim_start().lines().next().unwrap_or_default();
    let known = |delimiter: &u8| {
        let cells = header.split(char::from(*delimiter)).filter_map(column);
        cells.count()
    };
    // Of equals, max_by_key takes the last, and the comma is the custom.
    DELIMITERS.into_iter().rev().max_by_key(known).unwrap_or(b',')
}

fn column(cell: &str) -> Option<Column> {
    let name = cell.trim().trim_matches('"').trim();
    Column::ALL.into_iter().find(|column| column.as_str().eq_ignore_ascii_case(name))
}

fn layout(header: &StringRecord, delimiter: u8) -> Result<(Layout, Vec<String>), ImportError> {
    if header.iter().all(str::is_empty) {
        return Err(ImportError::Empty);
    }
    let mut layout = Layout { width: header.len(), decimal_comma: delimiter != b',', ..Layout::default() };
    let mut unknown = Vec::new();
    for (at, cell) in header.iter().enumerate() {
        match column(cell) {
            Some(column) if layout.at[column as usize].is_some() => {
                return Err(ImportError::ColumnTwice(column.as_str()));
            }
            Some(column) => layout.at[column as usize] = Some(at),
            None if cell.is_empty() => {}
            None => unknown.push(format!("\"{}\"", echo(cell))),
        }
    }
    let lacks = |column: &Column| layout.at[*column as usize].is_none();
    let missing: Vec<_> = Column::REQUIRED.into_iter().filter(lacks).map(Column::as_str).collect();
    if !missing.is_empty() {
        return Err(ImportError::Columns { missing, header: echo(&header.iter().collect::<Vec<_>>().join(",")) });
    }
    let mut warnings = Vec::new();
    if !unknown.is_empty() {
        unknown.truncate(MAX_LINES_NAMED);
        warnings.push(format!("columns not known here were passed over: {}", unknown.join(", ")));
    }
    if lacks(&Column::Lat) != lacks(&Column::Lon) {
        warnings.push("only one of the columns lat and lon is there, so places on the map stay as they are".to_owned());
    }
    Ok((layout, warnings))
}
