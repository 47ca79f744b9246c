//! Nodes find each other by the engine, and do without it.

use super::{ear::Ear, engine::Engine, fleet::Fleet, world::World};

#[tokio::test]
async fn nodes_are_heard_by_way_of_one_server_and_of_three() {
    Fleet::of(2).await;
    Fleet::of_clustered(3).await;
}

#[tokio::test]
async fn a_node_starts_without_the_engine_and_joins_when_it_comes() {
    let mut engine = Engine::new().await;
    engine.kill(0);
    let world = World::with(&["--nats", &engine.url()]).await;
    world.until_logged("the NATS server does not do as it should").await;
    world.phone().await;
    engine.start(0).await;
    Ear::at(&engine).await.until_heard(&world.node().await).await;
}

#[tokio::test]
async fn a_node_that_was_cut_off_is_heard_again_when_its_cable_is_whole() {
    let fleet = Fleet::of_clustered(1).await;
    let node = fleet.nodes[0].node().await;
    let mut ear = Ear::at(&fleet.engine).await;
    for break_off in [Fleet::cut, Fleet::stall] {
        break_off(&fleet, 0);
        ear.until_silent(&node).await;
        fleet.heal(0);
        ear.until_heard(&node).await;
    }
}

#[tokio::test]
async fn a_node_finds_another_server_when_its_own_is_killed() {
    let mut fleet = Fleet::of_clustered(2).await;
    for n in 0..2 {
        fleet.engine.kill(n);
        let mut ear = Ear::at_server(&fleet.engine, 2).await;
        for world in &fleet.nodes {
            ear.until_heard(&world.node().await).await;
        }
        fleet.engine.start(n).await;
        fleet.engine.whole().await;
    }
}

#[tokio::test]
async fn nonsense_on_the_engine_disturbs_nobody() {
    let fleet = Fleet::of(1).await;
    let node = fleet.nodes[0].node().await;
    let mut ear = Ear::at(&fleet.engine).await;
    for nonsense in ["", "{", "null", r#"{"type":"lease"}"#, r#"{"type":"of tomorrow"}"#] {
        ear.says(nonsense.as_bytes()).await;
        ear.says_to(&node, nonsense.as_bytes()).await;
    }
    ear.until_heard(&node).await;
    fleet.nodes[0].phone().await;
}

#[tokio::test]
async fn a_node_that_starts_again_joins_again() {
    let mut fleet = Fleet::of(1).await;
    let (nats, world) = (fleet.nats(0), fleet.nodes.remove(0));
    let node = world.node().await;
    let mut ear = Ear::at(&fleet.engine).await;
    let boot = ear.until_heard(&node).await["boot"].clone();
    let _again = world.again(&[&nats]).await;
    ear.until("a lease of its new start", |said| said["node"] == *node && said["boot"] != boot).await;
}
