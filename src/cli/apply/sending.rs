//! The part of `apply` that waits: the switch, signals, progress, and one or two passes over the plan.

use std::io::IsTerminal;

use tokio::runtime::Builder;
use tokio::time::Instant;

use super::Args;
use super::Job;
use super::Mode;
use super::resumption;
use crate::cli;
use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::clock;
use crate::cli::connection::Login;
use crate::cli::screen;
use crate::cli::signals;
use crate::cli::signals::Signals;
use crate::journal::Ended;
use crate::journal::Kept;
use crate::journal::Left;
use crate::journal::NewJob;
use crate::journal::Refused;
use crate::model::Kind;
use crate::model::Misconfiguration;
use crate::model::Plan;
use crate::model::Secret;
use crate::pipeline;
use crate::pipeline::Begun;
use crate::pipeline::Keeping;
use crate::pipeline::Results;
use crate::pipeline::Standing;
use crate::pipeline::Tools;
use crate::progress;
use crate::progress::Progress;
use crate::resources::Version;
use crate::run::Pace;
use crate::run::Past;
use crate::run::Stop;
use crate::sandbox;
use crate::sandbox::Sandbox;
use crate::switch::ApiUrl;
use crate::switch::Client;
use crate::switch::ClientSettings;
use crate::switch::Plaintext;

/// The switch that a run is for.
pub(super) enum Far {
    /// One that is there already.
    Away(Login),
    /// One of this process alone, gone with it.
    Embedded {
        /// The login that it made up.
        login: Login,
        /// Held as long as it is to run.
        _switch: Sandbox,
    },
}

impl Far {
    /// An embedded switch on which every customer and every owner exists, and the login it made up.
    pub(super) fn embedded(version: Version) -> Result<Self, Failure> {
        let version = cli::sandbox::version(version);
        let options =
            sandbox::Options { open: true, version, ..sandbox::Options::new(clock::seed()) };
        let sandbox = sandbox::start_on_thread(options)?;
        let url = ApiUrl::parse(&sandbox.url, Plaintext::Refused)
            .map_err(|error| Failure::bug(error.to_string()))?;
        let username = sandbox.username.clone();
        let password = Secret::new(sandbox.password.as_str());
        Ok(Self::Embedded { login: Login { url, username, password }, _switch: sandbox })
    }

    /// Where it is, and who asks.
    pub(super) fn login(&self) -> &Login {
        match self {
            Self::Away(login) | Self::Embedded { login, _switch: _ } => login,
        }
    }
}

/// What came of sending, besides results.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// It stopped before all rows had their result; the journal knows how to go on.
    pub stopped: bool,
    /// The journal holds the job to its end: reports can be made from it again.
    pub is_kept: bool,
    /// What speaks against success.
    pub reasons: Vec<Exit>,
}

/// Why nothing was sent after a dry run.
const UNPASSED: &str = "the dry run did not pass";

/// Why rows were not sent by a run that stopped.
fn since(stop: Stop) -> String {
    format!("the run stopped since {}", stop.as_str())
}

/// How far the passes came.
#[derive(Clone, Copy)]
enum Course {
    /// To the end of the last one.
    Through,
    /// To the end of the dry run, which not every row passed.
    Unpassed,
    /// Not to the end.
    Stopped(Stop),
}

impl Course {
    /// What the journal is told, if it can be: also why rows without a result were not sent.
    fn ending(self, kept: &Kept, begun: &Begun) -> (String, Left) {
        let (how, left) = match self {
            Self::Through if kept.is_over => {
                ("its last results could not be kept", Left::Something)
            }
            Self::Through if begun.unsent_open > 0 => (
                "it ran to its end, but for rows that may be done and were not sent",
                Left::Something,
            ),
            Self::Through => ("it ran to its end", Left::Nothing),
            Self::Unpassed => (UNPASSED, Left::Something),
            Self::Stopped(stop) => return (since(stop), Left::Something),
        };
        (how.to_owned(), left)
    }
}

/// Sends the plan as the mode says.
pub(super) fn send(
    job: &Job<'_>,
    (mut plan, results): (Plan, &mut Results),
    far: &Far,
    mut standing: Standing,
) -> Result<Sent, Failure> {
    let rate = job.args.run.rate;
    let past = match far {
        Far::Away(_) => pipeline::past(&standing.journal, rate.window(), clock::wall_ms())?,
        Far::Embedded { .. } => Past::default(),
    };
    // What can go wrong does so before the job begins: an empty one would hide the one before it.
    let client = client(job.args, far.login())?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::of_runtime(&error))?;
    let mut signals = runtime.block_on(async { signals::listen() })?;
    let begun = job.batch.begin(&mut standing, &mut plan, results);
    let begun = begun.map_err(|it| Failure::about(&job.batch.name, it))?;
    let told = resumption::told(&begun, &job.batch);
    if !job.args.output.quiet || begun.gone.rows > 0 {
        screen::tell(&told);
    }
    let Standing { journal, keys, new, resumption: _ } = standing;
    let NewJob { url, username, verifier, began_ms: at_ms, .. } = new;
    let kind = job.args.mode().kind();
    let (complete, prepared) = pipeline::preparing(&job.batch, keys, kind, begun.edited_open());
    let mut keeping = Keeping {
        writer: journal.writer(begun.job, complete)?,
        prepared,
        kind,
        credentials: Refused { url, username, verifier, at_ms },
        wall_ms: clock::wall_ms,
    };
    let pace = Pace::after(rate, &past);
    let tools = (pace, &mut keeping);
    let sent = runtime.block_on(passes(job, (plan, &mut *results), (&client, &mut signals), tools));
    // Nobody waits for a name server that does not answer.
    runtime.shutdown_background();
    let (journal, kept) = keeping.writer.close();
    let (course, mut reasons) = sent?;
    let (how, left) = course.ending(&kept, &begun);
    let mut failure = kept.failure.as_ref().map(|it| (it.to_string(), it.help()));
    if let Some(mut journal) = journal {
        let ended = Ended { at_ms: clock::wall_ms(), how, left };
        let said = journal.tell(begun.job, &mut results.said());
        failure = failure.or(said.err().map(|it| (it.to_string(), it.help())));
        let said = journal.end(begun.job, &ended);
        failure = failure.or(said.err().map(|it| (it.to_string(), it.help())));
    }
    let is_kept = failure.is_none();
    if let Some((message, help)) = failure {
        screen::tell_line(&Failure::files(message, help).to_string());
        reasons.push(Exit::Files);
    }
    let stopped = match course {
        // Their rows alone would be sent as if nothing were known of them.
        Course::Unpassed => begun.open + begun.unsent_open > 0,
        Course::Through | Course::Stopped(_) => left == Left::Something,
    };
    Ok(Sent { stopped: stopped && matches!(far, Far::Away(_)), is_kept, reasons })
}

async fn passes(
    job: &Job<'_>,
    (mut plan, results): (Plan, &mut Results),
    (client, signals): (&Client, &mut Signals),
    (pace, keeping): (Pace, &mut Keeping),
) -> Result<(Course, Vec<Exit>), Failure> {
    let Job { args, batch } = job;
    let mut progress = Progress::new(place(args));
    let mut tools = Tools {
        client,
        pace,
        start: Instant::now(),
        settings: &|rows, kind| args.run.settings(rows, kind),
        watch: &mut |notice| progress.show(notice),
        interrupts: &mut signals.interrupts,
        keeping,
    };
    let mut unpassed = None;
    if args.mode() == Mode::ValidateFirst {
        let rehearsed = plan.clone().to_be_rehearsed();
        let pass = pipeline::pass(batch, rehearsed, Kind::Rehearsal, results, &mut tools).await;
        if pass.stop.is_none() && pass.all_done {
            plan.evidence = results.rehearsed(&plan);
            results.forget_accepted();
        } else {
            let why = pass.stop.map_or(UNPASSED.to_owned(), since);
            results.take_back_accepted(&format!("not sent: {why}"));
            results.leave_in_doubt(&plan, UNPASSED);
            unpassed = Some(pass);
        }
    }
    let (ended, course) = if let Some(pass) = unpassed {
        (pass, Course::Unpassed)
    } else {
        let pass = pipeline::pass(batch, plan, args.mode().kind(), results, &mut tools).await;
        (pass, Course::Through)
    };
    let Some(stop) = ended.stop else { return Ok((course, Vec::new())) };
    let why = ended.why.map_or(stop.as_str().to_owned(), |it| format!("{}: {it}", stop.as_str()));
    screen::tell_line(&format!("stopped: {why}\n  help: {}", help(stop)));
    results.give_up_the_rest(&format!("not sent: {}", since(stop)));
    Ok((Course::Stopped(stop), vec![Exit::of_stop(stop, signals.terminated())]))
}

fn client(args: &Args, login: &Login) -> Result<Client, Failure> {
    let Login { url, username, password } = login;
    Ok(Client::new(ClientSettings {
        url: url.clone(),
        username: username.clone(),
        password: password.clone(),
        ca_file: args.connection.ca_file.clone(),
        timeout: args.connection.timeout,
        connections: usize::from(args.run.concurrency),
    })?)
}

fn place(args: &Args) -> progress::Place {
    if args.output.quiet {
        progress::Place::Quiet
    } else if std::io::stderr().is_terminal() {
        progress::Place::Terminal
    } else {
        progress::Place::Log
    }
}

/// What to do about a run that stopped.
fn help(stop: Stop) -> &'static str {
    match stop {
        Stop::Credentials => {
            "check --username and the password; trying again and again may lock the login"
        }
        Stop::Interrupted => "the report says which rows are done",
        Stop::Unreachable => "check --url, the network and whether the switch is up",
        Stop::NotTheApi => "check --url; the switch may be in maintenance, or a proxy answers",
        Stop::Uncertain => "look at the switch's health before the next try, and at rows in doubt",
        Stop::Busy => "lower --rate, or come back later",
        Stop::Executed => "look at that mailbox: do not rehearse on this switch again",
        Stop::Unasked => "look at that mailbox; this switch does not do what its API says",
        Stop::Misconfigured(Misconfiguration::Redirect) => {
            "check --url: give the API's own address"
        }
        Stop::Misconfigured(Misconfiguration::Certificate) => {
            "check --url and --ca-file; nothing is sent to a switch that cannot prove who it is"
        }
        Stop::Errors => "look at the report before more rows go wrong; --max-errors allows more",
        Stop::Canary => "look at the report; --canary 0 goes on whatever the first rows come to",
        Stop::Journal => {
            "make room, or name another place with --journal, then go on with --resume"
        }
        Stop::Input => {
            "leave the file alone while it is in use; the report says which rows are done"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_whose_last_results_were_lost_is_not_finished() {
        let lost = Kept { is_over: true, ..Kept::default() };
        let begun = Begun::default();
        assert_eq!(Course::Through.ending(&Kept::default(), &begun).1, Left::Nothing);
        assert_eq!(Course::Through.ending(&lost, &begun).1, Left::Something);
        let stopped = Course::Stopped(Stop::Journal);
        let how = "the run stopped since the journal could not be written".to_owned();
        assert_eq!(stopped.ending(&lost, &begun), (how, Left::Something));
    }
}
