//! The list of gatherings that organisers keep as a table: reading it, and what it would change.
//!
//! A list says what it knows and nothing else: a column it does not have changes nothing, a gathering it does not
//! have is flagged and never deleted, a row that cannot be read leaves its gathering alone.

mod diff;
mod list;
mod row;

pub use self::{
    diff::{Diff, Entry, FieldChange, Report},
    list::{ImportError, List, Reject, parse},
    row::Row,
};

/// Largest list, in bytes: a hundred times the 2017 day, with long names, and still read in one breath.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Most rows of a list: ten thousand gatherings must be fine, twice that is a mistake.
pub const MAX_ROWS: usize = 20_000;

/// Most gatherings known at once, those that no list has any more included: two of the largest lists, one put right
/// after the other. Each import is bounded, but nothing is ever deleted, so without this they would pile up.
pub const MAX_GATHERINGS: usize = 2 * MAX_ROWS;

#[cfg(test)]
mod tests;
