//! A journal that is slow: how much the switch may have answered by the time at which it is heard of again.

use super::*;
use crate::run::results_open_max;

/// Most results that are not durable at any time, where the journal only goes on once nothing else can.
fn most_open(
    plan: &Plan,
    settings: Settings,
    rate: &str,
    mut answer: impl FnMut(Subject) -> Meaning,
) -> usize {
    const STEPS_MAX: usize = 200_000;
    let mut pace = Pace::new(rate.parse().unwrap());
    let mut core = Core::new(plan.clone(), settings, &mut pace);
    let mut events = VecDeque::from([Event::Tick]);
    let (mut writing, mut asked) = (Vec::new(), Vec::new());
    let (mut now, mut wake, mut most) = (Duration::ZERO, None, 0);
    for _ in 0..STEPS_MAX {
        let Some(event) = events.pop_front() else {
            if let Some(time) = wake.take() {
                now = time;
                events.push_back(Event::Tick);
                continue;
            }
            for entry in std::mem::replace(&mut writing, std::mem::take(&mut asked)) {
                if let Entry::Intent { task, evidence: _ } = entry {
                    events.push_back(Event::Durable { task });
                }
            }
            assert!(!events.is_empty() || !writing.is_empty(), "the run waits for nothing");
            continue;
        };
        let mut commands = Vec::new();
        core.handle(now, event, &mut commands);
        for command in commands {
            match command {
                Command::Record(entry) => asked.push(entry),
                Command::Call { subject, ask: _ } => {
                    let reply = reply(answer(subject));
                    let elapsed = Duration::from_millis(1);
                    let end = CallEnd { subject, reply, absent: vec![], elapsed, finished_ms: 0 };
                    events.extend([Event::Left { subject, at: now }, Event::Replied(end)]);
                }
                Command::WaitUntil(time) => wake = Some(time),
                Command::LeaveOpen { .. } => {}
                Command::Finish => return most,
            }
        }
        let is_result = |it: &&Entry| matches!(it, Entry::Result { .. });
        most = most.max(writing.iter().chain(&asked).filter(is_result).count());
    }
    panic!("it never ended")
}

/// Holds the open results of a run against the room that is kept for them.
fn holds(plan: &Plan, settings: Settings, rate: &str, answer: impl FnMut(Subject) -> Meaning) {
    let most = most_open(plan, settings, rate, answer);
    let room = results_open_max(rate.parse().unwrap(), settings.concurrency);
    assert!(most <= room, "{most} results at {rate}, room for {room}");
    assert!(most >= room / 3, "{most} results at {rate}: room for {room} is too much");
}

#[test]
fn no_more_results_wait_for_a_slow_journal_than_room_is_kept_for() {
    for (rate, concurrency) in [("10/s", 1), ("1000/s", 1), ("1000000/s", 4), ("1000000/s", 64)] {
        let settings = Settings { concurrency, ..settings(Kind::Real) };
        holds(&plan(&(0..2_000).collect::<Vec<_>>()), settings, rate, |_| Meaning::Done);
    }
}

#[test]
fn that_holds_where_rows_that_may_not_begin_yet_wait_for_those_of_an_earlier_run() {
    const BEGUN: u32 = 500;
    let mut plan = plan(&(0..2_000).collect::<Vec<_>>());
    plan.known = (BEGUN..2_000).map(|it| (it, Known::Open(FRESH))).collect();
    let errors_max = Some(5);
    let settings = Settings { errors_max, canaries: 20, concurrency: 1, ..settings(Kind::Real) };
    let mut lost = HashSet::new();
    holds(&plan, settings, "1000/s", |subject| match subject {
        Subject::Task(task) if task < BEGUN && task % 2 == 1 && lost.insert(task) => Meaning::Lost,
        _done => Meaning::Done,
    });
}
