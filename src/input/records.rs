//! The second reading: single records again, by their place, as long as they are still the same.
//!
//! Reads ahead, since most are asked for in their order; refuses a record whose bytes changed.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use crate::input::InputError;
use crate::input::Layout;
use crate::input::Source;
use crate::input::quoting::put_doubled;
use crate::input::record::RecordReader;
use crate::input::rejects;
use crate::input::shape::Shape;
use crate::input::stretch::Stretch;
use crate::model::RawRow;
use crate::model::Span;

/// Bytes read at once, unless the longest record has more.
const AHEAD_LENGTH: usize = 256 << 10;

/// Reads records by their place in the input.
pub struct Records {
    source: Arc<Source>,
    layout: Arc<Layout>,
    ahead: Vec<u8>,
    offset: u64,
}

impl fmt::Debug for Records {
    /// Shows no byte of the input: rows hold PINs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

impl Records {
    pub(super) fn new(source: Arc<Source>, layout: Arc<Layout>) -> Self {
        Self { source, layout, ahead: Vec::new(), offset: 0 }
    }

    /// Reads a record again and shows it.
    pub fn read<T>(
        &mut self,
        span: Span,
        show: impl FnOnce(RawRow<'_>) -> T,
    ) -> Result<T, InputError> {
        let layout = Arc::clone(&self.layout);
        let bytes = self.bytes(span)?;
        let record = Stretch::of(bytes, layout.splitter.shape).record(0..bytes.len());
        Ok(show(RecordReader::of(&layout).read(record, span)))
    }

    /// Writes a record as it stood, with the reason why it is not done, as a line of the rejects.
    pub fn reject(
        &mut self,
        span: Span,
        reason: &str,
        out: &mut impl Write,
    ) -> Result<(), InputError> {
        let layout = Arc::clone(&self.layout);
        let bytes = self.bytes(span)?;
        let mut line = Vec::with_capacity(bytes.len() + reason.len() + 32);
        if span.length as usize > layout.splitter.record_max {
            return self.reject_too_long(span, reason, out);
        }
        match layout.splitter.shape {
            Shape::Delimited(dialect) => {
                rejects::record(&layout.header, dialect, bytes, reason, &mut line);
            }
            Shape::Objects => rejects::object(bytes, reason, &mut line),
            Shape::Lists => {
                let form = (layout.names(), layout.splitter.record_max);
                rejects::list(&layout.header, form, bytes, reason, &mut line);
            }
        }
        line.extend_from_slice(layout.header.line_end());
        put(out, &line)
    }

    /// The record, or the beginning of one that is too long.
    fn bytes(&mut self, span: Span) -> Result<&[u8], InputError> {
        let record_max = self.layout.splitter.record_max;
        let length = (span.length as usize).min(record_max);
        let ahead_end = self.offset + self.ahead.len() as u64;
        if span.offset < self.offset || span.offset + length as u64 > ahead_end {
            self.ahead.clear();
            self.offset = span.offset;
            self.source.append(span.offset, AHEAD_LENGTH.max(record_max), &mut self.ahead)?;
        }
        let start = usize::try_from(span.offset - self.offset).unwrap_or(usize::MAX);
        let bytes = self.ahead.get(start..).and_then(|it| it.get(..length));
        match bytes {
            Some(bytes) if self.layout.digest(bytes, span.length) == Some(span.digest) => Ok(bytes),
            Some(_) | None => Err(InputError::Changed { line: span.line }),
        }
    }

    /// Copies a record that is too long, which stays so; a spreadsheet's row as one cell of CSV.
    fn reject_too_long(
        &self,
        span: Span,
        reason: &str,
        out: &mut impl Write,
    ) -> Result<(), InputError> {
        let is_list = self.layout.splitter.shape == Shape::Lists;
        let mut line = if is_list { vec![b'"'] } else { Vec::new() };
        let end = span.offset + u64::from(span.length);
        let mut at = span.offset;
        let mut block = Vec::with_capacity(AHEAD_LENGTH);
        while at < end {
            block.clear();
            let wanted = usize::try_from(end - at).unwrap_or(usize::MAX).min(AHEAD_LENGTH);
            let read = self.source.append(at, wanted, &mut block)?;
            if read == 0 {
                return Err(InputError::Changed { line: span.line });
            }
            if is_list {
                put_doubled(b'"', &block, &mut line);
                put(out, &line)?;
                line.clear();
            } else {
                put(out, &block)?;
            }
            at += read as u64;
        }
        if is_list {
            rejects::end_of_one_cell(reason, &mut line);
        }
        line.push(b'\n');
        put(out, &line)
    }
}

fn put(out: &mut impl Write, bytes: &[u8]) -> Result<(), InputError> {
    out.write_all(bytes).map_err(|reason| InputError::Rejects { reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Format;
    use crate::input::Input;
    use crate::input::Readings;
    use crate::input::Settings;
    use crate::input::testing;
    use crate::input::testing::csv;

    fn rejected(format: Format, bytes: &[u8]) -> Vec<u8> {
        let mut input = testing::open(format, bytes).unwrap();
        let rows = testing::rows_of(&mut input);
        let mut out = input.rejects_header();
        let mut records = input.records();
        for row in rows {
            records.reject(row.span, "bad, \"very\"\nbad", &mut out).unwrap();
        }
        out
    }

    fn rejected_csv(text: &str) -> String {
        String::from_utf8(rejected(Format::Csv, text.as_bytes())).unwrap()
    }

    fn rejected_jsonl(text: &str) -> String {
        String::from_utf8(rejected(Format::Jsonl, text.as_bytes())).unwrap()
    }

    const REASON: &str = "\"bad, \"\"very\"\" bad\"";

    #[test]
    fn a_rejected_row_keeps_its_bytes_and_gets_a_reason() {
        assert_eq!(
            rejected_csv("\u{FEFF}\" pin\",mailbox\r\n 1,\"2\"\r\n\"3\"x,\"\n\"\r\n"),
            format!(
                "\" pin\",mailbox,boxlift_reason\r\n 1,\"2\",{REASON}\r\n\"3\"x,\"\n\",{REASON}\r\n"
            )
        );
    }

    #[test]
    fn an_old_reason_gives_way_to_the_new_one_wherever_it_stands() {
        assert_eq!(
            rejected_csv("boxlift_reason,mailbox\n\"old, \"\"one\"\"\",\"1\"\n,2\n"),
            format!("boxlift_reason,mailbox\n{REASON},\"1\"\n{REASON},2\n")
        );
        let once = rejected_csv("mailbox,pin\n1,2\n");
        assert_eq!(rejected_csv(&once), once);
    }

    #[test]
    fn records_that_are_no_rows_stay_so_however_often_they_are_rejected() {
        let mut file = "mailbox,pin\n1\n1,\"4,4\n1,2,3\n1,2,3,4\n5,\"x\"\n9,\"\n".to_owned();
        file.push_str("8,\"a\nb\",\"c\nd\n");
        let before = csv(&file);
        for _ in 0..4 {
            file = rejected_csv(&file);
            let after = csv(&file);
            let readable = |rows: &[testing::Kept]| -> Vec<_> {
                rows.iter().map(|it| (it.readable, it.cells.clone())).collect()
            };
            assert_eq!(readable(&after), readable(&before), "{file}");
        }
    }

    #[test]
    fn a_long_line_is_written_as_it_stood() {
        let file = format!("mailbox\n{}\n1\n", "\"x,".repeat(1 << 20));
        let wanted = file.replacen("mailbox", "mailbox,boxlift_reason", 1);
        assert_eq!(rejected_csv(&file), wanted.replace("\n1\n", &format!("\n1,{REASON}\n")));
    }

    #[test]
    fn a_rejected_object_keeps_its_values_and_gets_a_reason() {
        let reason = r#""boxlift_reason":"bad, \"very\"\nbad"}"#;
        let one = |line: &str| rejected_jsonl(line);
        assert_eq!(one(r#" { "mailbox" : 1.50, "x":"\u0041" } "#), {
            format!(" {{ \"mailbox\" : 1.50, \"x\":\"\\u0041\" ,{reason}\n")
        });
        assert_eq!(one("{}"), format!("{{{reason}\n"));
        assert_eq!(one(r#"{"boxlift_reason":"old"}"#), format!("{{{reason}\n"));
        assert_eq!(
            one(r#"{"boxlift_reason": "old" , "pin":"1","boxlift_reason":[2],"mailbox":"3"}"#),
            format!("{{ \"pin\":\"1\",\"mailbox\":\"3\",{reason}\n")
        );
        assert_eq!(
            one(r#"{"boxlift_reason":1,"boxlift_reason":2,"boxlift_reason":3}"#),
            format!("{{{reason}\n")
        );
    }

    #[test]
    fn old_reasons_in_a_row_leave_no_comma_behind() {
        let reason = r#""boxlift_reason":"bad, \"very\"\nbad"}"#;
        assert_eq!(
            rejected_jsonl(r#"{"boxlift_reason":1,"boxlift_reason":2,"mailbox":"3"}"#),
            format!("{{\"mailbox\":\"3\",{reason}\n")
        );
    }

    #[test]
    fn a_broken_line_is_written_as_it_stood() {
        for line in ["{\"mailbox\":", "[1]", "{} {}", "{\"a\":\"}\"", "x"] {
            assert_eq!(rejected_jsonl(line), format!("{line}\n"));
        }
        assert_eq!(rejected(Format::Jsonl, b"{\"a\":\"\xFF\"}"), b"{\"a\":\"\xFF\"}\n");
    }

    #[test]
    #[should_panic(expected = "were not hashed")]
    fn where_records_are_read_once_there_is_no_second_reading() {
        let settings = Settings { readings: Readings::One, ..testing::settings() };
        let source = Source::spool(&b"mailbox\n101\n"[..], u64::MAX).unwrap();
        let input = Input::open(source, Format::Csv, settings).unwrap();
        input.records();
    }

    #[test]
    fn a_record_that_changed_since_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, "mailbox\n101\n102\n").unwrap();
        let source = Source::open(&path, u64::MAX).unwrap();
        let mut input = Input::open(source, Format::Csv, testing::settings()).unwrap();
        let rows = testing::rows_of(&mut input);
        std::fs::write(&path, "mailbox\n101\n103\n").unwrap();
        let mut records = input.records();
        assert!(records.read(rows[0].span, |it| it.readable).unwrap());
        let changed = input.records().read(rows[1].span, |it| it.readable);
        assert!(matches!(changed, Err(InputError::Changed { line: 3 })));
        std::fs::write(&path, "mailbox\n").unwrap();
        let missing = input.records().read(rows[0].span, |it| it.readable);
        assert!(matches!(missing, Err(InputError::Changed { line: 2 })));
    }
}
