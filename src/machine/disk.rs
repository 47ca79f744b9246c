//! Whether a folder can be written, and how much room is left there.

use std::{
    ffi::CString,
    fs::OpenOptions,
    io,
    mem::MaybeUninit,
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::Path,
};

/// Tries to write in `dir` and leaves no trace: a file without a name, gone when closed.
///
/// # Errors
/// What the operating system says; `Unsupported` where the file system has no such files.
pub fn try_to_write(dir: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).custom_flags(libc::O_TMPFILE).open(dir).map(drop)
}

/// Bytes that an ordinary user may still write on the file system of `path`.
///
/// # Errors
/// What the operating system says, or `InvalidInput` for a path with a zero byte.
#[expect(unsafe_code, reason = "a call into the C library; no safe binding exists among our dependencies")]
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let mut stats = MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: both pointers are to memory of our own that lives through the call; all zero is a valid statvfs.
    let (outcome, stats) = unsafe { (libc::statvfs(path.as_ptr(), stats.as_mut_ptr()), stats.assume_init()) };
    match outcome {
        0 => Ok(stats.f_bavail.saturating_mul(stats.f_frsize)),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_our_own_has_room_and_stays_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert!(free_bytes(dir.path()).unwrap() > 0);
        match try_to_write(dir.path()) {
            Ok(()) => {}
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::Unsupported),
        }
        assert_eq!(dir.path().read_dir().unwrap().count(), 0);
        assert!(free_bytes(&dir.path().join("absent")).is_err());
    }
}
