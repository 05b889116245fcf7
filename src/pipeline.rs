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
mod converting;
mod desk;
mod job;
mod judging;
mod outcomes;
mod pass;
mod preparing;
mod remote;
mod results;
mod selecting;
mod writing;

pub use again::write_again;
pub use converting::Converted;
pub use desk::Keeping;
pub use job::Begun;
pub use job::Resumption;
pub use job::Standing;
pub use job::past;
pub use pass::Pass;
pub use pass::Tools;
pub use pass::pass;
pub use preparing::Prepared;
pub use preparing::preparing;
pub use results::Cause;
pub use results::Results;
pub use writing::Rejected;

use crate::check::Checked;
use crate::check::Hands;
use crate::check::Rules;
use crate::input::Format;
use crate::input::Input;
use crate::input::InputError;
use crate::input::Source;
use crate::journal::JournalError;
use crate::model::Plan;
use crate::model::Severity;
use crate::pipeline::judging::Judge;
use crate::pipeline::judging::Law;
use crate::pipeline::selecting::Selected;
use crate::plan;
use crate::plan::Unplanned;
use crate::report::OutputError;
use crate::report::Problems;
use crate::report::Report;

/// Chunks that are read at once for each thread: enough to keep all busy, few enough to stay small.
const CHUNKS_A_THREAD: usize = 2;

/// The same for all threads together, so that memory hardly grows beyond eight cores. A chunk is judged in several pieces;
/// of pages that are written, no more than these are made at once.
const CHUNKS_MAX: usize = 16;

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

/// How people are told of an input.
#[derive(Debug, Default)]
pub struct Telling<'t> {
    /// What they call it.
    pub name: String,
    /// Where every single problem is written, if anywhere.
    pub problems: Option<&'t mut Report<Problems>>,
}

impl Batch {
    /// Reads and judges a whole input, on all cores, with the same findings on any number of them.
    pub fn check(
        source: Source,
        format: Format,
        settings: crate::input::Settings,
        rules: Rules,
        Telling { name, problems }: Telling<'_>,
    ) -> Result<Self, RunError> {
        let mut input = Input::open(source, format, settings)?;
        let hands = hands(&input, format);
        let layout = input.layout();
        let selected = Selected::of(&input, &rules)?;
        let law = Law { rules: &rules, layout: &layout, selected: &selected };
        let mut judge = Judge::new(law, problems);
        let header_is_wrong = judge.header(input.header_problems())?;
        let mut records = 0;
        let mut batch = input.next_batch(chunks_at_once())?;
        while let Some(chunks) = batch {
            records += chunks.iter().map(|it| it.rows() as u64).sum::<u64>();
            // The next chunks are read while these are judged.
            let (next, judged) =
                rayon::join(|| input.next_batch(chunks_at_once()), || judge.rows(&chunks));
            judged?;
            batch = next?;
            input.reuse(chunks);
        }
        let checked = judge.end((hands, &name))?;
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

    /// Rows that are left out.
    pub fn left_out(&self) -> u64 {
        self.checked.sheet.rows.iter().filter(|it| it.is_excluded()).count() as u64
    }

    /// Rows of the input.
    pub fn rows(&self) -> usize {
        self.checked.sheet.rows.len()
    }
}

fn hands(input: &Input, format: Format) -> Hands {
    match format {
        Format::Csv if input.is_conf() => Hands::Programs,
        Format::Csv | Format::Xlsx | Format::Ods => Hands::Spreadsheets,
        Format::Jsonl => Hands::Programs,
    }
}

/// As many chunks as all threads have something to do with, within a limit.
fn chunks_at_once() -> usize {
    (rayon::current_num_threads() * CHUNKS_A_THREAD).min(CHUNKS_MAX)
}

#[cfg(test)]
mod tests {
    use rayon::ThreadPoolBuilder;

    use super::*;

    #[test]
    fn no_more_is_read_at_once_on_many_cores_than_on_eight() {
        let with = |threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(chunks_at_once)
        };
        assert_eq!([1, 2, 8, 40].map(with), [2, 4, 16, 16]);
    }
}
