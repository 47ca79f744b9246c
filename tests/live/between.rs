//! What nodes say to each other, held against the examples: nodes of two releases read the same.

use std::{collections::BTreeSet, fs};

use oneoclock::wire::mesh::Between;
use serde_json::{Value, json};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire/mesh");

/// Every kind of message. A new one does not compile until it is named, and then needs an example.
const BETWEEN: [&str; 7] = ["lease", "facts", "want", "have", "vacate", "clock_ask", "clock_answer"];

fn name(message: &Between) -> &'static str {
    match message {
        Between::Lease(_) => "lease",
        Between::Facts { .. } => "facts",
        Between::Want { .. } => "want",
        Between::Have { .. } => "have",
        Between::Vacate { .. } => "vacate",
        Between::ClockAsk { .. } => "clock_ask",
        Between::ClockAnswer { .. } => "clock_answer",
        Between::Unknown => "unknown",
    }
}

fn example(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(format!("{EXAMPLES}/{name}.json")).unwrap()).unwrap()
}

/// Reads a message as a node does, and writes it again.
fn read_and_write(is: &str, example: &Value) -> Value {
    let message: Between = serde_json::from_slice(example.to_string().as_bytes()).unwrap();
    assert_eq!(name(&message), is);
    serde_json::to_value(&message).unwrap()
}

#[test]
fn every_message_between_nodes_has_an_example_and_every_example_is_one() {
    let files = fs::read_dir(EXAMPLES).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let known = BETWEEN.iter().map(|name| format!("{name}.json"));
    assert_eq!(files.collect::<BTreeSet<_>>(), known.collect());
}

#[test]
fn every_example_between_nodes_is_read_and_written_back_exactly() {
    for name in BETWEEN {
        let example = example(name);
        assert_eq!(read_and_write(name, &example), example, "{name}");
    }
}

#[test]
fn fields_and_messages_of_a_later_release_are_passed_over() {
    let more = json!({ "deep": [1, null] });
    for name in BETWEEN {
        let mut later = example(name);
        later["of_a_later_version"] = more.clone();
        assert_eq!(read_and_write(name, &later), example(name), "{name}");
    }
    let later = json!({ "type": "of_a_later_version", "deep": more });
    assert_eq!(serde_json::from_value::<Between>(later).unwrap(), Between::Unknown);
}
