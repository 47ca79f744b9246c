//! What the public is told of people: renewed by the pacer and by nobody else.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{Hub, locked};
use crate::domain::{
    board::Board,
    gathering::Slug,
    moment::Moment,
    publication::{National, Publication},
    time::{Minute, UnixMillis},
};

/// What the public is told changes by itself too: a figure that changes at most every 30 s waits no longer than that
/// and this.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// What the public is told, and what it follows from.
#[derive(Debug)]
pub(super) struct Told {
    publication: Publication,
    /// What it followed from when it was last brought up to date, and when that was.
    heard: Option<(Heard, Instant)>,
}

/// How far the news was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Heard {
    /// Facts that changed the board.
    changes: u64,
    /// Stewards' devices that came or went.
    posts: u64,
    /// The minute: what was counted in the one before counts whole now.
    minute: Minute,
}

impl Told {
    /// What is told at the start.
    pub(super) fn begin(board: &Board, moment: &Moment, now: UnixMillis) -> Self {
        let mut told = Self { publication: Publication::default(), heard: None };
        told.publication.tell(board, moment, now);
        told
    }

    /// What is told of the whole country.
    pub(super) fn national(&self) -> National {
        self.publication.national()
    }

    /// What is told of one gathering.
    pub(super) fn people(&self, slug: &Slug) -> Option<u32> {
        self.publication.people(slug)
    }
}

impl Hub {
    /// Brings what the public is told up to date, if there was anything new, or time alone may have changed it. Whether
    /// there was anything new: stewards are told more than the public, and may have to hear of it.
    pub(super) fn renew_figures(&self, now: UnixMillis, at: Instant) -> bool {
        let (changes, posts) = (self.changes.load(Ordering::Relaxed), self.posts.changes());
        let new = Heard { changes, posts, minute: Minute::of(now) };
        let mut told = locked(&self.told);
        let stirred = told.heard.is_none_or(|(heard, _)| heard != new);
        if stirred || told.heard.is_none_or(|(_, last)| at.saturating_duration_since(last) >= TELL_EVERY) {
            self.read(|board| told.publication.tell(board, &self.moments().moment, now));
            told.heard = Some((new, at));
        }
        stirred
    }

    /// What the public is told of people, for whoever asks over HTTP.
    pub fn told<T>(&self, look: impl FnOnce(&Publication) -> T) -> T {
        look(&locked(&self.told).publication)
    }
}
