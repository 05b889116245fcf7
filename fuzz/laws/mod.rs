//! What holds for every input, whoever made it up: one law a target, for the fuzzer and for plain tests alike.
//!
//! Goes through the public doors of the library alone. A law that is broken panics and says how.

mod csv;
mod dialect;
mod encoding;
mod envelope;
mod journal;
mod jsonl;
mod reading;
mod report;
mod retry_after;
mod sheet;
mod systems;

/// What a target asserts of any bytes.
pub(crate) type Law = fn(&[u8]);

/// Every target by its name.
pub(crate) const LAWS: [(&str, Law); 10] = [
    ("csv", csv::holds),
    ("dialect", dialect::holds),
    ("encoding", encoding::holds),
    ("envelope", envelope::holds),
    ("journal", journal::holds),
    ("jsonl", jsonl::holds),
    ("report", report::holds),
    ("retry_after", retry_after::holds),
    ("sheet", sheet::holds),
    ("systems", systems::holds),
];

/// Holds some bytes against a target's law.
pub(crate) fn check(target: &str, bytes: &[u8]) {
    let law = LAWS.iter().find(|it| it.0 == target);
    law.unwrap_or_else(|| panic!("no law is named `{target}`")).1(bytes);
}
