//! XML, piece by piece, with a bound on each: a text or a tag that never ends must not fill the memory.

use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use crate::input::sheet::archive;
use crate::input::sheet::error::SheetError;

/// Longest text or tag in bytes; a cell has at most 32,767 characters.
pub(super) const EVENT_LENGTH_MAX: u64 = 1 << 20;

/// Deepest nesting of tags; spreadsheets need about a dozen.
const DEPTH_MAX: u32 = 128;

/// Reads one part of a spreadsheet.
pub(super) struct Events<R: Read> {
    reader: Reader<Bounded<R>>,
    buffer: Vec<u8>,
    depth: u32,
}

impl<R: Read> Events<R> {
    /// Begins with the first piece.
    pub(super) fn new(part: R) -> Self {
        let bounded = Bounded { reader: BufReader::new(part), left: 0 };
        let mut reader = Reader::from_reader(bounded);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Self { reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Result<Event<'_>, SheetError> {
        self.buffer.clear();
        self.reader.get_mut().left = EVENT_LENGTH_MAX;
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(SheetError::TextTooLong);
            }
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::QuotaExceeded => {
                return Err(SheetError::InflatesTooFar);
            }
            Err(quick_xml::Error::Io(_)) => return Err(archive::damaged()),
            Err(_) => return Err(SheetError::Damaged { what: "a part of it is no XML" }),
        };
        match event {
            Event::Start(_) if self.depth >= DEPTH_MAX => {
                return Err(SheetError::Damaged { what: "its tags stand too deep in each other" });
            }
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(event)
    }

    /// Bytes that were read.
    pub(super) fn position(&self) -> u64 {
        self.reader.buffer_position()
    }
}

/// Gives so many bytes and then an error, until it is told to go on.
struct Bounded<R> {
    reader: BufReader<R>,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let filled = self.reader.fill_buf()?;
        let length = filled.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        Ok(&filled[..length])
    }

    fn consume(&mut self, length: usize) {
        self.left -= length as u64;
        self.reader.consume(length);
    }
}

/// Adds what a text, a marked section or an entity says; other pieces say nothing.
pub(super) fn add_text(text: &mut String, event: &Event<'_>) -> Result<(), SheetError> {
    match event {
        Event::Text(it) => text.push_str(&it.xml10_content()),
        Event::CData(it) => text.push_str(&it.xml10_content()),
        Event::GeneralRef(it) => match it.resolve_char_ref() {
            Ok(Some(character)) => text.push(character),
            Ok(None) => text.push_str(resolve_predefined_entity(it).unwrap_or_default()),
            Err(_) => return Err(SheetError::Damaged { what: "a character in it is none" }),
        },
        _ => {}
    }
    Ok(())
}

/// The value of an attribute by its name as it is written, entities undone.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, SheetError> {
    let damaged = SheetError::Damaged { what: "a tag in it is no XML" };
    for attribute in tag.attributes().with_checks(false) {
        let Ok(attribute) = attribute else { return Err(damaged) };
        if attribute.key.as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            return value.map(|it| Some(it.into_owned())).map_err(|_| damaged);
        }
    }
    Ok(None)
}
