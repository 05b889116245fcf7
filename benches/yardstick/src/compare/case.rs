//! What is compared with what, and on how many rows.
//!
//! The first of a group is boxlift, and the ratios of the others are to it. Starts nothing.

use crate::compare::tool::Tool;
use crate::rows::Format;

/// Most rows of a comparison of calls: more take long and say no more.
const CALLS_MAX: u64 = 100_000;

/// Most rows of a comparison of calls that take 20 ms each: some seconds' worth.
const LATENCY_CALLS_MAX: u64 = 20_000;

/// Most rows of peers that take 0.2 ms a row and more.
const SLOW_CALLS_MAX: u64 = 5_000;

/// Most rows of a peer that starts a program a row.
const PROGRAM_CALLS_MAX: u64 = 500;

/// How long an allowance is watched.
const RATE_SECONDS: u64 = 10;

/// Rates that are to be held, a second, each with the name of its group.
const RATES: [(u64, &str); 4] =
    [(50, "rate-50"), (200, "rate-200"), (1_000, "rate-1000"), (5_000, "rate-5000")];

/// A tool at a task.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What it is compared within.
    pub(crate) group: &'static str,
    /// Whether the ratios of its group are to it.
    pub(crate) leads: bool,
    /// Who does it.
    pub(crate) tool: Tool,
    /// Rows of its input.
    pub(crate) rows: u64,
    /// How its input is written.
    pub(crate) format: Format,
    /// Calls at a time.
    pub(crate) concurrency: u64,
    /// Milliseconds before each answer.
    pub(crate) latency_ms: u64,
    /// Most calls a second, where that is what is compared.
    pub(crate) rate: Option<u64>,
}

impl Case {
    /// By what it is asked for.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.group, self.tool.name())
    }

    /// Whether a name means it: its own, or that of its group.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        name == self.group || name == self.name()
    }

    fn new(group: &'static str, tool: Tool, rows: u64) -> Self {
        let (concurrency, latency_ms, rate) = (16, 0, None);
        Self { group, leads: false, tool, rows, format: Format::Csv, concurrency, latency_ms, rate }
    }

    fn leading(self) -> Self {
        Self { leads: true, ..self }
    }
}

/// Everything, the members of a group beside each other.
pub(crate) fn all(rows: u64) -> Vec<Case> {
    let mut cases = calls(rows);
    cases.extend(latency(rows));
    cases.extend([
        Case::new("check", Tool::Check, rows).leading(),
        Case::new("check", Tool::Records, rows),
        Case::new("check", Tool::Validate, rows),
        Case { format: Format::Jsonl, ..Case::new("check-jsonl", Tool::Check, rows).leading() },
        Case::new("check-jsonl", Tool::Records, rows),
    ]);
    for (group, tool) in [("size-check", Tool::Check), ("size-apply", Tool::Apply)] {
        cases.push(Case::new(group, tool, rows).leading());
        cases.extend([10, 100].map(|part| Case::new(group, tool, rows / part)));
    }
    for (rate, group) in RATES {
        let case = |tool| Case { rate: Some(rate), ..Case::new(group, tool, rate * RATE_SECONDS) };
        cases.extend([case(Tool::Apply).leading(), case(Tool::Oha)]);
    }
    cases.extend([
        Case::new("one-row", Tool::Apply, 1).leading(),
        Case::new("one-row", Tool::Curl, 1),
        Case::new("version", Tool::Version, 1).leading(),
    ]);
    cases
}

fn calls(rows: u64) -> Vec<Case> {
    let case = |tool, most| Case::new("calls", tool, rows.min(most));
    vec![
        case(Tool::Apply, CALLS_MAX).leading(),
        case(Tool::Post, CALLS_MAX),
        case(Tool::Wrk, CALLS_MAX),
        case(Tool::Oha, CALLS_MAX),
        case(Tool::Curl, CALLS_MAX),
        case(Tool::Fetchpost, SLOW_CALLS_MAX),
        case(Tool::Aiohttp, SLOW_CALLS_MAX),
        case(Tool::Parallel, PROGRAM_CALLS_MAX),
    ]
}

fn latency(rows: u64) -> impl Iterator<Item = Case> {
    let tools = [Tool::Apply, Tool::Wrk, Tool::Post, Tool::Oha, Tool::Curl, Tool::Aiohttp];
    tools.into_iter().map(move |tool| Case {
        leads: tool == Tool::Apply,
        concurrency: 64,
        latency_ms: 20,
        ..Case::new("latency", tool, rows.min(LATENCY_CALLS_MAX))
    })
}
