//! The options under which runs are put to the test, in one place, and which of them the program has by now.
//!
//! What is specified and not built yet is written down as it shall be; the tests that need it say so and stand aside.
//! When an option is there its name goes into `BUILT`; when all are there, this list and its readers go.

/// Options that the program has.
const BUILT: [&str; 4] = ["--settle", "--resume", "--max-errors", "--canary"];

/// As fast as the switch answers.
pub(super) const FAST: &str = "--rate 100000/s";

/// The results of a journal's last job: rows as the report counts them, from 1.
pub(super) const DURABLE_ROWS: &str =
    "SELECT row + 1 FROM result WHERE job = (SELECT max(id) FROM job)";

/// Whether the program has an option.
pub(super) fn is_built(option: &str) -> bool {
    BUILT.contains(&option)
}

/// Whether a test may run; says so if not.
#[expect(clippy::print_stderr, reason = "a test that stands aside says so")]
pub(super) fn all_built(options: &[&str]) -> bool {
    let missing: Vec<_> = options.iter().filter(|it| !is_built(it)).collect();
    if !missing.is_empty() {
        eprintln!("stands aside: the program has no {missing:?} yet");
    }
    missing.is_empty()
}

/// How long a lost call may take effect, where that can be said.
pub(super) fn settle(time: &str) -> String {
    if is_built("--settle") { format!("--settle {time}") } else { String::new() }
}

/// A variable of the environment that makes a test longer, narrower or another one.
#[expect(clippy::disallowed_methods, reason = "people who run tests speak through the environment")]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A number from the environment.
pub(super) fn number(name: &str) -> Option<u64> {
    variable(name).map(|it| it.parse().unwrap_or_else(|_| panic!("{name} is no number: {it}")))
}
