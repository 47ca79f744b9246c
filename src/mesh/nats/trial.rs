//! A try of the engine, for whoever sets it up.

use std::time::Duration;

use async_nats::ServerAddr;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{Engine, EngineError, ONE, options::options};

/// How long one try may take: a server that needs longer is of no use at the moment.
const TRY_S: u64 = 5;

/// How long a message may take to the engine and back.
const BACK_S: u64 = 2;

/// To whom the message is that tries the way; no node is called so.
const NOBODY: &str = "check";

/// Joins the engine at each of its addresses in turn, says something to nobody, and hears it.
///
/// Returns for each address how it went: the most bytes that the engine takes in a message.
///
/// # Errors
/// [`EngineError`]: what keeps it from being tried at all.
pub async fn try_out(engine: &Engine) -> Result<Vec<(String, Result<usize, EngineError>)>, EngineError> {
    options(engine).await?;
    let mut tried = Vec::new();
    for address in &engine.addresses {
        let within = Duration::from_secs(TRY_S);
        let outcome = timeout(within, try_one(engine, address.place().clone())).await;
        tried.push((address.to_string(), outcome.unwrap_or(Err(EngineError::Silent(TRY_S)))));
    }
    Ok(tried)
}

async fn try_one(engine: &Engine, place: ServerAddr) -> Result<usize, EngineError> {
    let client = options(engine).await?.connect(place).await?;
    let subject = format!("{ONE}{NOBODY}");
    let heard = async {
        let mut back = client.subscribe(subject.clone()).await.ok()?;
        client.publish(subject, "".into()).await.ok()?;
        back.next().await
    };
    match timeout(Duration::from_secs(BACK_S), heard).await {
        Ok(Some(_)) => Ok(client.max_payload()),
        _ => Err(EngineError::Deaf),
    }
}
