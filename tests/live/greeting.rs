//! Coming in: the greeting, the room, and who is counted.

use oneoclock::wire::message::FromServer;
use serde_json::json;

use super::{page::Heard, visit::Visit, world::World};

#[tokio::test]
async fn the_greeting_is_welcome_then_moment_then_board() {
    let world = World::new().await;
    let phone = world.phone().await;
    let greeting: Vec<_> = phone.messages().collect();
    assert!(
        matches!(greeting[..], [
            FromServer::Welcome { beat: 20_000, .. },
            FromServer::Moment(moment),
            FromServer::Board(board),
        ] if moment.rev == board.rev),
        "{greeting:?}"
    );
}

#[tokio::test]
async fn a_second_hello_moves_the_page_and_counts_it_once() {
    let world = World::with_gatherings().await;
    // Ten is the least that is told of a gathering.
    let mut others = Vec::new();
    for _ in 0..9 {
        others.push(Visit::default().phone_at(&world, "leeds").await);
    }
    let mut watcher = world.phone().await;
    let mut mover = Visit::default().phone_at(&world, "glasgow").await;
    mover.until("alone in Glasgow", |page| page.board().here == Some(0) && page.board().phones == 11).await;
    mover
        .say(&json!({ "type": "hello", "role": "participant", "gathering": "leeds", "lang": "en", "visible": true }))
        .await;
    mover.until("the tenth in Leeds", |page| page.board().here == Some(10) && page.board().phones == 11).await;
    watcher.until("as many as before", |page| page.board().phones == 11).await;
    drop(others);
    watcher.until("the two that are left", |page| page.board().phones == 2).await;
    world.until_metric("oneoclock_connections{role=\"participant\"}", 2).await;
    mover.say(&json!({ "type": "hello", "role": "display", "lang": "en", "visible": true })).await;
    watcher.until("a display is no phone", |page| page.board().phones == 1).await;
    assert_eq!(world.metric("oneoclock_connections{role=\"participant\"}").await, 1);
}

#[tokio::test]
async fn an_unknown_gathering_is_refused_in_words_and_the_page_sits_in_the_national_room() {
    let world = World::with_gatherings().await;
    for slug in ["glasgwo", "../etc/passwd", "<b>", "GLASGOW"] {
        let mut phone = Visit::default().phone_at(&world, slug).await;
        assert_eq!(phone.refusals(), ["unknown_gathering"]);
        let order: Vec<_> = phone.messages().collect();
        assert!(
            matches!(order[..], [
                FromServer::Welcome { .. },
                FromServer::Refused { of, say, .. },
                FromServer::Moment(_),
                FromServer::Board(_),
            ] if of == "hello" && say.contains(slug)),
            "{order:?}"
        );
        phone.until("counted in the national room", |page| page.board().phones > 0).await;
        assert_eq!(phone.board().here, None);
    }
}

#[tokio::test]
async fn a_hidden_phone_is_counted_out_and_hears_only_that_the_server_lives() {
    let world = World::with(&["--pace=100ms", "--beat=500ms"]).await;
    let mut hidden = Visit::default().hidden(&world).await;
    let mut seen = world.phone().await;
    seen.until("one phone", |page| page.board().phones == 1).await;
    hidden.until("three signs of life", |page| page.pings() >= 3).await;
    assert_eq!(hidden.boards().count(), 1, "the greeting's, and no other");
    assert_eq!(world.metric("oneoclock_connections{role=\"participant\"}").await, 2, "it has its connection still");
}

#[tokio::test]
async fn a_hidden_phone_still_hears_of_a_new_moment() {
    let world = World::brisk().await;
    let mut hidden = Visit::default().hidden(&world).await;
    world.does(&["moment", "set", "2027-02-20 13:00", "--confirm", "2027-02-20 13:00"]);
    hidden.until("the new moment", |page| page.moment().rev == 1).await;
    assert_eq!(hidden.boards().count(), 1, "the greeting's, and no other");
}

#[tokio::test]
async fn a_phone_that_is_seen_again_gets_the_newest_at_once() {
    let world = World::with(&["--pace=2s"]).await;
    let mut phone = world.phone().await;
    let mut other = world.phone().await;
    phone.say(&json!({ "type": "visible", "visible": false })).await;
    other.until("only one phone is seen", |page| page.board().phones == 1 && page.boards().count() > 1).await;
    let before = phone.boards().count();
    phone.say(&json!({ "type": "visible", "visible": true })).await;
    phone.until("a board", |page| page.boards().count() > before).await;
    assert_eq!(phone.board_text(), other.board_text(), "the one the others had already, and not the next");
}

#[tokio::test]
async fn a_display_is_not_a_phone() {
    let world = World::brisk().await;
    let mut display = world.display().await;
    let _phone = world.phone().await;
    display.until("one phone", |page| page.board().phones == 1).await;
    // One more than this display: the server's own probe.
    world.until_metric("oneoclock_connections{role=\"display\"}", 2).await;
}

#[tokio::test]
async fn one_frame_serves_all_of_an_audience() {
    let world = World::with_gatherings().await;
    let (mut one, mut two) = (world.phone().await, world.phone().await);
    let mut there = Visit::default().phone_at(&world, "glasgow").await;
    let mut there_too = Visit::default().phone_at(&world, "glasgow").await;
    for page in [&mut one, &mut two, &mut there, &mut there_too] {
        page.until("four phones", |page| page.board().phones == 4).await;
    }
    assert_eq!(one.board_text(), two.board_text());
    assert!(!one.board_text().contains("here"), "the national room is nowhere");
    assert_eq!(there.board_text(), there_too.board_text());
    assert_eq!(there.board().here, Some(0), "fewer than ten");
}

#[tokio::test]
async fn a_page_may_speak_before_it_has_heard_the_answer_to_its_handshake() {
    use tokio::{io::AsyncWriteExt, net::TcpStream};

    let world = World::brisk().await;
    let mut socket = TcpStream::connect(world.address).await.unwrap();
    let hello = json!({ "type": "hello", "role": "participant", "lang": "en", "visible": true }).to_string();
    let ping = json!({ "type": "ping", "seq": 7, "c1": 0.5 }).to_string();
    let mut packet = super::door::handshake(&world, &[]).into_bytes();
    packet.extend(super::page::frame(0x81, hello.as_bytes()));
    packet.extend(super::page::frame(0x81, ping.as_bytes()));
    socket.write_all(&packet).await.unwrap();
    super::door::read_head(&mut socket).await;
    let mut page = super::page::Page::on(socket).await;
    let pong = |heard: &Heard| matches!(heard, Heard::Said(_, FromServer::Pong { seq: 7, c1: 0.5, .. }));
    page.until("an answer to the early ping", |page| page.heard().iter().any(pong)).await;
    page.until("its place in the count", |page| page.board().phones == 1).await;
}
