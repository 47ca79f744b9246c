//! What survives: a restart, and kill -9 at any instant after *kept*.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::{
    answer::Answer,
    patience::eventually,
    world::{EXAMPLES, World},
};

/// Every file of a data folder but SQLite's shared index, which is rebuilt at will.
pub(crate) fn on_disk(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(data).unwrap().map(|file| file.unwrap());
    let files = files.map(|file| (file.file_name().into_string().unwrap(), file.path()));
    files.filter(|(name, _)| !name.ends_with("-shm")).map(|(name, path)| (name, fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn a_restart_keeps_the_moment_the_gatherings_the_pass_and_the_name_of_the_node() {
    let mut world = World::with_gatherings().await;
    let at = "2027-02-20 13:00";
    world.does(&["moment", "set", at, "--name", "One day", "--confirm", at]);
    let (pass, before) = (world.pass(), world.get("/api/v1/moment").await.unwrap().json());
    world.signal("TERM");
    assert!(world.ended().await.success());

    let world = world.again(&[]).await;
    assert_eq!(world.pass(), pass);
    let after = world.get("/api/v1/moment").await.unwrap().json();
    assert_eq!(after["kept"], before["kept"], "which names the node that wrote it");
    assert_eq!(world.phone().await.board().gatherings, EXAMPLES);
    world.does(&["moment", "hold"]);
    let held = world.get("/api/v1/moment").await.unwrap().json();
    assert_eq!((&held["kept"]["version"]["rev"], &held["moment"]["rev"]), (&Value::from(2), &Value::from(2)));
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9_right_after() {
    let mut world = World::with_gatherings().await;
    let at = "2027-02-20 13:00";
    for round in 1..=5 {
        world.does(&["moment", "set", at, "--name", &format!("Round {round}"), "--confirm", at]);
        // `again` kills with signal 9.
        world = world.again(&[]).await;
        let kept = world.get("/api/v1/moment").await.unwrap().json();
        assert_eq!(kept["kept"]["name"], Value::from(format!("Round {round}")));
        assert_eq!(world.phone().await.board().gatherings, EXAMPLES);
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9_in_the_midst_of_writing() {
    let mut world = World::new().await;
    for round in 1..=5_u64 {
        let (address, pass) = (world.address, world.pass());
        let acknowledged = std::sync::atomic::AtomicU64::new(0);
        let writing = async {
            loop {
                let body = r#"{"do":"set","civil":"2027-02-20 13:00","zone":"UTC","unconfirmed_clock":true,"confirm":"2027-02-20 13:00"}"#;
                let request = format!(
                    "POST /api/v1/moment HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {pass}\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let Some(answer) = Answer::to(address, request.as_bytes()).await else { return };
                assert_eq!(answer.status, 200, "{}", answer.body);
                let rev = answer.json()["kept"]["version"]["rev"].as_u64().unwrap();
                acknowledged.fetch_max(rev, std::sync::atomic::Ordering::Relaxed);
            }
        };
        let killing = eventually("some writes are acknowledged", async || {
            let rev = acknowledged.load(std::sync::atomic::Ordering::Relaxed);
            (rev >= round * 20).then(|| world.signal("KILL"))
        });
        // Both: the writer ends when nobody answers it any more.
        tokio::join!(writing, killing);
        world = world.again(&[]).await;
        let kept = world.get("/api/v1/moment").await.unwrap().json()["kept"]["version"]["rev"].as_u64().unwrap();
        let acknowledged = acknowledged.into_inner();
        assert!(kept >= acknowledged, "acknowledged {acknowledged}, kept {kept}");
        assert!(kept <= acknowledged + 1, "one was under way at most: acknowledged {acknowledged}, kept {kept}");
    }
}
