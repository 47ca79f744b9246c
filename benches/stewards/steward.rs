//! One steward's connection.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use oneoclock::wire::message::{FromServer, Kept};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::Fault;

/// What was heard that matters here.
pub(crate) enum Heard {
    /// Of a minute so many are kept.
    Kept { minute: i64, entered: u32 },
    /// People taking part, on a board.
    Board { taking_part: u64 },
    /// Not taken.
    Refused { reason: String },
    /// Anything else.
    Other,
}

/// A connection that has introduced itself.
pub(crate) struct Connection(WebSocketStream<TcpStream>);

impl Connection {
    /// Comes in with a pass as a steward's device, or without one as a display.
    pub(crate) async fn open(server: SocketAddr, pass: Option<&str>, device: u32) -> Result<Self, Fault> {
        let mut request = format!("ws://{server}/live").into_client_request()?;
        let protocols = pass.map_or_else(|| "oneoclock.v1".to_owned(), |pass| format!("oneoclock.v1, pass.{pass}"));
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse()?);
        let socket = TcpStream::connect(server).await?;
        socket.set_nodelay(true)?;
        let mut connection = Self(client_async(request, socket).await?.0);
        let hello = match pass {
            Some(_) => {
                json!({ "type": "hello", "role": "steward", "device": name(device), "lang": "en", "visible": true })
            }
            None => json!({ "type": "hello", "role": "display", "lang": "en", "visible": true }),
        };
        connection.say(&hello).await?;
        Ok(connection)
    }

    /// Says something.
    pub(crate) async fn say(&mut self, message: &Value) -> Result<(), Fault> {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    /// The next thing that is heard; an error at the end. Nothing is lost if it is not waited for.
    pub(crate) async fn hear(&mut self) -> Result<Heard, Fault> {
        let message = self.0.next().await.ok_or("the end")??;
        let Message::Text(text) = message else { return Ok(Heard::Other) };
        Ok(match serde_json::from_str(&text)? {
            FromServer::Kept(Kept::Tally { minute, totals, .. }) => {
                Heard::Kept { minute: minute.start().0, entered: totals.entered }
            }
            FromServer::Board(board) => Heard::Board { taking_part: board.taking_part },
            FromServer::Refused { reason, .. } => Heard::Refused { reason },
            _ => Heard::Other,
        })
    }
}

/// A device's number.
pub(crate) fn name(device: u32) -> String {
    format!("{device:08x}000000000000000000000000")
}

/// A tally of one device.
pub(crate) fn tally(gathering: u32, post: u32, device: u32, minute: i64, entered: u32) -> Value {
    json!({ "type": "tally", "gathering": format!("g{gathering}"), "post": format!("Post {post}"), "device": name(device),
            "minute": minute, "in": entered, "in_undone": 0, "out": 0, "out_undone": 0 })
}
