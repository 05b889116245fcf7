//! One record becomes one row, whatever the format: form is judged here, meaning is not.
//!
//! Refuses to repeat a cell in any text: it tells columns, positions and counts alone.

use std::borrow::Cow;

use crate::input::Layout;
use crate::input::delimited;
use crate::input::list;
use crate::input::object;
use crate::input::object::Keys;
use crate::input::shape::Shape;
use crate::input::split;
use crate::input::stretch::Record;
use crate::model::Cell;
use crate::model::Problem;
use crate::model::RawRow;
use crate::model::Rule;
use crate::model::Span;

/// Most findings of one rule that are kept of one record; further ones are counted.
const PROBLEMS_MAX: usize = 32;

/// The same of a rule whose findings are told once of a file: an object may have many keys.
const PROBLEMS_TOLD_ONCE_MAX: usize = 1000;

/// Reads record after record into the same room.
pub(super) struct RecordReader<'a> {
    layout: &'a Layout,
    row: Draft<'a>,
    /// The cells of the file's own columns, where ours are made from them.
    source: Vec<Cell<'a>>,
}

/// A row that is being read.
#[derive(Default)]
pub(super) struct Draft<'a> {
    /// Bytes of the input before it.
    pub(super) offset: u64,
    /// Physical line on which it begins.
    pub(super) line: u32,
    /// One cell for every known column.
    pub(super) cells: Vec<Cell<'a>>,
    /// What is known of the keys of objects.
    pub(super) keys: Keys,
    problems: Vec<Problem>,
    /// How many findings of each rule there are, those that are not kept among them.
    counts: Vec<(Rule, usize)>,
}

impl<'a> RecordReader<'a> {
    /// Makes room for a row.
    pub(super) fn of(layout: &'a Layout) -> Self {
        Self { layout, row: Draft::default(), source: Vec::new() }
    }

    /// Reads a record; of one that is too long, the beginning.
    pub(super) fn read(&mut self, record: Record<'a>, span: Span) -> RawRow<'_> {
        let width = self.layout.names().known.len();
        self.row.offset = span.offset;
        self.row.line = span.line;
        self.row.forget_problems();
        self.row.blank(width);
        let record_max = self.layout.splitter.record_max;
        let read = if span.length as usize > record_max {
            Err(too_long(span, record_max))
        } else {
            match self.layout.splitter.shape {
                Shape::Delimited(dialect) => {
                    delimited::read((self.layout, dialect), record, &mut self.row)
                }
                Shape::Objects => object::read(self.layout, record, &mut self.row),
                Shape::Lists => list::read(self.layout, record, &mut self.row),
            }
        };
        let readable = read.is_ok();
        let mut excluded = None;
        let settings = &self.layout.settings;
        match (read, &settings.mapping) {
            (Ok(()), None) => settings.fill(&mut self.row.cells),
            (Ok(()), Some(mapping)) => {
                std::mem::swap(&mut self.row.cells, &mut self.source);
                excluded = mapping.apply(&self.source, settings, &mut self.row);
            }
            (Err(problem), _) => {
                self.row.blank(settings.names.known.len());
                self.row.problems.push(problem);
            }
        }
        self.row.tell_what_is_not_kept();
        RawRow { span, cells: &self.row.cells, problems: &self.row.problems, readable, excluded }
    }
}

impl Draft<'_> {
    /// Makes room for so many cells, in which nothing stands.
    pub(super) fn blank(&mut self, width: usize) {
        // In one loop, where clearing first takes a second one.
        self.cells.iter_mut().for_each(|it| *it = Cell::Absent);
        self.cells.resize_with(width, || Cell::Absent);
    }

    /// Notes a finding that leaves the row readable. Each rule has room of its own, so that no number of warnings
    /// hides an error.
    pub(super) fn note(&mut self, problem: Problem) {
        let rule = problem.rule;
        let place = self.counts.iter().position(|it| it.0 == rule).unwrap_or_else(|| {
            self.counts.push((rule, 0));
            self.counts.len() - 1
        });
        let count = &mut self.counts[place].1;
        *count += 1;
        if *count <= kept_max(rule) {
            self.problems.push(problem);
        }
    }

    /// Says of each rule how many findings are not kept.
    fn tell_what_is_not_kept(&mut self) {
        for (rule, count) in &self.counts {
            let more = count.saturating_sub(kept_max(*rule));
            if more > 0 {
                let message = format!("and {more} more of this kind in the same row");
                let help = "look at the whole row: only the first ones are told one by one";
                self.problems.push(Problem::in_record(*rule, self.line, message, help));
            }
        }
    }

    /// Takes back all findings.
    pub(super) fn forget_problems(&mut self) {
        self.problems.clear();
        self.counts.clear();
    }

    /// Notes the first character of a text that people cannot see and did not mean.
    pub(super) fn note_control(&mut self, line: u32, column: &str, text: &str) {
        let Some(found) = text.chars().find(|it| is_seen_by_nobody(*it)) else { return };
        let message = format!("the text holds the control character U+{:04X}", u32::from(found));
        let help = "take it out: editors can show it, as `vim` and `less` do";
        let column = column.to_owned();
        self.note(Problem::in_column(Rule::ControlCharacter, line, column, message, help));
    }
}

fn kept_max(rule: Rule) -> usize {
    if rule.is_told_once() { PROBLEMS_TOLD_ONCE_MAX } else { PROBLEMS_MAX }
}

fn is_seen_by_nobody(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r')
}

/// The record as text, or where it stops to be one; `column` tells the column from the text before.
pub(super) fn text_of<'a>(
    layout: &Layout,
    record: Record<'a>,
    row: &Draft<'_>,
    column: impl FnOnce(&[u8]) -> Option<Cow<'static, str>>,
) -> Result<&'a str, Problem> {
    if let Some(text) = record.text {
        return Ok(text);
    }
    std::str::from_utf8(record.bytes).map_err(|error| {
        let before = &record.bytes[..error.valid_up_to()];
        let line = row.line + split::count_lines(before);
        let begin =
            before.iter().rposition(|it| matches!(it, b'\n' | b'\r')).map_or(0, |it| it + 1);
        let offset = row.offset + before.len() as u64;
        let (message, help) = match &layout.decoded {
            None => (not_utf8(&before[begin..], line, offset), NOT_UTF8),
            Some(it) => {
                let character = String::from_utf8_lossy(&before[begin..]).chars().count() + 1;
                it.misfit(line, character, offset).told(it.encoding())
            }
        };
        match column(before) {
            Some(column) => Problem::in_column(Rule::NotUtf8, line, column, message, help),
            None => Problem::in_record(Rule::NotUtf8, line, message, help),
        }
    })
}

fn not_utf8(before: &[u8], line: u32, offset: u64) -> String {
    let byte = before.len() + 1;
    format!("byte {byte} of line {line} is not UTF-8 (offset {offset} in the file)")
}

const NOT_UTF8: &str =
    "save the file as UTF-8, or name its encoding, as in `--encoding windows-1252`";

fn too_long(span: Span, record_max: usize) -> Problem {
    let message = format!("the record has {} bytes; at most {record_max} are read", span.length);
    let help = "look for line ends that are missing, and for a text that does not belong there; --max-record allows more";
    Problem::in_record(Rule::RecordTooLong, span.line, message, help)
}
