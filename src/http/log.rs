//! `/api/v1/log`: everything that was ever said, as JSON lines, each with the hash that chains it to the one before.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;

use super::{
    Shared,
    api::{ApiError, Organiser},
};
use crate::journal::{Log, LogError};

/// The log as it is now, to its last line. It is read and sent page by page, each when the one before has left, so
/// that a slow reader holds one page and nobody up.
pub(super) async fn log(State(shared): State<Arc<Shared>>, _: Organiser) -> Result<Response, ApiError> {
    let log = shared.hub.journal().log();
    let newest = {
        let log = log.clone();
        read(move || log.newest()).await?
    };
    let pages = stream::try_unfold(0, move |after| next(log.clone(), after, newest));
    let headers = [(header::CONTENT_TYPE, "application/jsonl; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(pages)).into_response())
}

async fn next(log: Log, after: u64, newest: u64) -> Result<Option<(Bytes, u64)>, ApiError> {
    let page = read(move || log.page(after, newest)).await?;
    Ok((page.last > after).then(|| (Bytes::from(page.lines), page.last)))
}

/// Reads where waiting for a disk holds nobody up.
async fn read<T: Send + 'static>(look: impl FnOnce() -> Result<T, LogError> + Send + 'static) -> Result<T, ApiError> {
    let looked = tokio::task::spawn_blocking(look).await.map_err(|_| ApiError::fault("the log could not be read"))?;
    looked.map_err(|error| {
        tracing::error!(%error, "the log cannot be read");
        ApiError::fault("the log could not be read")
    })
}
