//! The model switch: mailboxes, who may do what, and a ledger of everything that was carried out.

use boxlift::model::Action;
use boxlift::model::Ask;
use boxlift::model::Likeness;
use boxlift::model::Meaning;
use boxlift::model::Refusal;

use super::scenario::Content;
use super::scenario::Key;
use super::scenario::Row;
use super::scenario::Scenario;

/// A mailbox: what can be looked up, and what cannot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Made {
    pub(crate) fields: u8,
    pub(crate) pin: u16,
}

/// Something that was carried out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effect {
    pub(crate) row: usize,
    pub(crate) key: Key,
}

/// The switch's own state.
pub(crate) struct Switch {
    pub(crate) boxes: Vec<(Key, Made)>,
    pub(crate) ledger: Vec<Effect>,
}

/// A call as it arrives.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    pub(crate) row: usize,
    pub(crate) content: Content,
    pub(crate) ask: Ask,
    pub(crate) rehearses: bool,
}

impl Switch {
    pub(crate) fn get(&self, key: Key) -> Option<Made> {
        self.boxes.iter().find(|it| it.0 == key).map(|it| it.1)
    }

    fn set(&mut self, key: Key, made: Made) {
        match self.boxes.iter_mut().find(|it| it.0 == key) {
            Some(known) => known.1 = made,
            None => self.boxes.push((key, made)),
        }
    }

    /// Answers a call; what is refused leaves no trace.
    pub(crate) fn answer(&mut self, scenario: &Scenario, request: Request) -> Meaning {
        let row = &scenario.rows[request.row];
        let key = scenario.key_of(row);
        match request.ask {
            Ask::LookUp => self.look_up(scenario, key, request.content),
            Ask::Act | Ask::AssertPin | Ask::AssertAll => self.act(scenario, row, request),
        }
    }

    fn look_up(&self, scenario: &Scenario, key: Key, content: Content) -> Meaning {
        if !scenario.roles.get {
            return Meaning::Refused(Refusal::Role);
        }
        match self.get(key) {
            None => Meaning::Refused(Refusal::Absent),
            // What the switch would refuse is not what it shows.
            Some(it) if it.fields == content.fields && !content.bad => {
                Meaning::Found(Likeness::Same)
            }
            Some(_) => Meaning::Found(Likeness::Different),
        }
    }

    fn act(&mut self, scenario: &Scenario, row: &Row, request: Request) -> Meaning {
        let Request { content, ask, rehearses, .. } = request;
        let key = scenario.key_of(row);
        let creates = ask == Ask::Act && row.action == Action::Create;
        let allowed = if creates { scenario.roles.create } else { scenario.roles.update };
        if !allowed {
            return Meaning::Refused(Refusal::Role);
        }
        if creates && scenario.barred == Some(key.0) {
            return Meaning::Refused(Refusal::RatePlan);
        }
        let source = row.copies.map(|it| self.get((key.0, it)));
        let known = self.get(key);
        let refused =
            |key: &str| Meaning::Refused(Refusal::Parameters { keys: vec![key.to_owned()] });
        let pin = match (creates, known, source) {
            _ if content.bad && scenario.roles.parameters_first => return refused("owner"),
            (true, Some(_), _) => return refused("mailbox"),
            (false, None, _) => return Meaning::Refused(Refusal::Absent),
            _ if content.bad => return refused("owner"),
            (true, None, Some(None)) => return refused("copy_pin"),
            (true, None, Some(Some(source))) => source.pin,
            (false, Some(known), Some(_)) => known.pin,
            (true, None, None) | (false, Some(_), None) => content.pin,
        };
        if rehearses {
            return Meaning::Passed;
        }
        let fields = known.filter(|_| ask == Ask::AssertPin).map_or(content.fields, |it| it.fields);
        self.set(key, Made { fields, pin });
        self.ledger.push(Effect { row: request.row, key });
        Meaning::Done
    }
}
