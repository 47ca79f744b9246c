//! `/api/v1/figures` and `/figures.csv`: what the public is told of people, for journalists and researchers.
//!
//! Both read what was published and nothing else, so that nobody can ask for more than the boards tell.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Shared, api::ApiError};
use crate::{
    domain::{
        gathering::{Gathering, Visibility},
        publication::{National, Publication},
        small_numbers::FEWEST_TOLD,
    },
    hub::Hub,
};

/// For as long as nothing is told that is newer.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=2, stale-while-revalidate=30");

/// How every figure was come by, and what it is not.
const METHOD: &str = "Stewards count people at posts of gatherings, or type an estimate with its low and high end. \
    Elsewhere is what people say of themselves. Phones that are connected are never counted as people.";

/// The head of the table.
const COLUMNS: [&str; 13] = [
    "scope",
    "id",
    "name",
    "place",
    "nation",
    "people",
    "low",
    "high",
    "reported",
    "gatherings",
    "as_of",
    "status",
    "exact",
];

/// The figures as JSON.
pub(super) async fn figures(State(shared): State<Arc<Shared>>) -> Response {
    let hub = &shared.hub;
    let rows: Vec<Value> = told(hub, |gathering, people| {
        json!({
            "id": gathering.slug,
            "name": gathering.name,
            "place": gathering.place,
            "nation": gathering.nation,
            "people": people,
        })
    });
    let national = hub.told(Publication::national);
    let National { taking_part, low, high, elsewhere, reported, gatherings, ready, as_of, .. } = national;
    let (reporting, exact_at) = hub.reporting();
    let mut body = json!({
        "now": hub.clock().now(),
        "moment": hub.moment().at,
        "taking_part": taking_part,
        "low": low,
        "high": high,
        "elsewhere": elsewhere,
        "reported": reported,
        "gatherings": gatherings,
        "ready": ready,
        "as_of": as_of,
        "status": status(&national),
        "exact": reporting.exact,
        "fewest_told": FEWEST_TOLD,
        "method": METHOD,
        "rows": rows,
    });
    if !reporting.exact {
        body["nodes_reporting"] = reporting.nodes.into();
        body["nodes_expected"] = reporting.expected.into();
        body["exact_at"] = json!(exact_at);
    }
    ([(header::CACHE_CONTROL, CACHE), open()], Json(body)).into_response()
}

/// The same as a table.
pub(super) async fn table(State(shared): State<Arc<Shared>>) -> Result<Response, ApiError> {
    let csv = written(&shared.hub).map_err(|error| {
        tracing::error!(%error, "the table of figures could not be written");
        ApiError::fault("the table of figures could not be written")
    })?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(header::CACHE_CONTROL, CACHE), open(), (header::CONTENT_TYPE, kind)], csv).into_response())
}

/// The table, in the form of RFC 4180.
fn written(hub: &Hub) -> csv::Result<Vec<u8>> {
    let national = hub.told(Publication::national);
    let (status, exact) = (status(&national), if hub.reporting().0.exact { "yes" } else { "no" });
    let National { taking_part, low, high, elsewhere, reported, gatherings, as_of, .. } = national;
    let numbers = [taking_part, low, high, reported.into(), gatherings.into()].map(|number| number.to_string());
    let [people, low, high, reported, gatherings] = &numbers;
    let as_of = as_of.map_or_else(String::new, |at| at.0.to_string());
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    table.write_record([
        "taking part",
        "",
        "",
        "",
        "",
        people,
        low,
        high,
        reported,
        gatherings,
        &as_of,
        status,
        exact,
    ])?;
    let others = words(Some(elsewhere));
    table.write_record(["elsewhere (self-reported)", "", "", "", "", &others, "", "", "", "", "", status, exact])?;
    let rows = told(hub, |gathering, people| {
        let Gathering { slug, name, place, nation, .. } = gathering;
        let [name, place, nation] = [name, place, nation].map(|text| harmless(text));
        [slug.to_string(), name, place, nation, words(people.map(u64::from))]
    });
    for [slug, name, place, nation, people] in &rows {
        table.write_record(["gathering", slug, name, place, nation, people, "", "", "", "", "", status, exact])?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// Any site may show them.
const fn open() -> (header::HeaderName, HeaderValue) {
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))
}

/// Each gathering that is told of by itself, and what is told of it.
fn told<T>(hub: &Hub, row: impl Fn(&Gathering, Option<u32>) -> T) -> Vec<T> {
    hub.told(|publication| {
        hub.read(|board| {
            let listed = board.gatherings().filter(|g| g.is_listed() && g.visibility == Visibility::Listed);
            listed.map(|gathering| row(gathering, publication.people(&gathering.slug))).collect()
        })
    })
}

const fn status(national: &National) -> &'static str {
    if national.signed_off { "final" } else { "provisional" }
}

/// A figure as a person reads it: a small one is not told.
fn words(people: Option<u64>) -> String {
    match people {
        None => "not reported".to_owned(),
        Some(0) => format!("fewer than {FEWEST_TOLD}"),
        Some(people) => people.to_string(),
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(["Bath", "=1+1", "-"].map(harmless), ["Bath", "'=1+1", "'-"]);
    }

    #[test]
    fn what_is_not_told_is_said_in_words() {
        assert_eq!([None, Some(0), Some(35)].map(words), ["not reported", "fewer than 10", "35"]);
    }
}
