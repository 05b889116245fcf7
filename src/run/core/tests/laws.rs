//! Laws that hold whatever comes back, and when.

use proptest::prelude::*;

use super::*;

/// Every task once, in lanes, some of them creates, some with what an earlier run left.
fn any_plan() -> impl Strategy<Value = Plan> {
    let known = prop::option::weighted(0.3, any_known());
    let task = (0_u32..60, any::<bool>(), prop::option::of(1_u32..4), known);
    prop::collection::vec(task, 1..200).prop_map(|tasks| {
        let lanes: Vec<_> = tasks.iter().map(|it| it.0).collect();
        let mut plan = plan(&lanes);
        for (place, (_, creates, customer, known)) in (0..).zip(tasks) {
            let task = &mut plan.tasks[place as usize];
            task.action = if creates { Action::Create } else { Action::Update };
            task.customer = customer;
            plan.known.extend(known.map(|it| (place, it)));
        }
        plan
    })
}

fn any_known() -> impl Strategy<Value = Known> {
    let status = [Status::Updated, Status::Rejected, Status::InDoubt, Status::Accepted];
    prop_oneof![
        4 => prop::sample::select(status.to_vec()).prop_map(Known::Settled),
        1 => Just(Known::Open(FRESH)),
    ]
}

fn any_meaning() -> impl Strategy<Value = Meaning> {
    let keys = vec!["pin".to_owned()];
    prop_oneof![
        6 => Just(Meaning::Done),
        2 => Just(Meaning::Refused(Refusal::Parameters { keys })),
        1 => Just(Meaning::Refused(Refusal::Absent)),
        1 => Just(Meaning::Refused(Refusal::RatePlan)),
        1 => Just(Meaning::Refused(Refusal::Role)),
        1 => Just(Meaning::Passed),
        1 => Just(Meaning::Busy { wait: None }),
        1 => Just(Meaning::Busy { wait: Some(Duration::from_secs(3)) }),
        1 => Just(Meaning::Unavailable { wait: Some(Duration::from_secs(1)) }),
        2 => Just(Meaning::NotSent),
        2 => Just(Meaning::Lost),
        1 => Just(Meaning::Found(Likeness::Same)),
        1 => Just(Meaning::NotApi),
        1 => Just(Meaning::Unclear),
    ]
}

proptest! {
    #[test]
    fn every_task_has_at_most_one_result_and_exactly_one_unless_the_run_stopped(
        plan in any_plan(),
        replies in prop::collection::vec((any_meaning(), 1_u64..400), 1..40),
        others in (any_meaning(), 1_u64..400),
        interrupt_after in prop::option::of(1_usize..50),
        per_second in 1_u32..300,
        is_real in any::<bool>(),
    ) {
        let mut next = |call: usize, _| replies[call % replies.len()].clone();
        let script = Script { replies: &mut next, others, interrupt_after };
        let kind = if is_real { Kind::Real } else { Kind::Rehearsal };
        let (world, stop) = play(&plan, kind, &format!("{per_second}/s"), script);
        prop_assert_eq!(&world.wrong, &Vec::<String>::new());
        prop_assert!(world.finished, "the run never ended");
        if stop.is_none() {
            prop_assert_eq!(world.results.len() + plan.known_results(), plan.tasks.len());
        }
        for (first, (time, _)) in world.sent.iter().enumerate() {
            let window = world.sent[first..].iter().take_while(|it| it.0 < *time + Duration::from_secs(1));
            prop_assert!(window.count() <= per_second as usize);
        }
        for (task, outcome) in &world.results {
            let called = world.sent.iter().any(|it| it.1 == *task);
            let lost = world.lost.contains(task);
            let action = plan.tasks[*task as usize].action;
            prop_assert!(!(lost && is_real) || may_be_told_of_a_lost_call(action, outcome.status));
            prop_assert_eq!(outcome.attempts > 0, called);
        }
    }
}

/// What may be said of a real call whose answer was lost, once. A create can be looked up, and then be known for not done.
fn may_be_told_of_a_lost_call(action: Action, status: Status) -> bool {
    match action {
        Action::Create => {
            let known = [Status::Created, Status::InDoubt, Status::Conflict, Status::Rejected];
            known.contains(&status)
        }
        Action::Update => matches!(status, Status::InDoubt | Status::Updated),
    }
}
