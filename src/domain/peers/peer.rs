//! One other node, as this one knows it.

use std::collections::BTreeMap;

use super::{HEARD_WITHIN, since};
use crate::domain::{gathering::Slug, time::Millis};

/// One other node.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) boot: u64,
    pub(super) no: u64,
    /// When it was last heard.
    pub(super) heard: Millis,
    pub(super) phones: u32,
    pub(super) here: BTreeMap<Slug, u32>,
    /// Whether it ever said everything.
    pub(super) is_full: bool,
    /// Messages with facts that it had sent when it was last heard.
    pub(super) said: u64,
    /// Since when something of it may be missing, and how often that was found.
    pub(super) doubt: Option<Millis>,
    pub(super) doubts: u32,
    pub(super) tried: Option<Millis>,
    /// Met while figures were partial anyway: they stay so until it has answered.
    pub(super) is_owed: bool,
    pub(super) standing: Standing,
}

/// Whether a node is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is heard.
    Heard,
    /// Its lease is over; it is expected back for a while.
    Gone,
    /// It said that it stops, so nobody waits for it. It is only remembered so that an old lease of it, which comes
    /// late, is known for one.
    Left,
}

impl Peer {
    /// One that was not known: all that it has may be missing here.
    pub(super) fn met(boot: u64, is_owed: bool, age: Millis) -> Self {
        Self {
            boot,
            no: 0,
            heard: age,
            phones: 0,
            here: BTreeMap::new(),
            is_full: false,
            said: 0,
            doubt: Some(age),
            doubts: 0,
            tried: None,
            is_owed,
            standing: Standing::Heard,
        }
    }

    /// Without a word any more: nothing of it is counted.
    pub(super) fn end(&mut self, standing: Standing) {
        self.standing = standing;
        self.phones = 0;
        self.here.clear();
    }

    /// Whether its lease runs.
    pub(super) fn is_heard(&self) -> bool {
        self.standing == Standing::Heard
    }

    /// Whether it has spoken of late.
    pub(super) fn speaks(&self, age: Millis) -> bool {
        self.is_heard() && since(self.heard, age) <= HEARD_WITHIN
    }

    pub(super) fn doubt(&mut self, age: Millis) {
        self.doubt.get_or_insert(age);
        self.doubts = self.doubts.wrapping_add(1);
    }
}
