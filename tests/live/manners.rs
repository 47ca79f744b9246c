//! After the upgrade: what breaks the protocol is ended by name, and what is only odd is served.

use std::time::Duration;

use oneoclock::wire::message::FromServer;
use serde_json::json;

use super::{
    page::{Heard, Page, frame},
    visit::Visit,
    world::World,
};

/// Bytes beyond every limit, and beyond what the kernel holds: the sender is still at it when the server has had
/// enough, and must learn why all the same.
const FAR_TOO_MUCH: usize = 300_000;

fn pongs(page: &Page) -> usize {
    page.messages().filter(|message| matches!(message, FromServer::Pong { .. })).count()
}

#[tokio::test]
async fn every_breach_of_the_protocol_is_ended_by_its_own_name() {
    let world = World::brisk().await;
    let mut phone = world.phone().await;
    let unmasked = [&[0x81, 0x02][..], b"{}"].concat();
    let oversized = frame(0x81, &[b'x'; FAR_TOO_MUCH]);
    let announced = vec![0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    let in_pieces = [frame(0x01, &[b'x'; 3_000]), frame(0x80, &[b'x'; 3_000])].concat();
    let steward = json!({ "type": "hello", "role": "steward", "lang": "en", "visible": true }).to_string();
    let organiser = steward.replace("steward", "organiser");
    for (what, bytes, code, name) in [
        ("unmasked", unmasked, 1002, "protocol"),
        ("a ping of 126 bytes", frame(0x89, &[0; 126]), 1002, "protocol"),
        ("a fragmented ping", frame(0x09, b"x"), 1002, "protocol"),
        ("reserved bits", frame(0xf1, b"{}"), 1002, "protocol"),
        ("a reserved opcode", frame(0x83, b"{}"), 1002, "protocol"),
        ("a continuation of nothing", frame(0x80, b"{}"), 1002, "protocol"),
        ("a second start", [frame(0x01, b"{"), frame(0x81, b"}")].concat(), 1002, "protocol"),
        ("a close of one byte", frame(0x88, &[3]), 1002, "protocol"),
        ("binary", frame(0x82, b"{}"), 1003, "not_text"),
        ("no UTF-8", frame(0x81, &[0xff, 0xfe]), 1007, "bad_text"),
        ("too much in one piece", oversized, 1009, "too_big"),
        ("too much announced", announced, 1009, "too_big"),
        ("too much in two pieces", in_pieces, 1009, "too_big"),
        ("no JSON", frame(0x81, b"{"), 4400, "bad_message"),
        ("nothing", frame(0x81, b""), 4400, "bad_message"),
        ("a list", frame(0x81, b"[]"), 4400, "bad_message"),
        ("no type", frame(0x81, b"{}"), 4400, "bad_message"),
        ("a hello of nobody", frame(0x81, br#"{"type":"hello"}"#), 4400, "bad_message"),
        ("too deep", frame(0x81, "[".repeat(2_000).as_bytes()), 4400, "bad_message"),
        ("a steward without a pass", frame(0x81, steward.as_bytes()), 4403, "not_allowed"),
        ("an organiser without a pass", frame(0x81, organiser.as_bytes()), 4403, "not_allowed"),
    ] {
        let metric = format!("oneoclock_endings_total{{ending=\"{name}\"}}");
        let before = world.metric(&metric).await;
        let mut rude = Visit::default().open(&world).await;
        rude.write(&bytes).await;
        assert_eq!(rude.until_closed().await, Some(code), "{what}");
        world.until_metric(&metric, before + 1).await;
    }
    phone.until("alone, and well", |page| page.board().phones == 1).await;
}

#[tokio::test]
async fn a_breach_after_the_greeting_gives_the_seat_back() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let mut phone = world.phone().await;
    display.until("one phone", |page| page.board().phones == 1).await;
    phone.write(&frame(0x82, b"{}")).await;
    assert_eq!(phone.until_closed().await, Some(1003));
    display.until("no phone", |page| page.board().phones == 0).await;
}

#[tokio::test]
async fn the_lively_are_held_to_the_same_manners() {
    let world = World::brisk().await;
    let organiser = Visit::default().showing(&world.pass());
    let steward = json!({ "type": "hello", "role": "steward", "lang": "en", "visible": true }).to_string();
    for (what, bytes, code) in [
        ("unmasked", [&[0x81, 0x02][..], b"{}"].concat(), 1002),
        ("binary", frame(0x82, b"{}"), 1003),
        ("no UTF-8", frame(0x81, &[0xff, 0xfe]), 1007),
        ("too much", frame(0x81, &[b'x'; FAR_TOO_MUCH]), 1009),
        ("no JSON", frame(0x81, b"{"), 4400),
        ("a role the pass does not give", frame(0x81, steward.as_bytes()), 4403),
    ] {
        let mut rude = organiser.organiser(&world).await;
        rude.write(&bytes).await;
        assert_eq!(rude.until_closed().await, Some(code), "{what}");
    }
    world.until_metric("oneoclock_connections{role=\"organiser\"}", 0).await;
}

#[tokio::test]
async fn a_text_split_inside_a_character_is_understood() {
    let world = World::brisk().await;
    let hello = r#"{"type":"hello","role":"participant","gathering":"köln","lang":"en","visible":true}"#.as_bytes();
    let inside = hello.iter().position(|byte| *byte >= 0x80).unwrap() + 1;
    let mut page = Visit::default().open(&world).await;
    page.write(&frame(0x01, &hello[..inside])).await;
    page.write(&frame(0x89, b"between")).await;
    page.write(&frame(0x80, &hello[inside..])).await;
    let answered = |page: &Page| page.heard().iter().any(|heard| matches!(heard, Heard::Answered));
    page.until("a greeting, and an answer", |page| page.boards().count() > 0 && answered(page)).await;
    assert_eq!(page.refusals(), ["unknown_gathering"]);
    assert!(page.messages().any(|m| matches!(m, FromServer::Refused { say, .. } if say.contains("köln"))));
}

#[tokio::test]
async fn a_message_of_a_later_version_is_answered_and_the_page_stays() {
    let world = World::brisk().await;
    for mut page in [world.phone().await, Visit::default().showing(&world.pass()).organiser(&world).await] {
        page.say(&json!({ "type": "of_a_later_version", "deep": { "er": [1, null] } })).await;
        page.until("an answer", |page| page.refusals() == ["unknown_type"]).await;
        page.say(&json!({ "type": "ping", "seq": 1, "c1": 0, "later": true })).await;
        page.until("a pong", |page| pongs(page) == 1).await;
    }
}

#[tokio::test]
async fn a_flood_of_messages_is_stopped() {
    let world = World::brisk().await;
    let mut page = world.phone().await;
    let ping = frame(0x81, br#"{"type":"ping","seq":1,"c1":0}"#);
    page.write(&ping.repeat(500)).await;
    assert_eq!(page.until_closed().await, Some(1008));
    assert!(pongs(&page) <= 100, "{}", pongs(&page));
}

#[tokio::test]
async fn ten_clock_pings_at_once_are_ten_pongs_with_times_in_order() {
    let world = World::brisk().await;
    let mut page = world.phone().await;
    for seq in 0..10 {
        page.say(&json!({ "type": "ping", "seq": seq, "c1": f64::from(seq) / 8.0 })).await;
    }
    page.until("ten pongs", |page| pongs(page) == 10).await;
    let mut expected = 0;
    for message in page.messages() {
        if let FromServer::Pong { seq, c1, s2, s3, .. } = message {
            assert_eq!((*seq, *c1), (expected, f64::from(expected) / 8.0));
            assert!(s2 <= s3 && s3 - s2 < 1_000.0, "{s2} {s3}");
            expected += 1;
        }
    }
}

#[tokio::test]
async fn a_client_that_sends_byte_by_byte_is_served() {
    let world = World::brisk().await;
    let mut page = Visit::default().open(&world).await;
    let hello = json!({ "type": "hello", "role": "participant", "lang": "en", "visible": true }).to_string();
    let ping = json!({ "type": "ping", "seq": 9, "c1": 1.5 }).to_string();
    // As slow as the time for a hello allows.
    let mut every = tokio::time::interval(Duration::from_millis(60));
    for byte in [frame(0x81, hello.as_bytes()), frame(0x81, ping.as_bytes())].concat() {
        every.tick().await;
        page.write(&[byte]).await;
    }
    page.until("a pong", |page| pongs(page) == 1).await;
    page.until("its place in the count", |page| page.board().phones == 1).await;
}
