//! Yeastar P series: the CSV of its extensions, with the names that people see.
//!
//! A blank `Enable Voicemail` is a mailbox: that is the import's default.

use crate::input::mapping::Builder;
use crate::input::mapping::NO;
use crate::input::mapping::Other;
use crate::input::mapping::column;
use crate::input::mapping::columns;

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.exclude_if_no("Enable Voicemail"); // C
    it.target("mailbox", [column("Extension Number")]); // C
    it.target("pin", [column("Voicemail Access PIN")]); // C
    it.target("description", [columns(["First Name", "Last Name"], " ")]); // C
    let address = column("Email Address").first_address(); // C
    it.target("pager", [address.unless("New Voicemail Notification", NO)]);
    let attach = column("New Voicemail Notification").table(ATTACH, Other::Error); // name C, values I
    it.target("pager_attach", [attach.given("Email Address")]);
    it.notify([column("New Voicemail Notification").table(MAIL, Other::Blank)]); // I
    it.target("notify_only", [column("After Notification").table(AFTER, Other::Blank)]); // I
    it.target("envelope", [column("Play Date and Time").yes_no()]); // I
    it.target("saycid", [column("Play Caller ID").yes_no()]); // I
    it.target("sayduration", [column("Play Message Duration").yes_no()]); // I
}

/// Whether the audio is attached.
const ATTACH: &[(&str, &str)] = &[
    ("no", ""),
    ("0", ""),
    ("disabled", ""),
    ("with_attach", "1"),
    ("with attachment", "1"),
    ("send email notifications with attachment", "1"),
    ("without_attach", "0"),
    ("without attachment", "0"),
    ("send email notifications without attachment", "0"),
    ("do not send email notifications", ""),
];

/// What the owner gets by e-mail.
const MAIL: &[(&str, &str)] = &[
    ("no", ""),
    ("0", ""),
    ("disabled", ""),
    ("with_attach", "owner_wav"),
    ("with attachment", "owner_wav"),
    ("send email notifications with attachment", "owner_wav"),
    ("without_attach", "owner"),
    ("without attachment", "owner"),
    ("send email notifications without attachment", "owner"),
    ("do not send email notifications", ""),
];

/// What becomes of a message then.
const AFTER: &[(&str, &str)] = &[("delete", "1"), ("delete_vm", "1"), ("delete voicemail", "1")];
