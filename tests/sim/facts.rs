//! What really happened, as the referee may know it: written by the world, never by what is tested.

use boxlift::model::Ask;
use boxlift::model::Meaning;
use boxlift::model::Status;
use boxlift::run::Stop;

use super::network::Fate;
use super::scenario::Key;

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) run: usize,
    /// The row it is for; surveys and probes are for none.
    pub(crate) row: Option<usize>,
    pub(crate) ask: Ask,
    pub(crate) version: usize,
    pub(crate) key: Key,
    /// It changes its mailbox if it is carried out.
    pub(crate) mutates: bool,
    pub(crate) issued: u64,
    pub(crate) left: Option<u64>,
    /// The core heard when it left.
    pub(crate) left_told: Option<u64>,
    pub(crate) fate: Fate,
    /// The switch's own answer.
    pub(crate) answer: Option<Meaning>,
    /// What came back, and when.
    pub(crate) heard: Option<(u64, Meaning)>,
    /// The process died or gave up while it was under way.
    pub(crate) cut_at: Option<u64>,
    pub(crate) durable_intent: bool,
}

impl Call {
    /// Its caller could not know whether it was carried out.
    pub(crate) fn is_ambiguous(&self) -> bool {
        let unclear =
            matches!(self.heard, Some((_, Meaning::Lost | Meaning::Unclear | Meaning::NotApi)));
        unclear || self.cut_at.is_some()
    }
}

/// One run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) crashed: bool,
    /// It did nothing more, or would never have ended.
    pub(crate) stuck: bool,
    pub(crate) stop: Option<Stop>,
    pub(crate) credentials_refused_at: Option<u64>,
    pub(crate) interrupted_at: Option<u64>,
    /// When the switch asked to be left alone, and until when.
    pub(crate) holds: Vec<(u64, u64)>,
    /// Results in the order in which they were recorded, with their time.
    pub(crate) results: Vec<(usize, Status, u64)>,
    /// Results that were shown while they could still be kept.
    pub(crate) shown: Vec<(usize, Status)>,
    pub(crate) left_open: Vec<(usize, Status)>,
    pub(crate) disk_died: bool,
    /// Lines of the journal that are left after it.
    pub(crate) journal: Vec<super::disk::Line>,
}

/// All of a seed.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) runs: Vec<Run>,
    pub(crate) calls: Vec<Call>,
    pub(crate) trace: Option<Vec<String>>,
}

impl Facts {
    pub(crate) fn run(&mut self) -> &mut Run {
        let last = self.runs.len() - 1;
        &mut self.runs[last]
    }

    pub(crate) fn tell(&mut self, now: u64, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            let (ms, micros) = (now / 1_000_000, now / 1000 % 1000);
            trace.push(format!("{ms:>9}.{micros:03} ms  {}", what()));
        }
    }
}
