//! What an earlier run left to one that goes on with it, in words for people.

use std::fmt::Write as _;

use crate::cli::summary::rows;
use crate::journal::Orphans;
use crate::model::Action;
use crate::model::Mailbox;
use crate::model::RowIndex;
use crate::pipeline::Batch;
use crate::pipeline::Begun;

/// Rows that are named one by one.
const ROWS_NAMED_MAX: usize = 10;

/// Says it; nothing where there was no earlier run.
pub(super) fn told(begun: &Begun, batch: &Batch) -> String {
    let Begun { job: _, kept, edited, overtaken, open, gone, pins_unseen, .. } = begun;
    let mut text = String::new();
    if *kept > 0 {
        let (had, are) = match kept {
            1 => ("had its result before", "is as it was"),
            _ => ("had their result before", "are as they were"),
        };
        let _ = writeln!(text, "{} {had} and {are}", rows(*kept));
    }
    if *open > 0 {
        let _ =
            writeln!(text, "{} may be done by an earlier run: found out as it goes", rows(*open));
    }
    if !edited.is_empty() {
        let (count, named) = (rows(edited.len() as u64), named(edited));
        let were = if edited.len() == 1 { "was" } else { "were" };
        let _ =
            writeln!(text, "{count} {were} done before and changed since ({named}): called again");
        let creates =
            edited.iter().filter(|it| batch.checked.sheet.row(**it).action == Some(Action::Create));
        if creates.count() > 0 {
            text += "  help: a mailbox that was made is changed by an update: give such a row the action `update`\n";
        }
    }
    if !overtaken.is_empty() {
        let (count, named) = (rows(overtaken.len() as u64), named(overtaken));
        let _ = writeln!(
            text,
            "{count} will be sent after a later row of the same mailbox, which is done ({named})"
        );
        text += "  help: look at what these mailboxes hold then; a done row is called again once it is changed\n";
    }
    if gone.rows > 0 {
        let (count, named) = (rows(gone.rows), mailboxes(gone));
        let _ = writeln!(
            text,
            "{count} of the earlier run may be done, and left the file since ({named})"
        );
        text += "  help: look there on the switch\n";
    }
    if *pins_unseen {
        text +=
            "the password changed since: whether PINs of rows that are done did, cannot be seen\n";
    }
    text
}

fn mailboxes(gone: &Orphans) -> String {
    let Orphans { rows, first } = gone;
    let mut shown: Vec<_> = first.iter().map(Mailbox::to_string).collect();
    if shown.len() as u64 != *rows {
        shown.push("…".to_owned());
    }
    format!("{} {}", if *rows == 1 { "mailbox" } else { "mailboxes" }, shown.join(", "))
}

fn named(places: &[RowIndex]) -> String {
    let shown = places.iter().take(ROWS_NAMED_MAX).map(|it| (u64::from(*it) + 1).to_string());
    let mut shown: Vec<_> = shown.collect();
    if places.len() > ROWS_NAMED_MAX {
        shown.push("…".to_owned());
    }
    let word = if places.len() == 1 { "row" } else { "rows" };
    format!("{word} {}", shown.join(", "))
}
