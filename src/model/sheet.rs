//! A whole input after it was checked: a few bytes a row, nothing of it as text.

use crate::model::Action;
use crate::model::Mailbox;
use crate::model::RowIndex;
use crate::model::Span;

/// What is kept of a row between the check and the call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CheckedRow {
    /// Where its bytes stand.
    pub span: Span,
    /// Its mailbox, if the row names a good one.
    pub mailbox: Option<Mailbox>,
    /// The customer it names.
    pub customer: Option<u32>,
    /// What it asks for, if the word is known.
    pub action: Option<Action>,
    /// No rule that counts as an error is broken.
    pub valid: bool,
}

/// All rows of an input, in its order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sheet {
    /// One for every record.
    pub rows: Vec<CheckedRow>,
    /// The rows that copy a PIN, with the mailbox that they copy it from; sorted by row.
    pub copies: Vec<(RowIndex, Mailbox)>,
    /// The rows with a mailbox, sorted by it, then by customer, then by row.
    pub by_mailbox: Vec<RowIndex>,
}

impl Sheet {
    /// A row by its number.
    pub fn row(&self, row: RowIndex) -> &CheckedRow {
        &self.rows[row as usize]
    }

    /// The mailbox whose PIN a row copies.
    pub fn copied_from(&self, row: RowIndex) -> Option<Mailbox> {
        let place = self.copies.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        Some(self.copies[place].1)
    }

    /// All rows of one mailbox number, customer by customer.
    pub fn rows_of(&self, mailbox: Mailbox) -> &[RowIndex] {
        let of = |row: &RowIndex| self.row(*row).mailbox;
        let start = self.by_mailbox.partition_point(|row| of(row) < Some(mailbox));
        let rest = &self.by_mailbox[start..];
        &rest[..rest.partition_point(|row| of(row) == Some(mailbox))]
    }

    /// The rows of one mailbox of one customer, in file order.
    pub fn rows_of_customer(&self, mailbox: Mailbox, customer: Option<u32>) -> &[RowIndex] {
        let all = self.rows_of(mailbox);
        let rest = &all[all.partition_point(|it| self.row(*it).customer < customer)..];
        &rest[..rest.partition_point(|it| self.row(*it).customer == customer)]
    }

    /// The row that makes the mailbox from which `row` copies its PIN, wherever in the file it stands.
    ///
    /// A row of the very same customer comes before one that may be of the same: a blank customer is the
    /// login's own, and that may be any number.
    pub fn source_row(&self, row: RowIndex) -> Option<RowIndex> {
        let source = self.copied_from(row)?;
        let creates = |it: &RowIndex| self.row(*it).action == Some(Action::Create);
        let of = |customer| {
            self.rows_of_customer(source, customer).iter().copied().find(|it| creates(it))
        };
        let customer = self.row(row).customer;
        of(customer).or_else(|| match customer {
            Some(_) => of(None),
            None => self.rows_of(source).iter().copied().filter(creates).min(),
        })
    }
}
