//! A first draft of a map: which columns of a file look like ours, by their names alone.
//!
//! Never shows a cell. What is more than the very name is marked as a guess; what is not recognised is listed, so that
//! somebody decides.

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
use crate::input::fields::Fields;
use crate::input::mapping::Builder;
use crate::input::names;
use crate::input::names::Noun;
use crate::input::object::Key;
use crate::input::shape::Dialect;
use crate::input::shape::Shape;
use crate::model::ColumnNames;
use crate::model::same_name;

/// Bytes of a file of objects whose keys are looked at.
const OBJECTS_LENGTH_MAX: usize = 256 << 10;

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
    write(&names, &native).ok_or(InputError::NoDraft)
}

fn header(source: Source, format: Format, settings: Settings) -> Result<Vec<String>, InputError> {
    let mut builder = Builder::new(&settings.names);
    builder.any_key();
    let aliases = ALIASES.iter().flat_map(|(_, aliases)| aliases.iter());
    let halves = HALVES.as_flattened().iter();
    aliases.chain(halves).for_each(|it| builder.pass_over(*it));
    settings.names.known.iter().for_each(|it| builder.pass_over(it.clone()));
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

/// The draft; nothing where no column looks like the mailbox's.
fn write(names: &[String], native: &ColumnNames) -> Option<String> {
    let mut text =
        "# A draft: lines marked `# guess` go by a column's name alone. Look at each of them.\n"
            .to_owned();
    let mut taken = Vec::new();
    for column in &native.known {
        if let Some((name, is_guess)) = find(column, names) {
            taken.push(name);
            let guess = if is_guess { " # guess" } else { "" };
            let _ = write!(text, "\n[{column}]\ncolumn = \"{name}\"{guess}\n");
        } else if column == "description"
            && let Some([first, last]) = halves(names)
        {
            taken.extend([first, last]);
            let _ = write!(text, "\n[{column}]\ncolumns = [\"{first}\", \"{last}\"] # guess\n");
        }
    }
    find(&native.key, names)?;
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
    Some(text)
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
        Mapping::parse(&draft, &native()).unwrap();
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
    fn a_file_without_a_mailbox_has_no_draft() {
        for text in ["471188,2\n", "pin,name\n", ""] {
            assert!(drafted(Format::Csv, text).is_err(), "{text}");
        }
    }
}
