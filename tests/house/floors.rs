//! Imports point down only.

use crate::{assert_kept, paths::paths, source::Source};

/// The rooms of `src/` by floor, the lowest first; `src/lib.rs` draws the same.
const FLOORS: [&[&str]; 7] = [
    &["domain"],
    &["wire"],
    &["journal", "mesh", "clock", "machine", "meters"],
    &["hub"],
    &["http"],
    &["commands", "config"],
    &["main", "lib"],
];

/// Rooms of one floor that may look at each other, one way.
const DOORS_ON_A_FLOOR: [(&str, &str); 2] = [("commands", "config"), ("meters", "clock")];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn may_name(room: &str, other: &str) -> bool {
    room == other || DOORS_ON_A_FLOOR.contains(&(room, other)) || floor(other) < floor(room)
}

fn breaches(source: &Source) -> Vec<String> {
    let room = source.room();
    if floor(room).is_none() {
        return vec![source.breach(1, &format!("the room {room} has no floor; give it one in src/lib.rs and here"))];
    }
    let mut found = Vec::new();
    for named in paths(source, &source.tokens()) {
        let Some(place) = named.place() else { continue };
        let Some(&other) = place.first() else { continue };
        if floor(other).is_none() {
            found.push(source.breach(named.line, &format!("{} is in no room", named.text())));
        } else if !may_name(room, other) {
            found.push(source.breach(named.line, &format!("{room} looks up to {other}: {}", named.text())));
        }
    }
    found
}

#[test]
fn imports_point_down_only() {
    let found: Vec<_> = Source::of_the_server().iter().flat_map(breaches).collect();
    assert_kept(&found);
}

#[test]
fn the_map_in_the_library_shows_the_same_floors() {
    let lib = std::fs::read_to_string(format!("{}/src/lib.rs", crate::source::ROOT)).unwrap();
    for (number, rooms) in FLOORS.iter().enumerate() {
        let line = lib.lines().find(|line| line.starts_with(&format!("//! floor {number} "))).unwrap();
        for room in *rooms {
            assert!(line.split_whitespace().any(|word| word == *room), "{room} is not in: {line}");
        }
    }
    for room in lib.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        assert!(floor(room.trim_end_matches(';')).is_some(), "{room} has no floor");
    }
}

#[test]
fn every_way_to_look_up_is_seen() {
    for bad in [
        "use crate::hub::Hub;",
        "use crate::{domain::fact::Fact, hub};",
        "use super::super::hub::Hub;",
        "fn f() { crate::hub::Hub::new(); }",
        "mod inner { use super::super::super::http::Server; }",
        "#[cfg(test)] mod tests { use crate::hub::Hub; }",
        "use crate::attic::Box;",
    ] {
        assert_eq!(breaches(&Source::new("src/wire/frame.rs", bad)).len(), 1, "{bad}");
    }
    assert_eq!(breaches(&Source::new("src/clock/x.rs", "use crate::journal::Journal;")).len(), 1, "sideways");
    assert_eq!(breaches(&Source::new("src/attic.rs", "")).len(), 1, "a room without a floor");
    let good = "use super::message::X; use crate::domain::fact::Fact; // use crate::hub::Hub;";
    assert_kept(&breaches(&Source::new("src/wire/frame.rs", good)));
}
