//! The table.

use std::{collections::BTreeMap, fmt, fs};

use super::{figure::Figure, options::Options};

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// The median is at most this.
    AtMost(f64, &'static str),
    /// The median is at least this.
    AtLeast(f64, &'static str),
    /// Every single round is at most this.
    WorstAtMost(f64, &'static str),
    /// Shown for comparison.
    None,
}

impl Goal {
    /// Whether `figure` reaches it; `None` if that cannot be said.
    fn met(self, figure: &Figure) -> Option<bool> {
        match self {
            Self::AtMost(most, _) => figure.median().map(|median| median <= most),
            Self::AtLeast(least, _) => figure.median().map(|median| median >= least),
            Self::WorstAtMost(most, _) => figure.worst().map(|worst| worst <= most),
            Self::None => None,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most, unit) => write!(f, "at most {most} {unit}"),
            Self::AtLeast(least, unit) => write!(f, "at least {least} {unit}"),
            Self::WorstAtMost(most, unit) => write!(f, "at most {most} {unit}, always"),
            Self::None => f.write_str("-"),
        }
    }
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) figure: String,
    /// What it should be.
    pub(crate) goal: Goal,
    /// The server's figures.
    pub(crate) server: String,
    /// The floor's; empty where the floor has none.
    pub(crate) floor: String,
    /// The figure that is held against the goal: a ratio where the goal is one.
    pub(crate) judged: Figure,
}

/// Everything measured in one run.
#[derive(Debug)]
pub(crate) struct Report {
    head: String,
    rows: Vec<Row>,
    /// Things that went wrong in single rounds, and how often.
    notes: BTreeMap<String, u32>,
}

impl Report {
    /// An empty table, with the conditions above it.
    pub(crate) fn new(options: &Options) -> Self {
        let subject = if options.null { "the floor in the place of the server" } else { "server and floor" };
        let head = format!(
            "Measured on {}, Linux {}; {subject}; {} paired rounds, {} of the rest, windows of {} boards.\n\
             Figures are medians (lowest to highest). The floor is a bare loop of send(2).",
            processor(),
            read("/proc/sys/kernel/osrelease").trim(),
            options.rounds,
            options.repeats(),
            options.window,
        );
        Self { head, rows: Vec::new(), notes: BTreeMap::new() }
    }

    /// One line more.
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Something that casts doubt on a figure.
    pub(crate) fn note(&mut self, note: String) {
        eprintln!("note: {note}");
        *self.notes.entry(note).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.head)?;
        writeln!(f, "| figure | goal | server | floor | server / floor | met |\n|---|---|---|---|---|---|")?;
        for Row { figure, goal, server, floor, judged } in &self.rows {
            let ratio = match goal {
                Goal::AtMost(_, unit) | Goal::AtLeast(_, unit) if unit.starts_with('x') => format!("{judged:.2}"),
                _ => "-".to_owned(),
            };
            let floor = if floor.is_empty() { "-" } else { floor };
            let met = goal.met(judged).map_or("-", |met| if met { "yes" } else { "**no**" });
            writeln!(f, "| {figure} | {goal} | {server} | {floor} | {ratio} | {met} |")?;
        }
        for (note, times) in &self.notes {
            writeln!(f, "\n- {note} ({times} times)")?;
        }
        Ok(())
    }
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The processor's own name.
fn processor() -> String {
    let cpus = read("/proc/cpuinfo");
    let name = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| "an unnamed processor".to_owned(), |(_, name)| name.trim().to_owned())
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
