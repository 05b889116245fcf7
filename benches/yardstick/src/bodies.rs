//! What is posted to mailboxes/create for a row: the same bytes that boxlift sends, so that every peer sends as much.
//!
//! Sends no blank cell, and nothing of what a row asks for in `action`.

use std::io;
use std::io::Write;

use form_urlencoded::Serializer;

use crate::rows;
use crate::rows::COLUMNS;

/// The login of the bench. Its switch takes every login.
pub(crate) const USERNAME: &str = "bench";

/// The password of that login: it opens nothing, and yet goes the way of a password.
pub(crate) const PASSWORD: &str = "yardstick";

/// Most bodies are about 400 bytes.
const BODY_CAPACITY: usize = 512;

/// Writes the bodies of the first `count` rows, one a line: encoded, none has a line break.
pub(crate) fn write(out: &mut impl Write, count: u64) -> io::Result<()> {
    (0..count).try_for_each(|number| writeln!(out, "{}", of_row(number)))
}

/// The body of a row, counted from 0.
pub(crate) fn of_row(number: u64) -> String {
    let cells = rows::cells(number);
    of_cells(COLUMNS.iter().copied().zip(cells.iter().map(AsRef::as_ref)))
}

/// The body of the cells of a row, each with its column.
pub(crate) fn of_cells<'c>(cells: impl Iterator<Item = (&'c str, &'c str)>) -> String {
    let mut form = Serializer::new(String::with_capacity(BODY_CAPACITY));
    form.append_pair("auth_username", USERNAME).append_pair("auth_password", PASSWORD);
    for (column, cell) in cells.filter(|(column, cell)| *column != "action" && !cell.is_empty()) {
        form.append_pair(column, cell);
    }
    form.finish()
}
