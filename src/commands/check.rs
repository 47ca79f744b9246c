//! `oneoclock check`: says what would keep `serve` from starting or from being right, and changes nothing.

use std::{
    fmt,
    io::{self, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
};

use crate::{
    clock::{Health, Kernel, Opinion, Standing, TimeSource},
    config::{Config, Serve},
    journal::{Inspection, Journal, OpenError},
    machine::disk,
};

use super::organiser_pass::{self, PassFileError};

mod nats;

/// Below this the journal of a national day may not fit beside what else the machine writes.
const AMPLE_BYTES: u64 = 512 * 1024 * 1024;
/// Below this the first large import may fail.
const LEAST_BYTES: u64 = 64 * 1024 * 1024;
/// Fewer connections than one well attended square brings.
const AMPLE_CONNECTIONS: u32 = 4_000;

/// How one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The server starts, and somebody should look.
    Attention,
    /// The server does not start, or cannot keep anything.
    Problem,
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub verdict: Verdict,
    /// What it is about.
    pub about: &'static str,
    /// A sentence for a person: what is, and what to do.
    pub say: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Attention => "attention",
            Verdict::Problem => "problem",
        };
        write!(f, "{verdict:<10} {:<14} {}", self.about, self.say)
    }
}

/// Checks everything, prints a line on each, and gives the worst verdict.
///
/// # Errors
/// If the lines cannot be written.
pub fn run(settings: Serve, descriptor_limit: u64) -> io::Result<Verdict> {
    let findings = match settings.check(descriptor_limit) {
        Ok(config) => findings(&config, descriptor_limit),
        Err(error) => vec![problem("configuration", error.to_string())],
    };
    let mut out = io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    Ok(findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok))
}

fn findings(config: &Config, descriptor_limit: u64) -> Vec<Finding> {
    let folder = folder(&config.data);
    let kernel = Kernel::asked();
    let usable = folder.verdict != Verdict::Problem;
    let mut findings = vec![configuration(config), port(config.listen), folder, space(&config.data)];
    // What lies in a folder that cannot be used is beside the point.
    if usable {
        findings.extend([journal(&config.data), pass(&config.data)]);
    }
    findings.extend([descriptors(config.max_connections, descriptor_limit), clock(kernel)]);
    findings.extend(config.time_sources.iter().map(|source| time_source(source, &source.ask(), kernel.health)));
    findings.extend(config.engine.iter().flat_map(nats::nats));
    findings
}

fn configuration(config: &Config) -> Finding {
    let Config { pace, beat, grace, .. } = config;
    ok("configuration", format!("boards {pace:?} to {beat:?} apart, {grace:?} to see pages off"))
}

fn port(listen: SocketAddr) -> Finding {
    let about = "address";
    match TcpListener::bind(listen) {
        Ok(_) => ok(about, format!("{listen} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => problem(
            about,
            format!("{listen} is in use, perhaps by a running oneoclock; stop that, or choose another with --listen"),
        ),
        Err(error) => problem(about, format!("cannot listen on {listen}: {error}; choose another with --listen")),
    }
}

fn folder(data: &Path) -> Finding {
    let about = "data folder";
    let shown = data.display();
    let existing = nearest_existing(data);
    if !existing.is_dir() {
        return problem(about, format!("{} is not a folder; choose another with --data", existing.display()));
    }
    match disk::try_to_write(existing) {
        Ok(()) if existing == data => ok(about, format!("{shown} can be written")),
        Ok(()) => ok(about, format!("{shown} is not there yet and will be made")),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            attention(about, format!("{shown} is on a file system where writing cannot be tried without a trace"))
        }
        Err(error) => problem(
            about,
            format!(
                "cannot write in {}: {error}; let the user who runs the server write there, or choose another folder with --data",
                existing.display()
            ),
        ),
    }
}

fn space(data: &Path) -> Finding {
    let about = "disk";
    match disk::free_bytes(nearest_existing(data)) {
        Ok(free) => {
            let say = format!("{} MiB free", free / (1024 * 1024));
            match free {
                AMPLE_BYTES.. => ok(about, say),
                LEAST_BYTES.. => attention(about, format!("{say}; make it {} MiB", AMPLE_BYTES / (1024 * 1024))),
                _ => problem(about, format!("{say}, too little to keep anything safely; make room")),
            }
        }
        Err(error) => attention(about, format!("free space is unknown: {error}")),
    }
}

fn journal(data: &Path) -> Finding {
    let about = "journal";
    match Journal::inspect(data) {
        Ok(Inspection::Absent) => ok(about, "none yet; the first start makes it".to_owned()),
        Ok(Inspection::Sound { facts, lines }) => {
            ok(about, format!("{facts} facts, all readable; {lines} lines of log, an unbroken chain"))
        }
        // The countdown must not wait for the proof of the figures.
        Err(error @ OpenError::BrokenLog { .. }) => attention(about, error.to_string()),
        Err(error) => problem(about, error.to_string()),
    }
}

fn pass(data: &Path) -> Finding {
    let about = "organiser";
    match organiser_pass::read(data) {
        Ok(_) => ok(about, "the pass is there and private".to_owned()),
        Err(PassFileError::Absent { .. }) => ok(about, "no pass yet; the first start makes it".to_owned()),
        Err(error) => problem(about, error.to_string()),
    }
}

fn descriptors(connections: u32, limit: u64) -> Finding {
    let say = format!("{limit} file descriptors, for at most {connections} connections");
    if connections >= AMPLE_CONNECTIONS {
        ok("connections", say)
    } else {
        attention(
            "connections",
            format!(
                "{say}; a full square brings more: raise the limit (ulimit -n, or LimitNOFILE= in the service file) or --max-connections"
            ),
        )
    }
}

fn clock(Kernel { health, leap }: Kernel) -> Finding {
    let about = "clock";
    if leap {
        let near = "a leap second is announced for the end of this UTC day; let everything that tells the time near it use the same kind of source";
        return attention(about, format!("{health}; {near}"));
    }
    let good = Standing::of(health.bound_ms()) == Standing::Synced;
    let finding = if good { ok } else { attention };
    finding(about, health.to_string())
}

fn time_source(source: &TimeSource, opinion: &Opinion, health: Health) -> Finding {
    let about = "time source";
    let say = format!("{source} {opinion}");
    match (opinion, health.bound_ms()) {
        (Opinion::Heard { .. }, Some(bound)) if opinion.contradicts(bound) => attention(
            about,
            format!("{say}, but the kernel says it is right to within {bound:.0} ms; one of the two is wrong"),
        ),
        (Opinion::Heard { .. }, _) => ok(about, say),
        (Opinion::None | Opinion::Silent { .. }, _) => {
            attention(about, format!("{say}; look at --time-source and the way to it (UDP)"))
        }
    }
}

/// The folder itself, or the nearest one above it that is there: where making it would begin.
fn nearest_existing(data: &Path) -> &Path {
    let above = |path: &&Path| path.symlink_metadata().is_ok();
    match data.ancestors().find(above) {
        Some(found) => found,
        // A relative path begins in the working folder, whose name is the empty one.
        None => Path::new("."),
    }
}

fn ok(about: &'static str, say: String) -> Finding {
    Finding { verdict: Verdict::Ok, about, say }
}

fn attention(about: &'static str, say: String) -> Finding {
    Finding { verdict: Verdict::Attention, about, say }
}

fn problem(about: &'static str, say: String) -> Finding {
    Finding { verdict: Verdict::Problem, about, say }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_fine_and_stays_absent() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("deep/data");
        for finding in [folder(&data), journal(&data), pass(&data)] {
            assert_eq!(finding.verdict, Verdict::Ok, "{finding}");
        }
        assert_ne!(space(&data).verdict, Verdict::Problem);
        assert!(!dir.path().join("deep").exists());
    }

    #[test]
    fn a_folder_that_is_a_file_is_a_problem() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        for data in [file.clone(), file.join("data")] {
            assert_eq!(folder(&data).verdict, Verdict::Problem);
        }
    }

    #[test]
    fn a_running_server_is_noticed_by_its_port_and_its_journal() {
        let dir = tempfile::tempdir().unwrap();
        let (_journal, _) = Journal::open(dir.path(), |_| (), drop).unwrap();
        assert_eq!(journal(dir.path()).verdict, Verdict::Problem);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = port(listener.local_addr().unwrap());
        assert!(taken.verdict == Verdict::Problem && taken.say.contains("--listen"), "{taken}");
    }

    #[test]
    fn a_clock_nobody_keeps_right_asks_for_attention() {
        let clock = |health| clock(Kernel { health, leap: false });
        assert_eq!(clock(Health::Synchronised { bound_ms: 20.0 }).verdict, Verdict::Ok);
        for poor in [Health::Synchronised { bound_ms: 60.0 }, Health::Unsynchronised, Health::Unknown] {
            let found = clock(poor);
            assert_eq!(found.verdict, Verdict::Attention);
            assert!(found.say.contains("chrony"), "{found}");
        }
    }

    #[test]
    fn a_leap_second_asks_for_attention_however_right_the_clock_is() {
        let found = clock(Kernel { health: Health::Synchronised { bound_ms: 1.0 }, leap: true });
        assert!(found.verdict == Verdict::Attention && found.say.contains("leap second"), "{found}");
    }

    #[test]
    fn a_time_source_that_contradicts_or_is_silent_asks_for_attention() {
        let found = |opinion: &Opinion, health| time_source(&"192.0.2.1".parse().unwrap(), opinion, health);
        let (good, wrong) =
            (Health::Synchronised { bound_ms: 20.0 }, Opinion::Heard { ahead_ms: -2_000.0, give_ms: 5.0 });
        assert_eq!(found(&Opinion::Heard { ahead_ms: 8.0, give_ms: 5.0 }, good).verdict, Verdict::Ok);
        assert_eq!(found(&wrong, good).verdict, Verdict::Attention);
        assert!(found(&wrong, good).say.contains("2000 ms ahead"), "{}", found(&wrong, good));
        assert_eq!(found(&wrong, Health::Unsynchronised).verdict, Verdict::Ok, "the clock's own line says enough");
        assert_eq!(found(&Opinion::Silent { why: "late".into() }, good).verdict, Verdict::Attention);
    }
}
