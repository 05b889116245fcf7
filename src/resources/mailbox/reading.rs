//! From a record's cells to typed values, every cell looked at before anything is given up.

use std::borrow::Cow;

use crate::model::Action;
use crate::model::Cell;
use crate::model::Mailbox;
use crate::model::Problem;
use crate::model::RawRow;
use crate::model::Rule;
use crate::resources::mailbox::damage;
use crate::resources::mailbox::flaws;
use crate::resources::mailbox::flaws::Flaw;
use crate::resources::mailbox::parameters::COLUMNS;
use crate::resources::mailbox::parameters::Form;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::parameters::each_sent;
use crate::resources::mailbox::presence;
use crate::resources::mailbox::presence::Columns;
use crate::resources::mailbox::settings::Settings;
use crate::resources::mailbox::signs::Signs;
use crate::resources::mailbox::values;
use crate::resources::mailbox::values::Judgement;
use crate::resources::mailbox::values::Room;
use crate::resources::mailbox::values::Value;

/// A record as far as it could be understood.
#[derive(Default)]
pub struct Reading<'a> {
    /// What it asks for, if its word is known.
    pub action: Option<Action>,
    values: [Option<Value<'a>>; COLUMNS],
    extras: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Reading<'a> {
    /// A column's value, where the row gives a good one.
    pub fn value(&self, name: Name) -> Option<Value<'a>> {
        self.values.get(name as usize).copied().flatten()
    }

    /// Parameters that are not known and let through, as far as the row gives them: names and values as they are sent.
    pub fn extras(&self) -> &[(&'a str, Cow<'a, str>)] {
        &self.extras
    }

    /// The mailbox number.
    pub fn mailbox(&self) -> Option<Mailbox> {
        self.number(Name::Mailbox)
    }

    /// The mailbox whose PIN is to be copied.
    pub fn copy_pin(&self) -> Option<Mailbox> {
        self.number(Name::CopyPin)
    }

    /// The customer's id.
    pub fn customer(&self) -> Option<u32> {
        let Some(Value::Integer(id)) = self.value(Name::Customer) else { return None };
        Some(id)
    }

    /// How many digits its PIN has; none where it gives none, or one that is not digits alone.
    pub fn pin_digits(&self) -> usize {
        let Some(Value::Pin(pin)) = self.value(Name::Pin) else { return 0 };
        if Signs::of(pin.expose()).are_digits() { pin.expose().len() } else { 0 }
    }

    /// Reads all cells of a record and notes what is wrong with each and with its place.
    ///
    /// A record that is not readable yields nothing and no further problem.
    pub(super) fn read(
        &mut self,
        row: &'a RawRow<'a>,
        settings: &'a Settings,
        notes: &mut Notes<'_>,
    ) {
        if !row.readable {
            return;
        }
        self.action = action(&row.cells[Name::Action as usize], settings.action, notes);
        let cells = &row.cells[..COLUMNS];
        let mut given = Columns::default();
        each_sent!(|name| {
            let cell = &cells[name as usize];
            if !matches!(cell, Cell::Absent) {
                given.add(name);
                value(name, cell, settings, notes, &mut self.values[name as usize]);
            }
        });
        let extras = settings.extras.iter().zip(row.cells.iter().skip(COLUMNS));
        self.extras.extend(extras.filter_map(|(name, cell)| extra(name, cell, settings, notes)));
        presence::judge((row.cells, given), self.action, settings.version, notes);
    }

    fn number(&self, name: Name) -> Option<Mailbox> {
        let Some(Value::Mailbox(mailbox)) = self.value(name) else { return None };
        Some(mailbox)
    }
}

/// Where the flaws of a row's cells are noted down.
pub(super) struct Notes<'p> {
    /// The line on which the row begins.
    pub(super) line: u32,
    /// What was found up to now.
    pub(super) problems: &'p mut Vec<Problem>,
}

impl Notes<'_> {
    /// Notes a flaw in a column.
    pub(super) fn add(&mut self, name: Name, flaw: Flaw) {
        self.add_to(name.as_str().into(), flaw);
    }

    fn add_to(&mut self, column: Cow<'static, str>, flaw: Flaw) {
        let Flaw { rule, message, help } = flaw;
        let message = damage::visible(message);
        self.problems.push(Problem::in_column(rule, self.line, column, message, help));
    }
}

fn action(cell: &Cell<'_>, default: Action, notes: &mut Notes<'_>) -> Option<Action> {
    const HELP: &str = "give create or update, or leave it blank for what --action says";
    let flaw = match cell {
        Cell::Absent => return Some(default),
        Cell::Text(text) => {
            if let Some(action) = Action::parse(text) {
                return Some(action);
            }
            damage::note(text, &mut |flaw| notes.add(Name::Action, flaw));
            let flaw = Flaw::new(Rule::ActionWord, format!("`{text}` is no action"), HELP);
            damage::explained(flaw, text)
        }
        Cell::Empty => Flaw::new(Rule::NoEmpty, "an action cannot be empty", HELP),
        Cell::Integer(_) | Cell::Boolean(_) => {
            Flaw::new(Rule::JsonType, "an action is a JSON string", HELP)
        }
        Cell::Number(digits) | Cell::Date(digits) => {
            Flaw::new(Rule::ActionWord, format!("`{digits}` is no action"), HELP)
        }
    };
    notes.add(Name::Action, flaw);
    None
}

/// Puts the value of a cell into `room`. Most are texts.
#[expect(clippy::inline_always, reason = "each column has code of its own")]
#[inline(always)]
fn value<'a>(
    name: Name,
    cell: &'a Cell<'a>,
    settings: &Settings,
    notes: &mut Notes<'_>,
    room: Room<'_, 'a>,
) {
    match cell {
        Cell::Text(text) => understand(name, text, settings, notes, room),
        Cell::Absent
        | Cell::Empty
        | Cell::Integer(_)
        | Cell::Boolean(_)
        | Cell::Number(_)
        | Cell::Date(_) => typed(name, cell, settings, notes, room),
    }
}

/// The same of a cell that is more than its text.
fn typed<'a>(
    name: Name,
    cell: &'a Cell<'a>,
    settings: &Settings,
    notes: &mut Notes<'_>,
    room: Room<'_, 'a>,
) {
    let flaw = match cell {
        Cell::Absent => return,
        Cell::Empty if name.parameter().empty => {
            *room = Some(Value::Empty);
            return;
        }
        Cell::Empty => no_empty(name),
        Cell::Date(text) if damage::is_no_date(name) => date_cell(name, text),
        Cell::Text(text) | Cell::Date(text) => {
            return understand(name, text, settings, notes, room);
        }
        Cell::Integer(it) if takes_numbers(name) => {
            match values::number(name, *it, settings, room) {
                Ok(()) => return,
                Err(flaw) => *flaw,
            }
        }
        Cell::Boolean(it) if matches!(name.parameter().form, Form::YesNo) => {
            *room = Some(Value::YesNo(*it));
            return;
        }
        Cell::Integer(_) | Cell::Boolean(_) => wrong_json_type(name, cell),
        Cell::Number(digits) if !name.is_text() => {
            match values::parse(name, digits, settings, room) {
                Ok(()) => return,
                Err(flaw) => *flaw,
            }
        }
        Cell::Number(digits) => number_cell(name, digits),
    };
    notes.add(name, flaw);
}

/// The same of a text; what was done to it comes before what is wrong with its form.
#[expect(clippy::inline_always, reason = "calls cost as much as what most columns' texts need")]
#[inline(always)]
fn understand<'a>(
    name: Name,
    text: &'a str,
    settings: &Settings,
    notes: &mut Notes<'_>,
    room: Room<'_, 'a>,
) {
    let (judgement, may_be_damaged) = if name.parameter().is_closed() {
        let judgement = values::closed(name, text, settings, room);
        let is_flawed = judgement.is_err();
        (judgement, is_flawed)
    } else {
        let signs = Signs::of(text);
        let judgement = values::open(name, text, signs, settings, room);
        let may_be_damaged = judgement.is_err() || damage::is_possible(name, text, signs);
        (judgement, may_be_damaged)
    };
    if may_be_damaged {
        note_damage(name, text, judgement, notes, room);
    }
}

/// Notes what is wrong with a text that was not understood, or that looks damaged.
#[cold]
fn note_damage(
    name: Name,
    text: &str,
    judgement: Judgement,
    notes: &mut Notes<'_>,
    room: Room<'_, '_>,
) {
    damage::note(text, &mut |flaw| notes.add(name, flaw));
    if let Some(retyped) = damage::retyped(name, text) {
        notes.add(name, retyped);
        // A number that is there is not called missing, but nothing more is said of its form.
        if !matches!(name.parameter().form, Form::Line) {
            *room = None;
        }
    } else if let Err(flaw) = judgement {
        notes.add(name, damage::explained(*flaw, text));
    }
}

/// What is sent for a parameter that is not known: nothing of it is judged but what holds for every text.
fn extra<'a>(
    name: &'a str,
    cell: &'a Cell<'a>,
    settings: &Settings,
    notes: &mut Notes<'_>,
) -> Option<(&'a str, Cow<'a, str>)> {
    let value = match cell {
        Cell::Absent => return None,
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(text) => {
            let mut add = |flaw| notes.add_to(Cow::Owned(name.to_owned()), flaw);
            damage::note(text, &mut add);
            flaws::too_long(text, settings).into_iter().for_each(add);
            Cow::Borrowed(text.as_ref())
        }
        Cell::Integer(number) => Cow::Owned(number.to_string()),
        Cell::Boolean(it) => Cow::Borrowed(if *it { "1" } else { "0" }),
        Cell::Number(text) | Cell::Date(text) => Cow::Borrowed(text.as_ref()),
    };
    Some((name, value))
}

fn takes_numbers(name: Name) -> bool {
    matches!(name.parameter().form, Form::Integer | Form::YesNo)
}

/// The flaw of a number that a spreadsheet keeps where digits are a text.
fn number_cell(name: Name, digits: &str) -> Flaw {
    let what = shown(name, digits);
    let message = format!("{what} is a number in the spreadsheet: zeros in front are lost");
    let help = "format the column as text and type the values again, or put an apostrophe before each, as in `'0201`";
    Flaw::new(Rule::NumberCell, message, help)
}

fn date_cell(name: Name, date: &str) -> Flaw {
    let message = format!("{} is a date in the spreadsheet", shown(name, date));
    let help = "format the column as text and type the value again";
    Flaw::new(Rule::SpreadsheetDate, message, help)
}

fn shown(name: Name, text: &str) -> String {
    if name.parameter().is_secret() { "the PIN".to_owned() } else { format!("`{text}`") }
}

fn no_empty(name: Name) -> Flaw {
    let message = format!("{} cannot be set to an empty string", name.as_str());
    Flaw::new(Rule::NoEmpty, message, "leave the cell blank where nothing is to be sent")
}

fn wrong_json_type(name: Name, cell: &Cell<'_>) -> Flaw {
    let (kind, help) = match cell {
        Cell::Boolean(_) => ("true or false", "give its value as a JSON string"),
        Cell::Absent
        | Cell::Empty
        | Cell::Text(_)
        | Cell::Integer(_)
        | Cell::Number(_)
        | Cell::Date(_) => {
            ("a number", "put it in quotes, so that zeros in front are kept, as in \"0201\"")
        }
    };
    Flaw::new(
        Rule::JsonType,
        format!("{} is text, and the JSON value is {kind}", name.as_str()),
        help,
    )
}
