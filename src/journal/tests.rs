use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::{FutureExt, future::join_all};
use tempfile::TempDir;

use super::*;
use crate::domain::{
    access::AccessFacts,
    gathering::{Gathering, Visibility},
    programme::Programme,
    version::Version,
};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// What a journal held when it was opened.
struct Found {
    node: NodeId,
    facts: Vec<Fact>,
}

fn open(dir: &Path) -> (Journal, Found) {
    let mut facts = Vec::new();
    let (journal, node) = Journal::open(dir, |_| (), |fact| facts.push(fact)).unwrap();
    (journal, Found { node, facts })
}

fn refusal(dir: &Path) -> OpenError {
    Journal::open(dir, |_| (), drop).map(|_| ()).unwrap_err()
}

/// Facts as an organiser says them.
fn entry(facts: Vec<Fact>) -> Entry {
    Entry { at: UnixMillis(1_803_128_400_000), by: "organiser".to_owned(), facts }
}

fn gathering(slug: &str, rev: u64, node: &str, name: &str) -> Fact {
    Fact::Gathering(Gathering {
        slug: slug.parse().unwrap(),
        version: Version { rev, node: node.parse().unwrap() },
        name: name.to_owned(),
        place: "Glasgow".to_owned(),
        nation: String::new(),
        venue: String::new(),
        kind: String::new(),
        point: None,
        expected: None,
        visibility: Visibility::Listed,
        joins: true,
        programme: Programme::default(),
        access: AccessFacts::default(),
        missing: false,
    })
}

#[tokio::test]
async fn kept_facts_and_the_nodes_name_are_there_after_a_restart() {
    let dir = folder();
    let (journal, first) = open(dir.path());
    assert!(first.facts.is_empty());
    let facts = vec![gathering("glasgow", 1, "a", "Rally"), gathering("cardiff", 1, "a", "Concert")];
    journal.keep(entry(facts.clone())).await.unwrap();
    journal.close();
    let (_journal, second) = open(dir.path());
    assert_eq!(second.node, first.node);
    assert_eq!(second.facts.len(), 2);
    assert!(facts.iter().all(|fact| second.facts.contains(fact)));
}

#[tokio::test]
async fn what_was_acknowledged_is_there_when_the_server_never_got_to_close() {
    let (dir, after) = (folder(), folder());
    let (journal, _) = open(dir.path());
    journal.keep(entry(vec![gathering("glasgow", 1, "a", "Rally")])).await.unwrap();
    // What a kill at this instant would leave on the disk.
    for name in ["journal.db", "journal.db-wal"] {
        fs::copy(dir.path().join(name), after.path().join(name)).unwrap();
    }
    assert_eq!(Journal::inspect(after.path()).unwrap(), Inspection::Sound { facts: 1, lines: 1 });
    assert_eq!(open(after.path()).1.facts.len(), 1);
}

#[tokio::test]
async fn the_highest_version_stays_whatever_the_order_of_writing() {
    let dir = folder();
    let (journal, _) = open(dir.path());
    let newest = gathering("glasgow", 10, "b", "newest");
    for fact in [
        gathering("glasgow", 9, "z", "older"),
        newest.clone(),
        gathering("glasgow", 10, "a", "same revision, lower node"),
        gathering("glasgow", 2, "c", "much older"),
    ] {
        journal.keep(entry(vec![fact])).await.unwrap();
    }
    drop(journal);
    assert_eq!(open(dir.path()).1.facts, [newest]);
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_while_the_first_lives() {
    let dir = folder();
    let (journal, _) = open(dir.path());
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert!(error.to_string().contains(dir.path().to_str().unwrap()));
    assert!(matches!(Journal::inspect(dir.path()), Err(OpenError::InUse { .. })));
    journal.keep(entry(vec![gathering("glasgow", 1, "a", "the first one is not disturbed")])).await.unwrap();
    drop(journal);
    assert_eq!(open(dir.path()).1.facts.len(), 1);
}

#[tokio::test]
async fn a_journal_from_a_newer_version_is_refused_and_left_as_it_was() {
    let dir = folder();
    drop(open(dir.path()));
    let file = folder::journal_file(dir.path());
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let before = (fs::read(&file).unwrap(), listing(dir.path()));
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::Newer { found: 7, .. }), "{error}");
    assert!(matches!(Journal::inspect(dir.path()), Err(OpenError::Newer { .. })));
    assert_eq!((fs::read(&file).unwrap(), listing(dir.path())), before);
}

#[tokio::test]
async fn a_damaged_file_or_row_is_refused_by_name() {
    let dir = folder();
    let (journal, _) = open(dir.path());
    journal.keep(entry(vec![gathering("glasgow", 1, "a", "Rally")])).await.unwrap();
    drop(journal);
    let file = folder::journal_file(dir.path());
    rusqlite::Connection::open(&file).unwrap().execute("UPDATE fact SET body = '{}'", []).unwrap();
    assert!(refusal(dir.path()).to_string().contains("gathering \"glasgow\""));
    fs::write(&file, "these are not the bytes of a journal, and there are enough of them for a header".repeat(9))
        .unwrap();
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[test]
fn a_place_that_cannot_be_written_is_refused_by_name() {
    let dir = folder();
    let file = dir.path().join("a-file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refusal(&file), OpenError::NotAFolder { path } if path == file));
    let below = file.join("data");
    assert!(matches!(refusal(&below), OpenError::Make { path, .. } if path == below));

    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    // Root writes anywhere but on a file system that is mounted to be read only.
    if fs::write(locked.join("probe"), "").is_err() {
        assert!(matches!(refusal(&locked), OpenError::NotWritable { .. }));
    } else if let Some(_mounted) = Tmpfs::mount(&locked, "ro,size=64k") {
        assert!(matches!(refusal(&locked), OpenError::NotWritable { .. }));
    } else {
        eprintln!("SKIPPED: as root and without the right to mount, no folder is unwritable here");
    }
}

#[test]
fn the_folder_and_its_files_are_private() {
    let dir = folder();
    let data = dir.path().join("deep/data");
    let (journal, _) = open(&data);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    journal.close();
}

#[tokio::test]
async fn a_thousand_keeps_at_once_share_a_few_commits() {
    let dir = folder();
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    let count = move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    let (journal, _) = Journal::open(dir.path(), count, drop).unwrap();
    let keeps = (0..1_000).map(|n| journal.keep(entry(vec![gathering(&format!("g{n}"), 1, "a", "")])));
    assert!(join_all(keeps).await.iter().all(Result::is_ok));
    let commits = commits.load(Ordering::Relaxed);
    assert!((1..=100).contains(&commits), "{commits} commits");
    drop(journal);
    assert_eq!(open(dir.path()).1.facts.len(), 1_000);
}

#[tokio::test]
async fn what_was_asked_before_closing_is_kept_and_what_comes_after_is_refused() {
    let dir = folder();
    let (journal, _) = open(dir.path());
    let mut early = Box::pin(journal.keep(entry(vec![gathering("glasgow", 1, "a", "")])));
    assert!((&mut early).now_or_never().is_none(), "asked, and not yet answered");
    journal.close();
    assert_eq!(early.await, Ok(()));
    assert!(!journal.healthy());
    assert_eq!(journal.keep(entry(vec![gathering("cardiff", 1, "a", "")])).await, Err(KeepError::Closed));
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_heals_when_there_is_room() {
    let dir = folder();
    let small = dir.path().join("small");
    fs::create_dir(&small).unwrap();
    let Some(_mounted) = Tmpfs::mount(&small, "size=512k") else {
        eprintln!("SKIPPED: a full disk needs the right to mount a small one");
        return;
    };
    let ballast = small.join("ballast");
    let data = small.join("data");
    let (journal, _) = open(&data);
    journal.keep(entry(vec![gathering("kept", 1, "a", "")])).await.unwrap();

    // A write that stops short is how a disk says that it is full.
    let _ = fs::write(&ballast, vec![0; 1024 * 1024]);
    let large = || vec![gathering("large", 1, "a", &"x".repeat(64 * 1024))];
    assert_eq!(journal.keep(entry(large())).await, Err(KeepError::Full));
    assert!(!journal.healthy());

    fs::remove_file(&ballast).unwrap();
    journal.keep(entry(large())).await.unwrap();
    assert!(journal.healthy());
    drop(journal);
    // What was refused is in neither: not in the tables, and not in the log.
    assert_eq!(Journal::inspect(&data).unwrap(), Inspection::Sound { facts: 2, lines: 2 });
    assert_eq!(open(&data).1.facts.len(), 2);
}

#[tokio::test]
async fn looking_at_a_journal_changes_nothing() {
    let dir = folder();
    let data = dir.path().join("odd name?#%");
    assert_eq!(Journal::inspect(&data).unwrap(), Inspection::Absent);
    assert!(!data.exists());
    let (journal, _) = open(&data);
    journal.keep(entry(vec![gathering("glasgow", 1, "a", "")])).await.unwrap();
    drop(journal);
    let before = listing(&data);
    assert_eq!(Journal::inspect(&data).unwrap(), Inspection::Sound { facts: 1, lines: 1 });
    assert_eq!(listing(&data), before);
}

fn listing(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A small disk of its own, taken away when dropped.
struct Tmpfs(std::path::PathBuf);

impl Tmpfs {
    fn mount(at: &Path, options: &str) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
