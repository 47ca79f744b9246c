//! The short code on a printed card: what a steward types whose camera does not read the larger one.

use std::{fmt, str::FromStr};

use super::{gathering::Slug, pass::PassHash};

/// Letters and digits of a code.
pub const CODE_CHARS: usize = 8;

/// What a code is written with: no 0 and O, no 1, I and L, which look like each other on paper in the rain.
const ALPHABET: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// A code: one of 31 to the power of 8, about 40 bits. That can be guessed by whoever may try without end, so it is
/// good for few tries a minute, few devices, and the day of its pass only.
///
/// Written `XXXX-XXXX`; read in any case of its letters, with or without hyphens and spaces.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; CODE_CHARS]);

/// A text that is not a code. It does not repeat the text, which may be nearly one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that is not a code; a code has {CODE_CHARS} letters and digits, such as KM7W-2QXA")]
pub struct CodeError;

impl Code {
    /// The code of a number, which the caller must draw from the operating system. As 2 to the power of 64 is twenty
    /// million times as much as there are codes, none is noticeably likelier than another.
    pub fn from_random(mut number: u64) -> Self {
        let base = ALPHABET.len() as u64;
        Self(std::array::from_fn(|_| {
            let (rest, digit) = (number / base, number % base);
            number = rest;
            usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit)).copied().unwrap_or(ALPHABET[0])
        }))
    }

    /// The code in full, as it is printed. The secret leaves here.
    pub fn reveal(&self) -> String {
        let letters: String = self.0.iter().copied().map(char::from).collect();
        let (first, second) = letters.split_at(CODE_CHARS / 2);
        format!("{first}-{second}")
    }

    /// What may be kept of it: of no use at another gathering, but no secret before somebody who has the disk and an
    /// hour. The organiser's own pass lies beside it, so a slower hash would protect nothing.
    pub fn hash(&self, gathering: &Slug) -> PassHash {
        PassHash::of(&[b"code", gathering.as_str().as_bytes(), &self.0])
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut letters =
            text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'-').map(|b| b.to_ascii_uppercase());
        let mut code = [0; CODE_CHARS];
        for place in &mut code {
            *place = letters.next().filter(|letter| ALPHABET.contains(letter)).ok_or(CodeError)?;
        }
        if letters.next().is_none() { Ok(Self(code)) } else { Err(CodeError) }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_is_read_back_however_it_is_typed(number: u64) {
            let code = Code::from_random(number);
            let printed = code.reveal();
            prop_assert_eq!(printed.len(), CODE_CHARS + 1);
            prop_assert!(!printed.contains(['0', 'O', '1', 'I', 'L']));
            for typed in [printed.clone(), printed.to_lowercase(), printed.replace('-', " "), printed.replace('-', "")] {
                prop_assert_eq!(typed.parse(), Ok(code.clone()));
            }
            let shown = format!("{code:?}");
            prop_assert!(!shown.contains(&printed[..4]));
        }
    }

    #[test]
    fn every_letter_is_used_and_two_numbers_are_two_codes() {
        let last = Code::from_random(31_u64.pow(8) - 1);
        assert_eq!((Code::from_random(0).reveal(), last.reveal()), ("AAAA-AAAA".into(), "9999-9999".into()));
        assert_ne!(Code::from_random(1), Code::from_random(31));
    }

    #[test]
    fn anything_else_is_not_a_code_and_is_not_repeated() {
        for bad in ["", "AB7D-2FG", "AB7D-2FGHJ", "AB7D-2FG0", "AB7D-2FGÉ", "AB7D_2FGH"] {
            let error = bad.parse::<Code>().unwrap_err();
            assert!(bad.is_empty() || !error.to_string().contains(bad), "{bad}");
        }
    }

    #[test]
    fn the_same_code_at_another_gathering_leaves_another_trace() {
        let code = Code::from_random(7);
        assert_ne!(code.hash(&"bath".parse().unwrap()), code.hash(&"york".parse().unwrap()));
    }
}
