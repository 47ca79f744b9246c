//! The rules of the house, checked against its sources.
//!
//! # The map
//!
//! ```text
//! floors     imports point down only
//! doors      each outside crate comes in where it is said to, and nowhere else; the domain is pure
//! shape      names and sizes of files
//! words      what is not to be written: panics in the server, sleeps in tests
//! traits     a trait has two implementations
//! papers     what docs/ says about endings, messages, flags and metrics is what the program does
//! packages   licences, duplicates, one TLS provider, a reason for every dependency
//! source     one file · tokens  its words · paths  what it names
//! ```
//!
//! Each rule is also shown a snippet that breaks it, so that a rule which has gone blind is noticed.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

mod doors;
mod floors;
mod packages;
mod papers;
mod paths;
mod shape;
mod source;
mod tokens;
mod traits;
mod words;

/// Fails with every breach on a line of its own.
#[track_caller]
fn assert_kept(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}
