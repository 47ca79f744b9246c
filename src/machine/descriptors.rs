//! How many files and sockets this process may have open at once.

use std::io;

/// Raises the soft limit to the hard one, which needs no privilege, and gives the limit that then holds.
///
/// The soft limit is low (often 1,024) for the sake of programs that use `select(2)`; this one does not. Where it
/// cannot be raised after all, such as beyond what the whole system allows, the soft one holds on.
///
/// # Errors
/// If the operating system does not even tell the limit.
pub fn raise() -> io::Result<u64> {
    let given = get()?;
    let raised = libc::rlimit { rlim_cur: given.rlim_max, ..given };
    Ok(set(&raised).map_or(given.rlim_cur, |()| raised.rlim_cur))
}

#[expect(unsafe_code, reason = "a call into the C library; no safe binding exists among our dependencies")]
fn get() -> io::Result<libc::rlimit> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to an rlimit of our own, which the kernel fills in.
    match unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } {
        0 => Ok(limit),
        _ => Err(io::Error::last_os_error()),
    }
}

#[expect(unsafe_code, reason = "a call into the C library; no safe binding exists among our dependencies")]
fn set(limit: &libc::rlimit) -> io::Result<()> {
    // SAFETY: the pointer is to an rlimit that lives through the call, which only reads it.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, limit) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let raised = raise().unwrap();
        let limit = get().unwrap();
        assert_eq!((limit.rlim_cur, limit.rlim_max), (raised, raised));
    }
}
