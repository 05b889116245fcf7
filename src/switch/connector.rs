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
        let tcp = tcp(Resolver(GaiResolver::new()), limit);
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

/// Opens what TLS is laid over.
fn tcp<R>(resolver: R, limit: Duration) -> HttpConnector<R> {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE));
    tcp.set_keepalive_retries(Some(KEEPALIVE_PROBES_MAX));
    // Shared out among a name's addresses of either family, so that a dead one leaves time for the next.
    tcp.set_connect_timeout(Some(limit));
    tcp.set_happy_eyeballs_timeout(Some(limit / FALLBACK_PART));
    tcp
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::Ready;
    use std::future::ready;
    use std::net::SocketAddr;
    use std::vec;

    use super::*;
    use tokio::net::TcpListener;
    use tokio::net::TcpSocket;

    /// Knows these addresses for every name.
    #[derive(Clone)]
    struct Known(Vec<SocketAddr>);

    impl Service<Name> for Known {
        type Response = vec::IntoIter<SocketAddr>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Name) -> Self::Future {
            ready(Ok(self.0.clone().into_iter()))
        }
    }

    // Elsewhere the loopback has one address, or a full backlog refuses.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_address_that_swallows_connections_leaves_time_for_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let live = listener.local_addr().unwrap();
        let swallowing = SocketAddr::from(([127, 0, 0, 2], live.port()));
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(swallowing).unwrap();
        let _full = socket.listen(0).unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = timeout(FULL_AFTER, TcpStream::connect(swallowing)).await {
            waiting.push(stream.unwrap());
            assert!(waiting.len() < WAITING_MAX, "it takes connections without end");
        }
        let place = format!("http://pbx:{}", live.port()).parse().unwrap();
        let mut tcp = tcp(Known(vec![swallowing, live]), LIMIT);
        let connected = timeout(LIMIT, tcp.call(place)).await.unwrap().unwrap();
        assert_eq!(connected.inner().peer_addr().unwrap(), live);
    }

    const WAITING_MAX: usize = 16;
    /// A connection that takes so long finds no room.
    const FULL_AFTER: Duration = Duration::from_secs(1);
    const LIMIT: Duration = Duration::from_secs(4);
}
