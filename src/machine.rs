//! What the operating system grants this process: open files, and room on the disk.

pub mod descriptors;
pub mod disk;
