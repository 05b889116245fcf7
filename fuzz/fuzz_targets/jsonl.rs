//! Looks for bytes that break the law `jsonl`.

#![no_main]

#[path = "../laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::check("jsonl", bytes));
