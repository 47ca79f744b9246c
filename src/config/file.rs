//! The `--config` file: its values become the defaults of the flags, so that there is one parser for all.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, Command, Parser, builder::Resettable};
use toml::Value;

/// The id of the flag that names the file.
const CONFIG: &str = "config";

/// Why the arguments did not become settings.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// An argument or variable is wrong, or only help was asked for; the parser has its own words for it.
    #[error(transparent)]
    Arguments(#[from] clap::Error),
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read the settings in {}: {source}; look at --config", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It is not TOML.
    #[error("the settings in {} are not TOML: {source}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// It has a key that is no setting.
    #[error("\"{key}\" in {} is not a setting; did you mean \"{nearest}\"? (oneoclock serve --help lists them all)", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The setting whose name is nearest.
        nearest: String,
    },
    /// A setting has a form no setting has.
    #[error("\"{key}\" in {} is {found}; write it as {wanted}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What it is, in words.
        found: &'static str,
        /// What it should be, in words.
        wanted: &'static str,
    },
    /// A setting has a value it cannot have.
    #[error("\"{key}\" in {} cannot be \"{value}\": {reason}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// The parser's words.
        reason: String,
    },
}

/// Reads the arguments, and the settings file if they or the environment name one.
///
/// # Errors
/// [`Stop`]; a request for help or the version is one too, and is printed by its [`clap::Error`].
pub fn parse<P: Parser>(arguments: impl IntoIterator<Item = OsString>) -> Result<P, Stop> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let mut command = P::command();
    if let Some((subcommand, path)) = file_named_by(&command, &arguments) {
        let table = read(&path)?;
        for (key, value) in table {
            command = with_default(command, &subcommand, &path, &key, value)?;
        }
    }
    Ok(P::from_arg_matches(&command.try_get_matches_from(arguments)?)?)
}

/// Which subcommand was called with which file. Mistakes in the arguments are left to the real reading.
fn file_named_by(command: &Command, arguments: &[OsString]) -> Option<(String, PathBuf)> {
    let matches = command.clone().ignore_errors(true).try_get_matches_from(arguments).ok()?;
    let (subcommand, matches) = matches.subcommand()?;
    let path = matches.try_get_one::<PathBuf>(CONFIG).ok()??;
    Some((subcommand.to_owned(), path.clone()))
}

fn read(path: &Path) -> Result<toml::Table, FileError> {
    let text = fs::read_to_string(path).map_err(|source| FileError::Unreadable { path: path.to_owned(), source })?;
    text.parse().map_err(|source| FileError::Syntax { path: path.to_owned(), source: Box::new(source) })
}

/// The command with one key of the file as the default of its flag.
fn with_default(
    command: Command,
    subcommand: &str,
    path: &Path,
    key: &str,
    value: Value,
) -> Result<Command, FileError> {
    let settings: Vec<&Arg> = command.find_subcommand(subcommand).into_iter().flat_map(settings).collect();
    let Some(setting) = settings.iter().find(|setting| setting.get_long() == Some(key)) else {
        let nearest = settings.iter().filter_map(|s| s.get_long()).min_by_key(|name| distance(name, key));
        let nearest = nearest.unwrap_or_default().to_owned();
        return Err(FileError::UnknownKey { path: path.to_owned(), key: key.to_owned(), nearest });
    };
    let many = matches!(setting.get_action(), ArgAction::Append);
    let values = texts(value, many).map_err(|(found, wanted)| FileError::Form {
        path: path.to_owned(),
        key: key.to_owned(),
        found,
        wanted,
    })?;
    for value in &values {
        try_alone(setting, value).map_err(|reason| FileError::Value {
            path: path.to_owned(),
            key: key.to_owned(),
            value: value.clone(),
            reason,
        })?;
    }
    let id = setting.get_id().to_string();
    Ok(command.mut_subcommand(subcommand, |c| c.mut_arg(id, |setting| setting.default_values(values))))
}

/// The flags that a file may set: all that help shows, except the one that names the file.
fn settings(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|a| !a.is_hide_set() && a.get_id() != CONFIG && a.get_action().takes_values())
}

/// The value as the texts somebody would have typed after the flag; or what it is and should be.
fn texts(value: Value, many: bool) -> Result<Vec<String>, (&'static str, &'static str)> {
    const ONE: &str = "one text or number, such as \"20s\" or 500";
    const LIST: &str = "a list of texts, such as [\"https://example.org\"]";
    let wanted = if many { LIST } else { ONE };
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Integer(number) => Ok(vec![number.to_string()]),
        Value::Array(values) if many => {
            values.into_iter().map(|value| texts(value, false)).collect::<Result<Vec<_>, _>>().map(|v| v.concat())
        }
        Value::Array(_) => Err(("a list", wanted)),
        Value::Table(_) => Err(("a table", wanted)),
        Value::Boolean(_) => Err(("true or false", wanted)),
        Value::Float(_) => Err(("a number with a fraction", wanted)),
        Value::Datetime(_) => Err(("a date or time", wanted)),
    }
}

/// Gives the value to the flag's own parser with nothing else around, so that a mistake is blamed on the file.
fn try_alone(setting: &Arg, value: &str) -> Result<(), String> {
    let long = setting.get_long().unwrap_or_default();
    let alone = Command::new("settings").no_binary_name(true).arg(setting.clone().env(Resettable::Reset));
    match alone.try_get_matches_from([format!("--{long}={value}")]) {
        Ok(_) => Ok(()),
        Err(error) => Err(std::error::Error::source(&error).map_or_else(|| first_line(&error), ToString::to_string)),
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    text.lines().map(str::trim).filter(|l| !l.is_empty()).take(2).collect::<Vec<_>>().join(" ").replace("error: ", "")
}

/// Letters to insert, delete or replace to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}
