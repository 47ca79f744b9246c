//! Medians and percentiles.

use std::{fmt, time::Duration};

/// The same figure, measured several times: shown as median (lowest to highest).
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    values: Vec<f64>,
}

impl Figure {
    /// One more round; figures that are not numbers are left out.
    pub(crate) fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.values.push(value);
            self.values.sort_by(f64::total_cmp);
        }
    }

    /// The middle one, or `None` before the first round.
    pub(crate) fn median(&self) -> Option<f64> {
        let middle = self.values.len().checked_sub(1)? / 2;
        let high = self.values.len() / 2;
        Some((self.values.get(middle)? + self.values.get(high)?) / 2.0)
    }

    /// The highest.
    pub(crate) fn worst(&self) -> Option<f64> {
        self.values.last().copied()
    }
}

impl fmt::Display for Figure {
    /// Median (lowest to highest) with the formatter's precision.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        match (self.median(), self.values.as_slice()) {
            (Some(only), [_]) => write!(f, "{only:.digits$}"),
            (Some(median), [low, .., high]) => write!(f, "{median:.digits$} ({low:.digits$} to {high:.digits$})"),
            _ => f.write_str("-"),
        }
    }
}

impl FromIterator<f64> for Figure {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut figure = Self::default();
        values.into_iter().for_each(|value| figure.add(value));
        figure
    }
}

/// The value below which `share` (0 to 1) of the durations lie, in milliseconds; 0 of none.
pub(crate) fn percentile_ms(durations: &mut [Duration], share: f64) -> f64 {
    let Some(last) = durations.len().checked_sub(1) else { return 0.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is a place in it")]
    let place = ((last as f64) * share.clamp(0.0, 1.0)).round() as usize;
    let (_, value, _) = durations.select_nth_unstable(place.min(last));
    value.as_secs_f64() * 1e3
}
