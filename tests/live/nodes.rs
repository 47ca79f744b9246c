//! What boards and operators are told while nodes come and go.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use super::{
    engine::Engine,
    fleet::Fleet,
    page::Page,
    patience::{eventually, within},
    visit::Visit,
    world::World,
};

/// How long pages may go without hearing that the engine is lost.
const PARTIAL_WITHIN: Duration = Duration::from_secs(1);

/// How long figures may take to be exact again when it is found, or the phones of a dead node to be off them.
const TRUE_WITHIN: Duration = Duration::from_secs(5);

/// How long the phones of a node that said good-bye may still be counted: far shorter than a lease.
const GONE_WITHIN: Duration = Duration::from_secs(1);

async fn readyz(world: &World) -> Value {
    let answer = world.get("/readyz").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Waits until a node is ready, however it stands with the others.
async fn ready(world: &World) {
    eventually("it is ready", async || world.get("/readyz").await.filter(|answer| answer.status == 200)).await;
}

/// Waits until a node is ready, knows of so many, and misses nothing.
async fn whole(world: &World, nodes: u32) {
    eventually("all nodes are heard, and nothing is missing", async || {
        let said = world.get("/readyz").await?.json();
        let nodes = json!({ "reporting": nodes, "expected": nodes, "exact": true, "engine": "joined" });
        (said["ready"] == true && said["nodes"] == nodes).then_some(())
    })
    .await;
}

async fn fleet(nodes: u32, arguments: &[&str]) -> Fleet {
    let fleet = Fleet::around(Engine::new().await, usize::try_from(nodes).unwrap(), arguments).await;
    for world in &fleet.nodes {
        whole(world, nodes).await;
    }
    fleet
}

async fn phones(world: &World, number: usize) -> Vec<Page> {
    let mut phones = Vec::new();
    for _ in 0..number {
        phones.push(world.phone().await);
    }
    phones
}

fn lines(world: &World, words: &str) -> usize {
    world.stderr().lines().filter(|line| line.contains(words)).count()
}

#[tokio::test]
async fn a_board_counts_the_phones_of_all_nodes_and_of_a_gathering_where_none_are_here() {
    let fleet = fleet(3, &["--pace=100ms"]).await;
    let [a, b, c] = &fleet.nodes[..] else { unreachable!("there are three") };
    for world in &fleet.nodes {
        world.does(&["import", super::world::EXAMPLE_LIST, "--apply"]);
    }
    let _in_the_country = (phones(a, 4).await, phones(b, 3).await);
    let mut in_glasgow = Vec::new();
    for world in [a, a, a, a, a, a, a, a, b, b, b, b] {
        in_glasgow.push(Visit::default().phone_at(world, "glasgow").await);
    }
    let mut display = c.display().await;
    display.until("all phones", |page| page.board().phones == 19).await;
    // A lease tells of gatherings every five seconds.
    eventually("eight and four make ten, as it is told", async || {
        let board = c.get("/api/v1/board?gathering=glasgow").await?.json()["board"].clone();
        (board["here"] == 10 && board["phones"] == 19).then_some(())
    })
    .await;
    in_glasgow.truncate(8);
    display.until("some went", |page| page.board().phones == 15).await;
    assert!(display.boards().all(|board| board.exact && board.nodes_expected.is_none()));
}

#[tokio::test]
async fn the_phones_of_a_dead_node_are_off_every_board_in_five_seconds_and_boards_say_that_it_is_missing() {
    let mut fleet = fleet(3, &[]).await;
    let _phones = (phones(&fleet.nodes[0], 2).await, phones(&fleet.nodes[1], 3).await);
    let mut display = fleet.nodes[2].display().await;
    display.until("all phones", |page| page.board().phones == 5).await;
    let dead = fleet.nodes.remove(1);
    let name = dead.node().await;
    dead.signal("KILL");
    display.until_within(TRUE_WITHIN, "its phones are gone", |page| page.board().phones == 2).await;
    let board = display.board();
    assert_eq!((board.exact, board.nodes_reporting, board.nodes_expected), (false, Some(2), Some(3)));
    assert!(board.as_of.is_some_and(|as_of| as_of < board.t), "{board:?}");
    for world in &fleet.nodes {
        let said = within(TRUE_WITHIN, "it is missing", async || {
            Some(readyz(world).await).filter(|said| said["degraded"] == json!(["nodes"]))
        });
        assert_eq!(said.await["nodes"], json!({ "reporting": 2, "expected": 3, "exact": false, "engine": "joined" }));
        let gone = world.until_logged("a node is not heard any more").await;
        assert!(gone.contains("WARN") && gone.contains(&name), "{gone}");
        assert_eq!(lines(world, "a node is not heard any more"), 1);
        assert_eq!(world.metric("oneoclock_nodes_reporting").await, 2);
        assert_eq!(world.metric("oneoclock_figures_exact").await, 0);
    }
    let figures = fleet.nodes[0].get("/api/v1/figures").await.unwrap().json();
    assert_eq!((&figures["exact"], &figures["nodes_expected"]), (&json!(false), &json!(3)));
    assert!(fleet.nodes[0].get("/figures.csv").await.unwrap().body.contains(",provisional,no\r\n"));
}

#[tokio::test]
async fn a_node_that_drains_takes_its_phones_along_and_nobody_waits_for_it() {
    let mut fleet = fleet(2, &["--pace=100ms"]).await;
    let staying = phones(&fleet.nodes[0], 1).await;
    // Who says good-bye late is counted until then, and no longer.
    let leaving = phones(&fleet.nodes[1], 6).await;
    let mut display = fleet.nodes[0].display().await;
    display.until("all phones", |page| page.board().phones == 7).await;
    fleet.nodes[1].signal("TERM");
    drop(leaving);
    assert!(fleet.nodes[1].ended().await.success());
    display.until_within(GONE_WITHIN, "its phones are gone", |page| page.board().phones == 1).await;
    whole(&fleet.nodes[0], 1).await;
    display.until("a beat", |page| page.boards().count() > 2).await;
    assert!(display.boards().all(|board| board.exact), "nothing was missing at any time");
    assert_eq!((lines(&fleet.nodes[0], "a node has left"), lines(&fleet.nodes[0], "not heard any more")), (1, 0));
    assert_eq!(staying.len(), 1);
}

#[tokio::test]
async fn pages_hear_within_a_second_that_the_engine_is_lost_however_slow_the_pace_and_when_it_is_found() {
    let fleet = fleet(2, &["--pace=10s"]).await;
    for (break_off, way) in [(Fleet::cut as fn(&Fleet, usize), "cut"), (Fleet::stall, "stalled")] {
        let mut phone = fleet.nodes[0].phone().await;
        let mut display = fleet.nodes[0].display().await;
        assert!(phone.board().exact && display.board().exact, "{way}: {:?}", phone.board());
        break_off(&fleet, 0);
        phone.until_within(PARTIAL_WITHIN, way, |page| !page.board().exact).await;
        let board = phone.board();
        assert_eq!((board.nodes_reporting, board.nodes_expected), (Some(1), Some(2)));
        assert!(board.t.0 - board.as_of.unwrap().0 < 1_500, "{board:?}");
        display.until_within(PARTIAL_WITHIN, way, |page| !page.board().exact).await;
        let said = readyz(&fleet.nodes[0]).await;
        assert_eq!((&said["degraded"], &said["nodes"]["engine"]), (&json!(["engine"]), &json!("lost")));
        assert_eq!(fleet.nodes[0].metric("oneoclock_engine_state{state=\"lost\"}").await, 1);
        // The other one hears the engine, and this node no more.
        let missing = async || Some(readyz(&fleet.nodes[1]).await).filter(|said| said["degraded"] == json!(["nodes"]));
        within(TRUE_WITHIN, "the other one misses it", missing).await;
        fleet.heal(0);
        phone.until("it is whole again", |page| page.board().exact).await;
        whole(&fleet.nodes[1], 2).await;
    }
    let engine = |words| lines(&fleet.nodes[0], words);
    assert_eq!((engine("the engine cannot be heard"), engine("the engine carries")), (2, 3), "each time once");
    assert_eq!(engine("a node is not heard any more"), 0, "that is the engine's affair");
}

#[tokio::test]
async fn a_node_that_never_heard_the_others_says_that_it_is_partial_from_its_first_board_and_is_ready() {
    let mut engine = Engine::new().await;
    engine.kill(0);
    let world = World::with(&["--nats", &engine.url()]).await;
    let phone = world.phone().await;
    let board = phone.boards().next().unwrap();
    assert_eq!(
        (board.exact, board.nodes_reporting, board.nodes_expected, board.as_of),
        (false, Some(1), Some(1), None)
    );
    ready(&world).await;
    assert_eq!(readyz(&world).await["degraded"], json!(["engine"]));
    world.until_logged("the engine cannot be heard").await;
    engine.start(0).await;
    whole(&world, 1).await;
}

#[tokio::test]
async fn a_copy_of_a_data_folder_is_told_as_an_error_once_and_no_figure_is_called_exact() {
    let fleet = fleet(1, &["--pace=100ms"]).await;
    let node = &fleet.nodes[0];
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    for file in ["journal.db", "journal.db-wal", "journal.db-shm", "organiser.pass"] {
        let _ = fs::copy(node.data.join(file), data.join(file));
    }
    let twin = World::on(folder, &data, &[&fleet.nats(0)]).await;
    assert_eq!(twin.node().await, node.node().await);
    for world in [node, &twin] {
        let line = world.until_logged("has a copy of this node's data folder").await;
        assert!(line.contains("ERROR"), "{line}");
    }
    assert_eq!(readyz(node).await["degraded"], json!(["twin"]));
    let mut display = node.display().await;
    display.until("it is not sure", |page| !page.board().exact).await;
    drop(twin);
    whole(node, 1).await;
    assert_eq!(lines(node, "has a copy of this node's data folder"), 1);
}

#[tokio::test]
async fn a_node_that_is_to_be_alone_says_nothing_of_others() {
    let world = World::brisk().await;
    let phone = world.phone().await;
    assert!(!phone.board_text().contains("nodes") && !phone.board_text().contains("exact"));
    ready(&world).await;
    let said = readyz(&world).await;
    assert_eq!(said["nodes"], json!({ "reporting": 1, "expected": 1, "exact": true, "engine": "none" }));
    assert_eq!(said["degraded"], json!([]));
    assert_eq!(world.metric("oneoclock_engine_state{state=\"none\"}").await, 1);
}
