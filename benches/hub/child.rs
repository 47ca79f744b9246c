//! A process that is pinned to a core and ends with its parent.

use std::{
    ffi::OsStr,
    fs,
    process::{self, Command, Stdio},
    thread,
};

use super::fault::Fault;

/// Where the servers run, alone.
pub(crate) const SERVER_CORE: u32 = 0;

/// Where the phones run.
pub(crate) const CROWD_CORE: u32 = 1;

/// Open files a process needs beside its phones: listeners, journal, logs, the runtime's own.
const SPARE_FILES: u64 = 100;

/// A running child; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Child(process::Child);

impl Child {
    /// Starts `program` on `core` with as many open files as are allowed.
    ///
    /// The three helpers of util-linux replace themselves by the program, so that the child's id is its own.
    /// They do what would otherwise take unsafe code between fork and exec.
    pub(crate) fn start<I>(
        what: &'static str,
        core: u32,
        program: &OsStr,
        args: I,
        out: Stdio,
        err: Stdio,
    ) -> Result<Self, Fault>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let files = most_files();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "prlimit", &format!("--nofile={files}:{files}")])
            .args(["taskset", "--cpu-list", &core.to_string()])
            .arg(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(err)
            .spawn();
        child.map(Self).map_err(|source| Fault::Start { what, source })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Its standard input.
    pub(crate) fn stdin(&mut self) -> Option<&mut process::ChildStdin> {
        self.0.stdin.as_mut()
    }

    /// Its standard output, if it was piped; only the first call gets it.
    pub(crate) fn take_stdout(&mut self) -> Option<process::ChildStdout> {
        self.0.stdout.take()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Either fails only if the child is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Refuses a run that this machine cannot hold.
pub(crate) fn check_machine(phones: u32) -> Result<(), Fault> {
    if thread::available_parallelism()?.get() < 2 {
        return Err(Fault::OneCore);
    }
    let (needed, allowed) = (u64::from(phones) + SPARE_FILES, most_files());
    if needed > allowed { Err(Fault::Files { phones, needed, allowed }) } else { Ok(()) }
}

/// The hard limit of open files of this process; what cannot be read is taken for the usual 1,024.
fn most_files() -> u64 {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let hard =
        limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().nth(1)?.parse().ok());
    hard.unwrap_or(1024)
}
