//! Rows against each other: mailboxes that are made twice or too late, customers that mix, PINs copied in circles, and
//! numbers that are shorter than nearly all others.
//!
//! Works on the sheet alone. Every row of a mailbox after the first that breaks a rule has a problem of its own.

use std::collections::HashMap;

use rayon::iter::IndexedParallelIterator;
use rayon::iter::IntoParallelRefIterator;
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;
use rayon::slice::ParallelSliceMut;

use crate::check::Checked;
use crate::check::Usuals;
use crate::check::lengths;
use crate::check::lengths::Usual;
use crate::model::Action;
use crate::model::CheckedRow;
use crate::model::Problem;
use crate::model::RowIndex;
use crate::model::Rule;
use crate::model::Sheet;

/// What is wrong between two rows, told of the one that comes later in the file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Crossed {
    /// The mailbox is created by that row already.
    DuplicateCreate(RowIndex),
    /// The mailbox is updated by that row, before it is created.
    CreateAfterUpdate(RowIndex),
    /// The number stands in that row with or without a customer, and here the other way.
    CustomerMixed(RowIndex),
    /// The PIN comes from that row, which gets it, over others perhaps, from this one.
    CopyPinCycle(RowIndex),
    /// The mailbox has fewer digits than nearly all others.
    ShortMailbox,
    /// The PIN has fewer digits than nearly all others.
    ShortPin,
}

impl Crossed {
    /// The rule that is broken.
    pub fn rule(self) -> Rule {
        match self {
            Self::DuplicateCreate(_) => Rule::DuplicateCreate,
            Self::CreateAfterUpdate(_) => Rule::CreateAfterUpdate,
            Self::CustomerMixed(_) => Rule::CustomerMixed,
            Self::CopyPinCycle(_) => Rule::CopyPinCycle,
            Self::ShortMailbox | Self::ShortPin => Rule::ShortValues,
        }
    }

    /// The finding, with the other row as `file:line`.
    pub fn problem(self, row: RowIndex, checked: &Checked, file: &str) -> Problem {
        let Checked { sheet, usuals, findings: _, crossed: _, lengths: _ } = checked;
        let mailbox = sheet.row(row).mailbox.map(|it| it.to_string()).unwrap_or_default();
        let at = |other: RowIndex| format!("{file}:{}", sheet.row(other).span.line);
        let (column, message, help) = match self {
            Self::DuplicateCreate(first) => (
                "mailbox",
                format!("mailbox {mailbox} is created at {} already", at(first)),
                "keep one of the two rows, or make this one an update",
            ),
            Self::CreateAfterUpdate(update) => (
                "mailbox",
                format!("mailbox {mailbox} is updated at {}, before it is created", at(update)),
                "put the row that creates it first",
            ),
            Self::CustomerMixed(other) => (
                "customer",
                format!("mailbox {mailbox} stands with and without a customer: see {}", at(other)),
                "give the customer in both rows if it is the same mailbox",
            ),
            Self::CopyPinCycle(source) => (
                "copy_pin",
                format!("mailbox {mailbox} copies its PIN in a circle, by way of {}", at(source)),
                "give one of the rows of the circle a pin",
            ),
            Self::ShortMailbox => {
                let digits = lengths::digits(sheet.row(row).mailbox.as_ref());
                ("mailbox", shorter(digits, usuals.mailbox), SHORT_HELP)
            }
            Self::ShortPin => ("pin", shorter(sheet.row(row).pin_digits, usuals.pin), SHORT_HELP),
        };
        Problem::in_column(self.rule(), sheet.row(row).span.line, column, message, help)
    }
}

const SHORT_HELP: &str = "format the column as text in the spreadsheet and export it again, or give `--allow short-values` \
                          if they are meant";

fn shorter(digits: u8, usual: Option<Usual>) -> String {
    let Usual { digits: most, values, of } = usual.unwrap_or_else(|| {
        unreachable!("a value is found to be shorter where there is a usual length alone")
    });
    let noun = if digits == 1 { "digit" } else { "digits" };
    format!("{digits} {noun} where {values} of {of} have {most}: a zero in front may be lost")
}

/// The rows that name a mailbox and are not left out, sorted by it, then by customer, then by row.
pub(super) fn by_mailbox(sheet: &Sheet) -> Vec<RowIndex> {
    let is_named = |row: &CheckedRow| !row.is_excluded() && row.mailbox.is_some();
    let places = sheet.rows.par_iter().enumerate().filter(|(_, row)| is_named(row));
    let mut order: Vec<RowIndex> =
        places.map(|(place, _)| RowIndex::try_from(place).unwrap_or(RowIndex::MAX)).collect();
    let key = |place: &RowIndex| {
        let row = sheet.row(*place);
        (row.mailbox, row.customer, *place)
    };
    // Many files are in order, and that is seen on all cores.
    if !order.par_windows(2).all(|pair| key(&pair[0]) < key(&pair[1])) {
        order.par_sort_unstable_by_key(key);
    }
    order
}

/// Everything that is wrong between rows, sorted by row.
pub(super) fn compare(sheet: &Sheet, usuals: &Usuals) -> Vec<(RowIndex, Crossed)> {
    let same_mailbox =
        |one: &RowIndex, other: &RowIndex| sheet.row(*one).mailbox == sheet.row(*other).mailbox;
    let same_customer =
        |one: &RowIndex, other: &RowIndex| sheet.row(*one).customer == sheet.row(*other).customer;
    let several = sheet.by_mailbox.par_chunk_by(same_mailbox).filter(|it| it.len() > 1);
    let mut crossed: Vec<_> = several
        .flat_map_iter(|rows| {
            let mut crossed = Vec::new();
            mixed(sheet, rows, &mut crossed);
            for rows in rows.chunk_by(same_customer) {
                order_of_actions(sheet, rows, &mut crossed);
            }
            crossed
        })
        .collect();
    cycles(sheet, &mut crossed);
    short(sheet, usuals, &mut crossed);
    crossed.par_sort_unstable();
    crossed
}

/// Rows of one mailbox number that name a customer, beside rows that do not.
fn mixed(sheet: &Sheet, rows: &[RowIndex], crossed: &mut Vec<(RowIndex, Crossed)>) {
    let Some(&first) = rows.iter().min() else { return };
    let named = |row: RowIndex| sheet.row(row).customer.is_some();
    for &row in rows.iter().filter(|it| named(**it) != named(first)) {
        crossed.push((row, Crossed::CustomerMixed(first)));
    }
}

/// Rows of one mailbox of one customer: at most one creates it, and that one comes first.
fn order_of_actions(sheet: &Sheet, rows: &[RowIndex], crossed: &mut Vec<(RowIndex, Crossed)>) {
    let mut create = None;
    let mut update = None;
    for &row in rows {
        match sheet.row(row).action {
            Some(Action::Create) => {
                if let Some(create) = create {
                    crossed.push((row, Crossed::DuplicateCreate(create)));
                } else if let Some(update) = update {
                    crossed.push((row, Crossed::CreateAfterUpdate(update)));
                }
                create = create.or(Some(row));
            }
            Some(Action::Update) => update = update.or(Some(row)),
            None => {}
        }
    }
}

/// Rows whose numbers are shorter than is usual in their columns.
fn short(sheet: &Sheet, usuals: &Usuals, crossed: &mut Vec<(RowIndex, Crossed)>) {
    if let Some(usual) = usuals.mailbox {
        let is_short = |row: &CheckedRow| usual.is_above(lengths::digits(row.mailbox.as_ref()));
        let rows = sheet.judged().filter(|(_, row)| is_short(row));
        crossed.extend(rows.map(|(place, _)| (place, Crossed::ShortMailbox)));
    }
    if let Some(usual) = usuals.pin {
        let rows = sheet.judged().filter(|(_, row)| usual.is_above(row.pin_digits));
        crossed.extend(rows.map(|(place, _)| (place, Crossed::ShortPin)));
    }
}

/// Rows whose sources lead back to themselves. Each row has at most one source, so a walk finds its circle.
fn cycles(sheet: &Sheet, crossed: &mut Vec<(RowIndex, Crossed)>) {
    let source_of = |row: RowIndex| {
        let creates = sheet.row(row).action == Some(Action::Create);
        let source = sheet.source_row(row).filter(|_| creates)?;
        (sheet.row(source).customer == sheet.row(row).customer).then_some(source)
    };
    let mut walked_from = HashMap::<RowIndex, RowIndex>::new();
    for &(start, _) in &sheet.copies {
        let mut row = start;
        let mut next = source_of(row);
        while let (false, Some(source)) = (walked_from.contains_key(&row), next) {
            walked_from.insert(row, start);
            row = source;
            next = source_of(row);
        }
        if walked_from.get(&row) != Some(&start) {
            continue;
        }
        let meeting = row;
        while let Some(source) = source_of(row) {
            crossed.push((row, Crossed::CopyPinCycle(source)));
            row = source;
            if row == meeting {
                break;
            }
        }
    }
}
