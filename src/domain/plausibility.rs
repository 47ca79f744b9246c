//! What is believed at once, and what is held until an organiser looks at it.
//!
//! A function of what was said and ruled alone, so that every node holds the same, whatever came first.

use super::{estimate::Estimate, range::Range, tally::Totals};

/// The most people that one device may count in, or out, in one minute: 3.3 a second, for which a hand has to press
/// `+10` every three seconds. The excess is held, so that a busy gate is not lost for its 201st.
pub const MOST_IN_A_MINUTE: u32 = 200;

/// How many times the people expected may be reported before somebody looks at it.
pub const TIMES_EXPECTED: u32 = 3;

/// The most people that may be typed for a gathering of which nobody said how many are expected.
pub const MOST_UNEXPECTED: u32 = 200;

/// The most people a gathering is believed to have at once; none if nobody said how many are expected.
pub(super) fn most_present(expected: Option<u32>, ruled: Option<u32>) -> Option<u32> {
    ruled.or_else(|| expected.filter(|&n| n > 0).map(|n| n.saturating_mul(TIMES_EXPECTED)))
}

/// What is believed of one device's minute: people who came, less those who went; none if nothing is.
pub(super) fn of_minute(totals: &Totals, ruled: Option<u32>) -> Option<i64> {
    let most = most_in_minute(totals, ruled);
    let believed = |people: u32| i64::from(people.min(most));
    (most > 0 && !totals.is_empty()).then(|| believed(totals.came()) - believed(totals.went()))
}

/// People of one device's minute that are held. What an organiser rejected is not held any more: it was looked at.
pub(super) fn held_of_minute(totals: &Totals, ruled: Option<u32>) -> u32 {
    let most = most_in_minute(totals, ruled);
    let held = totals.came().saturating_sub(most).saturating_add(totals.went().saturating_sub(most));
    if ruled == Some(0) { 0 } else { held }
}

/// All of a rush is held: nobody can say which of its taps were meant.
fn most_in_minute(totals: &Totals, ruled: Option<u32>) -> u32 {
    ruled.unwrap_or(if totals.rush { 0 } else { MOST_IN_A_MINUTE })
}

/// What is believed of a typed number. One that is held is held whole: most are a digit too many, and the tallies
/// that it would replace are nearer the truth.
pub(super) fn of_estimate(estimate: &Estimate, expected: Option<u32>, ruled: Option<u32>) -> Option<Range> {
    let Estimate { low, value, high, .. } = *estimate;
    let range = Range { low: low.into(), value: value.into(), high: high.into() };
    match ruled {
        Some(0) => None,
        Some(upto) => Some(range.upto(upto)),
        None => (value <= most_typed(expected)).then_some(range),
    }
}

/// People of a typed number that are held; none of them once an organiser has decided, as it never grows.
pub(super) fn held_of_estimate(estimate: &Estimate, expected: Option<u32>, ruled: Option<u32>) -> u32 {
    if ruled.is_none() && estimate.value > most_typed(expected) { estimate.value } else { 0 }
}

fn most_typed(expected: Option<u32>) -> u32 {
    most_present(expected, None).unwrap_or(MOST_UNEXPECTED)
}
