//! The core against a made-up switch with a made-up clock: laws that hold whatever comes back, and when.

mod carried;
mod laws;
mod lost;
mod outages;
mod stalled;
mod turned;

use std::collections::BTreeMap;

use super::*;
use crate::model::Action;
use crate::model::Answer;
use crate::model::Ask;
use crate::model::Carried;
use crate::model::Dependency;
use crate::model::Likeness;
use crate::model::Meaning;
use crate::model::Needs;
use crate::model::Outcome;
use crate::model::Refusal;
use crate::model::Reply;
use crate::run::CallEnd;
use sending::INTENTS_AHEAD_MAX;

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
    /// Tasks whose intents were recorded, and of which no call was sent yet.
    ahead: HashSet<u32>,
    /// Broken laws.
    wrong: Vec<String>,
    finished: bool,
}

struct Script<'s> {
    /// What comes of the nth call of a task, and after how many milliseconds.
    replies: &'s mut dyn FnMut(usize, u32) -> (Meaning, u64),
    /// What comes of surveys and probes, and after how many milliseconds.
    others: (Meaning, u64),
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
        if world.ahead.len() > INTENTS_AHEAD_MAX + settings.concurrency {
            world.wrong.push(format!("{} intents ahead", world.ahead.len()));
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
            if !world.sent.iter().any(|it| it.1 == task) {
                world.ahead.insert(task);
            }
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
            let (meaning, after_ms) = script.others.clone();
            world.open.push((world.now + Duration::from_millis(after_ms), subject, meaning));
        }
        Command::Call { subject: Subject::Survey(_) | Subject::Probe(_), ask: _ } => {}
        Command::Record(Entry::Withdrawn { task }) => {
            world.ahead.remove(&task);
        }
        Command::Record(Entry::Result { task, outcome }) => {
            world.ahead.remove(&task);
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
            world.ahead.remove(&task);
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

fn statuses(world: &World) -> Vec<Status> {
    world.results.values().map(|it| it.status).collect()
}

/// Plays a plan of so many tasks in lanes of their own; the replies come after 10 ms each.
fn played(kind: Kind, plan: &Plan, replies: &[Meaning]) -> (World, Option<Stop>) {
    let mut next = |call: usize, _| (replies[call.min(replies.len() - 1)].clone(), 10);
    let others = (replies[replies.len() - 1].clone(), 10);
    play(plan, kind, "1000/s", Script { replies: &mut next, others, interrupt_after: None })
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

/// A task that an earlier run left open.
fn left_open(action: Action, carried: Carried) -> Plan {
    let known = vec![(0, Known::Open(carried))];
    Plan { tasks: vec![task(0, 0, action)], known, ..Plan::default() }
}

const FRESH: Carried = Carried { evidence: Evidence::Absent, aged: false, edited: false };

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
    let script =
        Script { replies: &mut next, others: (Meaning::Done, 10), interrupt_after: Some(5) };
    let (world, stop) = play(&plan, Kind::Real, "1000/s", script);
    assert_eq!(stop, Some(Stop::Interrupted));
    assert_eq!(world.results.len(), world.sent.len());
    assert!(world.sent.len() <= 5);
}
