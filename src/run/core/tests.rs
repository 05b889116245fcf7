//! The core against a made-up switch with a made-up clock: laws that hold whatever comes back, and when.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::Action;
use crate::model::Answer;
use crate::model::Carried;
use crate::model::Dependency;
use crate::model::Likeness;
use crate::model::Meaning;
use crate::model::Needs;
use crate::model::Outcome;
use crate::model::Refusal;
use crate::model::Reply;
use crate::run::CallEnd;

/// What became of a plan.
#[derive(Debug, Default)]
struct World {
    now: Duration,
    /// Calls under way, with the time at which they end.
    open: Vec<(Duration, Subject, Meaning)>,
    results: BTreeMap<u32, Outcome>,
    /// What was said of tasks that were left open.
    left_open: BTreeMap<u32, Outcome>,
    /// When each task's call was sent, in order, and what for.
    sent: Vec<(Duration, u32)>,
    asks: Vec<Ask>,
    /// When each other call was sent.
    others: Vec<Duration>,
    /// Tasks with a call that may have been carried out, as far as anybody could tell.
    lost: HashSet<u32>,
    /// Broken laws.
    wrong: Vec<String>,
    finished: bool,
}

struct Script<'s> {
    /// What comes of the nth call of a task, and after how many milliseconds.
    replies: &'s mut dyn FnMut(usize, u32) -> (Meaning, u64),
    /// What comes of surveys and probes.
    others: Meaning,
    interrupt_after: Option<usize>,
}

const SETTLE: Duration = Duration::from_secs(60);

fn settings(kind: Kind) -> Settings {
    Settings {
        kind,
        concurrency: 4,
        seed: 1,
        settle: SETTLE,
        outage_max: Duration::from_secs(600),
        errors_max: None,
        canaries: 0,
    }
}

fn task(row: u32, lane: u32, action: Action) -> Task {
    Task { row, action, lane, customer: None, judged_late: false, copies_pin: false }
}

/// A plan of updates, each in a lane, each waiting for the one before it there.
fn plan(lanes: &[u32]) -> Plan {
    let tasks: Vec<_> =
        (0..).zip(lanes).map(|(row, lane)| task(row, *lane, Action::Update)).collect();
    let mut last = HashMap::new();
    let mut dependencies = Vec::new();
    for (place, lane) in (0..).zip(lanes) {
        if let Some(on) = last.insert(*lane, place) {
            dependencies.push(Dependency { task: place, on, needs: Needs::Finished });
        }
    }
    Plan { tasks, dependencies, ..Plan::default() }
}

fn reply(meaning: Meaning) -> Reply {
    Reply { http_status: None, meaning, answer: Answer::default() }
}

fn play(plan: &Plan, kind: Kind, rate: &str, script: Script<'_>) -> (World, Option<Stop>) {
    play_with(plan, settings(kind), rate, script)
}

fn play_with(
    plan: &Plan,
    settings: Settings,
    rate: &str,
    mut script: Script<'_>,
) -> (World, Option<Stop>) {
    const STEPS_MAX: usize = 200_000;
    let mut pace = Pace::new(rate.parse().unwrap());
    let mut core = Core::new(plan.clone(), settings, &mut pace);
    let mut world = World::default();
    let mut events = VecDeque::from([Event::Tick]);
    let mut wake = None;
    for _ in 0..STEPS_MAX {
        let Some(event) = events.pop_front() else {
            world.open.sort_by_key(|it| it.0);
            let ends = world.open.first().map(|it| it.0);
            match (wake, ends) {
                (Some(time), ends) if ends.is_none_or(|it| time < it) => {
                    world.now = world.now.max(time);
                    events.push_back(Event::Tick);
                }
                (_, Some(time)) => {
                    world.now = world.now.max(time);
                    let (_, subject, meaning) = world.open.remove(0);
                    events.push_back(Event::Replied(CallEnd {
                        subject,
                        reply: reply(meaning),
                        absent: Vec::new(),
                        elapsed: Duration::from_millis(1),
                        finished_ms: 0,
                    }));
                }
                (_, None) => break,
            }
            continue;
        };
        wake = None;
        let mut commands = Vec::new();
        core.handle(world.now, event, &mut commands);
        for command in commands {
            carry_out(command, &core, &mut world, &mut events, &mut wake, &mut script);
        }
        if world.finished {
            break;
        }
    }
    (world, core.stop())
}

#[expect(clippy::too_many_arguments, reason = "the pieces of one small interpreter")]
#[expect(clippy::too_many_lines, reason = "one arm a command")]
fn carry_out(
    command: Command,
    core: &Core<'_>,
    world: &mut World,
    events: &mut VecDeque<Event>,
    wake: &mut Option<Duration>,
    script: &mut Script<'_>,
) {
    match command {
        Command::Record(Entry::Intent { task, evidence: _ }) => {
            events.push_back(Event::Durable { task });
        }
        Command::LeaveOpen { task, outcome } => {
            if world.left_open.insert(task, outcome).is_some() {
                world.wrong.push(format!("task {task} is left open twice"));
            }
        }
        Command::Call { subject, ask: _ } if !matches!(subject, Subject::Task(_)) => {
            world.others.push(world.now);
            events.push_back(Event::Left { subject, at: world.now });
            world.open.push((
                world.now + Duration::from_millis(10),
                subject,
                script.others.clone(),
            ));
        }
        Command::Record(Entry::Withdrawn { task: _ })
        | Command::Call { subject: Subject::Survey(_) | Subject::Probe(_), ask: _ } => {}
        Command::Record(Entry::Result { task, outcome }) => {
            if world.results.insert(task, outcome).is_some() {
                world.wrong.push(format!("task {task} has two results"));
            }
        }
        Command::Call { subject: Subject::Task(task), ask } => {
            let lane = core.task(task).lane;
            let is_in_lane = |subject: Subject| match subject {
                Subject::Task(other) => core.task(other).lane == lane,
                Subject::Survey(_) | Subject::Probe(_) => false,
            };
            world.asks.push(ask);
            if world.open.iter().any(|(_, other, _)| is_in_lane(*other)) {
                world.wrong.push(format!("two calls in lane {lane}"));
            }
            if world.results.contains_key(&task) {
                world.wrong.push(format!("task {task} sent after its result"));
            }
            let later = world.sent.iter().any(|(_, it)| core.task(*it).lane == lane && *it > task);
            if later {
                world.wrong.push(format!("task {task} sent after a later one of lane {lane}"));
            }
            let in_doubt =
                |it: &(u32, Status)| core.task(it.0).lane == lane && it.1 == Status::InDoubt;
            if world.results.iter().map(|(task, it)| (*task, it.status)).any(|it| in_doubt(&it)) {
                world.wrong.push(format!("task {task} sent into a lane in doubt"));
            }
            let (meaning, after_ms) = (script.replies)(world.sent.len(), task);
            if matches!(meaning, Meaning::Lost | Meaning::NotApi | Meaning::Unclear) {
                world.lost.insert(task);
            }
            world.sent.push((world.now, task));
            let subject = Subject::Task(task);
            events.push_back(Event::Left { subject, at: world.now });
            world.open.push((world.now + Duration::from_millis(after_ms), subject, meaning));
            if script.interrupt_after == Some(world.sent.len()) {
                events.push_back(Event::Interrupted);
            }
        }
        Command::WaitUntil(time) => {
            if time <= world.now {
                world.wrong.push("a wait that is over before it begins".to_owned());
            }
            *wake = Some(time);
        }
        Command::Finish => world.finished = true,
    }
}

/// Every task once, in lanes, some of them creates.
fn any_plan() -> impl Strategy<Value = Plan> {
    let task = (0_u32..60, any::<bool>(), prop::option::of(1_u32..4));
    prop::collection::vec(task, 1..200).prop_map(|tasks| {
        let lanes: Vec<_> = tasks.iter().map(|it| it.0).collect();
        let mut plan = plan(&lanes);
        for (task, (_, creates, customer)) in plan.tasks.iter_mut().zip(tasks) {
            task.action = if creates { Action::Create } else { Action::Update };
            task.customer = customer;
        }
        plan
    })
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
        others in any_meaning(),
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
            prop_assert_eq!(world.results.len(), plan.tasks.len());
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

fn statuses(world: &World) -> Vec<Status> {
    world.results.values().map(|it| it.status).collect()
}

/// Plays a plan of so many tasks in lanes of their own; the replies come after 10 ms each.
fn played(kind: Kind, plan: &Plan, replies: &[Meaning]) -> (World, Option<Stop>) {
    let mut next = |call: usize, _| (replies[call.min(replies.len() - 1)].clone(), 10);
    let others = replies[replies.len() - 1].clone();
    play(plan, kind, "1000/s", Script { replies: &mut next, others, interrupt_after: None })
}

#[test]
fn the_first_call_is_alone_until_it_is_answered() {
    let plan = plan(&(0..20).collect::<Vec<_>>());
    let (world, _) = played(Kind::Real, &plan, &[Meaning::Done]);
    let times: Vec<_> = world.sent.iter().take(2).map(|it| it.0.as_millis()).collect();
    assert_eq!(times, [0, 10]);
}

#[test]
fn nothing_is_sent_after_the_first_401() {
    let plan = plan(&(0..20).collect::<Vec<_>>());
    let (world, stop) = played(Kind::Real, &plan, &[Meaning::Refused(Refusal::Credentials)]);
    assert_eq!((world.sent.len(), stop), (1, Some(Stop::Credentials)));
    let told: Vec<_> = world.left_open.values().map(|it| it.status).collect();
    assert_eq!((statuses(&world), told), (vec![], vec![Status::Rejected]));
}

#[test]
fn a_lost_answer_to_an_update_is_sent_again_after_the_settle_time() {
    let (world, _) = played(Kind::Real, &plan(&[0]), &[Meaning::Lost, Meaning::Done]);
    assert_eq!(world.sent[1].0, world.sent[0].0 + SETTLE + Duration::from_millis(10));
    assert_eq!(statuses(&world), [Status::Updated]);
}

fn create(evidence: Evidence) -> Plan {
    let tasks = vec![task(0, 0, Action::Create)];
    Plan { tasks, evidence: vec![evidence], ..Plan::default() }
}

const ABSENT: Meaning = Meaning::Refused(Refusal::Absent);
const SAME: Meaning = Meaning::Found(Likeness::Same);
const DIFFERENT: Meaning = Meaning::Found(Likeness::Different);

fn exists() -> Meaning {
    Meaning::Refused(Refusal::Parameters { keys: vec!["mailbox".to_owned()] })
}

fn bad_owner() -> Meaning {
    Meaning::Refused(Refusal::Parameters { keys: vec!["owner".to_owned()] })
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
    let script = Script { replies: &mut next, others: Meaning::Done, interrupt_after: None };
    let (world, _) = play(&create(Evidence::None), Kind::Real, "1000/s", script);
    // Sent once, and three times again, each time looked up.
    assert_eq!((world.sent.len(), statuses(&world)), (8, vec![Status::InDoubt]));
}

/// A task that an earlier run left open.
fn left_open(action: Action, carried: Carried) -> Plan {
    let known = vec![(0, Known::Open(carried))];
    Plan { tasks: vec![task(0, 0, action)], known, ..Plan::default() }
}

const FRESH: Carried = Carried { evidence: Evidence::Absent, aged: false, edited: false };

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
fn a_rehearsal_that_was_carried_out_stops_the_run_and_is_told_as_done() {
    let (world, stop) = played(Kind::Rehearsal, &plan(&[0, 1]), &[Meaning::Done]);
    assert_eq!((statuses(&world), stop), (vec![Status::Updated], Some(Stop::Executed)));
}

#[test]
fn a_rehearsal_that_hangs_on_an_earlier_row_is_accepted() {
    let mut plan = plan(&[0, 0]);
    plan.tasks[1].judged_late = true;
    let replies = [Meaning::Passed, Meaning::Refused(Refusal::Absent)];
    let (world, _) = played(Kind::Rehearsal, &plan, &replies);
    let last = world.results[&1].clone();
    let key = last.detail.map(|it| it.key.clone());
    assert_eq!((last.status, key.as_deref()), (Status::Accepted, Some("depends")));
}

#[test]
fn a_role_that_is_refused_once_is_not_tried_again_for_that_kind_of_call() {
    let mut plan = plan(&[0, 1, 2]);
    plan.tasks[2].action = Action::Create;
    let replies = [Meaning::Refused(Refusal::Role), Meaning::Done];
    let (world, _) = played(Kind::Real, &plan, &replies);
    assert_eq!(statuses(&world), [Status::Rejected, Status::NotSent, Status::Created]);
}

#[test]
fn an_interrupted_run_awaits_what_is_under_way_and_starts_nothing() {
    let plan = plan(&(0..20).collect::<Vec<_>>());
    let mut next = |_, _| (Meaning::Done, 50);
    let script = Script { replies: &mut next, others: Meaning::Done, interrupt_after: Some(5) };
    let (world, stop) = play(&plan, Kind::Real, "1000/s", script);
    assert_eq!(stop, Some(Stop::Interrupted));
    assert_eq!(world.results.len(), world.sent.len());
    assert!(world.sent.len() <= 5);
}

#[test]
fn a_wave_of_busy_answers_is_one_round_of_waiting() {
    let plan = plan(&(0..200).collect::<Vec<_>>());
    let mut next = |call: usize, _| {
        let busy = (1..5).contains(&call);
        (if busy { Meaning::Busy { wait: None } } else { Meaning::Done }, 10)
    };
    let script = Script { replies: &mut next, others: Meaning::Done, interrupt_after: None };
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
    let script = Script { replies: &mut next, others: ABSENT, interrupt_after: None };
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
fn no_more_rows_go_wrong_than_may_with_many_under_way() {
    let plan = plan(&(0..400).collect::<Vec<_>>());
    let with = Settings { concurrency: 64, errors_max: Some(10), ..settings(Kind::Real) };
    let mut next = |call: usize, _| (if call < 70 { Meaning::Done } else { bad_owner() }, 50);
    let script = Script { replies: &mut next, others: Meaning::Done, interrupt_after: None };
    let (world, stop) = play_with(&plan, with, "1000000/s", script);
    let wrong = statuses(&world).iter().filter(|it| **it == Status::Rejected).count();
    assert_eq!((wrong, world.sent.len(), stop), (10, 80, Some(Stop::Errors)));
}

#[test]
fn first_rows_that_are_all_refused_stop_the_run() {
    let plan = plan(&(0..400).collect::<Vec<_>>());
    let with = Settings { concurrency: 64, canaries: 20, ..settings(Kind::Real) };
    let mut next = |_, _| (bad_owner(), 50);
    let script = Script { replies: &mut next, others: Meaning::Done, interrupt_after: None };
    let (world, stop) = play_with(&plan, with, "1000000/s", script);
    assert_eq!((world.sent.len(), stop), (20, Some(Stop::Canary)));
}

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
    let script = Script { replies: &mut next, others: Meaning::Done, interrupt_after: None };
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
    let script = Script { replies: &mut next, others: Meaning::Done, interrupt_after: None };
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
fn what_an_earlier_run_began_is_never_told_untried() {
    let mut plan = plan(&[0, 0]);
    plan.known = vec![(1, Known::Open(FRESH))];
    let (world, _) = played(Kind::Real, &plan, &[Meaning::Lost]);
    assert_eq!(statuses(&world), [Status::InDoubt, Status::InDoubt]);
}
