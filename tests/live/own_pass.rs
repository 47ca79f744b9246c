//! A node's own organiser's pass opens the other nodes too.

use std::fs;

use serde_json::Value;

use super::{answer::Answer, engine::Engine, patience::eventually, world::World};

/// The organiser's list of links, by this pass.
async fn list(world: &World, pass: &str) -> Answer {
    let request = format!(
        "GET /api/v1/passes HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {pass}\r\nConnection: close\r\n\r\n",
        world.address
    );
    world.ask(&request).await.unwrap()
}

/// Waits until so many passes are given out.
async fn given_out(world: &World, count: usize) -> Vec<Value> {
    let pass = world.pass();
    eventually("the pass is given out", async || {
        let rows = list(world, &pass).await.json()["passes"].as_array().unwrap().clone();
        (rows.len() == count).then_some(rows)
    })
    .await
}

#[tokio::test]
async fn a_node_tells_the_others_of_its_own_pass_and_not_the_pass() {
    let engine = Engine::new().await;
    let world = World::with(&["--nats", &engine.url()]).await;
    let pass = world.pass();
    let rows = given_out(&world, 1).await;
    assert_eq!((&rows[0]["role"], &rows[0]["gathering"]), (&"organiser".into(), &().into()));
    let id = rows[0]["id"].as_str().unwrap().to_owned();

    // Another node is one with a pass of its own, and with these facts.
    fs::remove_file(world.data.join("organiser.pass")).unwrap();
    let world = world.again(&["--nats", &engine.url()]).await;
    assert_ne!(world.pass(), pass);
    assert_eq!(list(&world, &pass).await.status, 200);
    given_out(&world, 2).await;
    assert!(world.refuses(&["pass", "rotate", &id]).contains("organiser's pass of a node"));
    world.does(&["pass", "revoke", &id]);
    assert_eq!(list(&world, &pass).await.status, 403);
    assert!(!world.does(&["export", "log"]).contains(&pass) && !world.stderr().contains(&pass));
}

#[tokio::test]
async fn a_node_without_others_gives_nothing_out() {
    let world = World::new().await;
    assert_eq!(list(&world, &world.pass()).await.json()["passes"].as_array().unwrap().len(), 0);
}
