//! An embedded switch for tests and rehearsals: the mailbox functions of the JSON API over HTTP or
//! HTTPS, on this machine. It is a reading of the API of its own and shares no code with the client,
//! so that a mistake in one is not repeated in the other. It is no real switch and never calls one.
//!
//! Without a seed file there are customer 1 (the system) and below it customers 2 (with persons 21,
//! 22 and 23) and 3 (with persons 31, 32 and 33). The one login, `sandbox`, is the system owner.

mod answer;
mod error;
mod faults;
mod fields;
mod form;
mod handle;
mod ledger;
mod options;
mod roles;
mod rules;
mod seed;
mod store;
mod switch;
mod tls;
mod web;

use std::fmt::Write;
use std::future::Future;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;

use rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::sync::watch;

pub use crate::sandbox::error::SandboxError;
pub use crate::sandbox::faults::Chance;
pub use crate::sandbox::faults::Fault;
pub use crate::sandbox::faults::FaultError;
pub use crate::sandbox::faults::Trouble;
pub use crate::sandbox::fields::Setting;
pub use crate::sandbox::handle::Mailbox;
pub use crate::sandbox::handle::Sandbox;
pub use crate::sandbox::ledger::CALLS_MAX;
pub use crate::sandbox::ledger::Call;
pub use crate::sandbox::options::HttpStatus;
pub use crate::sandbox::options::Limits;
pub use crate::sandbox::options::Options;
pub use crate::sandbox::options::Tls;
pub use crate::sandbox::options::Validity;
pub use crate::sandbox::options::Version;

use crate::sandbox::faults::Dice;
use crate::sandbox::handle::Hold;
use crate::sandbox::ledger::Ledger;
use crate::sandbox::roles::Role;
use crate::sandbox::store::world;
use crate::sandbox::store::world::Person;
use crate::sandbox::switch::Switch;
use crate::sandbox::tls::Certificates;
use crate::sandbox::web::Hosts;
use crate::sandbox::web::ROOT;
use crate::sandbox::web::Web;
use crate::sandbox::web::server::Order;
use crate::sandbox::web::server::Server;

/// How many random bytes a password is made of.
const PASSWORD_BYTES: usize = 16;

/// Starts a sandbox on the runtime of the caller.
pub async fn start(options: Options) -> Result<Sandbox, SandboxError> {
    let (sandbox, serving) = prepare(options).await?;
    tokio::spawn(serving);
    Ok(sandbox)
}

/// Starts a sandbox on a thread of its own, which ends with the handle.
pub fn start_on_thread(options: Options) -> Result<Sandbox, SandboxError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let run = move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(sender.send(Err(SandboxError::Thread(error)))),
        };
        match runtime.block_on(prepare(options)) {
            Err(error) => drop(sender.send(Err(error))),
            Ok((sandbox, serving)) => {
                drop(sender.send(Ok(sandbox)));
                runtime.block_on(serving);
            }
        }
    };
    let builder = std::thread::Builder::new().name("sandbox".to_owned());
    let thread = builder.spawn(run).map_err(SandboxError::Thread)?;
    let gone = || SandboxError::Thread(std::io::Error::other("it ended before it began"));
    let mut sandbox = receiver.recv().map_err(|_| gone())??;
    sandbox.hold.thread = Some(thread);
    Ok(sandbox)
}

/// Everything but the serving itself.
async fn prepare(
    options: Options,
) -> Result<(Sandbox, impl Future<Output = ()> + Send + use<>), SandboxError> {
    if !options.listen.ip().is_loopback() && !options.allow_remote {
        return Err(SandboxError::Remote { address: options.listen });
    }
    let certificates = options.tls.as_ref().map(tls::certificates).transpose()?;
    let password = random_password()?;
    let db = world_of(&options, &password)?;
    let (listener, address) = listen(options.listen).await?;
    let scheme = if certificates.is_some() { "https" } else { "http" };
    let (acceptor, ca_pem) =
        certificates.map(|Certificates { acceptor, ca_pem }| (acceptor, ca_pem)).unzip();
    let web = Arc::new(web_of(options, db, address.ip()));
    let (order, orders) = watch::channel(Order::Serve);
    let (end, ended) = oneshot::channel();
    let server = Server { listener, acceptor, web: Arc::clone(&web), orders };
    let serving = async move {
        server.run().await;
        // Nobody may be waiting for the end.
        let _ = end.send(());
    };
    let hold = Hold { orders: Some(order), ended: Some(ended), thread: None };
    let url = format!("{scheme}://{}{ROOT}", reachable(address));
    let username = seed::LOGIN.to_owned();
    Ok((Sandbox { url, username, password, ca_pem, hold, web }, serving))
}

async fn listen(asked: SocketAddr) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let failed = |source| SandboxError::Listen { address: asked, source };
    let listener = TcpListener::bind(asked).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// The state to begin with: what the data file holds, the seed file, or a small world.
fn world_of(options: &Options, password: &str) -> Result<Connection, SandboxError> {
    let mut db = match &options.data {
        Some(path) => store::in_file(path)?,
        None => store::in_memory()?,
    };
    if let Some(path) = &options.seed_file {
        seed::apply(&mut db, path, options.version)?;
    } else if world::root(&db)?.is_none() {
        world::fill_with_defaults(&db)?;
    }
    put_login(&db, password)?;
    Ok(db)
}

/// Gives the sandbox's own login its new password.
fn put_login(db: &Connection, password: &str) -> rusqlite::Result<()> {
    let known = world::person_named(db, seed::LOGIN)?.map(|it| it.id);
    let id = known.map_or_else(|| world::next_person(db), Ok)?;
    let customer = world::root(db)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let username = Some(seed::LOGIN.to_owned());
    let password = Some(password.to_owned());
    world::put_person(db, &Person { id, customer, username, password, role: Role::SystemOwner })
}

fn web_of(options: Options, db: Connection, bound: IpAddr) -> Web {
    Web {
        switch: Switch::new(db, options.version, options.open),
        ledger: Arc::new(Ledger::new(options.log)),
        dice: Mutex::new(Dice::new(options.seed, options.faults)),
        hosts: Hosts::new(bound, options.tls.map(|it| it.names).unwrap_or_default()),
        limits: options.limits,
        http_status: options.http_status,
    }
}

/// An address that a client on this machine can use.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// A password from the operating system's randomness.
fn random_password() -> Result<String, SandboxError> {
    let mut bytes = [0; PASSWORD_BYTES];
    let source = rustls::crypto::ring::default_provider().secure_random;
    source.fill(&mut bytes).map_err(|_| SandboxError::Randomness)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
