//! Several nodes that an engine joins, each by cables of its own.

use super::{cable::Cable, ear::Ear, engine::Engine, world::World};

/// Nodes, and the engine between them.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// The nodes.
    pub(crate) nodes: Vec<World>,
    /// The cables of each node, one to each server of the engine.
    pub(crate) cables: Vec<Vec<Cable>>,
    /// The engine.
    pub(crate) engine: Engine,
}

impl Fleet {
    /// So many brisk nodes around one server; returns when every node has been heard.
    pub(crate) async fn of(nodes: usize) -> Self {
        Self::around(Engine::new().await, nodes, &["--pace=100ms"]).await
    }

    /// So many brisk nodes that have all heard of each other.
    pub(crate) async fn acquainted(nodes: usize) -> Self {
        let fleet = Self::of(nodes).await;
        fleet.acquaint().await;
        fleet
    }

    /// Waits until all nodes have heard of each other.
    pub(crate) async fn acquaint(&self) {
        let mut ear = Ear::at(&self.engine).await;
        for node in &self.nodes {
            // The second lease is said when the first has been everywhere for a while.
            for _ in 0..2 {
                ear.until_heard(&node.node().await).await;
            }
        }
    }

    /// So many brisk nodes around three servers.
    pub(crate) async fn of_clustered(nodes: usize) -> Self {
        Self::around(Engine::cluster().await, nodes, &["--pace=100ms"]).await
    }

    /// So many nodes with these arguments around this engine, which must be up.
    pub(crate) async fn around(engine: Engine, nodes: usize, arguments: &[&str]) -> Self {
        let mut fleet = Self { nodes: Vec::new(), cables: Vec::new(), engine };
        let mut ear = Ear::at(&fleet.engine).await;
        for _ in 0..nodes {
            let cables = fleet.engine.cables();
            let world = World::with(&[arguments, &[&format!("--nats={}", addresses(&cables))]].concat()).await;
            ear.until_heard(&world.node().await).await;
            fleet.nodes.push(world);
            fleet.cables.push(cables);
        }
        fleet
    }

    /// What `--nats` of one node takes, for starting it again.
    pub(crate) fn nats(&self, n: usize) -> String {
        format!("--nats={}", addresses(&self.cables[n]))
    }

    /// Cuts a node off.
    pub(crate) fn cut(&self, n: usize) {
        self.cables[n].iter().for_each(Cable::cut);
    }

    /// Has everything from and to a node go nowhere, without a sign.
    pub(crate) fn stall(&self, n: usize) {
        self.cables[n].iter().for_each(Cable::stall);
    }

    /// Joins a node again.
    pub(crate) fn heal(&self, n: usize) {
        self.cables[n].iter().for_each(Cable::heal);
    }
}

fn addresses(cables: &[Cable]) -> String {
    let urls: Vec<_> = cables.iter().map(|cable| format!("nats://{}", cable.address)).collect();
    urls.join(",")
}
