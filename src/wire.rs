//! What travels between the server and its pages.
//!
//! Messages are flat JSON objects tagged by `type`; readers ignore what they do not know. One example of each
//! lives in `tests/wire/`, and is read by the tests of both sides.

pub mod accept_language;
pub mod close;
pub mod frame;
pub mod message;
