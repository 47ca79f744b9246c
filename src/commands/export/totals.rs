//! What the facts of a log come to, by the same rules as on the server.

use std::{collections::BTreeMap, fmt};

use crate::{
    domain::{board::Board, time::UnixMillis},
    journal::Line,
};

/// The merge of the lines so far.
#[derive(Debug, Default)]
pub(super) struct Totals {
    board: Board,
    kinds: BTreeMap<&'static str, u64>,
    /// The newest instant at which anything was said.
    until: Option<UnixMillis>,
}

impl Totals {
    /// Merges what a line says.
    pub(super) fn add(&mut self, line: Line) {
        self.until = self.until.max(Some(line.at));
        for fact in line.facts {
            *self.kinds.entry(fact.kind()).or_default() += 1;
            let _ = self.board.merge(fact);
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<_> = self.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        writeln!(f, "said: {}", said.join(", "))?;
        writeln!(f, "gatherings: {}", self.board.gatherings().len())?;
        writeln!(f, "people elsewhere, as they said themselves: {}", self.board.elsewhere())
    }
}
