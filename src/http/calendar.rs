//! `/moment.ics` and `/g/{slug}.ics`: the moment for a calendar, so that it is remembered on the day.
//!
//! One event with a stable UID; its SEQUENCE counts up with the moment's revision, so that a calendar which
//! subscribed follows a move or a cancellation (RFC 5545, sections 3.8.7.4 and 3.8.1.11).

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use icalendar::{Alarm, Calendar, Component, Event, EventLike, EventStatus, Trigger};

use super::{Shared, site::Site};
use crate::{
    domain::{
        gathering::{Gathering, Visibility},
        moment::{Moment, Status, Zone},
        text::Lang,
        time::{Millis, UnixMillis},
    },
    hub::Hub,
};

/// What a calendar shows the moment as taking.
const LASTS: Millis = Millis::from_mins(15);

/// How long before the moment the calendar reminds: time to find the page.
const REMINDER: TimeDelta = TimeDelta::minutes(10);

/// How often a calendar that subscribed may ask again.
const REFRESH: &str = "PT1H";

/// `/moment.ics`.
pub(super) async fn moment(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    answer(&shared.hub, &Site::of(&shared, &headers), None)
}

/// The moment at one gathering, or everywhere.
pub(super) fn answer(hub: &Hub, site: &Site, gathering: Option<&Gathering>) -> Response {
    let file = gathering.map_or("moment", |g| g.slug.as_str());
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{file}.ics\"")),
        (header::CACHE_CONTROL, "max-age=60".to_owned()),
    ];
    (headers, calendar(&hub.moment(), hub.clock().now(), site, gathering).to_string()).into_response()
}

fn calendar(moment: &Moment, now: UnixMillis, site: &Site, gathering: Option<&Gathering>) -> Calendar {
    let page = gathering.map_or_else(|| site.address("/"), |g| site.address(&format!("/g/{}", g.slug)));
    let of = gathering.map_or("everywhere", |g| g.slug.as_str());
    let words = moment.words.for_reader(&Lang::fallback()).map_or("", |(_, words)| words);
    let mut event = Event::new();
    event
        .uid(&format!("{of}@{}", site.host()))
        .summary(&gathering.map_or_else(|| moment.name.clone(), |g| format!("{} ({})", moment.name, g.name)))
        .description(&format!("{words}\n{page}"))
        .url(&page)
        .add_property("DTSTAMP", utc(now))
        .add_property("DTSTART", utc(moment.at))
        .add_property("DTEND", utc(moment.at + LASTS))
        .add_property("SEQUENCE", moment.version.rev.to_string())
        .status(match moment.status {
            Status::Scheduled => EventStatus::Confirmed,
            Status::Held => EventStatus::Tentative,
            Status::Cancelled => EventStatus::Cancelled,
        });
    if let Some(gathering) = gathering {
        let venue = if gathering.visibility == Visibility::Listed { gathering.venue.as_str() } else { "" };
        let place = [venue, &gathering.place].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        event.location(&place.join(", "));
    }
    if moment.status == Status::Scheduled {
        event.alarm(Alarm::display(&moment.name, Trigger::before_start(REMINDER)));
    }
    let mut calendar = Calendar::new();
    calendar.append_property(("REFRESH-INTERVAL;VALUE=DURATION", REFRESH)).push(event.done());
    calendar
}

/// A time in the form of RFC 5545 section 3.3.5, in UTC, so that no calendar needs to know our zones.
fn utc(at: UnixMillis) -> String {
    Zone::utc().civil_at(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(moment: &Moment) -> Vec<String> {
        let site = Site::at("https://one.example");
        calendar(moment, UnixMillis(0), &site, None).to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_calendar_follows_a_move_and_a_cancellation() {
        let noon = UnixMillis(1_803_124_800_000);
        let mut moment = Moment::default_at(noon, &"here".parse().unwrap());
        let set = lines(&moment);
        for line in
            ["UID:everywhere@one.example", "DTSTART:20270220T130000Z", "SEQUENCE:0", "TRIGGER;RELATED=START:-PT600S"]
        {
            assert!(set.iter().any(|l| l == line), "{line} in {set:#?}");
        }
        (moment.status, moment.version.rev) = (Status::Cancelled, 7);
        let cancelled = lines(&moment);
        for line in ["UID:everywhere@one.example", "SEQUENCE:7", "STATUS:CANCELLED"] {
            assert!(cancelled.iter().any(|l| l == line), "{line} in {cancelled:#?}");
        }
        assert!(!cancelled.iter().any(|l| l == "BEGIN:VALARM"), "nobody is called to what will not happen");
    }
}
