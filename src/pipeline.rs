//! The order of the stages: the file to read first.
//!
//! ```text
//! Batch::check   input ─▶ check        every row looked at, nothing sent
//! Batch::plan    check ─▶ plan         what would be sent, in which order
//! pass           plan ─▶ run           one result for every row that was planned
//! Batch::write_… outcomes ─▶ report    one record for every row that was read
//! write_again    journal ─▶ report     the same, of a job that is over or runs elsewhere
//! ```

mod again;
mod desk;
mod job;
mod pass;
mod remote;
mod results;
mod writing;

pub use again::write_again;
pub use desk::Keeping;
pub use job::Begun;
pub use job::Resumption;
pub use job::Standing;
pub use job::past;
pub use pass::Pass;
pub use pass::Tools;
pub use pass::pass;
pub use results::Cause;
pub use results::Results;
pub use writing::Rejected;

use rayon::iter::IntoParallelRefIterator;
use rayon::iter::ParallelIterator;

use crate::check::Checked;
use crate::check::Hands;
use crate::check::Part;
use crate::check::Rules;
use crate::input::Chunk;
use crate::input::Format;
use crate::input::Input;
use crate::input::InputError;
use crate::input::Layout;
use crate::input::Source;
use crate::journal::JournalError;
use crate::model::Plan;
use crate::model::Severity;
use crate::plan;
use crate::plan::Unplanned;
use crate::report::OutputError;

/// Chunks that are read at once for each thread: enough to keep all busy, few enough to stay small.
const CHUNKS_A_THREAD: usize = 2;

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The input cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A result cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// An input after the check: its bytes at hand, its rows judged.
#[derive(Debug)]
pub struct Batch {
    /// The input, for a second reading of its rows.
    pub input: Input,
    /// Its format.
    pub format: Format,
    /// What rows were judged by.
    pub rules: Rules,
    /// What people call the input.
    pub name: String,
    /// Rows and findings.
    pub checked: Checked,
    /// Records that the input was split into.
    pub records: u64,
    /// The header is wrong: no row can be trusted to say what was meant.
    pub header_is_wrong: bool,
}

impl Batch {
    /// Reads and judges a whole input, on all cores, with the same findings on any number of them.
    pub fn check(
        source: Source,
        format: Format,
        settings: crate::input::Settings,
        rules: Rules,
        name: String,
    ) -> Result<Self, InputError> {
        let mut input = Input::open(source, format, settings)?;
        let mut checked = Checked::default();
        let mut header_is_wrong = false;
        for problem in input.header_problems() {
            if let Some(severity) = rules.strictness.severity(problem.rule) {
                header_is_wrong |= severity == Severity::Error;
                checked.findings.note(severity, problem.clone());
            }
        }
        let layout = input.layout();
        let at_once = rayon::current_num_threads() * CHUNKS_A_THREAD;
        let mut records = 0;
        let mut batch = input.next_batch(at_once)?;
        while let Some(chunks) = batch {
            records += chunks.iter().map(|it| it.rows() as u64).sum::<u64>();
            // The next chunks are read while these are judged.
            let (next, parts) = rayon::join(
                || input.next_batch(at_once),
                || chunks.par_iter().map(|it| judge(it, &layout, &rules)).collect::<Vec<_>>(),
            );
            for part in parts {
                checked.append(part);
            }
            batch = next?;
        }
        checked.compare(&rules.strictness, hands(format), &name);
        Ok(Self { input, format, rules, name, checked, records, header_is_wrong })
    }

    /// Whether nothing is wrong that counts as an error.
    pub fn is_clean(&self) -> bool {
        self.checked.findings.count(Severity::Error) == 0
    }

    /// What is to be sent; rows that hang on an invalid one come back apart.
    pub fn plan(&self) -> (Plan, Vec<Unplanned>) {
        plan::plan(&self.checked.sheet)
    }

    /// Rows of the input.
    pub fn rows(&self) -> usize {
        self.checked.sheet.rows.len()
    }
}

fn hands(format: Format) -> Hands {
    match format {
        Format::Csv => Hands::Spreadsheets,
        Format::Jsonl => Hands::Programs,
    }
}

/// Judges the rows of one chunk by themselves.
fn judge(chunk: &Chunk, layout: &Layout, rules: &Rules) -> Part {
    let mut part = Part::default();
    chunk.visit(layout, |row| part.note(&row, rules));
    part
}
