//! Nodes hold their clocks against each other's: one that is not in step with most of them serves nobody until it is.

use std::time::Duration;

use serde_json::Value;

use super::{
    ear::Ear,
    engine::Engine,
    patience::within,
    steward::{self, Steward, minute},
    stream::Stream,
    visit::Visit,
    world::World,
};

/// How soon a node withdraws whose clock was stepped: three looks at the system's clock, three rounds and their answers,
/// and one round more, as the step comes in the midst of one.
const WITHDRAWN_WITHIN: Duration = Duration::from_secs(15);

/// How soon it is back after its clock was set right: three looks, five rounds, one more, and its own probe.
const BACK_WITHIN: Duration = Duration::from_secs(25);

/// Nodes around an engine, with clocks in the test's hand.
async fn nodes(engine: &Engine, hands: &[&str]) -> Vec<World> {
    let mut ear = Ear::at(engine).await;
    let mut nodes = Vec::new();
    for hand in hands {
        let world = World::with_clock(hand, &["--pace=100ms", "--nats", &engine.url()]).await;
        ear.until_heard(&world.node().await).await;
        nodes.push(world);
    }
    for world in &nodes {
        world.until_metric("oneoclock_clock_nodes", hands.len() as u64).await;
    }
    nodes
}

async fn ready(world: &World) -> (u16, Value) {
    let answer = world.get("/readyz").await.unwrap();
    (answer.status, answer.json())
}

async fn until_withdrawn(world: &World) -> Value {
    within(WITHDRAWN_WITHIN, "it withdraws", async || {
        let (status, said) = ready(world).await;
        (said["checks"]["clock_agrees"] == false).then(|| {
            assert_eq!((status, &said["ready"]), (503, &Value::Bool(false)), "{said}");
            said
        })
    })
    .await
}

#[tokio::test]
async fn the_odd_one_of_three_withdraws_and_says_why_and_is_back_when_its_clock_is_right_again() {
    let engine = Engine::new().await;
    let nodes = nodes(&engine, &["0 2.5", "1 2.5", "0 2.5"]).await;
    let odd = &nodes[2];
    odd.does(&["import", super::world::EXAMPLE_LIST, "--apply"]);
    let (mut phone, mut display) = (odd.phone().await, odd.display().await);
    let mut stream = Stream::open(odd, "").await;
    let pass = steward::pass(odd, "glasgow", "North gate").await;
    let mut steward = Steward::with(odd, &pass, "glasgow", "North gate", 1).await;
    steward.counts(minute(0), 3).await;
    let mut elsewhere = nodes[0].phone().await;

    odd.moves_clock("400 2.5");
    let said = until_withdrawn(odd).await;
    let clock = &said["nodes_clock"];
    assert!((clock["ahead_ms"].as_f64().unwrap() - 400.0).abs() < 20.0, "{clock}");
    assert_eq!((&clock["nodes"], &clock["agree"]), (&3.into(), &2.into()), "{clock}");
    assert!(clock["say"].as_str().unwrap().contains("ms ahead of what 2 of 3 nodes agree on"), "{clock}");
    assert_eq!(said["checks"]["not_draining"], true, "{said}");
    let line = odd.until_logged("it withdraws").await;
    for field in ["ERROR", "offset_ms=", "bound=", "nodes=3"] {
        assert!(line.contains(field), "{field} in {line}");
    }
    odd.until_metric("oneoclock_clock_withdrawn", 1).await;

    // Everybody is told to go, and to go at once: there are others.
    for page in [&mut phone, &mut display, &mut steward.page] {
        assert_eq!((page.until_closed().await, page.retry_ms()), (Some(1012), Some(0)));
    }
    stream.until("good-bye", |stream| stream.newest("bye").is_some()).await;
    // And nobody is told the time.
    assert_eq!(Visit::default().try_open(odd).await.err(), Some(503));
    assert_eq!(Visit::default().showing(&pass).try_open(odd).await.err(), Some(503));
    for door in ["/live/events", "/api/v1/board", "/api/v1/time"] {
        let answer = odd.get(door).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (503, "clock"), "{door}");
        assert!(answer.head.to_lowercase().contains("retry-after: 5"), "{door}: {}", answer.head);
    }
    let page = odd.get("/").await.unwrap();
    assert_eq!(page.status, 200, "the moment and its words are right");
    assert!(!page.head.to_lowercase().contains("server-timing"), "{}", page.head);

    // The others go on.
    for world in &nodes[..2] {
        assert_eq!(ready(world).await.0, 200);
        assert_eq!(world.metric("oneoclock_clock_withdrawn").await, 0);
    }
    let boards = elsewhere.boards().count();
    let _one_more = nodes[0].phone().await;
    elsewhere.until("a board", |page| page.boards().count() > boards).await;

    odd.moves_clock("0 2.5");
    within(BACK_WITHIN, "it is back", async || Some(ready(odd).await.0).filter(|status| *status == 200)).await;
    odd.until_logged("this server is back").await;
    odd.until_metric("oneoclock_clock_withdrawn", 0).await;
    let mut phone = odd.phone().await;
    let mut steward = Steward::with(odd, &pass, "glasgow", "North gate", 1).await;
    steward.counts(minute(0), 5).await;
    phone.listen().await;
    assert!(!phone.is_over());
    assert!(odd.get("/").await.unwrap().head.to_lowercase().contains("server-timing"));
    for world in &nodes {
        assert_eq!(world.stderr().matches("it withdraws").count(), usize::from(world.pid() == odd.pid()));
    }
}

#[tokio::test]
async fn of_two_nobody_withdraws_however_far_apart_they_are() {
    let engine = Engine::new().await;
    let nodes = nodes(&engine, &["0 2.5", "5000 2.5"]).await;
    let mut phones = [nodes[0].phone().await, nodes[1].phone().await];
    let (mut ear, name) = (Ear::at(&engine).await, nodes[1].node().await);
    let mut asked = 0;
    let is_eighth = |said: &Value| {
        asked += u32::from(said["type"] == "clock_ask" && said["node"] == name.as_str());
        asked == 8
    };
    ear.until("more rounds than it would have taken", is_eighth).await;
    for (world, phone) in nodes.iter().zip(&mut phones) {
        assert!(!world.stderr().contains("it withdraws"), "{}", world.stderr());
        assert_eq!(ready(world).await.0, 200);
        assert_eq!(ready(world).await.1["nodes_clock"]["say"], "no majority of nodes to compare with");
        phone.listen().await;
        assert!(!phone.is_over());
    }
}
