//! The front door: who is turned away before the upgrade, and how.

use std::time::Instant;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{answer::Answer, visit::Visit, world::World};

/// The head of a handshake that is in order, with `more` lines in it.
pub(crate) fn handshake(world: &World, more: &[&str]) -> String {
    let more: String = more.iter().map(|line| format!("{line}\r\n")).collect();
    format!(
        "GET /live HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: oneoclock.v1\r\n{more}\r\n",
        world.address
    )
}

/// Reads to the end of a head, byte by byte, so that nothing behind it is lost.
pub(crate) async fn read_head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn a_handshake_in_order_is_answered_with_our_subprotocol_and_no_other() {
    let world = World::new().await;
    let mut socket = TcpStream::connect(world.address).await.unwrap();
    let asked = handshake(&world, &[]).replace("oneoclock.v1", "chat, oneoclock.v1, oneoclock.v2");
    socket.write_all(asked.as_bytes()).await.unwrap();
    let head = read_head(&mut socket).await.to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("sec-websocket-protocol: oneoclock.v1\r\n"), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
}

#[tokio::test]
async fn strangers_are_turned_away_before_the_upgrade_with_a_reason() {
    let world = World::new().await;
    let in_order = handshake(&world, &[]);
    let foreign = handshake(&world, &["Origin: https://elsewhere.example"]);
    let wordless = in_order.replace("Sec-WebSocket-Protocol: oneoclock.v1\r\n", "");
    let other = in_order.replace("oneoclock.v1", "oneoclock.v9");
    let made_up = in_order.replace("oneoclock.v1", &format!("oneoclock.v1, pass.oo1-organiser-{}", "a".repeat(32)));
    let broken = in_order.replace("oneoclock.v1", "oneoclock.v1, pass.");
    let keyless = in_order.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "");
    let old = in_order.replace("Version: 13", "Version: 8");
    for (request, status, reason) in [
        (foreign, 403, "origin"),
        (wordless, 400, "subprotocol"),
        (other, 400, "subprotocol"),
        (made_up, 403, "pass"),
        (broken, 403, "pass"),
        (keyless, 426, "not_websocket"),
        (old, 426, "not_websocket"),
        (in_order.replace("Upgrade: websocket\r\n", ""), 426, "not_websocket"),
    ] {
        let answer = world.ask(&request).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (status, reason), "{request}");
        assert!(!answer.json()["say"].as_str().unwrap().is_empty());
    }
    world.until_metric("oneoclock_refusals_total{reason=\"pass\"}", 2).await;
    world.until_metric("oneoclock_refusals_total{reason=\"origin\"}", 1).await;
    assert_eq!(world.metric("oneoclock_joins_total").await, 1, "the server's own probe, and nobody else");
}

#[tokio::test]
async fn our_own_origin_and_a_named_one_come_in() {
    let world = World::with(&["--origin=https://example.org"]).await;
    for origin in [format!("http://{}", world.address), "https://example.org".to_owned()] {
        assert!(Visit::default().with("origin", &origin).try_open(&world).await.is_ok(), "{origin}");
    }
    let stranger = Visit::default().with("origin", "https://example.org.evil.example");
    assert_eq!(stranger.try_open(&world).await.unwrap_err(), 403);
}

#[tokio::test]
async fn a_plain_visitor_of_live_is_told_what_is_there() {
    let world = World::new().await;
    let request = format!(
        "GET /live HTTP/1.1\r\nHost: {}\r\nSec-WebSocket-Protocol: oneoclock.v1\r\nConnection: close\r\n\r\n",
        world.address
    );
    let answer = world.ask(&request).await.unwrap();
    assert_eq!((answer.status, answer.reason().as_str()), (426, "not_websocket"));
    assert!(answer.head.contains("upgrade: websocket"), "{}", answer.head);
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_a_page_that_says_so() {
    let world = World::new().await;
    for path in ["/nowhere", "/g/nowhere", "/g/%00", "/display/..%2f..%2fetc", "/%F0%9F%92%A9", "/live/more"] {
        let answer = world.get(path).await.unwrap();
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("<!doctype html>") || answer.body.contains("<!DOCTYPE html>"), "{}", answer.body);
        assert!(answer.head.contains("content-security-policy: default-src 'none'"), "{}", answer.head);
    }
}

#[tokio::test]
async fn nobody_brings_markup_into_a_page() {
    let world = World::new().await;
    let (at, name) = ("2027-02-20 13:00", "</script></title><script>alert('&')</script>");
    world.does(&["moment", "set", at, "--confirm", at, "--name", name, "--words", name]);
    let list = world.data.with_file_name("list.csv");
    std::fs::write(&list, format!("id,name,place,venue\nbath,{name},{name},{name}\n")).unwrap();
    world.does(&["import", list.to_str().unwrap(), "--apply"]);
    for path in ["/", "/g/bath", "/display", "/display/bath", "/organise", "/nowhere"] {
        let page = world.get(path).await.unwrap().body;
        for markup in ["<script>alert", "</script></title>"] {
            assert!(page.contains("alert(") && !page.contains(markup), "{path}: {page}");
        }
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_closed() {
    let world = World::new().await;
    let large = handshake(&world, &[&format!("X-Filler: {}", "x".repeat(16 * 1024))]);
    // Some of it is still under way when the server closes, which may cost us its answer, but nobody else.
    let answer = world.ask(&large).await;
    assert!(answer.as_ref().is_none_or(|answer| answer.status == 431), "{answer:?}");
    let many: Vec<String> = (0..100).map(|n| format!("X-{n}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let answer = world.ask(&handshake(&world, &many)).await.unwrap();
    assert_eq!(answer.status, 431);
    assert_eq!(world.get("/livez").await.unwrap().status, 200);
}

#[tokio::test]
async fn garbage_is_closed_and_changes_nothing_for_others() {
    let world = World::brisk().await;
    let mut phone = world.phone().await;
    let mut noise: u32 = 1;
    for round in 0..50 {
        let bytes: Vec<u8> = (0..round * 40)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.to_be_bytes()[0]
            })
            .collect();
        let mut socket = TcpStream::connect(world.address).await.unwrap();
        let _ = socket.write_all(&bytes).await;
        let _ = socket.shutdown().await;
        let answer = Answer::from(&mut socket).await;
        assert!(answer.as_ref().is_none_or(|answer| answer.status == 400), "{answer:?}");
    }
    world.until_metric("oneoclock_admissions_pending", 1).await;
    phone.until("still one phone", |page| page.board().phones == 1).await;
}

#[tokio::test]
async fn whoever_is_too_slow_to_say_what_they_want_is_closed_within_ten_seconds_or_so() {
    let world = World::new().await;
    let started = Instant::now();
    let silent = TcpStream::connect(world.address).await.unwrap();
    let mut halfway = TcpStream::connect(world.address).await.unwrap();
    halfway.write_all(b"GET /live HTTP/1.1\r\nHost: ").await.unwrap();
    // One that says a little again and again is no better than one that stopped.
    let mut dribbler = TcpStream::connect(world.address).await.unwrap();
    dribbler.write_all(b"GET /live HTTP/1.1\r\n").await.unwrap();
    let dribble = async {
        let mut every = tokio::time::interval(std::time::Duration::from_millis(500));
        let mut byte = [0; 1];
        loop {
            tokio::select! {
                _ = every.tick() => drop(dribbler.write_all(b"x").await),
                // An answer, or the end.
                _ = dribbler.read(&mut byte) => return,
            }
        }
    };
    let mut unheard = Visit::default().open(&world).await;
    let mut silent = silent;
    let silence = async { Answer::from(&mut silent).await };
    let half = async { Answer::from(&mut halfway).await };
    let (_, _, (), code) = tokio::join!(silence, half, dribble, unheard.until_closed());
    assert_eq!(code, Some(4401), "who came in and never said hello");
    let took = started.elapsed().as_secs_f64();
    assert!((9.0..15.0).contains(&took), "{took} s");
    world.until_metric("oneoclock_endings_total{ending=\"no_hello\"}", 1).await;
}
