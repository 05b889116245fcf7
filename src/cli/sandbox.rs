//! `boxlift sandbox`: the embedded switch on its own, until interrupted.
//!
//! Prints what `apply` needs as lines for a shell to stdout, and a line for every call to stderr: never a PIN.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::sync::mpsc;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::clock;
use crate::cli::rows::parse_version;
use crate::cli::screen;
use crate::cli::signals;
use crate::resources::Version;
use crate::sandbox;
use crate::sandbox::Call;
use crate::sandbox::Fault;
use crate::sandbox::Sandbox;
use crate::sandbox::Tls;

/// Lines of the log that wait to be written; more are lost rather than slow the switch down.
const LOG_WAITING_MAX: usize = 10_000;

/// Options of `boxlift sandbox`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "a flag of the command line is a bool")]
pub(super) struct Args {
    /// Address to listen at; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Allow an address that other machines can reach
    #[arg(long)]
    allow_remote: bool,

    /// Keep mailboxes in this file from start to start
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,

    /// Customers, people and mailboxes to begin with (JSON)
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,

    /// Take every customer and owner that is named as existing
    #[arg(long)]
    open: bool,

    /// Version of the API to speak
    #[arg(long, value_name = "VERSION", default_value = "3.14", value_parser = parse_version)]
    api: Version,

    /// Serve https with a certificate made now, vouched for by the authority in --ca-file
    #[arg(long)]
    tls: bool,

    /// Where --tls writes that authority's certificate, for `apply --ca-file`
    #[arg(long, value_name = "FILE", default_value = "boxlift-sandbox-ca.pem")]
    ca_file: PathBuf,

    /// What is to go wrong, and how often, as in `503:2%`, `lost:5%` or `latency:20ms` (repeatable)
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,

    /// Decides which calls go wrong: the same seed, the same calls
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Write no line for each call
    #[arg(long, short)]
    quiet: bool,
}

/// Serves until a signal comes.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::of_runtime(&error))?;
    runtime.block_on(serve(args))
}

async fn serve(args: &Args) -> Result<Exit, Failure> {
    let mut signals = signals::listen()?;
    let seed = args.seed.unwrap_or_else(clock::seed);
    let (log, mut calls) = mpsc::channel(LOG_WAITING_MAX);
    let options = sandbox::Options {
        listen: args.listen,
        allow_remote: args.allow_remote,
        version: version(args.api),
        open: args.open,
        seed_file: args.seed_file.clone(),
        data: args.data.clone(),
        faults: args.fault.clone(),
        tls: args.tls.then(Tls::default),
        log: (!args.quiet).then_some(log),
        ..sandbox::Options::new(seed)
    };
    let sandbox = sandbox::start(options).await?;
    if let Some(pem) = &sandbox.ca_pem {
        let path = &args.ca_file;
        fs::write(path, pem).map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", path.display());
            Failure::files(message, "name another place for --ca-file")
        })?;
    }
    introduce(&sandbox, args, seed)?;
    loop {
        tokio::select! {
            Some(_) = signals.interrupts.recv() => break,
            Some(call) = calls.recv() => screen::tell_line(&line(&call)),
        }
    }
    sandbox.stop().await;
    Ok(if signals.terminated() { Exit::Terminated } else { Exit::Interrupted })
}

/// What a shell needs to know, and what people should.
fn introduce(sandbox: &Sandbox, args: &Args, seed: u64) -> Result<(), Failure> {
    let Sandbox { url, username, password, .. } = sandbox;
    screen::data(&format!(
        "BOXLIFT_URL={url}\nBOXLIFT_USERNAME={username}\nBOXLIFT_PASSWORD={password}\n"
    ))?;
    let faults = args.fault.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let faults =
        if faults.is_empty() { "none".to_owned() } else { format!("{faults}; seed {seed}") };
    let trust = if args.tls {
        format!("\ntrust it with --ca-file {}", args.ca_file.display())
    } else {
        String::new()
    };
    screen::tell_line(&format!(
        "a sandbox, not a real switch; faults: {faults}{trust}\nuntil interrupted (Ctrl-C)"
    ));
    Ok(())
}

/// The sandbox's word for a version of the API; it shares no types with the rest.
pub(super) fn version(version: Version) -> sandbox::Version {
    match version {
        Version::V3_13 => sandbox::Version::V3_13,
        Version::V3_14 => sandbox::Version::V3_14,
        Version::V4_2 => sandbox::Version::V4_2,
        Version::V4_4 => sandbox::Version::V4_4,
    }
}

fn line(call: &Call) -> String {
    let Call { number, at, answered: _, function, mailbox, customer, validation, code, fault } =
        call;
    let seconds = at.as_secs_f64();
    let mut line = format!("{seconds:.3} s #{number} {function}");
    let customer = customer.map(|it| it.to_string());
    let code = code.map_or("no answer".to_owned(), |it| it.to_string());
    let words = [
        ("mailbox", mailbox.as_deref()),
        ("customer", customer.as_deref()),
        ("validation", validation.then_some("1")),
        ("fault", fault.as_deref()),
        ("code", Some(code.as_str())),
    ];
    for (word, value) in words {
        if let Some(value) = value {
            let _ = write!(line, " {word}={}", value.escape_debug());
        }
    }
    line
}
