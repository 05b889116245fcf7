//! A switch of few lines that keeps mailboxes and every call for them, so that a referee can judge a run by it.
//!
//! Not our sandbox, and it shares nothing with it: whoever errs there is not to be excused here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::server::Answer;
use super::server::Request;
use super::server::Server;

/// A call that reached the switch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Call {
    /// A create or update that was carried out.
    Done,
    /// A create or update that was refused.
    Refused,
    /// A question about the mailbox, or about all of them.
    LookUp,
}

/// What the switch holds and what was asked of it.
#[derive(Debug, Default)]
pub(super) struct World {
    pub mailboxes: BTreeMap<String, Map<String, Value>>,
    /// All calls for a mailbox, in the order in which they came.
    pub calls: BTreeMap<String, Vec<Call>>,
}

/// The switch, running as long as it is held.
pub(super) struct Accounts {
    pub server: Server,
    world: Arc<Mutex<World>>,
}

impl Accounts {
    pub(super) fn start() -> Self {
        Self::start_with(|_, _| None)
    }

    /// A switch that answers some requests in another way, and may carry them out before.
    pub(super) fn start_with(
        mut otherwise: impl FnMut(&mut World, &Request) -> Option<Answer> + Send + 'static,
    ) -> Self {
        let world = Arc::new(Mutex::new(World::default()));
        let kept = Arc::clone(&world);
        let server = Server::start_with_lists(move |_, request| {
            let mut world = kept.lock().unwrap();
            otherwise(&mut world, request).unwrap_or_else(|| world.answer(request))
        });
        Self { server, world }
    }

    /// The world, to be looked at or made anew.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

impl World {
    /// A world with these mailboxes.
    pub(super) fn with<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mailboxes = names.into_iter().map(|it| (it.to_owned(), defaults(it))).collect();
        Self { mailboxes, calls: BTreeMap::new() }
    }

    /// Creates and updates that came for a mailbox.
    pub(super) fn writes(&self, mailbox: &str) -> usize {
        let calls = self.calls.get(mailbox).map_or(&[][..], Vec::as_slice);
        calls.iter().filter(|it| **it != Call::LookUp).count()
    }

    /// What was sent twice without a look in between, or was refused since it had been done before.
    pub(super) fn blind_writes(&self) -> Vec<String> {
        let is_blind = |calls: &[Call]| {
            let two_writes = |it: &[Call]| !it.contains(&Call::LookUp);
            calls.windows(2).any(two_writes) || calls.contains(&Call::Refused)
        };
        let found = self.calls.iter().filter(|(_, calls)| is_blind(calls));
        found
            .map(|(mailbox, calls)| format!("{mailbox} was written to blindly: {calls:?}"))
            .collect()
    }

    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let fields: BTreeMap<String, String> =
            form_urlencoded::parse(request.body.as_bytes()).into_owned().collect();
        let function = request.line.split_whitespace().nth(1).unwrap_or_default();
        let function = function.trim_start_matches("/api/json/").trim_end_matches('/');
        let name = fields.get("mailbox").cloned().unwrap_or_default();
        let is_there = self.mailboxes.contains_key(&name);
        let is_rehearsal = request.is_rehearsal();
        match function {
            "mailboxes/create" if is_there => {
                self.note(&name, Call::Refused, is_rehearsal);
                Answer::Code("400", "mailbox", "exists already")
            }
            "mailboxes/update" if !is_there => {
                self.note(&name, Call::Refused, is_rehearsal);
                ABSENT
            }
            "mailboxes/create" | "mailboxes/update" if is_rehearsal => {
                Answer::Code("201", "", "OK")
            }
            "mailboxes/create" | "mailboxes/update" => {
                self.note(&name, Call::Done, false);
                let mailbox = self.mailboxes.entry(name.clone()).or_insert_with(|| defaults(&name));
                change(mailbox, &fields);
                Answer::Code("204", "", "OK")
            }
            "mailboxes/get" => {
                self.note(&name, Call::LookUp, false);
                let data = self.mailboxes.get(&name).cloned();
                data.map_or(ABSENT, |it| found(&Value::Object(it)))
            }
            "mailboxes/list" => {
                for calls in self.calls.values_mut() {
                    calls.push(Call::LookUp);
                }
                let all = self.mailboxes.values().cloned().map(Value::Object).collect();
                found(&Value::Array(all))
            }
            other => panic!("nobody told this switch of `{other}`"),
        }
    }

    fn note(&mut self, mailbox: &str, call: Call, is_rehearsal: bool) {
        if !is_rehearsal {
            self.calls.entry(mailbox.to_owned()).or_default().push(call);
        }
    }
}

const ABSENT: Answer = Answer::Code("404", "", "no such mailbox, or not yours to see");

fn found(data: &Value) -> Answer {
    let responses = [json!({ "code": "200", "key": "", "message": "OK" })];
    Answer::Http("200 OK", "", json!({ "responses": responses, "data": data }).to_string())
}

/// A mailbox as the API makes it where nothing is said.
fn defaults(name: &str) -> Map<String, Value> {
    let fields = json!({
        "mailbox": name, "customer": 2, "callerid": "", "description": "", "dtype": "hangup",
        "dnumber": "", "envelope": 0, "notify_dnumber": "", "notify_email": "owner_wav",
        "notify_for": "voicemail_fax", "notify_ltype": "voicemailbox", "notify_message": "",
        "notify_only": 0, "owner": 0, "pager": "", "pager_attach": 0, "panel": 0,
        "play": "oldest", "saycid": 1, "sayduration": 1, "temporary_active": 1,
        "timezone": "Europe/Berlin", "transcribe": 0
    });
    serde_json::from_value(fields).unwrap()
}

/// Takes over what a call names, numbers as numbers; the PIN is never shown again.
fn change(mailbox: &mut Map<String, Value>, fields: &BTreeMap<String, String>) {
    for (name, text) in fields {
        if let Some(value) = mailbox.get_mut(name) {
            let number = text.parse::<u64>().ok().filter(|_| value.is_number());
            *value = number.map_or_else(|| Value::from(text.as_str()), Value::from);
        }
    }
}
