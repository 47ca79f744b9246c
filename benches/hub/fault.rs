//! Why a run stops.

use std::io;

/// Something without which no figure would mean anything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The machine cannot hold the run.
    #[error(
        "{phones} phones need {needed} open files in one process and this shell may open {allowed}; raise the hard limit (`ulimit -Hn`) or ask for fewer with --phones"
    )]
    Files { phones: u32, needed: u64, allowed: u64 },
    /// One core cannot hold server and phones apart.
    #[error("this machine has one CPU; the server and the phones need one each")]
    OneCore,
    /// A child did not start.
    #[error("cannot start {what}: {source}; setpriv, prlimit and taskset come with util-linux")]
    Start { what: &'static str, source: io::Error },
    /// A server did not open its port.
    #[error("{what} did not listen on 127.0.0.1:{port} within {seconds} s; it said: {words}")]
    NotListening { what: &'static str, port: u16, seconds: u64, words: String },
    /// A crowd ended or went quiet.
    #[error("the crowd of {what} did not answer within {seconds} s")]
    NoAnswer { what: &'static str, seconds: u64 },
    /// Too few phones got in to measure anything.
    #[error("only {joined} of {wanted} phones got into {what}; the first failure was: {why}")]
    Joining { what: &'static str, joined: u32, wanted: u32, why: String },
    /// No board came.
    #[error("{what} sent no board while {phones} phones waited for one")]
    NoBoard { what: &'static str, phones: u32 },
    /// Parent and child do not understand each other: a bug.
    #[error("parent and child disagree: {0}")]
    Talk(#[from] serde_json::Error),
    /// The operating system refused something.
    #[error("the operating system refused: {0}")]
    Os(#[from] io::Error),
}
