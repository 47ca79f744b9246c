//! The command line as a person meets it: settings, refusals, and what `check` says.

#![expect(clippy::unwrap_used, reason = "a test that cannot run its program has failed")]

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

/// Runs the program in a folder of its own, with these variables and no others of ours.
fn oneoclock(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_oneoclock"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_flag_wins_over_a_variable_a_variable_over_the_file_and_the_file_over_the_default() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("settings.toml"), "pace = \"2s\"\nbeat = \"12s\"\ngrace = \"32s\"\n").unwrap();
    let variables = [("ONEOCLOCK_CONFIG", "settings.toml"), ("ONEOCLOCK_BEAT", "13s"), ("ONEOCLOCK_GRACE", "33s")];
    let output = oneoclock(folder.path(), &["check", "--listen", "127.0.0.1:0", "--grace", "34s"], &variables);
    assert!(stdout(&output).contains("boards 2s to 13s apart, 34s to see pages off"), "{output:?}");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn check_changes_nothing_and_fails_on_a_problem_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = oneoclock(folder.path(), &["check", "--listen", &address], &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    let problem = said.lines().find(|line| line.starts_with("problem")).unwrap();
    assert!(problem.contains(&address) && problem.contains("--listen"), "{said}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn impossible_settings_are_one_plain_sentence_and_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("settings.toml"), "pase = \"2s\"\n").unwrap();
    for (arguments, sentence) in [
        (["serve", "--beat=1s", "--pace=2s"], "a beat of 1s is shorter than the pace of 2s"),
        (["serve", "--config", "settings.toml"], "\"pase\" in settings.toml is not a setting; did you mean \"pace\"?"),
        (["serve", "--config", "absent.toml"], "cannot read the settings in absent.toml"),
    ] {
        let output = oneoclock(folder.path(), &arguments, &[]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("oneoclock: ") && said.contains(sentence), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_wrong_variable_is_blamed_on_its_setting() {
    let folder = tempfile::tempdir().unwrap();
    let output = oneoclock(folder.path(), &["check"], &[("ONEOCLOCK_PACE", "soon")]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("--pace") && stderr(&output).contains("write it like 500ms"), "{output:?}");
}
