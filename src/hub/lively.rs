//! The lively few: stewards and organisers, who came with a pass.
//!
//! There are hundreds of them where there are thousands of phones, and they talk; so each is an ordinary
//! WebSocket stream with a task that both reads and writes.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        error::Error,
        protocol::{CloseFrame, Role as Side, WebSocketConfig, frame::coding::CloseCode},
    },
};
use tracing::debug;

use super::{
    Granted, Hub,
    conversation::{self, Introduced, MAX_MESSAGES},
    guest::Guest,
    inbox::ending_of,
    shard::SWEEP,
};
use crate::{
    domain::grants::Denied,
    wire::{
        close::Ending,
        message::{FromPage, FromServer},
    },
};

/// The longest message: an organiser's words in fourteen languages, and room.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The first read of a message, in bytes: most are smaller.
const READ_BUFFER_BYTES: usize = 2 * 1024;

/// Most bytes waiting to be written to one who does not read, before the connection is ended.
const MAX_WAITING_BYTES: usize = 128 * 1024;

/// How long one write may take: longer than a phone's worst minute in a tunnel is not worth a task's time.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// How often one is asked for a sign of life.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// How long one may be silent: as long as a phone.
const LEASE: Duration = Duration::from_secs(28);

/// How often the pass is looked at again while nothing is said: it is to be out within five seconds of being revoked.
const LOOK_AT_PASS: Duration = Duration::from_secs(1);

/// How long one may take to introduce itself.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WAITING_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
        .accept_unmasked_frames(false)
}

/// Serves one of the lively few until the connection ends.
pub(super) async fn serve(hub: &Hub, socket: TcpStream, early: Bytes, granted: Granted) {
    let stream = WebSocketStream::from_partially_read(socket, early.to_vec(), Side::Server, Some(config())).await;
    let role = granted.role;
    let mut lively = Lively { hub, stream, granted, guest: None, moment_no: 0, messages: (Instant::now(), 0) };
    let ending = match lively.converse().await {
        Ok(()) => Ending::Left,
        Err(ending) => ending,
    };
    lively.close(ending).await;
    hub.meters.ended(ending);
    debug!(ending = ending.as_str(), role = role.as_str(), "connection ended");
}

struct Lively<'a> {
    hub: &'a Hub,
    stream: WebSocketStream<TcpStream>,
    granted: Granted,
    guest: Option<Guest>,
    moment_no: u32,
    /// Messages since the start of the current [`SWEEP`].
    messages: (Instant, u16),
}

impl Lively<'_> {
    async fn converse(&mut self) -> Result<(), Ending> {
        let mut rounds = self.hub.rounds.subscribe();
        let mut closing = self.hub.closing.subscribe();
        let mut ask = interval(ASK_EVERY);
        ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = interval(LOOK_AT_PASS);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (came, mut heard) = (Instant::now(), Instant::now());
        loop {
            tokio::select! {
                message = self.stream.next() => {
                    let message = message.ok_or(Ending::Gone)?.map_err(|e| ending_of(&e))?;
                    heard = Instant::now();
                    self.hear(message).await?;
                }
                _ = rounds.changed() => self.tell().await?,
                _ = look.tick() => self.look_at_pass()?,
                _ = ask.tick() => {
                    if self.guest.is_none() && came.elapsed() >= HELLO_WITHIN {
                        return Err(Ending::NoHello);
                    }
                    if heard.elapsed() + ASK_EVERY > LEASE {
                        return Err(Ending::LeaseOver);
                    }
                    self.write(Message::Ping(Bytes::new())).await?;
                }
                returns_per_s = async { closing.wait_for(Option::is_some).await.ok().and_then(|rate| *rate) } => {
                    let bye = FromServer::Bye { retry_ms: self.hub.next_return_ms(returns_per_s.unwrap_or(1)) };
                    self.say(&bye).await?;
                    return Err(Ending::Draining);
                }
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), Ending> {
        let s2 = self.hub.clock().stamp();
        if self.messages.0.elapsed() >= SWEEP {
            self.messages = (Instant::now(), 0);
        }
        self.messages.1 += 1;
        if self.messages.1 > MAX_MESSAGES {
            return Err(Ending::TooMany);
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Ending::NotText),
            Message::Close(_) => return Err(Ending::Left),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
        };
        // Between two looks, too, nothing is taken from whoever is out.
        self.look_at_pass()?;
        match conversation::understand(text.as_bytes())? {
            FromPage::Hello(hello) => {
                let Introduced { guest, refused } = self.hub.introduce(&hello, Some(&self.granted))?;
                self.guest = None;
                self.guest = Some(guest);
                self.moment_no = 0;
                self.say(&self.hub.welcome()).await?;
                if let Some(refused) = &refused {
                    self.say(refused).await?;
                }
                self.tell().await
            }
            FromPage::Ping { seq, c1 } => {
                let Some(pong) = self.hub.pong(seq, c1, s2) else { return Ok(()) };
                self.say(&pong).await
            }
            FromPage::Visible { visible, counted } => {
                if let Some(guest) = &mut self.guest {
                    guest.set_visible(visible, counted);
                }
                Ok(())
            }
            FromPage::Tally(_)
            | FromPage::Estimate(_)
            | FromPage::Ready { .. }
            | FromPage::Elsewhere { .. }
            | FromPage::Unknown => self.say(&conversation::unknown_message()).await,
        }
    }

    /// Sends away whoever came with a pass that holds no longer.
    fn look_at_pass(&self) -> Result<(), Ending> {
        self.hub.holds(&self.granted).map_err(|why| {
            self.hub.denied(&Denied { why, grant: self.granted.grant.clone() });
            Ending::NotAllowed
        })
    }

    /// Tells the newest state.
    async fn tell(&mut self) -> Result<(), Ending> {
        let Some(guest) = &self.guest else { return Ok(()) };
        let (moment_no, moment, board) = self.hub.messages_for(guest);
        if self.moment_no != moment_no {
            self.say(&moment).await?;
            self.moment_no = moment_no;
        }
        self.say(&board).await
    }

    async fn say(&mut self, message: &FromServer) -> Result<(), Ending> {
        let json = serde_json::to_string(message).unwrap_or_default();
        self.write(Message::Text(json.into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Ending> {
        match timeout(WRITE_WITHIN, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Error::ConnectionClosed)) => Err(Ending::Left),
            Ok(Err(_)) => Err(Ending::Gone),
            Err(_) => Err(Ending::LeaseOver),
        }
    }

    /// Closes in good order, and leaves the other side a moment to do the same.
    async fn close(&mut self, ending: Ending) {
        self.guest = None;
        if ending == Ending::NotAllowed {
            // That it cannot be told is as good: the close code says so too.
            let _ = self.say(&conversation::pass_refused()).await;
        }
        let Some(code) = ending.code().filter(|_| ending != Ending::Left) else { return };
        let frame = CloseFrame { code: CloseCode::from(code), reason: ending.as_str().into() };
        let goodbye = async {
            if self.stream.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
            // After a breach the library reads no more, and closing on unread bytes would reset the connection
            // before the other side has read why.
            let (socket, mut unread) = (self.stream.get_mut(), [0; READ_BUFFER_BYTES]);
            let _ = socket.shutdown().await;
            while matches!(socket.read(&mut unread).await, Ok(1..)) {}
        };
        // Whoever does not close in time is dropped, which closes as well.
        let _ = timeout(super::reader::LINGER, goodbye).await;
    }
}
