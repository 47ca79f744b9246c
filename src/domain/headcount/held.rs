//! What is held for an organiser to look at.

use super::Day;
use crate::domain::{
    count::{Count, GatheringCount},
    fact::Fact,
    gathering::{Gathering, Slug},
    plausibility,
    ruling::Subject,
};

/// Something that was reported and does not count, or not all of it, until an organiser says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What a ruling on it has to name.
    pub subject: Subject,
    /// The gathering.
    pub gathering: Slug,
    /// People that it says.
    pub said: u32,
    /// Of these, people that do not count.
    pub people: u32,
    /// Whether the page saw more taps than a hand can mean.
    pub rush: bool,
}

impl Count {
    /// All that is held at these gatherings, of what was said on this day. What was rejected, and all that quarantined
    /// devices said, is not: it was looked at.
    pub fn held<'a>(&self, gatherings: impl IntoIterator<Item = &'a Gathering>, day: Day) -> Vec<Held> {
        let mut held = Vec::new();
        for gathering in gatherings {
            let Some(count) = self.at(&gathering.slug) else { continue };
            self.held_taps(&gathering.slug, count, day, &mut held);
            self.held_estimates(gathering, count, day, &mut held);
            // After the moment those present then are what is published; before it, whoever is there so far.
            let present = self.present(&gathering.slug, gathering.expected, day, day.until());
            held.extend(present.filter(|present| present.held > 0).map(|present| Held {
                subject: Subject::Gathering { gathering: gathering.slug.clone() },
                gathering: gathering.slug.clone(),
                said: present.value.saturating_add(present.held),
                people: present.held,
                rush: false,
            }));
        }
        held
    }

    /// Whether a tally or an estimate, merged with what is known of it, is held, or not believed at all.
    pub fn is_held(&self, fact: &Fact, expected: Option<u32>) -> bool {
        match fact {
            Fact::Tally(tally) => {
                let post = self.at(&tally.gathering).and_then(|gathering| gathering.posts.get(&tally.post));
                let known = self.totals(&tally.gathering, &tally.post, tally.device, tally.minute);
                let mut totals = known.unwrap_or_default();
                totals.merge(&tally.totals);
                let ruled = post.and_then(|post| post.ruling(tally.device, tally.minute));
                let rejected = ruled == Some(0) || self.is_quarantined(tally.device);
                rejected || plausibility::held_of_minute(&totals, ruled) > 0
            }
            Fact::Estimate(estimate) => {
                let ruled = self.ruling_on_estimate(estimate);
                let rejected = ruled == Some(0) || self.is_quarantined(estimate.device);
                rejected || plausibility::held_of_estimate(estimate, expected, ruled) > 0
            }
            _ => false,
        }
    }

    fn held_taps(&self, gathering: &Slug, count: &GatheringCount, day: Day, held: &mut Vec<Held>) {
        for (name, post) in &count.posts {
            for (&device, minutes) in post.devices().iter().filter(|(device, _)| !self.is_quarantined(**device)) {
                for (&minute, totals) in minutes.range(day.first_minute()..=day.last_minute()) {
                    let people = plausibility::held_of_minute(totals, post.ruling(device, minute));
                    let subject =
                        || Subject::Tally { gathering: gathering.clone(), post: name.clone(), device, minute };
                    held.extend((people > 0).then(|| Held {
                        subject: subject(),
                        gathering: gathering.clone(),
                        said: totals.came().saturating_add(totals.went()),
                        people,
                        rush: totals.rush,
                    }));
                }
            }
        }
    }

    fn held_estimates(&self, gathering: &Gathering, count: &GatheringCount, day: Day, held: &mut Vec<Held>) {
        let estimates = count.posts.values().map(|post| &post.estimates).chain([&count.estimates]).flatten();
        let heard = estimates.filter(|e| day.contains(e.at) && !self.is_quarantined(e.device));
        for estimate in heard {
            let ruled = self.ruling_on_estimate(estimate);
            let people = plausibility::held_of_estimate(estimate, gathering.expected, ruled);
            held.extend((people > 0).then(|| Held {
                subject: Subject::Estimate(Box::new(estimate.clone())),
                gathering: gathering.slug.clone(),
                said: estimate.value,
                people,
                rush: false,
            }));
        }
    }
}
