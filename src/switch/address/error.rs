//! Why a text is no address of the switch, and what to do about it. Repeats nothing that may be a secret.

/// Why a text is no address of the API. No variant repeats what may be a secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the switch's address is empty")]
    Empty,
    /// Beyond any sensible address.
    #[error("the switch's address has {length} bytes; at most {bytes_max} are taken")]
    TooLong {
        /// Its length.
        length: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// Blanks and control characters would be dropped in silence elsewhere.
    #[error("the switch's address holds a blank, a backslash or a control character")]
    Character,
    /// `user:password@host`.
    #[error("the switch's address holds credentials")]
    Userinfo,
    /// `?` or `#`.
    #[error("the switch's address holds a query or a fragment")]
    Query,
    /// Neither `http` nor `https`.
    #[error("the scheme `{scheme}` is not one of `https` and `http`")]
    Scheme {
        /// What stood before `://`.
        scheme: String,
    },
    /// Not a number between 1 and 65535.
    #[error("`{port}` is no port")]
    Port {
        /// What stood behind the colon.
        port: String,
    },
    /// No host can be read.
    #[error("`{text}` is no address of a switch")]
    Malformed {
        /// The text as it stood.
        text: String,
    },
    /// A function's URL, not the API's.
    #[error("`{text}` names something below the API")]
    BelowApi {
        /// The text as it stood.
        text: String,
    },
    /// `http://` to another computer.
    #[error("plaintext refused: `http://` would show the password to the network before `{host}`")]
    Plaintext {
        /// The host.
        host: String,
    },
}

impl AddressError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooLong { length: _, bytes_max: _ } | Self::Character => {
                "give a host such as `pbx.example.com`"
            }
            Self::Userinfo => "leave them out; give the user name and the password by themselves",
            Self::Query => "end the address with the host or with `/api/json/`",
            Self::Scheme { scheme: _ } => "begin with `https://`, or give the host alone",
            Self::Port { port: _ } => "give a number from 1 to 65535, as in `pbx.example.com:8443`",
            Self::Malformed { text: _ } => {
                "give a host such as `pbx.example.com`, `192.0.2.1:8443` or `[2001:db8::1]`"
            }
            Self::BelowApi { text: _ } => "end the address with `/api/json/`",
            Self::Plaintext { host: _ } => {
                "use `https://`; where the network in between is trusted, give `--allow-plaintext`"
            }
        }
    }
}
