//! A first draft of a map: which columns of a file look like ours, by their names alone.
//!
//! Never shows a cell: a first line is taken for names where one is known, or where all of it looks like names. What is
//! more than the very name is marked as a guess; what is not recognised is listed, so that somebody decides.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

use crate::input::Format;
use crate::input::Input;
use crate::input::InputError;
use crate::input::Settings;
use crate::input::Source;
use crate::input::System;
use crate::input::dialect;
use crate::input::fields::Fields;
use crate::input::format::BOM;
use crate::input::json::Key;
use crate::input::list;
use crate::input::mapping::Builder;
use crate::input::names;
use crate::input::names::Noun;
use crate::input::shape::Dialect;
use crate::input::shape::Shape;
use crate::input::split;
use crate::model::ColumnNames;
use crate::model::same_name;

/// Bytes of a file of objects whose keys are looked at.
const OBJECTS_LENGTH_MAX: usize = 256 << 10;

/// Bytes of a file in which its first line is looked for.
const HEADER_LENGTH_MAX: usize = 64 << 10;

/// Names that a column of ours has elsewhere, the likeliest first.
const ALIASES: [(&str, &[&str]); 6] = [
    (
        "mailbox",
        &[
            "mailbox_number",
            "voicemail_id",
            "extension",
            "extension_number",
            "ext",
            "vm_box",
            "box",
            "dn",
            "number",
        ],
    ),
    (
        "pin",
        &[
            "mailbox_pin",
            "voicemail_access_pin",
            "voicemail_vmpwd",
            "voicemail_password",
            "vmpwd",
            "vmpin",
            "vm_pin",
            "passcode",
            "pwd",
            "password",
        ],
    ),
    (
        "description",
        &["voicemail_description", "display_name", "displayname", "full_name", "fullname", "name"],
    ),
    (
        "pager",
        &[
            "voicemail_email",
            "voicemail_mail_to",
            "email",
            "email_address",
            "emailaddress",
            "e_mail",
            "smtpaddress",
            "voicemail_pager",
            "secondary_email",
        ],
    ),
    ("timezone", &["time_zone", "tz"]),
    ("customer", &["customer_id"]),
];

/// Halves of a name that make a description.
const HALVES: [[&str; 2]; 3] =
    [["first_name", "last_name"], ["firstname", "lastname"], ["forename", "surname"]];

/// Columns of telephones: where one stands, a bare `password` is the telephone's.
const TELEPHONES: [&str; 6] =
    ["secret", "devinfo_secret", "authpassword", "sip_password", "templatealias", "tech"];

/// Writes a draft for an input.
pub fn draft(source: Source, format: Format, settings: Settings) -> Result<String, InputError> {
    let native = settings.names.clone();
    if let Some(other) = format.no_csv() {
        settings.refuse_csv_options(other)?;
    }
    let names = match format {
        Format::Jsonl => keys(&source)?,
        Format::Csv | Format::Xlsx | Format::Ods => header(source, format, settings)?,
    };
    if names.is_empty() { Err(InputError::NoDraft) } else { Ok(write(&names, &native)) }
}

fn header(source: Source, format: Format, settings: Settings) -> Result<Vec<String>, InputError> {
    let mut builder = Builder::new(&settings.names);
    builder.any_key();
    let aliases = ALIASES.iter().flat_map(|(_, aliases)| aliases.iter());
    let halves = HALVES.as_flattened().iter();
    aliases.chain(halves).for_each(|it| builder.pass_over(*it));
    settings.names.known.iter().for_each(|it| builder.pass_over(it.clone()));
    let first = first_line(&source, format, &settings)?;
    for name in first {
        builder.pass_over(name);
    }
    let mapping = builder.build();
    let opened = Input::open(source, format, Settings { mapping, ..settings });
    let input = opened.map_err(|error| match error {
        InputError::NoHeader { .. } => InputError::NoDraft,
        error => error,
    })?;
    let layout = input.layout();
    let dialect = match layout.splitter.shape {
        Shape::Delimited(dialect) => dialect,
        // The header of a spreadsheet's rejects is CSV.
        Shape::Objects | Shape::Lists => Dialect::default(),
    };
    let Some(bytes) = &layout.header.bytes else { return Ok(Vec::new()) };
    let text = String::from_utf8_lossy(bytes);
    let fields = Fields::of(text.as_bytes(), dialect);
    Ok(fields.map(|it| it.text(&text, dialect).trim().to_owned()).collect())
}

/// The names of a first line in which every cell looks like one; none otherwise: it may be a row.
fn first_line(
    source: &Source,
    format: Format,
    settings: &Settings,
) -> Result<Vec<String>, InputError> {
    let mut bytes = Vec::new();
    source.append(0, HEADER_LENGTH_MAX, &mut bytes)?;
    let mut bytes = bytes.strip_prefix(BOM).unwrap_or(&bytes).trim_ascii_start();
    let mut dialect = Dialect { quote: settings.quote, ..Dialect::default() };
    let mut delimiters = settings.delimiter.map_or(dialect::TRIED.to_vec(), |it| vec![it]);
    if let Some((delimiter, extent)) = dialect::named_by_line(bytes, dialect) {
        delimiters = vec![settings.delimiter.unwrap_or(delimiter)];
        bytes = &bytes[extent.next..];
    }
    let text = String::from_utf8_lossy(&bytes[..split::first_line(bytes).length]);
    let cells: Vec<String> = match format {
        Format::Xlsx | Format::Ods => {
            let entries = list::entries(&text).unwrap_or_default();
            list::shown(&entries).into_iter().map(str::to_owned).collect()
        }
        Format::Csv | Format::Jsonl => {
            let width = |it: &u8| {
                let dialect = Dialect { delimiter: *it, ..dialect };
                Fields::of(text.as_bytes(), dialect).count()
            };
            // Of several with as many cells the first counts, as elsewhere.
            let widest = delimiters.into_iter().rev().max_by_key(width);
            dialect.delimiter = widest.unwrap_or(dialect.delimiter);
            let fields = Fields::of(text.as_bytes(), dialect);
            fields.map(|it| it.text(&text, dialect).trim().to_owned()).collect()
        }
    };
    let is_name = |it: &String| it.is_empty() || names::looks_like_name(it);
    let cells = if cells.iter().all(is_name) { cells } else { Vec::new() };
    Ok(cells.into_iter().filter(|it| !it.is_empty()).collect())
}

/// The system whose export has such columns: more than half of those that are read, most of all systems.
fn system(names: &[String], native: &ColumnNames) -> Option<System> {
    let fitting = System::ALL.into_iter().filter_map(|system| {
        let mapping = system.mapping(native)?;
        let known = &mapping.names().known;
        let has = |it: &&Cow<'_, str>| names.iter().any(|name| same_name(name, it));
        let count = known.iter().filter(has).count();
        let has_key = names.iter().any(|it| mapping.names().is_key(it));
        (has_key && count * 2 > known.len()).then_some((count, system))
    });
    fitting.max_by_key(|it| it.0).map(|it| it.1)
}

/// The keys of the first objects, each once, in their order.
fn keys(source: &Source) -> Result<Vec<String>, InputError> {
    let mut bytes = Vec::new();
    source.append(0, OBJECTS_LENGTH_MAX, &mut bytes)?;
    let mut keys: Vec<String> = Vec::new();
    for line in bytes.split(|it| *it == b'\n') {
        let text = String::from_utf8_lossy(line);
        let mut parser = serde_json::Deserializer::from_str(&text);
        let Ok(found) = parser.deserialize_map(Keys) else { continue };
        for key in found {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

/// The keys of an object.
struct Keys;

impl<'a> Visitor<'a> for Keys {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key_seed(Key)? {
            keys.push(key.into_owned());
            map.next_value::<IgnoredAny>()?;
        }
        Ok(keys)
    }
}

/// The draft. Where no column looks like the mailbox's it is to be filled in before it is a map.
fn write(names: &[String], native: &ColumnNames) -> String {
    let mut text =
        "# A draft: lines marked `# guess` go by a column's name alone. Look at each of them.\n"
            .to_owned();
    let system = system(names, native);
    if let Some(system) = system {
        let word = system.as_str();
        let _ = writeln!(
            text,
            "# The columns look like {word}'s: `--from {word}` reads them without a map."
        );
    }
    if find(&native.key, names).is_none() {
        let key = &native.key;
        let _ = write!(
            text,
            "\n# No column looks like this one, and a map needs it: fill it in.\n# [{key}]\n# column = \"\"\n"
        );
    }
    let mut taken = Vec::new();
    for column in &native.known {
        if let Some((name, is_guess)) = find(column, names) {
            taken.push(name);
            let guess = if is_guess || system.is_some() { " # guess" } else { "" };
            let _ = write!(text, "\n[{column}]\ncolumn = \"{name}\"{guess}\n");
        } else if column == "description"
            && let Some([first, last]) = halves(names)
        {
            taken.extend([first, last]);
            let _ = write!(text, "\n[{column}]\ncolumns = [\"{first}\", \"{last}\"] # guess\n");
        }
    }
    let is_left = |it: &(usize, &String)| {
        !taken.contains(&it.1.as_str())
            && !native.ignored.contains(&it.1.as_str())
            && !it.1.is_empty()
    };
    let left: Vec<_> = names.iter().enumerate().filter(is_left).collect();
    if !left.is_empty() {
        text += "\n# Not recognised. Columns that are not needed go into a list, so that they are not named each time:\n";
        text += "# [ignore]\n# columns = []\n";
        for (place, name) in left {
            let _ = writeln!(text, "# {}", Noun::Column.label(name, place + 1));
        }
    }
    text
}

/// The file's name for a column of ours, and whether that is a guess.
fn find<'n>(column: &str, names: &'n [String]) -> Option<(&'n str, bool)> {
    let by = |wanted: &str| names.iter().find(|it| same_name(it, wanted)).map(String::as_str);
    if let Some(name) = by(column) {
        return Some((name, false));
    }
    let (_, aliases) = ALIASES.iter().find(|(native, _)| *native == column)?;
    let has_telephones = TELEPHONES.iter().any(|it| by(it).is_some());
    let fits = |it: &&&str| !(has_telephones && **it == "password");
    let found = aliases.iter().filter(fits).find_map(|it| by(it));
    found.filter(|it| names::looks_like_name(it)).map(|it| (it, true))
}

fn halves(names: &[String]) -> Option<[&str; 2]> {
    let by = |wanted: &str| names.iter().find(|it| same_name(it, wanted)).map(String::as_str);
    HALVES.iter().find_map(|[first, last]| Some([by(first)?, by(last)?]))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use expect_test::expect;

    use super::*;
    use crate::input::Mapping;

    fn native() -> ColumnNames {
        let known = ["mailbox", "pin", "description", "pager", "timezone"];
        let known = known.map(Cow::Borrowed).to_vec();
        ColumnNames { known, ..crate::input::testing::names() }
    }

    fn drafted(format: Format, text: &str) -> Result<String, InputError> {
        let source = Source::spool(text.as_bytes(), u64::MAX).unwrap();
        let draft = draft(source, format, Settings::new(native()))?;
        let is_open = draft.contains("\n# [mailbox]\n");
        assert_eq!(Mapping::parse(&draft, &native()).is_err(), is_open, "{draft}");
        Ok(draft)
    }

    #[test]
    fn columns_are_recognised_by_name_and_guesses_are_marked() {
        let text = "Ext;First Name;Last-Name;PIN;E-Mail;Floor;471188;Ext\n101;A;B;471188;c;d;e;f\n";
        expect![[r#"
            # A draft: lines marked `# guess` go by a column's name alone. Look at each of them.

            [mailbox]
            column = "Ext" # guess

            [pin]
            column = "PIN"

            [description]
            columns = ["First Name", "Last-Name"] # guess

            [pager]
            column = "E-Mail" # guess

            # Not recognised. Columns that are not needed go into a list, so that they are not named each time:
            # [ignore]
            # columns = []
            # Floor
            # column 7
        "#]]
        .assert_eq(&drafted(Format::Csv, text).unwrap());
    }

    #[test]
    fn the_password_of_a_telephone_is_no_pin() {
        let draft = |header: &str| drafted(Format::Csv, header).unwrap();
        assert!(draft("extension,password\n").contains("column = \"password\" # guess"));
        assert!(!draft("extension,password,secret\n").contains("column = \"password\""));
    }

    #[test]
    fn keys_of_objects_are_columns() {
        let draft =
            drafted(Format::Jsonl, "{\"mailbox\":\"1\"}\n{\"x\":\"471188\",\"tz\":1}\n").unwrap();
        assert!(draft.contains("[mailbox]\ncolumn = \"mailbox\"\n"));
        assert!(
            draft.contains("[timezone]\ncolumn = \"tz\" # guess\n") && draft.ends_with("# x\n")
        );
    }

    #[test]
    fn a_file_without_a_line_of_names_has_no_draft() {
        for text in ["471188,2\n", "Jane,471188\n", "jane@example.com,geheim\n", ""] {
            assert!(drafted(Format::Csv, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_whose_names_nobody_knows_has_a_draft_to_be_filled_in() {
        let draft = drafted(Format::Csv, "\u{FEFF}Nebenstelle;Code, neu;Mail\n11;471188;c\n");
        assert!(draft.is_err(), "a comma is no part of a name");
        let wanted = expect![[r##"
            # A draft: lines marked `# guess` go by a column's name alone. Look at each of them.

            # No column looks like this one, and a map needs it: fill it in.
            # [mailbox]
            # column = ""

            # Not recognised. Columns that are not needed go into a list, so that they are not named each time:
            # [ignore]
            # columns = []
            # Nebenstelle
            # Code
        "##]];
        wanted.assert_eq(&drafted(Format::Csv, "\u{FEFF}Nebenstelle;Code\r\n11;471188\n").unwrap());
        wanted.assert_eq(&drafted(Format::Csv, "sep=|\nNebenstelle|Code\n11|471188\n").unwrap());
        wanted.assert_eq(&drafted(Format::Xlsx, "[\"Nebenstelle\",\"Code\"]\n[\"11\"]\n").unwrap());
        let of_keys = drafted(Format::Jsonl, "{\"Nebenstelle\":\"1\",\"Code\":2}\n").unwrap();
        wanted.assert_eq(&of_keys);
    }
}
