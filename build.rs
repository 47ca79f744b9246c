//! Compresses and embeds `web/`, so that the binary needs no other file.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::Path,
};

/// Scripts and styles, served under a name that changes with any of them.
const ASSETS: &str = "web";

fn main() -> io::Result<()> {
    memory_serve::load_directory(ASSETS);
    let mut hasher = DefaultHasher::new();
    hash(Path::new(ASSETS), &mut hasher)?;
    println!("cargo::rustc-env=ONEOCLOCK_ASSETS={:016x}", hasher.finish());
    println!("cargo::rerun-if-changed={ASSETS}");
    Ok(())
}

fn hash(folder: &Path, hasher: &mut impl Hasher) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_type()?.is_dir() {
            hash(&entry.path(), hasher)?;
        } else {
            (entry.file_name(), fs::read(entry.path())?).hash(hasher);
        }
    }
    Ok(())
}
