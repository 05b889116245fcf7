//! Options about the journal, and what it has to say before the first call.

use std::io::ErrorKind;
use std::panic::resume_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::thread;

use clap::ValueEnum;

use super::Job;
use super::Mode;
use super::resumption;
use super::sending::Far;
use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::clock;
use crate::cli::connection::Address;
use crate::cli::connection::Login;
use crate::cli::next::Typed;
use crate::cli::outputs;
use crate::cli::screen;
use crate::journal;
use crate::journal::Claim;
use crate::journal::JobKind;
use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Keys;
use crate::journal::NewJob;
use crate::journal::Reading;
use crate::model::RowIndex;
use crate::model::Status;
use crate::pipeline::Begun;
use crate::pipeline::Results;
use crate::pipeline::Resumption;
use crate::pipeline::Standing;
use crate::run;

/// Name of the input in a journal where it has none.
const STDIN: &str = "stdin";

/// Options about the journal.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Journal")]
pub(super) struct JournalArgs {
    /// Where is kept what was done, as it is done [default: STEM.boxlift]
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,

    /// Go on with the run that the journal holds; rows that are done and unchanged are not called again
    #[arg(long)]
    resume: bool,

    /// Begin anew, whatever the journal holds, where this boxlift can read it
    #[arg(long, conflicts_with = "resume")]
    restart: bool,

    /// With --resume: try unchanged rows again that came to this
    #[arg(long, value_name = "STATUS,…", value_delimiter = ',', requires = "resume")]
    retry: Vec<Retry>,

    /// Try credentials again that the switch refused before
    #[arg(long)]
    retry_auth: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Retry {
    Rejected,
    Failed,
}

impl Job<'_> {
    /// Where the journal is.
    pub(super) fn journal_path(&self) -> PathBuf {
        let stem = outputs::stem(&self.args.input);
        let named = self.args.journal.journal.clone();
        named.unwrap_or_else(|| PathBuf::from(format!("{stem}.boxlift")))
    }

    /// Opens the journal, which no other run may hold meanwhile, finds the switch, and makes the keys.
    ///
    /// Nobody is asked for a password before the journal is there. Where nobody need be, the keys are made beside it: they hang
    /// on its salt alone.
    pub(super) fn open_journal(
        &self,
        address: Option<Address>,
    ) -> Result<(Journal, Far, Keys), Failure> {
        let connection = &self.args.connection;
        let far = match address {
            Some(address) => connection.login_unasked(address)?.map(Far::Away),
            None => Ok(Far::embedded(self.args.rows.api)?),
        };
        let claim = self.claim_journal()?;
        let salt = *claim.salt();
        let journal = || claim.journal(clock::wall_ms(), self.results_open_max());
        let keys = |far: &Far| Keys::derive(&far.login().password, &salt);
        match far {
            Ok(far) => {
                let (keys, journal) = beside(|| keys(&far), journal)?;
                Ok((journal?, far, keys?))
            }
            Err(address) => {
                let journal = journal()?;
                let far = Far::Away(address.login_asked()?);
                let keys = keys(&far)?;
                Ok((journal, far, keys))
            }
        }
    }

    /// Results that may be known and not be in the journal yet.
    fn results_open_max(&self) -> RowIndex {
        let limits = &self.args.run;
        let results = run::results_open_max(limits.rate, limits.concurrency.into());
        RowIndex::try_from(results.min(self.batch.rows())).unwrap_or(RowIndex::MAX)
    }

    fn claim_journal(&self) -> Result<Claim, Failure> {
        let path = self.journal_path();
        if self.batch.input.source().same_file(&path) {
            let message = format!("`{}` is the input itself", path.display());
            return Err(Failure::files(message, "name another place with --journal"));
        }
        let open = if self.args.journal.restart { Claim::open_anew } else { Claim::open };
        Ok(open(&path)?)
    }

    /// Holds the journal against what is to be done, and says so if that must not be.
    pub(super) fn stand(
        &self,
        (mut journal, keys): (Journal, Keys),
        login: &Login,
    ) -> Result<Standing, Failure> {
        let new = self.new_job(&keys, login)?;
        let resumption = self.resumption(&journal, &new)?;
        let is_in_vain = self.args.journal.resume && resumption.is_none();
        if is_in_vain && !self.args.output.quiet {
            screen::tell_line(&nothing_to_resume(journal.path(), new.kind));
        }
        if self.args.journal.retry_auth {
            journal.forgive(&new.url, &new.username)?;
        } else if journal.is_refused(&new.url, &new.username, &new.verifier)? {
            return Err(Failure::new(
                Exit::Credentials,
                "the switch refused these credentials before (401); it was not asked again",
                "put --username and the password right, or give --retry-auth once the login is unlocked",
            ));
        }
        Ok(Standing { journal, keys, new, resumption })
    }

    fn new_job(&self, keys: &Keys, login: &Login) -> Result<NewJob, Failure> {
        Ok(NewJob {
            kind: self.kind(),
            input: named(&self.args.input)?,
            digest: self.batch.digest(keys).map_err(|it| Failure::about(&self.batch.name, it))?,
            url: login.url.as_str().to_owned(),
            username: login.username.clone(),
            verifier: keys.verifier(),
            options: Typed::now().to_string(),
            began_ms: clock::wall_ms(),
        })
    }

    /// Where a run was to be gone on with and nothing is sent: what its journal knows belongs to the results all the same.
    /// Changes nothing of a journal, and says why where it cannot be used. Without a password nothing is known, and nothing
    /// is told.
    pub(super) fn recall(
        &self,
        address: Address,
        results: (&mut Results, &str),
    ) -> Result<(), Failure> {
        if !self.args.journal.resume {
            return Ok(());
        }
        let begun = match self.last_run() {
            Ok(Some(last)) => {
                let login = self.args.connection.login(address)?;
                self.recalled(last, &login, results)
            }
            Ok(None) => Ok(None),
            Err(failure) => Err(failure),
        };
        match begun {
            Ok(Some(begun)) if !self.args.output.quiet => {
                screen::tell(&resumption::told(&begun, &self.batch));
            }
            Ok(_) => {}
            Err(failure) => {
                screen::tell_line(&failure.to_string());
                screen::tell_line("rows that the journal knows may be told as `not_sent`");
            }
        }
        Ok(())
    }

    /// The run that was to be gone on with, if the journal has one; to be read alone.
    fn last_run(&self) -> Result<Option<(Reading, journal::Job)>, Failure> {
        let reading = match Reading::open(&self.journal_path()) {
            Err(JournalError::Unreadable { source, .. })
                if source.kind() == ErrorKind::NotFound =>
            {
                return Ok(None);
            }
            reading => reading?,
        };
        if let Some(holder) = reading.holder() {
            let (path, holder) = (self.journal_path().display().to_string(), holder.to_owned());
            return Err(JournalError::Held { path, holder }.into());
        }
        let previous = reading.latest(self.kind())?;
        Ok(previous.map(|it| (reading, it)))
    }

    /// What became of rows in the last run; nothing where it was another one.
    fn recalled(
        &self,
        (reading, previous): (Reading, journal::Job),
        login: &Login,
        results: (&mut Results, &str),
    ) -> Result<Option<Begun>, Failure> {
        let keys = Keys::derive(&login.password, &reading.salt()?)?;
        let new = self.new_job(&keys, login)?;
        if !same_input(&previous, &new) || previous.url != new.url {
            return Ok(None);
        }
        let resumption = Resumption { previous, retry: Vec::new() };
        Ok(Some(self.batch.recall(&reading, &keys, (&resumption, &new), results)?))
    }

    fn kind(&self) -> JobKind {
        match (self.args.connection.sandbox, self.args.mode()) {
            (true, _) => JobKind::Sandbox,
            (false, Mode::DryRun) => JobKind::Rehearsal,
            (false, Mode::Real | Mode::ValidateFirst) => JobKind::Real,
        }
    }

    /// What is to be gone on with, if anything.
    fn resumption(&self, journal: &Journal, new: &NewJob) -> Result<Option<Resumption>, Failure> {
        let Some(previous) = journal.latest(new.kind)? else { return Ok(None) };
        let same_input = same_input(&previous, new);
        let same_switch = previous.url == new.url;
        let is_of_another =
            !same_input || !same_switch && journal.may_have_acted_beside(&new.url)?;
        if new.kind == JobKind::Real && is_of_another {
            return Err(of_another(journal.path(), &previous, same_input));
        }
        // An embedded switch has forgotten everything that an earlier run did.
        if !same_input || !same_switch || new.kind == JobKind::Sandbox {
            return Ok(None);
        }
        let JournalArgs { journal: _, resume, restart, retry, retry_auth: _ } = &self.args.journal;
        let is_unfinished = !previous.is_finished() && previous.calls > 0;
        if is_unfinished && new.kind == JobKind::Real && !resume && !restart {
            return Err(unfinished(journal.path()));
        }
        let retry = retry.iter().map(|it| match it {
            Retry::Rejected => Status::Rejected,
            Retry::Failed => Status::Failed,
        });
        Ok(resume.then(|| Resumption { previous, retry: retry.collect() }))
    }
}

/// Does one thing on a thread of its own while this one does another.
fn beside<A: Send, B>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> Result<(A, B), Failure> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, one);
        let thread = thread.map_err(|error| Failure::of_runtime(&error))?;
        let done = other();
        Ok((thread.join().unwrap_or_else(|panic| resume_unwind(panic)), done))
    })
}

fn same_input(previous: &journal::Job, new: &NewJob) -> bool {
    previous.input == new.input || previous.digest == new.digest
}

fn nothing_to_resume(path: &Path, kind: JobKind) -> String {
    let path = path.display();
    let why = match kind {
        JobKind::Real => format!("`{path}` holds no run to go on with"),
        JobKind::Rehearsal => format!("`{path}` holds no dry run of this input and switch"),
        JobKind::Sandbox => "an embedded switch forgets what it did".to_owned(),
    };
    format!("--resume: {why}; all rows are sent")
}

fn of_another(path: &Path, previous: &journal::Job, same_input: bool) -> Failure {
    let path = path.display();
    let (what, which) =
        if same_input { ("switch", &previous.url) } else { ("input", &previous.input) };
    let message = format!("the journal `{path}` is of another {what}: `{which}`");
    let option = if same_input { "--url" } else { "the input" };
    let help = format!(
        "if that {what} is meant, put {option} right; else name another journal, as in `--journal second.boxlift`, or move this one away"
    );
    Failure::new(Exit::Busy, message, help)
}

fn unfinished(path: &Path) -> Failure {
    let path = path.display();
    let message = format!("the journal `{path}` holds a run that is not finished");
    let [resume, restart] = ["--resume", "--restart"].map(|it| Typed::now().with(&[it]));
    let help = format!("go on with it: {resume}\n        or begin anew: {restart}");
    Failure::new(Exit::Busy, message, help)
}

/// The input's name, by which a later run from another folder knows it.
fn named(input: &Path) -> Result<String, Failure> {
    if input == Path::new("-") {
        return Ok(STDIN.to_owned());
    }
    let name = input.display();
    let path = std::path::absolute(input).map_err(|error| {
        Failure::files(format!("`{name}` has no full name: {error}"), "go to another folder")
    })?;
    Ok(path.canonicalize().unwrap_or(path).to_string_lossy().into_owned())
}
