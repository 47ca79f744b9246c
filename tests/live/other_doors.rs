//! The doors for networks that let no WebSocket through: the same boards, counted as honestly.

use std::time::Duration;

use serde_json::{Value, json};

use super::{answer::Answer, stream::Stream, visit::Visit, world::World};

/// P4: a phone that is gone without a word is out of every count in this time.
const HALF_OPEN: Duration = Duration::from_secs(30);

/// Changes that fill the smallest receive buffer several times over.
const CHANGES: u32 = 40;

async fn ask(world: &World, path: &str, more: &str) -> Answer {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{more}\r\n", world.address);
    world.ask(&head).await.unwrap()
}

fn header(answer: &Answer, name: &str) -> String {
    let value = answer.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    value.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_event_stream_is_a_phone_until_it_is_closed() {
    let world = World::with_gatherings().await;
    let mut display = world.display().await;
    let mut phone = Visit::default().phone_at(&world, "glasgow").await;
    let mut stream = Stream::open(&world, "?gathering=glasgow&lang=cy").await;
    assert_eq!(stream.events().next().unwrap()["type"], "moment");
    for (what, is) in
        [("content-type: text/event-stream", true), ("x-accel-buffering: no", true), ("set-cookie", false)]
    {
        assert_eq!(stream.head().contains(what), is, "{what}");
    }
    stream.until("both phones", |stream| stream.board().unwrap()["phones"] == 2).await;
    assert_eq!(stream.board().unwrap()["here"], 0, "few are not told");
    display.until("both phones", |page| page.board().phones == 2).await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", 2).await;
    drop(stream);
    display.until("one phone", |page| page.board().phones == 1).await;
    phone.until("one phone", |page| page.board().phones == 1).await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", 1).await;
}

#[tokio::test]
async fn many_event_streams_that_come_and_go_are_counted_exactly() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let mut streams = Vec::new();
    for _ in 0..50 {
        streams.push(Stream::open(&world, "").await);
    }
    display.until("all", |page| page.board().phones == 50).await;
    streams.truncate(20);
    display.until("those that stayed", |page| page.board().phones == 20).await;
    drop(streams);
    display.until("nobody", |page| page.board().phones == 0).await;
}

#[tokio::test]
async fn a_stream_hears_of_the_moment_when_it_changes() {
    let world = World::brisk().await;
    let mut stream = Stream::open(&world, "").await;
    assert_eq!(stream.newest("moment").unwrap()["rev"], 0);
    let at = "2027-02-20 13:00";
    world.does(&["moment", "set", at, "--confirm", at, "--words", "Link arms"]);
    stream.until("the moment", |stream| stream.newest("moment").unwrap()["words"] == "Link arms").await;
    assert_eq!(stream.newest("moment").unwrap()["rev"], 1);
}

#[tokio::test]
async fn a_display_is_not_counted_and_sees_every_change() {
    let world = World::brisk().await;
    let mut display = Stream::open(&world, "?role=display").await;
    world.until_metric("oneoclock_connections{role=\"display\"}", 2).await;
    let mut phones = Vec::new();
    for n in 1..=12 {
        phones.push(world.phone().await);
        display.until("one more", |stream| stream.board().unwrap()["phones"] == n).await;
    }
}

#[tokio::test]
async fn the_second_page_of_a_browser_is_not_counted_until_it_is_the_only_one() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let first = world.phone().await;
    let hello = json!({ "type": "hello", "role": "participant", "lang": "en", "visible": true, "counted": false });
    let mut second = Visit::default().open(&world).await;
    second.say(&hello).await;
    second.until("a greeting", |page| page.boards().count() > 0).await;
    let by_events = Stream::open(&world, "?counted=false").await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", 3).await;
    display.until("one phone", |page| page.board().phones == 1).await;

    first.vanish();
    display.until("none", |page| page.board().phones == 0).await;
    second.say(&json!({ "type": "visible", "visible": true })).await;
    second.until("it is counted, and sees it", |page| page.board().phones == 1).await;
    second.say(&json!({ "type": "visible", "visible": true, "counted": false })).await;
    second.until("it is not", |page| page.board().phones == 0).await;
    assert!(display.boards().all(|board| board.phones <= 1), "never two");
    drop(by_events);
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_out_of_the_counts_in_thirty_seconds() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let mut restless = world.phone().await;
    let deaf = Stream::deaf(&world, 1).await;
    display.until("two phones", |page| page.board().phones == 2).await;
    for change in 0..CHANGES {
        let visible = change % 2 == 1;
        restless.say(&json!({ "type": "visible", "visible": visible })).await;
        display.until("the change", |page| page.board().phones == 1 + u32::from(visible)).await;
    }
    let gone = display.until_within(HALF_OPEN, "the deaf one is gone", |page| page.board().phones == 1);
    restless.during(gone).await;
    drop(deaf);
}

#[tokio::test]
async fn streams_are_told_when_to_come_back_and_do_not_hold_up_the_end() {
    let mut world = World::with(&["--return-rate=10", "--grace=60s"]).await;
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(Stream::open(&world, "").await);
    }
    world.signal("TERM");
    let mut returns = Vec::new();
    for stream in &mut streams {
        stream.until_end().await;
        let last = stream.events().next_back().unwrap();
        assert_eq!(last["type"], "bye");
        returns.push(last["retry_ms"].as_u64().unwrap());
    }
    returns.sort_unstable();
    assert!(returns.windows(2).all(|pair| pair[0] + 100 <= pair[1]), "each its own: {returns:?}");
    assert!(world.ended().await.success());
}

#[tokio::test]
async fn pages_of_other_sites_and_unknown_gatherings_get_no_stream() {
    let world = World::new().await;
    for (path, more, status, reason) in [
        ("/live/events", "Origin: https://elsewhere.example\r\n", 403, "origin"),
        ("/live/events", "Sec-Fetch-Site: cross-site\r\n", 403, "origin"),
        ("/live/events?gathering=nowhere", "", 404, "unknown_gathering"),
        ("/api/v1/board?gathering=nowhere", "", 404, "unknown_gathering"),
    ] {
        let answer = ask(&world, path, more).await;
        assert_eq!((answer.status, answer.reason().as_str()), (status, reason), "{path} {more}");
    }
    world.until_metric("oneoclock_refusals_total{reason=\"origin\"}", 2).await;
}

#[tokio::test]
async fn a_board_can_be_kept_for_a_second_by_anybody_and_has_a_tag_that_changes_with_it() {
    let world = World::with_gatherings().await;
    let mut phone = Visit::default().phone_at(&world, "glasgow").await;
    phone.until("it is counted", |page| page.board().phones == 1).await;
    let path = "/api/v1/board?gathering=glasgow&lang=cy";
    let answer = ask(&world, path, "").await;
    assert_eq!((answer.status, &answer.json()["board"]["phones"]), (200, &json!(1)));
    assert_eq!(answer.json()["board"]["here"], 0, "few are not told");
    assert_eq!(answer.json()["moment"]["type"], "moment");
    assert!(header(&answer, "cache-control").starts_with("public, max-age=1, stale-while-revalidate="));
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    assert_eq!(header(&answer, "content-type"), "application/json");
    let national = ask(&world, "/api/v1/board", "").await;
    assert_eq!((&national.json()["board"]["phones"], &national.json()["board"]["here"]), (&json!(1), &Value::Null));

    let tag = header(&answer, "etag");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let again = ask(&world, path, &format!("If-None-Match: {known}\r\n")).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
        assert_eq!((header(&again, "etag"), header(&again, "access-control-allow-origin")), (tag.clone(), "*".into()));
    }
    let _second = Visit::default().phone_at(&world, "glasgow").await;
    phone.until("another phone", |page| page.board().phones == 2).await;
    let changed = ask(&world, path, &format!("If-None-Match: {tag}\r\n")).await;
    assert_eq!((changed.status, &changed.json()["board"]["phones"]), (200, &json!(2)), "and who asks is not counted");
    assert_ne!(header(&changed, "etag"), tag);
}

#[tokio::test]
async fn the_time_is_never_kept_and_belongs_to_the_same_clock_as_the_boards() {
    let world = World::new().await;
    let board = ask(&world, "/api/v1/board", "").await.json();
    let answer = ask(&world, "/api/v1/time", "").await;
    assert_eq!(header(&answer, "cache-control"), "no-store");
    let time = answer.json();
    assert_eq!(time["epoch"], board["board"]["epoch"]);
    let later = ask(&world, "/api/v1/time", "").await.json();
    let (now, later) = (time["now"].as_f64().unwrap(), later["now"].as_f64().unwrap());
    assert!(now > board["board"]["t"].as_f64().unwrap() && later > now, "{now} {later}");
    assert!(time["err"].is_null() || time["err"].as_f64().unwrap() >= 0.0);
}
