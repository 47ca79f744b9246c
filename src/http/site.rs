//! The address at which the world reaches this server: what a printed code or a calendar entry must lead to.

use axum::http::{HeaderMap, header};

use super::Shared;

/// The address of this server, as its reader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site(String);

impl Site {
    /// What `--public-url` says, or else the host that was asked for, or else where the server listens.
    pub(super) fn of(shared: &Shared, headers: &HeaderMap) -> Self {
        if let Some(url) = &shared.settings.public_url {
            return Self(url.clone());
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host));
        Self(host.map_or_else(|| format!("http://{}", shared.settings.listen), |host| format!("http://{host}")))
    }

    /// A site for a test.
    #[cfg(test)]
    pub(super) fn at(url: &str) -> Self {
        Self(url.to_owned())
    }

    /// The full address of a path, which begins with a slash.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Its host and port.
    pub(super) fn host(&self) -> &str {
        self.0.split_once("://").map_or(&self.0, |(_, host)| host)
    }
}

/// A name or number and perhaps a port; whoever asks may write anything there.
fn is_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_nothing_but_a_host() {
        for good in ["127.0.0.1:1300", "[::1]:1300", "one-oclock.example"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "a b", "a/b", "a\"b", "<a>", "a@b"] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
