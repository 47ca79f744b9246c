//! What the public is told of people over HTTP.

use serde_json::json;

use super::{
    patience::eventually,
    steward::{self, Steward, minute},
    world::{EXAMPLES, World},
};

#[tokio::test]
async fn the_figures_are_those_of_the_boards_with_their_method_and_no_small_number() {
    let world = World::with_gatherings().await;
    let mut many = Steward::at(&world, "glasgow", "North gate", 1).await;
    many.counts(minute(0), 42).await;
    let mut few = Steward::at(&world, "york", "North gate", 2).await;
    few.counts(minute(0), 7).await;
    let figures = async || world.get("/api/v1/figures").await.map(|answer| (answer.head.clone(), answer.json()));
    let (head, told) = eventually("told", async || figures().await.filter(|(_, json)| json["reported"] == 2)).await;
    assert!(head.contains("cache-control: public, max-age=2") && head.contains("access-control-allow-origin: *"));
    assert_eq!((&told["taking_part"], &told["status"]), (&40.into(), &"provisional".into()), "{told}");
    assert_eq!((&told["exact"], &told["nodes_expected"]), (&true.into(), &json!(null)), "one node is all there are");
    let row =
        |slug: &str| told["rows"].as_array().unwrap().iter().find(|row| row["id"] == slug).unwrap()["people"].clone();
    assert_eq!((row("glasgow"), row("york"), row("leeds")), (40.into(), 0.into(), json!(null)));
    assert!(!told.to_string().contains("expected") && told["method"].as_str().unwrap().contains("Phones"));
    let csv = world.get("/figures.csv").await.unwrap().body;
    for line in [
        "taking part,,,,,40,",
        ",2,138,",
        "gathering,york,",
        ",fewer than 10,",
        ",not reported,",
        ",provisional,yes\r\n",
    ] {
        assert!(csv.contains(line), "{line} in {csv}");
    }
    assert_eq!(
        u32::try_from(csv.lines().count()).unwrap(),
        3 + u32::try_from(told["rows"].as_array().unwrap().len()).unwrap()
    );
    assert!(told["gatherings"] == EXAMPLES);

    assert_eq!(world.get("/api/v1/count").await.unwrap().status, 403, "the true ones are for organisers");
    steward::done(&world, "POST", "/api/v1/switches", &json!({ "name": "final", "on": true })).await;
    let mut display = world.display().await;
    display.until("signed off", |page| page.board().signed_off).await;
    assert!(world.get("/figures.csv").await.unwrap().body.contains(",final,yes\r\n"));
    let bad = steward::ask(&world, "POST", "/api/v1/switches", &json!({ "name": "lights", "on": true })).await;
    assert_eq!((bad.status, bad.json()["reason"].clone()), (422, "bad_request".into()));
}
