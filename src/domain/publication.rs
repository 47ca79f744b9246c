//! STUB until `count` is merged.

use super::{board::Board, gathering::Slug, moment::Moment, time::UnixMillis};

/// Stub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct National {
    /// .
    pub taking_part: u64,
    /// .
    pub low: u64,
    /// .
    pub high: u64,
    /// .
    pub elsewhere: u64,
    /// .
    pub reported: u32,
    /// .
    pub gatherings: u32,
    /// .
    pub ready: u32,
    /// .
    pub as_of: Option<UnixMillis>,
    /// .
    pub signed_off: bool,
}

/// Stub.
#[derive(Debug, Default)]
pub struct Publication {}

impl Publication {
    /// Stub.
    pub fn tell(&mut self, _: &Board, _: &Moment, _: UnixMillis) {}
    /// Stub.
    pub fn national(&self) -> National {
        National::default()
    }
    /// Stub.
    pub fn people(&self, _: &Slug) -> Option<u32> {
        None
    }
}
