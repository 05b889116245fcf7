//! A piece of the input that holds whole records, to be read on any thread.
//!
//! Keeps nothing beyond its own bytes; refuses to hold on to a row once it was shown.

use std::fmt;
use std::ops::Range;

use crate::input::Layout;
use crate::input::record::RecordReader;
use crate::input::stretch::Stretch;
use crate::model::RawRow;
use crate::model::RowIndex;
use crate::model::Span;

/// Whole records, about a mebibyte of them.
pub struct Chunk {
    pub(super) bytes: Vec<u8>,
    /// Bytes of the input before these.
    pub(super) offset: u64,
    pub(super) bounds: Vec<Bound>,
    pub(super) first_row: RowIndex,
}

impl fmt::Debug for Chunk {
    /// Shows no byte of the input: rows hold PINs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk").finish_non_exhaustive()
    }
}

/// Where a record stands in its chunk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Bound {
    pub(super) start: u32,
    /// Of a record that is too long, more than the chunk holds.
    pub(super) length: u32,
    pub(super) line: u32,
}

/// Room for a chunk: what one that is spent leaves behind.
#[derive(Clone, Default)]
pub(super) struct Room {
    pub(super) bytes: Vec<u8>,
    pub(super) bounds: Vec<Bound>,
}

impl From<Chunk> for Room {
    fn from(chunk: Chunk) -> Self {
        let Chunk { mut bytes, mut bounds, offset: _, first_row: _ } = chunk;
        bytes.clear();
        bounds.clear();
        Self { bytes, bounds }
    }
}

impl Chunk {
    /// The row with which it begins.
    pub fn first_row(&self) -> RowIndex {
        self.first_row
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.bounds.len()
    }

    /// Reads its records in their order, and shows each as a row.
    pub fn visit(&self, layout: &Layout, show: impl FnMut(RawRow<'_>)) {
        self.visit_some(layout, 0..self.rows(), show);
    }

    /// The same for some of its records, by their places in it.
    pub fn visit_some(
        &self,
        layout: &Layout,
        rows: Range<usize>,
        mut show: impl FnMut(RawRow<'_>),
    ) {
        let bounds = &self.bounds[rows];
        let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else { return };
        let record_max = layout.splitter.record_max;
        let end = |it: &Bound| {
            let length = (it.length as usize).min(record_max);
            self.bytes.len().min(it.start as usize + length)
        };
        let begin = first.start as usize;
        let stretch = Stretch::of(&self.bytes[begin..end(last)], layout.splitter.shape);
        let mut reader = RecordReader::of(layout);
        for bound in bounds {
            let record = stretch.record(bound.start as usize - begin..end(bound) - begin);
            let Bound { start, length, line } = *bound;
            let digest = layout.digest(record.bytes, length).unwrap_or_default();
            let offset = self.offset + u64::from(start);
            show(reader.read(record, Span { offset, length, line, digest }));
        }
    }
}
