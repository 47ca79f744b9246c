//! A phone that comes back gives up the seat it had, on this node or on another, so that it is never counted twice.
//!
//! Its page knows that seat by a word that was drawn for it, and says it in its first `hello` on another connection.
//! A word that fits no seat changes nothing: the seat is empty already, or somebody guesses.

use std::num::NonZeroU64;

use super::{Hub, locked};
use crate::{
    mesh::To,
    wire::{mesh::Between, seat::SeatWord},
};

impl Hub {
    /// The word for a seat.
    pub(super) fn seat_word(&self, shard: usize, number: usize, secret: NonZeroU64) -> Option<SeatWord> {
        let place = u32::try_from(number * self.shards.len() + shard).ok()?;
        Some(SeatWord { node: self.node.clone(), place, secret })
    }

    /// Gives up the seat that a page says it `was` at, or asks the node where that is to do so.
    pub fn hand_over(&self, was: &str) {
        let Ok(word) = was.parse::<SeatWord>() else { return };
        if word.node == self.node {
            self.give_up(&word);
            return;
        }
        // Nobody is asked who is not there: a page cannot choose where messages go.
        if locked(&self.nodes.peers).heard().any(|node| *node == word.node) {
            self.nodes.say(To::One(&word.node), &Between::Vacate { seat: was.to_owned() });
        }
    }

    /// Hears from another node that a phone which sat here sits there now.
    pub(super) fn hear_vacate(&self, seat: &str) {
        if let Ok(word) = seat.parse::<SeatWord>()
            && word.node == self.node
        {
            self.give_up(&word);
        }
    }

    fn give_up(&self, word: &SeatWord) {
        let place = word.place as usize;
        let (shard, number) = (place % self.shards.len(), place / self.shards.len());
        if let Some(seat) = self.shard(shard).seat_at(number) {
            seat.hand_over(word.secret);
        }
    }
}
