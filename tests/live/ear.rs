//! Somebody on the engine who is no node: hears what nodes say to each other, and can say anything.

use std::time::Duration;

use async_nats::{Client, ConnectOptions, Subscriber};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::timeout;

use super::{engine::Engine, patience::PATIENCE};

/// A node that is silent for so long, four leases, is not there.
const SILENCE: Duration = Duration::from_secs(1);

/// Hears everything that nodes say.
#[derive(Debug)]
pub(crate) struct Ear {
    client: Client,
    heard: Subscriber,
}

impl Ear {
    /// An ear at an engine that lets everybody in.
    pub(crate) async fn at(engine: &Engine) -> Self {
        Self::at_server(engine, 0).await
    }

    /// An ear at one of its servers.
    pub(crate) async fn at_server(engine: &Engine, n: usize) -> Self {
        Self::with(ConnectOptions::new(), &format!("nats://{}", engine.address(n))).await
    }

    /// An ear that comes in with these options.
    pub(crate) async fn with(options: ConnectOptions, url: &str) -> Self {
        let client = options.connect(url).await.unwrap();
        let heard = client.subscribe("oneoclock.1.>").await.unwrap();
        client.flush().await.unwrap();
        Self { client, heard }
    }

    /// The next message that is meant.
    pub(crate) async fn until(&mut self, what: &str, mut is_meant: impl FnMut(&Value) -> bool) -> Value {
        let heard = async {
            loop {
                let message = self.heard.next().await.unwrap();
                let message = serde_json::from_slice(&message.payload).unwrap_or_default();
                if is_meant(&message) {
                    return message;
                }
            }
        };
        timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("not heard: {what}"))
    }

    /// The next sign of life of a node.
    pub(crate) async fn until_heard(&mut self, node: &str) -> Value {
        self.until(&format!("a lease of {node}"), |said| said["type"] == "lease" && said["node"] == node).await
    }

    /// Waits until nothing was heard of a node for a second.
    pub(crate) async fn until_silent(&mut self, node: &str) {
        let silence = async { while timeout(SILENCE, self.until_heard(node)).await.is_ok() {} };
        timeout(PATIENCE, silence).await.unwrap_or_else(|_| panic!("still heard: {node}"));
    }

    /// Says something to all nodes.
    pub(crate) async fn says(&self, message: &[u8]) {
        self.client.publish("oneoclock.1.all", message.to_vec().into()).await.unwrap();
        self.client.flush().await.unwrap();
    }

    /// Says the numbers below this one to all nodes.
    pub(crate) async fn floods(&self, numbers: u32) {
        for n in 0..numbers {
            self.client.publish("oneoclock.1.all", n.to_string().into()).await.unwrap();
        }
        self.client.flush().await.unwrap();
    }

    /// Says something to one node.
    pub(crate) async fn says_to(&self, node: &str, message: &[u8]) {
        self.client.publish(format!("oneoclock.1.to.{node}"), message.to_vec().into()).await.unwrap();
        self.client.flush().await.unwrap();
    }
}
