//! The promises, held against the real program over real sockets.
//!
//! A [`world::World`] is a server of its own: the program as people start it, on a port and in a folder of its
//! own. A [`page::Page`] is a client that folds what it hears into state. Nothing here sleeps: a test waits
//! for a state, and fails when the state does not come.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that finds something else has failed")]
#![expect(clippy::print_stderr, reason = "a test that failed shows what its server logged")]

mod agreement;
mod answer;
mod cable;
mod ear;
mod engine;
mod fleet;
mod page;
mod patience;
mod steward;
mod stream;
mod visit;
mod world;

mod bus;
mod canary;
mod clock;
mod counts;
mod door;
mod drain;
mod elsewhere;
mod figures;
mod first_view;
mod full_disk;
mod greeting;
mod guarded;
mod journal;
mod kill;
mod languages;
mod lease;
mod list;
mod log;
mod manners;
mod mesh;
mod moment;
mod moved;
mod nodes;
mod other_doors;
mod own_pass;
mod pace;
mod passes;
mod programme;
mod shortage;
mod slow;
mod start;
mod storm;
mod taps;
mod wire;
