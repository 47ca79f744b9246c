//! A number of people, and how far off it may be.

/// A number of people with its ends. Signed, as a post at an exit only ever counts out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: i64,
    pub(super) value: i64,
    pub(super) high: i64,
}

impl Range {
    /// A number that is known exactly.
    pub(super) const fn exact(value: i64) -> Self {
        Self { low: value, value, high: value }
    }

    /// It and so many more.
    pub(super) const fn and(self, more: i64) -> Self {
        Self { low: self.low + more, value: self.value + more, high: self.high + more }
    }

    /// Both together.
    pub(super) const fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, value: self.value + other.value, high: self.high + other.high }
    }

    /// The larger of two, end by end.
    pub(super) fn at_least(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), value: self.value.max(other.value), high: self.high.max(other.high) }
    }

    /// As much of it as is believed. Where all of it is, its ends stay as they are.
    pub(super) fn upto(self, most: u32) -> Self {
        let most = i64::from(most);
        if self.value <= most { self } else { Self { low: self.low.min(most), value: most, high: most } }
    }
}
