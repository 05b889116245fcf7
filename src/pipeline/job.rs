//! A job and its journal: what an earlier run left is laid over the plan, what this one does is kept.
//!
//! A row is recognised by what it asks for, not by its line: a file may be put into another order, and edited.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::FixedState;

use crate::check;
use crate::input::InputError;
use crate::input::Records;
use crate::journal::Carry;
use crate::journal::Identity;
use crate::journal::Job;
use crate::journal::JobKind;
use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Keys;
use crate::journal::Known as Earlier;
use crate::journal::KnownState;
use crate::journal::NewJob;
use crate::journal::Orphans;
use crate::journal::Reading;
use crate::model::Action;
use crate::model::Carried;
use crate::model::Fingerprint;
use crate::model::Kind;
use crate::model::Known;
use crate::model::Outcome;
use crate::model::Plan;
use crate::model::RowIndex;
use crate::model::Status;
use crate::pipeline::Batch;
use crate::pipeline::Results;
use crate::pipeline::RunError;
use crate::plan;
use crate::resources::mailbox::CallDraft;
use crate::resources::mailbox::Purpose;
use crate::run::Past;

/// After that long a call whose answer was lost is no longer made good: somebody may have changed the mailbox since.
const AGED_MS: i64 = 24 * 60 * 60 * 1000;

/// What a run goes on with, and from where.
#[derive(Debug)]
pub struct Resumption {
    /// The job in the journal.
    pub previous: Job,
    /// Rows that came to this are tried again although they are as they were.
    pub retry: Vec<Status>,
}

/// A job that is about to be begun.
#[derive(Debug)]
pub struct Standing {
    /// Where it is kept.
    pub journal: Journal,
    /// What its rows are recognised by.
    pub keys: Keys,
    /// The job.
    pub new: NewJob,
    /// What it goes on with, if anything.
    pub resumption: Option<Resumption>,
}

/// What was found when a job was begun.
#[derive(Debug, Default)]
pub struct Begun {
    known: Vec<(RowIndex, Known)>,
    /// Rows that are done and not sent as they stand: the journal goes on knowing what was done.
    remembered: HashSet<RowIndex>,
    /// Its number in the journal.
    pub job: i64,
    /// Rows whose earlier result stands.
    pub kept: u64,
    /// Rows that were done and ask for something else now; the first of them.
    pub edited: Vec<RowIndex>,
    /// Rows that are to be sent though a later one of their mailbox is done.
    pub overtaken: Vec<RowIndex>,
    /// Rows whose fate is to be found out.
    pub open: u64,
    /// Rows whose fate is not found out, since they are not sent as they stand.
    pub unsent_open: u64,
    /// Rows of the earlier run that are no longer in the file, and whose fate is not known.
    pub gone: Orphans,
    /// The password changed since, so that nobody can see whether PINs did.
    pub pins_unseen: bool,
}

impl Begun {
    /// Rows that ask for something else than a call of an earlier run that may have been carried out.
    pub fn edited_open(&self) -> HashSet<RowIndex, FixedState> {
        let is_edited = |it: &Known| matches!(it, Known::Open(Carried { edited: true, .. }));
        self.known.iter().filter(|it| is_edited(&it.1)).map(|it| it.0).collect()
    }
}

impl Batch {
    /// The keyed digest of the input's bytes.
    pub fn digest(&self, keys: &Keys) -> Result<[u8; 32], InputError> {
        let mut digest = keys.digest();
        self.input.source().visit(|bytes| digest.update(bytes))?;
        Ok(digest.finish())
    }

    /// Begins a job in the journal, and lays what an earlier one left over the plan and the results.
    pub fn begin(
        &self,
        standing: &mut Standing,
        plan: &mut Plan,
        results: &mut Results,
    ) -> Result<Begun, RunError> {
        let Standing { journal, keys, new: job, resumption } = standing;
        let resumption = resumption.as_ref();
        let mut reader = Reader::new(self, keys);
        let mut begun = Begun::default();
        let mut decide = |earlier: &Earlier| {
            resumption.map_or(Carry::Drop, |it| {
                let same = reader.same(earlier, earlier.verifier == job.verifier);
                let is_planned = !results.is_set(earlier.row);
                let course = if is_planned { Course::Sent } else { self.course(earlier.row) };
                let taken = it.take(job, earlier, Compared { same, course }, &mut begun);
                taken.told.put(results, earlier.row, course.why_unsent());
                taken.carry
            })
        };
        let previous = resumption.map(|it| it.previous.id);
        let id = journal.begin(job, &mut self.identities(), previous, &mut decide)?;
        begun.job = id;
        let is_kept = |row: &RowIndex, it: &Outcome| match it.status {
            Status::Invalid | Status::Skipped => !begun.remembered.contains(row),
            Status::Excluded => true,
            Status::Created
            | Status::Updated
            | Status::Accepted
            | Status::Rejected
            | Status::Failed
            | Status::InDoubt
            | Status::Conflict
            | Status::NotSent => false,
        };
        let unsent = results.settled().filter(|(row, it)| is_kept(row, it));
        let mut records = self.input.records();
        let mut unsent = unsent.map(|(row, it)| {
            let detail = self.detail(&mut records, row as usize, &it).into_owned();
            (row, Outcome { detail: Some(Arc::new(detail)), ..it })
        });
        journal.settle_now(id, &mut unsent)?;
        plan::lay_over(plan, &begun.known);
        begun.overtaken = plan::overtaken(plan);
        if let Some(it) = resumption {
            begun.pins_unseen = it.previous.verifier != job.verifier && begun.kept > 0;
            begun.gone = journal.orphans(id, it.previous.id)?;
        }
        Ok(begun)
    }

    /// Lays what an earlier job left over the results of rows of which none is sent. Begins no job.
    pub fn recall(
        &self,
        reading: &Reading,
        keys: &Keys,
        (resumption, job): (&Resumption, &NewJob),
        (results, why): (&mut Results, &str),
    ) -> Result<Begun, JournalError> {
        let previous = &resumption.previous;
        let mut reader = Reader::new(self, keys);
        let mut begun = Begun::default();
        let mut seen = |earlier: &Earlier| {
            let same = reader.same(earlier, earlier.verifier == job.verifier);
            let compared = Compared { same, course: self.course(earlier.row) };
            let taken = resumption.take(job, earlier, compared, &mut begun);
            taken.told.put(results, earlier.row, why);
        };
        reading.recall(previous.id, &mut self.identities(), &mut seen)?;
        Ok(begun)
    }

    /// What becomes of a row that is not sent.
    fn course(&self, row: RowIndex) -> Course {
        if self.checked.sheet.row(row).is_excluded() { Course::LeftOut } else { Course::Unsent }
    }

    /// What tells rows from each other, in their order.
    fn identities(&self) -> impl Iterator<Item = Identity> {
        let repeated = self.repeated();
        let rows = (0..).zip(&self.checked.sheet.rows);
        rows.map(move |(place, row)| Identity {
            row: place,
            line: row.span.line,
            action: row.action,
            customer: row.customer,
            mailbox: row.mailbox,
            nth: repeated.get(&place).copied().unwrap_or(0),
        })
    }

    /// The rows that are not the first with their action on their mailbox, and which ones they are.
    fn repeated(&self) -> HashMap<RowIndex, u32> {
        let sheet = &self.checked.sheet;
        let of = |row: RowIndex| (sheet.row(row).mailbox, sheet.row(row).customer);
        let mut repeated = HashMap::new();
        for rows in sheet.all_by_mailbox().chunk_by(|one, other| of(*one) == of(*other)) {
            let mut seen = HashMap::<Option<Action>, u32>::new();
            for row in rows.iter().filter(|_| rows.len() > 1) {
                let nth = seen.entry(sheet.row(*row).action).or_default();
                if *nth > 0 {
                    repeated.insert(*row, *nth);
                }
                *nth += 1;
            }
        }
        repeated
    }
}

/// How a row stands to what an earlier job knows of it.
#[derive(Clone, Copy)]
struct Compared {
    /// What it is recognised by now, if it asks for the same.
    same: Option<Fingerprint>,
    course: Course,
}

/// What becomes of a row in this run.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Course {
    /// It is to be sent.
    Sent,
    /// It is not, as it stands.
    Unsent,
    /// It is no part of the run.
    LeftOut,
}

impl Course {
    fn why_unsent(self) -> &'static str {
        match self {
            Self::Sent | Self::Unsent => "the row is not sent as it stands",
            Self::LeftOut => "the row is left out",
        }
    }
}

/// What is taken over of a row, and what is said of it in this run.
struct Taken<'e> {
    carry: Carry,
    told: Told<'e>,
}

enum Told<'e> {
    /// Nothing but what this run finds.
    Nothing,
    /// What the earlier run said.
    Result(&'e Outcome),
    /// That it may be done.
    Doubt,
}

impl Told<'_> {
    /// Says it of a row; `why` its fate is not found out.
    fn put(&self, results: &mut Results, row: RowIndex, why: &str) {
        match self {
            Self::Nothing => {}
            Self::Result(outcome) => results.overrule(row, (*outcome).clone()),
            Self::Doubt => results.doubt(row, why),
        }
    }
}

impl Resumption {
    /// What is taken over of a row.
    fn take<'e>(
        &self,
        job: &NewJob,
        earlier: &'e Earlier,
        compared: Compared,
        begun: &mut Begun,
    ) -> Taken<'e> {
        let Earlier { row, fingerprint: before, verifier: _, state } = earlier;
        // By the keys of this password, which the next run compares with.
        let fingerprint = compared.same.unwrap_or(*before);
        let taken = |carry, told| Taken { carry, told };
        match state {
            // A rehearsal changes nothing: one without an answer is made again.
            KnownState::Open { .. } if job.kind != JobKind::Real => {
                taken(Carry::Drop, Told::Nothing)
            }
            KnownState::Open { .. } if compared.course != Course::Sent => {
                begun.unsent_open += 1;
                taken(Carry::Open(fingerprint), Told::Doubt)
            }
            KnownState::Open { at_ms, evidence } => {
                let aged = job.began_ms - at_ms > AGED_MS;
                let (evidence, edited) = (*evidence, compared.same.is_none());
                begun.open += 1;
                begun.known.push((*row, Known::Open(Carried { evidence, aged, edited })));
                taken(Carry::Open(fingerprint), Told::Nothing)
            }
            // It is for a run that does not leave the row out.
            KnownState::Settled(_) if compared.course == Course::LeftOut => {
                taken(Carry::Keep(fingerprint), Told::Nothing)
            }
            KnownState::Settled(outcome) if self.stands(outcome, compared) => {
                begun.kept += 1;
                begun.known.push((*row, Known::Settled(outcome.status)));
                taken(Carry::Keep(fingerprint), Told::Result(outcome))
            }
            KnownState::Settled(outcome)
                if outcome.status.is_done() && compared.course != Course::Sent =>
            {
                begun.remembered.insert(*row);
                taken(Carry::Keep(fingerprint), Told::Nothing)
            }
            KnownState::Settled(outcome) => {
                if outcome.status.is_done() && compared.same.is_none() {
                    begun.edited.push(*row);
                }
                taken(Carry::Drop, Told::Nothing)
            }
        }
    }

    /// Whether a row's earlier result is its result still.
    fn stands(&self, outcome: &Outcome, compared: Compared) -> bool {
        compared.same.is_some()
            && match outcome.status {
                Status::Created | Status::Updated | Status::Accepted => true,
                Status::Rejected | Status::Failed | Status::InDoubt | Status::Conflict => {
                    !self.retry.contains(&outcome.status)
                }
                Status::Excluded | Status::Invalid | Status::Skipped | Status::NotSent => false,
            }
    }
}

/// Reads a row again for what it is recognised by and for its call; nothing if it cannot be read.
pub(super) fn recognise(
    (batch, keys): (&Batch, &Keys),
    records: &mut Records,
    row: RowIndex,
    kind: Kind,
) -> Option<(Fingerprint, CallDraft)> {
    let place = batch.checked.sheet.row(row);
    let purpose = Purpose::Act(place.action?, kind);
    let draft = records.read(place.span, |raw| {
        let reading = check::read(&raw, &batch.rules, &mut Vec::new());
        raw.readable.then(|| CallDraft::of(&reading, purpose))
    });
    let draft = draft.ok()??;
    Some((keys.fingerprint(draft.shown(), draft.hidden()), draft))
}

/// Holds rows against what an earlier job knows of them.
struct Reader<'r> {
    batch: &'r Batch,
    records: Records,
    keys: &'r Keys,
}

impl<'r> Reader<'r> {
    fn new(batch: &'r Batch, keys: &'r Keys) -> Self {
        Self { batch, records: batch.input.records(), keys }
    }

    /// What a row is recognised by, if it asks for what it asked for before; of an invalid one nobody can tell. Where
    /// the password changed, PINs are taken for unchanged.
    fn same(&mut self, earlier: &Earlier, pins_are_seen: bool) -> Option<Fingerprint> {
        if self.batch.checked.sheet.row(earlier.row).standing == crate::model::Standing::Invalid {
            return None;
        }
        let about = (self.batch, self.keys);
        // The same for a rehearsal, whose draft differs in its call alone.
        let (now, _) = recognise(about, &mut self.records, earlier.row, Kind::Real)?;
        let Fingerprint { content, secret } = now;
        let before = earlier.fingerprint;
        let same_pin = if pins_are_seen {
            secret == before.secret
        } else {
            secret.is_some() == before.secret.is_some()
        };
        (content == before.content && same_pin).then_some(now)
    }
}

/// Calls that left in the last `window`, by what the journal's jobs know. Must be asked before a job is begun.
pub fn past(journal: &Journal, window: Duration, now_ms: i64) -> Result<Past, JournalError> {
    let since_ms = now_ms.saturating_sub(i64::try_from(window.as_millis()).unwrap_or(i64::MAX));
    let mut past = Past::default();
    for kind in [JobKind::Real, JobKind::Rehearsal] {
        let sends = journal.sends_since(since_ms, kind)?;
        let ago = |at: &i64| Duration::from_millis(u64::try_from(now_ms - at).unwrap_or(0));
        past.ago.extend(sends.known_ms.iter().map(ago));
        past.unknown += sends.open;
    }
    Ok(past)
}
