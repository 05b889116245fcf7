//! What a voicemail.conf says of all mailboxes: `[general]` and `[zonemessages]`, read before the first of them.
//!
//! Refuses to keep more than a configuration has, and to pass over in silence what holds for every mailbox.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::input::InputError;
use crate::input::Source;
use crate::input::decode::Misfit;
use crate::input::mapping::is_zone;
use crate::input::mapping::option_value;
use crate::input::names;
use crate::input::systems::asterisk;
use crate::input::systems::conf::ConfTrouble;
use crate::input::systems::conf::lines::Line;
use crate::input::systems::conf::lines::Lines;
use crate::model::Problem;
use crate::model::Rule;

/// Zones and names that are kept; more are no configuration.
const SETTINGS_MAX: usize = 10_000;

/// Bytes that they have together.
const SETTINGS_LENGTH_MAX: usize = 1 << 20;

/// Bytes of the options of `[general]`: they stand beside each mailbox.
const OPTIONS_LENGTH_MAX: usize = 4 << 10;

/// What holds for all mailboxes.
#[derive(Default)]
pub(super) struct Globals {
    /// Options of `[general]` that are read, as a list; the zone is told by itself.
    pub(super) defaults: Vec<u8>,
    /// The time zone of mailboxes that name none.
    zone: String,
    /// Time zones by their alias in small letters; those that are zones.
    zones: BTreeMap<String, String>,
    /// The context that holds other names of mailboxes.
    aliases: Option<String>,
    /// What is said of settings that no row can have.
    pub(super) problems: Vec<Problem>,
}

/// What is known while lines are read.
#[derive(Default)]
struct Draft {
    globals: Globals,
    /// Options of `[general]` that are read, by name.
    options: BTreeMap<String, String>,
    /// Names of the others, as they come.
    others: Vec<String>,
    seen: BTreeSet<String>,
    /// Bytes of zones and names.
    kept: usize,
    /// Lines that are read and do not decode: the first, and how many.
    misfits: (Option<Misfit>, usize),
}

impl Globals {
    /// Reads the whole file.
    pub(super) fn read(source: &Source) -> Result<Self, InputError> {
        let mut draft = Draft::default();
        let mut general = 1;
        let mut lines = Lines::of(source);
        let mut section: Option<String> = None;
        while let Some(text) = lines.next()? {
            let line = text.number;
            let fails = |trouble| InputError::Conf { line, trouble };
            let is_read = match (Line::read(&text.bytes), section.as_deref()) {
                (Line::Trouble(trouble), _) => return Err(fails(trouble)),
                (Line::Setting(..) | Line::Broken(_), None) => {
                    return Err(fails(ConfTrouble::NoSection));
                }
                (Line::Blank | Line::Broken(_), _) => false,
                (Line::Section(name), _) => {
                    if name.eq_ignore_ascii_case("general") {
                        general = line;
                    }
                    section = Some(name);
                    true
                }
                (Line::Setting(name, value), Some(section)) => {
                    draft.note(section, name, value).map_err(fails)?
                }
            };
            if let Some(misfit) = text.misfit.filter(|_| is_read) {
                draft.misfits.0.get_or_insert(misfit);
                draft.misfits.1 += 1;
            }
        }
        Ok(draft.finish(general, source))
    }

    /// The time zone of a mailbox with these options; an alias that is not explained stays as it is.
    pub(super) fn zone(&self, options: &[u8]) -> Cow<'_, str> {
        let options = String::from_utf8_lossy(options);
        let alias = option_value(&options, "tz").unwrap_or(&self.zone);
        match self.zones.get(&alias.to_lowercase()) {
            Some(zone) => Cow::Borrowed(zone),
            None => Cow::Owned(alias.to_owned()),
        }
    }

    /// Whether what stands in a section is mailboxes.
    pub(super) fn has_mailboxes(&self, section: &str) -> bool {
        let is_other =
            ["general", "zonemessages"].iter().any(|it| section.eq_ignore_ascii_case(it));
        !is_other && self.aliases.as_deref() != Some(section)
    }
}

impl Draft {
    /// Takes up a setting, and gives whether anything hangs on its text.
    fn note(&mut self, section: &str, name: &[u8], value: &[u8]) -> Result<bool, ConfTrouble> {
        let name = String::from_utf8_lossy(name).to_lowercase();
        let value = String::from_utf8_lossy(value);
        if section.eq_ignore_ascii_case("zonemessages") {
            let zone = value.split('|').next().unwrap_or_default().trim_ascii();
            if is_zone(zone) {
                self.keep(name.len() + zone.len())?;
                self.globals.zones.insert(name, zone.to_owned());
                return Ok(true);
            }
            self.globals.zones.remove(&name);
            return Ok(false);
        }
        if !section.eq_ignore_ascii_case("general") {
            // A mailbox, read later.
            return Ok(false);
        }
        if asterisk::OPTIONS.contains(&name.as_str()) {
            self.options.insert(name, value.into_owned());
            let length: usize =
                self.options.iter().map(|(name, value)| name.len() + value.len()).sum();
            let is_short = length <= OPTIONS_LENGTH_MAX;
            return is_short.then_some(true).ok_or(ConfTrouble::LongOptions);
        }
        let is_aliases = name == "aliasescontext";
        if is_aliases {
            self.globals.aliases = Some(value.into_owned());
        }
        if names::looks_like_name(&name) && !self.seen.contains(&name) {
            self.keep(name.len())?;
            self.seen.insert(name.clone());
            self.others.push(name);
        }
        Ok(is_aliases)
    }

    fn keep(&mut self, length: usize) -> Result<(), ConfTrouble> {
        self.kept += length;
        let count = self.globals.zones.len() + self.others.len();
        let has_room = self.kept <= SETTINGS_LENGTH_MAX && count < SETTINGS_MAX;
        has_room.then_some(()).ok_or(ConfTrouble::ManySettings)
    }

    fn finish(self, general: u32, source: &Source) -> Globals {
        let Self { mut globals, mut options, others, misfits, .. } = self;
        globals.zone = options.remove("tz").unwrap_or_default();
        let items: Vec<_> = options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        globals.defaults = items.join("|").into_bytes();
        if let (Some(first), count) = misfits {
            globals.problems.push(not_decoded(&first, count - 1, source));
        }
        if !others.is_empty() {
            globals.problems.push(no_equivalent(general, &others));
        }
        globals
    }
}

fn not_decoded(first: &Misfit, more: usize, source: &Source) -> Problem {
    let (mut message, help) = first.told(source.encoding());
    if more > 0 {
        let s = if more == 1 { "" } else { "s" };
        message = format!("{message}; the same on {more} more line{s} outside of mailboxes");
    }
    Problem::in_record(Rule::NotUtf8, first.line, message, help)
}

fn no_equivalent(line: u32, names: &[String]) -> Problem {
    let names: Vec<_> = names.iter().map(|it| format!("`{it}`")).collect();
    let message = format!("settings of [general] have no equivalent: {}", names.join(", "));
    let help = "mailboxes are made without them: see to it that nobody misses them";
    Problem::in_record(Rule::NoEquivalent, line, message, help)
}
