//! Options that say how rows are read and judged; the same for every command with an input.

use std::collections::BTreeSet;
use std::path::Path;

use crate::check::Rules;
use crate::check::Strictness;
use crate::cli::Failure;
use crate::cli::bytes::BytesArgs;
use crate::cli::extras;
use crate::cli::next::Typed;
use crate::cli::origin::OriginArgs;
use crate::cli::selection::SelectionArgs;
use crate::cli::sizes::Size;
use crate::input;
use crate::model::Action;
use crate::model::ColumnNames;
use crate::model::RowIndex;
use crate::model::Rule;
use crate::model::Severity;
use crate::resources::Version;
use crate::resources::mailbox;

/// The longest record can be set no shorter: a header must find room.
const RECORD_MIN: u64 = 256;

/// Options that rows need wherever they are written.
const OF_ROWS: [&str; 9] = [
    "--api",
    "--extra",
    "--empty-token",
    "--max-record",
    "--max-rows",
    "--max-input",
    "--max-field",
    "--deny",
    "--allow",
];

/// Options about rows.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Rows")]
pub(super) struct RowArgs {
    #[command(flatten)]
    bytes: BytesArgs,

    #[command(flatten)]
    origin: OriginArgs,

    /// Character around cells that hold a delimiter; `none` where quotes are text
    #[arg(long, value_name = "CHAR|none", default_value = "\"", value_parser = parse_quote)]
    quote: Quote,

    /// The first line is a row already: --columns names the columns
    #[arg(long, requires = "columns")]
    no_header: bool,

    /// Names of the columns in their order, for an input without a header
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "no_header")]
    columns: Option<Vec<String>>,

    /// What a row asks for that does not say so in a column `action`
    #[arg(long, value_name = "create|update", default_value = "create", value_parser = parse_action)]
    action: Action,

    /// Customer of rows that do not name one
    #[arg(long, value_name = "ID")]
    customer: Option<u32>,

    /// Value of a column for rows that do not give it (repeatable)
    #[arg(long, value_name = "COLUMN=VALUE")]
    set: Vec<String>,

    /// Send the column or key of this name too, a parameter that boxlift does not know (repeatable)
    #[arg(long, value_name = "NAME")]
    extra: Vec<String>,

    #[command(flatten)]
    selection: SelectionArgs,

    /// Version of the switch's API
    #[arg(long, value_name = "VERSION", default_value = "3.14", value_parser = parse_version)]
    pub api: Version,

    /// Text of a cell that sends an empty string; a blank cell sends nothing
    #[arg(long, value_name = "TEXT", default_value = input::Settings::EMPTY_TOKEN)]
    empty_token: String,

    /// Longest record
    #[arg(
        long, value_name = "SIZE", value_parser = parse_max_record,
        default_value_t = Size::of(input::Limits::default().record),
    )]
    max_record: Size,

    /// Most rows of one input
    #[arg(long, value_name = "N", value_parser = parse_max_rows, default_value_t = input::Limits::default().rows)]
    max_rows: RowIndex,

    /// Most bytes of one input, uncompressed
    #[arg(
        long, value_name = "SIZE", value_parser = parse_max_input,
        default_value_t = Size(input::Limits::default().input),
    )]
    max_input: Size,

    /// Longest text of one cell that is sent
    #[arg(
        long, value_name = "SIZE", value_parser = parse_max_field,
        default_value_t = Size::of(mailbox::Settings::TEXT_LENGTH_MAX),
    )]
    max_field: Size,

    /// Count a warning as an error (repeatable)
    #[arg(long, value_name = "CODE", value_parser = parse_warning)]
    deny: Vec<Rule>,

    /// Say nothing of a warning, or of an error that may be lifted (repeatable)
    #[arg(long, value_name = "CODE", value_parser = parse_liftable)]
    allow: Vec<Rule>,
}

impl RowArgs {
    /// What the input stage is told.
    pub(super) fn input_settings(&self) -> Result<input::Settings, Failure> {
        if self.empty_token.trim_ascii().is_empty() {
            let help = "choose a text that no cell has, as in `<empty>`";
            return Err(Failure::usage(
                "--empty-token is blank, as cells are of which nothing is sent",
                help,
            ));
        }
        if let Some(rule) = self.deny.iter().find(|it| self.allow.contains(it)) {
            let message = format!("`{}` is both denied and allowed", rule.code());
            return Err(Failure::usage(message, "decide for one of the two"));
        }
        extras::check(&self.extra)?;
        let names = mailbox::columns(&self.extra);
        let customer = self.customer.map(|id| (mailbox::Name::Customer as usize, id.to_string()));
        let mut fill =
            self.set.iter().map(|it| parse_set(it, &names)).collect::<Result<Vec<_>, _>>()?;
        fill.extend(customer);
        let mut seen = BTreeSet::new();
        if let Some((place, _)) = fill.iter().find(|(place, _)| !seen.insert(*place)) {
            let message = format!("`{}` is set twice", names.known[*place]);
            return Err(Failure::usage(message, "give one value for a column"));
        }
        let Quote(quote) = self.quote;
        let delimiter = self.bytes.delimiter;
        if delimiter.is_some() && delimiter == quote {
            let help = "give two characters, as in `--delimiter ';' --quote '\"'`";
            return Err(Failure::usage("one character is both delimiter and quote", help));
        }
        Ok(input::Settings {
            empty_token: self.empty_token.clone(),
            fill,
            delimiter,
            quote,
            columns: self.columns.clone(),
            limits: self.limits(),
            mapping: self.origin.mapping(&names)?,
            ..input::Settings::new(names)
        })
    }

    /// The format in which an input of this name is written again, where the name does not say it.
    pub(super) fn copy_format(&self, path: &Path) -> Option<input::Format> {
        self.origin.format_of(path)
    }

    /// The file that says how columns are made, where one is given.
    pub(super) fn map(&self) -> Option<&Path> {
        self.origin.map()
    }

    /// What stands for an empty string in a cell.
    pub(super) fn empty_token(&self) -> &str {
        &self.empty_token
    }

    /// What to do with a file that was converted.
    pub(super) fn next_after_conversion(path: &Path) -> String {
        let check = Typed::of(["check".to_owned(), path.display().to_string()]);
        format!("next: {}", check.with_values(&OF_ROWS, Typed::now()))
    }

    /// How the bytes of an input of this name are made ready.
    pub(super) fn bytes(&self, path: &Path) -> input::Bytes {
        self.bytes.bytes(self.origin.format_of(path), self.limits())
    }

    /// How much is read.
    fn limits(&self) -> input::Limits {
        input::Limits {
            record: self.max_record.in_memory(),
            rows: self.max_rows,
            input: self.max_input.0,
        }
    }

    /// What rows are judged by.
    pub(super) fn rules(&self) -> Result<Rules, Failure> {
        Ok(Rules {
            settings: mailbox::Settings {
                text_length_max: self.max_field.in_memory(),
                extras: self.extra.clone(),
                ..mailbox::Settings::new(self.api, self.action)
            },
            strictness: Strictness {
                denied: self.deny.iter().copied().collect(),
                allowed: self.allow.iter().copied().collect(),
            },
            selection: self.selection.selection()?,
        })
    }
}

/// What stands around cells, if anything does.
#[derive(Clone, Copy, Debug)]
struct Quote(Option<u8>);

fn parse_quote(text: &str) -> Result<Quote, String> {
    match text.as_bytes() {
        b"none" => Ok(Quote(None)),
        [it] if it.is_ascii_punctuation() => Ok(Quote(Some(*it))),
        _ => Err("give one character, as in `'`, or the word none".to_owned()),
    }
}

fn parse_max_record(text: &str) -> Result<Size, String> {
    Size::parse(text, &(RECORD_MIN..=input::Limits::RECORD_MAX as u64))
}

fn parse_max_rows(text: &str) -> Result<RowIndex, String> {
    let range = 1..=input::Limits::ROWS_MAX;
    let rows = text.parse().ok().filter(|it| range.contains(it));
    rows.ok_or_else(|| format!("give a number from 1 to {}", input::Limits::ROWS_MAX))
}

fn parse_max_input(text: &str) -> Result<Size, String> {
    Size::parse(text, &(1..=u64::MAX))
}

fn parse_max_field(text: &str) -> Result<Size, String> {
    Size::parse(text, &(1..=input::Limits::RECORD_MAX as u64))
}

fn parse_action(text: &str) -> Result<Action, String> {
    Action::parse(text).ok_or_else(|| "give create or update".to_owned())
}

/// Reads what `--api` was given.
pub(super) fn parse_version(text: &str) -> Result<Version, String> {
    let known = Version::ALL.map(Version::as_str).join(", ");
    Version::parse(text).ok_or_else(|| format!("give one of {known}"))
}

/// Reads what `--set` was given. Not left to the parser of arguments, whose errors repeat the value.
fn parse_set(text: &str, names: &ColumnNames) -> Result<(usize, String), Failure> {
    let (column, value) = text.split_once('=').unwrap_or((text, ""));
    let place = names.known.iter().position(|it| it == column);
    let refused = |message: &str, help: &str| Err(Failure::usage(message, help));
    match place {
        None => refused(
            "--set names no column that there is",
            "give a column and its value, as in `--set timezone=Europe/Berlin`; \
             `boxlift columns` lists them all",
        ),
        Some(it) if it == mailbox::Name::Mailbox as usize => {
            refused("--set cannot give a mailbox", "every row names its own")
        }
        Some(it) if it == mailbox::Name::Pin as usize => {
            refused("--set cannot give a PIN", "others can see arguments: put it into the file")
        }
        Some(_) if value.is_empty() => refused(
            &format!("--set {column} has no value"),
            "give one; the empty token sends an empty string",
        ),
        Some(place) => Ok((place, value.to_owned())),
    }
}

fn parse_rule(code: &str) -> Result<Rule, String> {
    Rule::parse(code).ok_or_else(|| "no such rule; `boxlift rules` lists them all".to_owned())
}

fn parse_warning(code: &str) -> Result<Rule, String> {
    let rule = parse_rule(code)?;
    if rule.severity() == Severity::Error {
        return Err("it is an error already".to_owned());
    }
    Ok(rule)
}

fn parse_liftable(code: &str) -> Result<Rule, String> {
    let rule = parse_rule(code)?;
    if !rule.may_be_lifted() {
        return Err("this error cannot be lifted".to_owned());
    }
    Ok(rule)
}
