//! `/api/v1/clock`: how the server's clock stands, for the organiser's page; `/readyz` says the same to operators.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Shared, api::Organiser};
use crate::{
    clock::{Opinion, Report, TimeSource},
    domain::agreement::Among,
};

/// What to do about a clock that most nodes contradict.
const CORRECT: &str = "see whether chrony or systemd-timesyncd runs, and what it follows";

/// How the clock stands, and on whose word the moment was armed by it, if that was needed.
pub(super) async fn clock(State(shared): State<Arc<Shared>>, _: Organiser) -> Response {
    let armed = shared.hub.moment().unconfirmed_clock;
    let body = json!({ "clock": standing(&shared.hub.clock().report()), "armed": armed });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// How the clock stands, for programs and for people.
pub(super) fn standing(report: &Report) -> Value {
    let opinion = |(source, opinion): &(TimeSource, Opinion)| format!("{source} {opinion}");
    json!({
        "state": report.standing.as_str(),
        "bound_ms": report.bound_ms.map(in_micros),
        "confirmed": report.err_ms().is_some(),
        "epoch": report.epoch,
        "say": report.kernel.health.to_string(),
        "system_ahead_ms": in_micros(report.system_ahead_ms),
        "leap_second_announced": report.kernel.leap,
        "contradicted": report.is_contradicted(),
        "time_sources": report.opinions.iter().map(opinion).collect::<Vec<_>>(),
    })
}

/// How this node's clock stands among the others', for programs and for people.
pub(super) fn among(among: &Among) -> Value {
    let Among { nodes, agree, ahead, withdrawn } = *among;
    let (ahead_ms, give_ms) = ahead.unzip();
    let off = |ahead: f64| {
        let way = if ahead < 0.0 { "behind" } else { "ahead of" };
        format!("{:.0} ms {way} what {agree} of {nodes} nodes agree on", ahead.abs())
    };
    let say = match (ahead_ms, withdrawn) {
        (Some(ahead), false) => off(ahead),
        (Some(ahead), true) => format!("{}: this server serves nobody until its clock is right; {CORRECT}", off(ahead)),
        (None, false) => "no majority of nodes to compare with".to_owned(),
        (None, true) => format!("it was not what most nodes agree on; {CORRECT}"),
    };
    json!({
        "nodes": nodes,
        "agree": agree,
        "ahead_ms": ahead_ms.map(in_micros),
        "give_ms": give_ms.map(in_micros),
        "withdrawn": withdrawn,
        "say": say,
    })
}

/// Milliseconds with three places: more is noise to a person.
fn in_micros(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_stands_among_the_others_is_said_in_plain_words() {
        let say = |of: Among| among(&of)["say"].as_str().unwrap_or_default().to_owned();
        assert_eq!(say(Among::default()), "no majority of nodes to compare with");
        let known = Among { nodes: 3, agree: 3, ahead: Some((-1.4, 2.0)), withdrawn: false };
        assert_eq!(say(known), "1 ms behind what 3 of 3 nodes agree on");
        let odd = Among { agree: 2, ahead: Some((400.3, 2.0)), withdrawn: true, ..known };
        assert_eq!(
            say(odd),
            "400 ms ahead of what 2 of 3 nodes agree on: this server serves nobody until its clock is right; see whether chrony or systemd-timesyncd runs, and what it follows"
        );
        assert!(say(Among { agree: 0, ahead: None, ..odd }).starts_with("it was not what most nodes agree on"));
    }
}
