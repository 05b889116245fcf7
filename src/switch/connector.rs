//! Opens connections to the switch: name, TCP, TLS, all within one limit.
//!
//! Sends nothing: until a connection is there, no byte of a request can have left.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use futures_util::TryFutureExt;
use futures_util::future::MapErr;
use hyper::Uri;
use hyper_rustls::HttpsConnector;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiAddrs;
use hyper_util::client::legacy::connect::dns::GaiFuture;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

/// After how long a silent connection is probed, and again, so that nothing on the way forgets a call that waits long.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Probes without an answer after which a connection is given up.
const KEEPALIVE_PROBES_MAX: u32 = 3;

/// The part of the limit after which a name's IPv4 addresses are tried beside those of IPv6.
const FALLBACK_PART: u32 = 16;

/// A connection's bytes, under TLS or not.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Opens connections to one place.
pub(super) struct Connector {
    layers: HttpsConnector<HttpConnector<Resolver>>,
    place: Uri,
    /// The longest wait for a connection, the TLS handshake included.
    limit: Duration,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    /// The limit was reached.
    #[error("no connection in time")]
    TimedOut,
    /// The name is not known, or nobody could be asked.
    #[error("no address")]
    NameNotFound(#[source] io::Error),
    /// Something on the way failed.
    #[error("no connection")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl Connector {
    /// `place` is a URL, of which scheme, host and port count.
    pub(super) fn new(tls: ClientConfig, place: Uri, limit: Duration) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        // TLS is laid over it.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        tcp.set_keepalive_retries(Some(KEEPALIVE_PROBES_MAX));
        // Shared out among a name's addresses of either family, so that a dead one leaves time for the next.
        tcp.set_connect_timeout(Some(limit));
        tcp.set_happy_eyeballs_timeout(Some(limit / FALLBACK_PART));
        Self { layers: (tcp, tls).into(), place, limit }
    }

    pub(super) async fn connect(&self) -> Result<Stream, ConnectError> {
        let mut layers = self.layers.clone();
        let connecting = async {
            poll_fn(|context| layers.poll_ready(context)).await?;
            layers.call(self.place.clone()).await
        };
        let connected = timeout(self.limit, connecting).await;
        connected.map_err(|_| ConnectError::TimedOut)?.map_err(ConnectError::Failed)
    }
}

/// The system's resolver, whose failures are told apart from others.
#[derive(Clone)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = ConnectError;
    type Future = MapErr<GaiFuture, fn(io::Error) -> ConnectError>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        self.0.poll_ready(context).map_err(ConnectError::NameNotFound)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        self.0.call(name).map_err(ConnectError::NameNotFound)
    }
}
