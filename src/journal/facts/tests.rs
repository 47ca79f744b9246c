use std::{path::Path, time::Instant};

use serde_json::json;

use super::super::{Entry, Inspection, Journal, Line, Link, folder};
use super::*;
use crate::domain::{
    board::Board,
    foreign::Foreign,
    leaves::Leaves,
    tally::{Tally, Totals},
    tests::{gathering, tally, totals},
    time::{Minute, UnixMillis},
    version::Version,
};

fn open(dir: &Path) -> (Journal, Board) {
    let mut board = Board::default();
    let learn = |fact| {
        let _ = board.merge(fact);
    };
    let (journal, _) = Journal::open(dir, |_| (), learn).unwrap();
    (journal, board)
}

fn entry(facts: Vec<Fact>) -> Entry {
    Entry { at: UnixMillis(1_803_128_400_000), by: "organiser".to_owned(), facts }
}

fn all(journal: &Journal) -> Vec<Fact> {
    let mut facts = Vec::new();
    journal.facts().each(|fact| facts.push(fact)).unwrap();
    facts
}

fn foreign(body: &serde_json::Value) -> Fact {
    Fact::Foreign(Foreign { body: body.to_string() })
}

#[tokio::test]
async fn all_facts_are_read_while_the_journal_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    assert!(all(&journal).is_empty());
    let counted = |came| Fact::from(tally("North", 1, 0, totals(came, 0)));
    journal.keep(entry(vec![counted(3), Fact::Gathering(gathering("bath", None))])).await.unwrap();
    journal.keep(entry(vec![counted(5)])).await.unwrap();
    let facts = all(&journal);
    assert_eq!(facts.len(), 2);
    assert!(facts.contains(&counted(5)) && facts.contains(&Fact::Gathering(gathering("bath", None))));
}

#[tokio::test]
async fn what_is_not_understood_is_kept_and_told_to_nodes_alone() {
    let dir = tempfile::tempdir().unwrap();
    let rumour = foreign(&json!({ "fact": "rumour", "secret": "s3cret" }));
    let (journal, _) = open(dir.path());
    journal.keep(entry(vec![rumour.clone()])).await.unwrap();
    journal.close();
    let (journal, board) = open(dir.path());
    assert_eq!(all(&journal), std::slice::from_ref(&rumour));
    assert!(board.knows(&rumour));
    let log = journal.log().page(0, u64::MAX).unwrap().lines;
    assert!(log.contains("withheld") && !log.contains("s3cret"), "{log}");
    let line = Line::read(log.trim_end(), &mut { Link::GENESIS }).unwrap();
    assert!(matches!(&line.facts[..], [Fact::Foreign(_)]));
}

#[tokio::test]
async fn what_an_older_program_kept_is_understood_at_the_next_start_in_the_tables_and_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let whole = Fact::Gathering(crate::domain::gathering::Gathering {
        programme: "13:00 Link arms".parse().unwrap(),
        ..gathering("bath", None)
    });
    let counted = Fact::from(tally("North", 1, 0, totals(3, 0)));
    // As a program that knew neither of programmes nor of tallies would have kept them.
    let stripped = Fact::Gathering(gathering("bath", None));
    let facts = [&whole, &counted].map(|fact| foreign(&serde_json::to_value(fact).unwrap()));
    let (journal, _) = open(dir.path());
    journal.keep(entry([stripped.clone()].into_iter().chain(facts).collect())).await.unwrap();
    journal.close();

    let (journal, board) = open(dir.path());
    let there = all(&journal);
    assert!(there.len() == 2 && there.contains(&whole) && there.contains(&counted), "{there:?}");
    assert!(board.knows(&whole) && board.knows(&counted));
    let mut told = Board::default();
    let mut chain = Link::GENESIS;
    for line in journal.log().page(0, u64::MAX).unwrap().lines.lines() {
        for fact in Line::read(line, &mut chain).unwrap().facts.into_iter().filter(|fact| fact.kind() != "foreign") {
            let _ = told.merge(fact);
        }
    }
    assert!(told.knows(&whole) && told.knows(&counted), "the log alone tells it too");
    journal.close();
    let (_journal, again) = open(dir.path());
    assert_eq!(again, board);
    drop(_journal);
    assert_eq!(Journal::inspect(dir.path()).unwrap(), Inspection::Sound { facts: 2, lines: 2 });
}

#[tokio::test]
async fn a_row_of_a_kind_that_only_a_newer_program_knows_is_read_as_it_came() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let rumour = json!({ "fact": "rumour", "rev": 3 });
    let file = rusqlite::Connection::open(folder::journal_file(dir.path())).unwrap();
    file.execute("INSERT INTO fact VALUES ('rumour', 'x', 3, 'a', ?1)", [rumour.to_string()]).unwrap();
    drop(file);
    let (journal, _) = open(dir.path());
    assert_eq!(all(&journal), [foreign(&rumour)]);
}

#[tokio::test]
async fn of_two_facts_with_one_version_disk_and_board_keep_the_same() {
    let named = |name: &str| {
        let version = Version { rev: 1, node: "a".parse().unwrap() };
        Fact::Gathering(crate::domain::gathering::Gathering {
            name: name.to_owned(),
            version,
            ..gathering("bath", None)
        })
    };
    for order in [["Bath", "Bäth", "York"], ["York", "Bath", "Bäth"], ["Bäth", "York", "Bath"]] {
        let dir = tempfile::tempdir().unwrap();
        let (journal, mut board) = open(dir.path());
        for name in order {
            journal.keep(entry(vec![named(name)])).await.unwrap();
            let _ = board.merge(named(name));
        }
        assert_eq!(all(&journal), [named("Bäth")]);
        assert_eq!(board.gathering(&"bath".parse().unwrap()).unwrap().name, "Bäth");
    }
}

/// 138 gatherings with four posts, of which each is counted in each of 360 minutes.
#[tokio::test]
#[ignore = "a measurement, for a release build"]
async fn the_tallies_of_a_national_day_are_summed_in_well_under_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path());
    for minute in 0..360 {
        let minute = Minute::of(UnixMillis(1_803_128_400_000 + minute * 60_000));
        let at = |n: u32| {
            Fact::Tally(Tally {
                gathering: format!("gathering-{}", n / 4).parse().unwrap(),
                post: format!("Post {}", n % 4).parse().unwrap(),
                device: u128::from(n).into(),
                minute,
                totals: Totals { entered: n, ..Totals::default() },
            })
        };
        journal.keep(entry((0..552).map(at).collect())).await.unwrap();
    }
    for _ in 0..3 {
        let begun = Instant::now();
        let (mut count, mut leaves) = (0, Leaves::empty());
        journal
            .facts()
            .each(|fact| {
                leaves.add(&fact);
                count += 1;
            })
            .unwrap();
        println!("{count} facts summed in {:?}", begun.elapsed());
        assert_eq!(count, 198_720);
    }
}
