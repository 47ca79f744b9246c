//! What is known of a gathering beside its name and place, and who is told.

use super::world::World;

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/programmes.csv");

#[tokio::test]
async fn programmes_and_access_facts_survive_a_restart_and_are_told_to_whoever_may_know() {
    let world = World::brisk().await;
    world.does(&["import", LIST, "--apply"]);
    let world = world.again(&[]).await;
    let again = world.does(&["import", LIST, "--apply"]);
    assert!(again.ends_with("\nthe list changes nothing\n"), "{again}");

    let answer = world.get("/api/v1/gatherings").await.unwrap().json();
    let one = |id: &str| answer["gatherings"].as_array().unwrap().iter().find(|g| g["id"] == id).unwrap();
    assert_eq!(one("glasgow")["programme"][1], serde_json::json!({ "at": "13:00", "words": "Link arms" }));
    assert_eq!(one("glasgow")["access"], serde_json::json!(["step-free", "bsl", "toilets"]));
    assert_eq!((one("bristol").get("programme"), &one("bristol")["access"][0]), (None, &"toilets".into()));
    assert_eq!((one("aberystwyth").get("programme"), one("aberystwyth").get("access")), (None, None));

    let entry = world.get("/g/liverpool.ics").await.unwrap().body.replace("\r\n ", "");
    assert!(entry.contains("18:00 Candles\\, and one minute of silence\\n"), "{entry}");
    assert!(entry.contains("Step-free · Quiet space\\n"), "{entry}");
    for path in ["/g/bristol", "/g/bristol.ics", "/display/bristol", "/api/v1/gatherings"] {
        let body = world.get(path).await.unwrap().body;
        assert!(!body.contains("Gather at the Town hall"), "{path}: {body}");
    }
}

#[tokio::test]
async fn a_changed_programme_is_shown_before_it_is_made_and_a_broken_one_is_named_by_its_line() {
    let world = World::brisk().await;
    world.does(&["import", LIST, "--apply"]);
    let text = std::fs::read_to_string(LIST).unwrap();
    let text =
        text.replace("; 13:15 Speeches,step-free; bsl; toilets", ",bsl").replace("12:30 Ymgynnull", "12.30 Ymgynnull");
    let list = world.data.with_file_name("changed.csv");
    std::fs::write(&list, text).unwrap();
    let said = world.does(&["import", list.to_str().unwrap()]);
    for part in [
        "programme: 12:30 Gather; 13:00 Link arms; 13:15 Speeches -> 12:30 Gather; 13:00 Link arms\n",
        "access: step-free; bsl; toilets -> bsl\n",
        "line 4      cardiff\n",
        "in the programme, \"12.30 Ymgynnull\" does not begin with a time of day; write it like \"13:00 Link arms\"",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}
