//! What is not to be written.

use crate::{assert_kept, source::Source, tokens::starts_with};

/// Ways to end the process by surprise. Clippy sees most of them; this sees the rest, and an allowed lint too.
const PANICS: [&[&str]; 7] = [
    &[".", "unwrap", "("],
    &[".", "expect", "("],
    &["panic", "!"],
    &["unreachable", "!"],
    &["todo", "!"],
    &["unimplemented", "!"],
    &["process", "::", "abort"],
];

/// Ways to wait for a time where a test should wait for a state, with a deadline.
const SLEEPS: [&[&str]; 2] = [&["sleep", "("], &["sleep_until", "("]];

/// The same in the pages' tests.
const PAGE_SLEEPS: [&str; 2] = ["waitForTimeout(", "timers/promises"];

fn panics(source: &Source) -> Vec<String> {
    let code = source.code();
    let at = (0..code.len()).filter(|&at| PANICS.iter().any(|words| starts_with(&code[at..], words)));
    at.map(|at| source.breach(code[at].line, "the server never ends by surprise: return an error")).collect()
}

fn sleeps(source: &Source) -> Vec<String> {
    let what = "a test waits for a state with a deadline, never for a time";
    if source.path.ends_with(".js") {
        let lines = source.text.lines().enumerate();
        let found = lines.filter(|(_, line)| PAGE_SLEEPS.iter().any(|sleep| line.contains(sleep)));
        return found.map(|(number, _)| source.breach(number + 1, what)).collect();
    }
    let (all, code) = (source.tokens(), source.code());
    let in_code = |line| code.iter().any(|token| token.line == line);
    let at = (0..all.len()).filter(|&at| SLEEPS.iter().any(|words| starts_with(&all[at..], words)));
    at.filter(|&at| !in_code(all[at].line)).map(|at| source.breach(all[at].line, what)).collect()
}

#[test]
fn the_server_never_ends_by_surprise() {
    let found: Vec<_> = Source::of_the_server().iter().flat_map(panics).collect();
    assert_kept(&found);
}

#[test]
fn no_test_waits_for_a_time() {
    let found: Vec<_> = Source::all(&["src", "tests"], &[".rs", ".js"]).iter().flat_map(sleeps).collect();
    assert_kept(&found);
}

#[test]
fn what_is_not_to_be_written_is_seen_where_it_matters() {
    let bad = "fn f() {\n a.unwrap();\n b.expect(\"\");\n panic!();\n std::process::abort();\n}";
    assert_eq!(panics(&Source::new("src/x.rs", bad)).len(), 4);
    assert_kept(&panics(&Source::new("src/x.rs", "fn f() { a.unwrap_or(b); } #[cfg(test)] mod t { c.unwrap(); }")));
    let bad = "async fn t() {\n sleep(a).await;\n tokio::time::sleep(b).await;\n}";
    assert_eq!(sleeps(&Source::new("tests/live/x.rs", bad)).len(), 2);
    assert_eq!(sleeps(&Source::new("src/x.rs", "fn f() { sleep(a); }\n#[cfg(test)] mod t {\n sleep(b); }")).len(), 1);
    assert_eq!(sleeps(&Source::new("tests/web/x.js", "await page.waitForTimeout(500);")).len(), 1);
}
