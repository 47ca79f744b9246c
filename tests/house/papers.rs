//! What `docs/` says is what the program does.

use std::{fs, path::Path, process::Command};

use oneoclock::{
    clock::{Health, Kernel, Opinion, Report, Standing, Ticked},
    domain::{agreement::Among, grant::Denial, pass::Role},
    meters::Meters,
    wire::close::{ComeBack, Ending},
};

use crate::{
    assert_kept,
    source::{ROOT, Source},
};

fn paper(name: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{name}")).unwrap()
}

/// The rows of the first table below a heading, a text per cell, without its head.
fn table(paper: &str, heading: &str) -> Vec<Vec<String>> {
    let below = paper.lines().skip_while(|line| *line != heading).skip(1);
    let rows = below.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What is written of an ending: its number, its word, and whether to come back.
fn written(row: &[String]) -> (String, String, String) {
    (row[0].clone(), row[1].trim_matches('`').to_owned(), row[3].clone())
}

fn meant(ending: Ending) -> (String, String, String) {
    let come_back = match ending.come_back() {
        ComeBack::No => "no",
        ComeBack::Yes => "yes",
        ComeBack::Late => "late",
    };
    let code = ending.code().map_or("none".to_owned(), |code| code.to_string());
    (code, ending.as_str().to_owned(), come_back.to_owned())
}

#[test]
fn the_table_of_endings_is_the_one_in_the_code() {
    let rows = table(&paper("docs/PROTOCOL.md"), "## How a connection ends");
    let rows: Vec<_> = rows.iter().map(|row| written(row)).collect();
    let endings: Vec<_> = Ending::ALL.into_iter().map(meant).collect();
    assert_eq!(rows, endings);
}

#[test]
fn every_example_message_is_in_the_protocol_as_it_is() {
    let protocol = paper("docs/PROTOCOL.md");
    let examples = Source::all(&["tests/wire"], &[".json"]);
    let missing = examples.iter().filter(|example| !protocol.contains(example.text.trim()));
    assert_kept(&missing.map(|example| example.breach(1, "is not in docs/PROTOCOL.md as it is")).collect::<Vec<_>>());
}

#[test]
fn every_flag_and_variable_of_the_server_is_in_the_operators_paper() {
    let operating = paper("docs/OPERATING.md");
    let help = Command::new(env!("CARGO_BIN_EXE_oneoclock")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words: Vec<_> = help.split(|c| !is_name(c)).filter(|w| w.starts_with("--") || w.starts_with("ONEO")).collect();
    assert!(words.len() > 10, "{help}");
    let missing: Vec<_> = words.into_iter().filter(|word| !operating.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "not in docs/OPERATING.md: {missing:?}");
}

#[test]
fn every_metric_is_in_the_operators_paper_and_no_other() {
    let operating = paper("docs/OPERATING.md");
    let meters = Meters::new();
    // A metric with labels shows once something was counted.
    let _display = meters.count_in(Role::Display);
    meters.ended(Ending::Gone);
    meters.refused("origin");
    meters.reported("kept");
    meters.pass_refused(Denial::Wrong);
    let kernel = Kernel { health: Health::Synchronised { bound_ms: 1.0 }, leap: false };
    let opinions = vec![("192.0.2.1".parse().unwrap(), Opinion::Heard { ahead_ms: 1.0, give_ms: 1.0 })];
    let (standing, bound_ms, system_ahead_ms, epoch) = (Standing::Synced, Some(1.0), 0.0, 1);
    let report = Report { standing, bound_ms, kernel, system_ahead_ms, opinions, epoch };
    meters.clock(&report, Ticked::default());
    meters.agreement(&Among { ahead: Some((1.0, 1.0)), ..Among::default() });
    meters.node_said(1);
    meters.node_heard(1);
    let text = meters.encode();
    let mut metrics: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .map(|(name, kind)| if kind == "counter" { format!("{name}_total") } else { name.to_owned() })
        .collect();
    let rows = table(&operating, "## Metrics");
    let mut written: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    metrics.sort();
    written.sort();
    assert_eq!(written, metrics);
}

#[test]
fn every_link_between_papers_leads_somewhere() {
    let mut papers = Source::all(&["docs"], &[".md"]);
    papers.push(Source::new("README.md", &paper("README.md")));
    let mut broken = Vec::new();
    for source in papers {
        let folder = Path::new(ROOT).join(&source.path).parent().unwrap().to_owned();
        let links = source.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            if !folder.join(link).exists() {
                broken.push(source.breach(1, &format!("the link to {link} leads nowhere")));
            }
        }
    }
    assert_kept(&broken);
}

#[test]
fn a_table_is_read_without_its_head_and_up_to_its_end() {
    let paper = "## Other\n| x |\n|---|\n| no |\n\n## This\nwords\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n| 3 | 4 |\n";
    assert_eq!(table(paper, "## This"), [["1", "`2`"]]);
}
