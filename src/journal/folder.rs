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
    _lock: File,
}

impl Folder {
    /// Makes the folder if there is none, and holds it.
    ///
    /// The lock is the kernel's (`flock`): it goes with the process, however that ends, and leaves nothing to clear up.
    pub(super) fn take(dir: &Path) -> Result<Self, OpenError> {
        make(dir)?;
        let lock = open_private(&lock_file(dir))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: dir.to_owned() }),
            Err(TryLockError::Error(source)) => {
                return Err(OpenError::NotWritable { path: lock_file(dir), source });
            }
        }
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
    match File::open(&path).map(|lock| lock.try_lock_shared()) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(TryLockError::WouldBlock)) => Err(OpenError::InUse { path: dir.to_owned() }),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(Err(TryLockError::Error(source))) | Err(source) => Err(OpenError::NotWritable { path, source }),
    }
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
