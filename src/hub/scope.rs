//! What a pass lets a steward report: where, when, and what can be meant.

use super::{
    refusal::refused,
    steward::{Place, Report},
};
use crate::{
    domain::{
        estimate::Estimate,
        grant::Grant,
        tally::Totals,
        time::{Millis, UnixMillis},
    },
    wire::message::FromServer,
};

/// How far ahead of the server's clock a report may be: a page in step is within a second, one that just woke may be
/// further off for a moment.
const MOST_AHEAD: Millis = Millis::from_mins(2);

/// Most that a total of one minute can be: what lies far below it is held for checking anyway.
const MOST_IN_A_MINUTE: u32 = 100_000;

/// Most people that an estimate can be of.
const MOST_PEOPLE: u32 = 10_000_000;

/// Whether a report is within what `grant` allows, at `now`; a refusal that says what to do if it is not.
pub(super) fn check(grant: &Grant, place: Place<'_>, report: &Report, now: UnixMillis) -> Result<(), FromServer> {
    let (at, sane) = match report {
        Report::Tally(tally) if (&tally.gathering, &tally.post) == (place.gathering, place.post) => {
            (tally.since(), is_sane(&tally.totals))
        }
        Report::Estimate(estimate)
            if &estimate.gathering == place.gathering
                && estimate.post.as_ref().is_none_or(|post| post == place.post) =>
        {
            (estimate.at, is_ordered(estimate))
        }
        Report::Tally(_) | Report::Estimate(_) => return Err(foreign(report, grant)),
        Report::Ready(_) => return Ok(()),
    };
    let of = report.of();
    if !sane {
        let (reason, say) = match report {
            Report::Tally(_) => (
                "bad_tally",
                "That is no count of one minute: more is taken back than was counted, or it is beyond all reason. Reload the page.",
            ),
            _ => ("bad_estimate", "That number cannot be: it must lie between its low and its high. Type it again."),
        };
        return Err(refused(of, reason, say));
    }
    // A minute that had begun when the pass came into force is within it.
    let begun = if matches!(report, Report::Tally(_)) { at + Millis::from_mins(1) } else { at + Millis(1) };
    if begun <= grant.from || at >= grant.until {
        let say = "That was counted outside the hours of your link, and is not taken. Ask the organisers for a link for that time.";
        return Err(refused(of, "out_of_window", say));
    }
    if at > now + MOST_AHEAD {
        let say = "By the server's clock that minute has not come yet. Nothing is lost: your page keeps it and sends it again.";
        return Err(refused(of, "not_kept", say));
    }
    Ok(())
}

/// The refusal of what belongs to another post.
pub(super) fn foreign(report: &Report, grant: &Grant) -> FromServer {
    let say = match (&grant.gathering, &grant.post) {
        (Some(gathering), Some(post)) => {
            format!(
                "Your link is for \"{post}\" at {gathering}, and this is for another place. Open the link of the post that you count at."
            )
        }
        _ => "Your pass is not one for counting. Open the link that the organisers gave you for your post.".to_owned(),
    };
    refused(report.of(), "out_of_scope", say)
}

fn is_sane(totals: &Totals) -> bool {
    let Totals { entered, entered_undone, left, left_undone, .. } = *totals;
    entered_undone <= entered && left_undone <= left && entered.max(left) <= MOST_IN_A_MINUTE
}

fn is_ordered(estimate: &Estimate) -> bool {
    let Estimate { low, value, high, .. } = *estimate;
    low <= value && value <= high && high <= MOST_PEOPLE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        device::Device,
        estimate::Method,
        pass::{Pass, Role, SECRET_BYTES},
        tally::Tally,
        time::Minute,
        version::{NodeId, Version},
    };

    const NOON: UnixMillis = UnixMillis(1_803_124_800_000);

    fn grant() -> Grant {
        let node: NodeId = "a".parse().unwrap();
        Grant {
            id: "abcdef".into(),
            version: Version { rev: 1, node },
            hash: Pass::from_random(Role::Steward, [1; SECRET_BYTES]).hash(),
            role: Role::Steward,
            gathering: Some("bath".parse().unwrap()),
            post: Some("North gate".parse().unwrap()),
            label: String::new(),
            from: NOON - Millis::from_mins(60),
            until: NOON + Millis::from_mins(60),
            revoked: false,
            code: None,
            by_code_of: None,
        }
    }

    fn tally(minutes: i64) -> Tally {
        let totals = Totals { entered: 3, ..Totals::default() };
        let minute = Minute::of(NOON + Millis::from_mins(minutes));
        let (gathering, post) = ("bath".parse().unwrap(), "North gate".parse().unwrap());
        Tally { gathering, post, device: Device::from(7), minute, totals }
    }

    fn estimate() -> Estimate {
        let (at, seq, value, low, high, method) = (NOON, 1, 212, 200, 230, Method::EstimatedEye);
        let (gathering, post) = ("bath".parse().unwrap(), None);
        Estimate { at, seq, gathering, post, device: Device::from(7), value, low, high, method }
    }

    /// The reason for which a report is refused at a time; empty if it is not.
    fn reason_at(report: &Report, now: UnixMillis) -> String {
        let grant = grant();
        match check(&grant, Place::of(&grant).unwrap(), report, now) {
            Err(FromServer::Refused { reason, .. }) => reason,
            Err(other) => panic!("{other:?}"),
            Ok(()) => String::new(),
        }
    }

    fn reason(report: &Report) -> String {
        reason_at(report, NOON + Millis::from_mins(59))
    }

    #[test]
    fn a_steward_reports_for_one_post_and_types_for_its_gathering_too() {
        assert_eq!(reason(&Report::Tally(tally(0))), "");
        assert_eq!(reason(&Report::Estimate(estimate())), "");
        assert_eq!(reason(&Report::Estimate(Estimate { post: Some("North gate".parse().unwrap()), ..estimate() })), "");
        let other: crate::domain::post::Post = "South gate".parse().unwrap();
        let foreign = [
            Report::Tally(Tally { post: other.clone(), ..tally(0) }),
            Report::Tally(Tally { gathering: "leeds".parse().unwrap(), ..tally(0) }),
            Report::Estimate(Estimate { post: Some(other), ..estimate() }),
            Report::Estimate(Estimate { gathering: "leeds".parse().unwrap(), ..estimate() }),
        ];
        for report in &foreign {
            assert_eq!(reason(report), "out_of_scope", "{report:?}");
        }
    }

    #[test]
    fn only_what_was_counted_within_the_hours_of_the_pass_is_taken() {
        for (minutes, expected) in [(-61, "out_of_window"), (-60, ""), (59, ""), (60, "out_of_window")] {
            assert_eq!(reason(&Report::Tally(tally(minutes))), expected, "{minutes}");
        }
        let at = |at| Report::Estimate(Estimate { at, ..estimate() });
        assert_eq!(reason(&at(grant().from - Millis(1))), "out_of_window");
        assert_eq!(reason(&at(grant().from)), "");
    }

    #[test]
    fn what_is_ahead_of_its_time_is_kept_by_the_page_and_comes_again() {
        let ahead = Report::Tally(tally(3));
        assert_eq!(reason_at(&ahead, NOON), "not_kept");
        assert_eq!(reason_at(&ahead, NOON + Millis::from_mins(1)), "");
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        let totals = |entered, entered_undone| Totals { entered, entered_undone, ..Totals::default() };
        for totals in [totals(3, 4), totals(MOST_IN_A_MINUTE + 1, 0)] {
            assert_eq!(reason(&Report::Tally(Tally { totals, ..tally(0) })), "bad_tally", "{totals:?}");
        }
        for (low, value, high) in [(201, 200, 230), (190, 200, 199), (0, 1, MOST_PEOPLE + 1)] {
            let report = Report::Estimate(Estimate { low, value, high, ..estimate() });
            assert_eq!(reason(&report), "bad_estimate", "{report:?}");
        }
    }
}
