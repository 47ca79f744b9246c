//! Stewards' passes: what they open, for how long, and what is told of those that open nothing.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{
    answer::Answer,
    door::handshake,
    journal::on_disk,
    page::{Heard, Page},
    patience::eventually,
    visit::Visit,
    world::World,
};

/// How soon whoever holds a revoked pass must be out.
const OUT_WITHIN: Duration = Duration::from_secs(5);

/// Unix milliseconds, so many from now.
fn from_now(ms: i64) -> i64 {
    i64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap() + ms
}

async fn post(world: &World, path: &str, pass: Option<&str>, body: &Value) -> Answer {
    let body = body.to_string();
    let pass = pass.map(|pass| format!("Authorization: Bearer {pass}\r\n")).unwrap_or_default();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n{pass}\
         Content-Length: {}\r\n\r\n{body}",
        world.address,
        body.len()
    );
    world.ask(&request).await.unwrap()
}

/// Has a pass made that is good now, or in the window that is given.
async fn made(world: &World, more: Value) -> Value {
    let mut wanted = json!({ "gathering": "glasgow", "post": "North gate", "from": from_now(-60_000) });
    wanted["until"] = json!(from_now(3_600_000));
    for (key, value) in more.as_object().unwrap() {
        wanted[key] = value.clone();
    }
    let answer = post(world, "/api/v1/passes", Some(&world.pass()), &wanted).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.head.contains("\r\ncache-control: no-store"), "{}", answer.head);
    answer.json()
}

fn text<'a>(made: &'a Value, name: &str) -> &'a str {
    made[name].as_str().unwrap_or_else(|| panic!("{name} in {made}"))
}

async fn revoke(world: &World, id: &str) {
    let answer = post(world, &format!("/api/v1/passes/{id}"), Some(&world.pass()), &json!({ "do": "revoke" })).await;
    assert_eq!((answer.status, answer.json()["state"].as_str()), (200, Some("revoked")), "{}", answer.body);
}

/// A pass in the organiser's list.
async fn listed(world: &World, id: &str) -> Value {
    let request = format!(
        "GET /api/v1/passes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        world.pass()
    );
    let list = world.ask(&request).await.unwrap().json();
    list["passes"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone()
}

async fn until_state(world: &World, id: &str, state: &str) {
    eventually(state, async || (listed(world, id).await["state"] == state).then_some(())).await;
}

async fn typed(world: &World, gathering: &str, code: &str) -> Answer {
    post(world, "/api/v1/steward/code", None, &json!({ "gathering": gathering, "code": code })).await
}

/// Every word that a page heard from `refused` on, and how it was closed.
fn last_words(page: &Page) -> Vec<String> {
    let words = page.heard().iter().filter_map(|heard| match heard {
        Heard::Said(said, _) if said.contains("\"refused\"") => Some(said.clone()),
        Heard::Closed(code) => Some(code.to_string()),
        _ => None,
    });
    words.collect()
}

#[tokio::test]
async fn a_pass_lets_a_steward_into_its_own_gathering_and_into_no_other() {
    let world = World::with_gatherings().await;
    let pass = made(&world, json!({})).await;
    let visit = Visit::default().showing(text(&pass, "pass"));
    let steward = visit.steward(&world).await;
    assert!(steward.board().here.is_some(), "it sees the board of its gathering without naming it");
    world.until_metric("oneoclock_connections{role=\"steward\"}", 1).await;
    assert_eq!(listed(&world, text(&pass, "id")).await["open"], 1);
    for hello in [
        json!({ "type": "hello", "role": "steward", "gathering": "york", "lang": "en", "visible": true }),
        json!({ "type": "hello", "role": "steward", "gathering": "No Slug", "lang": "en", "visible": true }),
        json!({ "type": "hello", "role": "organiser", "lang": "en", "visible": true }),
    ] {
        let mut stranger = visit.open(&world).await;
        stranger.say(&hello).await;
        assert_eq!(stranger.until_closed().await, Some(4403), "{hello}");
    }
    assert_eq!(listed(&world, text(&pass, "id")).await["refused"], json!({ "foreign": 3 }));
    drop(steward);
    eventually("it is gone", async || (listed(&world, text(&pass, "id")).await["open"] == 0).then_some(())).await;
}

#[tokio::test]
async fn whoever_is_connected_with_a_revoked_pass_is_out_within_five_seconds_though_nobody_says_a_word() {
    let world = World::with_gatherings().await;
    let (pass, other) = (made(&world, json!({})).await, made(&world, json!({ "post": "South gate" })).await);
    let mut steward = Visit::default().showing(text(&pass, "pass")).steward(&world).await;
    let mut neighbour = Visit::default().showing(text(&other, "pass")).steward(&world).await;
    revoke(&world, text(&pass, "id")).await;
    steward.until_within(OUT_WITHIN, "the end", Page::is_over).await;
    let said = r#"{"type":"refused","of":"pass","reason":"pass","say":"This pass is not valid here; ask whoever gave it to you for a new link."}"#;
    assert_eq!(last_words(&steward), [said, "4403"]);
    let again = Visit::default().showing(text(&pass, "pass")).try_open(&world).await;
    assert_eq!(again.unwrap_err(), 403);
    let boards = neighbour.boards().count();
    neighbour.until("another board", |page| page.boards().count() > boards || page.is_over()).await;
    assert!(!neighbour.is_over(), "the other post counts on");
    world.until_metric("oneoclock_endings_total{ending=\"not_allowed\"}", 1).await;
}

#[tokio::test]
async fn a_steward_whose_window_ends_is_out_within_five_seconds() {
    let world = World::with_gatherings().await;
    let until = from_now(3_000);
    let pass = made(&world, json!({ "until": until })).await;
    let mut steward = Visit::default().showing(text(&pass, "pass")).steward(&world).await;
    let left = Duration::from_millis(u64::try_from(until - from_now(0)).unwrap_or(0));
    steward.until_within(left + OUT_WITHIN, "the end", Page::is_over).await;
    assert!(from_now(0) >= until, "and not before");
    assert_eq!(last_words(&steward).last().map(String::as_str), Some("4403"));
}

#[tokio::test]
async fn passes_that_open_nothing_look_alike_to_whoever_shows_them_and_the_organiser_is_told_why() {
    let world = World::with_gatherings().await;
    let over = made(&world, json!({ "until": from_now(1_500) })).await;
    let (early, back) = (made(&world, json!({ "from": from_now(1_800_000) })).await, made(&world, json!({})).await);
    let foreign = made(&world, json!({})).await;
    revoke(&world, text(&back, "id")).await;
    until_state(&world, text(&over, "id"), "expired").await;
    let never = format!("oo1-steward-{}", "a".repeat(32));

    let closed = [text(&over, "pass"), text(&early, "pass"), text(&back, "pass"), &never];
    let mut answers = Vec::new();
    for pass in closed {
        let request = handshake(&world, &[]).replace("oneoclock.v1", &format!("oneoclock.v1, pass.{pass}"));
        let answer = world.ask(&request).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (403, "pass"));
        answers.push((without_date(&answer.head), answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    // As the organiser's; a good steward's pass is no better there than a wrong one.
    let mut answers = Vec::new();
    for pass in closed.into_iter().chain([text(&foreign, "pass")]) {
        let answer = post(&world, "/api/v1/passes", Some(pass), &json!({ "do": "anything" })).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, "pass"));
        answers.push((without_date(&answer.head), answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    // After the door: at another gathering's board, and when it was taken back.
    let visit = Visit::default().showing(text(&foreign, "pass"));
    let mut elsewhere = visit.open(&world).await;
    let hello = json!({ "type": "hello", "role": "steward", "gathering": "york", "lang": "en", "visible": true });
    elsewhere.say(&hello).await;
    elsewhere.until_closed().await;
    let mut revoked = visit.open(&world).await;
    revoke(&world, text(&foreign, "id")).await;
    revoked.until_closed().await;
    assert_eq!(last_words(&elsewhere), last_words(&revoked));

    for (pass, state, refused) in [
        (&over, "expired", json!({ "expired": 2 })),
        (&early, "not_yet", json!({ "not_yet": 2 })),
        (&back, "revoked", json!({ "revoked": 2 })),
        (&foreign, "revoked", json!({ "foreign": 2, "revoked": 1 })),
    ] {
        let row = listed(&world, text(pass, "id")).await;
        assert_eq!((row["state"].as_str(), &row["refused"]), (Some(state), &refused));
        assert!(row["refused_at"].as_i64().unwrap() > from_now(-60_000));
        let line = format!("reason=\"{}\"", refused.as_object().unwrap().keys().next().unwrap());
        let log = world.stderr();
        let named = log.lines().any(|said| said.contains(text(pass, "id")) && said.contains(&line));
        assert!(named, "{line} of {} in\n{log}", text(pass, "id"));
    }
    for (reason, times) in [("wrong", 2), ("expired", 2), ("not_yet", 2), ("revoked", 3), ("foreign", 2)] {
        let metric = format!("oneoclock_passes_refused_total{{reason=\"{reason}\"}}");
        assert_eq!(world.metric(&metric).await, times, "{reason}");
    }
}

fn without_date(head: &str) -> String {
    head.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_short_code_lets_five_devices_in_and_not_a_sixth() {
    let world = World::with_gatherings().await;
    let card = made(&world, json!({ "code": true })).await;
    let code = text(&card, "code");
    let mut devices = Vec::new();
    for spelled in
        [code.to_owned(), code.to_lowercase(), code.replace('-', ""), code.replace('-', " "), code.to_owned()]
    {
        let answer = typed(&world, "glasgow", &spelled).await;
        assert_eq!(answer.status, 200, "{spelled}: {}", answer.body);
        assert!(answer.head.contains("\r\ncache-control: no-store"), "{}", answer.head);
        devices.push(text(&answer.json(), "pass").to_owned());
    }
    let sixth = typed(&world, "glasgow", code).await;
    assert_eq!((sixth.status, sixth.reason().as_str()), (403, "pass"));
    let wrong = typed(&world, "glasgow", "AAAA-AAAA").await;
    let elsewhere = typed(&world, "york", code).await;
    let nowhere = typed(&world, "atlantis", code).await;
    for other in [&wrong, &elsewhere, &nowhere] {
        assert_eq!((without_date(&sixth.head), &sixth.body), (without_date(&other.head), &other.body));
    }
    let row = listed(&world, text(&card, "id")).await;
    assert_eq!((&row["devices"], &row["refused"]), (&json!(5), &json!({ "too_many": 1 })));

    let mut steward = Visit::default().showing(&devices[4]).steward(&world).await;
    assert_eq!(devices.iter().collect::<std::collections::BTreeSet<_>>().len(), 5, "each has a pass of its own");
    revoke(&world, text(&card, "id")).await;
    steward.until_within(OUT_WITHIN, "the end", Page::is_over).await;
    assert_eq!(Visit::default().showing(&devices[0]).try_open(&world).await.unwrap_err(), 403);
}

#[tokio::test]
async fn a_short_code_is_good_in_its_window_only() {
    let world = World::with_gatherings().await;
    let early = made(&world, json!({ "code": true, "from": from_now(1_800_000) })).await;
    let over = made(&world, json!({ "code": true, "until": from_now(1_500) })).await;
    until_state(&world, text(&over, "id"), "expired").await;
    let answers =
        [typed(&world, "glasgow", text(&early, "code")).await, typed(&world, "glasgow", text(&over, "code")).await];
    assert_eq!(
        answers.each_ref().map(|answer| (answer.status, answer.reason())),
        [(403, "pass".into()), (403, "pass".into())]
    );
    assert_eq!(answers[0].body, answers[1].body);
    assert_eq!(listed(&world, text(&early, "id")).await["refused"], json!({ "not_yet": 1 }));
}

#[tokio::test]
async fn after_five_wrong_codes_in_a_minute_that_gathering_takes_none_and_others_do() {
    let world = World::with_gatherings().await;
    let (glasgow, york) =
        (made(&world, json!({ "code": true })).await, made(&world, json!({ "gathering": "york", "code": true })).await);
    let guesses: Vec<_> = (0..20).map(|n| format!("AAAA-AAA{}", char::from(b'A' + n % 8))).collect();
    let tries = guesses.iter().map(|guess| typed(&world, "glasgow", guess));
    let answers = futures_util::future::join_all(tries).await;
    let wrong = answers.iter().filter(|answer| answer.status == 403).count();
    let rest = answers.iter().filter(|answer| (answer.status, answer.reason().as_str()) == (429, "too_many_tries"));
    assert_eq!((wrong, rest.count()), (5, 15), "also when they all come at once");
    assert_eq!(typed(&world, "glasgow", text(&glasgow, "code")).await.status, 429, "the right one, too");
    assert_eq!(typed(&world, "york", text(&york, "code")).await.status, 200);
    let steward = Visit::default().showing(text(&glasgow, "pass")).try_open(&world).await;
    assert!(steward.is_ok(), "links are not affected");
}

#[tokio::test]
async fn an_exchanged_pass_takes_the_place_of_the_old_one_which_is_out() {
    let world = World::with_gatherings().await;
    let old = made(&world, json!({ "code": true, "label": "first phone" })).await;
    let mut steward = Visit::default().showing(text(&old, "pass")).steward(&world).await;
    let path = format!("/api/v1/passes/{}", text(&old, "id"));
    let new = post(&world, &path, Some(&world.pass()), &json!({ "do": "rotate" })).await.json();
    steward.until_within(OUT_WITHIN, "the end", Page::is_over).await;
    assert_ne!(new["pass"], old["pass"]);
    assert_ne!(new["code"], old["code"]);
    for scope in ["gathering", "post", "label", "from", "until"] {
        assert_eq!(new[scope], old[scope]);
    }
    Visit::default().showing(text(&new, "pass")).steward(&world).await;
    let again = post(&world, &path, Some(&world.pass()), &json!({ "do": "rotate" })).await;
    assert_eq!((again.status, again.reason().as_str()), (409, "revoked"));
}

#[tokio::test]
async fn what_cannot_be_granted_is_refused_in_words() {
    let world = World::with_gatherings().await;
    let asked = |more: Value| {
        let mut wanted = json!({ "gathering": "glasgow", "post": "North gate" });
        for (key, value) in more.as_object().unwrap() {
            wanted[key] = value.clone();
        }
        wanted
    };
    for (wanted, status, reason) in [
        (asked(json!({ "gathering": "atlantis" })), 404, "unknown_gathering"),
        (asked(json!({ "label": "x".repeat(41) })), 422, "bad_label"),
        (asked(json!({ "until": from_now(-1) })), 422, "bad_window"),
        (asked(json!({ "from": "2027-03-28 01:30", "until": "2027-03-29 01:30" })), 422, "time_in_gap"),
        (asked(json!({ "from": "soon" })), 422, "bad_time"),
        (asked(json!({ "post": "" })), 422, "bad_request"),
        (json!({}), 422, "bad_request"),
    ] {
        let answer = post(&world, "/api/v1/passes", Some(&world.pass()), &wanted).await;
        assert_eq!((answer.status, answer.reason().as_str()), (status, reason), "{wanted}: {}", answer.body);
    }
    for (path, order, status, reason) in [
        ("/api/v1/passes/nobody", json!({ "do": "revoke" }), 404, "unknown_pass"),
        ("/api/v1/passes/nobody", json!({ "do": "nothing" }), 422, "bad_request"),
    ] {
        let answer = post(&world, path, Some(&world.pass()), &order).await;
        assert_eq!((answer.status, answer.reason().as_str()), (status, reason), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_pass_and_that_it_was_revoked_outlive_the_server() {
    let world = World::with_gatherings().await;
    let (good, back) = (made(&world, json!({})).await, made(&world, json!({})).await);
    revoke(&world, text(&back, "id")).await;
    let world = world.again(&["--pace=100ms"]).await;
    Visit::default().showing(text(&good, "pass")).steward(&world).await;
    assert_eq!(Visit::default().showing(text(&back, "pass")).try_open(&world).await.unwrap_err(), 403);
    assert_eq!(listed(&world, text(&back, "id")).await["refused"], json!({ "revoked": 1 }));
}

#[tokio::test]
async fn no_pass_or_code_is_on_disk_in_the_log_or_in_the_metrics() {
    let mut world = World::with(&["--pace=100ms", "--log=trace"]).await;
    world.does(&["import", super::world::EXAMPLE_LIST, "--apply"]);
    let card = made(&world, json!({ "code": true })).await;
    let device = typed(&world, "glasgow", text(&card, "code")).await.json();
    let path = format!("/api/v1/passes/{}", text(&card, "id"));
    Visit::default().showing(text(&device, "pass")).steward(&world).await;
    let new = post(&world, &path, Some(&world.pass()), &json!({ "do": "rotate" })).await.json();
    assert_eq!(Visit::default().showing(text(&card, "pass")).try_open(&world).await.unwrap_err(), 403);
    let guess = "GUES-SEDX";
    assert_eq!(typed(&world, "glasgow", guess).await.status, 403);
    let mangled = format!("{}Q", text(&new, "pass"));
    assert_eq!(Visit::default().showing(&mangled).try_open(&world).await.unwrap_err(), 403);
    listed(&world, text(&new, "id")).await;
    let metrics = world.get("/metrics").await.unwrap().body;
    world.signal("TERM");
    assert!(world.ended().await.success());

    let mut everything = vec![("stdout".to_owned(), world.stdout()), ("log".to_owned(), world.stderr())];
    everything.push(("metrics".to_owned(), metrics));
    let files = on_disk(&world.data).into_iter();
    everything.extend(files.map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned())));
    assert!(everything.iter().any(|(_, text)| text.contains(new["id"].as_str().unwrap())), "the search finds ids");
    let secrets = [&card["pass"], &card["code"], &device["pass"], &new["pass"], &new["code"], &json!(guess)];
    for secret in secrets.map(|secret| secret.as_str().unwrap()) {
        let letters = secret.rsplit("steward-").next().unwrap();
        for given_away in [letters.to_lowercase(), letters.replace('-', "").to_lowercase()] {
            for (place, text) in &everything {
                let line = text.lines().find(|line| line.to_lowercase().contains(&given_away));
                assert_eq!(line, None, "{given_away} in {place}");
            }
        }
    }
}

#[tokio::test]
async fn the_organiser_hands_out_links_at_the_command_line() {
    let world = World::with_gatherings().await;
    let day = "2027-02-20 13:00";
    world.does(&["moment", "set", day, "--confirm", day]);
    let made = world.does(&["pass", "create", "glasgow", "--post", "North gate", "--label", "first phone", "--code"]);
    let id = made.split_whitespace().next().unwrap();
    assert!(made.contains("from 2027-02-19 13:00 until 2027-02-20 19:00 in Europe/London"), "{made}");
    let link = format!("http://{}/steward#oo1-steward-", world.address);
    assert!(made.contains(&link) && made.contains("\n  code "), "{made}");
    world.does(&["moment", "move", "2027-02-27 13:00", "--confirm", "2027-02-27 13:00"]);
    assert!(world.does(&["pass", "list"]).contains("not good at the moment"), "the moment went, the link stayed");
    let moved = world.does(&["pass", "window", id]);
    assert!(moved.contains("until 2027-02-27 19:00 in Europe/London"), "{moved}");
    let rotated = world.does(&["pass", "rotate", id]);
    assert!(rotated.starts_with(&format!("{id} is revoked")) && rotated.contains(&link), "{rotated}");
    let new = rotated.lines().nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(world.does(&["pass", "revoke", new]).contains("within five seconds"));
    let list = world.does(&["pass", "list"]);
    assert_eq!(
        list.lines().filter(|line| line.contains("  revoked   glasgow, North gate (first phone)")).count(),
        2,
        "{list}"
    );
    assert!(world.refuses(&["pass", "rotate", new]).contains("revoked for good"));
    assert!(world.refuses(&["pass", "create", "atlantis", "--post", "x"]).contains("import it first"));
}
