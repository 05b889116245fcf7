//! FusionPBX: the CSV of its voicemails, with the names of its database's columns.
//!
//! The time zone is a setting of the domain and not in the file. A transcription that is off is not sent, since that is
//! what the switch does by itself.

use crate::input::mapping::Builder;
use crate::input::mapping::Other;
use crate::input::mapping::column;
use crate::input::mapping::constant;

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.exclude_unless_yes("voicemail_enabled", "true"); // C
    it.target("mailbox", [column("voicemail_id")]); // C
    it.target("pin", [column("voicemail_password")]); // C
    it.target("description", [column("voicemail_description")]); // C
    it.target("pager", [column("voicemail_mail_to").first_address()]); // C: separated by commas
    let file = column("voicemail_file").table(FILES, Other::Error).given("voicemail_mail_to"); // C
    let attach = column("voicemail_attach_file").yes_no().given("voicemail_mail_to"); // C
    it.target("pager_attach", [file, attach]);
    let mail = column("voicemail_file").table(MAIL, Other::Blank); // C
    let attach =
        column("voicemail_attach_file").yes_no().table(super::asterisk::MAIL, Other::Blank); // C
    it.notify([mail, attach]);
    it.otherwise("notify_email", constant("owner")); // C: what is not attached is a link or nothing
    it.target("notify_only", [column("voicemail_local_after_email").no_yes()]); // C
    let transcribe = column("voicemail_transcription_enabled").yes_no().table(ON, Other::Blank); // C
    it.target("transcribe", [transcribe]);
}

/// What is sent with the e-mail.
const FILES: &[(&str, &str)] = &[("attach", "1"), ("link", "0")];

/// What the owner gets by e-mail.
const MAIL: &[(&str, &str)] = &[("attach", "owner_wav"), ("link", "owner")];

/// What is worth to be sent.
const ON: &[(&str, &str)] = &[("1", "1")];
