//! One who sees the same boards by other means than a WebSocket: server-sent events, or a plain request.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use super::{
    Hub,
    audience::{Audience, Counted},
    farewell::Leave,
};
use crate::{
    domain::{gathering::Slug, pass::Role, text::Lang},
    meters::CountedIn,
    wire::{frame::json_of, message::FromServer},
};

/// What an onlooker is shown: the moment and the newest board, as JSON texts, each with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Tells one moment from the next.
    pub moment_no: u32,
    /// The `moment` message.
    pub moment: Bytes,
    /// Tells one board from the next.
    pub board_no: u32,
    /// The `board` message.
    pub board: Bytes,
}

impl Hub {
    /// The newest state for a reader of `lang` at `gathering`; `None` if there is no such gathering.
    pub fn shown(&self, lang: &Lang, gathering: Option<&Slug>) -> Option<Shown> {
        let (moments, boards) = (self.moments(), self.room(gathering)?.boards());
        Some(Shown {
            moment_no: moments.no,
            moment: json_of(moments.for_reader(lang)),
            board_no: boards.newest.no,
            board: boards.newest.json(),
        })
    }

    /// Lets a page look on that keeps a connection open. One that is to be `counted` is a phone until it is dropped,
    /// if it has the role of one.
    ///
    /// `None` if there is no such gathering.
    pub fn look_on(
        self: &Arc<Self>,
        role: Role,
        lang: Lang,
        gathering: Option<&Slug>,
        counted: bool,
    ) -> Option<Onlooker> {
        let audience = self.room(gathering)?;
        Some(Onlooker {
            _counted: (counted && role == Role::Participant).then(|| Counted::new(&audience)),
            _counted_in: self.meters.count_in(role),
            role,
            rounds: self.rounds.subscribe(),
            leave: self.leave(),
            hub: Arc::clone(self),
            lang,
            audience,
            moment_no: 0,
            board_no: 0,
        })
    }

    fn room(&self, gathering: Option<&Slug>) -> Option<Arc<Audience>> {
        gathering.map_or_else(|| Some(self.national()), |slug| self.audience_at(slug))
    }
}

/// A page that looks on; dropping it gives up its place in every count.
#[derive(Debug)]
pub struct Onlooker {
    hub: Arc<Hub>,
    role: Role,
    lang: Lang,
    audience: Arc<Audience>,
    moment_no: u32,
    board_no: u32,
    rounds: watch::Receiver<u32>,
    leave: Leave,
    _counted: Option<Counted>,
    _counted_in: CountedIn,
}

/// What an onlooker hears next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Another moment: the `moment` message.
    Moment(Bytes),
    /// Another board: the `board` message.
    Board(Bytes),
    /// The server stops: the `bye` message; nothing follows.
    Bye(String),
}

impl Onlooker {
    /// Waits for whatever it has not seen yet: at first the moment and the newest board, then what a phone gets.
    pub async fn next(&mut self) -> Sight {
        let mut first = self.board_no == 0;
        loop {
            let (moments, boards) = (self.hub.moments(), self.audience.boards());
            if self.moment_no != moments.no {
                self.moment_no = moments.no;
                return Sight::Moment(json_of(moments.for_reader(&self.lang)));
            }
            let all = self.role != Role::Participant || std::mem::take(&mut first);
            let board = if all { &boards.newest } else { &boards.notable };
            if board.no > self.board_no {
                self.board_no = board.no;
                return Sight::Board(board.json());
            }
            tokio::select! {
                _ = self.rounds.changed() => {}
                retry_ms = self.leave.retry_ms(&self.hub) => {
                    let bye = FromServer::Bye { retry_ms };
                    return Sight::Bye(serde_json::to_string(&bye).unwrap_or_default());
                }
            }
        }
    }
}
