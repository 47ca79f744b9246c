//! A NATS server of its own for one test, or three of them as one; they can be killed and started again.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{answer::Answer, cable::Cable, patience::eventually};

/// Ports that the system gives to nobody who asks for just any: a server that was killed finds its own free again.
const PORTS: std::ops::Range<u16> = 10_000..32_000;

/// Servers of one engine that goes on when one of them is lost.
const CLUSTER: usize = 3;

/// Where Debian puts the program; not on everybody's path.
const DEBIAN: &str = "/usr/sbin/nats-server";

/// The engine by which nodes find each other.
#[derive(Debug)]
pub(crate) struct Engine {
    servers: Vec<Server>,
    pub(crate) folder: TempDir,
}

#[derive(Debug)]
struct Server {
    config: PathBuf,
    address: SocketAddr,
    monitor: SocketAddr,
    child: Option<Child>,
}

impl Engine {
    /// One server.
    pub(crate) async fn new() -> Self {
        Self::with(|_| String::new()).await
    }

    /// One server, with these settings besides; they may name files in the folder.
    pub(crate) async fn with(settings: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let mut engine = Self { servers: vec![Server::new(folder.path(), 0, &settings)], folder };
        engine.start(0).await;
        engine
    }

    /// Three servers as one.
    pub(crate) async fn cluster() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let between: Vec<_> = (0..CLUSTER).map(|_| free_address()).collect();
        let routes: Vec<_> = between.iter().map(|address| format!("\"nats://{address}\"")).collect();
        let cluster = |mine: &SocketAddr| {
            // Nobody is told of the others: a client goes where the test sends it.
            format!("cluster {{ name: test, listen: \"{mine}\", no_advertise: true, routes: [{}] }}", routes.join(", "))
        };
        let servers = between.iter().enumerate().map(|(n, mine)| Server::new(folder.path(), n, &cluster(mine)));
        let mut engine = Self { servers: servers.collect(), folder };
        for n in 0..CLUSTER {
            engine.start(n).await;
        }
        engine.whole().await;
        engine
    }

    /// What `--nats` takes.
    pub(crate) fn url(&self) -> String {
        let urls: Vec<_> = self.servers.iter().map(|server| format!("nats://{}", server.address)).collect();
        urls.join(",")
    }

    /// Where a server listens.
    pub(crate) fn address(&self, n: usize) -> SocketAddr {
        self.servers[n].address
    }

    /// One cable to each server.
    pub(crate) fn cables(&self) -> Vec<Cable> {
        self.servers.iter().map(|server| Cable::to(server.address)).collect()
    }

    /// Kills a server.
    pub(crate) fn kill(&mut self, n: usize) {
        if let Some(mut child) = self.servers[n].child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts a server, where it was before if it was; returns when it takes connections.
    pub(crate) async fn start(&mut self, n: usize) {
        let server = &mut self.servers[n];
        let mut command = Command::new(program());
        command.arg("--config").arg(&server.config).stdin(Stdio::null()).stdout(Stdio::null());
        let log = fs::File::create(server.config.with_extension("log")).unwrap();
        server.child = Some(command.stderr(log).spawn().unwrap());
        let server = &self.servers[n];
        eventually("the NATS server is well", async || {
            Answer::to(server.monitor, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .await
                .filter(|answer| answer.status == 200)
        })
        .await;
    }

    /// Waits until every server of a cluster has a way to every other.
    pub(crate) async fn whole(&self) {
        for server in &self.servers {
            eventually("the NATS servers know each other", async || {
                (server.others().await == self.servers.len() - 1).then_some(())
            })
            .await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for n in 0..self.servers.len() {
            self.kill(n);
        }
    }
}

impl Server {
    fn new(folder: &Path, n: usize, settings: &str) -> Self {
        let (address, monitor) = (free_address(), free_address());
        let config = folder.join(format!("{n}.conf"));
        let text = format!("server_name: test{n}\nlisten: \"{address}\"\nhttp: \"{monitor}\"\n{settings}\n");
        fs::write(&config, text).unwrap();
        Self { config, address, monitor, child: None }
    }

    /// To how many others it has a way.
    async fn others(&self) -> usize {
        let request = b"GET /routez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let Some(answer) = Answer::to(self.monitor, request).await else { return 0 };
        let Ok(routes) = serde_json::from_str::<Value>(&answer.body) else { return 0 };
        let mut others: Vec<_> =
            routes["routes"].as_array().into_iter().flatten().map(|r| r["remote_id"].to_string()).collect();
        others.sort();
        others.dedup();
        others.len()
    }
}

/// An address that nobody has, and that nobody is given while its server is dead.
pub(crate) fn free_address() -> SocketAddr {
    loop {
        let number = u64::from(getrandom::u32().unwrap()) % u64::try_from(PORTS.len()).unwrap();
        let port = PORTS.start + u16::try_from(number).unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The NATS server. A test that cannot have one has failed: what it holds was not shown.
fn program() -> PathBuf {
    let named = env::var_os("ONEOCLOCK_NATS_SERVER").map(PathBuf::from);
    let paths = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&paths).map(|folder| folder.join("nats-server")).find(|file| file.exists());
    let found = named.or(on_path).or_else(|| Some(PathBuf::from(DEBIAN)).filter(|file| file.exists()));
    found.unwrap_or_else(|| {
        panic!("there is no nats-server; run tests/install, or `apt-get install nats-server`, or name one in ONEOCLOCK_NATS_SERVER")
    })
}
