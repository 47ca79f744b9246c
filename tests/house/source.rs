//! One file of the project.

use std::{fs, path::Path};

use crate::tokens::{Token, tokens, without_tests};

/// The project's own folder.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Folders that hold other people's files or what was built.
const NOT_OURS: [&str; 2] = ["node_modules", "target"];

/// One file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Where it is, from the project's folder, such as `src/hub/seat.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Every file below `folders` whose name ends in one of `endings`; at least one in each folder.
    pub(crate) fn all(folders: &[&str], endings: &[&str]) -> Vec<Self> {
        let mut found = Vec::new();
        for folder in folders {
            let before = found.len();
            collect(&Path::new(ROOT).join(folder), endings, &mut found);
            assert!(found.len() > before, "nothing to check in {folder}/");
        }
        found
    }

    /// Every Rust file of the server.
    pub(crate) fn of_the_server() -> Vec<Self> {
        Self::all(&["src"], &[".rs"])
    }

    /// The file within `src/`, without its ending: `hub/seat`.
    pub(crate) fn place(&self) -> &str {
        self.path.trim_start_matches("src/").trim_end_matches(".rs")
    }

    /// Its room: the first part of its place.
    pub(crate) fn room(&self) -> &str {
        self.place().split('/').next().unwrap_or_default()
    }

    /// Whether it is nothing but tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// All its words.
    pub(crate) fn tokens(&self) -> Vec<Token<'_>> {
        tokens(&self.text)
    }

    /// Its words without its tests.
    pub(crate) fn code(&self) -> Vec<Token<'_>> {
        if self.is_test() { Vec::new() } else { without_tests(&self.tokens()) }
    }

    /// A breach at a line of it.
    pub(crate) fn breach(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<Source>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !NOT_OURS.contains(&name) {
                collect(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let place = path.strip_prefix(ROOT).unwrap().to_str().unwrap();
            found.push(Source::new(place, &fs::read_to_string(&path).unwrap()));
        }
    }
}
