//! The file that the switch's own web interface imports: people, telephones and mailboxes in sixteen columns.
//!
//! It has no header; one that holds these names is taken for a header all the same. Its mailboxes get default settings.

use crate::input::mapping::Builder;
use crate::input::mapping::column;
use crate::input::mapping::columns;

/// Its columns, in their order (C).
const COLUMNS: &[&str] = &[
    "Title",
    "First name",
    "Last name",
    "Role",
    "Email",
    "Web username",
    "Web password",
    "Number",
    "Feature code",
    "Telephone",
    "Telephone password",
    "Mailbox",
    "Mailbox PIN",
    "Use huntgroup",
    "Page group feature code",
    "COS",
];

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.fixed_order(COLUMNS);
    it.exclude_if("Mailbox", &[""]); // C
    it.target("mailbox", [column("Mailbox")]); // C
    it.target("pin", [column("Mailbox PIN")]); // C
    it.target("description", [columns(["First name", "Last name"], " ")]); // C
    it.target("pager", [column("Email").first_address()]); // C
}
