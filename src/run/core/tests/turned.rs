//! Rows that are refused or turned away, and what that means for those that follow.

use super::*;

#[test]
fn an_update_that_may_be_done_and_is_refused_then_is_in_doubt() {
    let refused = Meaning::Refused(Refusal::Absent);
    let (world, _) = played(Kind::Real, &plan(&[0]), &[Meaning::Lost, refused]);
    assert_eq!(statuses(&world), [Status::InDoubt]);
}

#[test]
fn a_row_is_tried_four_times_and_a_rehearsal_of_it_then_failed() {
    let (world, _) = played(Kind::Real, &plan(&[0]), &[Meaning::Lost]);
    assert_eq!((world.sent.len(), statuses(&world)), (4, vec![Status::InDoubt]));
    let (world, _) = played(Kind::Rehearsal, &plan(&[0]), &[Meaning::Lost]);
    assert_eq!((world.sent.len(), statuses(&world)), (4, vec![Status::Failed]));
}

#[test]
fn rows_that_may_not_begin_do_not_keep_others_from_their_further_calls() {
    let errors_max = Settings { errors_max: Some(1), concurrency: 1, ..settings(Kind::Real) };
    let mut next = |call, _| (if call == 0 { Meaning::Lost } else { Meaning::Done }, 10);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play_with(&plan(&[0, 1, 2, 3]), errors_max, "1/s", script);
    assert_eq!((statuses(&world), stop), (vec![Status::Updated; 4], None));
}

#[test]
fn a_row_that_is_turned_away_after_a_call_counts_as_one_that_went_wrong() {
    let mut plan = plan(&[0, 1, 2]);
    plan.tasks[..2].iter_mut().for_each(|it| it.action = Action::Create);
    let errors_max = Settings { errors_max: Some(2), ..settings(Kind::Real) };
    let replies = [Meaning::Lost, Meaning::Refused(Refusal::Role), ABSENT, Meaning::Done];
    let mut next = |call: usize, _| (replies[call.min(3)].clone(), 10);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play_with(&plan, errors_max, "1/s", script);
    assert!(world.finished, "the run never ended");
    assert_eq!(statuses(&world), [Status::InDoubt, Status::Rejected]);
    assert_eq!(stop, Some(Stop::Errors));
}

#[test]
fn a_survey_shows_nothing_of_a_mailbox_that_an_earlier_row_may_make() {
    let mut plan = plan(&[0, 0]);
    plan.tasks.iter_mut().for_each(|it| it.action = Action::Create);
    plan.surveys = vec![None];
    let mut pace = Pace::new("1/s".parse().unwrap());
    let mut core = Core::new(plan, settings(Kind::Real), &mut pace);
    core.handle(Duration::ZERO, Event::Tick, &mut Vec::new());
    let end = CallEnd {
        subject: Subject::Survey(0),
        reply: reply(SAME),
        absent: vec![0, 1],
        elapsed: Duration::ZERO,
        finished_ms: 0,
    };
    core.handle(Duration::ZERO, Event::Replied(end), &mut Vec::new());
    assert_eq!([core.seen(0), core.seen(1)], [Evidence::Absent, Evidence::None]);
}

#[test]
fn an_edited_row_is_not_told_done_where_its_pin_cannot_be_set() {
    let edited = Carried { edited: true, ..FRESH };
    let role = || Meaning::Refused(Refusal::Role);
    for (carried, replies) in [
        (Carried { aged: true, ..edited }, vec![SAME]),
        (edited, vec![SAME, role()]),
        (Carried { evidence: Evidence::None, ..edited }, vec![role(), bad_owner()]),
    ] {
        let (world, _) = played(Kind::Real, &left_open(Action::Create, carried), &replies);
        assert_eq!(statuses(&world), [Status::InDoubt], "{carried:?} {replies:?}");
    }
}

#[test]
fn an_edited_row_is_not_told_done_where_it_copies_a_pin_and_else_what_may_be_left_is_said() {
    let edited = Carried { edited: true, ..FRESH };
    let mut copier = left_open(Action::Create, edited);
    copier.tasks[0].copies_pin = true;
    let (world, _) = played(Kind::Real, &copier, &[SAME]);
    assert_eq!(statuses(&world), [Status::InDoubt]);
    let plan = left_open(Action::Create, edited);
    let (world, _) = played(Kind::Real, &plan, &[DIFFERENT, Meaning::Done]);
    assert_eq!(
        (statuses(&world), world.asks),
        (vec![Status::Created], vec![Ask::LookUp, Ask::AssertAll])
    );
}

#[test]
fn what_an_earlier_run_began_is_never_told_untried() {
    let mut plan = plan(&[0, 0]);
    plan.known = vec![(1, Known::Open(FRESH))];
    let (world, _) = played(Kind::Real, &plan, &[Meaning::Lost]);
    assert_eq!(statuses(&world), [Status::InDoubt, Status::InDoubt]);
}
