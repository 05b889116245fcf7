//! Who touched a lane last, and who made its mailbox, as the plan grows.

use std::collections::HashMap;

use crate::model::Needs;
use crate::model::RowIndex;
use crate::model::Sheet;
use crate::plan::lanes::Lanes;

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
    lanes: &'s Lanes,
    /// The task that touched a lane last, and who made its mailbox: of lanes that anybody may wait for.
    last: HashMap<u32, u32>,
    creator: HashMap<u32, Creator>,
    /// Creators for other customers than the first, in lanes of several.
    further: HashMap<(u32, Option<u32>), Creator>,
    /// Tasks that copied the PIN of a lane since it was touched last.
    readers: HashMap<u32, Vec<u32>>,
}

impl<'s> Waits<'s> {
    pub(super) fn new(sheet: &'s Sheet, lanes: &'s Lanes) -> Self {
        Self {
            sheet,
            lanes,
            last: HashMap::new(),
            creator: HashMap::new(),
            further: HashMap::new(),
            readers: HashMap::new(),
        }
    }

    /// Who made the mailbox of `lane` that `row` means.
    pub(super) fn made(&self, lane: u32, row: RowIndex) -> Option<Made> {
        let customer_of = |row: RowIndex| self.sheet.row(row).customer;
        let customer = customer_of(row);
        let first = self.creator.get(&lane).copied();
        let of = |customer| {
            let first = first.filter(|it| customer_of(it.row) == customer);
            first.or_else(|| self.further.get(&(lane, customer)).copied())
        };
        let surely = of(customer).map(Made::Surely);
        surely.or_else(|| if customer.is_none() { first } else { of(None) }.map(Made::Perhaps))
    }

    /// Remembers that a row creates its lane's mailbox; of one customer only the first such row counts.
    pub(super) fn create(&mut self, lane: u32, creator: Creator) {
        if !self.lanes.is_shared(lane) {
            return;
        }
        let customer = self.sheet.row(creator.row).customer;
        let first = *self.creator.entry(lane).or_insert(creator);
        if self.sheet.row(first.row).customer != customer {
            self.further.entry((lane, customer)).or_insert(creator);
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
        let last = touched.filter_map(|it| self.last.get(&it).copied());
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
        if self.lanes.is_shared(lane) {
            self.last.insert(lane, place);
        }
        if let Some(source) = source.filter(|it| *it != lane) {
            self.readers.entry(source).or_default().push(place);
        }
    }
}
