//! The data folder: made private, and held by one server at a time.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::OpenError;

/// Only the user who runs the server may enter the folder: it holds the organiser's pass.
const FOLDER_MODE: u32 = 0o700;
/// The same for the files, so that a folder somebody opened up does not open them.
const FILE_MODE: u32 = 0o600;

/// The journal within a data folder.
pub(super) fn journal_file(dir: &Path) -> PathBuf {
    dir.join("journal.db")
}

fn lock_file(dir: &Path) -> PathBuf {
    dir.join("lock")
}

/// A data folder that this process holds; letting go of it lets the next server in.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: Lock,
}

impl Folder {
    /// Makes the folder if there is none, and holds it.
    pub(super) fn take(dir: &Path) -> Result<Self, OpenError> {
        make(dir)?;
        let lock = Lock(open_private(&lock_file(dir))?);
        held(dir, lock.0.try_lock())?;
        // SQLite gives its side files the mode of the main one, so it must be right from the start.
        open_private(&journal_file(dir))?;
        Ok(Self { path: dir.to_owned(), _lock: lock })
    }

    pub(super) fn journal(&self) -> PathBuf {
        journal_file(&self.path)
    }
}

/// Refuses a folder that a running server holds, without waiting, making or keeping anything.
pub(super) fn refuse_if_in_use(dir: &Path) -> Result<(), OpenError> {
    let path = lock_file(dir);
    match File::open(&path).map(Lock) {
        Ok(lock) => held(dir, lock.0.try_lock_shared()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(OpenError::NotWritable { path, source }),
    }
}

/// The kernel's own lock (`flock`): it goes with the process, however that ends, and leaves nothing to clear up.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would not do while a child process that was only just started still shares it.
        let _ = self.0.unlock();
    }
}

fn held(dir: &Path, outcome: Result<(), TryLockError>) -> Result<(), OpenError> {
    outcome.map_err(|refused| match refused {
        TryLockError::WouldBlock => OpenError::InUse { path: dir.to_owned() },
        TryLockError::Error(source) => OpenError::NotWritable { path: lock_file(dir), source },
    })
}

fn make(dir: &Path) -> Result<(), OpenError> {
    match DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(dir) {
        Ok(()) => Ok(()),
        Err(_) if dir.exists() => Err(OpenError::NotAFolder { path: dir.to_owned() }),
        Err(source) => Err(OpenError::Make { path: dir.to_owned(), source }),
    }
}

fn open_private(path: &Path) -> Result<File, OpenError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)
        .map_err(|source| OpenError::NotWritable { path: path.to_owned(), source })
}
