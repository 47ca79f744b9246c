//! What `check` finds about the way to the other nodes.

use std::io;

use tokio::runtime;

use super::{Finding, attention, ok, problem};
use crate::{
    mesh::{Engine, EngineError, try_out},
    wire::mesh::MAX_FACTS_BYTES,
};

const ABOUT: &str = "nodes";

/// Tries each address of the engine for some seconds at most. A server that cannot be reached keeps nobody from
/// starting: a node serves without it, and joins when it comes.
pub(super) fn nats(engine: &Engine) -> Vec<Finding> {
    match tried(engine) {
        Err(error) => vec![problem(ABOUT, format!("cannot try the NATS server: {error}"))],
        Ok(Err(error)) => vec![problem(ABOUT, error.to_string())],
        Ok(Ok(tried)) => tried.into_iter().map(|(address, outcome)| one(&address, &outcome)).collect(),
    }
}

type Tried = Result<Vec<(String, Result<usize, EngineError>)>, EngineError>;

fn tried(engine: &Engine) -> io::Result<Tried> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(try_out(engine)))
}

fn one(address: &str, outcome: &Result<usize, EngineError>) -> Finding {
    match outcome {
        Ok(bytes) if *bytes < 2 * MAX_FACTS_BYTES => {
            attention(ABOUT, format!("{address} takes messages of {bytes} bytes at most; set its max_payload to 1MB"))
        }
        Ok(_) => ok(ABOUT, format!("{address} carries what nodes say to each other")),
        Err(error) => {
            attention(ABOUT, format!("{address}: {error}; the server starts, and serves alone until it can join"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::check::Verdict;

    #[test]
    fn an_engine_that_takes_too_little_or_is_not_there_asks_for_attention() {
        let verdict = |outcome| one("nats://10.0.0.5", &outcome).verdict;
        assert_eq!(verdict(Ok(1_048_576)), Verdict::Ok);
        assert_eq!(verdict(Ok(65_536)), Verdict::Attention);
        assert_eq!(verdict(Err(EngineError::Deaf)), Verdict::Attention);
    }
}
