//! Which network a connection comes from: enough to tell whether many come from one, and nothing more.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use crate::hub::{NetworkKey, locked};

/// Where a proxy writes from whom it has a request.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How long one secret is used: keys of yesterday can then not be told from any others.
const SECRET_STANDS: Duration = Duration::from_secs(24 * 60 * 60);

/// Bytes of an IPv6 address that name a network: a provider gives a household a /56.
const V6_NETWORK_BYTES: usize = 7;

/// Turns addresses into keys by a secret that is drawn at the start and every day, and is nowhere but in memory.
///
/// By SHA-256, and not by the hash of std's maps: that one's secrets are drawn once for a thread and then counted up, so
/// that whoever learned today's would have yesterday's.
#[derive(Debug)]
pub(super) struct Networks {
    secret: Mutex<Secret>,
    proxies: Vec<IpAddr>,
}

#[derive(Debug)]
struct Secret {
    bytes: [u8; 32],
    drawn: Instant,
}

impl Secret {
    fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self { bytes, drawn: Instant::now() })
    }
}

/// What is left of the address of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    network: NetworkKey,
    /// It is that of a proxy which is trusted to say from whom it has a request.
    is_proxy: bool,
}

impl Networks {
    /// With a secret from the operating system; `proxies` are believed when they say for whom they speak.
    pub(super) fn new(proxies: &[IpAddr]) -> Result<Self, getrandom::Error> {
        let proxies = proxies.iter().map(IpAddr::to_canonical).collect();
        Ok(Self { secret: Mutex::new(Secret::draw()?), proxies })
    }

    /// What may be known of where a connection comes from.
    pub(super) fn origin(&self, address: SocketAddr) -> Origin {
        let address = address.ip().to_canonical();
        Origin { network: self.key(address), is_proxy: self.proxies.contains(&address) }
    }

    /// The network that a request comes from. Behind a proxy that is trusted it is what that proxy wrote itself, which
    /// is last: whatever stands before it may be anybody's invention.
    pub(super) fn of(&self, origin: Origin, headers: &HeaderMap) -> NetworkKey {
        if !origin.is_proxy {
            return origin.network;
        }
        let last = headers.get_all(FORWARDED_FOR).iter().next_back().and_then(|line| line.to_str().ok());
        let address = last.and_then(|line| line.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
        address.map_or(origin.network, |address| self.key(address.to_canonical()))
    }

    fn key(&self, address: IpAddr) -> NetworkKey {
        let mut secret = locked(&self.secret);
        if secret.drawn.elapsed() >= SECRET_STANDS
            && let Ok(new) = Secret::draw()
        {
            *secret = new;
        }
        let mut sha = Sha256::new();
        sha.update(secret.bytes);
        match address {
            IpAddr::V4(address) => sha.update(address.octets()),
            IpAddr::V6(address) => sha.update(&address.octets()[..V6_NETWORK_BYTES]),
        }
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(sha.finalize());
        NetworkKey(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(networks: &Networks, address: &str) -> NetworkKey {
        networks.origin(SocketAddr::new(address.parse().unwrap(), 40_000)).network
    }

    #[test]
    fn one_address_or_household_is_one_network_and_another_is_another() {
        let networks = Networks::new(&[]).unwrap();
        let same = [("192.0.2.1", "192.0.2.1"), ("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8::1", "2001:db8:0:ff::9")];
        for (one, other) in same {
            assert_eq!(key(&networks, one), key(&networks, other), "{one} and {other}");
        }
        for (one, other) in [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:100::1")] {
            assert_ne!(key(&networks, one), key(&networks, other), "{one} and {other}");
        }
    }

    #[test]
    fn another_server_makes_another_key_of_the_same_address() {
        let key_of = || key(&Networks::new(&[]).unwrap(), "192.0.2.1");
        assert_ne!(key_of(), key_of());
    }

    #[test]
    fn yesterdays_keys_are_nobodys() {
        let networks = Networks::new(&[]).unwrap();
        let yesterday = key(&networks, "192.0.2.1");
        let long_ago = Instant::now().checked_sub(SECRET_STANDS);
        locked(&networks.secret).drawn = long_ago.unwrap_or_else(Instant::now);
        assert!(long_ago.is_none() || key(&networks, "192.0.2.1") != yesterday);
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        let networks = Networks::new(&["127.0.0.1".parse().unwrap()]).unwrap();
        let by = |peer: &str, forwarded: &str| {
            let origin = networks.origin(SocketAddr::new(peer.parse().unwrap(), 40_000));
            networks.of(origin, &HeaderMap::from_iter([(FORWARDED_FOR, forwarded.parse().unwrap())]))
        };
        assert_eq!(by("127.0.0.1", "198.51.100.7, 192.0.2.1"), key(&networks, "192.0.2.1"));
        assert_eq!(by("127.0.0.1", "nonsense"), key(&networks, "127.0.0.1"));
        assert_eq!(by("203.0.113.5", "192.0.2.1"), key(&networks, "203.0.113.5"));
    }
}
