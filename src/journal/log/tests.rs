use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use futures_util::future::join_all;
use proptest::prelude::*;
use rusqlite_migration::Migrations;

use super::super::{
    BEFORE_THE_LOG, Entry, Inspection, Journal, KeepError, Line, Link, OpenError, folder, forms::FORMS, row::Row,
};
use super::*;
use crate::domain::{
    board::Board,
    elsewhere::Elsewhere,
    estimate::{Estimate, Method},
    fact::Fact,
    grant::Grant,
    pass::{Pass, Role, SECRET_BYTES},
    switch::{Name, Switch},
    tally::{Tally, Totals},
    time::{Minute, UnixMillis},
    version::Version,
};

/// Where the child of the test that kills finds its journal.
const CHILD: &str = "ONEOCLOCK_TEST_JOURNAL";

fn open(dir: &Path) -> (Journal, Board) {
    let mut board = Board::default();
    let learn = |fact| {
        let _ = board.merge(fact);
    };
    let (journal, _) = Journal::open(dir, |_| (), learn).unwrap();
    (journal, board)
}

fn entry(by: &str, facts: Vec<Fact>) -> Entry {
    Entry { at: UnixMillis(1_803_128_400_000), by: by.to_owned(), facts }
}

fn tally(device: u128, minute: i64, totals: [u32; 4], rush: bool) -> Fact {
    let [entered, entered_undone, left, left_undone] = totals;
    Fact::Tally(Tally {
        gathering: "bath".parse().unwrap(),
        post: "North \"gate\"".parse().unwrap(),
        device: device.into(),
        minute: Minute::of(UnixMillis(minute * 60_000)),
        totals: Totals { entered, entered_undone, left, left_undone, rush },
    })
}

fn grant(rev: u64) -> Grant {
    let pass = Pass::from_random(Role::Steward, [7; SECRET_BYTES]);
    Grant {
        id: "abcdef".to_owned(),
        version: Version { rev, node: "a".parse().unwrap() },
        hash: pass.hash(),
        role: Role::Steward,
        gathering: Some("bath".parse().unwrap()),
        post: None,
        label: "the one with \",\"hash\":\"".to_owned(),
        from: UnixMillis(0),
        until: UnixMillis(1),
        revoked: rev.is_multiple_of(2),
        code: Some(pass.hash()),
        by_code_of: None,
    }
}

/// Few things, so that facts really compete.
fn any_fact() -> impl Strategy<Value = Fact> {
    let node = |n: usize| ["a", "b"][n].parse().unwrap();
    prop_oneof![
        4 => (0u128..2, 0i64..3, prop::array::uniform4(0u32..9), any::<bool>())
            .prop_map(|(device, minute, totals, rush)| tally(device, minute, totals, rush)),
        1 => (0u32..3, 0u32..99).prop_map(|(seq, value)| Fact::Estimate(Estimate {
            at: UnixMillis(0), seq, gathering: "bath".parse().unwrap(), post: None, device: 1.into(),
            value, low: value, high: value, method: Method::Counted,
        })),
        1 => (0u64..4, 0usize..2, any::<bool>()).prop_map(move |(rev, writer, on)| Fact::Switch(Switch {
            name: Name::Final, version: Version { rev: rev * 2 + u64::from(on), node: node(writer) }, on, at: UnixMillis(0),
        })),
        1 => (0u64..9).prop_map(move |joined| Fact::Elsewhere(Elsewhere { joined, taken_back: joined / 2, ..Elsewhere::none(node(0), UnixMillis(0)) })),
    ]
}

/// The whole log of a journal, checked line by line.
fn lines(log: &Log) -> Vec<Line> {
    let (newest, mut after, mut chain, mut lines) = (log.newest().unwrap(), 0, Link::GENESIS, Vec::new());
    while after < newest {
        let page = log.page(after, newest).unwrap();
        assert!(page.last > after && page.lines.ends_with('\n'));
        lines.extend(page.lines.lines().map(|line| Line::read(line, &mut chain).unwrap()));
        after = page.last;
        assert_eq!(chain.n, after);
    }
    lines
}

/// The board that a log alone makes.
fn told(log: &Log) -> Board {
    let mut board = Board::default();
    for fact in lines(log).into_iter().flat_map(|line| line.facts) {
        let _ = board.merge(fact);
    }
    board
}

/// What a kill at this instant would leave on the disk.
fn killed(dir: &Path) -> tempfile::TempDir {
    let after = tempfile::tempdir().unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        fs::copy(dir.join(name), after.path().join(name)).unwrap();
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn after_any_entries_and_kills_the_chain_holds_and_the_log_tells_what_the_tables_hold(
        lives in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(any_fact(), 0..5), 0..6), 1..4)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut dir, mut known, mut entries) = (tempfile::tempdir().unwrap(), Board::default(), 0);
        for life in lives {
            let (journal, found) = open(dir.path());
            prop_assert_eq!(&found, &known);
            entries += life.len();
            let keeps = life.iter().map(|facts| journal.keep(entry("somebody", facts.clone())));
            prop_assert!(runtime.block_on(join_all(keeps)).iter().all(Result::is_ok));
            for fact in life.into_iter().flatten() {
                let _ = known.merge(fact);
            }
            prop_assert_eq!(&told(&journal.log()), &known);
            prop_assert_eq!(lines(&journal.log()).len(), entries);
            let after = killed(dir.path());
            drop(journal);
            dir = after;
        }
        let (journal, found) = open(dir.path());
        prop_assert_eq!(&found, &known);
        prop_assert_eq!(&told(&journal.log()), &known);
    }
}

#[tokio::test]
async fn a_line_says_when_and_by_whom_and_its_hash_is_that_of_the_recipe() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    journal.keep(entry("steward bath / North \"gate\" / é", vec![tally(1, 5, [3, 1, 0, 0], true)])).await.unwrap();
    let text = journal.log().page(0, 1).unwrap().lines;
    let line = r#"{"n":1,"at":1803128400000,"by":"steward bath / North \"gate\" / é","facts":[{"fact":"tally","gathering":"bath","post":"North \"gate\"","device":"00000000000000000000000000000001","minute":300000,"in":3,"in_undone":1,"out":0,"out_undone":0,"rush":true}]}"#;
    let hash = Link::GENESIS.next(line).hash().to_string();
    assert_eq!(text, format!("{},\"hash\":\"{hash}\"}}\n", &line[..line.len() - 1]));
    // printf '%064d\n{"n":1}' 0 | sha256sum
    let recipe = "bad665c38a61c1ef00dd9dc15e77b0099ac6e73233027efbc233ebbc6fd6f4ef";
    assert_eq!(Link::GENESIS.next(r#"{"n":1}"#).hash().to_string(), recipe);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["hash"], hash.as_str(), "an exported line is JSON as well");
}

#[tokio::test]
async fn the_log_tells_of_a_grant_and_not_what_its_pass_or_code_could_be_found_from() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    journal.keep(entry("organiser", vec![Fact::Grant(grant(1))])).await.unwrap();
    let secret: String = grant(1).hash.into();
    assert!(!journal.log().page(0, 1).unwrap().lines.contains(&secret));
    let facts = lines(&journal.log()).remove(0).facts;
    assert!(matches!(&facts[..], [Fact::Grant(told)] if told.id == "abcdef" && told.code.is_none()));
    drop(journal);
    let (_journal, board) = open(dir.path());
    assert_eq!(board.grants().iter().next().map(AsRef::as_ref), Some(&grant(1)), "the table has it whole");
}

#[test]
fn any_change_to_an_exported_line_is_found() {
    let line = r#"{"n":1,"at":0,"by":"x","facts":[]}"#;
    let exported = exported(line, &Link::GENESIS.next(line).hash());
    let exported = exported.trim_end();
    assert!(Line::read(exported, &mut Link::GENESIS.clone()).is_ok());
    for at in 0..exported.len() {
        let mut bytes = exported.as_bytes().to_vec();
        bytes[at] ^= 1;
        let mut chain = Link::GENESIS;
        let changed = String::from_utf8(bytes).unwrap();
        assert!(Line::read(&changed, &mut chain).is_err(), "{changed}");
        assert_eq!(chain, Link::GENESIS);
    }
    let mut elsewhere = Link::GENESIS.next("{}");
    assert_eq!(Line::read(exported, &mut elsewhere), Err(super::super::LineError::Order(1)));
}

#[tokio::test]
async fn a_journal_from_before_there_was_a_log_opens_and_its_log_begins_with_all_that_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let file = folder::journal_file(dir.path());
    let old = Fact::Switch(Switch {
        name: Name::Final,
        version: Version { rev: 3, node: "a".parse().unwrap() },
        on: true,
        at: UnixMillis(5),
    });
    let mut connection = Connection::open(&file).unwrap();
    Migrations::from_slice(FORMS).to_version(&mut connection, 1).unwrap();
    Row::of(&old).unwrap().write(&connection).unwrap();
    connection.execute("INSERT INTO node VALUES (1, 'abcdef')", []).unwrap();
    drop(connection);
    assert_eq!(Journal::inspect(dir.path()).unwrap(), Inspection::Sound { facts: 1, lines: 0 });

    let mut facts = Vec::new();
    let (journal, node) = Journal::open(dir.path(), |_| (), |fact| facts.push(fact)).unwrap();
    assert_eq!((facts, node.as_str()), (vec![old.clone()], "abcdef"));
    journal.keep(entry("organiser", vec![tally(1, 1, [1, 0, 0, 0], false)])).await.unwrap();
    let told = lines(&journal.log());
    assert_eq!(told[0], Line { n: 1, at: UnixMillis(0), by: BEFORE_THE_LOG.to_owned(), facts: vec![old] });
    drop(journal);
    drop(open(dir.path()));
    assert_eq!(Journal::inspect(dir.path()).unwrap(), Inspection::Sound { facts: 2, lines: 2 }, "it begins once");
}

#[tokio::test]
async fn the_log_cannot_be_changed_unnoticed_and_a_server_starts_with_it_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    for n in 1..=3 {
        journal.keep(entry("organiser", vec![tally(1, 1, [n, 0, 0, 0], false)])).await.unwrap();
    }
    drop(journal);
    let outsider = Connection::open(folder::journal_file(dir.path())).unwrap();
    let change = "UPDATE log SET line = replace(line, '\"in\":2', '\"in\":9') WHERE n = 2";
    for forbidden in [change, "DELETE FROM log"] {
        assert!(outsider.execute(forbidden, []).unwrap_err().to_string().contains("only added to"));
    }
    outsider.execute("DROP TRIGGER log_is_not_changed", []).unwrap();
    assert_eq!(outsider.execute(change, []).unwrap(), 1);
    drop(outsider);
    assert!(matches!(Journal::inspect(dir.path()), Err(OpenError::BrokenLog { n: 2, .. })));
    let (journal, _) = open(dir.path());
    journal.keep(entry("organiser", Vec::new())).await.unwrap();
    assert_eq!(journal.log().newest().unwrap(), 4);
}

#[tokio::test]
async fn a_tally_that_is_none_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    journal.keep(entry("organiser", vec![tally(1, 1, [1, 0, 0, 0], false)])).await.unwrap();
    drop(journal);
    let outsider = Connection::open(folder::journal_file(dir.path())).unwrap();
    assert!(outsider.execute("UPDATE tally SET entered = -1", []).is_err(), "the table itself keeps numbers sane");
    outsider.execute("UPDATE tally SET minute = 7", []).unwrap();
    drop(outsider);
    let refused = Journal::open(dir.path(), |_| (), drop).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("tally \"bath/North"), "{refused}");
}

#[tokio::test]
async fn a_page_of_the_log_is_bounded_by_lines_and_by_bytes_and_writing_goes_on_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    let log = journal.log();
    let small = (0..PAGE_LINES + 1).map(|_| journal.keep(entry("organiser", Vec::new())));
    assert!(join_all(small).await.iter().all(Result::is_ok));
    let newest = log.newest().unwrap();
    assert_eq!(newest, PAGE_LINES as u64 + 1);
    let page = log.page(0, newest).unwrap();
    assert_eq!(page.last, PAGE_LINES as u64);

    let large = "x".repeat(PAGE_BYTES / 2);
    for _ in 0..4 {
        journal.keep(entry(&large, Vec::new())).await.unwrap();
    }
    assert_eq!(log.page(page.last, newest).unwrap().last, newest, "what came later is not in it");
    let page = log.page(newest, u64::MAX).unwrap();
    assert_eq!(page.last, newest + 2);
    assert!(page.lines.len() < 2 * PAGE_BYTES);
    assert_eq!(log.page(newest + 4, u64::MAX).unwrap().last, newest + 4, "nothing behind the end");
}

#[test]
fn a_killed_process_leaves_every_acknowledged_tap_and_a_chain_that_holds() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: BTreeMap<(u128, i64), u32> = BTreeMap::new();
    for round in 0..10_usize {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "journal::log::tests::child_that_counts_until_it_is_killed", "--ignored", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        for (n, line) in said.map_while(Result::ok).filter(|line| line.starts_with("kept ")).enumerate() {
            let mut words = line.split(' ').skip(1);
            let mut word = || words.next().unwrap();
            let minute = (word().parse().unwrap(), word().parse().unwrap());
            let known = acknowledged.entry(minute).or_default();
            *known = (*known).max(word().parse().unwrap());
            // At another point each time; what was said meanwhile is read to the end.
            if n == 30 + 17 * round {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();

        assert!(matches!(Journal::inspect(dir.path()), Ok(Inspection::Sound { .. })), "the chain holds");
        let mut there = BTreeMap::new();
        let mut board = Board::default();
        let learn = |fact: Fact| {
            if let Fact::Tally(t) = &fact {
                there.insert((u128::from_str_radix(&t.device.to_string(), 16).unwrap(), t.minute.number()), t.totals);
            }
            let _ = board.merge(fact);
        };
        let (journal, _) = Journal::open(dir.path(), |_| (), learn).unwrap();
        for (minute, entered) in &acknowledged {
            assert!(there[minute].entered >= *entered, "{minute:?}: {entered} acknowledged");
        }
        assert_eq!(told(&journal.log()), board, "the log tells what the tables hold");
    }
    assert!(acknowledged.len() > 10);
}

#[tokio::test]
#[ignore = "the other half of the test that kills it"]
async fn child_that_counts_until_it_is_killed() {
    let Some(dir) = env::var_os(CHILD) else { return };
    let (journal, _) = open(Path::new(&dir));
    let journal = &journal;
    let steward = async |device: u128| {
        for tap in 1..u32::MAX {
            let minute = i64::from(tap / 20);
            match journal.keep(entry("steward", vec![tally(device, minute, [tap, 0, 0, 0], false)])).await {
                Ok(()) => println!("kept {device} {minute} {tap}"),
                Err(error) => assert_eq!(error, KeepError::Closed),
            }
        }
    };
    join_all((0..4).map(steward)).await;
}
