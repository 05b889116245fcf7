//! A whole input after it was checked: a few bytes a row, nothing of it as text.

use std::borrow::Cow;

use crate::model::Action;
use crate::model::Mailbox;
use crate::model::RowIndex;
use crate::model::Span;
use crate::model::Standing;

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
    /// Digits of the PIN it gives, 255 where they are more; 0 where it gives none, or one that is not digits.
    pub pin_digits: u8,
    /// Whether it may be sent.
    pub standing: Standing,
}

impl CheckedRow {
    /// Whether it is left out.
    pub fn is_excluded(&self) -> bool {
        matches!(self.standing, Standing::Excluded(_))
    }
}

/// All rows of an input, in its order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sheet {
    /// One for every record.
    pub rows: Vec<CheckedRow>,
    /// The rows that copy a PIN, with the mailbox that they copy it from; sorted by row.
    pub copies: Vec<(RowIndex, Mailbox)>,
    /// The rows with a mailbox that are not left out, sorted by it, then by customer, then by row.
    pub by_mailbox: Vec<RowIndex>,
    /// Those of them that create, in the same order; none are listed where nobody copies a PIN from one.
    pub creates: Vec<RowIndex>,
}

impl Sheet {
    /// A row by its number.
    pub fn row(&self, row: RowIndex) -> &CheckedRow {
        &self.rows[row as usize]
    }

    /// The rows that are not left out, in their order.
    pub fn judged(&self) -> impl Iterator<Item = (RowIndex, &CheckedRow)> {
        (0..).zip(&self.rows).filter(|(_, row)| !row.is_excluded())
    }

    /// The mailbox whose PIN a row copies.
    pub fn copied_from(&self, row: RowIndex) -> Option<Mailbox> {
        let place = self.copies.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        Some(self.copies[place].1)
    }

    /// Puts the rows into the order that looking them up needs. Until then they cannot be looked up.
    pub fn set_order(&mut self, by_mailbox: Vec<RowIndex>) {
        let creates = |it: &RowIndex| self.row(*it).action == Some(Action::Create);
        if !self.copies.is_empty() {
            self.creates = by_mailbox.iter().copied().filter(creates).collect();
        }
        self.by_mailbox = by_mailbox;
    }

    /// The same with the rows that are left out, in which an earlier run may have seen rows of equal names.
    pub fn all_by_mailbox(&self) -> Cow<'_, [RowIndex]> {
        let places = (0..).zip(&self.rows);
        let left_out = places.filter(|(_, it)| it.is_excluded() && it.mailbox.is_some());
        let mut left_out = left_out.map(|(place, _)| place).peekable();
        if left_out.peek().is_none() {
            return Cow::Borrowed(&self.by_mailbox);
        }
        let mut all: Vec<_> = self.by_mailbox.iter().copied().chain(left_out).collect();
        all.sort_unstable_by_key(|it| (self.row(*it).mailbox, self.row(*it).customer, *it));
        Cow::Owned(all)
    }

    /// The first row of a mailbox of a customer.
    pub fn first_of(&self, mailbox: Mailbox, customer: Option<u32>) -> Option<RowIndex> {
        self.first_among(&self.by_mailbox, mailbox, customer)
    }

    /// Any row of a mailbox number, the same one always.
    pub fn any_of(&self, mailbox: Mailbox) -> Option<RowIndex> {
        self.any_among(&self.by_mailbox, mailbox)
    }

    /// The row that makes the mailbox from which `row` copies its PIN, wherever in the file it stands.
    ///
    /// A row of the very same customer comes before one that may be of the same: a blank customer is the
    /// login's own, and that may be any number.
    pub fn source_row(&self, row: RowIndex) -> Option<RowIndex> {
        let source = self.copied_from(row)?;
        let of = |customer| self.first_among(&self.creates, source, customer);
        let customer = self.row(row).customer;
        of(customer).or_else(|| match customer {
            Some(_) => of(None),
            None => self.any_among(&self.creates, source),
        })
    }

    fn first_among(
        &self,
        sorted: &[RowIndex],
        mailbox: Mailbox,
        customer: Option<u32>,
    ) -> Option<RowIndex> {
        let key = |it: RowIndex| (self.row(it).mailbox, self.row(it).customer);
        let wanted = (Some(mailbox), customer);
        let place = sorted.partition_point(|it| key(*it) < wanted);
        sorted.get(place).copied().filter(|it| key(*it) == wanted)
    }

    fn any_among(&self, sorted: &[RowIndex], mailbox: Mailbox) -> Option<RowIndex> {
        let place = sorted.partition_point(|it| self.row(*it).mailbox < Some(mailbox));
        sorted.get(place).copied().filter(|it| self.row(*it).mailbox == Some(mailbox))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_three_quarters_of_a_cache_line_and_no_more() {
        assert_eq!(size_of::<CheckedRow>(), 48);
    }
}
