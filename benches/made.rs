//! What is measured: the same rows, plan and answers every time, made anew and never read from anywhere.

#[path = "yardstick/src/rows.rs"]
#[expect(dead_code, reason = "the yardstick needs more of it")]
mod rows;

use std::collections::VecDeque;
use std::error::Error;
use std::time::Duration;

use boxlift::check::Rules;
use boxlift::check::Selection;
use boxlift::check::Strictness;
use boxlift::input;
use boxlift::input::Format;
use boxlift::input::Readings;
use boxlift::input::Source;
use boxlift::model::Action;
use boxlift::model::Answer;
use boxlift::model::Kind;
use boxlift::model::Meaning;
use boxlift::model::Plan;
use boxlift::model::Reply;
use boxlift::model::Task;
use boxlift::pipeline::Batch;
use boxlift::pipeline::Telling;
use boxlift::resources::Version;
use boxlift::resources::mailbox;
use boxlift::run::CallEnd;
use boxlift::run::Command;
use boxlift::run::Core;
use boxlift::run::Entry;
use boxlift::run::Event;
use boxlift::run::Pace;
use boxlift::run::Settings;

/// So many rows, each of all columns.
pub(crate) fn rows(count: u64, format: Format) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    let form = if format == Format::Jsonl { rows::Format::Jsonl } else { rows::Format::Csv };
    rows::write(&mut bytes, count, form, rows::Columns::Wide)?;
    Ok(bytes)
}

/// How cells are read.
pub(crate) fn input_settings() -> input::Settings {
    input::Settings::new(mailbox::columns(&[]))
}

/// What rows are judged by.
pub(crate) fn rules() -> Rules {
    Rules {
        settings: mailbox::Settings::new(Version::default(), Action::Create),
        strictness: Strictness::default(),
        selection: Selection::default(),
    }
}

/// Rows, checked and not needed again.
pub(crate) fn batch(source: Source, format: Format) -> Result<Batch, Box<dyn Error>> {
    let settings = input::Settings { readings: Readings::One, ..input_settings() };
    Ok(Batch::check(source, format, settings, rules(), Telling::default())?)
}

/// So many creates, none of which waits for another.
pub(crate) fn plan(count: u32) -> Plan {
    let task = |row| Task {
        row,
        action: Action::Create,
        lane: row,
        customer: None,
        judged_late: false,
        copies_pin: false,
    };
    Plan { tasks: (0..count).map(task).collect(), ..Plan::default() }
}

/// Lets the core run a plan against a switch that does everything, in a time of its own; gives the number of results.
pub(crate) fn run_core(plan: Plan) -> Result<u32, Box<dyn Error>> {
    let mut pace = Pace::new("1000000/s".parse()?);
    let mut core = Core::new(plan, settings(), &mut pace);
    let (mut now, mut wake, mut results) = (Duration::ZERO, None, 0);
    let mut events = VecDeque::from([Event::Tick]);
    let mut commands = Vec::new();
    loop {
        let event = events.pop_front().unwrap_or(Event::Tick);
        if let (Event::Tick, Some(time)) = (&event, wake.take()) {
            now = time;
        }
        core.handle(now, event, &mut commands);
        for command in commands.drain(..) {
            match command {
                Command::Record(Entry::Intent { task, evidence: _ }) => {
                    events.push_back(Event::Durable { task });
                }
                Command::Record(Entry::Result { .. }) => results += 1,
                Command::Record(Entry::Withdrawn { .. }) | Command::LeaveOpen { .. } => {}
                Command::Call { subject, ask: _ } => {
                    events.push_back(Event::Left { subject, at: now });
                    let elapsed = Duration::from_millis(1);
                    let (reply, absent) = (done(), Vec::new());
                    let end = CallEnd { subject, reply, absent, elapsed, finished_ms: 0 };
                    events.push_back(Event::Replied(end));
                }
                Command::WaitUntil(time) => wake = Some(time),
                Command::Finish => return Ok(results),
            }
        }
    }
}

/// An answer that says that it is done.
pub(crate) fn done() -> Reply {
    Reply { http_status: Some(200), meaning: Meaning::Done, answer: Answer::default() }
}

fn settings() -> Settings {
    Settings {
        kind: Kind::Real,
        concurrency: 16,
        seed: 1,
        settle: Duration::from_secs(60),
        outage_max: Duration::from_secs(600),
        errors_max: None,
        canaries: Settings::CANARIES_DEFAULT,
    }
}
