//! Every page asks for the time, as it does twice in the last minute: what that costs, and how soon it is stamped.

use std::thread;

use super::{
    fault::Fault,
    figure::Figure,
    options::Options,
    orders::{Order, Pinged},
    report::{Goal, Report, Row, grouped},
    target::{SETTLE, Target, Tempo},
};

/// Share of a core that a burst of all pages may cost while it lasts.
const CPU_GOAL: f64 = 0.25;

/// The 99th percentile from before the question is written to the server's stamp on it, in milliseconds. What comes
/// before that stamp is charged to the path, as asymmetry.
const STAMP_GOAL_MS: f64 = 2.0;

/// A round is void if the server waited for the CPU for a larger share of it: then what is measured is the machine.
const MOST_WAITED: f64 = 0.01;

/// Questions in a burst, one after the other.
const PINGS: u32 = 10;

/// Pages begin their bursts within so many milliseconds of each other.
const OVER_MS: u64 = 8_000;

/// As a server has it that was told nothing else.
const TEMPO: Tempo = Tempo { pace: "1s", beat: "20s" };

/// Measures all rounds.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Fault> {
    if options.null {
        return Ok(());
    }
    let phones = options.most_phones();
    let (mut share, mut each, mut median, mut p99): (Figure, Figure, Figure, Figure) = Default::default();
    let (mut longest, mut shortest, mut held): (Figure, Figure, Figure) = Default::default();
    for _ in 0..options.repeats() {
        let mut server = Target::server(options.null, TEMPO)?;
        server.begin_join(phones)?;
        server.end_join()?;
        thread::sleep(SETTLE);
        let Pinged {
            asked,
            answered,
            seconds,
            cpu_us,
            waited_us,
            to_stamp_ms: [p50_ms, p99_ms, max_ms],
            shortest_ms,
            held_ms,
            boards,
        } = server.ask(&Order::Ping { pings: PINGS, over_ms: OVER_MS })?;
        let round = cpu_us / 1e6 / seconds;
        eprintln!(
            "pings: {answered} of {asked} answered in {seconds:.2} s, {round:.3} of a core, {:.1} us each; to s2 {p50_ms:.3} ms, p99 {p99_ms:.3}, longest {max_ms:.2}, shortest {shortest_ms:.4}; {boards} boards meanwhile",
            cpu_us / answered.max(1) as f64
        );
        if answered < u64::from(phones * PINGS) {
            report.note("pings: not every question was asked and answered".to_owned());
        }
        let waited = waited_us / 1e6 / seconds;
        if waited > MOST_WAITED {
            report.note(format!(
                "pings: void, the machine was busy: for {:.0} % of the time the server could have run and was not let",
                waited * 100.0
            ));
        }
        share.add(round);
        each.add(cpu_us / answered.max(1) as f64);
        median.add(p50_ms);
        p99.add(p99_ms);
        longest.add(max_ms);
        shortest.add(shortest_ms);
        held.add(held_ms);
    }
    report.add(Row {
        figure: format!(
            "{} pages ask {PINGS} times each, beginning within {} s: CPU meanwhile",
            grouped(phones),
            OVER_MS / 1_000
        ),
        goal: Goal::AtMost(CPU_GOAL, "of a core"),
        server: format!("{share:.3} of a core, {each:.1} us a question"),
        floor: String::new(),
        judged: share,
    });
    report.add(Row {
        figure: "… from before a question is written to the server's stamp on it, p99".to_owned(),
        goal: Goal::AtMost(STAMP_GOAL_MS, "ms"),
        server: format!("{p99:.2} ms; median {median:.3}, longest {longest:.1}, shortest {shortest:.3} ms"),
        floor: String::new(),
        judged: p99,
    });
    report.add(Row {
        figure: "… from that stamp to the one on the answer, p99".to_owned(),
        goal: Goal::None,
        server: format!("{held:.3} ms"),
        floor: String::new(),
        judged: held,
    });
    Ok(())
}
