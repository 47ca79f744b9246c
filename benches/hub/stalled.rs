//! A tenth of the phones never read: what the others notice, and what is held for those.

use std::thread;

use super::{
    fault::Fault,
    figure::Figure,
    options::Options,
    orders::{Heard, Order, Stalled},
    report::{Goal, Report, Row, grouped},
    target::{SETTLE, Target, Tempo},
};

/// The 99th percentile of the others' receipts, after over before.
const DELAY_GOAL: f64 = 1.10;

/// Held per phone that does not read, in process and kernel together, in bytes.
const HELD_GOAL: f64 = 4096.0;

/// Boards come as often as they may when nothing changes, so that a socket that is not read is full before
/// the server takes its phone for lost.
const TEMPO: Tempo = Tempo { pace: "500ms", beat: "500ms" };

/// Boards in a window for each that would otherwise come once a second.
const WINDOW_FACTOR: u32 = 2;

/// A quiet moment at that pace, in milliseconds.
const QUIET_MS: u64 = 100;

/// More would fill the time between two boards.
const MOST_PHONES: u32 = 5_000;

/// One phone in so many does not read.
const EVERY: u32 = 10;

/// Measures all rounds.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Fault> {
    if options.null {
        return Ok(());
    }
    let phones = options.most_phones().min(MOST_PHONES);
    let (mut before, mut after, mut ratio, mut held) = Default::default();
    let (mut process, mut kernel): (Figure, Figure) = Default::default();
    let add = |figure: &mut Figure, value| figure.add(value);
    for _ in 0..options.repeats() {
        let mut server = Target::server(options.null, TEMPO)?;
        server.begin_join(phones)?;
        server.end_join()?;
        thread::sleep(SETTLE);
        let all = listen(&mut server, options)?;
        let stalled: Stalled = server.ask(&Order::Stall { every: EVERY })?;
        let others = listen(&mut server, options)?;
        let count = f64::from(stalled.stalled);
        let in_process = (others.memory as f64 - all.memory as f64).max(0.0) / count;
        let in_kernel = stalled.unsent as f64 / count;
        eprintln!(
            "stalled: p99 {:.1} ms with all reading, {:.1} ms with {count} not; {in_process:.0} + {in_kernel:.0} bytes held for each",
            all.p99_ms, others.p99_ms
        );
        if !stalled.full {
            report.note("phones that never read: their sockets were not full when this was measured".to_owned());
        }
        if stalled.stalled < phones / EVERY {
            report.note(format!("of {} phones that never read, {count} were still connected", phones / EVERY));
        }
        add(&mut before, all.p99_ms);
        add(&mut after, others.p99_ms);
        add(&mut ratio, others.p99_ms / all.p99_ms);
        add(&mut held, in_process + in_kernel);
        process.add(in_process);
        kernel.add(in_kernel);
    }
    report.add(Row {
        figure: format!("1 of {EVERY} of {} phones never reads: p99 of the others, after over before", grouped(phones)),
        goal: Goal::AtMost(DELAY_GOAL, "x before"),
        server: format!("{after:.1} ms, before {before:.1} ms"),
        floor: String::new(),
        judged: ratio,
    });
    report.add(Row {
        figure: "… held per phone that never reads".to_owned(),
        goal: Goal::AtMost(HELD_GOAL, "bytes"),
        server: format!("{process:.0} in the process, {kernel:.0} in the kernel"),
        floor: String::new(),
        judged: held,
    });
    Ok(())
}

fn listen(server: &mut Target, options: &Options) -> Result<Heard, Fault> {
    server.order(&Order::Listen { boards: options.window * WINDOW_FACTOR, quiet_ms: QUIET_MS, nap_us: 0 })?;
    server.end_listen()
}
