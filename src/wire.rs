//! What travels between the server and its pages, and between one node and the others.
//!
//! Messages are flat JSON objects tagged by `type`; readers ignore what they do not know. One example of each
//! lives in `tests/wire/`, and is read by the tests of both sides.

pub mod accept_language;
pub mod close;
pub mod frame;
pub mod mesh;
pub mod message;
pub mod seat;
