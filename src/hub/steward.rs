//! A steward's reports: from the socket to `kept`.
//!
//! A steward need not wait for an answer before the next report. While one commit is under way, what comes meanwhile
//! waits, and is kept together by the next: so six hours of minutes that come in one go cost three commits and not a
//! thousand, a tap costs one, and a question for the time is never behind a disk.

use std::{collections::BTreeMap, future::pending, pin::Pin, sync::Arc};

use super::{Hub, refusal::Refusal, scope};
use crate::{
    domain::{
        board::Board,
        device::Device,
        estimate::Estimate,
        fact::Fact,
        gathering::Slug,
        grant::Grant,
        headcount::Day,
        post::Post,
        ready::Ready,
        tally::{Tally, Totals},
        time::{Minute, UnixMillis},
        version::Version,
    },
    journal::KeepError,
    wire::message::{FromServer, Kept},
};

/// Most reports that wait for a commit: six hours of minutes said three times over, and then some. Who says more is
/// read no further until there is room.
const MOST_WAITING: usize = 1_200;

/// Most devices that may count at one post: as many as a crowd's worth of stewards who all begin anew with every hour.
/// It bounds what one pass that got about can fill the memory with.
const MOST_DEVICES: usize = 100;

/// Most estimates of one gathering, to the same end: one a minute for a day.
const MOST_ESTIMATES: usize = 1_440;

/// What a steward says that is to be kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Report {
    /// What a device has counted in one minute.
    Tally(Tally),
    /// A typed number.
    Estimate(Estimate),
    /// The roll-call.
    Ready(bool),
}

impl Report {
    /// What it is called on the wire.
    pub(super) const fn of(&self) -> &'static str {
        match self {
            Self::Tally(_) => "tally",
            Self::Estimate(_) => "estimate",
            Self::Ready(_) => "ready",
        }
    }
}

/// Answers that are on their way.
type Answers<'h> = Pin<Box<dyn Future<Output = Vec<FromServer>> + Send + 'h>>;

/// One steward's reports between the socket and the journal.
pub(super) struct Desk<'h> {
    hub: &'h Hub,
    grant: Arc<Grant>,
    waiting: Vec<Report>,
    under_way: Option<Answers<'h>>,
}

impl<'h> Desk<'h> {
    /// An empty one, for whoever holds `grant`.
    pub(super) fn new(hub: &'h Hub, grant: Arc<Grant>) -> Self {
        Self { hub, grant, waiting: Vec::new(), under_way: None }
    }

    /// What its steward may report.
    pub(super) fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Whether it takes another report.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < MOST_WAITING
    }

    /// Takes a report; its answer is among [`Desk::answers`].
    pub(super) fn take(&mut self, report: Report) {
        self.waiting.push(report);
        self.set_out();
    }

    /// Waits for the next answers, in the order of the reports. What is dropped meanwhile is asked for again.
    pub(super) async fn answers(&mut self) -> Vec<FromServer> {
        let Some(under_way) = &mut self.under_way else { return pending().await };
        let answers = under_way.await;
        self.under_way = None;
        self.set_out();
        answers
    }

    fn set_out(&mut self) {
        if self.under_way.is_none() && !self.waiting.is_empty() {
            let reports = std::mem::take(&mut self.waiting);
            self.under_way = Some(Box::pin(self.hub.keep_reports(Arc::clone(&self.grant), reports)));
        }
    }
}

/// Where one steward counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) gathering: &'a Slug,
    pub(super) post: &'a Post,
}

impl<'a> Place<'a> {
    /// What a grant is for; `None` if it is no steward's.
    pub(super) fn of(grant: &'a Grant) -> Option<Self> {
        Some(Self { gathering: grant.gathering.as_ref()?, post: grant.post.as_ref()? })
    }

    /// What the board, and so the disk, knows of a device's minute.
    fn known(self, board: &Board, device: Device, minute: Minute) -> Option<Totals> {
        board.count().totals(self.gathering, self.post, device, minute)
    }
}

impl Hub {
    /// Keeps what a steward reported, with one flush; an answer to each report, in their order.
    async fn keep_reports(&self, grant: Arc<Grant>, reports: Vec<Report>) -> Vec<FromServer> {
        let now = self.clock().now();
        let Some(place) = Place::of(&grant) else {
            return reports.iter().map(|report| scope::foreign(report, &grant).into()).collect();
        };
        let reports: Vec<_> = reports.into_iter().map(|report| scope::check(&grant, place, report, now)).collect();
        // The roll-call follows from what is known: nobody else writes between the look and the keeping.
        let calls = reports.iter().any(|report| matches!(report, Ok(Report::Ready(_))));
        let _pen = if calls { Some(self.pen.lock().await) } else { None };
        let day = Day { moment: self.moment().at };
        let facts = self.read(|board| self.new_facts(board, place, day, &reports, now));
        let by = format!("steward {} / {} / {}", place.gathering, place.post, grant.label);
        let outcome = if facts.is_empty() { Ok(()) } else { self.take(facts, &by).await };
        let answer = |board: &Board, report: Result<Report, Refusal>| {
            let answer = report.map_or_else(FromServer::from, |report| answer(board, place, report, outcome));
            self.meters.reported(word_of(&answer));
            answer
        };
        self.read(|board| reports.into_iter().map(|report| answer(board, report)).collect())
    }

    /// What the reports say that is not known yet. A report said three times is one fact.
    fn new_facts(
        &self,
        board: &Board,
        place: Place<'_>,
        day: Day,
        reports: &[Result<Report, Refusal>],
        now: UnixMillis,
    ) -> Vec<Fact> {
        let mut minutes: BTreeMap<(Device, Minute), Totals> = BTreeMap::new();
        let mut facts = Vec::new();
        let mut call = None;
        for report in reports.iter().flatten() {
            match report {
                Report::Tally(tally) => {
                    let known = || place.known(board, tally.device, tally.minute).unwrap_or_default();
                    let all = minutes.entry((tally.device, tally.minute)).or_insert_with(known);
                    let _ = all.merge(&tally.totals);
                }
                Report::Estimate(estimate) => {
                    let fact = Fact::Estimate(estimate.clone());
                    if !board.count().has_estimate(estimate) && !facts.contains(&fact) {
                        facts.push(fact);
                    }
                }
                Report::Ready(ready) => call = Some(*ready),
            }
        }
        let room = MOST_ESTIMATES.saturating_sub(board.count().estimates(place.gathering));
        facts.truncate(room);
        let mut devices: Vec<Device> =
            board.count().devices(place.gathering, place.post, day).into_iter().map(|(device, _)| device).collect();
        for ((device, minute), totals) in minutes {
            if !devices.contains(&device) {
                if devices.len() >= MOST_DEVICES {
                    continue;
                }
                devices.push(device);
            }
            if place.known(board, device, minute).unwrap_or_default() != totals {
                let (gathering, post) = (place.gathering.clone(), place.post.clone());
                facts.push(Fact::Tally(Tally { gathering, post, device, minute, totals }));
            }
        }
        let known = board.ready(place.gathering);
        if let Some(ready) = call
            && known.is_none_or(|known| known.ready != ready || !day.contains(known.at))
        {
            let version = Version::next(known.map(|known| &known.version), self.node());
            facts.push(Fact::Ready(Ready { gathering: place.gathering.clone(), version, ready, at: now }));
        }
        facts
    }
}

/// The answer to one report: `kept` if, and only if, what it says is on the board, for nothing is there that is not on
/// the disk.
fn answer(board: &Board, place: Place<'_>, report: Report, outcome: Result<(), KeepError>) -> FromServer {
    let of = report.of();
    let expected = board.gathering(place.gathering).and_then(|gathering| gathering.expected);
    let is_held = |fact: &Fact| board.count().is_held(fact, expected);
    let is_known = match &report {
        Report::Tally(tally) => {
            !place.known(board, tally.device, tally.minute).unwrap_or_default().merge(&tally.totals)
        }
        Report::Estimate(estimate) => board.count().has_estimate(estimate),
        Report::Ready(_) => outcome.is_ok(),
    };
    if !is_known {
        let say = "So many phones or numbers have come in here already that no more are taken. Tell the organisers.";
        let full = Refusal::new(of, "full", say);
        return outcome.map_or_else(|error| Refusal::not_kept(of, error), |()| full).into();
    }
    FromServer::Kept(match report {
        Report::Tally(tally) => {
            let totals = place.known(board, tally.device, tally.minute).unwrap_or(tally.totals);
            let Tally { post, device, minute, .. } = tally.clone();
            Kept::Tally { post, device, minute, totals, held: is_held(&Fact::Tally(Tally { totals, ..tally })) }
        }
        Report::Estimate(estimate) => {
            let (device, seq) = (estimate.device, estimate.seq);
            Kept::Estimate { device, seq, held: is_held(&Fact::Estimate(estimate)) }
        }
        Report::Ready(ready) => Kept::Ready { ready },
    })
}

/// What an answer is counted as.
fn word_of(answer: &FromServer) -> &'static str {
    match answer {
        FromServer::Kept(_) => "kept",
        FromServer::Refused { reason, .. } if reason == "not_kept" => "not_kept",
        _ => "refused",
    }
}
