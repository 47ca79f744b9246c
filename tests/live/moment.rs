//! The organiser's word on the moment, from the command line to every page.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use oneoclock::domain::moment::Status;

use super::{
    page::Page,
    visit::{EVERYWHERE, Visit},
    world::World,
};

/// A day on which nothing is near; said twice, should the default moment be near as the test runs.
const DAY: &str = "2027-02-20 13:00";
const LATER: &str = "2027-02-20 13:15";

async fn all_hear(pages: &mut [Page], what: &str, state: impl Fn(&Page) -> bool) {
    for page in pages {
        page.until_within(EVERYWHERE, what, &state).await;
    }
}

#[tokio::test]
async fn set_held_resumed_moved_and_cancelled_reach_every_page_within_two_seconds() {
    let world = World::new().await;
    world.does(&["import", super::world::EXAMPLE_LIST, "--apply"]);
    let mut pages = [
        world.phone().await,
        Visit::default().phone_at(&world, "glasgow").await,
        Visit::default().hidden(&world).await,
        world.display().await,
        Visit::default().showing(&world.pass()).organiser(&world).await,
    ];
    assert!(pages.iter().all(|page| page.moment().rev == 0), "nobody has set it yet");

    let said = world.does(&["moment", "set", DAY, "--name", "One day", "--words", "Link arms", "--confirm", DAY]);
    assert!(said.starts_with("One day\n  2027-02-20 13:00 in Europe/London (2027-02-20T13:00:00Z)\n  scheduled\n"));
    all_hear(&mut pages, "set", |page| {
        let moment = page.moment();
        (moment.rev, moment.at.0, moment.status) == (1, 1_803_128_400_000, Status::Scheduled)
            && (moment.name.as_str(), moment.words.as_str()) == ("One day", "Link arms")
    })
    .await;

    assert!(world.does(&["moment", "hold"]).contains("held"));
    all_hear(&mut pages, "held", |page| page.moment().rev == 2 && page.moment().status == Status::Held).await;
    assert!(world.does(&["moment", "resume"]).contains("scheduled"));
    all_hear(&mut pages, "resumed", |page| page.moment().rev == 3 && page.moment().status == Status::Scheduled).await;
    world.does(&["moment", "move", LATER]);
    all_hear(&mut pages, "moved", |page| page.moment().rev == 4 && page.moment().at.0 == 1_803_129_300_000).await;
    world.does(&["moment", "cancel"]);
    all_hear(&mut pages, "cancelled", |page| page.moment().status == Status::Cancelled).await;
    assert_eq!(world.phone().await.moment().rev, 5, "whoever comes now hears of it in the greeting");
    assert!(world.refuses(&["moment", "hold"]).contains("set it anew"));
}

#[tokio::test]
async fn words_reach_each_reader_in_their_language() {
    let world = World::brisk().await;
    let words = ["--words", "Link arms", "--words", "cy=Breichiau ynghyd"];
    world.does(&[&["moment", "set", DAY, "--confirm", DAY][..], &words].concat());
    world.phone().await.until("the moment", |page| page.moment().rev == 1).await;
    for (lang, said) in
        [("en", "Link arms"), ("cy", "Breichiau ynghyd"), ("cy-GB", "Breichiau ynghyd"), ("fr", "Link arms")]
    {
        let mut page = Visit::default().open(&world).await;
        let hello = serde_json::json!({ "type": "hello", "role": "participant", "lang": lang, "visible": true });
        page.say(&hello).await;
        page.until("a greeting", |page| page.boards().count() > 0).await;
        assert_eq!(page.moment().words, said, "{lang}");
    }
}

#[tokio::test]
async fn a_time_that_does_not_exist_or_exists_twice_is_refused_with_its_neighbours() {
    let world = World::brisk().await;
    let gap = world.refuses(&["moment", "set", "2027-03-28 01:30"]);
    assert!(gap.contains("2027-03-28 00:59") && gap.contains("2027-03-28 02:00"), "{gap}");
    let fold = world.refuses(&["moment", "set", "2027-10-31 01:30"]);
    assert!(fold.contains("01:30+01:00") && fold.contains("01:30+00:00"), "{fold}");
    assert!(world.refuses(&["moment", "set", "2016-02-20 13:00"]).contains("already passed"));
    assert!(world.refuses(&["moment", "set", DAY, "--zone", "Europe/Londn"]).contains("Londn"));
    assert!(world.refuses(&["moment", "set", "tomorrow"]).contains("tomorrow"));
    assert_eq!(world.phone().await.moment().rev, 0, "nothing was changed");
}

#[tokio::test]
async fn a_change_in_the_last_five_minutes_must_be_said_twice() {
    let world = World::brisk().await;
    let soon =
        (Timestamp::now() + 4.minutes()).to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string();
    world.does(&["moment", "set", &soon, "--zone", "UTC", "--confirm", &soon]);
    let said = world.refuses(&["moment", "hold"]);
    assert!(said.contains("phones without network will keep the old one"), "{said}");
    assert!(said.contains("--confirm \"hold\""), "{said}");
    assert!(world.refuses(&["moment", "move", DAY, "--zone=Europe/London"]).contains(&format!("--confirm \"{DAY}\"")));
    assert!(world.refuses(&["moment", "cancel", "--confirm", "yes"]).contains("--confirm \"cancel\""));
    let mut phone = world.phone().await;
    phone.until("the first of them", |page| page.moment().rev == 1).await;
    world.does(&["moment", "hold", "--confirm", "hold"]);
    phone.until("held", |page| page.moment().status == Status::Held).await;
    assert_eq!(phone.moment().rev, 2, "nothing else was changed");
}

#[tokio::test]
async fn a_wrong_pass_changes_nothing_and_is_not_repeated() {
    let world = World::brisk().await;
    let wrong = world.data.with_file_name("wrong.pass");
    let secret = "b".repeat(32);
    std::fs::write(&wrong, format!("oo1-organiser-{secret}\n")).unwrap();
    let wrong = wrong.to_str().unwrap();
    for command in [
        &["moment", "set", DAY][..],
        &["moment", "cancel"],
        &["import", super::world::EXAMPLE_LIST, "--apply"],
        &["pace", "--pace=5s"],
    ] {
        let said = world.refuses(&[command, &["--pass-file", wrong]].concat());
        assert!(said.contains("organiser's pass") && !said.contains(&secret), "{said}");
    }
    let phone = world.phone().await;
    assert_eq!((phone.moment().rev, phone.board().gatherings), (0, 0));
    let unsigned = world.ask("POST /api/v1/moment HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"do\":\"hold\"}");
    assert_eq!(unsigned.await.unwrap().status, 403);
}
