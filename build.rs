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
    let mut files: Vec<_> = fs::read_dir(Path::new(ASSETS))?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    for file in files {
        (file.file_name(), fs::read(file.path())?).hash(&mut hasher);
    }
    println!("cargo::rustc-env=ONEOCLOCK_ASSETS={:016x}", hasher.finish());
    println!("cargo::rerun-if-changed={ASSETS}");
    Ok(())
}
