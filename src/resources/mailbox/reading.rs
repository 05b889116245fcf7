//! From a record's cells to typed values, every cell looked at before anything is given up.

use std::borrow::Cow;

use crate::model::Action;
use crate::model::Cell;
use crate::model::Mailbox;
use crate::model::Problem;
use crate::model::RawRow;
use crate::model::Rule;
use crate::resources::Version;
use crate::resources::mailbox::damage;
use crate::resources::mailbox::parameters::COLUMNS;
use crate::resources::mailbox::parameters::Form;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::parameters::SENT;
use crate::resources::mailbox::parameters::Taken;
use crate::resources::mailbox::settings::Settings;
use crate::resources::mailbox::values;
use crate::resources::mailbox::values::Flaw;
use crate::resources::mailbox::values::Value;

/// A record as far as it could be understood.
pub struct Reading<'a> {
    /// What it asks for, if its word is known.
    pub action: Option<Action>,
    values: [Option<Value<'a>>; COLUMNS],
    extras: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Reading<'a> {
    /// A column's value, where the row gives a good one.
    pub fn value(&self, name: Name) -> Option<&Value<'a>> {
        self.values.get(name as usize).and_then(Option::as_ref)
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
        Some(*id)
    }

    /// How many digits its PIN has; none where it gives none, or one that is not digits alone.
    pub fn pin_digits(&self) -> usize {
        let Some(Value::Pin(pin)) = self.value(Name::Pin) else { return 0 };
        let is_digits = pin.expose().bytes().all(|it| it.is_ascii_digit());
        if is_digits { pin.expose().len() } else { 0 }
    }

    fn number(&self, name: Name) -> Option<Mailbox> {
        let Some(Value::Mailbox(mailbox)) = self.value(name) else { return None };
        Some(*mailbox)
    }
}

/// Reads all cells of a record and notes what is wrong with each and with its place.
///
/// A record that is not readable yields nothing and no further problem.
pub(super) fn read<'a>(
    row: &'a RawRow<'a>,
    settings: &'a Settings,
    notes: &mut Notes<'_>,
) -> Reading<'a> {
    let values = [const { None }; COLUMNS];
    let mut reading = Reading { action: None, values, extras: Vec::new() };
    if !row.readable {
        return reading;
    }
    reading.action = action(&row.cells[Name::Action as usize], settings.action, notes);
    for name in SENT {
        let value = cell(name, &row.cells[name as usize], settings, notes);
        reading.values[name as usize] = value;
    }
    let extras = settings.extras.iter().zip(row.cells.iter().skip(COLUMNS));
    reading.extras.extend(extras.filter_map(|(name, cell)| extra(name, cell, settings, notes)));
    presence(row.cells, reading.action, settings.version, notes);
    reading
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

fn cell<'a>(
    name: Name,
    cell: &'a Cell<'a>,
    settings: &Settings,
    notes: &mut Notes<'_>,
) -> Option<Value<'a>> {
    let text = match cell {
        Cell::Absent => return None,
        Cell::Empty if name.parameter().empty => return Some(Value::Empty),
        Cell::Empty => {
            notes.add(name, no_empty(name));
            return None;
        }
        Cell::Date(text) if damage::is_no_date(name) => {
            notes.add(name, date_cell(name, text));
            return None;
        }
        Cell::Text(text) | Cell::Date(text) => return understood(name, text, settings, notes),
        Cell::Integer(number) if takes_numbers(name) => number.to_string(),
        Cell::Boolean(it) if matches!(name.parameter().form, Form::YesNo) => {
            if *it { "1" } else { "0" }.to_owned()
        }
        Cell::Integer(_) | Cell::Boolean(_) => {
            notes.add(name, wrong_json_type(name, cell));
            return None;
        }
        Cell::Number(digits) if !name.is_text() => digits.clone().into_owned(),
        Cell::Number(text) => {
            notes.add(name, number_cell(name, text));
            return None;
        }
    };
    let (value, flaw) = values::parse(name, Cow::Owned(text), settings);
    if let Some(flaw) = flaw {
        notes.add(name, flaw);
    }
    value
}

/// The value that a text stands for; what was done to the text comes before what is wrong with its form.
fn understood<'a>(
    name: Name,
    text: &'a str,
    settings: &Settings,
    notes: &mut Notes<'_>,
) -> Option<Value<'a>> {
    let (value, flaw) = values::parse(name, Cow::Borrowed(text), settings);
    if flaw.is_none() && name.parameter().is_closed() {
        return value;
    }
    damage::note(text, &mut |flaw| notes.add(name, flaw));
    if let Some(retyped) = damage::retyped(name, text) {
        notes.add(name, retyped);
        // A number that is there is not called missing, but nothing more is said of its form.
        return value.filter(|_| matches!(name.parameter().form, Form::Line));
    }
    if let Some(flaw) = flaw {
        notes.add(name, damage::explained(flaw, text));
    }
    value
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
            values::too_long(text, settings).into_iter().for_each(add);
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

/// Whether cells stand where they must and not where they must not.
fn presence(cells: &[Cell<'_>], action: Option<Action>, version: Version, notes: &mut Notes<'_>) {
    let given = |name: Name| cells[name as usize] != Cell::Absent;
    for name in SENT.into_iter().filter(|it| given(*it)) {
        let parameter = name.parameter();
        if parameter.since > version {
            notes.add(name, not_in_version(name, version));
        } else if action == Some(Action::Update) && parameter.update == Taken::No {
            notes.add(name, not_on_update(name, version));
        }
    }
    if !given(Name::Mailbox) {
        let help = "every row names its mailbox, as in `0201`";
        notes.add(Name::Mailbox, Flaw::new(Rule::Required, "the mailbox is blank", help));
    }
    let copied = cells[Name::CopyPin as usize].is_given();
    if action == Some(Action::Create) && !given(Name::Pin) && !copied {
        let help = "give a PIN, or in copy_pin the mailbox whose PIN is to be copied";
        notes.add(Name::Pin, Flaw::new(Rule::Required, "the PIN is blank", help));
    }
    let addresses = [Name::Mailbox, Name::Customer];
    let changes = || {
        SENT.into_iter().any(|it| given(it) && !addresses.contains(&it))
            || cells.iter().skip(COLUMNS).any(|it| *it != Cell::Absent)
    };
    if action == Some(Action::Update) && !changes() {
        let message = "nothing to change is given";
        let help = "fill at least one more cell, or take the row out";
        notes.add(Name::Mailbox, Flaw::new(Rule::NothingToUpdate, message, help));
    }
}

fn not_in_version(name: Name, version: Version) -> Flaw {
    let since = name.parameter().since.as_str();
    let message = format!("{} does not exist in {}", name.as_str(), version.as_str());
    let help = format!("it exists since {since}; give --api if the switch is, or leave it blank");
    Flaw::new(Rule::NotInVersion, message, help)
}

fn not_on_update(name: Name, version: Version) -> Flaw {
    if name == Name::Transcribe && version >= Version::V4_2 {
        let message = format!("whether update takes it in {} is not known", version.as_str());
        return Flaw::new(Rule::TranscribeOnUpdate, message, "try it with --dry-run first");
    }
    let message = format!("update has no parameter {}", name.as_str());
    Flaw::new(Rule::CreateOnly, message, "leave it blank on rows that update")
}
