//! What a caller may choose about a sandbox. Plain data: nothing is checked or opened here.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::sandbox::faults::Fault;
use crate::sandbox::ledger::Call;

/// Everything a sandbox can be told before it starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the faults' dice start; the same seed and order of requests give the same faults.
    pub seed: u64,
    /// The address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Whether an address that other machines can reach is all right.
    pub allow_remote: bool,
    /// The release of the switch whose parameters and defaults hold.
    pub version: Version,
    /// How a code inside the answer shows in the HTTP status.
    pub http_status: HttpStatus,
    /// Whether every customer and owner that the system owner names exists at once.
    pub open: bool,
    /// A JSON file with `customers` (`id`, `parent`, `name`, `timezone`, `mailboxes_max`, `deleted`),
    /// `people` (`id`, `customer`, `username`, `password`, and as `role` one of `system_owner`,
    /// `reseller`, `administrator`, `create_only`, `residential`, `user`) and `mailboxes`
    /// (`customer`, `mailbox`, `pin` and settings by the API's names).
    pub seed_file: Option<PathBuf>,
    /// The SQLite file that keeps the state; memory alone where there is none.
    pub data: Option<PathBuf>,
    /// The troubles to rehearse, tried in this order on every request.
    pub faults: Vec<Fault>,
    /// HTTPS with certificates made at the start; plain HTTP where there is none.
    pub tls: Option<Tls>,
    /// Bounds on what one client may cost.
    pub limits: Limits,
    /// Receives every finished call; a full channel loses calls rather than delay an answer.
    pub log: Option<mpsc::Sender<Call>>,
}

impl Options {
    /// A quiet sandbox in memory, on any free port of the loopback address.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_remote: false,
            version: Version::default(),
            http_status: HttpStatus::default(),
            open: false,
            seed_file: None,
            data: None,
            faults: Vec::new(),
            tls: None,
            limits: Limits::default(),
            log: None,
        }
    }
}

/// A release of the switch, as far as mailboxes differ between them.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Version {
    /// 3.13, where the mailbox functions began.
    V3_13,
    /// 3.14, which brought `transcribe`.
    #[default]
    V3_14,
    /// 4.2, where `notify_for` also takes `all` and `text`.
    V4_2,
    /// 4.4, where `notify_for` is `all` unless given.
    V4_4,
}

/// How the HTTP status relates to the code inside the answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum HttpStatus {
    /// 200, whatever the code inside says.
    #[default]
    Always200,
    /// The code itself; 204 then has no body, as HTTP demands.
    LikeCode,
}

/// HTTPS with a certificate authority of the sandbox's own, new at every start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tls {
    /// Host names and addresses the certificate is good for.
    pub names: Vec<String>,
    /// Whether the certificate is good today.
    pub validity: Validity,
}

impl Default for Tls {
    fn default() -> Self {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        Self { names: names.into(), validity: Validity::Now }
    }
}

/// When a certificate is good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// Today.
    Now,
    /// Until some years ago.
    Expired,
}

/// Bounds on what one client may cost the sandbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long a request's head (and a TLS handshake) may take from its first byte.
    pub head_wait: Duration,
    /// How long a request's body may take.
    pub body_wait: Duration,
    /// How long a connection may rest between two requests.
    pub idle_wait: Duration,
    /// How long calls in flight may take to end once the sandbox stops.
    pub stop_wait: Duration,
    /// How many bytes a request's body may have.
    pub body_bytes_max: usize,
    /// How many parameters a request may carry.
    pub parameters_max: usize,
    /// How many connections are served at once; later ones wait to be accepted.
    pub connections_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_wait: Duration::from_secs(5),
            body_wait: Duration::from_secs(10),
            idle_wait: Duration::from_secs(15),
            stop_wait: Duration::from_secs(2),
            body_bytes_max: 64 * 1024,
            parameters_max: 200,
            connections_max: 128,
        }
    }
}
