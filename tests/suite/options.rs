//! What the tests of whole runs have in common: options, a look into journals, and how people who run them speak to them.

/// As fast as the switch answers.
pub(super) const FAST: &str = "--rate 100000/s";

/// The results of a journal's last job: rows as the report counts them, from 1.
pub(super) const DURABLE_ROWS: &str =
    "SELECT row + 1 FROM result WHERE job = (SELECT max(id) FROM job)";

/// A variable of the environment that makes a test longer, narrower or another one.
#[expect(clippy::disallowed_methods, reason = "people who run tests speak through the environment")]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A number from the environment.
pub(super) fn number(name: &str) -> Option<u64> {
    variable(name).map(|it| it.parse().unwrap_or_else(|_| panic!("{name} is no number: {it}")))
}
