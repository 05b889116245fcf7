//! What earlier runs left, laid over the plan: many rows of it, and rows that hang on others.

use super::*;

/// Updates in lanes of their own that an earlier run left open.
fn many_left_open(rows: u32) -> Plan {
    let known = (0..rows).map(|it| (it, Known::Open(FRESH))).collect();
    Plan { known, ..plan(&(0..rows).collect::<Vec<_>>()) }
}

#[test]
fn ten_thousand_rows_that_were_left_open_are_waited_for_and_go_on() {
    let mut pace = Pace::new("1000/s".parse().unwrap());
    let mut core = Core::new(many_left_open(10_001), settings(Kind::Real), &mut pace);
    let mut commands = Vec::new();
    core.handle(Duration::ZERO, Event::Tick, &mut commands);
    assert_eq!(commands, [Command::WaitUntil(SETTLE)]);
    commands.clear();
    core.handle(SETTLE, Event::Tick, &mut commands);
    let is_intent = |it: &&Command| matches!(it, Command::Record(Entry::Intent { .. }));
    // As many as can be sent soon.
    assert_eq!(commands.iter().filter(is_intent).count(), 104);
}

#[test]
fn rows_that_were_left_open_go_on_as_fast_as_others() {
    let mut next = |_, _| (Meaning::Done, 10);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play(&many_left_open(1_000), Kind::Real, "100/s", script);
    assert_eq!((world.results.len(), stop), (1_000, None));
    assert!(world.now <= SETTLE + Duration::from_secs(11), "{:?}", world.now);

    // Creates, each looked up and made.
    let mut plan = many_left_open(1_000);
    plan.tasks.iter_mut().for_each(|it| it.action = Action::Create);
    let mut asked = HashSet::new();
    let mut next = |_, task| (if asked.insert(task) { ABSENT } else { Meaning::Done }, 10);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play(&plan, Kind::Real, "100/s", script);
    let created = statuses(&world).iter().filter(|it| **it == Status::Created).count();
    assert_eq!((created, stop), (1_000, None));
    assert!(world.now <= SETTLE + Duration::from_secs(21), "{:?}", world.now);
}

#[test]
fn what_was_left_open_and_hangs_on_what_was_refused_is_in_doubt_once() {
    let mut plan = plan(&[0, 1, 0]);
    plan.dependencies[0].needs = Needs::Success;
    plan.known = vec![(0, Known::Settled(Status::Rejected)), (2, Known::Open(FRESH))];
    let mut next = |_, _| (Meaning::Done, 10);
    let script =
        Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: Some(1) };
    let (world, _) = play(&plan, Kind::Real, "1/s", script);
    let told: Vec<_> = world.results.iter().map(|(task, it)| (*task, it.status)).collect();
    assert_eq!(told, [(1, Status::Updated), (2, Status::InDoubt)]);
    assert_eq!(world.left_open, BTreeMap::new());
}

#[test]
fn rows_that_are_told_in_doubt_without_a_call_count_as_gone_wrong() {
    let aged = Known::Open(Carried { aged: true, ..FRESH });
    let known = vec![(0, aged), (1, aged), (2, aged)];
    let with = Settings { errors_max: Some(2), ..settings(Kind::Real) };
    let mut next = |_, _| (Meaning::Done, 10);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let plan = Plan { known, ..plan(&[0, 1, 2, 3]) };
    let (world, stop) = play_with(&plan, with, "1/s", script);
    assert_eq!((statuses(&world), stop), (vec![Status::InDoubt; 2], Some(Stop::Errors)));
    assert_eq!((world.sent.len(), world.left_open.len()), (0, 1));
}

#[test]
fn rows_into_which_doubt_is_carried_count_as_gone_wrong() {
    let mut plan = plan(&[0, 0, 1, 2, 2]);
    plan.known = vec![(1, Known::Open(FRESH))];
    let with = Settings { errors_max: Some(2), concurrency: 64, ..settings(Kind::Real) };
    // The first is in doubt after its fourth call, while the third is under way.
    let mut next = |_, task| if task == 0 { (Meaning::Lost, 10) } else { (Meaning::Done, 200_000) };
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play_with(&plan, with, "1/s", script);
    let told = [Status::InDoubt, Status::InDoubt, Status::Updated, Status::Updated];
    assert_eq!((statuses(&world), stop), (told.to_vec(), Some(Stop::Errors)));
}
