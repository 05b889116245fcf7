//! Lanes: rows that touch the same mailbox, or may do so.
//!
//! A blank customer is the login's own, which may be any number: a mailbox number that stands with and without a
//! customer is one lane.

use crate::model::RowIndex;
use crate::model::Sheet;

/// For every row its lane, and the row before it there.
pub(super) struct Lanes {
    lane: Vec<u32>,
    before: Vec<Option<RowIndex>>,
    count: u32,
}

/// Rows without a mailbox have none.
const NO_LANE: u32 = u32::MAX;

impl Lanes {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let rows = sheet.rows.len();
        let mut lanes = Self { lane: vec![NO_LANE; rows], before: vec![None; rows], count: 0 };
        let same_mailbox =
            |one: &RowIndex, other: &RowIndex| sheet.row(*one).mailbox == sheet.row(*other).mailbox;
        let same_customer = |one: &RowIndex, other: &RowIndex| {
            sheet.row(*one).customer == sheet.row(*other).customer
        };
        for rows in sheet.by_mailbox.chunk_by(same_mailbox) {
            let blank = rows.iter().filter(|it| sheet.row(**it).customer.is_none()).count();
            if blank > 0 && blank < rows.len() {
                let mut rows = rows.to_vec();
                rows.sort_unstable();
                lanes.add(&rows);
            } else {
                rows.chunk_by(same_customer).for_each(|rows| lanes.add(rows));
            }
        }
        lanes
    }

    /// Adds a lane of `rows` in file order.
    fn add(&mut self, rows: &[RowIndex]) {
        let mut before = None;
        for &row in rows {
            self.lane[row as usize] = self.count;
            self.before[row as usize] = before;
            before = Some(row);
        }
        self.count += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    pub(super) fn of_row(&self, row: RowIndex) -> u32 {
        self.lane[row as usize]
    }

    /// The row before it in its lane.
    pub(super) fn before(&self, row: RowIndex) -> Option<RowIndex> {
        self.before[row as usize]
    }

    /// The lane of the mailbox from which `row` copies its PIN, where a row of the file touches it.
    pub(super) fn of_source(&self, sheet: &Sheet, row: RowIndex) -> Option<u32> {
        let source = sheet.copied_from(row)?;
        let customer = sheet.row(row).customer;
        let touching = || match customer {
            Some(_) => sheet.first_of(source, customer).or_else(|| sheet.first_of(source, None)),
            None => sheet.first_of(source, None).or_else(|| sheet.any_of(source)),
        };
        sheet.source_row(row).or_else(touching).map(|it| self.of_row(it))
    }
}
