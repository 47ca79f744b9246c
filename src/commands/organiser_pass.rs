//! The organiser's pass: one line in the data folder, readable by the server's own user only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use crate::domain::pass::{Pass, Role, SECRET_BYTES};

/// The file in the data folder that holds it.
pub const PASS_FILE: &str = "organiser.pass";

/// Nobody but the server's own user: whoever reads the file is the organiser.
const MODE: u32 = 0o600;

/// A pass that cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum PassFileError {
    /// There is none.
    #[error("there is no organiser's pass in {}; the server makes it at its first start, so start it there, or give the right folder with --data", path.display())]
    Absent {
        /// Where it would be.
        path: PathBuf,
    },
    /// Others may read or change it.
    #[error("the organiser's pass {} is open to others (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Loose {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else. What it holds is not repeated: it may be half of a secret.
    #[error("{} does not hold an organiser's pass; delete it, and the next start makes a new one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The operating system will not.
    #[error("cannot use the organiser's pass {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system gave no random bytes to make it from.
    #[error("the operating system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

/// Reads the pass that a server keeps in its data folder.
///
/// # Errors
/// [`PassFileError`]; a file that others may read is refused, because they may have.
pub fn read(data: &Path) -> Result<Pass, PassFileError> {
    let path = place(data);
    let trouble = |source| PassFileError::Io { path: path.clone(), source };
    let mode = match fs::metadata(&path) {
        Ok(file) => file.permissions().mode() & 0o777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(PassFileError::Absent { path }),
        Err(error) => return Err(trouble(error)),
    };
    if mode & !MODE != 0 {
        return Err(PassFileError::Loose { path, mode });
    }
    let text = fs::read_to_string(&path).map_err(trouble)?;
    match text.trim().parse::<Pass>() {
        Ok(pass) if pass.role() == Role::Organiser => Ok(pass),
        _ => Err(PassFileError::Damaged { path }),
    }
}

/// Reads the pass, or makes one if there is none. Only for the server that holds the folder.
///
/// # Errors
/// As [`read`], or that it could not be written.
pub fn read_or_make(data: &Path) -> Result<Pass, PassFileError> {
    match read(data) {
        Err(PassFileError::Absent { path }) => make(&path),
        other => other,
    }
}

fn make(path: &Path) -> Result<Pass, PassFileError> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(PassFileError::Random)?;
    let pass = Pass::from_random(Role::Organiser, secret);
    write(path, &pass.reveal()).map_err(|source| PassFileError::Io { path: path.to_owned(), source })?;
    Ok(pass)
}

/// Written beside and renamed, so that a power cut leaves a whole pass or none.
fn write(path: &Path, line: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(&beside)?;
    file.set_permissions(fs::Permissions::from_mode(MODE))?;
    writeln!(file, "{line}")?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The new name is on the disk only when the folder is.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn place(data: &Path) -> PathBuf {
    data.join(PASS_FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_start_makes_a_pass_and_every_later_one_finds_it() {
        let data = tempfile::tempdir().unwrap();
        assert!(matches!(read(data.path()), Err(PassFileError::Absent { .. })));
        let made = read_or_make(data.path()).unwrap();
        assert_eq!(read_or_make(data.path()).unwrap(), made);
        assert_eq!(read(data.path()).unwrap(), made);
        assert_eq!(fs::metadata(place(data.path())).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(data.path().read_dir().unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_pass_that_others_may_read_is_refused_with_the_command_that_helps() {
        let data = tempfile::tempdir().unwrap();
        read_or_make(data.path()).unwrap();
        fs::set_permissions(place(data.path()), fs::Permissions::from_mode(0o640)).unwrap();
        let said = read_or_make(data.path()).unwrap_err().to_string();
        assert!(said.contains("mode 0640") && said.contains("chmod 600"), "{said}");
    }

    #[test]
    fn anything_else_in_the_file_is_refused_and_not_repeated() {
        let data = tempfile::tempdir().unwrap();
        for wrong in ["", "a half", "oo1-steward-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            write(&place(data.path()), wrong).unwrap();
            let error = read_or_make(data.path()).unwrap_err();
            assert!(matches!(error, PassFileError::Damaged { .. }));
            assert!(wrong.is_empty() || !error.to_string().contains(wrong));
        }
    }
}
