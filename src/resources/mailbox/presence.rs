//! Whether cells stand where they must and not where they must not. What they say is looked at elsewhere.

use crate::model::Action;
use crate::model::Cell;
use crate::model::Rule;
use crate::resources::Version;
use crate::resources::mailbox::flaws::Flaw;
use crate::resources::mailbox::parameters::COLUMNS;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::parameters::PARAMETERS;
use crate::resources::mailbox::parameters::SENT;
use crate::resources::mailbox::parameters::Taken;
use crate::resources::mailbox::reading::Notes;

/// Some of the columns, a bit each: nearly every row has nothing in the wrong ones, and that is seen at once.
#[derive(Clone, Copy, Default)]
pub(super) struct Columns(u32);

/// Those that update does not take.
const CREATE_ONLY: Columns = {
    let mut columns = 0;
    let mut place = 1;
    while place < COLUMNS {
        if matches!(PARAMETERS[place].update, Taken::No) {
            columns |= 1 << place;
        }
        place += 1;
    }
    Columns(columns)
};

/// Those that do not exist in a version.
const fn later_than(version: Version) -> Columns {
    let mut columns = 0;
    let mut place = 1;
    while place < COLUMNS {
        if PARAMETERS[place].since as u8 > version as u8 {
            columns |= 1 << place;
        }
        place += 1;
    }
    Columns(columns)
}

/// The same of every version, by its number.
const LATER: [Columns; Version::ALL.len()] = {
    let mut later = [Columns(0); Version::ALL.len()];
    let mut number = 0;
    while number < later.len() {
        later[number] = later_than(Version::ALL[number]);
        number += 1;
    }
    later
};

impl Columns {
    /// Takes one more in.
    #[inline]
    pub(super) fn add(&mut self, name: Name) {
        self.0 |= 1 << name as u32;
    }

    fn has(self, name: Name) -> bool {
        self.0 >> (name as u32) & 1 != 0
    }
}

/// Notes cells that are missing, and those that stand where nothing may; `given` are the sent columns in which the row has
/// something.
pub(super) fn judge(
    (cells, given): (&[Cell<'_>], Columns),
    action: Option<Action>,
    version: Version,
    notes: &mut Notes<'_>,
) {
    let later = Columns(given.0 & LATER[version as usize].0);
    let is_update = action == Some(Action::Update);
    let create_only = Columns(if is_update { given.0 & CREATE_ONLY.0 } else { 0 });
    if later.0 | create_only.0 != 0 {
        for name in SENT {
            if later.has(name) {
                notes.add(name, not_in_version(name, version));
            } else if create_only.has(name) {
                notes.add(name, not_on_update(name, version));
            }
        }
    }
    if !given.has(Name::Mailbox) {
        let help = "every row names its mailbox, as in `0201`";
        notes.add(Name::Mailbox, Flaw::new(Rule::Required, "the mailbox is blank", help));
    }
    let copied = cells[Name::CopyPin as usize].is_given();
    if action == Some(Action::Create) && !given.has(Name::Pin) && !copied {
        let help = "give a PIN, or in copy_pin the mailbox whose PIN is to be copied";
        notes.add(Name::Pin, Flaw::new(Rule::Required, "the PIN is blank", help));
    }
    if is_update && !changes(given) && !cells[COLUMNS..].iter().any(|it| *it != Cell::Absent) {
        let message = "nothing to change is given";
        let help = "fill at least one more cell, or take the row out";
        notes.add(Name::Mailbox, Flaw::new(Rule::NothingToUpdate, message, help));
    }
}

/// Whether a row gives more than what says which mailbox is meant.
fn changes(given: Columns) -> bool {
    let address = 1 << Name::Mailbox as u32 | 1 << Name::Customer as u32;
    given.0 & !address != 0
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
