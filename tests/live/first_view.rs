//! The first answer: all of a page in one, small, and allowed to do what it holds and nothing else.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::{
    answer::Answer,
    page::Page,
    visit::Visit,
    world::{EXAMPLE_LIST, World},
};

/// Languages of the pages.
const LANGUAGES: [&str; 14] = ["en", "cy", "ar", "bg", "de", "es", "fr", "it", "lt", "pa", "pl", "pt", "ro", "ur"];

/// Everything up to the first right countdown, in bytes with headers: one flight of packets over a new connection.
const FIRST_VIEW_BYTES: usize = 13_000;

/// A page that stands on another site's, compressed, without headers: half of that, as it comes beside all of theirs.
const EMBED_BYTES: usize = 6_500;

/// Places of a small house, for phones.
const PLACES: usize = 16;

async fn get(world: &World, path: &str, encoding: &str) -> Answer {
    let host = world.address;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n");
    world.ask(&request).await.unwrap()
}

/// The value of a header, once.
fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let values: Vec<_> = answer.head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect();
    assert_eq!(values.len(), 1, "{name} in {}", answer.head);
    values[0]
}

/// The slug of the gathering with the most to say.
fn longest() -> String {
    let list = std::fs::read_to_string(EXAMPLE_LIST).unwrap();
    let row = list.lines().skip(1).max_by_key(|line| line.len()).unwrap();
    row.split(',').next().unwrap().to_owned()
}

/// The text of every element of that name which a browser would run or apply.
fn inline<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let elements = html.split(&open).skip(1).map(|rest| rest.split_once('>').unwrap());
    let inside = elements.filter(|(attributes, _)| !attributes.contains("src=") && !attributes.contains("json"));
    inside.map(|(_, rest)| rest.split_once(&close).unwrap().0).collect()
}

#[tokio::test]
async fn a_page_is_whole_in_one_small_answer_in_every_language() {
    let world = World::with_gatherings().await;
    for language in LANGUAGES {
        for place in ["/".to_owned(), format!("/g/{}", longest()), "/display".to_owned()] {
            let answer = get(&world, &format!("{place}?lang={language}"), "br").await;
            let body: usize = header(&answer, "content-length").parse().unwrap();
            let all = answer.head.len() + "\r\n\r\n".len() + body;
            assert_eq!(header(&answer, "content-encoding"), "br");
            assert!(all <= FIRST_VIEW_BYTES, "{place} in {language}: {all} bytes");
        }
        let answer = get(&world, &format!("/embed/{}?lang={language}", longest()), "br").await;
        let body: usize = header(&answer, "content-length").parse().unwrap();
        assert!(body <= EMBED_BYTES, "embedded in {language}: {body} bytes");
    }
}

#[tokio::test]
async fn only_a_phones_page_may_have_a_worker_which_may_talk_to_here_and_is_asked_for_anew_each_time() {
    let world = World::with_gatherings().await;
    let worker = get(&world, "/keeper.js", "identity").await;
    assert_eq!(header(&worker, "cache-control"), "no-cache");
    assert_eq!(header(&worker, "content-type"), "text/javascript");
    assert_eq!(header(&worker, "content-security-policy"), "default-src 'none'; connect-src 'self'");
    for (place, from) in
        [("/", "'self'"), ("/g/leeds", "'self'"), ("/display", "'none'"), ("/embed", "'none'"), ("/organise", "'none'")]
    {
        let answer = get(&world, place, "identity").await;
        let policy = header(&answer, "content-security-policy");
        assert!(policy.contains(&format!("; worker-src {from};")), "{place}: {policy}");
    }
}

#[tokio::test]
async fn a_policy_allows_what_stands_in_the_page_and_nothing_else_does_anything() {
    let world = World::with_gatherings().await;
    for place in ["/", "/g/leeds", "/display", "/display/leeds", "/organise", "/embed", "/embed/leeds", "/nowhere"] {
        for language in LANGUAGES {
            let answer = get(&world, &format!("{place}?lang={language}"), "identity").await;
            // An answer's head is folded to lower case, and so is what it is compared with.
            let policy = header(&answer, "content-security-policy");
            assert!(!policy.contains("unsafe"), "{policy}");
            for name in ["script", "style"] {
                let directive = policy.split("; ").find(|part| part.starts_with(&format!("{name}-src "))).unwrap();
                let blocks = inline(&answer.body, name);
                assert_eq!(directive.matches("sha256-").count(), blocks.len(), "{place} {directive}");
                for block in blocks {
                    let hash = format!("'sha256-{}'", BASE64.encode(&Sha256::digest(block))).to_lowercase();
                    assert!(directive.contains(&hash), "{place} in {language}: no {hash} in {directive}");
                }
            }
            assert!(!answer.body.contains(" style=\""), "{place}: a style that no hash allows");
        }
    }
}

#[tokio::test]
async fn a_page_is_shielded_and_only_the_embedded_one_may_be_framed() {
    let world = World::with_gatherings().await;
    for place in [
        "/",
        "/g/leeds",
        "/display",
        "/organise",
        "/embed/leeds",
        "/nowhere",
        "/api/v1/gatherings",
        "/qr.svg",
        "/moment.ics",
        "/g/leeds.ics",
    ] {
        let answer = get(&world, place, "br").await;
        let framed = place.starts_with("/embed");
        let ancestors = if framed { "frame-ancestors *" } else { "frame-ancestors 'none'" };
        assert!(header(&answer, "content-security-policy").ends_with(ancestors), "{place}: {}", answer.head);
        assert_eq!(answer.head.contains("cross-origin-resource-policy: cross-origin"), framed, "{place}");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
        ] {
            assert_eq!(header(&answer, name), value, "{place}");
        }
        assert!(header(&answer, "permissions-policy").contains("geolocation=()"), "{place}");
    }
}

#[tokio::test]
async fn a_script_is_kept_for_good_and_comes_with_few_headers() {
    let world = World::new().await;
    let page = get(&world, "/", "identity").await.body;
    let scripts: Vec<_> =
        page.split("modulepreload\" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(scripts.iter().any(|script| script.ends_with("/page.js")), "{scripts:?}");
    for script in &scripts {
        let answer = get(&world, script, "br").await;
        assert_eq!(answer.status, 200, "{script}");
        assert!(header(&answer, "cache-control").contains("immutable"));
        assert_eq!(header(&answer, "content-type"), "text/javascript");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert!(answer.head.len() < 300, "{}", answer.head);
    }
    assert_eq!(get(&world, &format!("{}x", scripts[0]), "br").await.status, 404);
}

#[tokio::test]
async fn when_places_are_short_embedded_pages_are_told_to_ask_later_and_nobody_else() {
    let world = World::with(&[&format!("--max-connections={PLACES}")]).await;
    let ask = async |more: &str| get(&world, &format!("/api/v1/board?lang=en{more}"), "identity").await;
    assert_eq!(ask("&role=embed").await.status, 200);
    let mut phones: Vec<Page> = Vec::new();
    while let Ok(phone) = Visit::default().try_open(&world).await {
        phones.push(phone);
    }
    // The spare places are a third of so small a house: they are taken by who has not said yet what they want.
    let mut knocking = Vec::new();
    for _ in 0..28 {
        knocking.push(tokio::net::TcpStream::connect(world.address).await.unwrap());
    }
    let refused = super::patience::eventually("an embedded page is refused", async || {
        let answer = ask("&role=embed").await;
        (answer.status == 503).then_some(answer)
    });
    let refused = refused.await;
    assert_eq!(refused.reason(), "full");
    assert_eq!(header(&refused, "retry-after"), "5");
    assert_eq!(ask("").await.status, 200, "a phone on its last road");
    drop((phones, knocking));
}
