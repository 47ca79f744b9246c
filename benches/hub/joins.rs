//! What a join costs, how many fit into a second, and what a seated phone weighs.

use std::thread;

use super::{
    fault::Fault,
    figure::Figure,
    options::Options,
    orders::Order,
    report::{Goal, Report, Row, grouped},
    target::{EVERY_SECOND, QUIET_MS, SETTLE, Target},
};

/// CPU time of handshake, first messages and seat, in microseconds.
const CPU_GOAL_US: f64 = 60.0;

/// Joins per second on one core.
const RATE_GOAL: f64 = 12_000.0;

/// Process memory per phone, everything a seat holds included, in bytes.
const MEMORY_GOAL: f64 = 1_200.0;

/// All rounds of one side.
#[derive(Default)]
struct Side {
    cpu_us: Figure,
    rate: Figure,
    memory: Figure,
}

/// Measures all rounds.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Fault> {
    let (mut ours, mut least) = (Side::default(), Side::default());
    for _ in 0..options.repeats() {
        fill(Target::server(options.null, EVERY_SECOND)?, options, &mut ours)?;
        fill(Target::floor()?, options, &mut least)?;
    }
    let phones = grouped(options.most_phones());
    report.add(Row {
        figure: format!("process memory per phone, {phones} phones"),
        goal: Goal::AtMost(MEMORY_GOAL, "bytes"),
        server: format!("{:.0} bytes", ours.memory),
        floor: format!("{:.0} bytes", least.memory),
        judged: ours.memory,
    });
    report.add(Row {
        figure: "CPU per join".to_owned(),
        goal: Goal::AtMost(CPU_GOAL_US, "us"),
        server: format!("{:.1} us", ours.cpu_us),
        floor: format!("{:.1} us", least.cpu_us),
        judged: ours.cpu_us,
    });
    report.add(Row {
        figure: format!("joins per second, up to {phones} phones"),
        goal: Goal::AtLeast(RATE_GOAL, "per second"),
        server: format!("{:.0}", ours.rate),
        floor: format!("{:.0}", least.rate),
        judged: ours.rate,
    });
    Ok(())
}

/// Fills one target from empty.
fn fill(mut target: Target, options: &Options, side: &mut Side) -> Result<(), Fault> {
    let empty = target.memory()?;
    target.begin_join(options.most_phones())?;
    let joined = target.end_join()?;
    thread::sleep(SETTLE);
    target.order(&Order::Listen { boards: options.window, quiet_ms: QUIET_MS, nap_us: 0 })?;
    let heard = target.end_listen()?;
    // Boards sent while phones joined are not part of joining.
    let cpu_us = (joined.cpu_us - joined.boards as f64 * heard.cost_us) / f64::from(joined.joined);
    let rate = f64::from(joined.joined) / joined.seconds;
    let memory = (heard.memory as f64 - empty as f64) / f64::from(heard.phones);
    eprintln!(
        "joins, {}: {cpu_us:.1} us per join, {rate:.0} joins per second, {memory:.0} bytes per phone",
        target.what()
    );
    side.cpu_us.add(cpu_us);
    side.rate.add(rate);
    side.memory.add(memory);
    Ok(())
}
