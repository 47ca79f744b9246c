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

use super::{
    Shared,
    pages::card,
    site::Site,
    words::{Language, Reader},
};
use crate::{
    domain::{
        gathering::Gathering,
        moment::{Moment, Status, Zone},
        programme::Item,
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
pub(super) async fn moment(State(shared): State<Arc<Shared>>, reader: Reader, headers: HeaderMap) -> Response {
    answer(&shared.hub, &Site::of(&shared, &headers), None, reader.first())
}

/// The moment at one gathering, or everywhere; what is not the organiser's word is in this language.
pub(super) fn answer(hub: &Hub, site: &Site, gathering: Option<&Gathering>, language: &Language) -> Response {
    let file = gathering.map_or("moment", |g| g.slug.as_str());
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{file}.ics\"")),
        (header::CACHE_CONTROL, "max-age=60".to_owned()),
        (header::VARY, "accept-language".to_owned()),
    ];
    let calendar = calendar(&hub.moment(), hub.clock().now(), site, gathering, language);
    (headers, calendar.to_string()).into_response()
}

fn calendar(
    moment: &Moment,
    now: UnixMillis,
    site: &Site,
    gathering: Option<&Gathering>,
    language: &Language,
) -> Calendar {
    let page = gathering.map_or_else(|| site.address("/"), |g| site.address(&format!("/g/{}", g.slug)));
    let of = gathering.map_or("everywhere", |g| g.slug.as_str());
    let words = moment.words.for_reader(&language.lang).map_or("", |(_, words)| words);
    // A calendar takes an event for changed when its number is higher; each of the two only counts up.
    let sequence = moment.version.rev + gathering.map_or(0, |g| g.version.rev);
    let told = gathering.map(|g| told(g, language)).unwrap_or_default();
    let lines: Vec<_> = [words.to_owned()].into_iter().chain(told).chain([page.clone()]).collect();
    let mut event = Event::new();
    event
        .uid(&format!("{of}@{}", site.host()))
        .summary(&gathering.map_or_else(|| moment.name.clone(), |g| format!("{} ({})", moment.name, g.name)))
        .description(&lines.join("\n"))
        .url(&page)
        .add_property("DTSTAMP", utc(now))
        .add_property("DTSTART", utc(moment.at))
        .add_property("DTEND", utc(moment.at + LASTS))
        .add_property("SEQUENCE", sequence.to_string())
        .status(match moment.status {
            Status::Scheduled => EventStatus::Confirmed,
            Status::Held => EventStatus::Tentative,
            Status::Cancelled => EventStatus::Cancelled,
        });
    if let Some(gathering) = gathering {
        let place =
            [gathering.told_venue(), &gathering.place].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        event.location(&place.join(", "));
    }
    if moment.status == Status::Scheduled {
        event.alarm(Alarm::display(&moment.name, Trigger::before_start(REMINDER)));
    }
    let mut calendar = Calendar::new();
    calendar.append_property(("REFRESH-INTERVAL;VALUE=DURATION", REFRESH)).push(event.done());
    calendar
}

/// What happens at a gathering, a line each, and what it offers.
fn told(gathering: &Gathering, language: &Language) -> Vec<String> {
    let offered: Vec<_> = gathering.access.iter().map(|access| card::name(access, language)).collect();
    let items = gathering.told_programme().iter().map(Item::to_string);
    items.chain((!offered.is_empty()).then(|| offered.join(" · "))).collect()
}

/// A time in the form of RFC 5545 section 3.3.5, in UTC, so that no calendar needs to know our zones.
fn utc(at: UnixMillis) -> String {
    Zone::utc().civil_at(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{access::Access, gathering::Visibility, import::parse, version::Version},
        http::words::languages,
    };

    fn lines(moment: &Moment, gathering: Option<&Gathering>, language: &Language) -> Vec<String> {
        let site = Site::at("https://one.example");
        let text = calendar(moment, UnixMillis(0), &site, gathering, language).to_string();
        // Long lines are folded (RFC 5545 section 3.1).
        text.replace("\r\n ", "").lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_gathering_s_programme_and_what_it_offers_are_in_its_description() {
        let moment = Moment::default_at(UnixMillis(1_803_124_800_000), &"here".parse().unwrap());
        let row = "id,name,place,venue,visibility,programme,access\n\
                   bath,Bath,Bath,Abbey,listed,\"12:30 Gather, all; 13:00 Link arms\",bsl; toilets\n";
        let row = parse(row.as_bytes()).unwrap().rows.remove(0);
        let mut bath = row.onto(None, Version { rev: 3, node: "here".parse().unwrap() });
        let welsh = languages().iter().find(|language| language.lang.as_str() == "cy").unwrap();
        let offered =
            |language| format!("{} · {}", card::name(Access::Bsl, language), card::name(Access::Toilets, language));
        let page = "https://one.example/g/bath";
        for language in [&languages()[0], welsh] {
            let lines = lines(&moment, Some(&bath), language);
            let told = format!("DESCRIPTION:\\n12:30 Gather\\, all\\n13:00 Link arms\\n{}\\n{page}", offered(language));
            for line in [told.as_str(), "LOCATION:Abbey\\, Bath", "SEQUENCE:3"] {
                assert!(lines.iter().any(|l| l == line), "{line} in {lines:#?}");
            }
        }
        bath.visibility = Visibility::Area;
        let lines = lines(&moment, Some(&bath), welsh);
        assert!(!lines.iter().any(|line| line.contains("Abbey") || line.contains("12:30")), "{lines:#?}");
    }

    #[test]
    fn a_calendar_follows_a_move_and_a_cancellation() {
        let noon = UnixMillis(1_803_124_800_000);
        let mut moment = Moment::default_at(noon, &"here".parse().unwrap());
        let set = lines(&moment, None, &languages()[0]);
        for line in
            ["UID:everywhere@one.example", "DTSTART:20270220T130000Z", "SEQUENCE:0", "TRIGGER;RELATED=START:-PT600S"]
        {
            assert!(set.iter().any(|l| l == line), "{line} in {set:#?}");
        }
        (moment.status, moment.version.rev) = (Status::Cancelled, 7);
        let cancelled = lines(&moment, None, &languages()[0]);
        for line in ["UID:everywhere@one.example", "SEQUENCE:7", "STATUS:CANCELLED"] {
            assert!(cancelled.iter().any(|l| l == line), "{line} in {cancelled:#?}");
        }
        assert!(!cancelled.iter().any(|l| l == "BEGIN:VALARM"), "nobody is called to what will not happen");
    }
}
