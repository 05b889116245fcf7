//! Calls whose answers are lost, in this run or an earlier one: what they ask next, and what is told of them.

use super::*;

#[test]
fn a_lost_answer_to_an_update_is_sent_again_after_the_settle_time() {
    let (world, _) = played(Kind::Real, &plan(&[0]), &[Meaning::Lost, Meaning::Done]);
    assert_eq!(world.sent[1].0, world.sent[0].0 + SETTLE + Duration::from_millis(10));
    assert_eq!(statuses(&world), [Status::Updated]);
}

#[test]
fn a_create_that_is_put_off_by_503_holds_everybody_and_is_looked_up_like_a_lost_one() {
    let wait = Duration::from_secs(7);
    let replies = [Meaning::Unavailable { wait: Some(wait) }, ABSENT, Meaning::Done];
    let (world, stop) = played(Kind::Real, &create(Evidence::Absent), &replies);
    assert_eq!((stop, &world.asks[..]), (None, &[Ask::Act, Ask::LookUp, Ask::Act][..]));
    assert!(world.sent[1].0 >= world.sent[0].0 + SETTLE.max(wait), "it did not wait");
    assert_eq!(statuses(&world), [Status::Created]);
    // What may have been done stays known.
    let put_off = Meaning::Unavailable { wait: Some(Duration::ZERO) };
    let replies = [put_off, ABSENT, exists(), SAME, Meaning::Done];
    let (world, _) = played(Kind::Real, &create(Evidence::Absent), &replies);
    assert_eq!(statuses(&world), [Status::Created]);
}

#[test]
fn an_update_that_is_put_off_by_503_is_sent_again_after_the_settle_time() {
    let put_off = Meaning::Unavailable { wait: None };
    let (world, _) = played(Kind::Real, &plan(&[0]), &[put_off, Meaning::Done]);
    assert!(world.sent[1].0 >= world.sent[0].0 + SETTLE, "it did not wait");
    assert_eq!(statuses(&world), [Status::Updated]);
}

#[test]
fn a_row_that_meets_503_again_and_again_is_in_doubt() {
    let put_off = Meaning::Unavailable { wait: Some(Duration::ZERO) };
    let (world, stop) = played(Kind::Real, &plan(&[0]), &[put_off]);
    assert_eq!((stop, world.sent.len()), (None, 4));
    assert_eq!(statuses(&world), [Status::InDoubt]);
}

/// What a create whose first answer is lost asks next, and what becomes of it.
fn told(evidence: Evidence, replies: &[Meaning]) -> (Vec<Ask>, Vec<Status>) {
    let replies: Vec<_> = [Meaning::Lost].iter().chain(replies).cloned().collect();
    let (world, stop) = played(Kind::Real, &create(evidence), &replies);
    assert_eq!((stop, &world.wrong), (None, &Vec::new()));
    assert!(world.sent[1].0 >= world.sent[0].0 + SETTLE, "it did not wait");
    (world.asks[1..].to_vec(), statuses(&world))
}

#[test]
fn a_create_whose_answer_is_lost_is_looked_up_and_told_by_what_was_seen_before() {
    use Ask::Act;
    use Ask::AssertAll;
    use Ask::AssertPin;
    use Ask::LookUp;
    use Evidence::Absent;
    use Evidence::Rehearsed;
    use Status::Conflict;
    use Status::Created;
    use Status::InDoubt;
    use Status::Rejected;
    for (evidence, replies, asks, status) in [
        (Absent, &[SAME, Meaning::Done][..], &[LookUp, AssertPin][..], Created),
        (Absent, &[DIFFERENT, Meaning::Done], &[LookUp, AssertAll], Created),
        (Absent, &[ABSENT, Meaning::Done], &[LookUp, Act], Created),
        (
            Absent,
            &[ABSENT, exists(), SAME, Meaning::Done],
            &[LookUp, Act, LookUp, AssertPin],
            Created,
        ),
        (Absent, &[ABSENT, bad_owner(), ABSENT], &[LookUp, Act, LookUp], Rejected),
        (Absent, &[SAME, Meaning::Refused(Refusal::Role)], &[LookUp, AssertPin], Created),
        (Absent, &[DIFFERENT, Meaning::Refused(Refusal::Role)], &[LookUp, AssertAll], InDoubt),
        (Absent, &[Meaning::Lost, SAME, Meaning::Done], &[LookUp, LookUp, AssertPin], Created),
        (Rehearsed, &[SAME, Meaning::Done], &[LookUp, AssertPin], Created),
        (Rehearsed, &[DIFFERENT], &[LookUp], InDoubt),
        (Evidence::None, &[SAME], &[LookUp], InDoubt),
        (Evidence::None, &[DIFFERENT], &[LookUp], Conflict),
        (Evidence::None, &[ABSENT, Meaning::Done], &[LookUp, Act], Created),
        // Once it was absent, whatever is found later is this run's.
        (
            Evidence::None,
            &[ABSENT, Meaning::Lost, DIFFERENT, Meaning::Done],
            &[LookUp, Act, LookUp, AssertAll],
            Created,
        ),
    ] {
        assert_eq!(
            told(evidence, replies),
            (asks.to_vec(), vec![status]),
            "{evidence:?} {replies:?}"
        );
    }
}

#[test]
fn where_the_role_may_not_look_a_create_is_sent_again_and_told_by_what_was_seen_before() {
    let role = || Meaning::Refused(Refusal::Role);
    for (evidence, answer, last, status) in [
        (Evidence::Absent, Meaning::Done, None, Status::Created),
        (Evidence::Absent, exists(), Some(Ask::AssertAll), Status::Created),
        (Evidence::Rehearsed, exists(), None, Status::InDoubt),
        (Evidence::None, exists(), None, Status::InDoubt),
        (Evidence::None, bad_owner(), None, Status::Rejected),
    ] {
        let (asks, statuses) = told(evidence, &[role(), answer, Meaning::Done]);
        let expected: Vec<_> = [Ask::LookUp, Ask::Act].into_iter().chain(last).collect();
        assert_eq!((asks, statuses), (expected, vec![status]), "{evidence:?}");
    }
}

#[test]
fn no_intent_is_recorded_before_the_customers_mailboxes_were_listed() {
    let plan = Plan { surveys: vec![None], ..create(Evidence::None) };
    let mut pace = Pace::new("1000/s".parse().unwrap());
    let mut core = Core::new(plan, settings(Kind::Real), &mut pace);
    let mut commands = Vec::new();
    core.handle(Duration::ZERO, Event::Tick, &mut commands);
    let survey = Subject::Survey(0);
    assert_eq!(commands, [Command::Call { subject: survey, ask: Ask::LookUp }]);
    commands.clear();
    let end = CallEnd {
        subject: survey,
        reply: reply(SAME),
        absent: vec![0],
        elapsed: Duration::ZERO,
        finished_ms: 0,
    };
    core.handle(Duration::from_millis(1), Event::Replied(end), &mut commands);
    let intent = Entry::Intent { task: 0, evidence: Evidence::Absent };
    assert_eq!(commands[0], Command::Record(intent));
}

#[test]
fn a_mailbox_that_vanishes_again_and_again_is_in_doubt_in_the_end() {
    let mut next =
        |call: usize, _| (if call.is_multiple_of(2) { Meaning::Lost } else { ABSENT }, 10);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, _) = play(&create(Evidence::None), Kind::Real, "1000/s", script);
    // Sent once, and three times again, each time looked up.
    assert_eq!((world.sent.len(), statuses(&world)), (8, vec![Status::InDoubt]));
}

#[test]
fn what_an_earlier_run_left_open_is_settled_after_the_settle_time() {
    let (world, _) = played(Kind::Real, &left_open(Action::Update, FRESH), &[Meaning::Done]);
    assert_eq!((world.sent[0].0, statuses(&world)), (SETTLE, vec![Status::Updated]));
    let plan = left_open(Action::Create, FRESH);
    let (world, _) = played(Kind::Real, &plan, &[SAME, Meaning::Done]);
    assert_eq!((world.sent[0].0, statuses(&world)), (SETTLE, vec![Status::Created]));
    assert_eq!(world.asks, [Ask::LookUp, Ask::AssertPin]);
}

#[test]
fn what_was_left_open_long_ago_is_looked_at_and_never_written_over() {
    let aged = Carried { aged: true, ..FRESH };
    let (world, _) = played(Kind::Real, &left_open(Action::Update, aged), &[Meaning::Done]);
    assert_eq!((world.sent.len(), statuses(&world)), (0, vec![Status::InDoubt]));
    for (found, status) in [(SAME, Status::Created), (DIFFERENT, Status::InDoubt)] {
        let (world, _) = played(Kind::Real, &left_open(Action::Create, aged), &[found]);
        assert_eq!((&world.asks[..], statuses(&world)), (&[Ask::LookUp][..], vec![status]));
    }
}

#[test]
fn a_row_that_was_edited_after_its_call_was_lost_is_no_conflict() {
    let carried = Carried { evidence: Evidence::None, edited: true, ..FRESH };
    let (world, _) = played(Kind::Real, &left_open(Action::Create, carried), &[DIFFERENT]);
    assert_eq!(statuses(&world), [Status::InDoubt]);
}

#[test]
fn results_of_an_earlier_run_are_not_earned_again_and_free_who_waits() {
    let mut plan = plan(&[0, 0, 1, 1]);
    plan.dependencies[1].needs = Needs::Success;
    plan.known = vec![(0, Known::Settled(Status::Updated)), (2, Known::Settled(Status::Rejected))];
    let (world, _) = played(Kind::Real, &plan, &[Meaning::Done]);
    assert_eq!(world.sent.iter().map(|it| it.1).collect::<Vec<_>>(), [1]);
    let told: Vec<_> = world.results.iter().map(|(task, it)| (*task, it.status)).collect();
    assert_eq!(told, [(1, Status::Updated), (3, Status::Skipped)]);
}
