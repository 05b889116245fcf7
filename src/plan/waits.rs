//! Who touched a lane last, and who made its mailbox, as the plan grows.

use std::collections::HashMap;

use crate::model::Needs;
use crate::model::RowIndex;
use crate::model::Sheet;

/// A row that creates a lane's mailbox.
#[derive(Clone, Copy)]
pub(super) struct Creator {
    pub(super) row: RowIndex,
    /// Its place in the plan, if it is in.
    pub(super) place: Option<u32>,
}

/// How the creator of a mailbox concerns a row.
#[derive(Clone, Copy)]
pub(super) enum Made {
    /// It is the mailbox of the very same customer.
    Surely(Creator),
    /// One of the two rows leaves the customer blank.
    Perhaps(Creator),
}

pub(super) struct Waits<'s> {
    sheet: &'s Sheet,
    last: Vec<Option<u32>>,
    creator: Vec<Option<Creator>>,
    /// Creators after the first, in lanes of several customers.
    further: HashMap<u32, Vec<Creator>>,
    /// Tasks that copied the PIN of a lane since it was touched last.
    readers: HashMap<u32, Vec<u32>>,
}

impl<'s> Waits<'s> {
    pub(super) fn new(sheet: &'s Sheet, lanes: usize) -> Self {
        Self {
            sheet,
            last: vec![None; lanes],
            creator: vec![None; lanes],
            further: HashMap::new(),
            readers: HashMap::new(),
        }
    }

    /// Who made the mailbox of `lane` that `row` of some customer means.
    pub(super) fn made(&self, lane: u32, row: RowIndex) -> Option<Made> {
        let customer_of = |row: RowIndex| self.sheet.row(row).customer;
        let further = self.further.get(&lane).map(Vec::as_slice).unwrap_or_default();
        let creators =
            || self.creator[lane as usize].iter().chain(further).filter(|it| it.row != row);
        let surely = creators().find(|it| customer_of(it.row) == customer_of(row));
        let perhaps =
            || creators().find(|it| customer_of(it.row).is_none() || customer_of(row).is_none());
        surely.map(|it| Made::Surely(*it)).or_else(|| perhaps().map(|it| Made::Perhaps(*it)))
    }

    /// Remembers that a row creates its lane's mailbox; of one customer only the first such row counts.
    pub(super) fn create(&mut self, lane: u32, creator: Creator) {
        if matches!(self.made(lane, creator.row), Some(Made::Surely(_))) {
            return;
        }
        match &mut self.creator[lane as usize] {
            Some(_) => self.further.entry(lane).or_default().push(creator),
            none @ None => *none = Some(creator),
        }
    }

    /// What a task in `lane` waits for: who made its mailbox and its source, and who touched them last.
    pub(super) fn before(
        &self,
        lane: u32,
        source: Option<u32>,
        creators: &[Made],
    ) -> Vec<(u32, Needs)> {
        let mut waits: Vec<(u32, Needs)> = Vec::new();
        for made in creators {
            let (creator, needs) = match made {
                Made::Surely(creator) => (creator, Needs::Success),
                Made::Perhaps(creator) => (creator, Needs::Finished),
            };
            waits.extend(creator.place.map(|it| (it, needs)));
        }
        let touched = [Some(lane), source].into_iter().flatten();
        let last = touched.filter_map(|it| self.last[it as usize]);
        let readers = self.readers.get(&lane).into_iter().flatten().copied();
        waits.extend(last.chain(readers).map(|it| (it, Needs::Finished)));
        waits.sort_unstable();
        // Of two waits for one task the stricter, which sorts last, is kept.
        waits.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = later.1;
            }
            same
        });
        waits
    }

    /// Remembers that the task at `place` changes its lane and reads the one of its source.
    pub(super) fn touch(&mut self, place: u32, lane: u32, source: Option<u32>) {
        self.readers.remove(&lane);
        self.last[lane as usize] = Some(place);
        if let Some(source) = source.filter(|it| *it != lane) {
            self.readers.entry(source).or_default().push(place);
        }
    }
}
