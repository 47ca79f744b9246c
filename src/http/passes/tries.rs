//! Wrong codes, gathering by gathering, for a minute and in memory only.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::{domain::gathering::Slug, hub::locked};

/// Most wrong codes for one gathering in [`MEMORY`]. Of 31 to the power of 8 codes, that lets one in 300,000 years
/// of trying be right; a steward with cold fingers mistypes once or twice. Whoever uses it up keeps codes, but no
/// links, from working at that gathering.
const MAX_WRONG: usize = 5;

/// How long a wrong code is remembered.
const MEMORY: Duration = Duration::from_secs(60);

/// What was tried. Only gatherings that there are come in, so it is bounded as they are.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<Slug, VecDeque<Instant>>>);

impl Tries {
    /// Whether as many were wrong as may be.
    pub(super) fn are_over(&self, gathering: &Slug) -> bool {
        self.are_over_at(gathering, Instant::now())
    }

    /// Notes a wrong one.
    pub(super) fn note(&self, gathering: &Slug) {
        self.note_at(gathering, Instant::now());
    }

    fn are_over_at(&self, gathering: &Slug, now: Instant) -> bool {
        let mut tries = locked(&self.0);
        let Some(wrong) = tries.get_mut(gathering) else { return false };
        while wrong.front().is_some_and(|then| now.saturating_duration_since(*then) >= MEMORY) {
            wrong.pop_front();
        }
        let over = wrong.len() >= MAX_WRONG;
        if wrong.is_empty() {
            tries.remove(gathering);
        }
        over
    }

    fn note_at(&self, gathering: &Slug, now: Instant) {
        let mut tries = locked(&self.0);
        let wrong = tries.entry(gathering.clone()).or_default();
        wrong.push_back(now);
        while wrong.len() > MAX_WRONG {
            wrong.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_codes_a_minute_and_each_gathering_for_itself() {
        let (tries, start) = (Tries::default(), Instant::now());
        let (bath, york): (Slug, Slug) = ("bath".parse().unwrap(), "york".parse().unwrap());
        let second = |n| start + Duration::from_secs(n);
        for n in 0..5 {
            assert!(!tries.are_over_at(&bath, second(n)), "{n}");
            tries.note_at(&bath, second(n));
        }
        assert!(tries.are_over_at(&bath, second(5)) && !tries.are_over_at(&york, second(5)));
        assert!(tries.are_over_at(&bath, second(59)), "the first is remembered for a minute");
        assert!(!tries.are_over_at(&bath, second(60)));
        tries.note_at(&bath, second(60));
        assert!(tries.are_over_at(&bath, second(60)), "one may, not five");
        assert!(!tries.are_over_at(&bath, second(200)));
        assert!(locked(&tries.0).is_empty(), "what is old is let go");
    }
}
