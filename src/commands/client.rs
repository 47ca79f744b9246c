//! The organiser's end of the line: one request to a running server, and its answer.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, StatusCode, Uri,
    body::Incoming,
    client::conn::http1,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{net::TcpStream, time::timeout};

use super::organiser_pass::PASS_FILE;
use crate::domain::pass::{Pass, PassError, Role};

/// How long a server may take to pick up: it is near, or it is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may take: a list of ten thousand gatherings is on disk well within it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Largest answer taken, in bytes: the diff of the longest list in which every field of every row changes.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Longest file looked at for a pass, in bytes; a pass has 46.
const MAX_PASS_FILE_BYTES: u64 = 1_024;

/// Which server, and what proves that we may.
#[derive(Clone, Debug, clap::Args)]
pub struct ServerArgs {
    /// Address of the running server
    #[arg(long, global = true, env = "ONEOCLOCK_SERVER", value_name = "URL", default_value = "http://127.0.0.1:1300")]
    pub server: String,
    /// Data folder of the server, which holds the organiser pass
    #[arg(long, global = true, env = "ONEOCLOCK_DATA", value_name = "FOLDER", default_value = "./oneoclock-data")]
    pub data: PathBuf,
    /// File with the organiser pass, when the data folder is not on this machine
    #[arg(long, global = true, value_name = "FILE")]
    pub pass_file: Option<PathBuf>,
}

/// Why the server was not reached, or what it said.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an address at all.
    #[error("\"{0}\" is not the address of a server; write it like http://127.0.0.1:1300")]
    Address(String),
    /// Encrypted addresses need a key store, which this command does without.
    #[error(
        "{0} asks for https, and this command speaks plain http only; run it on the machine of the server, with \
         --server http://127.0.0.1:1300"
    )]
    Https(String),
    /// Nobody picks up.
    #[error("no server answers at {address}; start one with: oneoclock serve, or name another with --server")]
    Unreachable {
        /// Where.
        address: String,
        /// Why, as the system says it.
        source: io::Error,
    },
    /// Picked up, and never spoke.
    #[error("the server at {0} did not answer in time; whether the request was done is not known: ask again")]
    Silent(String),
    /// Hung up in the middle.
    #[error("the connection to {address} broke off; whether the request was done is not known: ask again")]
    Broken {
        /// Where.
        address: String,
        /// How.
        source: hyper::Error,
    },
    /// More than [`MAX_ANSWER_BYTES`].
    #[error("the answer from {0} is longer than {MAX_ANSWER_BYTES} bytes")]
    TooLong(String),
    /// Some other program, or some other version.
    #[error("what answers at {address} is not a oneoclock server of this version (status {status})")]
    Foreign {
        /// Where.
        address: String,
        /// What it answered.
        status: u16,
    },
    /// The server said no.
    #[error("{say}")]
    Refused {
        /// The stable word.
        reason: String,
        /// The sentence for a person.
        say: String,
    },
    /// No pass to show.
    #[error(
        "cannot read the organiser pass from {}; name the server's data folder with --data, or a file that holds \
         the pass with --pass-file",
        path.display()
    )]
    PassFile {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file that holds something else.
    #[error("{} does not hold a pass", path.display())]
    NotAPass {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: PassError,
    },
    /// A pass of somebody else.
    #[error("{} holds a {} pass; this needs an organiser pass", path.display(), role.as_str())]
    NotOrganiser {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        role: Role,
    },
}

/// What a server says when it says no.
#[derive(Deserialize)]
struct Refusal {
    reason: String,
    say: String,
}

/// The two halves of a connection that is open.
type Sender = http1::SendRequest<Full<Bytes>>;
type Connection = http1::Connection<TokioIo<TcpStream>, Full<Bytes>>;

/// One server, reached anew for each request.
#[derive(Debug)]
pub struct Client {
    authority: String,
    host: String,
    port: u16,
    pass: Option<Pass>,
}

impl Client {
    /// A client for what anybody may ask.
    ///
    /// # Errors
    /// When the address is none, or asks for https.
    pub fn anybody(args: &ServerArgs) -> Result<Self, ClientError> {
        let bad = || ClientError::Address(args.server.clone());
        let uri: Uri = args.server.parse().map_err(|_| bad())?;
        match uri.scheme_str() {
            Some("http") if matches!(uri.path(), "" | "/") && uri.query().is_none() => {}
            Some("https") => return Err(ClientError::Https(args.server.clone())),
            _ => return Err(bad()),
        }
        let authority = uri.authority().filter(|a| !a.as_str().contains('@')).ok_or_else(bad)?;
        Ok(Self {
            authority: authority.to_string(),
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(80),
            pass: None,
        })
    }

    /// A client that shows the organiser pass.
    ///
    /// # Errors
    /// As [`Client::anybody`], and when the pass cannot be read.
    pub fn organiser(args: &ServerArgs) -> Result<Self, ClientError> {
        let anybody = Self::anybody(args)?;
        let path = args.pass_file.clone().unwrap_or_else(|| args.data.join(PASS_FILE));
        let mut text = String::new();
        let read = File::open(&path).and_then(|file| file.take(MAX_PASS_FILE_BYTES).read_to_string(&mut text));
        if let Err(source) = read {
            return Err(ClientError::PassFile { path, source });
        }
        match text.trim().parse::<Pass>() {
            Ok(pass) if pass.role() == Role::Organiser => Ok(Self { pass: Some(pass), ..anybody }),
            Ok(pass) => Err(ClientError::NotOrganiser { path, role: pass.role() }),
            Err(source) => Err(ClientError::NotAPass { path, source }),
        }
    }

    /// Where it asks, for people to read.
    pub fn address(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Asks for something.
    ///
    /// # Errors
    /// When the server is not reached, or says no.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.ask(Method::GET, path, None).await
    }

    /// Asks for something to be done. `kind` is the media type of `body`.
    ///
    /// # Errors
    /// When the server is not reached, or says no.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        kind: &'static str,
        body: impl Into<Bytes>,
    ) -> Result<T, ClientError> {
        self.ask(Method::POST, path, Some((kind, body.into()))).await
    }

    /// Asks for something long, and hands it on piece by piece as it comes.
    ///
    /// # Errors
    /// When the server is not reached, says no, or breaks off; and what `take` refuses.
    pub async fn read<E: From<ClientError>>(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let request = self.request(Method::GET, path, None)?;
        let (mut sender, connection) = self.connect().await?;
        let silent = |_| ClientError::Silent(self.address());
        let broken = |source| ClientError::Broken { address: self.address(), source };
        let answer = async move {
            let sent = timeout(ANSWER_TIMEOUT, sender.send_request(request)).await.map_err(silent)?;
            let mut answer = sent.map_err(broken)?;
            let status = answer.status();
            if !status.is_success() {
                let body = timeout(ANSWER_TIMEOUT, self.whole(answer.into_body())).await.map_err(silent)??;
                return Err(self.refusal(status, &body).into());
            }
            while let Some(frame) = timeout(ANSWER_TIMEOUT, answer.body_mut().frame()).await.map_err(silent)? {
                if let Some(piece) = frame.map_err(broken)?.data_ref() {
                    take(piece)?;
                }
            }
            Ok(())
        };
        let (answer, _) = tokio::join!(answer, connection);
        answer
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Bytes)>,
    ) -> Result<T, ClientError> {
        let request = self.request(method, path, body)?;
        let (status, answer) = timeout(ANSWER_TIMEOUT, self.exchange(request))
            .await
            .map_err(|_| ClientError::Silent(self.address()))??;
        if status.is_success() {
            serde_json::from_slice(&answer).map_err(|_| self.foreign(status))
        } else {
            Err(self.refusal(status, &answer))
        }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Bytes)>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let (kind, body) = body.map_or((None, Bytes::new()), |(kind, body)| (Some(kind), body));
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.authority);
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        if let Some(pass) = &self.pass {
            let shown = HeaderValue::try_from(format!("Bearer {}", pass.reveal()));
            let mut shown = shown.map_err(|_| ClientError::Address(self.address()))?;
            shown.set_sensitive(true);
            request = request.header(AUTHORIZATION, shown);
        }
        request.body(Full::new(body)).map_err(|_| ClientError::Address(self.address()))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), ClientError> {
        let (mut sender, connection) = self.connect().await?;
        let answer = async move {
            let answer = sender.send_request(request).await;
            let answer = answer.map_err(|source| ClientError::Broken { address: self.address(), source })?;
            Ok((answer.status(), self.whole(answer.into_body()).await?))
        };
        // The connection moves only while it is polled; it ends when the answer drops its sender.
        let (answer, _) = tokio::join!(answer, connection);
        answer
    }

    async fn connect(&self) -> Result<(Sender, Connection), ClientError> {
        let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect((self.host.as_str(), self.port))).await;
        let stream = connected
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|source| ClientError::Unreachable { address: self.address(), source })?;
        let greeted = http1::handshake(TokioIo::new(stream)).await;
        greeted.map_err(|source| ClientError::Broken { address: self.address(), source })
    }

    async fn whole(&self, body: Incoming) -> Result<Bytes, ClientError> {
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        match body.map_err(|e| e.downcast::<hyper::Error>()) {
            Ok(body) => Ok(body.to_bytes()),
            Err(Ok(source)) => Err(ClientError::Broken { address: self.address(), source: *source }),
            Err(Err(_)) => Err(ClientError::TooLong(self.address())),
        }
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> ClientError {
        match serde_json::from_slice(body) {
            Ok(Refusal { reason, say }) => ClientError::Refused { reason, say },
            Err(_) => self.foreign(status),
        }
    }

    fn foreign(&self, status: StatusCode) -> ClientError {
        ClientError::Foreign { address: self.address(), status: status.as_u16() }
    }
}

#[cfg(test)]
mod tests;
