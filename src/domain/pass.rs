//! Who a connection speaks for, and the capability that proves it.

use std::{fmt, str::FromStr};

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Who a connection speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A phone in a crowd. Counted as *phones live*, never as people.
    Participant,
    /// A big screen. Not counted as a phone.
    Display,
    /// Somebody who counts people at one gathering.
    Steward,
    /// Somebody who sets the moment and imports the gatherings.
    Organiser,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Participant, Self::Display, Self::Steward, Self::Organiser];

    /// The stable word for it on the wire, in metrics and in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Participant => "participant",
            Self::Display => "display",
            Self::Steward => "steward",
            Self::Organiser => "organiser",
        }
    }
}

/// Random bytes in a pass: 160 bits, beyond guessing at any rate a server can answer.
pub const SECRET_BYTES: usize = 20;

/// The version of the form of a pass, and what every pass begins with.
const FORM: &str = "oo1";

/// An unguessable capability: `oo1-organiser-<32 letters and digits>`.
///
/// Whoever holds it *is* what it says, so it is shown once, travels only in a URL fragment, a header or a
/// subprotocol, and is never logged: its `Debug` form hides the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Pass {
    role: Role,
    secret: [u8; SECRET_BYTES],
}

/// A text that is not a pass. It does not repeat the text, which may be somebody's secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that is not a pass; a pass looks like oo1-organiser- followed by 32 letters and digits")]
pub struct PassError;

impl Pass {
    /// A pass for `role` from random bytes, which the caller must draw from the operating system.
    pub fn from_random(role: Role, secret: [u8; SECRET_BYTES]) -> Self {
        Self { role, secret }
    }

    /// What it makes its holder.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The pass in full. Call it what it is: the secret leaves here.
    pub fn reveal(&self) -> String {
        format!("{FORM}-{}-{}", self.role.as_str(), BASE32_NOPAD.encode(&self.secret).to_ascii_lowercase())
    }

    /// What may be kept of it.
    pub fn hash(&self) -> PassHash {
        PassHash::of(&[self.role.as_str().as_bytes(), &self.secret])
    }
}

impl FromStr for Pass {
    type Err = PassError;

    fn from_str(text: &str) -> Result<Self, PassError> {
        let mut parts = text.splitn(3, '-');
        let (form, role, secret) = (parts.next(), parts.next(), parts.next());
        let role = Role::ALL.into_iter().find(|r| Some(r.as_str()) == role).ok_or(PassError)?;
        let letters = secret.filter(|_| form == Some(FORM)).ok_or(PassError)?.to_ascii_uppercase();
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).map_err(|_| PassError)?;
        Ok(Self { role, secret: bytes.try_into().map_err(|_| PassError)? })
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pass({}, hidden)", self.role.as_str())
    }
}

/// SHA-256 of a pass: enough to recognise it, useless to whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PassHash([u8; 32]);

/// A text that is not the hash of a pass.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that is not the hash of a pass; it has 64 of 0-9 and a-f")]
pub struct PassHashError;

impl TryFrom<String> for PassHash {
    type Error = PassHashError;

    fn try_from(text: String) -> Result<Self, PassHashError> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| PassHashError)?;
        bytes.try_into().map(Self).map_err(|_| PassHashError)
    }
}

impl From<PassHash> for String {
    fn from(hash: PassHash) -> Self {
        HEXLOWER.encode(&hash.0)
    }
}

impl PassHash {
    /// What stands in for a hash that is not to be told. No pass has it.
    pub const OF_NONE: Self = Self([0; 32]);
    /// SHA-256 of these parts, one behind the other.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut sha = Sha256::new();
        parts.iter().for_each(|part| sha.update(part));
        Self(sha.finalize().into())
    }

    /// Whether `pass` is the one; takes the same time whatever the answer.
    pub fn admits(&self, pass: &Pass) -> bool {
        self.0.ct_eq(&pass.hash().0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_reads_back_as_itself_and_only_its_hash_admits_it() {
        let pass = Pass::from_random(Role::Organiser, [7; SECRET_BYTES]);
        let read: Pass = pass.reveal().parse().unwrap();
        assert_eq!(read, pass);
        assert!(pass.hash().admits(&read));
        let other = Pass::from_random(Role::Steward, [7; SECRET_BYTES]);
        assert!(!pass.hash().admits(&other), "the role is part of what is proved");
    }

    #[test]
    fn a_pass_never_shows_in_debug_output_or_errors() {
        let pass = Pass::from_random(Role::Organiser, [7; SECRET_BYTES]);
        let secret = pass.reveal().rsplit('-').next().unwrap().to_owned();
        assert!(!format!("{pass:?}").contains(&secret));
        let mangled = format!("{}x", pass.reveal());
        assert!(!mangled.parse::<Pass>().unwrap_err().to_string().contains(&secret));
    }

    #[test]
    fn garbage_is_not_a_pass() {
        for bad in ["", "oo1", "oo1-organiser", "oo1-organiser-", "oo2-organiser-aaaa", "oo1-king-aaaa", "é-é-é"] {
            assert!(bad.parse::<Pass>().is_err(), "{bad}");
        }
    }
}
