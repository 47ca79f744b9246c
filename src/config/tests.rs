use std::{fs, path::Path};

use super::*;

#[derive(Debug, clap::Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Serve(Serve),
}

/// A limit as on an ordinary server.
const LIMIT: u64 = 20_000;

fn read(arguments: &[&str]) -> Result<Serve, Stop> {
    let arguments = ["oneoclock", "serve"].iter().chain(arguments).map(Into::into);
    parse::<Cli>(arguments).map(|Cli { command: Command::Serve(serve) }| serve)
}

fn config(arguments: &[&str]) -> Config {
    read(arguments).unwrap().check(LIMIT).unwrap()
}

/// What is said about a settings file with this in it.
fn said_about(toml: &str) -> String {
    with_file(toml, |path| read(&["--config", path.to_str().unwrap()]).unwrap_err().to_string())
}

fn with_file<T>(toml: &str, then: impl FnOnce(&Path) -> T) -> T {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settings.toml");
    fs::write(&path, toml).unwrap();
    then(&path)
}

#[test]
fn it_needs_no_configuration() {
    let config = config(&[]);
    assert_eq!(config.listen.to_string(), "127.0.0.1:1300");
    assert_eq!(config.data, Path::new("./oneoclock-data"));
    assert_eq!((config.pace, config.beat), (Duration::from_secs(1), Duration::from_secs(20)));
    assert_eq!(u64::from(config.max_connections), LIMIT - RESERVED_DESCRIPTORS);
}

#[test]
fn the_file_sets_every_setting_and_a_flag_wins_over_it() {
    let toml = r#"
        listen = "0.0.0.0:80"
        data = "/srv/oneoclock"
        pace = "2s"
        beat = "15s"
        public-url = "https://example.org/"
        origin = ["https://a.example", "https://b.example"]
        forwarded-for = ["192.0.2.7", "2001:db8::7"]
        max-connections = 100
        return-rate = 50
        grace = "1m"
        log-format = "json"
        log = "warn"
    "#;
    with_file(toml, |path| {
        let config = config(&["--config", path.to_str().unwrap(), "--pace", "3s"]);
        assert_eq!(
            config,
            Config {
                listen: "0.0.0.0:80".parse().unwrap(),
                data: "/srv/oneoclock".into(),
                pace: Duration::from_secs(3),
                beat: Duration::from_secs(15),
                public_url: Some("https://example.org".to_owned()),
                origins: vec!["https://a.example".to_owned(), "https://b.example".to_owned()],
                proxies: vec!["192.0.2.7".parse().unwrap(), "2001:db8::7".parse().unwrap()],
                max_connections: 100,
                return_rate: 50,
                grace: Duration::from_secs(60),
                log_format: LogFormat::Json,
                log: "warn".to_owned(),
                time_sources: Vec::new(),
                engine: None,
                test_echo: false,
                test_clock: None,
            }
        );
    });
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    let said = said_about("public_url = \"https://example.org\"");
    assert!(said.contains("\"public_url\"") && said.contains("settings.toml"), "{said}");
    assert!(said.contains("did you mean \"public-url\"?"), "{said}");
    assert!(said_about("test-echo = true").contains("is not a setting"));
    assert!(said_about("config = \"other.toml\"").contains("is not a setting"));
}

#[test]
fn a_wrong_form_in_the_file_is_said_in_plain_words() {
    assert!(said_about("pace = [\"1s\"]").contains("is a list; write it as one text or number"));
    assert!(said_about("[pace]\nmin = 1").contains("\"pace\" in"));
    assert!(said_about("[pace]\nmin = 1").contains("is a table"));
    assert!(said_about("listen = true").contains("is true or false"));
    assert!(said_about("pace = ").contains("are not TOML"));
}

#[test]
fn a_wrong_value_is_said_with_the_same_words_from_flag_and_file() {
    let reason = "it must be between 100ms and 20s";
    let from_file = said_about("pace = \"1h\"");
    assert!(from_file.contains("\"pace\" in") && from_file.contains("settings.toml"), "{from_file}");
    assert!(from_file.contains(reason), "{from_file}");
    assert!(read(&["--pace", "1h"]).unwrap_err().to_string().contains(reason));
    assert!(said_about("public-url = \"example.org\"").contains("does not begin with https://"));
    assert!(said_about("log-format = \"xml\"").contains("possible values: text, json"));
    assert!(said_about("log = \"a=b=c\"").contains("is not a log filter"));
    assert!(said_about("listen = \"localhost\"").contains("invalid socket address"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let said = read(&["--config", "/nowhere/settings.toml"]).unwrap_err().to_string();
    assert!(said.contains("cannot read the settings in /nowhere/settings.toml"), "{said}");
}

#[test]
fn impossible_combinations_are_refused_with_a_way_out() {
    let check = |arguments: &[&str], limit| read(arguments).unwrap().check(limit).unwrap_err().to_string();
    let said = check(&["--pace", "5s", "--beat", "2s"], LIMIT);
    assert!(said.starts_with("a beat of 2s is shorter than the pace of 5s"), "{said}");
    let said = check(&["--max-connections", "1000"], 1_024);
    assert!(said.contains("lower --max-connections to 896"), "{said}");
    assert!(check(&[], RESERVED_DESCRIPTORS).contains("raise the limit"));
}

#[test]
fn a_limit_of_a_billion_is_no_reason_to_take_a_billion() {
    assert_eq!(read(&[]).unwrap().check(1 << 30).unwrap().max_connections, DEFAULT_MAX_CONNECTIONS);
}
