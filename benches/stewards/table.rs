//! The table: figures, their goals, and whether they are met.

use std::fmt;

/// One line of the table.
pub(crate) struct Row {
    figure: String,
    goal: &'static str,
    value: String,
    /// Whether the goal is met; none where there is none.
    met: Option<bool>,
}

impl Row {
    /// A figure with a goal.
    pub(crate) fn new(figure: impl Into<String>, goal: &'static str, value: String, met: bool) -> Self {
        Self { figure: figure.into(), goal, value, met: Some(met) }
    }

    /// A figure that is shown for comparison.
    pub(crate) fn shown(figure: impl Into<String>, value: String) -> Self {
        Self { figure: figure.into(), goal: "-", value, met: None }
    }
}

/// All lines, as Markdown.
pub(crate) struct Table<'a>(pub(crate) &'a [Row]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| figure | goal | measured | met |\n|---|---|---|---|")?;
        for Row { figure, goal, value, met } in self.0 {
            let met = met.map_or("-", |met| if met { "yes" } else { "**no**" });
            write!(f, "\n| {figure} | {goal} | {value} | {met} |")?;
        }
        Ok(())
    }
}
