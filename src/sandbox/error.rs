//! Why a sandbox could not start, or could not read its own state. Never holds a PIN or a password.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox could not start, or could not read its own state.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Other machines could reach the address, and nobody allowed that.
    #[error("`{address}` can be reached from other machines")]
    Remote {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The data file cannot be opened or used.
    #[error("data file `{}`: {what}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The seed file cannot be read or is not right.
    #[error("seed file `{}`{at}: {what}", path.display())]
    Seed {
        /// The file.
        path: PathBuf,
        /// ` line 3 column 7`, or empty.
        at: String,
        /// What is wrong with it.
        what: String,
    },
    /// The certificates cannot be made.
    #[error("certificate for `{names}`: {what}")]
    Tls {
        /// The names asked for.
        names: String,
        /// What is wrong.
        what: String,
    },
    /// The state cannot be read or written.
    #[error("the sandbox's state: {0}")]
    State(#[from] rusqlite::Error),
    /// The system has no randomness for passwords.
    #[error("the operating system gave no random bytes for a password")]
    Randomness,
    /// The sandbox's own thread or runtime cannot be started.
    #[error("the sandbox's thread: {0}")]
    Thread(io::Error),
}

impl SandboxError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Listen { .. } => {
                "choose a free port of this machine, or port 0 for any, e.g. `127.0.0.1:0`"
            }
            Self::Remote { .. } => {
                "listen on `127.0.0.1` or `[::1]`, or allow other machines explicitly"
            }
            Self::Data { .. } => {
                "name a file that this user may write and that no other sandbox uses, or a new one"
            }
            Self::Seed { .. } => {
                "give a JSON object with `customers`, `people` and `mailboxes`, \
                 e.g. `{\"customers\":[{\"id\":1,\"name\":\"system\"}]}`"
            }
            Self::Tls { .. } => "give host names or addresses, e.g. `localhost` or `127.0.0.1`",
            Self::State(_) => "restart the sandbox; give a new data file if it happens again",
            Self::Randomness => "try again once the system has started fully",
            Self::Thread(_) => "close other programs: the system has no thread or socket to spare",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_value_and_the_help_says_what_to_do() {
        let error = SandboxError::Remote { address: SocketAddr::from(([0, 0, 0, 0], 80)) };
        assert_eq!(error.to_string(), "`0.0.0.0:80` can be reached from other machines");
        assert_eq!(
            error.help(),
            "listen on `127.0.0.1` or `[::1]`, or allow other machines explicitly"
        );
    }
}
