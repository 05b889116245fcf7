//! The client, as the run wants it: rows' calls, and surveys held against the rows that they are for.

use std::collections::HashMap;

use crate::model::Action;
use crate::model::Call;
use crate::model::Mailbox;
use crate::model::Plan;
use crate::pipeline::Batch;
use crate::run::Answered;
use crate::run::Left;
use crate::run::Subject;
use crate::run::Switch;
use crate::switch::Client;

/// A switch far away.
pub(super) struct Remote<'c> {
    client: &'c Client,
    /// For each survey the tasks that create a mailbox there.
    creates: Vec<Vec<(u32, Mailbox)>>,
}

impl<'c> Remote<'c> {
    pub(super) fn new(client: &'c Client, batch: &Batch, plan: &Plan) -> Self {
        let places: HashMap<Option<u32>, usize> = plan.surveys.iter().copied().zip(0..).collect();
        let mut creates = vec![Vec::new(); plan.surveys.len()];
        for (place, task) in (0..).zip(&plan.tasks) {
            let survey = places.get(&task.customer).filter(|_| task.action == Action::Create);
            let mailbox = batch.checked.sheet.row(task.row).mailbox;
            if let (Some(survey), Some(mailbox)) = (survey, mailbox) {
                creates[*survey].push((place, mailbox));
            }
        }
        Self { client, creates }
    }
}

impl Switch for Remote<'_> {
    async fn send(&self, subject: Subject, call: Call, left: Left) -> Answered {
        let Subject::Survey(survey) = subject else {
            return Answered { reply: self.client.send(&call, left).await, absent: Vec::new() };
        };
        let (reply, listed) = self.client.list(&call, left).await;
        let is_absent = |it: &&(u32, Mailbox)| !listed.contains(&it.1);
        let creates = self.creates[survey as usize].iter().filter(is_absent);
        let absent = if reply.is_good() { creates.map(|it| it.0).collect() } else { Vec::new() };
        Answered { reply, absent }
    }
}
