//! What the switch says to a call, as a value and as JSON. Never shows a PIN.

use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::sandbox::fields::FIELDS;
use crate::sandbox::options::Version;
use crate::sandbox::store::mailboxes::Stored;

/// What is wrong with one parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Complaint {
    pub(super) key: &'static str,
    pub(super) message: String,
}

/// What the switch says to a call.
pub(super) enum Answer {
    /// 200 with one mailbox.
    One(Stored),
    /// 200 with the mailboxes of a customer.
    Many(Vec<Stored>),
    /// 201: the input is good; nothing was done.
    Good,
    /// 204: done.
    Done,
    /// 400: these parameters are not right; never empty.
    Invalid(Vec<Complaint>),
    /// 401: who are you?
    Unknown,
    /// 402: the role does not allow it.
    RoleForbids,
    /// 403: the rate plan does not allow it.
    PlanForbids,
    /// 404: there is no such mailbox, or it is not to be seen.
    Missing,
    /// 404: there is no such function.
    NoFunction,
    /// 500: the sandbox's own trouble.
    Broken,
}

#[derive(Serialize)]
struct Envelope<'a> {
    responses: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    key: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    One(Shown<'a>),
    Many(Vec<Shown<'a>>),
}

struct Shown<'a> {
    stored: &'a Stored,
    version: Version,
}

impl Answer {
    /// The code of its (first) entry.
    pub(super) fn code(&self) -> u16 {
        match self {
            Self::One(_) | Self::Many(_) => 200,
            Self::Good => 201,
            Self::Done => 204,
            Self::Invalid(_) => 400,
            Self::Unknown => 401,
            Self::RoleForbids => 402,
            Self::PlanForbids => 403,
            Self::Missing | Self::NoFunction => 404,
            Self::Broken => 500,
        }
    }

    /// Whether it stands for a change that must be kept.
    pub(super) fn keeps(&self) -> bool {
        matches!(self, Self::Done)
    }

    pub(super) fn json(&self, version: Version) -> serde_json::Result<Vec<u8>> {
        let shown = |stored| Shown { stored, version };
        let data = match self {
            Self::One(stored) => Some(Data::One(shown(stored))),
            Self::Many(many) => Some(Data::Many(many.iter().map(shown).collect())),
            Self::Good
            | Self::Done
            | Self::Invalid(_)
            | Self::Unknown
            | Self::RoleForbids
            | Self::PlanForbids
            | Self::Missing
            | Self::NoFunction
            | Self::Broken => None,
        };
        serde_json::to_vec(&Envelope { responses: self.entries(), data })
    }

    fn entries(&self) -> Vec<Entry<'_>> {
        let (code, message) = match self {
            Self::One(_) | Self::Many(_) => ("200", "OK"),
            Self::Good => ("201", "OK"),
            Self::Done => ("204", "OK"),
            Self::Invalid(complaints) => {
                return complaints
                    .iter()
                    .map(|Complaint { key, message }| Entry { code: "400", key, message })
                    .collect();
            }
            Self::Unknown => ("401", "wrong username or password"),
            Self::RoleForbids => ("402", "your role does not allow this"),
            Self::PlanForbids => ("403", "your rate plan does not allow this"),
            Self::Missing => ("404", "no such mailbox, or not yours to see"),
            Self::NoFunction => ("404", "no such function"),
            Self::Broken => ("500", "internal error"),
        };
        vec![Entry { code, key: "", message }]
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("mailbox", &self.stored.mailbox)?;
        map.serialize_entry("customer", &self.stored.customer)?;
        for (field, setting) in FIELDS.iter().zip(&self.stored.settings) {
            if field.since <= self.version {
                map.serialize_entry(field.name, setting)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::fields::defaults;

    fn text(answer: &Answer) -> String {
        String::from_utf8(answer.json(Version::V3_13).unwrap()).unwrap()
    }

    #[test]
    fn a_success_without_data_has_the_documented_shape() {
        assert_eq!(
            text(&Answer::Done),
            r#"{"responses":[{"code":"204","key":"","message":"OK"}]}"#
        );
    }

    #[test]
    fn every_wrong_parameter_has_an_entry_of_its_own() {
        let complaint = |key| Complaint { key, message: "must be 0 or 1".to_owned() };
        assert_eq!(
            text(&Answer::Invalid(vec![complaint("panel"), complaint("saycid")])),
            concat!(
                r#"{"responses":[{"code":"400","key":"panel","message":"must be 0 or 1"},"#,
                r#"{"code":"400","key":"saycid","message":"must be 0 or 1"}]}"#
            )
        );
    }

    #[test]
    fn a_mailbox_is_shown_without_its_pin_and_without_what_came_later() {
        let stored = Stored {
            customer: 2,
            mailbox: "0012".to_owned(),
            pin: "987654".to_owned(),
            settings: defaults(Version::V3_13, "Etc/UTC"),
        };
        assert_eq!(
            text(&Answer::One(stored)),
            concat!(
                r#"{"responses":[{"code":"200","key":"","message":"OK"}],"data":{"#,
                r#""mailbox":"0012","customer":2,"callerid":"","description":"","#,
                r#""dtype":"hangup","dnumber":"","envelope":0,"notify_dnumber":"","#,
                r#""notify_email":"owner_wav","notify_for":"voicemail_fax","#,
                r#""notify_ltype":"voicemailbox","notify_message":"","notify_only":0,"#,
                r#""owner":0,"pager":"","pager_attach":0,"panel":0,"play":"oldest","#,
                r#""saycid":1,"sayduration":1,"temporary_active":1,"timezone":"Etc/UTC"}}"#
            )
        );
    }
}
