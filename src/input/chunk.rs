//! A piece of the input that holds whole records, to be read on any thread.
//!
//! Keeps nothing beyond its own bytes; refuses to hold on to a row once it was shown.

use std::fmt;
use std::ops::Range;

use crate::input::Layout;
use crate::input::record::RecordReader;
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
        let mut reader = RecordReader::of(layout);
        for Bound { start, length, line } in self.bounds[rows].iter().copied() {
            let bytes = &self.bytes[start as usize..];
            let bytes = &bytes[..bytes.len().min(length as usize).min(layout.splitter.record_max)];
            let digest = layout.digest(bytes, length);
            let offset = self.offset + u64::from(start);
            show(reader.read(bytes, Span { offset, length, line, digest }));
        }
    }
}
