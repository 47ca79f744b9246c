//! `/live`: from a request to a seat.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    SPARE_PLACES, Shared,
    admission::{self, Admission, Refusal},
    network::Origin,
    socket,
};
use crate::{hub::NetworkKey, wire::message::SUBPROTOCOL};

/// Answers a request for `/live`: 101 and a seat, or a refusal that says why.
pub(super) async fn live(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    match come_in(&shared, &mut request) {
        Ok(response) => response,
        Err(refusal) => {
            shared.hub.meters.refused(refusal.reason());
            refusal.into_response()
        }
    }
}

fn come_in(shared: &Arc<Shared>, request: &mut Request) -> Result<Response, Refusal> {
    shared.is_open()?;
    let admission = admission::admit(request.headers(), &shared.settings, |pass| shared.hub.admit(pass))?;
    // Its own permit, as the connection's ends with the HTTP part of it.
    let free = shared.gate.available_permits() > SPARE_PLACES;
    let permit = free.then(|| Arc::clone(&shared.gate).try_acquire_owned().ok()).flatten().ok_or(Refusal::Full)?;
    // Only our own accept loop makes requests, and it always says where they come from.
    let origin = *request.extensions().get::<Origin>().ok_or(Refusal::NotWebSocket)?;
    let network = shared.networks.of(origin, request.headers());
    let (mut response, upgrade) = socket::upgrade(request).ok_or(Refusal::NotWebSocket)?;
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    #[expect(clippy::disallowed_methods, reason = "ends with its socket; the drain waits for its permit")]
    tokio::spawn(seat(Arc::clone(shared), admission, network, upgrade, permit));
    Ok(response)
}

async fn seat(
    shared: Arc<Shared>,
    admission: Admission,
    network: NetworkKey,
    upgrade: OnUpgrade,
    permit: OwnedSemaphorePermit,
) {
    let Some(socket) = socket::take(upgrade).await else { return };
    let hub = Arc::clone(&shared.hub);
    match admission.granted {
        None => hub.seat(socket.stream, &socket.early, network, permit),
        Some(granted) => Box::pin(hub.serve_lively(socket.stream, socket.early, granted, permit)).await,
    }
}
