//! Starting, and not starting: a clear sentence, exit code 1, and nothing changed.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{FileExt, PermissionsExt},
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use super::{
    journal::on_disk,
    patience::{PATIENCE, eventually},
    world::{World, serve, signal},
};

/// Where SQLite keeps an application's own version of the form of a file, in bytes from its start.
const USER_VERSION_AT: u64 = 60;

/// What a server says that does not start; one that does is ended, which is another exit code.
fn refusal(command: &Command) -> String {
    let mut limited = Command::new("timeout");
    limited.env_clear().arg(PATIENCE.as_secs().to_string()).arg(command.get_program()).args(command.get_args());
    let Output { status, stderr, .. } = limited.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.starts_with("oneoclock: ") && said.lines().count() == 1, "one sentence: {said}");
    said
}

async fn stopped_with_gatherings() -> World {
    let mut world = World::with_gatherings().await;
    world.signal("TERM");
    assert!(world.ended().await.success());
    world
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_and_the_journal_stays_as_it_is() {
    let world = stopped_with_gatherings().await;
    let before = on_disk(&world.data);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refusal(
        Command::new(super::world::PROGRAM)
            .env_clear()
            .args(["serve", "--listen", &address])
            .args(["--data", world.data.to_str().unwrap()]),
    );
    assert!(said.contains(&address) && said.contains("the port is taken") && said.contains("--listen"), "{said}");
    assert_eq!(on_disk(&world.data), before);
}

#[tokio::test]
async fn a_second_server_on_one_journal_is_refused_and_the_first_goes_on() {
    let world = World::with_gatherings().await;
    let mut phone = world.phone().await;
    let before = on_disk(&world.data);
    let said = refusal(&serve(&world.data));
    assert!(said.contains("in use by another oneoclock server"), "{said}");
    assert_eq!(on_disk(&world.data), before);
    let at = "2027-02-20 13:00";
    world.does(&["moment", "set", at, "--confirm", at]);
    phone.until("the moment", |page| page.moment().rev == 1).await;
}

#[tokio::test]
async fn a_journal_from_a_newer_version_is_left_alone() {
    let world = stopped_with_gatherings().await;
    let file = fs::OpenOptions::new().write(true).open(world.data.join("journal.db")).unwrap();
    file.write_all_at(&99_u32.to_be_bytes(), USER_VERSION_AT).unwrap();
    let before = on_disk(&world.data);
    let said = refusal(&serve(&world.data));
    assert!(said.contains("written by a newer oneoclock (form 99") && said.contains("nothing was changed"), "{said}");
    assert_eq!(on_disk(&world.data), before);
}

#[tokio::test]
async fn a_journal_that_is_something_else_is_left_alone() {
    let world = stopped_with_gatherings().await;
    fs::write(world.data.join("journal.db"), "a shopping list, and quite a long one at that".repeat(100)).unwrap();
    let before = on_disk(&world.data);
    let said = refusal(&serve(&world.data));
    assert!(said.contains("is damaged") && said.contains("nothing was changed"), "{said}");
    assert_eq!(on_disk(&world.data), before);
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    // Whoever runs the tests as root may write everywhere but into the kernel's own folders.
    let mut places = vec![file.clone(), file.join("below"), Path::new("/proc/oneoclock").to_owned()];
    if fs::write(closed.join("trial"), "").is_err() {
        places.push(closed);
    }
    for place in places {
        let said = refusal(&serve(&place));
        assert!(said.contains(place.to_str().unwrap()) && said.contains("--data"), "{said}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"");
}

#[tokio::test]
async fn a_stop_in_the_midst_of_starting_damages_nothing() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    for stage in ["", "lock", "journal.db", "journal.db-wal", "organiser.pass"] {
        let _ = fs::remove_dir_all(&data);
        let mut child = serve(&data).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually(stage, async || data.join(stage).exists().then_some(()).or((stage.is_empty()).then_some(()))).await;
        signal(child.id(), "TERM");
        eventually("it ends", async || child.try_wait().unwrap()).await;
        let world = World::on(Arc::clone(&folder), &data, &[]).await;
        assert_eq!(world.phone().await.board().gatherings, 0, "stopped at {stage:?}");
    }
}

#[tokio::test]
async fn the_folder_and_all_in_it_is_for_nobody_else() {
    let world = World::with_gatherings().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&world.data), 0o700);
    for file in fs::read_dir(&world.data).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_server_says_where_everything_is_and_is_soon_ready() {
    let world = World::new().await;
    for what in [&format!("http://{}/", world.address), "/display", "/organise#", world.data.to_str().unwrap()] {
        eventually(what, async || world.stdout().contains(what).then_some(())).await;
    }
    let ready = eventually("ready", async || world.get("/readyz").await.filter(|answer| answer.status == 200)).await;
    let checks = ready.json()["checks"].clone();
    assert!(checks.as_object().unwrap().values().all(|good| good == true), "{checks}");
}
