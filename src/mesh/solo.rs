//! A node that has no others.

use super::{Ends, Mesh, To};

#[derive(Debug)]
struct Solo;

/// The mesh of a node that has no others.
pub fn solo() -> Ends {
    Ends { mesh: Box::new(Solo), events: None }
}

impl Mesh for Solo {
    fn send(&self, _: To<'_>, _: Vec<u8>) {}
}
