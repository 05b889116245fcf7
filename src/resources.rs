//! What the switch keeps: one resource a file, with its parameter table, its rules and its calls.
//!
//! A new resource of the API is one more module here. Nothing in this folder reads a file or sends a call.

pub mod mailbox;
mod version;

pub use version::Version;
