//! The input stage: the bytes of a file or a pipe become rows whose form was looked at.
//!
//! Two readings: the first goes over the whole input in chunks that threads read side by side, the second
//! takes single records again by their place. Refuses to judge what a cell means, to repeat a cell in any text,
//! and to hold more of the input than a few chunks.

mod chunk;
mod chunker;
mod delimited;
mod error;
mod fields;
mod format;
mod header;
mod layout;
mod names;
mod object;
#[cfg(test)]
mod properties;
mod record;
mod records;
mod rejects;
mod source;
mod split;
#[cfg(test)]
mod testing;

use std::sync::Arc;

pub use chunk::Chunk;
pub use error::Fault;
pub use error::HeaderHint;
pub use error::InputError;
pub use format::Format;
pub use layout::Layout;
pub use layout::Settings;
pub use records::Records;
pub use source::Source;
pub use source::same_file;

use crate::input::chunker::Chunker;
use crate::input::header::Header;
use crate::model::Problem;
use crate::model::RowIndex;

/// Longest record in bytes; a mailbox has a few hundred.
pub const RECORD_LENGTH_MAX: usize = 64 << 10;

/// Most physical lines of one record; a longer one is a quote that was forgotten.
pub const RECORD_LINES_MAX: u32 = 50;

/// Most rows of one input.
pub const ROWS_MAX: RowIndex = 10_000_000;

/// An input whose header was read.
#[derive(Debug)]
pub struct Input {
    chunker: Chunker,
    source: Arc<Source>,
    layout: Arc<Layout>,
    header_problems: Vec<Problem>,
}

impl Input {
    /// Reads the header where the format has one.
    pub fn open(source: Source, format: Format, settings: Settings) -> Result<Self, InputError> {
        let source = Arc::new(source);
        let mut chunker = Chunker::new(Arc::clone(&source), format)?;
        let (header, header_problems) = match format {
            Format::Csv => {
                let head = chunker.header()?.ok_or(InputError::Empty)?;
                Header::read(&head, &settings.names)?
            }
            Format::Jsonl => (Header::default(), Vec::new()),
        };
        let layout = Arc::new(Layout::new(format, header, settings));
        Ok(Self { chunker, source, layout, header_problems })
    }

    /// What is wrong with the header's names. Rows can be read all the same, with the columns that are known.
    pub fn header_problems(&self) -> &[Problem] {
        &self.header_problems
    }

    /// What the records of this input are read with.
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout)
    }

    /// The bytes themselves, to compare with files that are to be written.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The next chunk of the first reading, in the order of the file; none at the end.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, InputError> {
        self.chunker.next_chunk()
    }

    /// Up to `chunks_max` chunks at once, so that threads have something to share; none at the end.
    pub fn next_batch(&mut self, chunks_max: usize) -> Result<Option<Vec<Chunk>>, InputError> {
        let mut batch = Vec::with_capacity(chunks_max);
        while batch.len() < chunks_max.max(1) {
            match self.next_chunk()? {
                Some(chunk) => batch.push(chunk),
                None => break,
            }
        }
        Ok((!batch.is_empty()).then_some(batch))
    }

    /// The second reading.
    pub fn records(&self) -> Records {
        Records::new(Arc::clone(&self.source), Arc::clone(&self.layout))
    }

    /// The line with which a file of rejects begins; empty where the format has no header.
    pub fn rejects_header(&self) -> Vec<u8> {
        match self.layout.format {
            Format::Csv => rejects::header(&self.layout.header),
            Format::Jsonl => Vec::new(),
        }
    }
}
