//! The word for a phone's seat: what a page says to a node, to have the seat it had before given up.

use std::{fmt, num::NonZeroU64, str::FromStr};

use crate::domain::version::NodeId;

/// Hexadecimal digits of the secret.
const SECRET_DIGITS: usize = 16;

/// Most hexadecimal digits of the place.
const PLACE_DIGITS: usize = 8;

/// Where a phone sits, and a number that only its page and its seat know.
///
/// It is drawn for the seat alone, is nowhere but in the memory of the two, and means nothing once the seat is empty.
/// Written `node.place.secret`, the last two in hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct SeatWord {
    /// The node it sits on.
    pub node: NodeId,
    /// Which of the node's seats it is.
    pub place: u32,
    /// Drawn from the operating system. With 64 bits, whoever tries a thousand in a second would need half a billion
    /// years for one phone, and make it come back; so no comparison needs to take care of the time it takes.
    pub secret: NonZeroU64,
}

/// A text that is not the word for a seat. It does not repeat the text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that is not the word for a seat; it has a node, a place and a secret, such as k3f9a2.1f.9c3e01d25b7a4f68")]
pub struct SeatWordError;

impl FromStr for SeatWord {
    type Err = SeatWordError;

    fn from_str(text: &str) -> Result<Self, SeatWordError> {
        let mut parts = text.split('.');
        let (Some(node), Some(place), Some(secret), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SeatWordError);
        };
        if place.len() > PLACE_DIGITS || secret.len() != SECRET_DIGITS || !is_plain(place) || !is_plain(secret) {
            return Err(SeatWordError);
        }
        Ok(Self {
            node: node.parse().map_err(|_| SeatWordError)?,
            place: u32::from_str_radix(place, 16).map_err(|_| SeatWordError)?,
            secret: u64::from_str_radix(secret, 16).ok().and_then(NonZeroU64::new).ok_or(SeatWordError)?,
        })
    }
}

/// Whether all of it are digits, and none a sign, which Rust would read too.
fn is_plain(digits: &str) -> bool {
    digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl fmt::Display for SeatWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, place, secret } = self;
        write!(f, "{node}.{place:x}.{secret:0width$x}", width = SECRET_DIGITS)
    }
}

impl fmt::Debug for SeatWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeatWord(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_back_as_it_was_written() {
        for secret in [1, 0x9c3e_01d2_5b7a_4f68, u64::MAX] {
            let secret = NonZeroU64::new(secret).unwrap();
            let word = SeatWord { node: "k3f9a2".parse().unwrap(), place: 0x1f, secret };
            assert_eq!(word.to_string().parse(), Ok(word));
        }
    }

    #[test]
    fn nothing_else_is_a_word() {
        let good = "k3f9a2.1f.9c3e01d25b7a4f68";
        assert!(good.parse::<SeatWord>().is_ok());
        let bad = [
            "",
            "k3f9a2",
            "k3f9a2.1f",
            "k3f9a2.1f.9c3e01d25b7a4f6",
            "k3f9a2.1f.9C3E01D25B7A4F68",
            "k3f9a2.1f.+c3e01d25b7a4f68",
            "k3f9a2.1f.0000000000000000",
            "k3f9a2.+f.9c3e01d25b7a4f68",
            "k3f9a2..9c3e01d25b7a4f68",
            "k3f9a2.100000000.9c3e01d25b7a4f68",
            "k3f>.1f.9c3e01d25b7a4f68",
            "all.*.9c3e01d25b7a4f68",
        ];
        for text in
            bad.map(str::to_owned).into_iter().chain([format!("{good}.1"), format!("{good}0"), "a".repeat(4_000)])
        {
            assert_eq!(text.parse::<SeatWord>(), Err(SeatWordError), "{text}");
        }
    }
}
