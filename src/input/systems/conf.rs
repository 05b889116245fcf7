//! Asterisk's voicemail.conf as lines of CSV, one for each of its own, so that every row keeps its line.
//!
//! `[general]` and `[zonemessages]` are read first and told to every row. Refuses what would hide mailboxes: a file that
//! is included and not here, and sections that inherit from each other.

mod globals;
mod lines;
mod trouble;

use std::io;
use std::io::Read;

pub use trouble::ConfTrouble;

use crate::input::InputError;
use crate::input::Source;
use crate::input::decode::MISFITS_MAX;
use crate::input::decode::Misfit;
use crate::input::format::BOM;
use crate::input::shape::Dialect;
use crate::input::systems::conf::globals::Globals;
use crate::input::systems::conf::lines::LINE_LENGTH_MAX;
use crate::input::systems::conf::lines::Line;
use crate::input::systems::conf::lines::Lines;
use crate::model::Problem;

/// The first line of the CSV. No mailbox can stand in its place: before it comes its context.
const HEADER: &[u8] = b"context,mailbox,password,name,email,pager,options,defaults,zone\n";

/// Whether bytes are a voicemail.conf, by the first that is no blank: no CSV begins with a section or a comment.
pub(in crate::input) fn is_conf(source: &Source) -> Result<bool, InputError> {
    let mut bytes = Vec::new();
    source.append(0, LINE_LENGTH_MAX, &mut bytes)?;
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
    let mut rows = Rows {
        lines,
        globals: &globals,
        section: None,
        ready: Vec::new(),
        given: 0,
        error: None,
        misfits: Vec::new(),
    };
    let copy = Source::spool(&mut rows, length_max);
    let Rows { error, misfits, .. } = rows;
    if let Some(error) = error {
        return Err(error);
    }
    source.unchanged()?;
    Ok((source.replaced(copy?, misfits), globals.problems))
}

/// The lines of CSV, as they are read.
struct Rows<'s> {
    lines: Lines<'s>,
    globals: &'s Globals,
    section: Option<String>,
    ready: Vec<u8>,
    given: usize,
    error: Option<InputError>,
    /// What does not decode, by its place in the lines that are read.
    misfits: Vec<Misfit>,
}

impl Rows<'_> {
    fn make_line(&mut self) -> Result<(), InputError> {
        self.ready.clear();
        self.given = 0;
        let Some(text) = self.lines.next()? else { return Ok(()) };
        match Line::read(&text.bytes) {
            Line::Setting(mailbox, value) => {
                if let Some(section) = self.section.as_deref() {
                    put_row((section, mailbox, value), self.globals, &mut self.ready);
                }
            }
            Line::Broken(text) => Dialect::default().put_cell(text, &mut self.ready),
            Line::Section(name) => {
                self.section = Some(name).filter(|it| self.globals.has_mailboxes(it));
            }
            Line::Blank | Line::Trouble(_) => {}
        }
        if self.misfits.len() < MISFITS_MAX {
            self.misfits.extend(text.misfit);
        }
        if text.number == 1 {
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

fn put_row((section, mailbox, value): (&str, &[u8], &[u8]), globals: &Globals, row: &mut Vec<u8>) {
    let mut cells = value.splitn(5, |it| *it == b',').map(<[u8]>::trim_ascii);
    let mut next = || cells.next().unwrap_or_default();
    let [password, name, email, pager, options] = [next(), next(), next(), next(), next()];
    let zone = globals.zone(options);
    let (section, defaults, zone) = (section.as_bytes(), &globals.defaults, zone.as_bytes());
    let cells = [section, mailbox, password, name, email, pager, options, defaults, zone];
    Dialect::default().put_cells(cells, row);
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
        assert_eq!(refused(";-- x --; 101\n[a]\n"), (1, ConfTrouble::NoSection));
        assert_eq!(refused("[a\n1 => 2\n"), (1, ConfTrouble::OpenSection));
        assert_eq!(refused("[a]\n1 => 2\n[b\n2 => 3\n"), (3, ConfTrouble::OpenSection));
        let long = format!("[a]\n101 => {}\n", "1".repeat(LINE_LENGTH_MAX));
        assert_eq!(refused(&long), (2, ConfTrouble::LongLine));
    }

    #[test]
    fn what_would_stand_beside_each_mailbox_is_bounded() {
        let refused = |text: &str| match csv(text).unwrap_err() {
            InputError::Conf { line, trouble } => (line, trouble),
            error => panic!("{error:?}"),
        };
        let long = "x".repeat(60_000);
        assert_eq!(refused(&format!("[{long}]\n1 => 2\n")), (1, ConfTrouble::LongSection));
        let options = format!("[general]\nattach=yes\ndelete={long}\n");
        assert_eq!(refused(&options), (3, ConfTrouble::LongOptions));
        let mut zones = "[zonemessages]\n".to_owned();
        zones.extend((0..20).map(|it| format!("{it}{long}=Europe/Berlin|x\n")));
        assert_eq!(refused(&zones), (19, ConfTrouble::ManySettings));
        let mut others = "[general]\n".to_owned();
        others.extend((0..10_001).map(|it| format!("a{it}=1\n")));
        assert_eq!(refused(&others), (10_002, ConfTrouble::ManySettings));
    }

    #[test]
    fn a_line_end_of_any_kind_is_one_line() {
        let (text, _) = csv("[a]\r1 => 2,A\r\n2 => 3,B\r\n\r3 => 4\n").unwrap();
        let numbers: Vec<_> = text.lines().map(|it| it.split(',').nth(1)).collect();
        assert_eq!(numbers, [Some("mailbox"), Some("1"), Some("2"), None, Some("3")]);
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
