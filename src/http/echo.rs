//! An echo route for the WebSocket conformance tests: the same upgrade and the same frame code as `/live`,
//! with larger limits. Served only with the hidden flag `--test-echo`.

use std::{future::poll_fn, sync::Arc};

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::protocol::{
    WebSocketConfig,
    frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{
    Shared,
    admission::Refusal,
    socket::{self, Socket},
};
use crate::{
    hub::{Heard, Inbox, More},
    wire::{close::Ending, frame},
};

/// The longest message the suite sends outside of its size-limit cases, in bytes, and room.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// Answers a request for the echo route.
pub(super) async fn echo(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let Some((response, upgrade)) = socket::upgrade(&mut request) else {
        return Refusal::NotWebSocket.into_response();
    };
    let serve = async move {
        if let Some(socket) = socket::take(upgrade).await {
            repeat(&shared, socket).await;
        }
    };
    #[expect(clippy::disallowed_methods, reason = "tests only; ends with its socket")]
    tokio::spawn(serve);
    response
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(64 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_MESSAGE_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
        .accept_unmasked_frames(false)
}

/// Says back whatever it hears, until either side closes.
async fn repeat(shared: &Shared, Socket { mut stream, early }: Socket) {
    let mut inbox = Inbox::default();
    let mut reply = Vec::new();
    let hear = |heard: Heard, reply: &mut Vec<u8>| {
        let (data, kind) = match heard {
            Heard::Text { text, .. } => (text, Data::Text),
            Heard::Binary(data) => (data, Data::Binary),
            Heard::Alive => return Ok(()),
        };
        // Writing to a Vec cannot fail.
        let _ = Frame::message(data, OpCode::Data(kind), true).format(reply);
        Ok(())
    };
    let mut over = inbox.take_early(&early, shared.hub.clock(), config(), &mut reply, hear);
    drop::<Bytes>(early);
    loop {
        if let Err(ending) = over {
            if ending != Ending::Left {
                reply.extend(frame::close(ending));
            }
            let _ = stream.write_all(&reply).await;
            let _ = stream.shutdown().await;
            return;
        }
        if stream.write_all(&reply).await.is_err() {
            return;
        }
        reply.clear();
        if over == Ok(More::Wait) && poll_fn(|cx| stream.poll_read_ready(cx)).await.is_err() {
            return;
        }
        over = inbox.read(&stream, config(), shared.hub.clock(), &mut reply, hear);
    }
}
