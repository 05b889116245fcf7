//! Why no client could be made.
//!
//! Nothing that comes of a call is here: that is a `Reply`.

use std::io;
use std::path::PathBuf;

/// What is wrong with the settings of a client.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// Nobody to log in as.
    #[error("the user name is empty")]
    NoUsername,
    /// Nothing to log in with.
    #[error("the password is empty")]
    NoPassword,
    /// No time for an answer.
    #[error("the timeout is zero")]
    NoTime,
    /// The file of `--ca-file` cannot be read.
    #[error("the certificate file `{}` cannot be read: {reason}", path.display())]
    CaFileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::ErrorKind,
    },
    /// It is larger than any list of certificates.
    #[error("the certificate file `{}` has more than {bytes_max} bytes", path.display())]
    CaFileTooLarge {
        /// The file.
        path: PathBuf,
        /// Where reading stops.
        bytes_max: u64,
    },
    /// There is nothing of use in it.
    #[error("the certificate file `{}` holds no certificate in PEM form", path.display())]
    CaFileWithoutCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A certificate in it is broken.
    #[error("certificate {number} of the file `{}` is broken", path.display())]
    CaFileBroken {
        /// The file.
        path: PathBuf,
        /// Which, counted from 1.
        number: usize,
    },
    /// The system trusts nobody.
    #[error("this computer has no trusted certificates")]
    NoSystemCertificates,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up")]
    Setup,
}

impl SwitchError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoUsername => "give `--username` the user name of a person on the switch",
            Self::NoPassword => "put the person's password into the file of `--password-file`",
            Self::NoTime => "give `--timeout` a time such as `30s`",
            Self::CaFileUnreadable { path: _, reason: _ } => {
                "give `--ca-file` a file that may be read"
            }
            Self::CaFileTooLarge { path: _, bytes_max: _ }
            | Self::CaFileWithoutCertificate { path: _ }
            | Self::CaFileBroken { path: _, number: _ } => {
                "give `--ca-file` certificates that begin with `-----BEGIN CERTIFICATE-----`"
            }
            Self::NoSystemCertificates => {
                "install the system's `ca-certificates`, or give `--ca-file`"
            }
            Self::Setup => "this is a bug in boxlift: report it",
        }
    }
}
