//! The first reading: the whole input once, from its first byte to its last, as chunks of whole records.
//!
//! Holds one chunk and never a line that is too long; refuses an input that changes meanwhile.

use std::fmt;
use std::sync::Arc;

use memchr::memchr2;

use crate::input::InputError;
use crate::input::Limits;
use crate::input::Source;
use crate::input::chunk::Bound;
use crate::input::chunk::Chunk;
use crate::input::chunk::Room;
use crate::input::format::BOM;
use crate::input::head::Head;
use crate::input::split;
use crate::input::split::Extent;
use crate::input::split::Found;
use crate::input::split::Splitter;
use crate::model::RowIndex;

/// Bytes of a chunk: enough that threads seldom come back, few enough that a batch is small. Longer records have
/// longer chunks.
const CHUNK_LENGTH: usize = 1 << 20;

/// Bytes read at once to pass over a line that is too long.
const SKIP_LENGTH: usize = 256 << 10;

/// Goes once over the bytes.
#[derive(Clone)]
pub(super) struct Chunker {
    source: Arc<Source>,
    splitter: Splitter,
    limits: Limits,
    /// Read, and not yet given out.
    bytes: Vec<u8>,
    /// Where `bytes` begin in the input.
    offset: u64,
    /// Physical line with which `bytes` begin, counted from 1.
    line: u64,
    rows: RowIndex,
    at_end: bool,
    /// For the next chunks.
    rooms: Vec<Room>,
}

impl fmt::Debug for Chunker {
    /// Shows no byte of the input: rows hold PINs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunker").finish_non_exhaustive()
    }
}

impl Chunker {
    /// Begins with the first byte, behind a byte order mark.
    pub(super) fn new(
        source: Arc<Source>,
        splitter: Splitter,
        limits: Limits,
    ) -> Result<Self, InputError> {
        let (bytes, rooms, at_end) = (Vec::new(), Vec::new(), false);
        let mut it =
            Self { source, splitter, limits, bytes, offset: 0, line: 1, rows: 0, at_end, rooms };
        it.load()?;
        if it.bytes.starts_with(BOM) {
            it.forget(BOM.len());
        }
        Ok(it)
    }

    /// Passes over lines that say nothing; gives what is in memory of the rest, nothing where there is no more.
    pub(super) fn pass_blank_lines(&mut self) -> Result<&[u8], InputError> {
        loop {
            self.load()?;
            let extent = split::first_line(&self.bytes);
            if self.bytes.is_empty() || !self.splitter.shape.is_blank(&self.bytes[..extent.length])
            {
                return Ok(&self.bytes);
            }
            self.pass(extent);
        }
    }

    /// Takes the first record away, which is the header.
    pub(super) fn header(&mut self) -> Result<Head, InputError> {
        let head = self.first()?;
        if head.bytes.is_empty() {
            return Err(InputError::Empty);
        }
        let record_max = self.splitter.record_max;
        if head.bytes.len() > record_max {
            return Err(InputError::HeaderTooLong { line: head.line, record_max });
        }
        if let Found::Whole(extent) = self.splitter.find(&self.bytes) {
            self.pass(extent);
        }
        Ok(head)
    }

    /// The record that comes next, as much of it as is in memory; it stays.
    pub(super) fn first(&mut self) -> Result<Head, InputError> {
        self.load()?;
        let line = line_number(self.line)?;
        let length = match self.splitter.find(&self.bytes) {
            Found::Whole(extent) => extent.length,
            Found::Beyond { .. } => self.bytes.len(),
        };
        let ends_in_crlf = self.bytes[length..].starts_with(b"\r\n");
        Ok(Head { bytes: self.bytes[..length].to_vec(), line, ends_in_crlf })
    }

    /// By what records are found.
    pub(super) fn splitter(&self) -> Splitter {
        self.splitter
    }

    /// From now on records are cut like this.
    pub(super) fn set_splitter(&mut self, splitter: Splitter) {
        self.splitter = splitter;
    }

    /// Passes over a record.
    pub(super) fn pass(&mut self, extent: Extent) {
        self.forget(extent.next);
        self.line += u64::from(extent.lines);
    }

    /// The next records; none at the end, which also says whether the input stayed what it was.
    pub(super) fn next_chunk(&mut self) -> Result<Option<Chunk>, InputError> {
        loop {
            self.load()?;
            if self.bytes.is_empty() {
                self.source.unchanged()?;
                return Ok(None);
            }
            let chunk = self.take_chunk()?;
            if !chunk.bounds.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    /// Takes back chunks that nobody needs: their room serves for the next ones.
    pub(super) fn reuse(&mut self, spent: Vec<Chunk>) {
        // None follow at the end, and what they hold is not kept.
        self.rooms.clear();
        if !self.at_end {
            self.rooms.extend(spent.into_iter().map(Room::from));
        }
    }

    /// Reads on until a chunk is full or the input ends.
    fn load(&mut self) -> Result<(), InputError> {
        while !self.at_end && self.bytes.len() < self.chunk_length() {
            let wanted = self.chunk_length() - self.bytes.len();
            let offset = self.offset + self.bytes.len() as u64;
            self.at_end = self.source.append(offset, wanted, &mut self.bytes)? == 0;
            if self.offset + self.bytes.len() as u64 > self.limits.input {
                return Err(InputError::TooLong { length_max: self.limits.input });
            }
        }
        Ok(())
    }

    fn chunk_length(&self) -> usize {
        CHUNK_LENGTH.max(2 * self.splitter.record_max)
    }

    fn forget(&mut self, length: usize) {
        self.bytes.drain(..length);
        self.offset += length as u64;
    }

    fn take_chunk(&mut self) -> Result<Chunk, InputError> {
        let (offset, first_row) = (self.offset, self.rows);
        let Room { bytes: mut rest, mut bounds } = self.rooms.pop().unwrap_or_default();
        let mut at = 0;
        let mut beyond = None;
        while self.at_end && at < self.bytes.len() || self.bytes.len() - at >= self.splitter.sight()
        {
            match self.splitter.find(&self.bytes[at..]) {
                Found::Whole(extent) => {
                    if !self.splitter.shape.is_blank(&self.bytes[at..at + extent.length]) {
                        bounds.push(self.bound(at, extent)?);
                    }
                    at += extent.next;
                    self.line += u64::from(extent.lines);
                }
                Found::Beyond { lines } => {
                    beyond = Some(lines);
                    break;
                }
            }
        }
        if let Some(lines) = beyond {
            let (bound, next) = self.pass_line(at, lines)?;
            bounds.push(bound);
            self.bytes.truncate(at + (bound.length as usize).min(self.splitter.record_max));
            self.offset = next;
        } else {
            self.offset += at as u64;
            rest.reserve(self.chunk_length());
            rest.extend_from_slice(&self.bytes[at..]);
            self.bytes.truncate(at);
        }
        Ok(Chunk { bytes: std::mem::replace(&mut self.bytes, rest), offset, bounds, first_row })
    }

    fn bound(&mut self, start: usize, extent: Extent) -> Result<Bound, InputError> {
        if self.rows >= self.limits.rows {
            return Err(InputError::TooManyRows { rows_max: self.limits.rows });
        }
        self.rows += 1;
        let line = line_number(self.line)?;
        let length = u32::try_from(extent.length);
        let length = length.map_err(|_| InputError::LineBeyondCounting { line })?;
        // A chunk is far smaller than what 32 bits count.
        let start = u32::try_from(start).map_err(|_| InputError::LineBeyondCounting { line })?;
        Ok(Bound { start, length, line })
    }

    /// Reads on to the end of a physical line that is not in memory; gives its record and what comes after.
    fn pass_line(&mut self, start: usize, lines: u32) -> Result<(Bound, u64), InputError> {
        let begin = self.offset + start as u64;
        // The last byte in memory may be the CR of a CRLF.
        let from = self.offset + self.bytes.len() as u64 - 1;
        let (end, next) = find_line_end(&self.source, from)?;
        let length = usize::try_from(end - begin).unwrap_or(usize::MAX);
        let ends = u32::from(next > end);
        let extent = Extent { length, next: length, lines: lines + ends };
        let bound = self.bound(start, extent)?;
        self.line += u64::from(extent.lines);
        self.at_end = false;
        Ok((bound, next))
    }
}

/// Where the physical line around `from` ends, and where the next one begins.
fn find_line_end(source: &Source, from: u64) -> Result<(u64, u64), InputError> {
    let mut at = from;
    let mut block = Vec::with_capacity(SKIP_LENGTH);
    loop {
        block.clear();
        if source.append(at, SKIP_LENGTH, &mut block)? == 0 {
            return Ok((at, at));
        }
        if let Some(hit) = memchr2(b'\n', b'\r', &block) {
            let end = at + hit as u64;
            block.clear();
            source.append(end, 2, &mut block)?;
            return Ok((end, end + split::line_end_length(&block, 0) as u64));
        }
        at += block.len() as u64;
    }
}

fn line_number(line: u64) -> Result<u32, InputError> {
    u32::try_from(line).map_err(|_| InputError::TooManyLines)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use crate::input::Format;
    use crate::input::Input;
    use crate::input::InputError;
    use crate::input::Limits;
    use crate::input::Source;
    use crate::input::testing;
    use crate::input::testing::csv;
    use crate::input::testing::jsonl;
    use crate::input::testing::text;
    use crate::model::Rule;

    fn mailboxes(bytes: impl AsRef<[u8]>) -> Vec<(u32, String)> {
        let rows = csv(bytes);
        let cell = |it: &testing::Kept| (it.span.line, format!("{:?}", it.cells[0]));
        rows.iter().map(cell).collect()
    }

    fn told(rows: &[(u32, &str)]) -> Vec<(u32, String)> {
        rows.iter().map(|it| (it.0, format!("{:?}", text(it.1)))).collect()
    }

    #[test]
    fn line_ends_may_be_mixed_and_blank_lines_are_no_rows() {
        let all = told(&[(2, "1"), (3, "2"), (5, "3"), (7, "4")]);
        assert_eq!(mailboxes("mailbox\r1\n2\r\n\n3\r\r\n4"), all);
        assert_eq!(mailboxes("mailbox\r1\r2\r \t\r3\r\r4\r"), all);
    }

    #[test]
    fn a_byte_order_mark_and_lines_before_the_header_are_passed_over() {
        let rows = mailboxes("\u{FEFF}\n \r\n\"mailbox\"\n1\n");
        assert_eq!(rows, told(&[(4, "1")]));
    }

    #[test]
    fn a_header_may_reach_over_lines() {
        assert_eq!(mailboxes("\"\nmailbox\",pin\n1,2\n"), told(&[(3, "1")]));
    }

    #[test]
    fn an_input_without_a_header_is_refused() {
        let refused = |bytes: &[u8]| testing::open(Format::Csv, bytes).unwrap_err();
        for blank in [&b""[..], b"\xEF\xBB\xBF", b"\n \r\n\t"] {
            assert!(matches!(refused(blank), InputError::Empty));
        }
        assert!(matches!(refused(b"\"mailbox\n1\n"), InputError::HeaderUnclosed { line: 1 }));
        assert!(matches!(refused(b"\""), InputError::HeaderUnclosed { line: 1 }));
        assert!(matches!(refused(&vec![b'a'; 2 << 20]), InputError::HeaderTooLong { line: 1, .. }));
        let row = refused(b"\n101,471188\n");
        assert!(matches!(row, InputError::NoHeader { line: 2, .. }));
        assert!(!format!("{row:?}{row}{}", row.help()).contains("471188"));
    }

    #[test]
    fn chunks_may_end_anywhere() {
        let head =
            "mailbox,description\n".to_owned() + &format!("1,{}\n", "x".repeat(1 << 15)).repeat(30);
        let row = "2,\"ü\"\"\r\n,\"\"\"\r\n";
        let wanted = [text("2"), text("ü\"\r\n,\"")];
        for shift in 0..row.len() {
            let rows = csv(format!("{head}{}1,x\n{}", "0".repeat(shift), row.repeat(8000)));
            assert_eq!((rows.len(), rows[8030].span.line), (8031, 16031));
            assert!(rows[31..].iter().all(|it| [&it.cells[0], &it.cells[2]] == wanted.each_ref()));
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_counted() {
        let line = "x".repeat(3 << 20);
        for end in ["\n", "\r\n", "\r"] {
            for text in [&line, &line[..=Limits::default().record]] {
                let rows = csv(format!("mailbox{end}1{end}{text}{end}2{end}"));
                assert_eq!(rows.len(), 3);
                assert_eq!(rows[1].rules(), [Rule::RecordTooLong]);
                let lines: Vec<_> = rows.iter().map(|it| it.span.line).collect();
                assert_eq!((rows[1].span.length as usize, lines), (text.len(), vec![2, 3, 4]));
            }
        }
        assert_eq!(jsonl(&line)[0].rules(), [Rule::RecordTooLong]);
    }

    #[test]
    fn a_line_end_in_two_halves_is_one_line_end() {
        // The end of the long line falls on each side of every border between two reads.
        for border in [1 << 20, (1 << 20) + (256 << 10)] {
            for length in border - 12..border {
                let file = format!("mailbox\n{}\r\n2\n", "x".repeat(length));
                let rows = csv(file);
                assert_eq!((rows.len(), rows[1].span.line), (2, 3), "{length}");
            }
        }
    }

    #[test]
    fn stray_quotes_cost_their_own_lines_alone() {
        let rows = csv("mailbox,pin\n1,\"\n\n3,4\n");
        assert_eq!((rows.len(), rows[1].cells[0].clone()), (2, text("3")));
        let mut file = "mailbox,pin\n".to_owned();
        for _ in 0..50 {
            file.push_str("1,\"x\n");
            file.push_str(&"2,y\n".repeat(60));
        }
        let rows = csv(file);
        let broken = rows.iter().filter(|it| it.rules() == [Rule::UnclosedQuote]).count();
        assert_eq!((rows.len(), broken), (50 * 61, 50));
    }

    #[test]
    fn a_file_that_is_written_during_the_reading_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, "mailbox\n1\n").unwrap();
        let source = Source::open(&path, u64::MAX).unwrap();
        let mut input = Input::open(source, Format::Csv, testing::settings()).unwrap();
        assert_eq!(input.next_chunk().unwrap().unwrap().rows(), 1);
        std::fs::File::options().append(true).open(&path).unwrap().write_all(b"2\n").unwrap();
        assert!(matches!(input.next_chunk(), Err(InputError::ChangedWhileRead)));
    }
}
