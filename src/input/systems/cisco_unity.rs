//! Cisco Unity Connection: the CSV of its bulk administration tool.
//!
//! Order free, a heading `Junk` means a column to pass over, UTF-8 or UTF-16. Time zones are numbers of a list that is
//! not in the file, so they are not read.

use crate::input::mapping::Builder;
use crate::input::mapping::column;
use crate::input::mapping::columns;

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.pass_over("Junk"); // C
    it.exclude_if("Extension", &[""]); // C: without one there is no mailbox to dial
    it.target("mailbox", [column("Extension")]); // C
    it.target("pin", [column("PIN"), column("Pin")]); // I
    let name = columns(["FirstName", "LastName"], " "); // C
    it.target("description", [column("DisplayName"), name]); // C
    it.target("pager", [columns(["SmtpAddress", "EmailAddress"], "|").first_address()]); // I
}
