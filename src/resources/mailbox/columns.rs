//! The table of columns for people and programs: text, Markdown, a CSV template, a JSON Schema.

use std::fmt::Write as _;

use serde_json::Value;
use serde_json::json;

use crate::model::Action;
use crate::resources::Version;
use crate::resources::mailbox::parameters::COLUMNS;
use crate::resources::mailbox::parameters::Form;
use crate::resources::mailbox::parameters::PARAMETERS;
use crate::resources::mailbox::parameters::Parameter;
use crate::resources::mailbox::parameters::Taken;

/// A form of the listing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Listing {
    /// Aligned text.
    Text,
    /// A Markdown table.
    Markdown,
    /// A header line to start a file with.
    Csv,
    /// JSON Schema (2020-12) of one line of JSONL.
    JsonSchema,
}

/// All columns that exist in `version`.
pub fn list(listing: Listing, version: Version) -> String {
    let columns: Vec<_> = PARAMETERS[..COLUMNS].iter().filter(|it| it.since <= version).collect();
    match listing {
        Listing::Text => text(&columns, version),
        Listing::Markdown => markdown(&columns, version),
        Listing::Csv => {
            let names: Vec<_> = columns.iter().map(|it| it.name).collect();
            format!("{}\n", names.join(","))
        }
        Listing::JsonSchema => format!("{:#}\n", schema(&columns, version)),
    }
}

fn text(columns: &[&Parameter], version: Version) -> String {
    let mut text = String::new();
    for column in columns {
        let [values, create, update] = facts(column, version);
        let _ = write!(
            text,
            "{name}\n    {meaning}\n    values: {values}\n    create: {create}\n    update: {update}\n    since:  {since}\n",
            name = column.name,
            meaning = column.meaning,
            since = column.since.as_str(),
        );
    }
    text
}

fn markdown(columns: &[&Parameter], version: Version) -> String {
    let mut text = String::from(
        "| column | meaning | values | create | update | since |\n|---|---|---|---|---|---|\n",
    );
    for column in columns {
        let [values, create, update] = facts(column, version);
        let Parameter { name, meaning, since, .. } = column;
        let since = since.as_str();
        let _ =
            writeln!(text, "| `{name}` | {meaning} | {values} | {create} | {update} | {since} |");
    }
    text
}

fn facts(column: &Parameter, version: Version) -> [String; 3] {
    [
        values(column, version),
        taken(column, column.create, version),
        taken(column, column.update, version),
    ]
}

fn values(column: &Parameter, version: Version) -> String {
    let values = match column.form {
        Form::Action | Form::Words(_) => words(column, version).join(", "),
        Form::Mailbox | Form::Pin => "digits".to_owned(),
        Form::Number => "digits, +, *, #".to_owned(),
        Form::Integer => "a whole number".to_owned(),
        Form::YesNo => "1 or 0".to_owned(),
        Form::Dtype => "hangup, phone, forward, ivr and others".to_owned(),
        Form::Email => "one e-mail address".to_owned(),
        Form::Timezone => "an IANA name".to_owned(),
        Form::Line | Form::Text | Form::Credential => "text".to_owned(),
    };
    if column.empty { format!("{values}, or empty") } else { values }
}

fn words(column: &Parameter, version: Version) -> Vec<&'static str> {
    match column.form {
        Form::Action => Action::ALL.map(Action::as_str).to_vec(),
        Form::Words(words) => {
            words.iter().filter(|it| it.since <= version).map(|it| it.text).collect()
        }
        Form::Mailbox
        | Form::Pin
        | Form::Number
        | Form::Integer
        | Form::YesNo
        | Form::Dtype
        | Form::Email
        | Form::Timezone
        | Form::Line
        | Form::Text
        | Form::Credential => Vec::new(),
    }
}

fn taken(column: &Parameter, taken: Taken, version: Version) -> String {
    match taken {
        Taken::Required => "required".to_owned(),
        Taken::UnlessCopied => "required unless copy_pin is given".to_owned(),
        Taken::Default(default) => {
            let later = column.later_default.filter(|(since, _)| version >= *since);
            match later.map_or(default, |(_, default)| default) {
                "" => "default: empty".to_owned(),
                default => format!("default: {default}"),
            }
        }
        Taken::Kept => "kept where blank".to_owned(),
        Taken::No if column.since > Version::V3_13 && version >= Version::V4_2 => {
            "not known".to_owned()
        }
        Taken::No => "no".to_owned(),
    }
}

fn schema(columns: &[&Parameter], version: Version) -> Value {
    let properties: serde_json::Map<_, _> =
        columns.iter().map(|it| (it.name.to_owned(), property(it, version))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A mailbox as boxlift reads it, one object a line",
        "type": "object",
        "properties": properties,
        "required": ["mailbox"],
        "additionalProperties": false,
    })
}

fn property(column: &Parameter, version: Version) -> Value {
    let mut property = match column.form {
        Form::Mailbox | Form::Pin if column.empty => json!({ "pattern": "^[0-9]*$" }),
        Form::Mailbox | Form::Pin => json!({ "pattern": "^[0-9]+$" }),
        Form::Integer => json!({ "pattern": "^[0-9]+$", "minimum": 0, "maximum": u32::MAX }),
        Form::YesNo => json!({
            "enum": [0, 1, true, false, "0", "1", "yes", "no", "true", "false", "on", "off", null]
        }),
        Form::Action | Form::Words(_) => {
            let mut words: Vec<Value> =
                words(column, version).into_iter().map(Value::from).collect();
            words.extend(column.empty.then(|| Value::from("")));
            words.push(Value::Null);
            json!({ "enum": words })
        }
        Form::Number
        | Form::Dtype
        | Form::Email
        | Form::Timezone
        | Form::Line
        | Form::Text
        | Form::Credential => json!({}),
    };
    property["description"] = column.meaning.into();
    property["type"] = match column.form {
        Form::Integer => json!(["integer", "string", "null"]),
        Form::YesNo => json!(["integer", "boolean", "string", "null"]),
        Form::Action
        | Form::Mailbox
        | Form::Pin
        | Form::Number
        | Form::Words(_)
        | Form::Dtype
        | Form::Email
        | Form::Timezone
        | Form::Line
        | Form::Text
        | Form::Credential => json!(["string", "null"]),
    };
    property
}
