//! FreePBX 12 and before: the CSV of bulk extensions.
//!
//! Each row says what is to be done: `add` makes a mailbox, `edit` changes it, `del` is left out, since boxlift deletes
//! none. Options stand in columns of their own, as `attach=yes` or `yes`, and in `options`.

use crate::input::mapping::Builder;
use crate::input::mapping::Other;
use crate::input::mapping::SAMPLE_ZONES;
use crate::input::mapping::column;
use crate::input::mapping::columns;
use crate::input::mapping::constant;
use crate::input::mapping::option;

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.exclude_if("action", &["del"]); // C
    it.exclude_unless_yes("vm", "enabled"); // C
    it.remark_unless("vmcontext", &["default"], super::asterisk::CONTEXT); // C
    it.target("action", [column("action").table(ACTIONS, Other::Keep)]); // C
    it.target("mailbox", [column("extension")]); // C
    it.target("pin", [column("vmpwd")]); // C
    it.target("description", [column("name")]); // C
    it.target("pager", [columns(["email", "pager"], "|").first_address()]); // C
    it.target("pager_attach", [option(&["attach", "options"], "attach").yes_no().given("email")]); // C
    let mail = option(&["attach", "options"], "attach").yes_no(); // C
    it.notify([mail.table(super::asterisk::MAIL, Other::Blank)]);
    it.target("notify_only", [option(&["delete", "options"], "delete").yes_no()]); // C
    it.target("saycid", [option(&["saycid", "options"], "saycid").yes_no()]); // C
    it.target("envelope", [option(&["envelope", "options"], "envelope").yes_no()]); // C
    it.target("sayduration", [option(&["options"], "sayduration").yes_no()]); // C
    it.target("timezone", [option(&["options"], "tz").zone(SAMPLE_ZONES)]); // C; the aliases I
    // What Asterisk does where nothing is said, and the switch does not.
    it.otherwise("envelope", constant("1")); // C
    it.otherwise("saycid", constant("0")); // C
    it.otherwise("pager_attach", constant("1").given("email")); // I: the sample's [general]
}

/// Its actions as ours.
const ACTIONS: &[(&str, &str)] = &[("add", "create"), ("edit", "update")];
