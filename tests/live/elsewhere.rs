//! People elsewhere: in their hour, once each, and no more of one network than could be.

use oneoclock::wire::message::{FromServer, Kept};
use serde_json::{Value, json};

use super::{page::Page, patience::eventually, steward, visit::Visit, world::World};

fn claim(number: u32, party: u32) -> Value {
    json!({ "type": "elsewhere", "party": party, "claim": format!("{number:08x}000000000000000000000000") })
}

/// What was kept of what a page said, in order.
fn kept(page: &Page) -> Vec<u32> {
    let parties = page.messages().filter_map(|message| match message {
        FromServer::Kept(Kept::Elsewhere { party, .. }) => Some(*party),
        _ => None,
    });
    parties.collect()
}

/// Says it until the connection is old enough, and for as long as anything but that is wrong with it.
async fn says(page: &mut Page, claim: &Value) -> Option<String> {
    let party = u32::try_from(claim["party"].as_u64().unwrap()).unwrap();
    let mut tries = tokio::time::interval(std::time::Duration::from_millis(500));
    for _ in 0..40 {
        tries.tick().await;
        let (before, kept_before) = (page.refusals().len(), kept(page).len());
        page.say(claim).await;
        page.until("an answer", |page| kept(page).len() > kept_before || page.refusals().len() > before).await;
        match page.refusals().get(before) {
            None => {
                assert_eq!(kept(page).last(), Some(&party));
                return None;
            }
            Some(&"too_soon") => {}
            Some(reason) => return Some((*reason).to_owned()),
        }
    }
    panic!("too soon for ever")
}

#[tokio::test]
async fn people_elsewhere_are_counted_once_each_in_their_hour_and_from_one_network_to_a_limit() {
    let world = World::with_gatherings().await;
    let mut early = world.phone().await;
    assert_eq!(says(&mut early, &claim(1, 3)).await.as_deref(), Some("not_now"), "the moment is hours away");
    steward::set_moment(&world, 20);
    let mut display = world.display().await;
    let (mut one, mut two) = (world.phone().await, world.phone().await);
    one.say(&claim(1, 9)).await;
    one.until("a refusal", |page| page.refusals() == ["too_soon"]).await;
    assert_eq!(says(&mut one, &claim(1, 9)).await, None);
    assert_eq!(says(&mut one, &claim(1, 9)).await, None, "again");
    assert_eq!(says(&mut two, &claim(2, 8)).await, None);
    display.until("both", |page| (page.board().elsewhere, page.board().taking_part) == (15, 15)).await;
    assert_eq!(says(&mut one, &claim(7, 9)).await.as_deref(), Some("one_claim"));
    assert_eq!(says(&mut two, &claim(2, 10)).await.as_deref(), Some("bad_party"));
    assert_eq!(says(&mut two, &claim(2, 0)).await, None);
    display.until("one is too few to tell", |page| page.board().elsewhere == 0).await;

    // The same claim by another connection is the same claim.
    let mut crowd: Vec<Page> = Vec::new();
    for _ in 0..35 {
        crowd.push(world.phone().await);
    }
    let mut other = Visit::default().from([127, 0, 0, 9].into()).phone(&world).await;
    let mut again = world.phone().await;
    assert_eq!(says(&mut again, &claim(1, 9)).await, None);
    // All at once, when the youngest is old enough.
    let mut youngest = crowd.pop().unwrap();
    assert_eq!(says(&mut youngest, &claim(99, 9)).await, None);
    let facts = world.metric("oneoclock_facts_kept_total").await;
    for (number, page) in (100..).zip(&mut crowd) {
        page.say(&claim(number, 9)).await;
    }
    let mut enough = 0;
    for page in &mut crowd {
        page.until("an answer", |page| !kept(page).is_empty() || !page.refusals().is_empty()).await;
        match page.refusals()[..] {
            [] => {}
            ["enough"] => enough += 1,
            ref other => panic!("{other:?}"),
        }
    }
    let facts = world.metric("oneoclock_facts_kept_total").await - facts;
    assert!(facts < 10, "of what 34 pages said at once {facts} facts were made");
    assert_eq!(enough, 3, "of one network 33 parties of nine count, which is 297");
    assert_eq!(says(&mut other, &claim(500, 9)).await, None, "another network has room");
    eventually("all that count", async || (steward::count(&world).await["elsewhere"] == 33 * 9 + 9).then_some(()))
        .await;
    steward::done(&world, "POST", "/api/v1/switches", &json!({ "name": "elsewhere", "on": false })).await;
    assert_eq!(says(&mut other, &claim(500, 1)).await.as_deref(), Some("not_now"), "the organisers closed it");
    let world = world.again(&["--pace=100ms"]).await;
    assert_eq!(world.display().await.board().elsewhere, 305, "306, to the nearest five");
    let log = world.does(&["export", "log"]);
    assert!(log.contains("elsewhere") && !log.contains("000001f4"), "no claim is ever written down");
}
