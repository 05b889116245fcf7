//! Lanes: rows that touch the same mailbox, or may do so.
//!
//! A blank customer is the login's own, which may be any number: a mailbox number that stands with and without a
//! customer is one lane.

use crate::model::RowIndex;
use crate::model::Sheet;

/// For every row its lane, and where rows may be moved the row before it there.
pub(super) struct Lanes {
    lane: Vec<u32>,
    before: Vec<Option<RowIndex>>,
    /// For every lane whether any row has to wait for another there.
    shared: Vec<bool>,
}

/// Rows without a mailbox have none.
const NO_LANE: u32 = u32::MAX;

impl Lanes {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let rows = sheet.rows.len();
        let moved = if sheet.copies.is_empty() { 0 } else { rows };
        let (lane, before) = (vec![NO_LANE; rows], vec![None; moved]);
        let mut lanes = Self { lane, before, shared: Vec::with_capacity(sheet.by_mailbox.len()) };
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
        let lane = u32::try_from(self.shared.len()).unwrap_or(NO_LANE);
        let mut before = None;
        for &row in rows {
            self.lane[row as usize] = lane;
            if let Some(it) = self.before.get_mut(row as usize) {
                *it = before.replace(row);
            }
        }
        // Whoever copies a PIN waits for a lane of one row, too.
        self.shared.push(rows.len() > 1 || !self.before.is_empty());
    }

    /// Whether any row may have to wait for one of the lane.
    pub(super) fn is_shared(&self, lane: u32) -> bool {
        self.shared[lane as usize]
    }

    pub(super) fn of_row(&self, row: RowIndex) -> u32 {
        self.lane[row as usize]
    }

    /// The row before it in its lane, where any row may have to be moved.
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
