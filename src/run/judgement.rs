//! What a reply means for its row. One pure function over everything that can come back, for each kind of call.
//!
//! The rules are those of an API without idempotency keys: a lost answer to an update is asked for again, one to a
//! create is looked up and told by what was seen before. What cannot be told is in doubt; it is never guessed.

use crate::model::Action;
use crate::model::Ask;
use crate::model::Evidence;
use crate::model::Kind;
use crate::model::Likeness;
use crate::model::Meaning;
use crate::model::Refusal;
use crate::model::Status;
use crate::run::Stop;

/// Calls of one kind made for one row, those that were throttled or never left not counted.
pub(super) const ATTEMPTS_MAX: u16 = 4;

/// Look-ups of one row between two of its other calls.
const LOOKUPS_MAX: u16 = 6;

/// Times that a create which was looked up and found absent is sent again.
const RESENDS_MAX: u16 = 3;

/// What the core knows of a call when its reply comes.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts, each of which some rule asks for")]
pub(super) struct Asked {
    pub(super) kind: Kind,
    pub(super) action: Action,
    pub(super) ask: Ask,
    /// A rehearsal of it cannot be judged for good: it hangs on a mailbox that an earlier row makes.
    pub(super) judged_late: bool,
    /// Calls made since what is asked changed, this one included, as far as they count.
    pub(super) attempts: u16,
    /// Times that it was sent again after a look-up.
    pub(super) resends: u16,
    /// An earlier call for the row may have been carried out.
    pub(super) maybe_done: bool,
    /// The switch refused it after such a call, for another reason than that the mailbox is there.
    pub(super) refused: bool,
    /// What was seen of the mailbox before the first call.
    pub(super) evidence: Evidence,
    /// The first call was so long ago that nothing is to be written over what is found now.
    pub(super) aged: bool,
    /// What the row asks for is not what its first call asked for.
    pub(super) edited: bool,
    /// Its PIN cannot be set again, since it is copied.
    pub(super) copies_pin: bool,
    /// The role does not allow look-ups.
    pub(super) no_lookups: bool,
}

/// What is to become of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Judgement {
    /// Its result is known.
    Settled(Status),
    /// Its result is known, and the last answer alone does not tell why.
    Told(Status, &'static str),
    /// It was refused after a call that may have been carried out, and is known to be absent: as it was refused.
    AsRefused,
    /// Accepted, for what an earlier row would have to be done first.
    Depends,
    /// Not carried out for a reason that concerns the whole run; told so, and tried again in the next run.
    TurnedAway(Status),
    /// It may be done, and the run ends before anybody can know.
    LeftOpen,
    /// The same again after a back-off.
    Again,
    /// The same again once a call that may still be on its way can no longer take effect.
    AgainSettled,
    /// Look the mailbox up once a call that may still be on its way can no longer take effect.
    LookUpSettled,
    /// Look the mailbox up at once: the switch refused a create that may have been carried out before.
    LookUpRefused,
    /// It is known to be absent: send the create again.
    Resend,
    /// It is the row's: set what cannot be seen.
    Assert(Ask),
}

/// The row's fate, and whether the run has to stop.
pub(super) fn judge(asked: Asked, meaning: &Meaning) -> (Judgement, Option<Stop>) {
    let judgement = match (asked.kind, asked.ask) {
        (Kind::Rehearsal, _) => rehearsal(asked, meaning),
        (Kind::Real, Ask::Act) => act(asked, meaning),
        (Kind::Real, Ask::LookUp) => look_up(asked, meaning),
        (Kind::Real, Ask::AssertPin | Ask::AssertAll) => assertion(asked, meaning),
    };
    (judgement, stop_of(asked, meaning))
}

/// What a reply means for the whole run at once.
fn stop_of(asked: Asked, meaning: &Meaning) -> Option<Stop> {
    match (meaning, asked.kind, asked.ask) {
        (Meaning::Refused(Refusal::Credentials), _, _) => Some(Stop::Credentials),
        (Meaning::Misconfigured(what), _, _) => Some(Stop::Misconfigured(*what)),
        (Meaning::Passed, Kind::Real, Ask::Act | Ask::AssertPin | Ask::AssertAll) => {
            Some(Stop::Unasked)
        }
        (Meaning::Done, Kind::Rehearsal, _) => Some(Stop::Executed),
        _ => None,
    }
}

fn act(asked: Asked, meaning: &Meaning) -> Judgement {
    match meaning {
        Meaning::Done => Judgement::Settled(done(asked.action)),
        Meaning::Passed => Judgement::Settled(Status::InDoubt),
        Meaning::Busy { wait: _ } | Meaning::NotSent => Judgement::Again,
        Meaning::Misconfigured(_) => turned_away(asked, Status::Failed),
        Meaning::Refused(Refusal::Credentials) => turned_away(asked, Status::Rejected),
        Meaning::Refused(refusal) => refused(asked, refusal),
        Meaning::Unavailable { wait: _ }
        | Meaning::Lost
        | Meaning::NotApi
        | Meaning::Unclear
        | Meaning::Found(_) => match asked.action {
            Action::Create if !asked.no_lookups => Judgement::LookUpSettled,
            Action::Create | Action::Update if asked.attempts < ATTEMPTS_MAX => {
                Judgement::AgainSettled
            }
            Action::Create | Action::Update => Judgement::Settled(Status::InDoubt),
        },
    }
}

fn turned_away(asked: Asked, status: Status) -> Judgement {
    if asked.maybe_done { Judgement::LeftOpen } else { Judgement::TurnedAway(status) }
}

fn refused(asked: Asked, refusal: &Refusal) -> Judgement {
    match asked.action {
        Action::Create | Action::Update if !asked.maybe_done => {
            Judgement::Settled(Status::Rejected)
        }
        Action::Update => Judgement::Settled(Status::InDoubt),
        Action::Create if !asked.no_lookups => Judgement::LookUpRefused,
        Action::Create => refused_unseen(asked, refusal),
    }
}

/// A create that may have been carried out is refused, and nobody may look.
fn refused_unseen(asked: Asked, refusal: &Refusal) -> Judgement {
    let exists = is_about_the_mailbox(refusal);
    match (refusal, asked.evidence) {
        (Refusal::Parameters { keys: _ }, Evidence::Absent) if exists && !asked.aged => {
            Judgement::Assert(Ask::AssertAll)
        }
        // Of an edited row this says nothing about what was asked before.
        (Refusal::Parameters { keys: _ }, _) if !exists && !asked.edited => {
            Judgement::Settled(Status::Rejected)
        }
        _ => Judgement::Told(
            Status::InDoubt,
            "its answer was lost; sent again, the switch refused it, and the role may not look it up",
        ),
    }
}

/// Whether a complaint may mean that the mailbox is there already.
pub(super) fn is_about_the_mailbox(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Parameters { keys } => keys.iter().any(|it| it == "mailbox" || it.is_empty()),
        Refusal::RatePlan | Refusal::Role | Refusal::Absent => true,
        Refusal::Credentials => false,
    }
}

fn look_up(asked: Asked, meaning: &Meaning) -> Judgement {
    match meaning {
        Meaning::Found(likeness) => found(asked, *likeness),
        Meaning::Refused(Refusal::Absent) if asked.refused => Judgement::AsRefused,
        Meaning::Refused(Refusal::Absent | Refusal::Role) if asked.resends < RESENDS_MAX => {
            Judgement::Resend
        }
        Meaning::Refused(Refusal::Absent | Refusal::Role) => Judgement::Told(
            Status::InDoubt,
            "sent again and again, its answers were lost, and it cannot be found",
        ),
        Meaning::Refused(Refusal::Credentials) | Meaning::Misconfigured(_) => Judgement::LeftOpen,
        Meaning::Busy { wait: _ } | Meaning::NotSent => Judgement::Again,
        Meaning::Unavailable { wait: _ }
        | Meaning::Lost
        | Meaning::NotApi
        | Meaning::Unclear
        | Meaning::Done
        | Meaning::Passed
        | Meaning::Refused(Refusal::Parameters { keys: _ } | Refusal::RatePlan) => {
            if asked.attempts < LOOKUPS_MAX {
                return Judgement::Again;
            }
            Judgement::Told(Status::InDoubt, "its answer was lost, and so were those to look-ups")
        }
    }
}

/// The mailbox is there. Whose it is hangs on what was seen before; a PIN cannot be seen at all.
fn found(asked: Asked, likeness: Likeness) -> Judgement {
    let is_whole = asked.copies_pin || asked.aged;
    match (asked.evidence, likeness) {
        (Evidence::Absent | Evidence::Rehearsed, Likeness::Same) if is_whole && asked.edited => {
            Judgement::Told(
                Status::InDoubt,
                "its answer was lost and the row was edited since; a mailbox like it is there, and nothing shows its PIN",
            )
        }
        (Evidence::Absent | Evidence::Rehearsed, Likeness::Same) if is_whole => Judgement::Told(
            Status::Created,
            "its answer was lost; looked up, it is this run's; its PIN was not set again",
        ),
        (Evidence::Absent | Evidence::Rehearsed, Likeness::Same) => {
            Judgement::Assert(Ask::AssertPin)
        }
        (Evidence::Absent, Likeness::Different) if !asked.aged => Judgement::Assert(Ask::AssertAll),
        (Evidence::Absent, Likeness::Different) => Judgement::Told(
            Status::InDoubt,
            "its answer was lost more than a day ago; the mailbox is there and was changed since",
        ),
        (Evidence::Rehearsed, Likeness::Different) => Judgement::Told(
            Status::InDoubt,
            "its answer was lost; the mailbox is there, and is not as the row would make it",
        ),
        (Evidence::None, Likeness::Same) => Judgement::Told(
            Status::InDoubt,
            "its answer was lost; a mailbox like it is there, and nothing shows who made it or its PIN",
        ),
        (Evidence::None, Likeness::Different) if asked.edited => Judgement::Told(
            Status::InDoubt,
            "its answer was lost and the row was edited since; a mailbox is there, and nothing shows who made it",
        ),
        (Evidence::None, Likeness::Different) => Judgement::Told(
            Status::Conflict,
            "its answer was lost; the mailbox is there and is not what the row would make",
        ),
    }
}

fn assertion(asked: Asked, meaning: &Meaning) -> Judgement {
    match (meaning, asked.ask) {
        (Meaning::Done, _) if asked.edited => Judgement::Told(
            Status::Created,
            "its answer was lost and the row was edited since; looked up, it is this run's, and was set again; cells that are blank now may keep what they held",
        ),
        (Meaning::Done, _) => Judgement::Told(
            Status::Created,
            "its answer was lost; looked up, it is this run's, and was set again",
        ),
        (Meaning::Busy { wait: _ } | Meaning::NotSent, _) => Judgement::Again,
        (Meaning::Refused(Refusal::Credentials) | Meaning::Misconfigured(_), _) => {
            Judgement::LeftOpen
        }
        (Meaning::Refused(Refusal::Role | Refusal::RatePlan), Ask::AssertPin) if !asked.edited => {
            Judgement::Told(
                Status::Created,
                "its answer was lost; looked up, it is this run's; its PIN may not be set again",
            )
        }
        (Meaning::Passed | Meaning::Refused(_), _) => Judgement::Told(
            Status::InDoubt,
            "its answer was lost; looked up, it is this run's, but it could not be set again",
        ),
        (
            Meaning::Unavailable { wait: _ }
            | Meaning::Lost
            | Meaning::NotApi
            | Meaning::Unclear
            | Meaning::Found(_),
            _,
        ) => {
            if asked.attempts < ATTEMPTS_MAX {
                return Judgement::AgainSettled;
            }
            Judgement::Told(
                Status::InDoubt,
                "its answer was lost; looked up, it is this run's, but nothing shows its PIN",
            )
        }
    }
}

fn rehearsal(asked: Asked, meaning: &Meaning) -> Judgement {
    match meaning {
        Meaning::Passed => Judgement::Settled(Status::Accepted),
        Meaning::Done => Judgement::Settled(done(asked.action)),
        Meaning::Refused(Refusal::Credentials) => Judgement::TurnedAway(Status::Rejected),
        Meaning::Refused(refusal)
            if asked.judged_late && hangs_on_another_row(asked.action, refusal) =>
        {
            Judgement::Depends
        }
        Meaning::Refused(_) => Judgement::Settled(Status::Rejected),
        Meaning::Busy { wait: _ } | Meaning::NotSent => Judgement::Again,
        Meaning::Unavailable { wait: _ }
        | Meaning::Lost
        | Meaning::NotApi
        | Meaning::Unclear
        | Meaning::Found(_) => {
            let again = asked.attempts < ATTEMPTS_MAX;
            if again { Judgement::Again } else { Judgement::Settled(Status::Failed) }
        }
        Meaning::Misconfigured(_) => Judgement::TurnedAway(Status::Failed),
    }
}

fn done(action: Action) -> Status {
    match action {
        Action::Create => Status::Created,
        Action::Update => Status::Updated,
    }
}

/// Whether a refusal is what a mailbox that is not there yet leads to.
fn hangs_on_another_row(action: Action, refusal: &Refusal) -> bool {
    let explained: &[&str] = match action {
        Action::Create => &["", "copy_pin", "pin"],
        Action::Update => &["", "mailbox"],
    };
    match refusal {
        Refusal::Absent => true,
        Refusal::Parameters { keys } => {
            !keys.is_empty() && keys.iter().all(|it| explained.contains(&it.as_str()))
        }
        Refusal::Credentials | Refusal::Role | Refusal::RatePlan => false,
    }
}
