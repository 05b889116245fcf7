//! The part of `apply` that waits: the switch, signals, progress, and one or two passes over the plan.

use std::io::IsTerminal;

use tokio::runtime::Builder;
use tokio::time::Instant;

use super::Args;
use super::Job;
use super::Mode;
use crate::cli;
use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::clock;
use crate::cli::connection::Login;
use crate::cli::screen;
use crate::cli::signals;
use crate::model::Kind;
use crate::model::Misconfiguration;
use crate::model::Plan;
use crate::model::Secret;
use crate::pipeline;
use crate::pipeline::Results;
use crate::pipeline::Tools;
use crate::progress;
use crate::progress::Progress;
use crate::run::Pace;
use crate::run::Stop;
use crate::sandbox;
use crate::sandbox::Sandbox;
use crate::switch::ApiUrl;
use crate::switch::Client;
use crate::switch::ClientSettings;
use crate::switch::Plaintext;

/// Sends the plan as the mode says. Gives back what speaks against success.
pub(super) fn send(
    job: &Job<'_>,
    plan: Plan,
    login: Option<Login>,
    results: &mut Results,
) -> Result<Vec<Exit>, Failure> {
    let (login, _sandbox) = if let Some(login) = login {
        (login, None)
    } else {
        let (login, sandbox) = embedded(cli::sandbox::version(job.args.rows.api))?;
        (login, Some(sandbox))
    };
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::bug(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(passes(job, plan, login, results))
}

async fn passes(
    job: &Job<'_>,
    plan: Plan,
    login: Login,
    results: &mut Results,
) -> Result<Vec<Exit>, Failure> {
    let Job { args, batch } = job;
    let client = client(args, login)?;
    let mut signals = signals::listen()?;
    let mut progress = Progress::new(place(args));
    let mut tools = Tools {
        client: &client,
        pace: Pace::new(args.run.rate),
        start: Instant::now(),
        settings: &|rows, kind| args.run.settings(rows, kind),
        watch: &mut |notice| progress.show(notice),
        interrupts: &mut signals.interrupts,
        wall_ms: clock::wall_ms,
    };
    let mode = args.mode();
    let kind = if mode == Mode::Real { Kind::Real } else { Kind::Rehearsal };
    let mut ended = pipeline::pass(batch, plan.clone(), kind, results, &mut tools).await;
    if mode == Mode::ValidateFirst {
        if ended.stop.is_none() && ended.all_done {
            results.forget_accepted();
            ended = pipeline::pass(batch, plan, Kind::Real, results, &mut tools).await;
        } else {
            results.take_back_accepted("not sent: the dry run did not pass");
        }
    }
    let Some(stop) = ended.stop else { return Ok(Vec::new()) };
    let why = ended.why.map_or(stop.as_str().to_owned(), |it| format!("{}: {it}", stop.as_str()));
    screen::tell_line(&format!("stopped: {why}\n  help: {}", help(stop)));
    results.give_up_the_rest(&format!("not sent: the run stopped since {}", stop.as_str()));
    Ok(vec![Exit::of_stop(stop, signals.terminated())])
}

fn client(args: &Args, login: Login) -> Result<Client, Failure> {
    let Login { url, username, password } = login;
    Ok(Client::new(ClientSettings {
        url,
        username,
        password,
        ca_file: args.connection.ca_file.clone(),
        timeout: args.connection.timeout,
        connections: usize::from(args.run.concurrency),
    })?)
}

/// An embedded switch on which every customer and every owner exists, and the login it made up.
fn embedded(version: sandbox::Version) -> Result<(Login, Sandbox), Failure> {
    let options = sandbox::Options { open: true, version, ..sandbox::Options::new(clock::seed()) };
    let sandbox = sandbox::start_on_thread(options)?;
    let url = ApiUrl::parse(&sandbox.url, Plaintext::Refused)
        .map_err(|error| Failure::bug(error.to_string()))?;
    let username = sandbox.username.clone();
    let password = Secret::new(sandbox.password.as_str());
    Ok((Login { url, username, password }, sandbox))
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
