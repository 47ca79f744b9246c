//! Everybody's connection is gone at once, and everybody comes back at once, as fast as they can.

use std::{thread, time::Duration};

use super::{
    fault::Fault,
    figure::Figure,
    options::Options,
    orders::{Back, Order},
    report::{Goal, Report, Row, grouped},
    target::{EVERY_SECOND, Target},
};

/// Until the last phone is back, in seconds.
const BACK_GOAL_S: f64 = 2.0;

/// The longest time without an answered handshake, in milliseconds.
const SILENCE_GOAL_MS: f64 = 50.0;

/// The time between the first arrival of the crowd and the storm: a board or two.
const CALM: Duration = Duration::from_secs(1);

/// All rounds of one side.
#[derive(Default)]
struct Side {
    back_s: Figure,
    silence_ms: Figure,
    slowest_ms: Figure,
    /// Phones that the newest board counted, less the phones that were there.
    off: Figure,
}

/// Measures all rounds.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Fault> {
    let (mut ours, mut least) = (Side::default(), Side::default());
    for _ in 0..options.repeats() {
        pass(Target::server(options.null, EVERY_SECOND)?, options, &mut ours, report)?;
        pass(Target::floor()?, options, &mut least, report)?;
    }
    let phones = grouped(options.most_phones());
    report.add(Row {
        figure: format!("{phones} closed at once and back at once: all back"),
        goal: Goal::AtMost(BACK_GOAL_S, "s"),
        server: format!("{:.2} s", ours.back_s),
        floor: format!("{:.2} s", least.back_s),
        judged: ours.back_s,
    });
    report.add(Row {
        figure: "… longest time without an answered handshake".to_owned(),
        goal: Goal::WorstAtMost(SILENCE_GOAL_MS, "ms"),
        server: format!("{:.0} ms", ours.silence_ms),
        floor: format!("{:.0} ms", least.silence_ms),
        judged: ours.silence_ms,
    });
    report.add(Row {
        figure: "… slowest handshake".to_owned(),
        goal: Goal::None,
        server: format!("{:.0} ms", ours.slowest_ms),
        floor: format!("{:.0} ms", least.slowest_ms),
        judged: Figure::default(),
    });
    report.add(Row {
        figure: "… phones counted 3 s later, less phones there".to_owned(),
        goal: Goal::WorstAtMost(0.0, "off"),
        server: format!("{:.0}", ours.off),
        floor: format!("{:.0}", least.off),
        judged: ours.off,
    });
    Ok(())
}

/// One storm over one target.
fn pass(mut target: Target, options: &Options, side: &mut Side, report: &mut Report) -> Result<(), Fault> {
    let phones = options.most_phones();
    target.begin_join(phones)?;
    target.end_join()?;
    thread::sleep(CALM);
    let back: Back = target.ask(&Order::Storm)?;
    let (joined, what) = (&back.joined, target.what());
    let Some(counted) = back.counted else { return Err(Fault::NoBoard { what, phones }) };
    let off = (counted as f64 - f64::from(phones)).abs();
    eprintln!(
        "storm, {what}: all back after {:.2} s, {:.0} ms without an answer, slowest {:.0} ms, count off by {off}",
        back.seconds, joined.silence_ms, joined.slowest_ms
    );
    if joined.failed > 0 || joined.joined < phones {
        let why = joined.why.as_deref().unwrap_or("out of time");
        report.note(format!("storm, {what}: {} of {phones} came back; the first failure was: {why}", joined.joined));
    }
    side.back_s.add(if joined.joined < phones { f64::INFINITY } else { back.seconds });
    side.silence_ms.add(joined.silence_ms);
    side.slowest_ms.add(joined.slowest_ms);
    side.off.add(off);
    Ok(())
}
