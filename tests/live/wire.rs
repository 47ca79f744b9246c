//! The messages, held against the examples that the tests of the pages read too.

use std::{collections::BTreeSet, fs};

use oneoclock::wire::message::{FromPage, FromServer};
use serde_json::{Value, json};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire");

/// Every kind of message a page says. A new one does not compile until it is named, and then needs an example.
const FROM_PAGE: [&str; 7] = ["hello", "ping", "visible", "tally", "estimate", "ready", "elsewhere"];

fn name_of_page(message: &FromPage) -> &'static str {
    match message {
        FromPage::Hello(_) => "hello",
        FromPage::Ping { .. } => "ping",
        FromPage::Visible { .. } => "visible",
        FromPage::Tally(_) => "tally",
        FromPage::Estimate(_) => "estimate",
        FromPage::Ready { .. } => "ready",
        FromPage::Elsewhere { .. } => "elsewhere",
        FromPage::Unknown => "unknown",
    }
}

/// Every kind of message the server says.
const FROM_SERVER: [&str; 8] = ["welcome", "moment", "board", "pong", "kept", "duty", "refused", "bye"];

fn name_of_server(message: &FromServer) -> &'static str {
    match message {
        FromServer::Welcome { .. } => "welcome",
        FromServer::Moment(_) => "moment",
        FromServer::Board(_) => "board",
        FromServer::Pong { .. } => "pong",
        FromServer::Kept(_) => "kept",
        FromServer::Duty(_) => "duty",
        FromServer::Refused { .. } => "refused",
        FromServer::Bye { .. } => "bye",
    }
}

/// Further examples, each of the kind before the full stop: where a message has another form too.
const OTHER_FORMS: [&str; 1] = ["board.partial"];

fn all() -> impl Iterator<Item = &'static str> {
    FROM_PAGE.into_iter().chain(FROM_SERVER).chain(OTHER_FORMS)
}

fn example(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(format!("{EXAMPLES}/{name}.json")).unwrap()).unwrap()
}

/// Reads a message as whoever it is for would, and writes it again.
fn read_and_write(name: &str, example: &Value) -> Value {
    let (name, _) = name.split_once('.').unwrap_or((name, ""));
    let (is, written) = if FROM_PAGE.contains(&name) {
        let message: FromPage = serde_json::from_value(example.clone()).unwrap();
        (name_of_page(&message), serde_json::to_value(&message))
    } else {
        let message: FromServer = serde_json::from_value(example.clone()).unwrap();
        (name_of_server(&message), serde_json::to_value(&message))
    };
    assert_eq!(is, name);
    written.unwrap()
}

#[test]
fn every_message_has_an_example_and_every_example_is_a_message() {
    let files = fs::read_dir(EXAMPLES).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let known = all().map(|name| format!("{name}.json"));
    assert_eq!(files.collect::<BTreeSet<_>>(), known.collect());
}

#[test]
fn every_example_is_read_and_written_back_exactly() {
    for name in all() {
        let example = example(name);
        assert_eq!(read_and_write(name, &example), example, "{name}");
    }
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    for name in all() {
        let mut later = example(name);
        later["of_a_later_version"] = json!({ "deep": [1, null] });
        assert_eq!(read_and_write(name, &later), example(name), "{name}");
    }
}

#[test]
fn a_message_of_a_later_version_is_known_to_be_one() {
    let later = json!({ "type": "of_a_later_version", "deep": { "er": [1, null] } });
    assert_eq!(serde_json::from_value::<FromPage>(later).unwrap(), FromPage::Unknown);
}
