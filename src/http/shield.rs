//! What every answer tells browsers about how far to trust it, but for scripts and the upgrade.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

/// What an answer may do that is no page: nothing. Pages bring a policy of their own.
const CONTENT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// What no page of ours ever needs.
const PERMISSIONS_POLICY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY)),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS_POLICY)),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Both together give a page the finer of the two clocks that browsers have.
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("require-corp")),
];

/// Adds them, but for those that the answer brings itself.
pub(super) fn shield(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
}

/// The same as a layer.
pub(super) async fn shielded(mut response: Response) -> Response {
    shield(response.headers_mut());
    response
}
