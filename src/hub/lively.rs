//! The lively few: stewards and organisers, who came with a pass.
//!
//! There are hundreds of them where there are thousands of phones, and they talk; so each is an ordinary
//! WebSocket stream with a task that both reads and writes.

use std::{future::pending, sync::Arc, time::Duration};

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
    conversation::{self, Introduced},
    guest::Guest,
    inbox::ending_of,
    pacer::board_message,
    posts::AtPost,
    shard::SWEEP,
    steward::{Desk, Place, Report},
};
use crate::{
    domain::{figures::Figures, grants::Denied, pass::Role},
    wire::{
        close::Ending,
        message::{Duty, FromPage, FromServer, Hello, MomentMessage},
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

/// Most messages in [`SWEEP`]: a steward's six hours without a network, a minute each, said three times over.
const MAX_MESSAGES: u16 = 1_500;

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
    let grant = granted.grant.as_ref().filter(|_| role == Role::Steward);
    let desk = grant.map(|grant| Desk::new(hub, Arc::clone(grant)));
    let messages = (Instant::now(), 0);
    let mut lively = Lively {
        hub,
        stream,
        granted,
        desk,
        guest: None,
        at_post: None,
        moment_no: 0,
        board: None,
        duty: None,
        messages,
    };
    let ending = match lively.converse().await {
        Ok(()) => Ending::Left,
        Err(ending) => ending,
    };
    lively.close(ending).await;
    hub.meters.ended(ending);
    debug!(ending = ending.as_str(), role = role.as_str(), "connection ended");
}

/// The next answers of a desk; for ever, if there is none.
async fn answers(desk: &mut Option<Desk<'_>>) -> Vec<FromServer> {
    match desk {
        Some(desk) => desk.answers().await,
        None => pending().await,
    }
}

struct Lively<'a> {
    hub: &'a Hub,
    stream: WebSocketStream<TcpStream>,
    granted: Granted,
    /// Takes what a steward reports; organisers have none.
    desk: Option<Desk<'a>>,
    guest: Option<Guest>,
    at_post: Option<AtPost>,
    moment_no: u32,
    /// What was told last, and when.
    board: Option<(Figures, Instant)>,
    duty: Option<Duty>,
    /// Messages since the start of the current [`SWEEP`].
    messages: (Instant, u16),
}

impl Lively<'_> {
    async fn converse(&mut self) -> Result<(), Ending> {
        let mut rounds = self.hub.rounds.subscribe();
        let mut leave = self.hub.leave();
        let mut ask = interval(ASK_EVERY);
        ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = interval(LOOK_AT_PASS);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (came, mut heard) = (Instant::now(), Instant::now());
        loop {
            tokio::select! {
                message = self.stream.next(), if self.desk.as_ref().is_none_or(Desk::has_room) => {
                    let message = message.ok_or(Ending::Gone)?.map_err(|e| ending_of(&e))?;
                    heard = Instant::now();
                    self.hear(message).await?;
                }
                answers = answers(&mut self.desk) => {
                    for answer in &answers {
                        self.say(answer).await?;
                    }
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
                retry_ms = leave.retry_ms(self.hub) => {
                    self.say(&FromServer::Bye { retry_ms }).await?;
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
            FromPage::Hello(hello) => self.greet(&hello).await,
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
            FromPage::Tally(tally) => self.report(Report::Tally(tally)).await,
            FromPage::Estimate(estimate) => self.report(Report::Estimate(estimate)).await,
            FromPage::Ready { ready } => self.report(Report::Ready(ready)).await,
            FromPage::Elsewhere { .. } | FromPage::Unknown => self.say(&conversation::unknown_message().into()).await,
        }
    }

    /// Seats it, and tells it all it needs to know.
    async fn greet(&mut self, hello: &Hello) -> Result<(), Ending> {
        let Introduced { guest, refused } = self.hub.introduce(hello, Some(&self.granted))?;
        let place = self.desk.as_ref().and_then(|desk| Place::of(desk.grant()));
        (self.guest, self.at_post) = (None, None);
        self.at_post =
            place.zip(hello.device).map(|(place, device)| self.hub.posts.stand(place.gathering, place.post, device));
        self.guest = Some(guest);
        (self.moment_no, self.board, self.duty) = (0, None, None);
        self.say(&self.hub.welcome(None)).await?;
        if let Some(refused) = &refused {
            self.say(refused).await?;
        }
        self.tell().await
    }

    /// Hands what a steward reports to the desk, which answers once it is kept.
    async fn report(&mut self, report: Report) -> Result<(), Ending> {
        match &mut self.desk {
            Some(desk) => desk.take(report),
            None => self.say(&conversation::unknown_message().into()).await?,
        }
        Ok(())
    }

    /// Sends away whoever came with a pass that holds no longer.
    fn look_at_pass(&self) -> Result<(), Ending> {
        self.hub.holds(&self.granted).map_err(|why| {
            self.hub.denied(&Denied { why, grant: self.granted.grant.clone() });
            Ending::NotAllowed
        })
    }

    /// Tells the newest state, as far as it is news.
    async fn tell(&mut self) -> Result<(), Ending> {
        let Some(guest) = &self.guest else { return Ok(()) };
        let (moments, lang) = (self.hub.moments(), guest.lang);
        let (stamp, at) = (self.hub.clock().stamp(), Instant::now());
        let figures = self.hub.figures(&guest.audience, stamp, at.into_std());
        if self.moment_no != moments.no {
            self.say(&FromServer::Moment(MomentMessage::of(&moments.moment, &lang))).await?;
            self.moment_no = moments.no;
        }
        let beat = |told: Instant| self.hub.tempo().is_beat(at.saturating_duration_since(told));
        if self.board.is_none_or(|(last, told)| last != figures || beat(told)) {
            self.say(&FromServer::Board(board_message(figures, stamp.millis()))).await?;
            self.board = Some((figures, at));
        }
        let duty = self.desk.as_ref().and_then(|desk| self.hub.duty(desk.grant()));
        if let Some(duty) = duty.filter(|duty| self.duty.as_ref() != Some(duty)) {
            self.say(&FromServer::Duty(duty.clone())).await?;
            self.duty = Some(duty);
        }
        Ok(())
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
        (self.guest, self.at_post) = (None, None);
        if ending == Ending::NotAllowed {
            // That it cannot be told is as good: the close code says so too.
            let _ = self.say(&conversation::pass_refused().into()).await;
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
