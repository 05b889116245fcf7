//! The file of `--map`: a table for every column of ours, in TOML.
//!
//! Refuses a key that it does not know, and what contradicts itself, each with its line. Repeats no value: one may be
//! a PIN.

use std::borrow::Cow;

use regex::Regex;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::input::mapping::Builder;
use crate::input::mapping::Mapping;
use crate::input::mapping::Other;
use crate::input::mapping::Text;
use crate::input::mapping::column;
use crate::input::mapping::columns;
use crate::input::mapping::constant;
use crate::input::mapping::rewrite::NoGroup;
use crate::input::mapping::rewrite::Rewrite;
use crate::input::mapping::steps::Step;
use crate::input::mapping::way::Test;
use crate::input::mapping::way::Wanted;
use crate::input::mapping::way::Way;
use crate::model::ColumnNames;

/// What is wrong with a map.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message} (line {line})")]
pub struct MapError {
    /// Line of the map's file.
    pub line: usize,
    /// What is the case.
    pub message: String,
    /// What to do about it.
    pub help: Cow<'static, str>,
}

/// A value of the file, with its place.
type Value<'t> = Spanned<DeValue<'t>>;

/// Something wrong at a place of the file.
struct Wrong {
    at: usize,
    message: String,
    help: Cow<'static, str>,
}

/// What the file says of one column.
#[derive(Default)]
struct Column {
    origin: Option<Way<Text>>,
    separator: Option<String>,
    several: Option<Vec<String>>,
    rewrites: Vec<Step>,
    table: Option<Vec<(Text, Text)>>,
    other: Option<Other>,
    prefix: Option<String>,
    default: Option<String>,
}

impl Mapping {
    /// Reads the text of a map.
    pub fn parse(text: &str, native: &ColumnNames) -> Result<Self, MapError> {
        let placed = |Wrong { at, message, help }: Wrong| MapError {
            line: text[..at.min(text.len())].matches('\n').count() + 1,
            message,
            help,
        };
        read(text, native).map_err(placed)
    }
}

fn read(text: &str, native: &ColumnNames) -> Result<Mapping, Wrong> {
    let file = DeTable::parse(text).map_err(|error| Wrong {
        at: error.span().map_or(0, |it| it.start),
        message: format!("the map is not TOML: {}", error.message().replace('\n', "; ")),
        help: Cow::Borrowed(
            "write a table for each column, as in `[mailbox]` and `column = \"Extension\"`",
        ),
    })?;
    let mut builder = Builder::new(native);
    for (name, value) in file.get_ref() {
        let at = name.span().start;
        match name.get_ref().as_ref() {
            "ignore" => ignore(table(value)?, &mut builder)?,
            "exclude" => exclude(at, table(value)?, &mut builder)?,
            known if builder.native_place(known).is_some() => {
                target(at, known, table(value)?, &mut builder)?;
            }
            _ => {
                let help = "`boxlift columns` lists all columns; besides them there are `ignore` and `exclude`";
                return Err(wrong(
                    at,
                    format!("`{}` is no column of boxlift", name.get_ref()),
                    help,
                ));
            }
        }
    }
    let key = native.key.clone();
    builder.build().map(Mapping::of_a_file).ok_or_else(|| {
        let help = "every row names its own, as in `[mailbox]` and `column = \"Extension\"`";
        wrong(0, format!("the map takes `{key}` from no column"), help)
    })
}

fn target(
    at: usize,
    name: &str,
    entries: &DeTable<'_>,
    builder: &mut Builder<'_>,
) -> Result<(), Wrong> {
    let mut read = Column::default();
    for (key, value) in entries {
        read.note(key, value)?;
    }
    let Column { origin, separator, several, rewrites, table, other, prefix, default } = read;
    let way = match (origin, several, separator) {
        (Some(way), None, None) => way,
        (None, Some(several), separator) => columns(several, separator.unwrap_or(" ".to_owned())),
        (Some(_), _, _) | (None, None, _) => {
            let help =
                "give one of `column`, `columns` and `constant`; `separator` goes with `columns`";
            return Err(wrong(at, format!("`{name}` is not said to come from one place"), help));
        }
    };
    let mut way = rewrites.into_iter().fold(way, Way::step);
    way = match (table, other) {
        (Some(entries), other) => {
            way.step(Step::Table { entries, other: other.unwrap_or(Other::Error) })
        }
        (None, None) => way,
        (None, Some(_)) => {
            return Err(wrong(
                at,
                format!("`{name}` has `other` and no `table`"),
                "give both or none",
            ));
        }
    };
    if let Some(prefix) = prefix {
        way = way.step(Step::Prefix(prefix.into()));
    }
    builder.target(name, [way]);
    if let Some(default) = default {
        builder.otherwise(name, constant(default));
    }
    Ok(())
}

impl Column {
    fn note(&mut self, key: &Spanned<Cow<'_, str>>, value: &Value<'_>) -> Result<(), Wrong> {
        let at = key.span().start;
        let once = |is_new: bool| {
            let help = "give one of `column`, `columns` and `constant`";
            if is_new { Ok(()) } else { Err(wrong(at, "the column comes from two places", help)) }
        };
        match key.get_ref().as_ref() {
            "column" => {
                once(self.origin.replace(column(text(value)?)).is_none())?;
            }
            "constant" => {
                once(self.origin.replace(constant(text(value)?)).is_none())?;
            }
            "columns" => self.several = Some(texts(value)?),
            "separator" => self.separator = Some(text(value)?),
            "default" => self.default = Some(text(value)?),
            "prefix" => self.prefix = Some(text(value)?),
            "rewrite" => self.rewrites = rewrites(value)?,
            "table" => self.table = Some(pairs(value)?),
            "other" => self.other = Some(other(value)?),
            unknown => {
                let help = "there are `column`, `columns`, `separator`, `constant`, `rewrite`, `table`, `other`, \
                            `prefix` and `default`";
                return Err(wrong(at, format!("the key `{unknown}` is not known"), help));
            }
        }
        Ok(())
    }
}

fn ignore(entries: &DeTable<'_>, builder: &mut Builder<'_>) -> Result<(), Wrong> {
    for (key, value) in entries {
        if key.get_ref() != "columns" {
            let message = format!("the key `{}` is not known", key.get_ref());
            return Err(wrong(key.span().start, message, "`[ignore]` has `columns` alone"));
        }
        texts(value)?.into_iter().for_each(|it| builder.pass_over(it));
    }
    Ok(())
}

fn exclude(at: usize, entries: &DeTable<'_>, builder: &mut Builder<'_>) -> Result<(), Wrong> {
    let mut name = None;
    let mut words = None;
    let incomplete = || {
        let help = "give a column and either `if` or `unless`, as in `unless = [\"yes\"]`";
        wrong(at, "`[exclude]` does not say which rows it means", help)
    };
    for (key, value) in entries {
        let fresh = match key.get_ref().as_ref() {
            "column" => name.replace(text(value)?).is_none(),
            "if" => words.replace((texts(value)?, Wanted::OneOf)).is_none(),
            "unless" => words.replace((texts(value)?, Wanted::NoneOf)).is_none(),
            unknown => {
                let help = "`[exclude]` has `column` and either `if` or `unless`";
                return Err(wrong(
                    key.span().start,
                    format!("the key `{unknown}` is not known"),
                    help,
                ));
            }
        };
        if !fresh {
            return Err(incomplete());
        }
    }
    let (Some(column), Some((words, wanted))) = (name, words) else { return Err(incomplete()) };
    if words.is_empty() {
        return Err(incomplete());
    }
    let words = words.into_iter().map(Cow::Owned).collect();
    builder.exclude(Test { column: Cow::Owned(column), words, wanted });
    Ok(())
}

fn rewrites(value: &Value<'_>) -> Result<Vec<Step>, Wrong> {
    match value.get_ref() {
        DeValue::Array(list) => list.iter().map(rewrite).collect(),
        _ => Ok(vec![rewrite(value)?]),
    }
}

fn rewrite(value: &Value<'_>) -> Result<Step, Wrong> {
    let at = value.span().start;
    let mut pattern = None;
    let mut with = None;
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "pattern" => pattern = Some(regular(value)?),
            "with" => with = Some((value.span().start, text(value)?)),
            unknown => {
                let message = format!("the key `{unknown}` is not known");
                return Err(wrong(key.span().start, message, "a rewrite has `pattern` and `with`"));
            }
        }
    }
    let (Some(pattern), Some((place, with))) = (pattern, with) else {
        let help = "give both, as in `{ pattern = \"^00\", with = \"+\" }`";
        return Err(wrong(at, "a rewrite has no `pattern` or no `with`", help));
    };
    Rewrite::parse(pattern, &with).map(Step::Rewrite).map_err(|NoGroup| {
        let message = "`with` refers to a group that the pattern does not have";
        let help =
            "write `${1}0` where a digit or letter follows on the group `$1`, and `$$` for a `$`";
        wrong(place, message, help)
    })
}

fn regular(value: &Value<'_>) -> Result<Regex, Wrong> {
    Regex::new(&text(value)?).map_err(|error| {
        let why = match error {
            regex::Error::CompiledTooBig(_) => "it is too big",
            _ => "its syntax is wrong",
        };
        let help =
            "write it as the crate `regex` reads it, and `\\\\` for `\\` between double quotes";
        wrong(value.span().start, format!("the pattern is no regular expression: {why}"), help)
    })
}

fn other(value: &Value<'_>) -> Result<Other, Wrong> {
    match text(value)?.as_str() {
        "error" => Ok(Other::Error),
        "keep" => Ok(Other::Keep),
        "blank" => Ok(Other::Blank),
        _ => {
            let help = "give `error`, `keep` or `blank`";
            Err(wrong(value.span().start, "`other` has none of its values", help))
        }
    }
}

fn pairs(value: &Value<'_>) -> Result<Vec<(Text, Text)>, Wrong> {
    let pair = |(key, value): (&Spanned<Cow<'_, str>>, &Value<'_>)| {
        Ok((Cow::Owned(key.get_ref().clone().into_owned()), Cow::Owned(text(value)?)))
    };
    table(value)?.iter().map(pair).collect()
}

fn table<'v, 't>(value: &'v Value<'t>) -> Result<&'v DeTable<'t>, Wrong> {
    let help = "write it as a table, as in `[mailbox]` and `column = \"Extension\"`";
    value.get_ref().as_table().ok_or_else(|| wrong(value.span().start, "this is no table", help))
}

fn text(value: &Value<'_>) -> Result<String, Wrong> {
    let help = "put it in quotes, as in `\"0201\"`";
    let text = value.get_ref().as_str();
    text.map(str::to_owned).ok_or_else(|| wrong(value.span().start, "this value is no text", help))
}

fn texts(value: &Value<'_>) -> Result<Vec<String>, Wrong> {
    let help = "write a list, as in `[\"First name\", \"Last name\"]`";
    let list = value.get_ref().as_array();
    list.ok_or_else(|| wrong(value.span().start, "this value is no list", help))?
        .iter()
        .map(text)
        .collect()
}

fn wrong(at: usize, message: impl Into<String>, help: &'static str) -> Wrong {
    Wrong { at, message: message.into(), help: Cow::Borrowed(help) }
}
