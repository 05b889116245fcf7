//! The client, as the run wants it: rows' calls, and surveys held against the rows that they are for.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::model::Action;
use crate::model::Call;
use crate::model::Mailbox;
use crate::model::Plan;
use crate::model::RowIndex;
use crate::model::Sheet;
use crate::model::Task;
use crate::model::WhenLeft;
use crate::pipeline::Batch;
use crate::run::Answered;
use crate::run::Subject;
use crate::run::Switch;
use crate::switch::Client;

/// A switch far away.
pub(super) struct Remote<'c> {
    client: &'c Client,
    sheet: &'c Sheet,
    /// For each survey the tasks that create a mailbox there.
    creates: Vec<Vec<Stretch>>,
}

/// Tasks that follow each other as their rows do; most plans are a few of these.
struct Stretch {
    task: u32,
    row: RowIndex,
    length: u32,
}

impl Stretch {
    /// The tasks with their rows.
    fn tasks(&self) -> impl Iterator<Item = (u32, RowIndex)> {
        (0..self.length).map(|it| (self.task + it, self.row + it))
    }
}

impl<'c> Remote<'c> {
    pub(super) fn new(client: &'c Client, batch: &'c Batch, plan: &Plan) -> Self {
        let places: HashMap<Option<u32>, usize> = plan.surveys.iter().copied().zip(0..).collect();
        let mut creates: Vec<_> = plan.surveys.iter().map(|_| Vec::<Stretch>::new()).collect();
        for (task, Task { row, action, customer, .. }) in (0..).zip(&plan.tasks) {
            let survey = places.get(customer).filter(|_| *action == Action::Create);
            let Some(stretches) = survey.map(|it| &mut creates[*it]) else { continue };
            match stretches.last_mut() {
                Some(it) if it.task + it.length == task && it.row + it.length == *row => {
                    it.length += 1;
                }
                Some(_) | None => stretches.push(Stretch { task, row: *row, length: 1 }),
            }
        }
        Self { client, sheet: &batch.checked.sheet, creates }
    }

    /// The tasks of a survey whose mailbox is not among those that were listed.
    fn absent(&self, survey: u32, listed: &HashSet<Mailbox>) -> Vec<u32> {
        let tasks = self.creates[survey as usize].iter().flat_map(Stretch::tasks);
        let is_absent =
            |row: RowIndex| self.sheet.row(row).mailbox.is_some_and(|it| !listed.contains(&it));
        tasks.filter(|(_, row)| is_absent(*row)).map(|it| it.0).collect()
    }
}

impl Switch for Remote<'_> {
    async fn send(&self, subject: Subject, call: Call, left: WhenLeft) -> Answered {
        let Subject::Survey(survey) = subject else {
            return Answered { reply: self.client.send(&call, left).await, absent: Vec::new() };
        };
        let (reply, listed) = self.client.list(&call, left).await;
        let is_good = reply.is_good();
        let absent = if is_good { self.absent(survey, &listed) } else { Vec::new() };
        Answered { reply, absent }
    }
}
