//! Who holds which pass: what one proves when it is shown, for as long as it holds, and who came with one that does
//! not.
//!
//! Whoever shows a pass that proves nothing is told no more than that. Organisers want to know why, and whose it was:
//! that is counted, logged, and remembered until the server stops.

use std::{collections::BTreeMap, sync::Arc};

use tracing::{debug, info};

use super::{Hub, locked};
use crate::domain::{
    gathering::Slug,
    grant::{Denial, Grant},
    grants::Denied,
    pass::{Pass, Role},
    time::UnixMillis,
};

/// What is said of every pass that proves nothing, whatever the reason.
pub const PASS_REFUSED: &str = "This pass is not valid here; ask whoever gave it to you for a new link.";

/// What a pass proved when it was shown.
#[derive(Clone, Debug)]
pub struct Granted {
    /// Whom it speaks for.
    pub role: Role,
    /// What it allows; none for the organiser's own pass, which allows all there is.
    pub grant: Option<Arc<Grant>>,
}

impl Granted {
    /// By the organiser's own pass.
    pub fn organiser() -> Self {
        Self { role: Role::Organiser, grant: None }
    }

    /// The gathering that a steward may count at.
    pub fn gathering(&self) -> Option<&Slug> {
        self.grant.as_ref().and_then(|grant| grant.gathering.as_ref())
    }
}

/// What is remembered of one grant until the server stops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// Connections that are open with it now.
    pub open: u32,
    /// When it last proved something, or a connection with it ended.
    pub seen: Option<UnixMillis>,
    /// How often it proved nothing, by reason.
    pub refused: BTreeMap<Denial, u64>,
    /// When it last proved nothing.
    pub refused_at: Option<UnixMillis>,
}

/// A connection that is open with a grant; dropping it ends that.
#[derive(Debug)]
pub(super) struct Open<'a> {
    hub: &'a Hub,
    id: Option<String>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            self.hub.sight(id, |seen, now| {
                seen.open = seen.open.saturating_sub(1);
                seen.seen = Some(now);
            });
        }
    }
}

impl Hub {
    /// What a pass that was given out proves now; `None` if it proves nothing, which is noted.
    pub fn admit(&self, pass: &Pass) -> Option<Granted> {
        let now = self.clock().now();
        match self.read(|board| board.grants().admit(pass, now)) {
            Ok(grant) => Some(Granted { role: grant.role, grant: Some(grant) }),
            Err(denied) => {
                self.denied(&denied);
                None
            }
        }
    }

    /// Whether what was proved still holds: the pass may have been revoked since, or its time be over.
    ///
    /// # Errors
    /// Why it does not.
    pub fn holds(&self, granted: &Granted) -> Result<(), Denial> {
        let Some(grant) = &granted.grant else { return Ok(()) };
        let now = self.clock().now();
        self.read(|board| board.grants().holds(grant, now))
    }

    /// Notes that a pass or a code proved nothing, or not what it was shown for.
    pub fn denied(&self, denied: &Denied) {
        let why = denied.why;
        self.meters.pass_refused(why);
        // Somebody may try for ever; the log must not grow with it.
        match &denied.grant {
            None => debug!(reason = why.as_str(), "a pass was refused"),
            Some(grant) => {
                let mut times = 0;
                self.sight(&grant.id, |seen, now| {
                    let count = seen.refused.entry(why).or_default();
                    *count += 1;
                    times = *count;
                    seen.refused_at = Some(now);
                });
                if is_round(times) {
                    info!(grant = grant.id, reason = why.as_str(), times, "a pass was refused");
                }
            }
        }
    }

    /// Notes that a good pass was shown for something it is not for.
    pub fn foreign(&self, granted: &Granted) {
        if let Some(grant) = &granted.grant {
            self.denied(&Denied { why: Denial::Foreign, grant: Some(Arc::clone(grant)) });
        }
    }

    /// What is remembered of a grant.
    pub fn sightings(&self, id: &str) -> Sightings {
        locked(&self.sightings).get(id).cloned().unwrap_or_default()
    }

    /// Notes that a connection is open with what was proved, until the returned value is dropped.
    pub(super) fn opened(&self, granted: &Granted) -> Open<'_> {
        let id = granted.grant.as_ref().map(|grant| grant.id.clone());
        if let Some(id) = &id {
            self.sight(id, |seen, now| {
                seen.open += 1;
                seen.seen = Some(now);
            });
        }
        Open { hub: self, id }
    }

    /// Only of grants that there are, so that what is remembered is bounded as they are.
    fn sight(&self, id: &str, note: impl FnOnce(&mut Sightings, UnixMillis)) {
        let now = self.clock().now();
        note(locked(&self.sightings).entry(id.to_owned()).or_default(), now);
    }
}

/// The first time, the tenth, the hundredth.
fn is_round(times: u64) -> bool {
    times.checked_ilog10().is_some_and(|power| times == 10_u64.pow(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_every_tenfold_is_worth_a_line() {
        let said: Vec<_> = (0..=1_000).filter(|times| is_round(*times)).collect();
        assert_eq!(said, [1, 10, 100, 1_000]);
    }
}
