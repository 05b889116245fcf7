//! Every rule that a row can break: its code, how grave it is, and what it means.
//!
//! Codes are stable: scripts, `--deny` and `--allow` name them.

/// How grave a broken rule is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The row is not sent.
    Error,
    /// The row is sent; people are told.
    Warning,
}

impl Severity {
    /// The word in people's text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rule {
    /// A column or key is not known.
    UnknownColumn,
    /// A column is named twice.
    DuplicateColumn,
    /// A parameter of the connection or the run stands as a column.
    ReservedColumn,
    /// A quote is opened and never closed.
    UnclosedQuote,
    /// A record is longer than boxlift reads.
    RecordTooLong,
    /// Text follows on a closing quote in a cell.
    TextAfterQuote,
    /// Lines inside of quotes would be rows without them.
    RowsInQuotes,
    /// A row has more or fewer cells than the header has columns.
    RaggedRow,
    /// A byte is not UTF-8.
    NotUtf8,
    /// A cell holds a control character.
    ControlCharacter,
    /// A line is not a JSON object.
    JsonSyntax,
    /// An object gives a key twice.
    JsonDuplicateKey,
    /// A value is an object or a list.
    JsonNested,
    /// A JSON value has a type that its column does not take.
    JsonType,
    /// A cell that the action needs is blank.
    Required,
    /// The empty token stands where the API gives an empty string no meaning.
    NoEmpty,
    /// The action is not one that boxlift knows.
    ActionWord,
    /// A mailbox number is not digits.
    MailboxForm,
    /// A PIN is not digits.
    PinForm,
    /// A value is not one of the parameter's words.
    ValueWord,
    /// A number is not a whole number.
    IntegerForm,
    /// A value is neither yes nor no.
    YesNoForm,
    /// An e-mail address is not one.
    EmailForm,
    /// A cell is longer than boxlift sends.
    TextTooLong,
    /// A spreadsheet wrote a number in its own way, and digits of it are lost.
    SpreadsheetNumber,
    /// A spreadsheet took a number for a date.
    SpreadsheetDate,
    /// A formula, or what a spreadsheet writes where one fails.
    SpreadsheetFormula,
    /// A spreadsheet's number stands where text belongs.
    NumberCell,
    /// The parameter does not exist in this version of the API.
    NotInVersion,
    /// The parameter exists on create alone.
    CreateOnly,
    /// An update gives nothing to change.
    NothingToUpdate,
    /// A mailbox is created by an earlier row already.
    DuplicateCreate,
    /// A mailbox is created after a row that updates it.
    CreateAfterUpdate,
    /// Rows copy their PINs from each other in a circle.
    CopyPinCycle,
    /// A number has fewer digits than nearly all others of its column.
    ShortValues,
    /// A typographic quote stands at an end of a text.
    SmartQuotes,
    /// A character that nobody sees stands in a text.
    InvisibleCharacter,
    /// Several sheets hold something, and none is named.
    SeveralSheets,
    /// A PIN is easy to guess.
    WeakPin,
    /// Two sources of the PIN are given; the mailbox to copy from wins.
    PinAndCopyPin,
    /// A telephone number has characters that no telephone has.
    NumberForm,
    /// The destination type is not one that is known.
    UnknownDtype,
    /// The time zone is not an IANA name.
    UnknownTimezone,
    /// The destination type needs a destination number.
    DnumberMissing,
    /// The destination type takes no destination number.
    DnumberSuperfluous,
    /// Messages are deleted though their audio reaches nobody.
    MessagesLost,
    /// The owner is to be notified and there is none.
    NobodyNotified,
    /// It is not known whether update takes transcribe in this version.
    TranscribeOnUpdate,
    /// A mailbox number stands with and without a customer.
    CustomerMixed,
    /// A column or option of the source has no equivalent on the switch.
    NoEquivalent,
    /// A value was assumed where the source leaves it open.
    Assumed,
    /// The source has more e-mail addresses than a mailbox takes.
    AddressLeftOut,
}

/// What is known of a rule.
struct Facts {
    code: &'static str,
    severity: Severity,
    may_be_lifted: bool,
    meaning: &'static str,
}

impl Rule {
    /// Every rule, in the order in which `boxlift rules` lists them.
    pub const ALL: [Self; 52] = [
        Self::UnknownColumn,
        Self::DuplicateColumn,
        Self::ReservedColumn,
        Self::UnclosedQuote,
        Self::RecordTooLong,
        Self::TextAfterQuote,
        Self::RowsInQuotes,
        Self::RaggedRow,
        Self::NotUtf8,
        Self::ControlCharacter,
        Self::JsonSyntax,
        Self::JsonDuplicateKey,
        Self::JsonNested,
        Self::JsonType,
        Self::Required,
        Self::NoEmpty,
        Self::ActionWord,
        Self::MailboxForm,
        Self::PinForm,
        Self::ValueWord,
        Self::IntegerForm,
        Self::YesNoForm,
        Self::EmailForm,
        Self::TextTooLong,
        Self::SpreadsheetNumber,
        Self::SpreadsheetDate,
        Self::SpreadsheetFormula,
        Self::NumberCell,
        Self::NotInVersion,
        Self::CreateOnly,
        Self::NothingToUpdate,
        Self::DuplicateCreate,
        Self::CreateAfterUpdate,
        Self::CopyPinCycle,
        Self::ShortValues,
        Self::SmartQuotes,
        Self::InvisibleCharacter,
        Self::SeveralSheets,
        Self::WeakPin,
        Self::PinAndCopyPin,
        Self::NumberForm,
        Self::UnknownDtype,
        Self::UnknownTimezone,
        Self::DnumberMissing,
        Self::DnumberSuperfluous,
        Self::MessagesLost,
        Self::NobodyNotified,
        Self::TranscribeOnUpdate,
        Self::CustomerMixed,
        Self::NoEquivalent,
        Self::Assumed,
        Self::AddressLeftOut,
    ];

    /// Finds a rule by its code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Its stable name, in kebab case.
    pub fn code(self) -> &'static str {
        self.facts().code
    }

    /// How grave it is unless an option says otherwise.
    pub fn severity(self) -> Severity {
        self.facts().severity
    }

    /// Whether `--allow` may silence it: every warning, and errors that the switch itself may see differently.
    pub fn may_be_lifted(self) -> bool {
        let Facts { severity, may_be_lifted, code: _, meaning: _ } = self.facts();
        severity == Severity::Warning || may_be_lifted
    }

    /// Whether findings that say the same of the same column are one finding, however many rows lead to it.
    pub fn is_told_once(self) -> bool {
        matches!(self, Self::NoEquivalent | Self::Assumed)
    }

    /// What a row does that breaks it.
    pub fn meaning(self) -> &'static str {
        self.facts().meaning
    }

    #[expect(clippy::too_many_lines, reason = "a table, a line a rule")]
    fn facts(self) -> Facts {
        match self {
            Self::UnknownColumn => error("unknown-column", "a column or key is not known"),
            Self::DuplicateColumn => error("duplicate-column", "a column is named twice"),
            Self::ReservedColumn => error(
                "reserved-column",
                "a parameter of the connection or the run stands as a column",
            ),
            Self::UnclosedQuote => error("unclosed-quote", "a quote is opened and never closed"),
            Self::RecordTooLong => {
                error("record-too-long", "a record is longer than boxlift reads")
            }
            Self::TextAfterQuote => {
                liftable("text-after-quote", "text follows on a closing quote in a cell")
            }
            Self::RowsInQuotes => {
                liftable("rows-in-quotes", "lines inside of quotes would be rows without them")
            }
            Self::RaggedRow => {
                error("ragged-row", "a row has more or fewer cells than the header has columns")
            }
            Self::NotUtf8 => error("not-utf8", "a byte does not decode in the input's encoding"),
            Self::ControlCharacter => {
                error("control-character", "a cell holds a control character")
            }
            Self::JsonSyntax => error("json-syntax", "a line is not a JSON object"),
            Self::JsonDuplicateKey => error("json-duplicate-key", "an object gives a key twice"),
            Self::JsonNested => error("json-nested", "a value is an object or a list"),
            Self::JsonType => {
                error("json-type", "a JSON value has a type that its column does not take")
            }
            Self::Required => error("required", "a cell that the action needs is blank"),
            Self::NoEmpty => error(
                "no-empty",
                "the empty token stands where the API gives an empty string no meaning",
            ),
            Self::ActionWord => error("action-word", "the action is not one that boxlift knows"),
            Self::MailboxForm => error("mailbox-form", "a mailbox number is not digits"),
            Self::PinForm => liftable("pin-form", "a PIN is not digits"),
            Self::ValueWord => error("value-word", "a value is not one of the parameter's words"),
            Self::IntegerForm => error("integer-form", "a number is not a whole number"),
            Self::YesNoForm => error("yes-no-form", "a value is neither yes nor no"),
            Self::EmailForm => liftable("email-form", "an e-mail address is not one"),
            Self::TextTooLong => error("text-too-long", "a cell is longer than boxlift sends"),
            Self::SpreadsheetNumber => error(
                "spreadsheet-number",
                "a spreadsheet wrote a number in its own way, and digits of it are lost",
            ),
            Self::SpreadsheetDate => {
                error("spreadsheet-date", "a spreadsheet took a number for a date")
            }
            Self::SpreadsheetFormula => {
                liftable("spreadsheet-formula", "a cell holds a formula, or the error of one")
            }
            Self::NumberCell => {
                error("number-cell", "a spreadsheet's number stands where text belongs")
            }
            Self::NotInVersion => {
                error("not-in-version", "the parameter does not exist in this version of the API")
            }
            Self::CreateOnly => error("create-only", "the parameter exists on create alone"),
            Self::NothingToUpdate => {
                error("nothing-to-update", "an update gives nothing to change")
            }
            Self::DuplicateCreate => {
                error("duplicate-create", "a mailbox is created by an earlier row already")
            }
            Self::CreateAfterUpdate => {
                error("create-after-update", "a mailbox is created after a row that updates it")
            }
            Self::CopyPinCycle => {
                error("copy-pin-cycle", "rows copy their PINs from each other in a circle")
            }
            Self::ShortValues => liftable(
                "short-values",
                "a number has fewer digits than nearly all others of its column",
            ),
            Self::SmartQuotes => {
                warning("smart-quotes", "a typographic quote stands at an end of a text")
            }
            Self::InvisibleCharacter => {
                warning("invisible-character", "a character that nobody sees stands in a text")
            }
            Self::SeveralSheets => {
                warning("several-sheets", "several sheets hold something, and none is named")
            }
            Self::WeakPin => warning("weak-pin", "a PIN is easy to guess"),
            Self::PinAndCopyPin => warning(
                "pin-and-copy-pin",
                "two sources of the PIN are given; the mailbox to copy from wins",
            ),
            Self::NumberForm => {
                warning("number-form", "a telephone number has characters that no telephone has")
            }
            Self::UnknownDtype => {
                warning("unknown-dtype", "the destination type is not one that is known")
            }
            Self::UnknownTimezone => {
                warning("unknown-timezone", "the time zone is not an IANA name")
            }
            Self::DnumberMissing => {
                warning("dnumber-missing", "the destination type needs a destination number")
            }
            Self::DnumberSuperfluous => {
                warning("dnumber-superfluous", "the destination type takes no destination number")
            }
            Self::MessagesLost => {
                warning("messages-lost", "messages are deleted though their audio reaches nobody")
            }
            Self::NobodyNotified => {
                warning("nobody-notified", "the owner is to be notified and there is none")
            }
            Self::TranscribeOnUpdate => warning(
                "transcribe-on-update",
                "it is not known whether update takes transcribe in this version",
            ),
            Self::CustomerMixed => {
                warning("customer-mixed", "a mailbox number stands with and without a customer")
            }
            Self::NoEquivalent => warning(
                "no-equivalent",
                "a column or option has no equivalent on the switch and is not taken over",
            ),
            Self::Assumed => {
                warning("assumed", "a value was assumed where the source leaves it open")
            }
            Self::AddressLeftOut => warning(
                "address-left-out",
                "the source has more e-mail addresses than a mailbox takes",
            ),
        }
    }
}

const fn error(code: &'static str, meaning: &'static str) -> Facts {
    Facts { code, severity: Severity::Error, may_be_lifted: false, meaning }
}

const fn liftable(code: &'static str, meaning: &'static str) -> Facts {
    Facts { code, severity: Severity::Error, may_be_lifted: true, meaning }
}

const fn warning(code: &'static str, meaning: &'static str) -> Facts {
    Facts { code, severity: Severity::Warning, may_be_lifted: true, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_every_rule_at_its_own_place() {
        for (place, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, place);
            assert_eq!(Rule::parse(rule.code()), Some(rule));
        }
    }
}
