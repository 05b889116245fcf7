//! Asterisk's voicemail.conf as lines of CSV, one for each of its own, so that every row keeps its line.
//!
//! `[general]` and `[zonemessages]` are read first and told to every row. Refuses what would hide mailboxes: a file that
//! is included and not here, and sections that inherit from each other.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::io::Read;

use crate::input::InputError;
use crate::input::Source;
use crate::input::format::BOM;
use crate::input::mapping::is_zone;
use crate::input::names;
use crate::input::systems::asterisk;
use crate::model::Problem;
use crate::model::Rule;

/// The first line of the CSV. Nothing can stand in its place: before a mailbox comes its context.
const HEADER: &[u8] = b"context,mailbox,password,name,email,pager,options,defaults,zone\n";

/// Bytes read at once, and the longest line.
const BLOCK_LENGTH: usize = 64 << 10;

/// Settings, zones and names that are kept; more are no configuration.
const SETTINGS_MAX: usize = 10_000;

/// What keeps a voicemail.conf from being read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConfTrouble {
    /// `#include`, `#exec`.
    Include,
    /// `[a](b)`, `[a](!)`.
    Template,
    /// A setting before any section.
    NoSection,
    /// A line without an end.
    LongLine,
    /// Too many settings.
    ManySettings,
}

impl ConfTrouble {
    /// What is the case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Include => "another file is included, whose mailboxes would be missed",
            Self::Template => "a section is a template or inherits from one",
            Self::NoSection => "a setting stands before the first section",
            Self::LongLine => "the line is longer than 65,536 bytes",
            Self::ManySettings => "more settings than 10,000 stand outside of mailboxes",
        }
    }

    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Include => "put the lines of that file in the place of this one",
            Self::Template => "write out what it inherits, and take the parentheses away",
            Self::NoSection => "begin with a section, as in `[default]`",
            Self::LongLine => "look for line ends that are missing",
            Self::ManySettings => "give the voicemail.conf itself",
        }
    }
}

/// Whether bytes are a voicemail.conf, by the first that is no blank: no CSV begins with a section or a comment.
pub(in crate::input) fn is_conf(source: &Source) -> Result<bool, InputError> {
    let mut bytes = Vec::new();
    source.append(0, BLOCK_LENGTH, &mut bytes)?;
    let bytes = bytes.strip_prefix(BOM).unwrap_or(&bytes);
    Ok(matches!(bytes.trim_ascii_start().first(), Some(b'[' | b';' | b'#')))
}

/// The CSV, and what is said of settings that no row can have.
pub(in crate::input) fn to_csv(
    source: Source,
    length_max: u64,
) -> Result<(Source, Vec<Problem>), InputError> {
    let globals = Globals::read(&source)?;
    let lines = Lines::of(&source);
    let mut rows =
        Rows { lines, globals: &globals, section: None, ready: Vec::new(), given: 0, error: None };
    let copy = Source::spool(&mut rows, length_max);
    if let Some(error) = rows.error {
        return Err(error);
    }
    source.unchanged()?;
    Ok((source.replaced(copy?), globals.problems))
}

/// What holds for all mailboxes.
#[derive(Default)]
struct Globals {
    /// Options of `[general]` that are read, by name.
    defaults: BTreeMap<String, Vec<u8>>,
    /// Time zones by their alias in small letters.
    zones: BTreeMap<String, Vec<u8>>,
    /// The context that holds other names of mailboxes.
    aliases: Option<String>,
    problems: Vec<Problem>,
}

impl Globals {
    fn read(source: &Source) -> Result<Self, InputError> {
        let mut it = Self::default();
        let mut others: Vec<String> = Vec::new();
        let mut general = 1;
        let mut lines = Lines::of(source);
        let mut section = None;
        while let Some((number, line)) = lines.next()? {
            match Line::read(&line) {
                Line::Blank | Line::Broken(_) => {}
                Line::Trouble(trouble) => return Err(InputError::Conf { line: number, trouble }),
                Line::Section(name) => {
                    if name.eq_ignore_ascii_case("general") {
                        general = number;
                    }
                    section = Some(name);
                }
                Line::Setting(name, value) => match section.as_deref() {
                    None => {
                        let trouble = ConfTrouble::NoSection;
                        return Err(InputError::Conf { line: number, trouble });
                    }
                    Some(section) => it.note(section, name, value, &mut others),
                },
            }
            if it.zones.len() + others.len() > SETTINGS_MAX {
                let trouble = ConfTrouble::ManySettings;
                return Err(InputError::Conf { line: number, trouble });
            }
        }
        if !others.is_empty() {
            it.problems.push(no_equivalent(general, &others));
        }
        Ok(it)
    }

    fn note(&mut self, section: &str, name: &[u8], value: &[u8], others: &mut Vec<String>) {
        let name = String::from_utf8_lossy(name).to_lowercase();
        if section.eq_ignore_ascii_case("zonemessages") {
            let zone = value.split(|it| *it == b'|').next().unwrap_or_default();
            self.zones.insert(name, zone.trim_ascii().to_vec());
        } else if !section.eq_ignore_ascii_case("general") {
            // A mailbox, read later.
        } else if asterisk::OPTIONS.contains(&name.as_str()) {
            self.defaults.insert(name, value.to_vec());
        } else {
            if name == "aliasescontext" {
                self.aliases = Some(String::from_utf8_lossy(value).into_owned());
            }
            if names::looks_like_name(&name) && !others.contains(&name) {
                others.push(name);
            }
        }
    }

    /// The options that hold for all mailboxes, as a list; the zone is told by itself.
    fn defaults(&self) -> Vec<u8> {
        let items = self.defaults.iter().filter(|(name, _)| *name != "tz");
        let items: Vec<_> =
            items.map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
        items.join(&b'|')
    }

    /// The time zone of a mailbox with these options; an alias that is not explained stays as it is.
    fn zone(&self, options: &[u8]) -> Cow<'_, [u8]> {
        let options = String::from_utf8_lossy(options).into_owned();
        let own = crate::input::mapping::option_value(&options, "tz").map(str::as_bytes);
        let alias = own.or(self.defaults.get("tz").map(Vec::as_slice)).unwrap_or_default();
        let name = String::from_utf8_lossy(alias);
        match self.zones.get(&name.to_lowercase()) {
            Some(zone) if is_zone(&String::from_utf8_lossy(zone)) => Cow::Borrowed(zone),
            Some(_) | None => Cow::Owned(alias.to_vec()),
        }
    }

    fn is_alias_context(&self, section: &str) -> bool {
        self.aliases.as_deref() == Some(section)
    }
}

fn no_equivalent(line: u32, names: &[String]) -> Problem {
    let names: Vec<_> = names.iter().map(|it| format!("`{it}`")).collect();
    let message = format!("settings of [general] have no equivalent: {}", names.join(", "));
    let help = "mailboxes are made without them: see to it that nobody misses them";
    Problem::in_record(Rule::NoEquivalent, line, message, help)
}

/// What a line is.
enum Line<'a> {
    Blank,
    Section(String),
    Setting(&'a [u8], &'a [u8]),
    /// Neither.
    Broken(&'a [u8]),
    Trouble(ConfTrouble),
}

impl<'a> Line<'a> {
    /// Reads a line without its comments.
    fn read(line: &'a [u8]) -> Self {
        let line = line.trim_ascii();
        match line.first() {
            None => Self::Blank,
            Some(b'#') => Self::Trouble(ConfTrouble::Include),
            Some(b'[') => match line.iter().position(|it| *it == b']') {
                None => Self::Broken(line),
                Some(end) => match line[end + 1..].trim_ascii() {
                    b"" | b"(+)" => Self::Section(String::from_utf8_lossy(&line[1..end]).into()),
                    _ => Self::Trouble(ConfTrouble::Template),
                },
            },
            Some(_) => match line.iter().position(|it| *it == b'=') {
                None => Self::Broken(line),
                Some(at) => {
                    let value = line[at + 1..].strip_prefix(b">").unwrap_or(&line[at + 1..]);
                    Self::Setting(line[..at].trim_ascii(), value.trim_ascii())
                }
            },
        }
    }
}

/// The lines of a file, numbered, their comments taken out.
struct Lines<'s> {
    source: &'s Source,
    offset: u64,
    block: Vec<u8>,
    at: usize,
    number: u32,
    in_comment: bool,
}

impl<'s> Lines<'s> {
    fn of(source: &'s Source) -> Self {
        Self { source, offset: 0, block: Vec::new(), at: 0, number: 0, in_comment: false }
    }

    fn next(&mut self) -> Result<Option<(u32, Vec<u8>)>, InputError> {
        let mut end = memchr::memchr(b'\n', &self.block[self.at..]);
        if end.is_none() {
            self.block.drain(..self.at);
            self.at = 0;
            self.offset += self.source.append(self.offset, BLOCK_LENGTH, &mut self.block)? as u64;
            end = memchr::memchr(b'\n', &self.block);
        }
        let rest = &self.block[self.at..];
        if rest.is_empty() {
            return Ok(None);
        }
        self.number = self.number.checked_add(1).ok_or(InputError::TooManyLines)?;
        let length = end.unwrap_or(rest.len());
        if length > BLOCK_LENGTH || end.is_none() && rest.len() > BLOCK_LENGTH {
            let trouble = ConfTrouble::LongLine;
            return Err(InputError::Conf { line: self.number, trouble });
        }
        let line = without_comments(&rest[..length], &mut self.in_comment);
        self.at += length + usize::from(end.is_some());
        Ok(Some((self.number, line)))
    }
}

/// A line as it counts: `;` begins a comment unless a `\` stands before it, `;--` one that ends with `--;`.
fn without_comments(line: &[u8], in_comment: &mut bool) -> Vec<u8> {
    let mut kept = Vec::with_capacity(line.len());
    let mut rest = line.strip_prefix(BOM).unwrap_or(line);
    while let Some((first, after)) = rest.split_first() {
        if *in_comment {
            *in_comment = !rest.starts_with(b"--;");
            rest = if *in_comment { after } else { &rest[3..] };
        } else if rest.starts_with(b"\\;") {
            kept.push(b';');
            rest = &rest[2..];
        } else if rest.starts_with(b";--") && rest.get(3) != Some(&b'-') {
            *in_comment = true;
            rest = &rest[3..];
        } else if *first == b';' {
            break;
        } else {
            kept.push(*first);
            rest = after;
        }
    }
    kept
}

/// The lines of CSV, as they are read.
struct Rows<'s> {
    lines: Lines<'s>,
    globals: &'s Globals,
    section: Option<String>,
    ready: Vec<u8>,
    given: usize,
    error: Option<InputError>,
}

impl Rows<'_> {
    fn make_line(&mut self) -> Result<(), InputError> {
        self.ready.clear();
        self.given = 0;
        let Some((number, line)) = self.lines.next()? else { return Ok(()) };
        match Line::read(&line) {
            Line::Setting(mailbox, value) => {
                if let Some(section) = self.section.as_deref() {
                    put_row(section, mailbox, value, self.globals, &mut self.ready);
                }
            }
            Line::Broken(text) => put_cell(text, &mut self.ready),
            Line::Section(name) => {
                let is_other =
                    ["general", "zonemessages"].iter().any(|it| name.eq_ignore_ascii_case(it));
                self.section =
                    Some(name).filter(|it| !is_other && !self.globals.is_alias_context(it));
            }
            Line::Blank | Line::Trouble(_) => {}
        }
        if number == 1 {
            self.ready.clear();
            self.ready.extend_from_slice(HEADER);
        } else {
            self.ready.push(b'\n');
        }
        Ok(())
    }
}

impl Read for Rows<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len()
            && let Err(error) = self.make_line()
        {
            self.error = Some(error);
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut left = &self.ready[self.given..];
        let read = left.read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

fn put_row(section: &str, mailbox: &[u8], value: &[u8], globals: &Globals, row: &mut Vec<u8>) {
    let mut cells = value.splitn(5, |it| *it == b',').map(<[u8]>::trim_ascii);
    let mut next = || cells.next().unwrap_or_default();
    let [password, name, email, pager, options] = [next(), next(), next(), next(), next()];
    let (defaults, zone) = (globals.defaults(), globals.zone(options));
    let cells =
        [section.as_bytes(), mailbox, password, name, email, pager, options, &defaults, &zone];
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            row.push(b',');
        }
        put_cell(cell, row);
    }
}

fn put_cell(text: &[u8], row: &mut Vec<u8>) {
    if !text.iter().any(|it| matches!(it, b',' | b'"' | b'\r')) {
        row.extend_from_slice(text);
        return;
    }
    row.push(b'"');
    for byte in text {
        row.extend(std::iter::repeat_n(*byte, 1 + usize::from(*byte == b'"')));
    }
    row.push(b'"');
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn csv(text: &str) -> Result<(String, Vec<String>), InputError> {
        let source = Source::spool(text.as_bytes(), u64::MAX).unwrap();
        assert!(is_conf(&source).unwrap());
        let (copy, problems) = to_csv(source, u64::MAX)?;
        let mut bytes = Vec::new();
        copy.append(0, 1 << 20, &mut bytes).unwrap();
        let told = problems.into_iter().map(|it| format!("{}: {}", it.place.line, it.message));
        Ok((String::from_utf8(bytes).unwrap(), told.collect()))
    }

    const CONF: &str = r#"; Voicemail
[general]
format=wav49|gsm
attach=yes ; with the audio
Tz=central
[zonemessages]
central=America/Chicago|'vm-received' Q 'digits/at' IMp
;--
101 => 1,In a comment
--;
[default]
101 => -4711,Jane Doe,jane@example.com|jd@example.com,,attach=no|tz=Central
102 = 4712,"Joe" \; Co,,,|tz=moon|saycid=yes,envelope=no
103
[sales](+)
104 => 4714
"#;

    #[test]
    fn every_line_of_the_conf_is_a_line_of_the_csv() {
        let (text, told) = csv(CONF).unwrap();
        expect![[r#"
            context,mailbox,password,name,email,pager,options,defaults,zone










            default,101,-4711,Jane Doe,jane@example.com|jd@example.com,,attach=no|tz=Central,attach=yes,America/Chicago
            default,102,4712,"""Joe"" ; Co",,,"|tz=moon|saycid=yes,envelope=no",attach=yes,moon
            103

            sales,104,4714,,,,,attach=yes,America/Chicago
        "#]]
        .assert_eq(&text);
        assert_eq!(told, ["2: settings of [general] have no equivalent: `format`"]);
        assert_eq!(text.lines().count(), CONF.lines().count());
    }

    #[test]
    fn what_would_hide_mailboxes_is_refused_with_its_line() {
        let refused = |text: &str| match csv(text).unwrap_err() {
            InputError::Conf { line, trouble } => (line, trouble),
            error => panic!("{error:?}"),
        };
        assert_eq!(refused("[a]\n#include more.conf\n"), (2, ConfTrouble::Include));
        assert_eq!(refused("[a](!)\n"), (1, ConfTrouble::Template));
        assert_eq!(refused("[a](base)\n"), (1, ConfTrouble::Template));
        assert_eq!(refused(";\n101 => 1\n[a]\n"), (2, ConfTrouble::NoSection));
        let long = format!("[a]\n101 => {}\n", "1".repeat(BLOCK_LENGTH));
        assert_eq!(refused(&long), (2, ConfTrouble::LongLine));
    }

    #[test]
    fn other_names_of_mailboxes_are_no_mailboxes() {
        let (text, told) =
            csv("[general]\naliasescontext=x\n[x]\n1@x => 2@y\n[y]\n2 => 3\n").unwrap();
        assert_eq!(text.lines().last(), Some("y,2,3,,,,,,"));
        assert_eq!(text.lines().filter(|it| !it.is_empty()).count(), 2);
        assert_eq!(told, ["1: settings of [general] have no equivalent: `aliasescontext`"]);
    }

    #[test]
    fn csv_is_no_conf() {
        for text in ["mailbox,pin\n", "", "\"[a]\",b\n"] {
            assert!(
                !is_conf(&Source::spool(text.as_bytes(), u64::MAX).unwrap()).unwrap(),
                "{text}"
            );
        }
    }
}
