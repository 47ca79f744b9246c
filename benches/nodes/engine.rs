//! The engine: `nats-server`, one or a cluster of three.

use std::{env, ffi::OsString, net::SocketAddr, process::Stdio, thread, time::Duration};

use super::{
    Fault,
    child::{CROWD_CORE, Child},
    target::{free_port, listens},
};

/// Where Debian puts it, if `NATS_SERVER` does not say otherwise.
const PROGRAM: &str = "/usr/sbin/nats-server";

/// What a cluster takes to find itself before anybody is connected to it.
const ROUTES_REST: Duration = Duration::from_secs(2);

/// Servers that listen; dropping it ends them.
pub(crate) struct Engine {
    ports: Vec<u16>,
    /// Where the servers of a cluster meet; empty for a single one.
    routes: Vec<u16>,
    servers: Vec<Child>,
}

impl Engine {
    /// So many servers, not started yet.
    pub(crate) fn planned(servers: usize) -> Result<Self, Fault> {
        let ports = |count| (0..count).map(|_| free_port()).collect::<Result<Vec<_>, _>>();
        let routes = if servers > 1 { ports(servers)? } else { Vec::new() };
        Ok(Self { ports: ports(servers)?, routes, servers: Vec::new() })
    }

    /// So many servers.
    pub(crate) fn start(servers: usize) -> Result<Self, Fault> {
        let mut engine = Self::planned(servers)?;
        engine.begin()?;
        if servers > 1 {
            thread::sleep(ROUTES_REST);
        }
        Ok(engine)
    }

    /// Starts all servers, at the ports they had before.
    pub(crate) fn begin(&mut self) -> Result<(), Fault> {
        let program = env::var_os("NATS_SERVER").unwrap_or_else(|| OsString::from(PROGRAM));
        for (n, &port) in self.ports.iter().enumerate() {
            let mut args = vec!["--addr=127.0.0.1".to_owned(), format!("--port={port}")];
            if let Some(route) = self.routes.get(n) {
                let others: Vec<_> = self.routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
                args.push(format!("--cluster=nats://127.0.0.1:{route}"));
                args.push("--cluster_name=bench".to_owned());
                args.push(format!("--routes={}", others.join(",")));
                // Or nodes would learn of ways to it that cannot be cut.
                args.push("--no_advertise".to_owned());
            }
            let mut server = Child::start("nats-server", CROWD_CORE, &program, args, Stdio::null(), Stdio::null())?;
            if !listens(&mut server, port) {
                return Err(format!("nats-server did not listen on 127.0.0.1:{port}; is it installed?").into());
            }
            self.servers.push(server);
        }
        Ok(())
    }

    /// Kills them all, as SIGKILL does.
    pub(crate) fn kill(&mut self) {
        self.servers.clear();
    }

    /// Where the server that a node is to use listens.
    pub(crate) fn address(&self, node: usize) -> SocketAddr {
        let port = self.ports.get(node % self.ports.len()).copied().unwrap_or(0);
        SocketAddr::from(([127, 0, 0, 1], port))
    }
}
