//! Single values: lengths of time and addresses of sites.

use std::time::Duration;

use jiff::SignedDuration;

/// A length of time that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum DurationError {
    #[error("it is not a length of time; write it like 500ms, 20s or 2m")]
    Form,
    #[error("it must be between {shortest:?} and {longest:?}")]
    Range { shortest: Duration, longest: Duration },
}

/// Reads `1s`, `1500ms`, `2m` or `1m 30s`, within the bounds.
pub(super) fn duration(text: &str, (shortest, longest): (Duration, Duration)) -> Result<Duration, DurationError> {
    let signed: SignedDuration = text.parse().map_err(|_| DurationError::Form)?;
    Duration::try_from(signed)
        .ok()
        .filter(|span| (shortest..=longest).contains(span))
        .ok_or(DurationError::Range { shortest, longest })
}

/// The address of a site that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum SiteError {
    #[error("it does not begin with https:// or http://; write it like https://example.org")]
    Scheme,
    #[error("it names no host; write it like https://example.org")]
    Host,
    #[error(
        "only a host and port may follow the scheme, because the pages are at the root of the site; write it like https://example.org:8443"
    )]
    Rest,
}

/// Reads the address of a site into the form in which browsers send it as `Origin`: lower case, no slash at the end.
pub(super) fn site(text: &str) -> Result<String, SiteError> {
    let text = text.to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://").ok_or(SiteError::Scheme)?;
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return Err(SiteError::Scheme),
    };
    let place = rest.strip_suffix('/').unwrap_or(rest);
    if !place.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b)) {
        return Err(SiteError::Rest);
    }
    let place = place.strip_suffix(default_port).unwrap_or(place);
    if place.is_empty() || place.starts_with(':') {
        return Err(SiteError::Host);
    }
    Ok(format!("{scheme}://{place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_as_people_write_them() {
        let bounds = (Duration::from_millis(100), Duration::from_secs(120));
        for (text, ms) in [("1s", 1_000), ("1500ms", 1_500), ("2m", 120_000), ("1m 30s", 90_000), ("0.5s", 500)] {
            assert_eq!(duration(text, bounds), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "1", "soon", "1 parsec"] {
            assert_eq!(duration(text, bounds), Err(DurationError::Form), "{text}");
        }
        for text in ["-1s", "99ms", "3m"] {
            assert!(matches!(duration(text, bounds), Err(DurationError::Range { .. })), "{text}");
        }
    }

    #[test]
    fn sites_read_as_browsers_write_them() {
        for (text, read) in [
            ("https://Example.org/", "https://example.org"),
            ("http://example.org:80", "http://example.org"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ] {
            assert_eq!(site(text).as_deref(), Ok(read));
        }
        assert_eq!(site("example.org"), Err(SiteError::Scheme));
        assert_eq!(site("ftp://example.org"), Err(SiteError::Scheme));
        assert_eq!(site("https://"), Err(SiteError::Host));
        for text in ["https://example.org/sub", "https://me@example.org", "https://example.org?x", "https://a b"] {
            assert_eq!(site(text), Err(SiteError::Rest), "{text}");
        }
    }
}
