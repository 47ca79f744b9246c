//! How the client of the engine behaves. Its defaults are made for requests and for streams; here is neither.

use std::{fs, io, path::Path, time::Duration};

use async_nats::{
    ConnectOptions,
    rustls::pki_types::{CertificateDer, pem::PemObject},
};

use super::{Engine, EngineError, address::Login};

/// How long a server may take to let a node in: two round trips of TLS over a bad line. A node that waits longer for
/// a dead server keeps its pages without the others for as long.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// How long the engine may be silent before it is asked for a sign of life; the third question without an answer is
/// a lost connection. The node itself knows sooner, because it does not hear itself any more.
const PING_EVERY: Duration = Duration::from_secs(1);

/// First and longest wait between two tries. A dead server costs three tries a second at first and then one, and a
/// healed engine has everybody back before people see it.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// Messages that may wait for the line: some seconds of everything a node has to say, and room for the parts of the
/// facts of a whole day.
const OUTBOUND: usize = 1_024;

/// Messages of each subscription that may wait for the hub: as many as all other nodes send while a disk is slow.
const INBOUND: usize = 4_096;

/// Options for `engine`, with everything that has a bearing written out.
///
/// # Errors
/// [`EngineError`]: a file that cannot be used, or users that do not agree.
pub(super) async fn options(engine: &Engine) -> Result<ConnectOptions, EngineError> {
    let options = ConnectOptions::new()
        // Seen in the engine's list of connections; the node's own name is in what it says.
        .name("oneoclock")
        .connection_timeout(CONNECT_WITHIN)
        .ping_interval(PING_EVERY)
        .reconnect_delay_callback(|attempt| delay(attempt, fraction()))
        // For ever: the engine may be away for a day, and comes back to a node that still serves.
        .max_reconnects(None)
        .client_capacity(OUTBOUND)
        .subscription_capacity(INBOUND)
        // The addresses that were given are those that firewalls let through and certificates name.
        .ignore_discovered_servers();
    let options = login(options, engine).await?;
    match &engine.authority {
        None => Ok(options),
        Some(path) => {
            certificates(path).map_err(|source| EngineError::Authority { path: path.clone(), source })?;
            // Whoever says by whom the certificate is signed will not have the password go out without one.
            Ok(options.add_root_certificates(path.clone()).require_tls(true))
        }
    }
}

async fn login(options: ConnectOptions, engine: &Engine) -> Result<ConnectOptions, EngineError> {
    let mut logins = engine.addresses.iter().filter_map(super::Address::login);
    let login = logins.next();
    if logins.any(|other| Some(other) != login) {
        return Err(EngineError::Logins);
    }
    match (login, &engine.credentials) {
        (None, None) => Ok(options),
        (Some(_), Some(_)) => Err(EngineError::TwoLogins),
        (Some(Login::User(user, password)), None) => Ok(options.user_and_password(user.clone(), password.clone())),
        (Some(Login::Token(token)), None) => Ok(options.token(token.clone())),
        (None, Some(path)) => {
            let read = options.credentials_file(path).await;
            read.map_err(|source| EngineError::Credentials { path: path.clone(), source })
        }
    }
}

/// Looks whether there are certificates in a file. The client reads it again at every connection, so that it can be
/// renewed; and would find only then that it is no good.
fn certificates(path: &Path) -> io::Result<()> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let text = fs::read(path)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    match found.map_err(|error| invalid(error.to_string()))? {
        none if none.is_empty() => Err(invalid("there is no certificate in it".to_owned())),
        _ => Ok(()),
    }
}

/// How long to wait before a try; the first is number 1. `fraction`, of 1, spreads those who lost the same server.
fn delay(attempt: usize, fraction: f64) -> Duration {
    let (first, longest) = RETRY;
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    let wait = first.saturating_mul(2_u32.saturating_pow(doublings)).min(longest);
    wait.mul_f64(fraction.midpoint(1.0))
}

/// A number from 0 to 1.
fn fraction() -> f64 {
    getrandom::u32().map_or(1.0, |word| f64::from(word) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_soon_and_then_at_least_once_a_second_and_never_all_at_once() {
        assert_eq!((delay(1, 0.0), delay(1, 1.0)), (Duration::from_millis(50), Duration::from_millis(100)));
        assert_eq!((delay(9, 0.0), delay(usize::MAX, 1.0)), (Duration::from_millis(500), Duration::from_secs(1)));
        assert!((0.0..=1.0).contains(&fraction()));
    }
}
