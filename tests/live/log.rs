//! The log: everything that was ever said, for others to check.

use std::fs;

use super::world::{EXAMPLES, World};

const AT: &str = "2027-02-20 13:00";

#[tokio::test]
async fn an_exported_log_checks_out_without_a_server_and_goes_on_after_a_kill() {
    let mut world = World::with_gatherings().await;
    world.does(&["moment", "set", AT, "--name", "One day", "--confirm", AT]);
    let path = world.data.with_file_name("log.jsonl");
    let file = path.to_str().unwrap();
    let printed = world.does(&["export", "log"]);
    world.does(&["export", "log", "--out", file]);
    assert_eq!(fs::read_to_string(&path).unwrap(), printed);
    let lines: Vec<serde_json::Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "the list, and the moment");
    assert!(lines.iter().all(|line| line["by"] == "organiser" && line["at"].as_i64().unwrap() > 1_700_000_000_000));
    assert_eq!(lines[0]["facts"].as_array().unwrap().len(), EXAMPLES as usize);

    // `again` kills with signal 9.
    world = world.again(&[]).await;
    world.does(&["moment", "hold"]);
    let longer = world.does(&["export", "log"]);
    assert!(longer.starts_with(&printed) && longer.lines().count() == 3, "{longer}");
    fs::write(&path, longer).unwrap();
    world.signal("TERM");
    assert!(world.ended().await.success());
    let said = world.does(&["export", "check", file]);
    let hash = fs::read_to_string(&path).unwrap().lines().last().unwrap().to_owned();
    let hash = serde_json::from_str::<serde_json::Value>(&hash).unwrap()["hash"].as_str().unwrap().to_owned();
    assert!(said.starts_with(&format!("3 lines follow from one another; the hash of the last is {hash}\n")), "{said}");
    assert!(said.contains(&format!("reported: 0 of {EXAMPLES} gatherings")), "{said}");
}

#[tokio::test]
async fn a_changed_byte_a_missing_line_and_a_cut_are_found_and_named() {
    let world = World::brisk().await;
    for name in ["One", "Two", "Three"] {
        world.does(&["moment", "set", AT, "--name", name, "--confirm", AT]);
    }
    let path = world.data.with_file_name("log.jsonl");
    let file = path.to_str().unwrap();
    let log = world.does(&["export", "log"]);
    let without_second: String =
        log.split_inclusive('\n').enumerate().filter(|(n, _)| *n != 1).map(|(_, l)| l).collect();
    for (text, complaint) in [
        (log.replace("Two", "Too"), "line 2 does not check out: its hash should be"),
        (without_second, "line 2 does not check out: it says that it is line 3"),
        (log[..log.len() - 9].to_owned(), "it breaks off in line 3"),
        (format!("{log}\n"), "line 4 does not check out: it is not a line of a log"),
    ] {
        fs::write(&path, text).unwrap();
        let said = world.refuses(&["export", "check", file]);
        assert!(said.contains(file) && said.contains(complaint), "{said}");
    }
    fs::write(&path, log).unwrap();
    world.does(&["export", "check", file]);
}

#[tokio::test]
async fn the_log_is_for_the_organiser_only() {
    let world = World::brisk().await;
    let refused = world.get("/api/v1/log").await.unwrap();
    assert_eq!((refused.status, refused.reason().as_str()), (403, "pass"));
    let elsewhere = tempfile::tempdir().unwrap();
    let said = world.refuses(&["export", "log", "--pass-file", elsewhere.path().join("none").to_str().unwrap()]);
    assert!(said.contains("organiser pass"), "{said}");
}
