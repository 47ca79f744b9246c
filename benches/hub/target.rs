//! One server, or the floor, and the crowd of phones in front of it.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Stdio,
    sync::mpsc::{Receiver, sync_channel},
    thread,
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use tempfile::TempDir;

use super::{
    child::{CROWD_CORE, Child, SERVER_CORE},
    fault::Fault,
    orders::{Heard, Joined, Order},
    process::Process,
};

/// When a server sends boards: `--pace` and `--beat`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tempo {
    /// The shortest time between two.
    pub(crate) pace: &'static str,
    /// The longest, if nothing changes.
    pub(crate) beat: &'static str,
}

/// One board a second, also when nothing has changed.
pub(crate) const EVERY_SECOND: Tempo = Tempo { pace: "1s", beat: "1s" };

/// Joins under way at once in a crowd that is not a storm.
const AT_ONCE: u32 = 256;

/// The longest a server may take to listen.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(15);

/// What a server may still be doing when it listens.
const START_REST: Duration = Duration::from_secs(1);

/// Connections that were just made cost more: the kernel acknowledges their first messages at once.
pub(crate) const SETTLE: Duration = Duration::from_millis(2500);

/// The longest wait for the answer to an order; each order has shorter limits of its own.
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// Nothing received for so long is a moment between two boards, in milliseconds.
pub(crate) const QUIET_MS: u64 = 250;

/// The most of a server's words that is shown when it does not start, in bytes.
const WORDS_SHOWN: usize = 600;

/// A server that listens; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
    /// Journal and log.
    home: TempDir,
}

impl Server {
    /// Starts one with a journal of its own, told `more` than it always is.
    pub(crate) fn start(tempo: Tempo, more: &[String]) -> Result<Self, Fault> {
        let port = free_port()?;
        let home = TempDir::new()?;
        let log = home.path().join("log");
        let program = env::var_os("ONEOCLOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_oneoclock").into());
        let listen = format!("127.0.0.1:{port}");
        let data = home.path().join("data");
        let args: [&OsStr; 9] = [
            "serve".as_ref(),
            "--listen".as_ref(),
            listen.as_ref(),
            "--data".as_ref(),
            data.as_ref(),
            "--pace".as_ref(),
            tempo.pace.as_ref(),
            "--beat".as_ref(),
            tempo.beat.as_ref(),
        ];
        let (out, err) = (File::create(&log)?, File::options().append(true).open(&log)?);
        let mut child = Child::start(
            "the server",
            SERVER_CORE,
            &program,
            args.into_iter().chain(more.iter().map(AsRef::as_ref)),
            out.into(),
            err.into(),
        )?;
        if !listens(&mut child, port) {
            return Err(Fault::NotListening {
                what: "the server",
                port,
                seconds: START_LIMIT.as_secs(),
                words: last_words(&log),
            });
        }
        Ok(Self { child, port, home })
    }
}

/// The end of what a server that did not start had to say.
pub(crate) fn last_words(log: &Path) -> String {
    let words = fs::read_to_string(log).unwrap_or_default();
    let from = words.ceil_char_boundary(words.len().saturating_sub(WORDS_SHOWN));
    words.get(from..).unwrap_or_default().trim().to_owned()
}

/// A server under measurement, with its own crowd; dropping it ends both.
#[derive(Debug)]
pub(crate) struct Target {
    what: &'static str,
    crowd: Child,
    answers: Receiver<String>,
    server: Child,
    /// Where it listens, on 127.0.0.1.
    port: u16,
    /// Journal and log.
    _home: TempDir,
}

impl Target {
    /// The server; if `null`, a second floor instead.
    pub(crate) fn server(null: bool, tempo: Tempo) -> Result<Self, Fault> {
        if null { Self::floor() } else { Self::of("the server", Server::start(tempo, &[])?) }
    }

    /// A server that runs already.
    pub(crate) fn of(what: &'static str, server: Server) -> Result<Self, Fault> {
        let Server { child, port, home } = server;
        Self::with_crowd(what, child, home, port, true)
    }

    /// The floor.
    pub(crate) fn floor() -> Result<Self, Fault> {
        let port = free_port()?;
        let home = TempDir::new()?;
        let args = ["floor".to_owned(), "--port".to_owned(), port.to_string()];
        let program = env::current_exe()?;
        let mut floor =
            Child::start("the floor", SERVER_CORE, program.as_ref(), args, Stdio::null(), Stdio::inherit())?;
        if !listens(&mut floor, port) {
            let words = String::new();
            return Err(Fault::NotListening { what: "the floor", port, seconds: START_LIMIT.as_secs(), words });
        }
        Self::with_crowd("the floor", floor, home, port, false)
    }

    fn with_crowd(what: &'static str, server: Child, home: TempDir, port: u16, greets: bool) -> Result<Self, Fault> {
        let mut args = vec!["crowd".to_owned(), format!("--port={port}"), format!("--pid={}", server.id())];
        args.extend(greets.then(|| "--greets".to_owned()));
        let program = env::current_exe()?;
        let mut crowd =
            Child::start("the crowd", CROWD_CORE, program.as_ref(), args, Stdio::piped(), Stdio::inherit())?;
        let (send, answers) = sync_channel(1);
        let out = crowd.take_stdout();
        thread::spawn(move || {
            let lines = out.into_iter().flat_map(|out| BufReader::new(out).lines().map_while(Result::ok));
            for line in lines {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        thread::sleep(START_REST);
        Ok(Self { what, crowd, answers, server, port, _home: home })
    }

    /// What it is called in messages.
    pub(crate) fn what(&self) -> &'static str {
        self.what
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Tells the crowd something; the answer is fetched by [`answer`](Self::answer).
    pub(crate) fn order(&mut self, order: &Order) -> Result<(), Fault> {
        let line = serde_json::to_string(order)?;
        if let Some(input) = self.crowd.stdin() {
            writeln!(input, "{line}")?;
            input.flush()?;
        }
        Ok(())
    }

    /// Waits for the answer to the last order.
    pub(crate) fn answer<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let Ok(line) = self.answers.recv_timeout(ANSWER_LIMIT) else {
            return Err(Fault::NoAnswer { what: self.what, seconds: ANSWER_LIMIT.as_secs() });
        };
        Ok(serde_json::from_str(&line)?)
    }

    /// Order and answer in one.
    pub(crate) fn ask<T: DeserializeOwned>(&mut self, order: &Order) -> Result<T, Fault> {
        self.order(order)?;
        self.answer()
    }

    /// Begins to fill up to `phones` phones.
    pub(crate) fn begin_join(&mut self, phones: u32) -> Result<(), Fault> {
        self.order(&Order::Join { phones, at_once: AT_ONCE })
    }

    /// Waits until they are in; a crowd with gaps would measure something else.
    pub(crate) fn end_join(&mut self) -> Result<Joined, Fault> {
        let joined: Joined = self.answer()?;
        if let (true, Some(why)) = (joined.failed > 0, joined.why.clone()) {
            let wanted = joined.joined + joined.failed;
            return Err(Fault::Joining { what: self.what, joined: joined.joined, wanted, why });
        }
        Ok(joined)
    }

    /// Waits for the end of a window.
    pub(crate) fn end_listen(&mut self) -> Result<Heard, Fault> {
        let heard: Heard = self.answer()?;
        if heard.received == 0 {
            return Err(Fault::NoBoard { what: self.what, phones: heard.phones });
        }
        Ok(heard)
    }

    /// Tells the floor at which millisecond of each second to send.
    pub(crate) fn keep_phase(&mut self, phase_ms: u64) -> io::Result<()> {
        match self.server.stdin() {
            Some(input) => writeln!(input, "{phase_ms}").and_then(|()| input.flush()),
            None => Ok(()),
        }
    }

    /// The memory of the server's process, in bytes.
    pub(crate) fn memory(&self) -> io::Result<u64> {
        Process(self.server.id()).memory()
    }
}

/// A port that nobody used a moment ago.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Waits until somebody answers at `port`.
pub(crate) fn listens(server: &mut Child, port: u16) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < START_LIMIT && !server.ended() {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}
