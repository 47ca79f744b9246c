//! What one steward's device has counted at one post in one minute.

use serde::{Deserialize, Serialize};

use super::{
    device::Device,
    gathering::Slug,
    post::Post,
    time::{Minute, UnixMillis},
};

/// Growing totals of one device, at one post, in one minute: state, merged by maximum, so that a message which is
/// lost, repeated, late or out of order changes nothing (a PN-counter, Shapiro et al. 2011, section 3.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// People counted in.
    #[serde(rename = "in")]
    pub entered: u32,
    /// Of these, taken back: a slip of the thumb.
    #[serde(rename = "in_undone", default)]
    pub entered_undone: u32,
    /// People counted out.
    #[serde(rename = "out", default)]
    pub left: u32,
    /// Of these, taken back.
    #[serde(rename = "out_undone", default)]
    pub left_undone: u32,
    /// Whether the page saw more taps than a hand can mean: a pocket, or a game.
    #[serde(default, skip_serializing_if = "is_not")]
    pub rush: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
const fn is_not(flag: &bool) -> bool {
    !*flag
}

impl Totals {
    /// Merges what else is known of the same minute; whether that was anything new.
    pub fn merge(&mut self, other: &Self) -> bool {
        let before = *self;
        self.entered = self.entered.max(other.entered);
        self.entered_undone = self.entered_undone.max(other.entered_undone);
        self.left = self.left.max(other.left);
        self.left_undone = self.left_undone.max(other.left_undone);
        self.rush |= other.rush;
        *self != before
    }

    /// People who came in this minute.
    pub const fn came(&self) -> u32 {
        self.entered.saturating_sub(self.entered_undone)
    }

    /// People who went in this minute.
    pub const fn went(&self) -> u32 {
        self.left.saturating_sub(self.left_undone)
    }

    /// People who came in this minute, less those who went.
    pub fn net(&self) -> i64 {
        i64::from(self.came()) - i64::from(self.went())
    }

    /// Whether nobody was counted at all, not even by a slip of the thumb.
    pub const fn is_empty(&self) -> bool {
        self.entered == 0 && self.left == 0
    }
}

/// The totals, and what they are totals of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The gathering.
    pub gathering: Slug,
    /// The post.
    pub post: Post,
    /// Who counted.
    pub device: Device,
    /// When, by the corrected clock.
    pub minute: Minute,
    /// What was counted.
    #[serde(flatten)]
    pub totals: Totals,
}

impl Tally {
    /// When the minute began.
    pub fn since(&self) -> UnixMillis {
        self.minute.start()
    }
}
