//! Where the engine is, and as whom it is met. What is secret of it is never shown.

use std::fmt;

use async_nats::ServerAddr;

/// An address of the engine: `nats://` or `tls://`, a host, a port if it is not 4222, and before the host a user and
/// password, or a token, if the engine asks for one.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Without the login: the client writes its addresses into its own log lines.
    place: ServerAddr,
    login: Option<Login>,
}

/// As whom the engine is met.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// A user and a password.
    User(String, String),
    /// A token.
    Token(String),
}

/// What is wrong with an address. Nothing of a login is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot use {shown} as the address of a NATS server: {why}; write it like nats://10.0.0.5 or tls://user:password@nats.example.org:4222, with %40 for an @ in a password"
)]
pub struct AddressError {
    shown: String,
    why: &'static str,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`AddressError`]: what is wrong, without the login.
    pub fn read(text: &str) -> Result<Self, AddressError> {
        let shown = || {
            let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
            format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, place)| place))
        };
        let wrong = |why| AddressError { shown: shown(), why };
        if !["nats://", "tls://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(wrong("it begins with neither nats:// nor tls://"));
        }
        let mut url = text.parse::<ServerAddr>().map_err(|_| wrong("it is no URL"))?.into_inner();
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("it names no host"));
        }
        if !["", "/"].contains(&url.path()) || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("something follows the host"));
        }
        let read = |text: &str| decoded(text).ok_or_else(|| wrong("the login is no text"));
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (token, None) => Some(Login::Token(read(token)?)),
            (user, Some(password)) => Some(Login::User(read(user)?, read(password)?)),
        };
        let bare = url.set_username("").and_then(|()| url.set_password(None));
        let place = bare.ok().and_then(|()| ServerAddr::from_url(url).ok());
        Ok(Self { place: place.ok_or_else(|| wrong("it is no URL"))?, login })
    }

    /// Where it is.
    pub(super) const fn place(&self) -> &ServerAddr {
        &self.place
    }

    /// As whom it is met.
    pub(super) const fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place.as_url_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text for which `%40` and the like stand.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_keeps_to_itself_as_whom() {
        let address = Address::read("tls://us%40er:pass%3Aword@nats.example.org:4333").unwrap();
        assert!(address.login == Some(Login::User("us@er".to_owned(), "pass:word".to_owned())));
        assert_eq!(format!("{address} {address:?}"), "tls://nats.example.org:4333 tls://nats.example.org:4333");
        assert_eq!((address.place.host(), address.place.port()), ("nats.example.org", 4333));
        assert!(Address::read("nats://token@[::1]").unwrap().login == Some(Login::Token("token".to_owned())));
        assert!(Address::read("nats://10.0.0.5").unwrap().login.is_none());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for text in [
            "",
            "10.0.0.5",
            "ws://u:secret@a",
            "nats://",
            "nats://u:secret@",
            "nats://u:secret@a/b",
            "nats://u:secret@a:x",
            "nats://u:secret%f@a",
        ] {
            let said = Address::read(text).unwrap_err().to_string();
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
