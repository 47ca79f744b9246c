//! Who may come in: decided before the upgrade, or not at all.

use axum::{
    Json,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::Settings;
use crate::{
    domain::pass::Pass,
    hub::{Granted, PASS_REFUSED},
    wire::message::{PASS_SUBPROTOCOL_PREFIX, SUBPROTOCOL},
};

/// Says whether the page that asks is of the site that is asked.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Seconds after which somebody who was turned away for want of room may try again.
const RETRY_AFTER_S: &str = "5";

/// One who may come in. Only [`admit`] makes it.
#[derive(Debug)]
pub(super) struct Admission {
    /// What the pass proved; none for phones and displays, which need none.
    pub(super) granted: Option<Granted>,
}

/// Why somebody may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A page of another site.
    Origin,
    /// A program that does not speak our protocol.
    Subprotocol,
    /// A pass that is none, none of ours, revoked, over, or too early; they are not told apart.
    Pass,
    /// Not a WebSocket handshake.
    NotWebSocket,
    /// The server is about to stop.
    Draining,
    /// The server's time is not that of the other nodes.
    Clock,
    /// Every place is taken.
    Full,
    /// No gathering of that name.
    Gathering,
}

impl Refusal {
    /// The stable word for it.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Subprotocol => "subprotocol",
            Self::Pass => "pass",
            Self::NotWebSocket => "not_websocket",
            Self::Draining => "draining",
            Self::Clock => "clock",
            Self::Full => "full",
            Self::Gathering => "unknown_gathering",
        }
    }

    /// The status of the answer.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Origin | Self::Pass => StatusCode::FORBIDDEN,
            Self::Subprotocol => StatusCode::BAD_REQUEST,
            Self::NotWebSocket => StatusCode::UPGRADE_REQUIRED,
            Self::Gathering => StatusCode::NOT_FOUND,
            Self::Draining | Self::Clock | Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The sentence for a person.
    pub(super) const fn say(self) -> &'static str {
        match self {
            Self::Origin => "This page belongs to another site; allow its origin with --origin.",
            Self::Subprotocol => "Ask for the subprotocol oneoclock.v1.",
            Self::Pass => PASS_REFUSED,
            Self::NotWebSocket => "Here is a WebSocket; the same figures are at /live/events and /api/v1/board.",
            Self::Draining => "The server restarts; come back in a moment.",
            Self::Clock => "The clock of this server is wrong; the other servers are in step. Come back in a moment.",
            Self::Full => "Every place is taken; try again in a moment.",
            Self::Gathering => "There is no such gathering here; check the link.",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "reason": self.reason(), "say": self.say() }));
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &'static str| {
            headers.insert(name, header::HeaderValue::from_static(value));
        };
        match self {
            Self::NotWebSocket => set(header::UPGRADE, "websocket"),
            Self::Draining | Self::Clock | Self::Full => set(header::RETRY_AFTER, RETRY_AFTER_S),
            Self::Origin | Self::Subprotocol | Self::Pass | Self::Gathering => {}
        }
        response
    }
}

/// Decides on the head of a request for `/live`; `given_out` is what a pass proves that an organiser gave out.
pub(super) fn admit(
    headers: &HeaderMap,
    settings: &Settings,
    given_out: impl FnOnce(&Pass) -> Option<Granted>,
) -> Result<Admission, Refusal> {
    same_site(headers, settings)?;
    let asked = || {
        let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).map(str::trim)
    };
    if !asked().any(|protocol| protocol == SUBPROTOCOL) {
        return Err(Refusal::Subprotocol);
    }
    let granted = match asked().find_map(|protocol| protocol.strip_prefix(PASS_SUBPROTOCOL_PREFIX)) {
        None => None,
        Some(text) => Some(granted(text, settings, given_out).ok_or(Refusal::Pass)?),
    };
    Ok(Admission { granted })
}

/// Keeps the pages of other sites out.
pub(super) fn same_site(headers: &HeaderMap, settings: &Settings) -> Result<(), Refusal> {
    if origin_is_ours(headers, &settings.origins) { Ok(()) } else { Err(Refusal::Origin) }
}

/// What a pass proves: the organiser's own, or one of those `given_out`. `None` if nothing.
pub(super) fn granted(
    pass: &str,
    settings: &Settings,
    given_out: impl FnOnce(&Pass) -> Option<Granted>,
) -> Option<Granted> {
    let pass: Pass = pass.parse().ok()?;
    if settings.organiser.admits(&pass) { Some(Granted::organiser()) } else { given_out(&pass) }
}

/// Whether a page of ours asks, or a program that is no page. A browser always says whose page it is: by `Origin`,
/// or, when it asks as for a picture, by `Sec-Fetch-Site` at least.
fn origin_is_ours(headers: &HeaderMap, also: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return headers.get(FETCH_SITE).is_none_or(|site| site != "cross-site" && site != "same-site");
    };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let same_host = origin.split_once("://").is_some_and(|(_, origin_host)| Some(origin_host) == host);
    same_host || also.iter().any(|allowed| allowed == origin)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::pass::{Role, SECRET_BYTES};

    fn settings() -> (Settings, Pass) {
        let pass = Pass::from_random(Role::Organiser, [3; SECRET_BYTES]);
        let settings = Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            max_connections: 1,
            public_url: None,
            origins: vec!["https://example.org".into()],
            organiser: pass.hash(),
            returns_per_s: 1,
            grace: Duration::ZERO,
            proxies: Vec::new(),
            test_echo: false,
        };
        (settings, pass)
    }

    fn admitted(lines: &[(HeaderName, &str)]) -> Result<Option<Role>, Refusal> {
        let headers = lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        let steward = Pass::from_random(Role::Steward, [5; SECRET_BYTES]);
        let given_out = |pass: &Pass| (*pass == steward).then_some(Granted { role: Role::Steward, grant: None });
        let admission = admit(&headers, &settings().0, given_out)?;
        Ok(admission.granted.map(|granted| granted.role))
    }

    const PROTOCOL: HeaderName = header::SEC_WEBSOCKET_PROTOCOL;

    #[test]
    fn only_our_own_pages_and_named_origins_come_in() {
        let from = |origin| admitted(&[(PROTOCOL, SUBPROTOCOL), (header::HOST, "here:1300"), (header::ORIGIN, origin)]);
        assert_eq!(from("http://here:1300"), Ok(None));
        assert_eq!(from("https://example.org"), Ok(None));
        for stranger in ["https://elsewhere.example", "null", "http://here:1301", "https://example.org.evil.example"] {
            assert_eq!(from(stranger), Err(Refusal::Origin), "{stranger}");
        }
        assert_eq!(admitted(&[(PROTOCOL, SUBPROTOCOL)]), Ok(None), "a program has no origin");
        let fetched = |site| admitted(&[(PROTOCOL, SUBPROTOCOL), (FETCH_SITE, site)]);
        assert_eq!(fetched("same-origin"), Ok(None));
        assert_eq!(fetched("cross-site"), Err(Refusal::Origin), "as a picture on somebody's page");
    }

    #[test]
    fn a_pass_makes_an_organiser_and_a_wrong_one_keeps_out() {
        let (_, pass) = settings();
        let with = |pass: &str| admitted(&[(PROTOCOL, &format!("{SUBPROTOCOL}, pass.{pass}"))]);
        assert_eq!(with(&pass.reveal()), Ok(Some(Role::Organiser)));
        assert_eq!(with("oo1-organiser-nonsense"), Err(Refusal::Pass));
        let other = Pass::from_random(Role::Organiser, [4; SECRET_BYTES]);
        assert_eq!(with(&other.reveal()), Err(Refusal::Pass));
        let steward = Pass::from_random(Role::Steward, [5; SECRET_BYTES]);
        assert_eq!(with(&steward.reveal()), Ok(Some(Role::Steward)), "one that was given out");
    }

    #[test]
    fn another_protocol_is_turned_away() {
        assert_eq!(admitted(&[(PROTOCOL, "mqtt")]), Err(Refusal::Subprotocol));
        assert_eq!(admitted(&[]), Err(Refusal::Subprotocol));
    }
}
