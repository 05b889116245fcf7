//! Options that say which switch is meant and who asks; the only place that decides where the password is taken from.

use std::env::VarError;
use std::fs;
use std::io::IsTerminal;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::process::DumpableBehavior;
#[cfg(target_os = "linux")]
use rustix::process::set_dumpable_behavior;

use crate::cli::Exit;
use crate::cli::Failure;
use crate::cli::asking;
use crate::cli::screen;
use crate::cli::times;
use crate::model::Secret;
use crate::switch::AddressError;
use crate::switch::ApiUrl;
use crate::switch::Plaintext;

/// Longest password that is read from a file, in bytes.
const PASSWORD_LENGTH_MAX: u64 = 4096;

/// Shortest and longest time for one call.
const TIMEOUT_RANGE: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(3600);

/// Options about the connection.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct ConnectionArgs {
    /// The switch: a host, or the URL of its API; else `BOXLIFT_URL`
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Login of the API; else `BOXLIFT_USERNAME`
    #[arg(long, value_name = "NAME")]
    username: Option<String>,

    /// File with the password; else `BOXLIFT_PASSWORD`, systemd's credentials, or a prompt
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,

    /// Certificates (PEM) to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Allow http:// to other hosts than this one: password and PINs can be read on the way
    #[arg(long)]
    allow_plaintext: bool,

    /// Longest time for one call, as in `30s`; an answer begins within two thirds of it
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_timeout)]
    pub timeout: Duration,

    /// Use an embedded switch that forgets everything at the end
    #[arg(long, conflicts_with_all = ["url", "username", "password_file", "ca_file"])]
    pub sandbox: bool,
}

/// A switch and who asks.
#[derive(Debug)]
pub(super) struct Address {
    url: ApiUrl,
    username: String,
}

/// A switch, who asks, and the proof.
#[derive(Debug)]
pub(super) struct Login {
    /// Where.
    pub url: ApiUrl,
    /// Who.
    pub username: String,
    /// The proof.
    pub password: Secret,
}

impl ConnectionArgs {
    /// Which switch is meant and who asks; nobody where it is the embedded one.
    pub(super) fn address(&self) -> Result<Option<Address>, Failure> {
        if self.sandbox {
            return Ok(None);
        }
        let url = match &self.url {
            Some(url) => Some(url.clone()),
            None => environment("BOXLIFT_URL")?,
        };
        let url = url.ok_or_else(|| {
            let help = "give --url, as in `--url pbx.example.com`, or --sandbox to rehearse";
            Failure::usage("it is not said which switch is meant", help)
        })?;
        let plaintext = if self.allow_plaintext { Plaintext::Allowed } else { Plaintext::Refused };
        let url = ApiUrl::parse(&url, plaintext).map_err(|error| {
            let is_refused = matches!(error, AddressError::Plaintext { host: _ });
            let exit = if is_refused { Exit::Configuration } else { Exit::Usage };
            Failure::new(exit, error.to_string(), error.help())
        })?;
        let username = match &self.username {
            Some(username) => Some(username.clone()),
            None => environment("BOXLIFT_USERNAME")?,
        };
        let username = username.filter(|it| !it.is_empty()).ok_or_else(|| {
            Failure::usage("it is not said who asks", "give --username or BOXLIFT_USERNAME")
        })?;
        Ok(Some(Address { url, username }))
    }

    /// Adds the password, asking for it if there is a terminal and no other source.
    pub(super) fn login(&self, address: Address) -> Result<Login, Failure> {
        self.login_unasked(address)?.or_else(Address::login_asked)
    }

    /// Adds the password, or gives the address back where somebody must be asked for it.
    pub(super) fn login_unasked(
        &self,
        address: Address,
    ) -> Result<Result<Login, Address>, Failure> {
        Ok(match self.given_password()? {
            Some(password) => Ok(address.login(password)),
            None => Err(address),
        })
    }

    /// Nothing where there is a terminal and no other source.
    fn given_password(&self) -> Result<Option<Secret>, Failure> {
        if let Some(path) = &self.password_file {
            return read_password(path).map(Some);
        }
        if let Some(password) = environment("BOXLIFT_PASSWORD")? {
            hide_process();
            return not_empty(password, "BOXLIFT_PASSWORD").map(Some);
        }
        let systemd = credentials_directory().map(|it| it.join("boxlift-password"));
        if let Some(path) = systemd.filter(|it| it.exists()) {
            return read_password(&path).map(Some);
        }
        if !std::io::stderr().is_terminal() {
            let help = "give --password-file or BOXLIFT_PASSWORD";
            return Err(Failure::usage("there is no password", help));
        }
        Ok(None)
    }
}

impl Address {
    /// Asks for the password and adds it.
    pub(super) fn login_asked(self) -> Result<Login, Failure> {
        hide_process();
        let prompt = format!("Password of {} on {}: ", self.username, self.url.host());
        let password = not_empty(asking::password(&prompt)?, "the prompt")?;
        Ok(self.login(password))
    }

    fn login(self, password: Secret) -> Login {
        let Self { url, username } = self;
        Login { url, username, password }
    }
}

/// From here on no other process of this user may look into this one: its memory and environment hold secrets.
///
/// Outputs must be open by now: `/dev/stdout` and its like can no longer be opened by name, except by root.
#[cfg(target_os = "linux")]
fn hide_process() {
    // Where it is refused nothing is lost but this one of several walls.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
fn hide_process() {}

#[expect(clippy::disallowed_methods, reason = "the edge, where the environment is read")]
fn environment(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|it| !it.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        // The error's own text shows the value.
        Err(VarError::NotUnicode(_)) => {
            Err(Failure::usage(format!("{name} is not UTF-8"), "set it in UTF-8"))
        }
    }
}

/// Where systemd puts a service's credentials.
#[expect(clippy::disallowed_methods, reason = "the edge, where the environment is read")]
fn credentials_directory() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").filter(|it| !it.is_empty()).map(PathBuf::from)
}

fn read_password(path: &Path) -> Result<Secret, Failure> {
    let name = path.display();
    let failed = |error: std::io::Error| {
        let message = format!("the password file `{name}` cannot be read: {error}");
        Failure::new(Exit::NoInput, message, "name a file that holds the password alone")
    };
    // Opened before the process hides its own files, of which this may be one, as in `/dev/fd/3`.
    let file = fs::File::open(path).map_err(failed)?;
    hide_process();
    let about = file.metadata().map_err(failed)?;
    if about.is_file() && about.len() > PASSWORD_LENGTH_MAX {
        let message = format!("the password file `{name}` has {} bytes", about.len());
        return Err(Failure::usage(message, "name a file that holds the password alone"));
    }
    warn_of_readers(path, &about);
    let mut text = String::new();
    file.take(PASSWORD_LENGTH_MAX).read_to_string(&mut text).map_err(failed)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains('\n') {
        let message = format!("the password file `{name}` has more than one line");
        return Err(Failure::usage(message, "name a file that holds the password alone"));
    }
    not_empty(line.to_owned(), &format!("the password file `{name}`"))
}

fn not_empty(password: String, source: &str) -> Result<Secret, Failure> {
    if password.is_empty() {
        let help = "give the password of the login, as the switch knows it";
        return Err(Failure::usage(format!("the password from {source} is empty"), help));
    }
    Ok(Secret::new(password))
}

#[cfg(unix)]
fn warn_of_readers(path: &Path, about: &fs::Metadata) {
    use std::os::unix::fs::PermissionsExt;
    if about.is_file() && about.permissions().mode() & 0o077 != 0 {
        let name = path.display();
        screen::tell_line(&format!("warning: others may read `{name}`: chmod 600 {name}"));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_path: &Path, _about: &fs::Metadata) {}

fn parse_timeout(text: &str) -> Result<Duration, String> {
    times::parse(text, &TIMEOUT_RANGE)
}
