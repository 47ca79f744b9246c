//! A second opinion on the system clock, from an SNTP server: it is compared with, and never followed.

use std::{fmt, io, str::FromStr, time::Duration};

use rsntp::{Config, SntpClient, SynchronizationError};

/// How long a time server may take: thrice a satellite's round trip.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// How far off a public time server may be itself, in milliseconds, and still be a good one.
const SOURCE_ERROR_MS: f64 = 10.0;

/// Longest name of a host, in bytes (RFC 1035), and its port.
const MAX_NAME_BYTES: usize = 253 + 6;

/// Where to ask for the time: a host, and perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSource(String);

/// A text that is no time source.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("it is not a host and perhaps a port; write it like time.example.org or 192.0.2.1:123")]
pub struct TimeSourceError;

impl FromStr for TimeSource {
    type Err = TimeSourceError;

    fn from_str(text: &str) -> Result<Self, TimeSourceError> {
        let (host, port) = text.split_once(':').unwrap_or((text, "123"));
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
        let host_is_one = !host.is_empty() && host.bytes().all(plain);
        if host_is_one && text.len() <= MAX_NAME_BYTES && port.parse::<u16>().is_ok_and(|port| port > 0) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TimeSourceError)
        }
    }
}

impl fmt::Display for TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a time source says of the system clock.
#[derive(Clone, Debug, PartialEq)]
pub enum Opinion {
    /// It has not been asked yet, or not since the clock jumped.
    None,
    /// It gave no answer that can be used.
    Silent {
        /// Why, in the words of whoever noticed.
        why: String,
    },
    /// It answered.
    Heard {
        /// How far its clock is ahead of the system's, in milliseconds.
        ahead_ms: f64,
        /// How far that may be off, in milliseconds: half the time the answer took.
        give_ms: f64,
    },
}

impl Opinion {
    /// Whether the system clock cannot be as right as the kernel says, if the source is.
    pub fn contradicts(&self, bound_ms: f64) -> bool {
        match self {
            Self::Heard { ahead_ms, give_ms } => ahead_ms.abs() > bound_ms + give_ms + SOURCE_ERROR_MS,
            Self::None | Self::Silent { .. } => false,
        }
    }
}

impl fmt::Display for Opinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("has not been asked yet"),
            Self::Silent { why } => write!(f, "gave no answer: {why}"),
            Self::Heard { ahead_ms, give_ms } => {
                let side = if *ahead_ms < 0.0 { "ahead" } else { "behind" };
                write!(f, "finds this clock {:.0} ms {side}, give or take {give_ms:.0} ms", ahead_ms.abs())
            }
        }
    }
}

impl TimeSource {
    /// Asks, and waits for the answer: for the name of the host as long as the resolver takes, then at most two
    /// seconds. To be called where a thread may wait.
    pub fn ask(&self) -> Opinion {
        match SntpClient::with_config(Config::default().timeout(ANSWER_WITHIN)).synchronize(self.0.as_str()) {
            Ok(answer) => Opinion::Heard {
                ahead_ms: answer.clock_offset().as_secs_f64() * 1e3,
                // A clock that is stepped meanwhile makes it negative, and the answer worth little.
                give_ms: answer.round_trip_delay().as_secs_f64().abs() * 1e3 / 2.0,
            },
            Err(SynchronizationError::IOError(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                Opinion::Silent { why: format!("none came within {ANSWER_WITHIN:?}") }
            }
            Err(error) => Opinion::Silent { why: error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::UdpSocket, thread, time::SystemTime};

    use super::*;

    /// Seconds from the epoch of NTP, 1900, to that of Unix (RFC 5905, figure 4).
    const NTP_TO_UNIX_S: u64 = 2_208_988_800;

    /// A time server on this machine for one question, whose clock is `ahead` of ours.
    fn answering(answer: impl FnOnce(&[u8]) -> Vec<u8> + Send + 'static) -> TimeSource {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let source = socket.local_addr().unwrap().to_string().parse().unwrap();
        thread::spawn(move || {
            let mut question = [0; 48];
            let (_, from) = socket.recv_from(&mut question).unwrap();
            socket.send_to(&answer(&question), from).unwrap();
        });
        source
    }

    fn packet(question: &[u8], ahead: Duration) -> Vec<u8> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + ahead;
        let fraction = (u64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
        let stamp = ((now.as_secs() + NTP_TO_UNIX_S) << 32 | fraction).to_be_bytes();
        let mut packet = vec![0; 48];
        // No leap second, version 4, a server (RFC 5905, figure 8); stratum 1.
        (packet[0], packet[1]) = (0x24, 1);
        packet[12..16].copy_from_slice(b"TEST");
        packet[24..32].copy_from_slice(&question[40..48]);
        packet[32..40].copy_from_slice(&stamp);
        packet[40..48].copy_from_slice(&stamp);
        packet
    }

    #[test]
    fn a_source_that_agrees_contradicts_nothing() {
        let opinion = answering(|question| packet(question, Duration::ZERO)).ask();
        assert!(matches!(opinion, Opinion::Heard { ahead_ms, give_ms } if ahead_ms.abs() <= give_ms + 1.0));
        assert!(!opinion.contradicts(1.0), "{opinion}");
    }

    #[test]
    fn a_source_two_seconds_off_contradicts_all_but_a_wide_bound() {
        let opinion = answering(|question| packet(question, Duration::from_secs(2))).ask();
        assert!(opinion.contradicts(500.0), "{opinion}");
        assert!(!opinion.contradicts(2_000.0), "{opinion}");
        assert!(opinion.to_string().starts_with("finds this clock 20") || opinion.to_string().contains("199"));
    }

    #[test]
    fn garbage_and_refusals_are_no_opinion() {
        let garbage = |_: &[u8]| b"HTTP/1.1 400 Bad Request".to_vec();
        let another = |question: &[u8]| packet(&[&question[..40], &[7; 8]].concat(), Duration::ZERO);
        let unsure = |question: &[u8]| {
            let mut packet = packet(question, Duration::ZERO);
            packet[0] |= 0xc0;
            packet
        };
        for source in [answering(garbage), answering(another), answering(unsure)] {
            let opinion = source.ask();
            assert!(matches!(opinion, Opinion::Silent { .. }) && !opinion.contradicts(0.0), "{opinion}");
        }
    }

    #[test]
    fn silence_ends_in_time() {
        let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
        let opinion = mute.local_addr().unwrap().to_string().parse::<TimeSource>().unwrap().ask();
        assert_eq!(opinion.to_string(), "gave no answer: none came within 2s");
    }

    #[test]
    fn a_name_is_a_host_and_perhaps_a_port() {
        for good in ["pool.ntp.org", "192.0.2.1:123", "localhost:11123"] {
            assert_eq!(good.parse::<TimeSource>().unwrap().to_string(), good);
        }
        for bad in ["", ":123", "ntp://x", "a b", "x:0", "x:99999", "x:y", "2001:db8::1"] {
            assert_eq!(bad.parse::<TimeSource>(), Err(TimeSourceError), "{bad}");
        }
    }
}
