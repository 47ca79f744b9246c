//! Nodes that share one day.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::time::sleep;

use super::{
    Fault,
    cable::Cable,
    display::{Board, Display},
    engine::Engine,
    server::Server,
    target::free_port,
};

/// Gatherings of the day: as many as there were.
pub(crate) const GATHERINGS: u32 = 138;

/// The longest a fleet may take until every node knows them all.
const TOGETHER_WITHIN: Duration = Duration::from_secs(20);

/// Between two questions that are asked until the answer is right.
pub(crate) const ASK_EVERY: Duration = Duration::from_millis(50);

/// One node.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) cable: Cable,
    data: PathBuf,
    more: Vec<String>,
    server: Option<Server>,
    display: Option<Display>,
}

impl Node {
    /// Its server.
    pub(crate) fn server(&self) -> Result<&Server, Fault> {
        self.server.as_ref().ok_or_else(|| "the node was killed".into())
    }

    /// Starts it, on what it has kept.
    pub(crate) async fn start(&mut self) -> Result<(), Fault> {
        let mut args = vec![
            format!("--listen={}", self.address),
            format!("--nats=nats://{}", self.cable.address),
            "--log=oneoclock=error".to_owned(),
        ];
        args.extend(self.more.iter().cloned());
        self.server = Some(Server::start_with(&self.data, args)?);
        self.display = Some(Display::on(self.address).await?);
        Ok(())
    }

    /// Kills it, as SIGKILL does.
    pub(crate) fn kill(&mut self) {
        (self.server, self.display) = (None, None);
    }

    /// Tells it to stop in good order.
    pub(crate) fn stop(&mut self) -> Result<(), Fault> {
        let pid = self.server()?.pid().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        self.display = None;
        Ok(())
    }
}

/// All nodes; dropping it kills them.
pub(crate) struct Fleet {
    pub(crate) nodes: Vec<Node>,
    _home: TempDir,
}

impl Fleet {
    /// So many nodes, each started with `more` beside what it needs, and each at its own server of `engine`.
    pub(crate) async fn start(nodes: usize, engine: &Engine, more: &[&str]) -> Result<Self, Fault> {
        // Beside the program, on a disk: in memory a flush would cost nothing.
        let home = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let mut fleet = Self { nodes: Vec::new(), _home: home };
        for n in 0..nodes {
            let mut node = Node {
                address: SocketAddr::from(([127, 0, 0, 1], free_port()?)),
                cable: Cable::lay(engine.address(n)).await?,
                data: fleet._home.path().join(format!("node-{n}")),
                more: more.iter().map(|&flag| flag.to_owned()).collect(),
                server: None,
                display: None,
            };
            node.start().await?;
            fleet.nodes.push(node);
        }
        Ok(fleet)
    }

    /// The same, once the day's gatherings are known to all.
    pub(crate) async fn together(nodes: usize, engine: &Engine, more: &[&str]) -> Result<Self, Fault> {
        let fleet = Self::start(nodes, engine, more).await?;
        let exact = fleet.until_all(TOGETHER_WITHIN, |board| board.exact).await;
        exact.ok_or_else(|| format!("the nodes do not find each other: {}", fleet.words()))?;
        fleet.node(0)?.server()?.import(GATHERINGS).await?;
        let known = fleet.until_all(TOGETHER_WITHIN, |board| board.gatherings == GATHERINGS).await;
        known.ok_or_else(|| format!("facts do not get from one node to the others: {}", fleet.words()))?;
        Ok(fleet)
    }

    /// One of them.
    pub(crate) fn node(&self, n: usize) -> Result<&Node, Fault> {
        self.nodes.get(n).ok_or_else(|| "no such node".into())
    }

    /// One of them, to do something to it.
    pub(crate) fn node_mut(&mut self, n: usize) -> Result<&mut Node, Fault> {
        self.nodes.get_mut(n).ok_or_else(|| "no such node".into())
    }

    /// Where they are.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.address).collect()
    }

    /// Those with a display.
    pub(crate) fn displays(&self) -> impl Iterator<Item = &Display> {
        self.nodes.iter().filter_map(|node| node.display.as_ref())
    }

    /// How long it takes until the newest board of every running node is `as_wanted`; none if longer than `limit`.
    pub(crate) async fn until_all(&self, limit: Duration, as_wanted: impl Fn(&Board) -> bool) -> Option<Duration> {
        let begun = Instant::now();
        loop {
            for display in self.displays() {
                if !display.until(limit.saturating_sub(begun.elapsed()), &as_wanted).await {
                    return None;
                }
            }
            if self.displays().all(|display| display.shows(&as_wanted)) {
                return Some(begun.elapsed());
            }
        }
    }

    /// How long it takes until every running node has counted `truth` people with steward's devices; none if longer
    /// than `limit`.
    pub(crate) async fn until_counted(&self, limit: Duration, truth: i64) -> Result<Option<Duration>, Fault> {
        let begun = Instant::now();
        for server in self.nodes.iter().filter_map(|node| node.server.as_ref()) {
            while server.counted().await?.values().sum::<i64>() != truth {
                if begun.elapsed() > limit {
                    return Ok(None);
                }
                sleep(ASK_EVERY).await;
            }
        }
        Ok(Some(begun.elapsed()))
    }

    /// The newest boards in a few words.
    pub(crate) fn words(&self) -> String {
        self.displays().map(Display::words).collect::<Vec<_>>().join(" · ")
    }
}
