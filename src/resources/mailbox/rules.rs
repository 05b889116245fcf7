//! What a row's cells mean together, and values that are legal and yet look like mistakes: warnings.
//!
//! A rule starts from a cell that the row gives. What the row leaves out is the documented default on create,
//! and unknown on update: nothing is held against it there.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::model::Action;
use crate::model::Cell;
use crate::model::Rule;
use crate::resources::mailbox::destinations;
use crate::resources::mailbox::destinations::Number;
use crate::resources::mailbox::flaws::Flaw;
use crate::resources::mailbox::parameters::Name;
use crate::resources::mailbox::pins;
use crate::resources::mailbox::reading::Reading;
use crate::resources::mailbox::signs::Signs;
use crate::resources::mailbox::values::Value;
use crate::resources::mailbox::words::NotifyEmail;

type Judge = fn(&Reading<'_>) -> Option<(Name, Flaw)>;

/// Every rule about cells that were understood.
const JUDGES: [Judge; 8] = [
    weak_pin,
    callerid_form,
    notify_dnumber_form,
    dtype_known,
    timezone_known,
    dnumber_fits,
    audio_reaches_somebody,
    owner_can_be_told,
];

/// IANA names, from the copy of the time zone database that is part of the program.
static ZONES: LazyLock<HashSet<String, foldhash::fast::FixedState>> = LazyLock::new(|| {
    let bundled = jiff::tz::TimeZoneDatabase::bundled();
    bundled.available().map(|it| it.as_str().to_owned()).collect()
});

/// Puts every rule to a row.
pub(super) fn judge(reading: &Reading<'_>, cells: &[Cell<'_>], note: &mut impl FnMut(Name, Flaw)) {
    for judge in JUDGES {
        if let Some((name, flaw)) = judge(reading) {
            note(name, flaw);
        }
    }
    if let Some((name, flaw)) = one_source_of_the_pin(cells) {
        note(name, flaw);
    }
}

/// What a cell that the row leaves out amounts to.
enum Known<'r> {
    /// The row says so, or create's default does.
    Is(Option<Value<'r>>),
    /// An update keeps what the switch has.
    Unknown,
}

fn known<'r>(reading: &Reading<'r>, name: Name) -> Known<'r> {
    match (reading.value(name), reading.action) {
        (Some(value), _) => Known::Is(Some(value)),
        (None, Some(Action::Create)) => Known::Is(None),
        (None, Some(Action::Update) | None) => Known::Unknown,
    }
}

fn weak_pin(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    let Some(Value::Pin(pin)) = reading.value(Name::Pin) else { return None };
    let why = pins::weakness(pin.expose(), reading.mailbox())?;
    let help = "choose one that nobody tries first";
    Some((Name::Pin, Flaw::new(Rule::WeakPin, why, help)))
}

fn one_source_of_the_pin(cells: &[Cell<'_>]) -> Option<(Name, Flaw)> {
    let given = |name: Name| cells[name as usize].is_given();
    (given(Name::Pin) && given(Name::CopyPin)).then(|| {
        let message = "both pin and copy_pin are given, and copy_pin wins";
        (Name::CopyPin, Flaw::new(Rule::PinAndCopyPin, message, "leave one of the two blank"))
    })
}

fn callerid_form(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    number_form(reading, Name::Callerid)
}

fn notify_dnumber_form(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    number_form(reading, Name::NotifyDnumber)
}

fn number_form(reading: &Reading<'_>, name: Name) -> Option<(Name, Flaw)> {
    let Some(Value::Text(text)) = reading.value(name) else { return None };
    (!Signs::of(text).are_dialled()).then(|| {
        let message = format!("`{text}` has more than digits, `+`, `*` and `#`");
        (
            name,
            Flaw::new(Rule::NumberForm, message, "give it as it is dialled, as in `+4930123456`"),
        )
    })
}

fn dtype_known(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    let Some(Value::Text(dtype)) = reading.value(Name::Dtype) else { return None };
    destinations::number(dtype).is_none().then(|| {
        let message = format!("`{dtype}` is no destination type that is known");
        let help = match destinations::nearest(dtype) {
            Some(near) => format!("did you mean `{near}`? Otherwise try it with --dry-run first"),
            None => "the list is open: try it with --dry-run first".to_owned(),
        };
        (Name::Dtype, Flaw::new(Rule::UnknownDtype, message, help))
    })
}

fn timezone_known(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    let Some(Value::Text(zone)) = reading.value(Name::Timezone) else { return None };
    (!ZONES.contains(zone)).then(|| {
        let message = format!("`{zone}` is no IANA time zone");
        (
            Name::Timezone,
            Flaw::new(Rule::UnknownTimezone, message, "write it as in `Europe/Berlin`"),
        )
    })
}

fn dnumber_fits(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    let dtype = match known(reading, Name::Dtype) {
        Known::Is(Some(Value::Text(dtype))) => dtype,
        Known::Is(_) => destinations::DEFAULT,
        Known::Unknown => return None,
    };
    let has_number = match known(reading, Name::Dnumber) {
        Known::Is(number) => matches!(number, Some(Value::Text(_))),
        Known::Unknown => return None,
    };
    match (destinations::number(dtype)?, has_number) {
        (Number::Needed, false) => {
            let message = format!("destination type `{dtype}` needs a number");
            Some((Name::Dnumber, Flaw::new(Rule::DnumberMissing, message, "fill dnumber")))
        }
        (Number::None, true) => {
            let message = format!("destination type `{dtype}` takes no number");
            let help = "leave dnumber blank, or say in dtype what the number is";
            Some((Name::Dnumber, Flaw::new(Rule::DnumberSuperfluous, message, help)))
        }
        (Number::Needed, true) | (Number::None, false) | (Number::Open, _) => None,
    }
}

/// `notify_only` deletes a message once its e-mails are sent: somebody should have got the audio with one.
fn audio_reaches_somebody(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    if reading.value(Name::NotifyOnly) != Some(Value::YesNo(true)) {
        return None;
    }
    let by_owner = owner_may_exist(reading)
        && match known(reading, Name::NotifyEmail) {
            Known::Is(None | Some(Value::NotifyEmail(NotifyEmail::OwnerWav))) | Known::Unknown => {
                true
            }
            Known::Is(Some(_)) => false,
        };
    let by_pager = match known(reading, Name::Pager) {
        Known::Is(address) => matches!(address, Some(Value::Text(_))),
        Known::Unknown => true,
    } && match known(reading, Name::PagerAttach) {
        Known::Is(attach) => attach == Some(Value::YesNo(true)),
        Known::Unknown => true,
    };
    (!by_owner && !by_pager).then(|| {
        let message = "messages are deleted after the e-mail, and no e-mail carries their audio";
        let help = "give owner with notify_email owner_wav, or pager with pager_attach 1";
        (Name::NotifyOnly, Flaw::new(Rule::MessagesLost, message, help))
    })
}

fn owner_can_be_told(reading: &Reading<'_>) -> Option<(Name, Flaw)> {
    let asked = [Name::NotifyEmail, Name::NotifyMessage]
        .into_iter()
        .find(|it| reading.value(*it).is_some_and(|value| value != Value::Empty))?;
    (!owner_may_exist(reading)).then(|| {
        let message = format!("{} is for the owner, and the owner is 0", asked.as_str());
        (asked, Flaw::new(Rule::NobodyNotified, message, "give the owner's id"))
    })
}

fn owner_may_exist(reading: &Reading<'_>) -> bool {
    match known(reading, Name::Owner) {
        Known::Is(owner) => owner.is_some_and(|it| it != Value::Integer(0)),
        Known::Unknown => true,
    }
}
