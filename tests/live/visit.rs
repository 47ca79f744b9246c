//! How a page comes in: from where, with what in its head, and as whom.

use std::{net::Ipv4Addr, time::Duration};

use serde_json::json;
use tokio::{net::TcpSocket, time::timeout};
use tokio_tungstenite::{
    client_async,
    tungstenite::{client::IntoClientRequest, http::HeaderValue},
};

use super::{page::Page, patience::PATIENCE, world::World};

/// One way to come in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    from: Option<Ipv4Addr>,
    headers: Vec<(&'static str, String)>,
    pass: Option<String>,
    receive_bytes: Option<u32>,
}

impl Visit {
    /// From this address of this machine.
    pub(crate) fn from(mut self, address: Ipv4Addr) -> Self {
        self.from = Some(address);
        self
    }

    /// With one more line in the head.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a pass.
    pub(crate) fn showing(mut self, pass: &str) -> Self {
        self.pass = Some(pass.to_owned());
        self
    }

    /// With room for so many bytes that were not read yet.
    pub(crate) fn receiving(mut self, bytes: u32) -> Self {
        self.receive_bytes = Some(bytes);
        self
    }

    /// Through the handshake, without a word. The error is the status of the refusal; 0 if the line was dead.
    pub(crate) async fn try_open(&self, world: &World) -> Result<Page, u16> {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = self.receive_bytes {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        if let Some(from) = self.from {
            socket.bind((from, 0).into()).unwrap();
        }
        let mut request = format!("ws://{}/live", world.address).into_client_request().unwrap();
        let pass = self.pass.iter().map(|pass| format!(", pass.{pass}"));
        let protocols = std::iter::once("oneoclock.v1".to_owned()).chain(pass).collect::<String>();
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        for (name, value) in &self.headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let come_in = async {
            let socket = socket.connect(world.address).await.map_err(|_| 0_u16)?;
            socket.set_nodelay(true).unwrap();
            match client_async(request, socket).await {
                Ok((stream, _)) => Ok(Page::new(stream)),
                Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
                Err(_) => Err(0),
            }
        };
        timeout(PATIENCE, come_in).await.unwrap_or(Err(0))
    }

    /// Through the handshake, without a word.
    pub(crate) async fn open(&self, world: &World) -> Page {
        self.try_open(world).await.unwrap_or_else(|status| panic!("turned away with {status}"))
    }

    /// As a phone in the national room.
    pub(crate) async fn phone(&self, world: &World) -> Page {
        self.seated(world, json!({ "type": "hello", "role": "participant", "lang": "en", "visible": true })).await
    }

    /// As a phone in the national room that says which seat it had before.
    pub(crate) async fn phone_that_was(&self, world: &World, seat: &str) -> Page {
        let hello = json!({ "type": "hello", "role": "participant", "lang": "en", "visible": true, "was": seat });
        self.seated(world, hello).await
    }

    /// As a phone at a gathering.
    pub(crate) async fn phone_at(&self, world: &World, slug: &str) -> Page {
        let hello = json!({
            "type": "hello", "role": "participant", "gathering": slug, "lang": "en", "visible": true
        });
        self.seated(world, hello).await
    }

    /// As a phone in somebody's pocket.
    pub(crate) async fn hidden(&self, world: &World) -> Page {
        self.seated(world, json!({ "type": "hello", "role": "participant", "lang": "en", "visible": false })).await
    }

    /// As a big screen for the whole country.
    pub(crate) async fn display(&self, world: &World) -> Page {
        self.seated(world, json!({ "type": "hello", "role": "display", "lang": "en", "visible": true })).await
    }

    /// As an organiser; needs a pass.
    pub(crate) async fn organiser(&self, world: &World) -> Page {
        self.seated(world, json!({ "type": "hello", "role": "organiser", "lang": "en", "visible": true })).await
    }

    /// As a steward at the gathering of the pass.
    pub(crate) async fn steward(&self, world: &World) -> Page {
        self.seated(world, json!({ "type": "hello", "role": "steward", "lang": "en", "visible": true })).await
    }

    /// As the device of a steward.
    pub(crate) async fn device(&self, world: &World, device: &str) -> Page {
        let hello = json!({ "type": "hello", "role": "steward", "device": device, "lang": "en", "visible": true });
        self.seated(world, hello).await
    }

    async fn seated(&self, world: &World, hello: serde_json::Value) -> Page {
        let mut page = self.open(world).await;
        page.say(&hello).await;
        page.until("a greeting", |page| page.boards().count() > 0).await;
        page
    }
}

/// How soon a change must be everywhere at the default pace.
pub(crate) const EVERYWHERE: Duration = Duration::from_secs(2);
