//! The mailboxes of a model switch and what its API says to a call: a third reading of the API's documents, after the
//! client's and the sandbox's. Knows no sockets and no faults.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Who may call, and how that is proved.
pub(super) const USERNAME: &str = "admin";
pub(super) const PASSWORD: &str = "s3cr3t-canary";

/// The customer of calls that name none.
pub(super) const HOME: u32 = 2;

/// A mailbox is known by its customer and its number.
pub(super) type Key = (u32, String);

/// Parameters by their names.
pub(super) type Fields = BTreeMap<String, String>;

/// What `get` shows of a mailbox that was made of its number and PIN alone.
const DEFAULTS: [(&str, &str); 21] = [
    ("callerid", ""),
    ("description", ""),
    ("dtype", "hangup"),
    ("dnumber", ""),
    ("envelope", "0"),
    ("notify_dnumber", ""),
    ("notify_email", "owner_wav"),
    ("notify_for", "voicemail_fax"),
    ("notify_ltype", "voicemailbox"),
    ("notify_message", ""),
    ("notify_only", "0"),
    ("owner", "0"),
    ("pager", ""),
    ("pager_attach", "0"),
    ("panel", "0"),
    ("play", "oldest"),
    ("saycid", "1"),
    ("sayduration", "1"),
    ("temporary_active", "1"),
    ("timezone", "Europe/Berlin"),
    ("transcribe", "0"),
];

/// What is shown as a number.
const NUMBERS: [&str; 9] = [
    "envelope",
    "notify_only",
    "owner",
    "pager_attach",
    "panel",
    "saycid",
    "sayduration",
    "temporary_active",
    "transcribe",
];

/// A call as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Call {
    /// `create` and so on; a path that is not of `mailboxes` stands here whole.
    pub function: String,
    /// Without credentials, customer and `validation`.
    pub fields: Fields,
    pub customer: u32,
    pub is_rehearsal: bool,
    is_known: bool,
}

impl Call {
    /// Reads a path and a form; the login is judged by `password`.
    pub(super) fn read(path: &str, body: &str, password: &str) -> Self {
        let mut fields: Fields =
            body.split('&').filter_map(|it| it.split_once('=')).map(decoded).collect();
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let is_known = take("auth_username") == USERNAME && take("auth_password") == password;
        let is_rehearsal = take("validation") == "1";
        let customer = take("customer").parse().unwrap_or(HOME);
        let inside = path.strip_prefix("/api/json/mailboxes/").map(|it| it.trim_end_matches('/'));
        let function = inside.unwrap_or(path).to_owned();
        Self { function, fields, customer, is_rehearsal, is_known }
    }

    pub(super) fn mailbox(&self) -> &str {
        self.fields.get("mailbox").map_or("", String::as_str)
    }

    pub(super) fn key(&self) -> Key {
        (self.customer, self.mailbox().to_owned())
    }

    /// Whether it is made for a row: a create or an update, rehearsed or real.
    pub(super) fn is_of_row(&self) -> bool {
        self.function == "create" || self.function == "update"
    }

    /// Whether it may change a mailbox.
    pub(super) fn is_mutating(&self) -> bool {
        self.is_of_row() && !self.is_rehearsal
    }
}

fn decoded((name, value): (&str, &str)) -> (String, String) {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    (name.to_owned(), String::from_utf8(bytes).unwrap())
}

/// A kind of call that is not allowed.
#[derive(Clone, Debug)]
pub(super) struct Denial {
    pub function: &'static str,
    /// Of that customer alone.
    pub customer: Option<u32>,
    /// 402 or 403.
    pub code: &'static str,
}

/// The mailboxes, and who may do what with them.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub mailboxes: BTreeMap<Key, Fields>,
    pub denials: Vec<Denial>,
    /// Every value of every row is wrong, whatever it is.
    pub is_strict: bool,
    /// Nobody's password is right any more.
    pub is_locked: bool,
}

/// What is done with a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Act {
    CarryOut,
    JudgeOnly,
}

impl World {
    /// The answer's body, and whether a mailbox was changed.
    pub(super) fn answer(&mut self, call: &Call, act: Act) -> (String, bool) {
        let said = |code, key, message| (envelope(code, key, message), false);
        if self.is_locked || !call.is_known {
            return said("401", "", "wrong username or password");
        }
        let applies = |it: &&Denial| {
            it.function == call.function && it.customer.is_none_or(|it| it == call.customer)
        };
        if let Some(denial) = self.denials.iter().find(applies) {
            return said(denial.code, "", "your role or plan does not allow this");
        }
        let exists = self.mailboxes.contains_key(&call.key());
        match call.function.as_str() {
            "list" => (self.list(call.customer), false),
            "get" if exists => (self.get(&call.key()), false),
            "get" | "update" if !exists => said("404", "", "no such mailbox, or not yours to see"),
            "create" if exists => said("400", "mailbox", "exists already"),
            "create" if call.mailbox().is_empty() => said("400", "mailbox", "is required"),
            "create" if !call.fields.contains_key("pin") => said("400", "pin", "is required"),
            "create" | "update" if self.is_strict => said("400", "pin", "is too easy"),
            "create" | "update" if call.is_rehearsal => said("201", "", "OK"),
            "create" | "update" => {
                let changes = act == Act::CarryOut;
                if changes {
                    self.change(call);
                }
                (envelope("204", "", "OK"), changes)
            }
            _ => said("404", "", "no such function"),
        }
    }

    /// An update that sends no PIN, or an empty one, keeps what is there.
    fn change(&mut self, call: &Call) {
        let mailbox = self.mailboxes.entry(call.key()).or_default();
        let is_kept = |name: &str, value: &str| name == "pin" && value.is_empty();
        let given = call.fields.iter().filter(|(name, value)| !is_kept(name, value));
        mailbox.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    }

    fn get(&self, key: &Key) -> String {
        with_data(&shown(key, &self.mailboxes[key]))
    }

    fn list(&self, customer: u32) -> String {
        let all = self.mailboxes.iter().filter(|(key, _)| key.0 == customer);
        let all: Vec<_> = all.map(|(key, fields)| shown(key, fields)).collect();
        with_data(&format!("[{}]", all.join(",")))
    }
}

/// A mailbox as it is shown: everything but the PIN.
fn shown((customer, number): &Key, fields: &Fields) -> String {
    let mut text = format!(r#"{{"mailbox":{},"customer":{customer}"#, quoted(number));
    for (name, default) in DEFAULTS {
        let value = fields.get(name).map_or(default, String::as_str);
        let value = if NUMBERS.contains(&name) { value.to_owned() } else { quoted(value) };
        write!(text, r#","{name}":{value}"#).unwrap();
    }
    text + "}"
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn with_data(data: &str) -> String {
    let entry = envelope("200", "", "OK");
    format!(r#"{},"data":{data}}}"#, entry.trim_end_matches('}'))
}

/// The API's answer with one entry.
pub(super) fn envelope(code: &str, key: &str, message: &str) -> String {
    format!(r#"{{"responses":[{{"code":"{code}","key":"{key}","message":"{message}"}}]}}"#)
}
