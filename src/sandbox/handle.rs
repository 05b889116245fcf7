//! What a caller holds while a sandbox runs: where it is, how to log in, and what it has seen.
//! Letting go of it ends the sandbox.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;
use tokio::sync::watch;

use crate::sandbox::error::SandboxError;
use crate::sandbox::fields::FIELDS;
use crate::sandbox::fields::Setting;
use crate::sandbox::ledger::Call;
use crate::sandbox::store::mailboxes;
use crate::sandbox::store::mailboxes::Stored;
use crate::sandbox::web::Web;
use crate::sandbox::web::server::Order;

/// A running sandbox. Dropping it ends it at once; `stop` lets calls in flight end first.
pub struct Sandbox {
    /// Where the API begins, e.g. `http://127.0.0.1:40000/api/json/`.
    pub url: String,
    /// The system owner's login.
    pub username: String,
    /// The system owner's password, new at every start.
    pub password: String,
    /// The certificate authority to trust, where the sandbox speaks HTTPS.
    pub ca_pem: Option<String>,
    pub(super) hold: Hold,
    pub(super) web: Arc<Web>,
}

/// What keeps a sandbox running.
pub(super) struct Hold {
    pub(super) orders: Option<watch::Sender<Order>>,
    pub(super) ended: Option<oneshot::Receiver<()>>,
    pub(super) thread: Option<JoinHandle<()>>,
}

/// A mailbox of the sandbox as it is stored.
#[derive(Clone)]
pub struct Mailbox {
    /// The customer it belongs to.
    pub customer: i64,
    /// Its number.
    pub mailbox: String,
    /// Everything else but its PIN, by the names of the API.
    pub settings: BTreeMap<&'static str, Setting>,
    pin: String,
}

impl Sandbox {
    /// The calls so far, oldest first, at most `CALLS_MAX`.
    pub fn calls(&self) -> Vec<Call> {
        self.web.ledger.calls()
    }

    /// Every mailbox, ordered by customer and number.
    pub fn mailboxes(&self) -> Result<Vec<Mailbox>, SandboxError> {
        let all = mailboxes::all(&self.web.switch.db())?;
        Ok(all.into_iter().map(Mailbox::from).collect())
    }

    /// Ends the sandbox: no new calls, a bounded wait for those in flight, then the port is free.
    pub async fn stop(mut self) {
        let orders = self.hold.orders.take();
        let ended = self.hold.ended.take();
        if let Some(orders) = &orders {
            orders.send_replace(Order::Finish);
        }
        if let Some(ended) = ended {
            // An error means that its runtime went first: it has ended all the same.
            drop(ended.await);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been shown already and must not become ours.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.url)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Mailbox {
    /// Whether this is its PIN; the PIN itself is not told.
    pub fn pin_is(&self, pin: &str) -> bool {
        self.pin == pin
    }

    /// A setting that is a text; nothing where there is no such one.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.settings.get(name)? {
            Setting::Text(text) => Some(text),
            Setting::Integer(_) => None,
        }
    }

    /// A setting that is a number; nothing where there is no such one.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.settings.get(name)? {
            Setting::Integer(number) => Some(*number),
            Setting::Text(_) => None,
        }
    }
}

impl From<Stored> for Mailbox {
    fn from(stored: Stored) -> Self {
        let Stored { customer, mailbox, pin, settings } = stored;
        let settings = FIELDS.iter().map(|it| it.name).zip(settings).collect();
        Self { customer, mailbox, settings, pin }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { customer, mailbox, settings, pin: _ } = self;
        f.debug_struct("Mailbox")
            .field("customer", customer)
            .field("mailbox", mailbox)
            .field("settings", settings)
            .field("pin", &"***")
            .finish()
    }
}
