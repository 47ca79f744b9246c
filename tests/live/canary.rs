//! P7: nothing that could name a participant is written down anywhere, at any log level.

use std::net::Ipv4Addr;

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpSocket};

use super::{answer::Answer, door::handshake, page::frame, visit::Visit, world::World};

/// What would give somebody away, and must be nowhere.
const FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 77);
const AGENT: &str = "canary-agent-7f3";
const COOKIE: &str = "seen=canary-cookie-91c";

#[tokio::test]
async fn no_address_agent_cookie_word_or_pass_of_anybody_is_logged_kept_or_counted() {
    let mut world = World::with(&["--pace=100ms", "--log=trace"]).await;
    let pass = world.pass();
    let secret = pass.rsplit('-').next().unwrap().to_owned();
    let wrong_secret = "c".repeat(32);
    let visit = || Visit::default().from(FROM).with("user-agent", AGENT).with("cookie", COOKIE);

    // All who come in, and every way to be turned away or sent off.
    let phone = visit().phone_at(&world, "canary-gathering").await;
    let display = visit().display(&world).await;
    let organiser = visit().showing(&pass).organiser(&world).await;
    assert_eq!(visit().with("origin", "https://canary.example").try_open(&world).await.unwrap_err(), 403);
    let wrong = visit().showing(&format!("oo1-organiser-{wrong_secret}"));
    assert_eq!(wrong.try_open(&world).await.unwrap_err(), 403);
    for bytes in [frame(0x81, b"canary-no-json"), frame(0x82, b"canary-binary"), frame(0xf1, b"canary-bits")] {
        let mut rude = visit().phone(&world).await;
        rude.write(&bytes).await;
        rude.until_closed().await;
    }
    for request in [
        format!("GET /g/canary-path?canary=query HTTP/1.1\r\nUser-Agent: {AGENT}\r\nConnection: close\r\n\r\n"),
        format!("canary-garbage {AGENT}\r\n\r\n"),
        format!("POST /api/v1/moment HTTP/1.1\r\nAuthorization: Bearer {pass}\r\nContent-Length: 6\r\n\r\ncanary"),
        format!("GET /live HTTP/1.1\r\nSec-WebSocket-Protocol: canary, pass.oo1-organiser-{wrong_secret}\r\n\r\n"),
        handshake(&world, &[&format!("X-Canary: {}", "canary".repeat(3_000))]),
    ] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((FROM, 0).into()).unwrap();
        let mut socket = socket.connect(world.address).await.unwrap();
        let _ = socket.write_all(request.as_bytes()).await;
        let _ = socket.shutdown().await;
        let _ = Answer::from(&mut socket).await;
    }
    let mut hidden = visit().phone(&world).await;
    hidden.say(&json!({ "type": "canary-type", "canary": "canary" })).await;
    hidden.until("an answer", |page| page.refusals() == ["unknown_type"]).await;
    hidden.reset();
    phone.vanish();
    drop((display, organiser));
    world.until_metric("oneoclock_connections{role=\"participant\"}", 0).await;

    let metrics = world.get("/metrics").await.unwrap().body;
    world.signal("TERM");
    assert!(world.ended().await.success());
    let log = world.stderr();
    assert!(log.contains("connection ended"), "the log tells of connections at this level:\n{log}");
    // The announcement is how the organiser gets the pass; it is printed once, and not logged.
    assert_eq!(world.stdout().matches(&secret).count(), 1);
    assert!(!log.contains(&secret) && !metrics.contains(&secret), "the pass");

    let mut everything = vec![("stdout".to_owned(), world.stdout()), ("log".to_owned(), log)];
    everything.push(("metrics".to_owned(), metrics));
    for (name, bytes) in super::journal::on_disk(&world.data) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(name == "organiser.pass" || !text.contains(&secret), "the pass in {name}");
        everything.push((name, text));
    }
    for (place, text) in everything {
        for given_away in [&FROM.to_string(), "canary", &wrong_secret] {
            let line = text.lines().find(|line| line.to_lowercase().contains(given_away));
            assert_eq!(line, None, "{given_away} in {place}");
        }
    }
}
