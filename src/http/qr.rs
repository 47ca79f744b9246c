//! `/qr.svg?path=/g/leeds`: a code for the person beside you, which leads to a page of this server.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use fast_qr::{
    ECL, QRBuilder,
    convert::{Builder, svg::SvgBuilder},
};
use serde::Deserialize;

use super::{Shared, site::Site};

/// The longest path that makes a code which a phone reads from an arm's length away, in bytes: that of a
/// gathering with the longest slug, on a display, in some language.
const MAX_PATH_BYTES: usize = 100;

/// White modules around the code, as the standard asks for.
const QUIET: usize = 4;

/// Where the code is to lead.
#[derive(Debug, Deserialize)]
pub(super) struct To {
    #[serde(default = "root")]
    path: String,
}

fn root() -> String {
    "/".to_owned()
}

/// The code as a drawing.
pub(super) async fn qr(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Query(To { path }): Query<To>,
) -> Response {
    let ours = path.starts_with('/') && !path.starts_with("//") && path.len() <= MAX_PATH_BYTES;
    let drawn = ours.then(|| svg(&Site::of(&shared, &headers).address(&path))).flatten();
    let Some(svg) = drawn else { return StatusCode::NOT_FOUND.into_response() };
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=3600")], svg).into_response()
}

/// A code that leads to an address, as a drawing; `None` if the address is too long for any.
pub(super) fn svg(address: &str) -> Option<String> {
    // A quarter of the modules may be lost to rain, glare or a crack in the glass.
    let code = QRBuilder::new(address).ecl(ECL::Q).build().ok()?;
    Some(SvgBuilder::default().margin(QUIET).to_str(&code))
}
