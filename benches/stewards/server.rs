//! The server under measurement, and what an organiser asks of it.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Fault;

/// Milliseconds in a minute.
pub(crate) const MINUTE: i64 = 60_000;

/// A running server; dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    data: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either fails only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Unix milliseconds.
pub(crate) fn now() -> i64 {
    SystemTime::UNIX_EPOCH.elapsed().ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}

impl Server {
    /// Starts it on a data folder; returns once it has named its address.
    pub(crate) fn start(data: &Path) -> Result<Self, Fault> {
        Self::start_with(data, ["--listen=127.0.0.1:0", "--log=error"].map(str::to_owned))
    }

    /// The same, told more than that.
    pub(crate) fn start_with(data: &Path, more: impl IntoIterator<Item = String>) -> Result<Self, Fault> {
        let program = env::var_os("ONEOCLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_oneoclock").into());
        let mut serve = Command::new(program);
        serve.env_clear().arg("serve").args(more).arg("--data").arg(data);
        let mut child = serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.split_once("http://")?.1.split('/').next()?.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            return Err("the server ended without naming its address".into());
        };
        // Reads on, so that the rest of what it prints finds a reader; ends with the server's output.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address, data: data.to_owned() })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An organiser's request; the body of the answer.
    pub(crate) async fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> Result<String, Fault> {
        let pass = fs::read_to_string(self.data.join("organiser.pass"))?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            pass.trim(),
            body.len()
        );
        let mut socket = TcpStream::connect(self.address).await?;
        socket.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
        if head.starts_with("HTTP/1.1 200") {
            Ok(body.to_owned())
        } else {
            Err(format!("{method} {path}: {answer}").into())
        }
    }

    /// Makes so many gatherings, of which nobody said how many are expected.
    pub(crate) async fn import(&self, gatherings: u32) -> Result<(), Fault> {
        let rows: String = (0..gatherings).map(|n| format!("g{n},Gathering {n},Town {n}\n")).collect();
        self.ask("POST", "/api/v1/gatherings?apply=true", "text/csv", &format!("id,name,place\n{rows}")).await?;
        Ok(())
    }

    /// A pass for a post, good now.
    pub(crate) async fn pass(&self, gathering: u32, post: u32) -> Result<String, Fault> {
        let (from, until) = (now() - 60 * MINUTE, now() + 60 * MINUTE);
        let wanted = json!({ "gathering": format!("g{gathering}"), "post": format!("Post {post}"), "from": from, "until": until });
        let made: Value =
            serde_json::from_str(&self.ask("POST", "/api/v1/passes", "application/json", &wanted.to_string()).await?)?;
        Ok(made["pass"].as_str().ok_or("no pass")?.to_owned())
    }

    /// What it has of each device.
    pub(crate) async fn counted(&self) -> Result<BTreeMap<String, i64>, Fault> {
        let count: Value = serde_json::from_str(&self.ask("GET", "/api/v1/count", "text/plain", "").await?)?;
        let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        let posts = list(&count, "gatherings").into_iter().flat_map(|row| list(&row, "posts"));
        let devices = posts.flat_map(|post| list(&post, "devices"));
        Ok(devices.filter_map(|d| Some((d["device"].as_str()?.to_owned(), d["counted"].as_i64()?))).collect())
    }

    /// The value of a metric, named with its labels.
    pub(crate) async fn metric(&self, name: &str) -> Result<f64, Fault> {
        let text = self.ask("GET", "/metrics", "text/plain", "").await?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        Ok(value.unwrap_or(0.0))
    }

    /// CPU time of all its threads so far.
    pub(crate) fn cpu(&self) -> Result<Duration, Fault> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.pid()))? {
            // A thread may end between the listing and the reading.
            let spent = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += spent.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Its resident memory, in MiB.
    pub(crate) fn resident(&self) -> Result<u64, Fault> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let kib: Option<u64> =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
        Ok(kib.ok_or("no VmRSS")? / 1_024)
    }
}
