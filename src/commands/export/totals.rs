//! What the facts of a log come to, by the same rules as on the server.

use std::{collections::BTreeMap, fmt};

use serde_json::json;

use crate::{
    domain::{
        board::Board,
        headcount::{Day, Headcount},
        moment::Moment,
        publication::{National, Publication},
        time::{Millis, UnixMillis},
        version::NodeId,
    },
    journal::Line,
};

/// How long before the end of a log a day may lie that nobody set a moment for. The figures of a day take reports
/// until six hours after its moment, and the default moment stands for one.
const DAY_LINGERS: Millis = Millis::from_mins(5 * 60);

/// The merge of the lines so far.
#[derive(Debug, Default)]
pub(super) struct Totals {
    board: Board,
    kinds: BTreeMap<&'static str, u64>,
    /// The newest instant at which anything was said.
    until: Option<UnixMillis>,
}

impl Totals {
    /// Merges what a line says.
    pub(super) fn add(&mut self, line: Line) {
        self.until = self.until.max(Some(line.at));
        for fact in line.facts {
            *self.kinds.entry(fact.kind()).or_default() += 1;
            let _ = self.board.merge(fact);
        }
    }

    /// The moment that was set, or the one that stood at the time; none if the log says neither.
    fn moment(&self, until: UnixMillis) -> Option<Moment> {
        let unset = || {
            let nobody: NodeId = "nobody".parse().ok()?;
            Some(Moment::default_at(until - DAY_LINGERS, &nobody))
        };
        self.board.moment().cloned().or_else(unset)
    }

    /// Gatherings that have reported, with who was there.
    fn present(&self, day: Day, now: UnixMillis) -> impl Iterator<Item = (&str, Headcount)> {
        self.board.gatherings().filter_map(move |gathering| {
            let people = self.board.count().present(&gathering.slug, gathering.expected, day, now)?;
            Some((gathering.slug.as_str(), people))
        })
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<_> = self.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        let nothing = if said.is_empty() { "nothing" } else { "" };
        writeln!(f, "said: {nothing}{}", said.join(", "))?;
        let Some(now) = self.until else { return Ok(()) };
        let Some(moment) = self.moment(now) else { return Ok(()) };
        let set = if self.board.moment().is_some() { "" } else { ", which nobody set" };
        writeln!(f, "moment: {}{set}", moment.at_utc())?;

        let mut publication = Publication::default();
        publication.tell(&self.board, &moment, now);
        let National { taking_part, low, high, elsewhere, reported, gatherings, ready, signed_off, .. } =
            publication.national();
        let status = if signed_off { "final" } else { "provisional" };
        writeln!(f, "\nas the public is told at the end of this log")?;
        writeln!(f, "  taking part: {taking_part}, from {low} to {high}; {status}")?;
        writeln!(f, "  of these elsewhere, as they say themselves: {elsewhere}")?;
        writeln!(f, "  reported: {reported} of {gatherings} gatherings; ready: {ready}")?;

        writeln!(f, "\nunrounded")?;
        let day = Day { moment: moment.at };
        let sum: u64 = self.present(day, now).map(|(_, people)| u64::from(people.value)).sum();
        let elsewhere = self.board.elsewhere(day);
        writeln!(f, "  taking part: {}, of these elsewhere: {elsewhere}", sum.saturating_add(elsewhere))?;
        for (slug, Headcount { value, low, high, method, held, .. }) in self.present(day, now) {
            let method = json!(method);
            let held = if held == 0 { String::new() } else { format!("; {held} more held for checking") };
            let method = method.as_str().unwrap_or_default();
            writeln!(f, "  {slug}: {value}, from {low} to {high}, {method}{held}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fact::Fact,
        import::{Diff, parse},
        tally::{Tally, Totals as Counted},
        time::Minute,
    };

    /// 2027-02-20 13:00 in London.
    const MOMENT: UnixMillis = UnixMillis(1_803_128_400_000);

    fn line(n: u64, at: UnixMillis, facts: Vec<Fact>) -> Line {
        Line { n, at, by: "somebody".to_owned(), facts }
    }

    fn tally(gathering: &str, minute: UnixMillis, entered: u32) -> Fact {
        Fact::Tally(Tally {
            gathering: gathering.parse().unwrap(),
            post: "Gate".parse().unwrap(),
            device: 1.into(),
            minute: Minute::of(minute),
            totals: Counted { entered, entered_undone: 1, ..Counted::default() },
        })
    }

    fn totals(facts: Vec<Fact>) -> String {
        let list = parse(b"id,name,place\nbath,Bath,Bath\nhull,Hull,Hull\n").unwrap();
        let list = Diff::between([], &list).unwrap().facts(&Board::default(), &"here".parse().unwrap());
        let mut totals = Totals::default();
        totals.add(line(1, MOMENT - Millis::from_mins(600), list));
        totals.add(line(2, MOMENT + Millis::from_mins(300), facts));
        totals.to_string()
    }

    #[test]
    fn a_log_without_a_moment_is_of_the_day_it_ends_on_and_late_taps_count_in_their_own_minute() {
        let before = MOMENT - Millis::from_mins(30);
        let said = totals(vec![tally("bath", before, 124), tally("bath", MOMENT + Millis::from_mins(60), 50)]);
        assert_eq!(
            said,
            "said: gathering 2, tally 2\n\
             moment: 2027-02-20T13:00:00Z, which nobody set\n\
             \n\
             as the public is told at the end of this log\n  \
             taking part: 125, from 120 to 125; provisional\n  \
             of these elsewhere, as they say themselves: 0\n  \
             reported: 1 of 2 gatherings; ready: 0\n\
             \n\
             unrounded\n  \
             taking part: 123, of these elsewhere: 0\n  \
             bath: 123, from 123 to 123, counted\n"
        );
    }

    #[test]
    fn repeated_lines_change_no_total() {
        let tap = tally("bath", MOMENT, 30);
        let unrounded = |said: String| said.split("unrounded").nth(1).unwrap().to_owned();
        assert_eq!(unrounded(totals(vec![tap.clone(); 3])), unrounded(totals(vec![tap])));
    }

    #[test]
    fn an_empty_log_says_nothing() {
        assert_eq!(Totals::default().to_string(), "said: nothing\n");
    }
}
