//! FreePBX 13 and later: the bulk handler's CSV of extensions.
//!
//! Header in any case and order. A person whose `voicemail_enable` is not yes has no mailbox, and is left out. Most of
//! its columns are about telephones: they are named once and not read.

use crate::input::mapping::Builder;
use crate::input::mapping::Other;
use crate::input::mapping::SAMPLE_ZONES;
use crate::input::mapping::column;
use crate::input::mapping::columns;
use crate::input::mapping::constant;
use crate::input::mapping::option;

/// The column with the options.
const LISTS: &[&str] = &["voicemail_options"];

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.exclude_unless_yes("voicemail_enable", "yes"); // C: any case
    it.exclude_if("voicemail", &["novm"]); // C
    it.remark_unless("voicemail", &["default", "novm"], super::asterisk::CONTEXT); // C
    it.target("mailbox", [column("extension")]); // C
    it.target("pin", [column("voicemail_vmpwd"), column("voicmail_vmpwd")]); // C, the misspelling too
    it.target("description", [column("name")]); // C
    let addresses = ["voicemail_email", "voicemail_pager", "pager"]; // C, `pager` without its prefix too
    it.target("pager", [columns(addresses, "|").first_address()]);
    let attach = option(LISTS, "attach").yes_no(); // C
    it.target("pager_attach", [attach.given("voicemail_email")]);
    let mail = option(LISTS, "attach").yes_no().table(super::asterisk::MAIL, Other::Blank); // C
    it.notify([mail]);
    it.target("notify_only", [option(LISTS, "delete").yes_no()]); // C
    it.target("saycid", [option(LISTS, "saycid").yes_no()]); // C
    it.target("envelope", [option(LISTS, "envelope").yes_no()]); // C
    it.target("sayduration", [option(LISTS, "sayduration").yes_no()]); // C
    it.target("timezone", [option(LISTS, "tz").zone(SAMPLE_ZONES)]); // C; the aliases I
    // What Asterisk does where nothing is said, and the switch does not.
    it.otherwise("envelope", constant("1")); // C
    it.otherwise("saycid", constant("0")); // C
    it.otherwise("pager_attach", constant("1").given("voicemail_email")); // I: the sample's [general]
}
