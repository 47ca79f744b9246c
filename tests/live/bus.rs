//! The way to the other nodes as the hub has it: what it says never waits, and what it hears is in order.

use std::time::Duration;

use oneoclock::mesh::{self, Address, Ends, Event, Mesh, To};
use serde_json::{Value, json};
use tokio::{sync::mpsc::Receiver, time::timeout};

use super::{cable::Cable, ear::Ear, engine::Engine, patience::PATIENCE};

/// Both ends of a node by itself.
struct Bus {
    mesh: Box<dyn Mesh>,
    events: Receiver<Event>,
}

impl Bus {
    /// Joined to what listens at the other end of `cable`.
    async fn by(cable: &Cable) -> Self {
        let addresses = vec![Address::read(&format!("nats://{}", cable.address)).unwrap()];
        let engine = mesh::Engine { addresses, credentials: None, authority: None };
        let Ends { mesh, events } = mesh::nats(&"aaaaaa".parse().unwrap(), &engine).await.unwrap();
        let mut bus = Self { mesh, events: events.unwrap() };
        bus.until("it is joined", |event| *event == Event::Up).await;
        bus
    }

    fn says(&self, message: &Value) {
        self.mesh.send(To::All, message.to_string().into_bytes());
    }

    /// What comes until the event that is meant, which is the last.
    async fn until(&mut self, what: &str, mut is_meant: impl FnMut(&Event) -> bool) -> Vec<Event> {
        let mut came = Vec::new();
        let meant = async {
            loop {
                came.push(self.events.recv().await.unwrap());
                if is_meant(&came[came.len() - 1]) {
                    return;
                }
            }
        };
        timeout(PATIENCE, meant).await.unwrap_or_else(|_| panic!("did not come: {what}"));
        came
    }

    /// Waits for a message of its own, or to itself.
    async fn until_heard(&mut self, message: &Value) -> Vec<Event> {
        let text = message.to_string().into_bytes();
        self.until(&format!("{message}"), |event| *event == Event::Came(text.clone().into())).await
    }
}

#[tokio::test]
async fn it_hears_itself_and_what_is_for_it_and_nothing_else() {
    let engine = Engine::new().await;
    let cables = engine.cables();
    let mut bus = Bus::by(&cables[0]).await;
    bus.says(&json!(1));
    bus.until_heard(&json!(1)).await;
    let ear = Ear::at(&engine).await;
    ear.says_to("bbbbbb", b"2").await;
    ear.says_to("aaaaaa", b"3").await;
    assert_eq!(bus.until_heard(&json!(3)).await.len(), 1);
}

#[tokio::test]
async fn a_last_word_leaves() {
    let engine = Engine::new().await;
    let mut ear = Ear::at(&engine).await;
    let cables = engine.cables();
    let bus = Bus::by(&cables[0]).await;
    bus.says(&json!({ "last": "word" }));
    bus.mesh.flush(Duration::from_secs(1)).await;
    drop(bus);
    ear.until("the last word", |said| said["last"] == "word").await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_let_go_and_nothing_else_is() {
    let engine = Engine::with(|_| "max_payload: 1024".to_owned()).await;
    let cables = engine.cables();
    let mut bus = Bus::by(&cables[0]).await;
    bus.says(&json!("x".repeat(2_000)));
    bus.says(&json!(1));
    assert_eq!(bus.until_heard(&json!(1)).await.len(), 1);
}

#[tokio::test]
async fn a_break_is_told_and_its_end_and_nothing_waits_meanwhile() {
    let engine = Engine::new().await;
    let cables = engine.cables();
    let mut bus = Bus::by(&cables[0]).await;
    for break_off in [Cable::cut, Cable::stall] {
        break_off(&cables[0]);
        // More than any queue holds.
        (0..10_000).for_each(|n| bus.says(&json!(n)));
        bus.mesh.flush(Duration::from_millis(100)).await;
        bus.until("the break", |event| *event == Event::Down).await;
        bus.says(&json!("meanwhile"));
        cables[0].heal();
        bus.until("its end", |event| *event == Event::Up).await;
        bus.says(&json!("after"));
        let came = bus.until_heard(&json!("after")).await;
        assert!(!came.contains(&Event::Came(b"\"meanwhile\"".as_slice().into())));
    }
}

#[tokio::test]
async fn more_than_a_hub_takes_is_let_go_and_does_not_break_the_connection() {
    let engine = Engine::new().await;
    let cables = engine.cables();
    let mut bus = Bus::by(&cables[0]).await;
    let ear = Ear::at(&engine).await;
    ear.floods(6_000).await;
    // What the hub takes next is still in order, and what is said after the flood comes.
    let first = bus.events.recv().await.unwrap();
    assert_eq!(first, Event::Came(b"0".as_slice().into()));
    let mut last = 0;
    loop {
        ear.says(b"\"end\"").await;
        let Event::Came(text) = bus.events.recv().await.unwrap() else { panic!("the connection broke") };
        match serde_json::from_slice::<Value>(&text).unwrap().as_u64() {
            Some(n) => {
                assert!(n > last, "{n} after {last}");
                last = n;
            }
            None => return,
        }
    }
}
