//! What a pass lets a steward report: where, when, and what can be meant.

use super::{
    refusal::Refusal,
    steward::{Place, Report},
};
use crate::domain::{
    grant::Grant,
    report::ReportError,
    time::{Millis, UnixMillis},
};

/// A report that is within what `grant` allows, and such as a page of ours makes, at `now`; else a refusal that says what
/// to do.
pub(super) fn check(grant: &Grant, place: Place<'_>, report: Report, now: UnixMillis) -> Result<Report, Refusal> {
    let of = report.of();
    let (at, began) = match &report {
        // A minute that was under way when the pass came into force is within it.
        Report::Tally(tally) if (&tally.gathering, &tally.post) == (place.gathering, place.post) => {
            (tally.since(), tally.since() + Millis::from_mins(1))
        }
        Report::Estimate(estimate)
            if &estimate.gathering == place.gathering
                && estimate.post.as_ref().is_none_or(|post| post == place.post) =>
        {
            (estimate.at, estimate.at + Millis(1))
        }
        Report::Tally(_) | Report::Estimate(_) => return Err(foreign(&report, grant)),
        Report::Ready(_) => return Ok(report),
    };
    if began <= grant.from || at >= grant.until {
        let say = "That was counted outside the hours of your link, and is not taken. Ask the organisers for a link for that time.";
        return Err(Refusal::new(of, "out_of_window", say));
    }
    let checked = match report {
        Report::Tally(tally) => tally.checked(now).map(Report::Tally),
        Report::Estimate(estimate) => estimate.checked(now).map(Report::Estimate),
        Report::Ready(_) => Ok(report),
    };
    checked.map_err(|error| {
        // The one fault that time heals: so the page is to keep it and say it again, as if the disk were full.
        let reason = if matches!(error, ReportError::Ahead(_)) { "not_kept" } else { error.reason() };
        Refusal::new(of, reason, error.to_string())
    })
}

/// The refusal of what belongs to another post.
pub(super) fn foreign(report: &Report, grant: &Grant) -> Refusal {
    let say = match (&grant.gathering, &grant.post) {
        (Some(gathering), Some(post)) => {
            format!(
                "Your link is for \"{post}\" at {gathering}, and this is for another place. Open the link of the post that you count at."
            )
        }
        _ => "Your pass is not one for counting. Open the link that the organisers gave you for your post.".to_owned(),
    };
    Refusal::new(report.of(), "out_of_scope", say)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        device::Device,
        estimate::{Estimate, Method},
        pass::{Pass, Role, SECRET_BYTES},
        report::MOST_COUNTED,
        tally::{Tally, Totals},
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
    fn reason_at(report: &Report, now: UnixMillis) -> &'static str {
        let grant = grant();
        match check(&grant, Place::of(&grant).unwrap(), report.clone(), now) {
            Err(refusal) => refusal.reason,
            Ok(_) => "",
        }
    }

    fn reason(report: &Report) -> &'static str {
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
        for (totals, expected) in [(totals(3, 4), "undone"), (totals(MOST_COUNTED + 1, 0), "too_many")] {
            assert_eq!(reason(&Report::Tally(Tally { totals, ..tally(0) })), expected, "{totals:?}");
        }
        let upside_down = Report::Estimate(Estimate { low: 201, value: 200, ..estimate() });
        assert_eq!(reason(&upside_down), "bad_range");
    }
}
