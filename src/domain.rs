//! The vocabulary: pure data, pure rules.
//!
//! Nothing here asks what time it is, waits, logs, or touches the world; whatever it needs to know is an
//! argument. Everything that is kept or shared is a [`fact::Fact`]; a [`board::Board`] is the merge of facts.

pub mod access;
pub mod agreement;
pub mod board;
pub mod code;
pub mod count;
pub mod device;
pub mod elsewhere;
pub mod estimate;
pub mod fact;
pub mod figures;
pub mod gathering;
pub mod grant;
pub mod grants;
pub mod handout;
pub mod headcount;
pub mod import;
pub mod intersection;
pub mod lease;
pub mod leaves;
pub mod moment;
pub mod outlook;
pub mod pass;
pub mod peers;
pub mod plausibility;
pub mod post;
pub mod programme;
pub mod publication;
mod range;
pub mod ready;
pub mod report;
pub mod ruling;
pub mod small_numbers;
pub mod switch;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod text;
pub mod time;
pub mod version;
