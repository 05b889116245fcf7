//! The settings of a mailbox: their names, what they may hold and what they hold unless given.
//! Who may set them and how they are stored is decided elsewhere.

use serde::Serialize;

use crate::sandbox::options::Version;

/// A value of a setting.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// A string, perhaps empty.
    Text(String),
    /// A number; switches are 0 and 1.
    Integer(i64),
}

impl From<&str> for Setting {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Setting {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// What a setting may hold.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// 0 or 1, and which unless given.
    Flag(i64),
    /// One of these, and which unless given.
    Choice(&'static [&'static str], &'static str),
    /// What to notify for; it grew with the releases.
    NotifyFor,
    /// The kind of a destination: an open set of names.
    Destination,
    /// A person's number, or 0.
    Person,
    /// One email address, or nothing.
    Email,
    /// The name of a time zone.
    Zone,
}

/// One setting of a mailbox.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The first release whose create takes it.
    pub(super) since: Version,
    /// Whether update takes it too.
    pub(super) updatable: bool,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, since: Version::V3_13, updatable: true }
}

const NOTIFY_EMAIL: Kind = Kind::Choice(&["", "owner", "owner_wav"], "owner_wav");
const NOTIFY_LTYPE: Kind =
    Kind::Choice(&["voicemailbox", "voicemailboxpin", "voicemaillogin"], "voicemailbox");

/// How many settings a mailbox has.
pub(super) const FIELDS_COUNT: usize = 21;

/// Every setting, in the order of the documents.
pub(super) const FIELDS: [Field; FIELDS_COUNT] = [
    field("callerid", Kind::Text),
    field("description", Kind::Text),
    field("dtype", Kind::Destination),
    field("dnumber", Kind::Text),
    field("envelope", Kind::Flag(0)),
    field("notify_dnumber", Kind::Text),
    field("notify_email", NOTIFY_EMAIL),
    field("notify_for", Kind::NotifyFor),
    field("notify_ltype", NOTIFY_LTYPE),
    field("notify_message", Kind::Choice(&["", "owner"], "")),
    field("notify_only", Kind::Flag(0)),
    field("owner", Kind::Person),
    field("pager", Kind::Email),
    field("pager_attach", Kind::Flag(0)),
    field("panel", Kind::Flag(0)),
    field("play", Kind::Choice(&["oldest", "newest"], "oldest")),
    field("saycid", Kind::Flag(1)),
    field("sayduration", Kind::Flag(1)),
    field("temporary_active", Kind::Flag(1)),
    field("timezone", Kind::Zone),
    Field { name: "transcribe", kind: Kind::Flag(0), since: Version::V3_14, updatable: false },
];

/// Where the owner stands among the settings.
pub(super) const OWNER: usize = 11;

const NOTIFY_FOR_3: &[&str] = &["", "voicemail", "fax", "voicemail_fax"];
const NOTIFY_FOR_4: &[&str] = &["", "voicemail", "fax", "voicemail_fax", "all", "text"];

/// What `notify_for` may hold in a release.
pub(super) fn notify_for(version: Version) -> &'static [&'static str] {
    if version >= Version::V4_2 { NOTIFY_FOR_4 } else { NOTIFY_FOR_3 }
}

/// The settings of a mailbox about which nothing was said.
pub(super) fn defaults(version: Version, zone: &str) -> Vec<Setting> {
    FIELDS.iter().map(|it| default(it.kind, version, zone)).collect()
}

fn default(kind: Kind, version: Version, zone: &str) -> Setting {
    match kind {
        Kind::Text | Kind::Email => Setting::from(""),
        Kind::Flag(preset) => Setting::Integer(preset),
        Kind::Choice(_, preset) => Setting::from(preset),
        Kind::NotifyFor if version >= Version::V4_4 => Setting::from("all"),
        Kind::NotifyFor => Setting::from("voicemail_fax"),
        Kind::Destination => Setting::from("hangup"),
        Kind::Person => Setting::Integer(0),
        Kind::Zone => Setting::from(zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_of(name: &str, version: Version) -> Setting {
        let place = FIELDS.iter().position(|it| it.name == name).unwrap();
        defaults(version, "Europe/Berlin")[place].clone()
    }

    #[test]
    fn the_owner_stands_where_it_is_looked_for() {
        assert_eq!(FIELDS[OWNER].name, "owner");
    }

    #[test]
    fn every_setting_has_its_documented_default() {
        let names = FIELDS.iter().map(|it| it.name);
        let seen: Vec<_> = names.zip(defaults(Version::V3_14, "Europe/Berlin")).collect();
        let expected: [(&str, Setting); FIELDS_COUNT] = [
            ("callerid", "".into()),
            ("description", "".into()),
            ("dtype", "hangup".into()),
            ("dnumber", "".into()),
            ("envelope", 0.into()),
            ("notify_dnumber", "".into()),
            ("notify_email", "owner_wav".into()),
            ("notify_for", "voicemail_fax".into()),
            ("notify_ltype", "voicemailbox".into()),
            ("notify_message", "".into()),
            ("notify_only", 0.into()),
            ("owner", 0.into()),
            ("pager", "".into()),
            ("pager_attach", 0.into()),
            ("panel", 0.into()),
            ("play", "oldest".into()),
            ("saycid", 1.into()),
            ("sayduration", 1.into()),
            ("temporary_active", 1.into()),
            ("timezone", "Europe/Berlin".into()),
            ("transcribe", 0.into()),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn release_4_4_notifies_for_all() {
        let seen = [Version::V3_13, Version::V3_14, Version::V4_2, Version::V4_4]
            .map(|it| default_of("notify_for", it));
        let old = Setting::from("voicemail_fax");
        assert_eq!(seen, [old.clone(), old.clone(), old, Setting::from("all")]);
    }
}
