//! A switch in trouble, rows that go wrong: when everybody waits, and when the run stops.

use super::*;

#[test]
fn a_busy_switch_holds_everybody_for_as_long_as_it_says() {
    let busy = Meaning::Busy { wait: Some(Duration::from_secs(30)) };
    let plan = plan(&[0, 1, 2]);
    let (world, _) = played(Kind::Real, &plan, &[Meaning::Done, busy, Meaning::Done]);
    let held = world.sent.iter().skip(2).map(|it| it.0.as_secs()).min();
    assert_eq!(statuses(&world), [Status::Updated; 3]);
    // The third call left beside the second, before anybody knew.
    assert_eq!((held, world.sent.last().map(|it| it.0.as_secs())), (Some(0), Some(30)));
}

#[test]
fn a_switch_that_is_never_reached_is_given_up_after_ten_seconds() {
    let (world, stop) = played(Kind::Real, &plan(&[0, 1]), &[Meaning::NotSent]);
    assert_eq!((world.now.as_secs(), stop), (10, Some(Stop::Unreachable)));
    assert_eq!((world.sent.len(), &world.results), (1, &BTreeMap::new()));
}

#[test]
fn three_answers_in_a_row_that_are_not_the_apis_stop_the_run() {
    let plan = plan(&(0..20).collect::<Vec<_>>());
    let (world, stop) = played(Kind::Real, &plan, &[Meaning::NotApi]);
    assert_eq!((world.sent.len(), stop), (3, Some(Stop::NotTheApi)));
    let told: Vec<_> = world.left_open.values().map(|it| it.status).collect();
    assert_eq!((statuses(&world), told), (vec![], vec![Status::InDoubt; 3]));
}

#[test]
fn a_wave_of_busy_answers_is_one_round_of_waiting() {
    let plan = plan(&(0..200).collect::<Vec<_>>());
    let mut next = |call: usize, _| {
        let busy = (1..5).contains(&call);
        (if busy { Meaning::Busy { wait: None } } else { Meaning::Done }, 10)
    };
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play(&plan, Kind::Real, "1000/s", script);
    assert_eq!((stop, statuses(&world)), (None, vec![Status::Updated; 200]));
    // One wait of at most a second.
    assert!(world.now < Duration::from_secs(2), "{:?}", world.now);
}

#[test]
fn a_switch_that_only_says_later_is_given_up_in_the_end() {
    let busy = Meaning::Busy { wait: Some(Duration::from_secs(3600)) };
    let (world, stop) = played(Kind::Real, &plan(&[0]), &[busy]);
    assert_eq!((world.sent.len(), stop), (5, Some(Stop::Busy)));
    assert_eq!(world.left_open[&0].status, Status::NotSent);
}

#[test]
fn a_switch_that_was_reached_before_is_waited_for_ten_minutes() {
    let plan = plan(&[0, 0]);
    let (world, stop) = played(Kind::Real, &plan, &[Meaning::Done, Meaning::NotSent]);
    assert_eq!((world.now.as_secs(), stop), (600, Some(Stop::Unreachable)));
}

#[test]
fn calls_that_are_not_answered_five_times_in_a_row_pause_the_run_until_a_probe_is() {
    let plan = plan(&(0..40).collect::<Vec<_>>());
    let mut next =
        |call: usize, _| (if (1..8).contains(&call) { Meaning::Lost } else { Meaning::Done }, 10);
    let script = Script { replies: &mut next, others: (ABSENT, 10), interrupt_after: None };
    let (world, stop) = play(&plan, Kind::Real, "1000/s", script);
    assert_eq!((stop, statuses(&world)), (None, vec![Status::Updated; 40]));
    let before = world.sent.iter().filter(|it| it.0 < world.others[0]).map(|it| it.0).max();
    let pause = world.others[0].saturating_sub(before.unwrap_or_default());
    assert!((5..=10).contains(&pause.as_secs()), "{pause:?}");
}

#[test]
fn a_switch_that_stays_broken_is_given_up_and_its_rows_are_left_open() {
    let plan = plan(&(0..40).collect::<Vec<_>>());
    let (world, stop) = played(Kind::Real, &plan, &[Meaning::Done, Meaning::Unclear]);
    assert_eq!((stop, world.now.as_secs()), (Some(Stop::Uncertain), 600));
    assert_eq!(statuses(&world), [Status::Updated]);
    let told: Vec<_> = world.left_open.values().map(|it| it.status).collect();
    assert!((5..=8).contains(&told.len()) && told.iter().all(|it| *it == Status::InDoubt));
    // Probes come further and further apart.
    assert!(world.others.len() < 20, "{}", world.others.len());
}

#[test]
fn a_switch_that_swallows_every_call_is_probed_by_one_call_at_a_time_and_given_up() {
    let plan = plan(&(0..40).collect::<Vec<_>>());
    // Every connection times out after as long, so that stragglers are heard while a probe is under way.
    let mut next =
        |call: usize, _| if call < 2 { (Meaning::Done, 10) } else { (Meaning::NotSent, 5000) };
    let script =
        Script { replies: &mut next, others: (Meaning::NotSent, 5000), interrupt_after: None };
    let (world, stop) = play(&plan, Kind::Real, "3/s", script);
    let stopped_after = Duration::from_secs(600)..Duration::from_secs(640);
    assert_eq!((stop, world.finished), (Some(Stop::Unreachable), true));
    assert!(stopped_after.contains(&world.now), "{:?}", world.now);
    let apart = world.others.windows(2).map(|it| it[1].saturating_sub(it[0])).min();
    assert!(apart > Some(Duration::from_secs(5)), "{apart:?} apart");
}

#[test]
fn no_more_rows_go_wrong_than_may_with_many_under_way() {
    let plan = plan(&(0..400).collect::<Vec<_>>());
    let with = Settings { concurrency: 64, errors_max: Some(10), ..settings(Kind::Real) };
    let mut next = |call: usize, _| (if call < 70 { Meaning::Done } else { bad_owner() }, 50);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play_with(&plan, with, "1000000/s", script);
    let wrong = statuses(&world).iter().filter(|it| **it == Status::Rejected).count();
    assert_eq!((wrong, world.sent.len(), stop), (10, 80, Some(Stop::Errors)));
}

#[test]
fn first_rows_that_are_all_refused_stop_the_run() {
    let plan = plan(&(0..400).collect::<Vec<_>>());
    let with = Settings { concurrency: 64, canaries: 20, ..settings(Kind::Real) };
    let mut next = |_, _| (bad_owner(), 50);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play_with(&plan, with, "1000000/s", script);
    assert_eq!((world.sent.len(), stop), (20, Some(Stop::Canary)));
}

#[test]
fn rows_that_are_freed_while_no_row_may_begin_have_no_intents() {
    let mut plan = plan(&(0..600).collect::<Vec<_>>());
    let waits = |task| Dependency { task, on: 0, needs: Needs::Success };
    plan.dependencies = (1..600).map(waits).collect();
    let with = Settings { errors_max: Some(1), ..settings(Kind::Real) };
    let mut next = |_, _| (Meaning::Done, 10);
    let script = Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: None };
    let (world, stop) = play_with(&plan, with, "1000000/s", script);
    assert_eq!((&world.wrong[..], stop), (&[][..], None));
    assert_eq!(statuses(&world), [Status::Updated; 600]);
}

#[test]
fn a_switch_that_cannot_list_is_not_asked_to_a_third_time() {
    let mut plan = plan(&(0..3).collect::<Vec<_>>());
    plan.surveys = (0..6).map(Some).collect();
    for meaning in [Meaning::NotApi, Meaning::Unclear] {
        let mut next = |_, _| (Meaning::Done, 10);
        let script = Script { replies: &mut next, others: (meaning, 10), interrupt_after: None };
        let (world, stop) = play(&plan, Kind::Real, "1000/s", script);
        assert_eq!((stop, world.others.len()), (None, 2));
        assert_eq!(statuses(&world), [Status::Updated; 3]);
    }
}

#[test]
fn every_customer_is_listed_though_lists_are_lost_and_one_is_asked_for_again_as_a_probe() {
    let mut plan = plan(&[0]);
    plan.surveys = (0..6).map(Some).collect();
    let mut pace = Pace::new("1000/s".parse().unwrap());
    let mut core = Core::new(plan, settings(Kind::Real), &mut pace);
    let mut now = Duration::ZERO;
    let mut listed = Vec::new();
    let mut commands = Vec::new();
    core.handle(now, Event::Tick, &mut commands);
    while let Some(command) = commands.pop() {
        commands.clear();
        let event = match command {
            Command::Call { subject: subject @ Subject::Survey(survey), ask: _ } => {
                listed.push(survey);
                let meaning = if listed.len() > 5 { SAME } else { Meaning::Lost };
                let absent = Vec::new();
                let elapsed = Duration::ZERO;
                let reply = reply(meaning);
                Event::Replied(CallEnd { subject, reply, absent, elapsed, finished_ms: 0 })
            }
            Command::WaitUntil(time) => {
                now = time;
                Event::Tick
            }
            _ => break,
        };
        core.handle(now, event, &mut commands);
    }
    assert_eq!(listed, [0, 1, 2, 3, 4, 4, 5]);
}
