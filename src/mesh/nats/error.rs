//! What is wrong with the engine, or with what was said of it.

use std::{io, path::PathBuf};

use async_nats::{ConnectError, ConnectErrorKind, SubscribeError};

/// Why the engine cannot be tried, or did not do when it was.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The addresses do not agree on who comes.
    #[error(
        "the addresses in --nats name different users; one user is used for all: name it in one of them, or in each the same"
    )]
    Logins,
    /// There are two ways to say who comes.
    #[error("--nats names a user and --nats-credentials a file that does; leave one out")]
    TwoLogins,
    /// The file with credentials.
    #[error("cannot use the NATS credentials in {}: {source}; give the .creds file as NATS issued it, readable by this user", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The file with certificates.
    #[error("cannot use the certificates in {}: {source}; give a PEM file with the certificate of whoever signed the NATS server's", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The connection.
    #[error("{}{}", why(.0.kind()), detail(.0))]
    Connection(#[from] ConnectError),
    /// The subscriptions.
    #[error("the NATS client took no subscription: {0}")]
    Subscription(#[from] SubscribeError),
    /// The time.
    #[error("it did not answer within {0} s")]
    Silent(u64),
    /// The subjects.
    #[error(
        "it lets this node in, and does not carry its messages; let its user publish and subscribe to oneoclock.1.>"
    )]
    Deaf,
}

/// A sentence on what a failed connection means.
pub(super) const fn why(kind: ConnectErrorKind) -> &'static str {
    match kind {
        ConnectErrorKind::ServerParse => "an address cannot be read",
        ConnectErrorKind::Dns => "its name is not known",
        ConnectErrorKind::Authentication => "the credentials cannot sign",
        ConnectErrorKind::AuthorizationViolation => "it refuses this user, password, token or credentials",
        ConnectErrorKind::TimedOut => "it does not answer",
        ConnectErrorKind::Tls => "TLS cannot be set up",
        ConnectErrorKind::Io => "it cannot be reached, or its certificate is not trusted",
        ConnectErrorKind::MaxReconnects => "it was tried too often",
    }
}

fn detail(error: &ConnectError) -> String {
    match (error.kind(), std::error::Error::source(error)) {
        // What a refusal adds is the refusal.
        (ConnectErrorKind::AuthorizationViolation, _) | (_, None) => String::new(),
        (_, Some(source)) => format!(" ({source})"),
    }
}
