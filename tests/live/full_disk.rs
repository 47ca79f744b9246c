//! A full disk: what cannot be kept is refused, and everything else goes on.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
    sync::Arc,
};

use oneoclock::domain::moment::Status;
use serde_json::json;

use super::{
    patience::eventually,
    steward::{Steward, count_at, kept, minute, set_moment},
    world::{EXAMPLE_LIST, EXAMPLES, World},
};

/// A disk of one mebibyte, in memory, for as long as the test runs.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        let done = mount.args(["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"]).arg(at).output();
        done.is_ok_and(|output| output.status.success()).then_some(Self(at))
    }

    /// Writes until there is no room for one byte more.
    fn fill(&self) {
        let mut file = fs::File::create(self.0.join("filler")).unwrap();
        for block in [4_096, 1] {
            while file.write_all(&vec![0; block]).is_ok() {}
        }
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_the_countdown_goes_on_and_room_heals_it() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        // Past the test runner, which would keep to itself what a test says that passes.
        writeln!(io::stderr(), "SKIPPED: the test of the full disk needs the right to mount; run it as root").unwrap();
        return;
    };
    let world = World::on(Arc::clone(&folder), &folder.path().join("data"), &["--pace=100ms"]).await;
    set_moment(&world, 120);
    let mut phone = world.phone().await;
    phone.until("the moment", |page| page.moment().name == "Here").await;
    eventually("ready", async || world.get("/readyz").await.filter(|answer| answer.status == 200)).await;

    world.does(&["import", EXAMPLE_LIST, "--apply"]);
    let mut steward = Steward::at(&world, "glasgow", "North gate", 1).await;
    steward.counts(minute(0), 12).await;
    let tally = steward.tally(minute(0), 40);

    disk.fill();
    assert_eq!(steward.is_refused(&tally).await, "not_kept", "its page keeps the taps, and tries again");
    assert_eq!(steward.is_refused(&json!({ "type": "ready", "ready": true })).await, "not_kept");
    let said = world.refuses(&["moment", "hold"]);
    assert!(said.contains("disk") && said.contains("full") && said.contains("nothing was kept"), "{said}");
    let not_ready = world.get("/readyz").await.unwrap();
    assert_eq!((not_ready.status, &not_ready.json()["checks"]["journal_keeps"]), (503, &false.into()));
    assert_eq!(world.get("/livez").await.unwrap().status, 200);
    let newcomer = world.phone().await;
    assert_eq!((newcomer.moment().name.as_str(), newcomer.moment().status), ("Here", Status::Scheduled));
    phone.until("boards go on", |page| page.board().phones == 2).await;
    assert_eq!(count_at(&world, "glasgow").await["people"]["value"], 12, "what is not kept is not counted");

    disk.empty();
    eventually("ready again by itself", async || world.get("/readyz").await.filter(|answer| answer.status == 200))
        .await;
    steward.page.say(&tally).await;
    steward.page.until("kept now", |page| kept(page).values().any(|people| *people == 40)).await;
    world.does(&["moment", "hold"]);
    let world = world.again(&[]).await;
    assert_eq!(count_at(&world, "glasgow").await["people"]["value"], 40);
    assert_eq!(world.phone().await.board().gatherings, EXAMPLES);
    assert_eq!(world.phone().await.moment().status, Status::Held);
    drop(world);
}
