//! An introduced page, and its place in every count. Dropping it gives them all up.

use std::sync::Arc;

use super::audience::{Audience, Boards, Counted};
use crate::{
    domain::{pass::Role, text::Lang},
    meters::CountedIn,
    wire::{frame::BoardFrame, message::Hello},
};

/// An introduced page.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) role: Role,
    pub(super) lang: Lang,
    pub(super) audience: Arc<Audience>,
    visible: bool,
    /// Its place among the phones live; none for hidden phones, for a browser's second page, and for no phones.
    counted: Option<Counted>,
    _connection: CountedIn,
}

impl Guest {
    /// Seats a page in `audience`.
    pub(super) fn new(hello: &Hello, lang: Lang, audience: Arc<Audience>, connection: CountedIn) -> Self {
        let &Hello { role, visible, counted, .. } = hello;
        let mut guest = Self { role, lang, audience, visible, counted: None, _connection: connection };
        guest.set_visible(visible, counted);
        guest
    }

    /// Whether it can be seen.
    pub(super) fn visible(&self) -> bool {
        self.visible
    }

    /// Counts a phone in or out as it is seen or hidden, and as it wants to be `counted` or not.
    pub(super) fn set_visible(&mut self, visible: bool, counted: bool) {
        self.visible = visible;
        self.counted = match self.counted.take() {
            _ if !visible || !counted || self.role != Role::Participant => None,
            Some(counted) => Some(counted),
            None => Some(Counted::new(&self.audience)),
        };
    }

    /// The board it gets: a phone the newest that is worth its while, everybody else the newest.
    pub(super) fn board<'a>(&self, boards: &'a Boards) -> &'a BoardFrame {
        if self.role == Role::Participant { &boards.notable } else { &boards.newest }
    }
}
