//! Asterisk's voicemail.conf, as the lines of CSV that [`to_csv`](super::to_csv) makes of it.
//!
//! A line is `context,mailbox,password,name,email,pager,options`, with what `[general]` says in `defaults` and the time
//! zone that `[zonemessages]` explains in `zone`. Such CSV is read as well: it is what the rejects of a .conf are.

use crate::input::mapping::Builder;
use crate::input::mapping::Other;
use crate::input::mapping::SAMPLE_ZONES;
use crate::input::mapping::column;
use crate::input::mapping::columns;
use crate::input::mapping::constant;
use crate::input::mapping::option;

/// Where options stand: those of the line before those of `[general]`.
const LISTS: &[&str] = &["options", "defaults"];

/// The options that are read; the others have no equivalent.
pub(super) const OPTIONS: &[&str] =
    &["attach", "delete", "deletevoicemail", "saycid", "envelope", "sayduration", "tz"];

/// What the owner gets by e-mail, by whether the audio is attached.
pub(super) const MAIL: &[(&str, &str)] = &[("1", "owner_wav"), ("0", "owner")];

/// What is said of contexts.
pub(super) const CONTEXT: [&str; 2] = [
    "the voicemail context has no equivalent",
    "a mailbox belongs to a customer: give --customer, a file a customer, where contexts are tenants",
];

/// What its columns mean.
pub(super) fn describe(it: &mut Builder<'_>) {
    it.reads_conf();
    it.remark_unless("context", &["default"], CONTEXT); // C
    it.target("mailbox", [column("mailbox")]); // C
    it.target("pin", [column("password").without_sign()]); // C: `-` keeps the user from changing it
    it.target("description", [column("name")]); // C
    it.target("pager", [columns(["email", "pager"], "|").first_address()]); // C
    it.target("pager_attach", [option(LISTS, "attach").yes_no().given("email")]); // C: not for pagers
    it.notify([option(LISTS, "attach").yes_no().table(MAIL, Other::Blank)]); // C
    let own = |key| option(&["options"], key).yes_no();
    let general = |key| option(&["defaults"], key).yes_no();
    let delete =
        [own("delete"), own("deletevoicemail"), general("delete"), general("deletevoicemail")];
    it.target("notify_only", delete); // C: one option with two names
    it.target("saycid", [option(LISTS, "saycid").yes_no()]); // C
    it.target("envelope", [option(LISTS, "envelope").yes_no()]); // C
    it.target("sayduration", [option(LISTS, "sayduration").yes_no()]); // C
    // The zone is blank in a CSV that no voicemail.conf was read for. C; the aliases I
    it.target("timezone", [column("zone").zone(&[]), option(LISTS, "tz").zone(SAMPLE_ZONES)]);
    // What Asterisk does where nothing is said, and the switch does not.
    it.otherwise("envelope", constant("1")); // C
    it.otherwise("saycid", constant("0")); // C
    it.otherwise("pager_attach", constant("1").given("email")); // I: the sample's [general]
}
