//! The server and the floor at the same time on the same core, half a second out of phase.
//!
//! What a `send(2)` costs drifts by a third from one minute to the next on a shared machine. Both sides of a
//! pair drift together, so each round gives one ratio, and only ratios are compared.

use std::thread;

use super::{
    fault::Fault,
    figure::Figure,
    options::Options,
    orders::{Heard, Order},
    report::{Goal, Report, Row, grouped},
    target::{EVERY_SECOND, QUIET_MS, SETTLE, Target},
};

/// The server's CPU per board over the floor's, at most.
const CPU_GOAL: f64 = 1.10;

/// The same for the time from first to last receipt, at the largest crowd.
const SPREAD_GOAL: f64 = 1.2;

/// How far the floor's boards are kept from the server's, in milliseconds.
const APART_MS: u64 = 500;

/// Nearer than this and one side's boards may run into the other's, in milliseconds.
const TOO_NEAR_MS: u64 = 200;

/// How long a crowd sleeps when nothing has come, in microseconds: two crowds share one core.
const NAP_US: u64 = 500;

/// All rounds with one number of phones.
#[derive(Default)]
struct Size {
    server_us: Figure,
    floor_us: Figure,
    cpu: Figure,
    server_ms: Figure,
    floor_ms: Figure,
    spread: Figure,
    /// CPU time and boards of all rounds together.
    server_sum: (f64, f64),
    floor_sum: (f64, f64),
}

impl Size {
    /// The CPU ratio of everything together: holds the rare work that a median leaves out.
    fn overall(&self) -> f64 {
        (self.server_sum.0 / self.server_sum.1) / (self.floor_sum.0 / self.floor_sum.1)
    }
}

/// Measures all rounds.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Fault> {
    let mut sizes: Vec<Size> = options.phones.iter().map(|_| Size::default()).collect();
    for round in 0..options.rounds {
        // Who starts first gets the older sockets: take turns.
        let (mut server, mut floor) = if round % 2 == 0 {
            let server = Target::server(options.null, EVERY_SECOND)?;
            (server, Target::floor()?)
        } else {
            let floor = Target::floor()?;
            (Target::server(options.null, EVERY_SECOND)?, floor)
        };
        for (phones, size) in options.phones.iter().zip(&mut sizes) {
            let (ours, least) = pair(&mut server, &mut floor, *phones, options.window)?;
            let ratio = ours.cost_us / least.cost_us;
            eprintln!(
                "pairs, round {} of {}, {phones} phones: {:.2} us and {:.2} us per board, x {ratio:.3}; {:.0} ms and {:.0} ms",
                round + 1,
                options.rounds,
                ours.cost_us,
                least.cost_us,
                ours.spread_ms,
                least.spread_ms,
            );
            remark(&ours, &least, report);
            size.server_sum.0 += ours.cpu_us;
            size.server_sum.1 += ours.received as f64;
            size.floor_sum.0 += least.cpu_us;
            size.floor_sum.1 += least.received as f64;
            size.server_us.add(ours.cost_us);
            size.floor_us.add(least.cost_us);
            size.cpu.add(ratio);
            size.server_ms.add(ours.spread_ms);
            size.floor_ms.add(least.spread_ms);
            size.spread.add(ours.spread_ms / least.spread_ms);
        }
    }
    for (phones, size) in options.phones.iter().zip(&sizes) {
        report.add(Row {
            figure: format!(
                "CPU per delivered board, {} phones (all rounds summed: x {:.2})",
                grouped(*phones),
                size.overall()
            ),
            goal: Goal::AtMost(CPU_GOAL, "x the floor"),
            server: format!("{:.2} us", size.server_us),
            floor: format!("{:.2} us", size.floor_us),
            judged: size.cpu.clone(),
        });
    }
    if let (Some(phones), Some(size)) = (options.phones.last(), sizes.last()) {
        report.add(Row {
            figure: format!("first to last receipt of one board, {} phones", grouped(*phones)),
            goal: Goal::AtMost(SPREAD_GOAL, "x the floor"),
            server: format!("{:.0} ms", size.server_ms),
            floor: format!("{:.0} ms", size.floor_ms),
            judged: size.spread.clone(),
        });
    }
    Ok(())
}

/// One window on both sides.
fn pair(server: &mut Target, floor: &mut Target, phones: u32, boards: u32) -> Result<(Heard, Heard), Fault> {
    server.begin_join(phones)?;
    floor.begin_join(phones)?;
    server.end_join()?;
    floor.end_join()?;
    let listen = |boards| Order::Listen { boards, quiet_ms: QUIET_MS, nap_us: NAP_US };
    server.order(&listen(1))?;
    let phase_ms = server.end_listen()?.phase_ms;
    floor.keep_phase((phase_ms + APART_MS) % 1000)?;
    thread::sleep(SETTLE);
    server.order(&listen(boards))?;
    floor.order(&listen(boards))?;
    Ok((server.end_listen()?, floor.end_listen()?))
}

/// Says what is wrong with a window.
fn remark(ours: &Heard, least: &Heard, report: &mut Report) {
    for (what, heard) in [("the server", ours), ("the floor", least)] {
        let phones = heard.phones;
        if heard.missed > 0 {
            report.note(format!("{what} with {phones} phones: {} boards of {} missed", heard.missed, heard.received));
        }
        if !heard.whole {
            report.note(format!("{what} with {phones} phones: no quiet moment between boards, window not whole"));
        }
    }
    let apart = ours.phase_ms.abs_diff(least.phase_ms);
    if apart.min(1000 - apart) < TOO_NEAR_MS {
        report.note(format!("with {} phones the boards of both sides ran into each other", ours.phones));
    }
}
