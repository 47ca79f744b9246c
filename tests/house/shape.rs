//! Names and sizes of files.

use std::{collections::BTreeSet, path::Path};

use crate::{assert_kept, source::Source};

/// Most lines of code in a file; blank lines, comments and tests inside it are not counted. Past it, a file has
/// usually become two things.
const MAX_LINES: usize = 400;

/// Names that say nothing, under which anything gathers.
const NAMES_FOR_NOTHING: [&str; 9] =
    ["util", "utils", "helper", "helpers", "common", "misc", "shared", "stuff", "tools"];

/// Where our own files are, and which of them people write.
const FOLDERS: [&str; 4] = ["src", "web", "tests", "benches"];
const ENDINGS: [&str; 7] = [".rs", ".js", ".css", ".html", ".py", "/run", "/install"];

fn everything() -> Vec<Source> {
    Source::all(&FOLDERS, &ENDINGS)
}

fn lines_of_code(source: &Source) -> usize {
    if source.path.ends_with(".rs") {
        let tokens = if source.is_test() { source.tokens() } else { source.code() };
        let lines: BTreeSet<_> = tokens.iter().flat_map(|token| token.line..=token.last_line).collect();
        return lines.len();
    }
    let comment = |line: &str| ["//", "/*", "*", "<!--", "# "].iter().any(|mark| line.starts_with(mark));
    source.text.lines().map(str::trim).filter(|line| !line.is_empty() && !comment(line)).count()
}

fn breaches(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let lines = lines_of_code(source);
    if lines > MAX_LINES {
        let what = format!("{lines} lines of code, where {MAX_LINES} are the most: find the second thing in it");
        found.push(source.breach(1, &what));
    }
    let path = Path::new(&source.path);
    let named =
        |name: &str| path.components().any(|part| Path::new(part.as_os_str()).file_stem() == Some(name.as_ref()));
    if path.ends_with("mod.rs") {
        found.push(source.breach(1, "a room's root is foo.rs beside foo/, so that tabs stay readable"));
    }
    if let Some(name) = NAMES_FOR_NOTHING.into_iter().find(|name| named(name)) {
        found.push(source.breach(1, &format!("\"{name}\" says nothing: name the thing in it")));
    }
    found
}

#[test]
fn files_are_small_and_their_names_say_something() {
    let found: Vec<_> = everything().iter().flat_map(breaches).collect();
    assert_kept(&found);
}

#[test]
fn only_code_counts() {
    let filler = "\n// a comment\n/// a docstring\n/* and\nanother */\n".repeat(MAX_LINES);
    let tests = format!("#[cfg(test)] mod tests {{ {} }}", "fn f() {}\n".repeat(MAX_LINES));
    let code = |lines| Source::new("src/x.rs", &format!("{filler}{}{tests}", "fn f() {}\n".repeat(lines)));
    assert_kept(&breaches(&code(MAX_LINES)));
    assert_eq!(breaches(&code(MAX_LINES + 1)).len(), 1);
    let page = |lines| Source::new("web/x.js", &format!("// a\n\n{}", "f();\n".repeat(lines)));
    assert_kept(&breaches(&page(MAX_LINES)));
    assert_eq!(breaches(&page(MAX_LINES + 1)).len(), 1);
}

#[test]
fn names_that_say_nothing_are_seen() {
    for path in ["src/hub/mod.rs", "src/utils.rs", "web/helpers.js", "tests/common/world.rs"] {
        assert_eq!(breaches(&Source::new(path, "")).len(), 1, "{path}");
    }
}
