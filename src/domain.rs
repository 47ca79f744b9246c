//! The vocabulary: pure data, pure rules.
//!
//! Nothing here asks what time it is, waits, logs, or touches the world; whatever it needs to know is an
//! argument. Everything that is kept or shared is a [`fact::Fact`]; a [`board::Board`] is the merge of facts.

pub mod access;
pub mod board;
pub mod fact;
pub mod figures;
pub mod gathering;
pub mod import;
pub mod moment;
pub mod pass;
pub mod programme;
pub mod text;
pub mod time;
pub mod version;
