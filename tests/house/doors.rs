//! Each outside crate comes in where it is said to, and nowhere else.

use std::collections::BTreeSet;

use crate::{assert_kept, packages::direct_dependencies, paths::paths, source::Source};

/// Crates that open a door to the outside or stand for a decision, and the rooms or files that may name them.
/// Whoever wants to replace one of them finds here what has to change.
const DOORS: [(&str, &[&str]); 39] = [
    ("async_nats", &["mesh/nats"]),
    ("axum", &["http"]),
    ("brotli", &["http/pages"]),
    ("bytes", &["wire", "mesh", "hub", "http", "commands/client"]),
    ("chrono", &["http/calendar"]),
    ("clap", &["config", "commands"]),
    ("csv", &["domain/import", "http/figures"]),
    ("dashmap", &["hub"]),
    ("data_encoding", &["domain/pass", "wire/mesh", "journal/chain", "http/pages"]),
    ("fast_qr", &["commands/qr", "http/qr"]),
    ("flate2", &["http/pages"]),
    ("futures_util", &["mesh/nats", "hub/lively", "hub/nodes", "http/events", "http/log", "http/probe"]),
    // Random names, passes and epochs: each draws its own, so that nothing random is handed about.
    (
        "getrandom",
        &[
            "journal",
            "clock",
            "mesh/nats/options",
            "hub/handover",
            "hub/own_pass",
            "commands/organiser_pass",
            "http/accept",
            "http/network",
            "http/passes",
        ],
    ),
    ("http_body_util", &["commands/client"]),
    ("hyper", &["http", "commands/client"]),
    ("hyper_util", &["http", "commands/client"]),
    ("icalendar", &["http/calendar"]),
    ("if_addrs", &["commands/announce"]),
    // Zones and civil time belong to the moment; settings only borrow the way lengths of time are written.
    ("jiff", &["domain/moment", "config/value"]),
    // Calls into the operating system, and the numbers of its errors.
    ("libc", &["machine", "clock/kernel", "http/accept"]),
    ("prometheus_client", &["meters"]),
    // The second opinion on the clock, and the clock that counts sleep.
    ("rsntp", &["clock/source"]),
    ("rusqlite", &["journal"]),
    ("rusqlite_migration", &["journal"]),
    ("rustix", &["clock/sources"]),
    (
        "serde",
        &[
            "domain",
            "wire",
            "http/api",
            "http/board",
            "http/count",
            "http/passes",
            "http/qr",
            "http/time",
            "journal/line",
            "commands",
        ],
    ),
    // Two states of a fact are told apart by their JSON.
    ("serde_json", &["domain/leaves", "domain/version", "wire", "journal", "hub", "http", "commands"]),
    ("sha2", &["domain/foreign", "domain/leaves", "domain/pass", "journal/chain", "http/pages", "http/network"]),
    ("slab", &["hub/shard"]),
    // Socket options that tokio does not offer: set at the listener, and half-closing at the end of a seat.
    ("socket2", &["http/accept", "hub/inbox", "hub/outbox", "hub/seat"]),
    ("subtle", &["domain/pass"]),
    ("thiserror", &["clock", "domain", "wire/facts", "journal", "mesh", "hub", "http", "commands", "config"]),
    ("tokio", &["journal", "mesh", "hub", "http", "commands", "main"]),
    // Frame code for the pages' own sockets, whole streams for the lively few and our own client.
    ("tokio_tungstenite", &["wire/frame", "hub/inbox", "hub/lively", "http/socket", "http/probe", "http/echo"]),
    ("toml", &["config/file"]),
    ("tower_http", &["http/router"]),
    ("tracing", &["journal", "mesh", "clock", "hub", "http", "commands"]),
    ("tracing_subscriber", &["config/logging"]),
    // The system's clock steps; the served time does not.
    ("std::time::SystemTime", &["clock"]),
];

/// What the two lowest floors never name: they do not ask what time it is, do not wait, and do no I/O.
const WORLD: [&str; 9] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// The floors that are pure.
const PURE: [&str; 2] = ["domain", "wire"];

fn is_within(path: &str, outer: &str, separator: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
}

fn breaches(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for named in paths(source, &source.code()) {
        let path = named.text();
        for (door, rooms) in DOORS {
            let inside = rooms.iter().any(|room| is_within(source.place(), room, "/"));
            if is_within(&path, door, "::") && !inside {
                found.push(source.breach(named.line, &format!("{path} comes in by {} only", rooms.join(", "))));
            }
        }
        let pure = PURE.contains(&source.room());
        if pure && WORLD.iter().any(|world| is_within(&path, world, "::")) {
            found.push(source.breach(named.line, &format!("{} is pure, and {path} is the world", source.room())));
        }
    }
    found
}

#[test]
fn each_outside_crate_has_its_doors_and_uses_no_other() {
    let found: Vec<_> = Source::of_the_server().iter().flat_map(breaches).collect();
    assert_kept(&found);
}

#[test]
fn every_dependency_has_a_door_and_every_door_is_used() {
    let named: BTreeSet<_> = Source::of_the_server()
        .iter()
        .flat_map(|source| paths(source, &source.code()))
        .map(|named| named.parts[0].clone())
        .collect();
    let doors = DOORS.iter().map(|(door, _)| *door).filter(|door| !door.starts_with("std::"));
    let doors: BTreeSet<_> = doors.map(str::to_owned).collect();
    let dependencies: BTreeSet<_> =
        direct_dependencies("dependencies").into_iter().map(|name| name.replace('-', "_")).collect();
    assert_eq!(doors, dependencies, "the table of doors, and Cargo.toml");
    let unused: Vec<_> = dependencies.difference(&named).cloned().collect();
    assert_kept(&unused);
}

#[test]
fn every_second_door_is_seen() {
    for (path, bad) in [
        ("src/hub/seat.rs", "use axum::Router;"),
        ("src/commands/serve.rs", "fn f() { rusqlite::Connection::open_in_memory(); }"),
        ("src/http/pages.rs", "use std::{time::{Duration, SystemTime}};"),
        ("src/domain/moment/zone.rs", "use tokio::time::sleep;"),
        ("src/domain/fact.rs", "use std::time::Instant;"),
        ("src/wire/frame.rs", "fn f() { std::fs::read(x); }"),
        ("src/config.rs", "extern crate axum;"),
    ] {
        assert_eq!(breaches(&Source::new(path, bad)).len(), 1, "{bad}");
    }
    let good = "use std::time::Duration; #[cfg(test)] mod tests { use clap::Parser; }";
    assert_kept(&breaches(&Source::new("src/domain/fact.rs", good)));
}
