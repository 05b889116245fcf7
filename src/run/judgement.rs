//! What a reply means for its row. One pure function over everything that can come back, for each kind of call.

use crate::model::Action;
use crate::model::Kind;
use crate::model::Meaning;
use crate::model::Refusal;
use crate::model::Status;
use crate::run::Stop;

/// Calls made for one row, those that were throttled or never left not counted.
pub(super) const ATTEMPTS_MAX: u16 = 4;

/// What the core knows of a call when its reply comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    pub(super) action: Action,
    /// A rehearsal of it cannot be judged for good: it hangs on a mailbox that an earlier row makes.
    pub(super) judged_late: bool,
    /// Calls made that count.
    pub(super) attempts: u16,
    /// An earlier call for the row may have been carried out.
    pub(super) maybe_done: bool,
}

/// What is to become of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Judgement {
    /// Its result is known.
    Settled(Status),
    /// Accepted, for what an earlier row would have to be done first.
    Depends,
    /// The same again after a back-off.
    Again,
    /// The same again once a call that may still be on its way can no longer take effect.
    AgainSettled,
}

/// The row's fate, and whether the run has to stop.
pub(super) fn judge(asked: Asked, meaning: &Meaning) -> (Judgement, Option<Stop>) {
    match asked.kind {
        Kind::Real => real(asked, meaning),
        Kind::Rehearsal => rehearsal(asked, meaning),
    }
}

fn real(asked: Asked, meaning: &Meaning) -> (Judgement, Option<Stop>) {
    let unless_done =
        |status| Judgement::Settled(if asked.maybe_done { Status::InDoubt } else { status });
    match meaning {
        Meaning::Done => (Judgement::Settled(done(asked.action)), None),
        Meaning::Passed => (Judgement::Settled(Status::InDoubt), Some(Stop::Unasked)),
        Meaning::Refused(refusal) => (unless_done(Status::Rejected), stop_of(refusal)),
        Meaning::Busy { .. } | Meaning::NotSent => (Judgement::Again, None),
        Meaning::Lost | Meaning::NotApi | Meaning::Unclear => match asked.action {
            Action::Update if asked.attempts < ATTEMPTS_MAX => (Judgement::AgainSettled, None),
            Action::Create | Action::Update => (Judgement::Settled(Status::InDoubt), None),
        },
        Meaning::Misconfigured(what) => {
            (unless_done(Status::Failed), Some(Stop::Misconfigured(*what)))
        }
    }
}

fn rehearsal(asked: Asked, meaning: &Meaning) -> (Judgement, Option<Stop>) {
    let rejected = Judgement::Settled(Status::Rejected);
    match meaning {
        Meaning::Passed => (Judgement::Settled(Status::Accepted), None),
        Meaning::Done => (Judgement::Settled(done(asked.action)), Some(Stop::Executed)),
        Meaning::Refused(refusal)
            if asked.judged_late && hangs_on_another_row(asked.action, refusal) =>
        {
            (Judgement::Depends, None)
        }
        Meaning::Refused(refusal) => (rejected, stop_of(refusal)),
        Meaning::Busy { .. } | Meaning::NotSent => (Judgement::Again, None),
        Meaning::Lost | Meaning::NotApi | Meaning::Unclear => {
            let again = asked.attempts < ATTEMPTS_MAX;
            (if again { Judgement::Again } else { Judgement::Settled(Status::Failed) }, None)
        }
        Meaning::Misconfigured(what) => {
            (Judgement::Settled(Status::Failed), Some(Stop::Misconfigured(*what)))
        }
    }
}

fn done(action: Action) -> Status {
    match action {
        Action::Create => Status::Created,
        Action::Update => Status::Updated,
    }
}

fn stop_of(refusal: &Refusal) -> Option<Stop> {
    match refusal {
        Refusal::Credentials => Some(Stop::Credentials),
        Refusal::Parameters { .. } | Refusal::Role | Refusal::RatePlan | Refusal::Absent => None,
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
