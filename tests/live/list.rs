//! Lists of gatherings: what would change, changing it, and doing so again.

use std::fmt::Write;

use super::{
    journal::on_disk,
    world::{EXAMPLE_LIST, EXAMPLES, World},
};

#[tokio::test]
async fn a_list_is_shown_then_applied_and_applying_it_again_changes_nothing() {
    let world = World::brisk().await;
    let mut phone = world.phone().await;
    let shown = world.does(&["import", EXAMPLE_LIST]);
    assert!(shown.contains(&format!("{EXAMPLES} new")) && shown.contains("run again with --apply"), "{shown}");
    assert_eq!(world.phone().await.board().gatherings, 0, "showing changes nothing");

    let applied = world.does(&["import", EXAMPLE_LIST, "--apply"]);
    assert!(applied.ends_with("\nthe changes are made and kept\n"), "{applied}");
    phone.until("all gatherings", |page| page.board().gatherings == EXAMPLES).await;
    let (before, listed) = (on_disk(&world.data), world.get("/api/v1/gatherings").await.unwrap().body);

    let again = world.does(&["import", EXAMPLE_LIST, "--apply"]);
    assert!(again.contains("0 new") && again.ends_with("\nthe list changes nothing\n"), "{again}");
    assert_eq!(on_disk(&world.data), before, "not a byte of the journal");
    assert_eq!(world.get("/api/v1/gatherings").await.unwrap().body, listed);
}

#[tokio::test]
async fn a_missing_row_is_flagged_and_never_deleted_and_a_broken_one_is_named_by_its_line() {
    let world = World::with_gatherings().await;
    let text = std::fs::read_to_string(EXAMPLE_LIST).unwrap();
    let mut rows: Vec<String> = text.lines().filter(|row| !row.starts_with("glasgow,")).map(str::to_owned).collect();
    rows.push("NOT A SLUG,,,,,,,,".to_owned());
    let line = rows.len();
    let list = world.data.with_file_name("shorter.csv");
    std::fs::write(&list, rows.join("\n")).unwrap();
    let said = world.does(&["import", list.to_str().unwrap(), "--apply"]);
    assert!(said.contains("1 missing        no longer in the list: flagged, never deleted"), "{said}");
    assert!(said.contains(&format!("line {line}")) && said.contains("1 rejected"), "{said}");
    assert_eq!(world.get("/g/glasgow").await.unwrap().status, 200);
    world.phone().await.until("all of them", |page| page.board().gatherings == EXAMPLES).await;
}

#[tokio::test]
async fn ten_thousand_gatherings_are_fine() {
    let world = World::brisk().await;
    let mut phone = world.phone().await;
    let mut list = "id,name,place,nation,venue,kind,lat,lon,expected\n".to_owned();
    for n in 0..10_000 {
        writeln!(list, "g-{n},Gathering {n},Town {n},England,High Street,rally,51.5,-0.12,{n}").unwrap();
    }
    let path = world.data.with_file_name("large.csv");
    std::fs::write(&path, list).unwrap();
    let path = path.to_str().unwrap();
    assert!(world.does(&["import", path, "--apply"]).contains("10000 new"));
    phone.until("ten thousand", |page| page.board().gatherings == 10_000).await;
    assert!(world.does(&["import", path, "--apply"]).contains("10000 unchanged"));

    let world = world.again(&[]).await;
    let there = super::visit::Visit::default().phone_at(&world, "g-9999").await;
    assert_eq!((there.board().gatherings, there.refusals().len()), (10_000, 0));
    assert_eq!(world.get("/g/g-5000").await.unwrap().status, 200);
}
