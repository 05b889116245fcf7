//! 3CX: the CSV of its extensions (v15 to v18), and the names of its programming interface.
//!
//! `VMEmailOptions` says in one number whether there is an e-mail, whether it has the audio, and whether the message is
//! deleted then.

use crate::input::mapping::Builder;
use crate::input::mapping::Other;
use crate::input::mapping::column;
use crate::input::mapping::columns;

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.exclude_unless_yes("EnableVoicemail", "yes"); // C
    it.exclude_unless_yes("VMEnabled", "yes"); // C
    it.target("mailbox", [column("Number")]); // C
    it.target("pin", [column("PIN"), column("VMPIN")]); // C
    it.target("description", [columns(["FirstName", "LastName"], " ")]); // C
    let address = column("EmailAddress").first_address(); // C
    it.target("pager", [address.unless("VMEmailOptions", NO_MAIL)]);
    let attach = column("VMEmailOptions").table(ATTACH, Other::Error); // words C, numbers I
    it.target("pager_attach", [attach.given("EmailAddress")]);
    it.notify([column("VMEmailOptions").table(MAIL, Other::Blank)]); // words C, numbers I
    it.target("notify_only", [column("VMEmailOptions").table(DELETE, Other::Blank)]); // words C, numbers I
    it.target("saycid", [column("VMPlayCallerID").yes_no()]); // C
    it.target("envelope", [column("VMPlayMsgDateTime").table(PLAY, Other::Error)]); // words C, numbers I
}

/// No e-mail at all.
const NO_MAIL: &[&str] = &["0", "None"];

/// Whether the audio is attached.
const ATTACH: &[(&str, &str)] = &[
    ("0", ""),
    ("1", "0"),
    ("2", "1"),
    ("3", "1"),
    ("None", ""),
    ("Notification", "0"),
    ("Attachment", "1"),
    ("AttachmentAndDelete", "1"),
];

/// What the owner gets by e-mail.
const MAIL: &[(&str, &str)] = &[
    ("0", ""),
    ("1", "owner"),
    ("2", "owner_wav"),
    ("3", "owner_wav"),
    ("None", ""),
    ("Notification", "owner"),
    ("Attachment", "owner_wav"),
    ("AttachmentAndDelete", "owner_wav"),
];

/// Whether the message is deleted then.
const DELETE: &[(&str, &str)] = &[("3", "1"), ("AttachmentAndDelete", "1")];

/// Whether date and time are played, in twelve hours or in twenty-four.
const PLAY: &[(&str, &str)] =
    &[("0", "0"), ("1", "1"), ("2", "1"), ("None", "0"), ("Play12Hr", "1"), ("Play24Hr", "1")];
