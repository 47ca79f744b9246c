//! A server of its own for one test.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

use tempfile::TempDir;

use super::{
    answer::Answer,
    page::Page,
    patience::{PATIENCE, eventually},
    visit::Visit,
};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_oneoclock");

/// The list of the day, as organisers keep it.
pub(crate) const EXAMPLE_LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gatherings.csv");

/// Gatherings in [`EXAMPLE_LIST`].
pub(crate) const EXAMPLES: u32 = 138;

/// A running server, which ends with the test.
#[derive(Debug)]
pub(crate) struct World {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) data: PathBuf,
    folder: Arc<TempDir>,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

impl World {
    /// A server with nothing but its defaults.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A server with these arguments.
    pub(crate) async fn with(arguments: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        Self::start(serve(&data).args(arguments), folder, data).await
    }

    /// A server whose log goes into a pipe that nobody holds the other end of.
    pub(crate) async fn unread() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        let (_, nowhere) = io::pipe().unwrap();
        Self::begin(serve(&data).stderr(nowhere), folder, data).await
    }

    /// A server that speaks ten times a second, for tests of what is said and not of when.
    pub(crate) async fn brisk() -> Self {
        Self::with(&["--pace=100ms"]).await
    }

    /// A server whose clock, and whose kernel's word on it, is in the test's hand; see [`World::moves_clock`].
    pub(crate) async fn with_clock(hand: &str, arguments: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        let file = folder.path().join("hand");
        fs::write(&file, hand).unwrap();
        Self::start(serve(&data).arg("--test-clock").arg(file).args(arguments), folder, data).await
    }

    /// Moves the system clock by so many milliseconds and has the kernel say this of it: `-500 2.5`.
    pub(crate) fn moves_clock(&self, hand: &str) {
        let file = self.data.with_file_name("hand");
        let new = file.with_extension("new");
        fs::write(&new, hand).unwrap();
        fs::rename(new, file).unwrap();
    }

    /// A brisk server that may have so many file descriptors.
    pub(crate) async fn with_descriptors(limit: u32) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        let serve = serve(&data);
        let mut command = Command::new("prlimit");
        command.env_clear().arg(format!("--nofile={limit}:{limit}")).arg(serve.get_program()).args(serve.get_args());
        Self::start(command.arg("--pace=100ms").stdin(Stdio::null()), folder, data).await
    }

    /// A brisk server that knows the gatherings of [`EXAMPLE_LIST`].
    pub(crate) async fn with_gatherings() -> Self {
        let world = Self::brisk().await;
        world.does(&["import", EXAMPLE_LIST, "--apply"]);
        world.phone().await.until("the gatherings", |page| page.board().gatherings == EXAMPLES).await;
        world
    }

    /// A server on a journal that is there, in a folder that is kept until the server ends.
    pub(crate) async fn on(folder: Arc<TempDir>, data: &Path, arguments: &[&str]) -> Self {
        Self::start(serve(data).args(arguments), folder, data.to_owned()).await
    }

    /// Another server on the journal of this one, which must have ended.
    pub(crate) async fn again(mut self, arguments: &[&str]) -> Self {
        let _ = self.child.kill();
        self.child.wait().unwrap();
        Self::on(Arc::clone(&self.folder), &self.data.clone(), arguments).await
    }

    async fn start(command: &mut Command, folder: Arc<TempDir>, data: PathBuf) -> Self {
        Self::begin(command.stderr(Stdio::piped()), folder, data).await
    }

    async fn begin(command: &mut Command, folder: Arc<TempDir>, data: PathBuf) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (said, addresses) = sync_channel(1);
        let stdout = collect(child.stdout.take().unwrap(), Some(said));
        let stderr = child.stderr.take().map(|pipe| collect(pipe, None)).unwrap_or_default();
        let address = tokio::task::spawn_blocking(move || addresses.recv_timeout(PATIENCE)).await.unwrap();
        let Ok(address) = address else {
            let _ = child.kill();
            panic!("the server did not start: {}", stderr.lock().unwrap());
        };
        Self { child, address, data, folder, stdout, stderr }
    }

    /// What was printed so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.lock().unwrap().clone()
    }

    /// What was logged so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// The organiser's pass, as the server keeps it.
    pub(crate) fn pass(&self) -> String {
        fs::read_to_string(self.data.join("organiser.pass")).unwrap().trim().to_owned()
    }

    /// The name of the node, as it is logged.
    pub(crate) async fn node(&self) -> String {
        self.until_logged("serving").await.split_once("node=").unwrap().1.trim().to_owned()
    }

    /// Waits until a line with these words is logged.
    pub(crate) async fn until_logged(&self, words: &str) -> String {
        eventually(&format!("it is logged: {words}"), async || {
            self.stderr().lines().find(|line| line.contains(words)).map(str::to_owned)
        })
        .await
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends the process a signal: `TERM`, `INT`, `KILL`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// Waits for the process to end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        eventually("the server ends", async || self.child.try_wait().unwrap()).await
    }

    /// Runs one of the organiser's commands against this server. As the machines that run tests have a clock that
    /// nothing vouches for, whatever arms the moment is given on the organiser's word.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        match arguments {
            ["moment", "set" | "move" | "resume", ..] => self.typed(&[arguments, &["--unconfirmed-clock"]].concat()),
            _ => self.typed(arguments),
        }
    }

    /// The same, exactly as it was typed.
    pub(crate) fn typed(&self, arguments: &[&str]) -> Output {
        let server = format!("http://{}", self.address);
        let data = self.data.to_str().unwrap();
        let mut command = Command::new(PROGRAM);
        command.args(arguments).args(["--server", &server, "--data", data]);
        command.env_clear().stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a command that must succeed; what it printed.
    pub(crate) fn does(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must fail with exit code 1; what it said.
    pub(crate) fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// The answer to a plain GET.
    pub(crate) async fn get(&self, path: &str) -> Option<Answer> {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)).await
    }

    /// The answer to a request that is sent as it is.
    pub(crate) async fn ask(&self, request: &str) -> Option<Answer> {
        Answer::to(self.address, request.as_bytes()).await
    }

    /// The value of a metric, named with its labels; 0 while there is none.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let text = self.get("/metrics").await.unwrap().body;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or(0)
    }

    /// Waits until a metric has a value.
    pub(crate) async fn until_metric(&self, name: &str, value: u64) {
        let mut last = 0;
        eventually(&format!("{name} is {value}"), async || {
            last = self.metric(name).await;
            (last == value).then_some(())
        })
        .await;
    }

    /// A phone in the national room.
    pub(crate) async fn phone(&self) -> Page {
        Visit::default().phone(self).await
    }

    /// A big screen for the whole country: it sees every change of the figures.
    pub(crate) async fn display(&self) -> Page {
        Visit::default().display(self).await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("what the server logged:\n{}", self.stderr());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `oneoclock serve` on a port and a data folder of its own, not started yet.
pub(crate) fn serve(data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().args(["serve", "--listen=127.0.0.1:0", "--data"]).arg(data).stdin(Stdio::null());
    command
}

/// Sends a process a signal.
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {pid}")).status().unwrap();
    assert!(sent.success(), "no signal {name} to {pid}");
}

/// Reads a pipe to its end, and tells of the first address in it.
fn collect(pipe: impl Read + Send + 'static, said: Option<SyncSender<SocketAddr>>) -> Arc<Mutex<String>> {
    let all = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&all);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut kept = kept.lock().unwrap();
            kept.push_str(&line);
            kept.push('\n');
            if let Some(said) = &said
                && let Some((_, rest)) = line.split_once("http://")
                && let Some(Ok(address)) = rest.split('/').next().map(str::parse)
            {
                // Only the first is waited for.
                let _ = said.try_send(address);
            }
        }
    });
    all
}
