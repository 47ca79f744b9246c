//! What another process has cost so far, from /proc.

use std::{fs, io, time::Duration};

/// A process of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// CPU time of all its threads that are alive.
    ///
    /// From `schedstat`, which counts nanoseconds; the better known `stat` counts in ticks of 10 ms.
    pub(crate) fn cpu(self) -> io::Result<Duration> {
        self.scheduled(0)
    }

    /// For how long its threads could have run and were not let, because others had the CPU. The threads of the
    /// process itself are among these others.
    pub(crate) fn waited(self) -> io::Result<Duration> {
        self.scheduled(1)
    }

    /// The sum of one field of `schedstat` over all threads, in nanoseconds.
    fn scheduled(self, field: usize) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0))? {
            // A thread may end between the listing and the reading.
            let spent = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += spent.split_whitespace().nth(field).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Its memory in bytes, shared pages divided by those who share them (PSS).
    ///
    /// What the kernel keeps for its sockets is not in it.
    pub(crate) fn memory(self) -> io::Result<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0))?;
        let kibibytes =
            rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.split_whitespace().next()?.parse().ok());
        kibibytes.map(|n: u64| n * 1024).ok_or_else(|| io::Error::other("smaps_rollup without a Pss line"))
    }
}

/// Bytes that the kernel holds for the server's end of its connections, because the readers took no more.
pub(crate) fn unsent(port: u16) -> io::Result<u64> {
    let port = format!(":{port:04X}");
    let queue = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next()?;
        let (waiting, _) = fields.nth(2)?.split_once(':')?;
        local.ends_with(&port).then(|| u64::from_str_radix(waiting, 16).ok())?
    };
    Ok(fs::read_to_string("/proc/net/tcp")?.lines().filter_map(queue).sum())
}
