//! Accepts connections and serves them within limits until told to stop. Knows nothing of what is
//! said on them.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::sandbox::web::Web;
use crate::sandbox::web::watched::Pulse;
use crate::sandbox::web::watched::Watched;

/// How long a request's head may be.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How many headers a request may have.
const HEADERS_MAX: usize = 64;
/// How long to wait after the system had no socket to spare.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Whether to go on. Nobody left to say so means: stop at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// Go on.
    Serve,
    /// Let calls in flight end, then stop.
    Finish,
}

/// Who accepts connections, and on what terms.
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) web: Arc<Web>,
    pub(crate) orders: watch::Receiver<Order>,
}

impl Server {
    /// Serves until told to stop, and a little longer for calls in flight.
    pub(crate) async fn run(self) {
        let mut orders = self.orders.clone();
        let slots = Arc::new(Semaphore::new(self.web.limits.connections_max));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                it = self.accept(&slots) => it,
                _ = orders.changed() => break,
            };
            while connections.try_join_next().is_some() {}
            let Some((stream, slot)) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let (web, orders) = (Arc::clone(&self.web), self.orders.clone());
            let acceptor = self.acceptor.clone();
            connections.spawn(async move {
                connection(stream, acceptor, &web, orders).await;
                drop(slot);
            });
        }
        drop(self.listener);
        if self.orders.has_changed().is_ok() {
            let ends = async { while connections.join_next().await.is_some() {} };
            // Whatever has not ended by then is cut off below.
            drop(tokio::time::timeout(self.web.limits.stop_wait, ends).await);
        }
        connections.shutdown().await;
    }

    /// The next connection once there is a slot for it; nothing where the system has none.
    async fn accept(
        &self,
        slots: &Arc<Semaphore>,
    ) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        let (stream, _) = self.listener.accept().await.ok()?;
        stream.set_nodelay(true).ok()?;
        Some((stream, slot))
    }
}

async fn connection(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    web: &Arc<Web>,
    orders: watch::Receiver<Order>,
) {
    let Some(acceptor) = acceptor else { return serve(stream, web, orders).await };
    let handshake = tokio::time::timeout(web.limits.head_wait, acceptor.accept(stream));
    if let Ok(Ok(stream)) = handshake.await {
        serve(stream, web, orders).await;
    }
}

async fn serve<S>(stream: S, web: &Arc<Web>, mut orders: watch::Receiver<Order>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let pulse = Pulse::new();
    let service = service_fn(|request| {
        let (web, pulse) = (Arc::clone(web), pulse.clone());
        pulse.busy();
        async move {
            let answer = web.answer(request).await;
            pulse.idle();
            answer
        }
    });
    let io = TokioIo::new(Watched { stream, pulse: pulse.clone() });
    let mut connection = pin!(protocol(web).serve_connection(io, service));
    let mut stalled = pin!(pulse.clone().stalled(web.limits.head_wait));
    loop {
        tokio::select! {
            // An error here is a client gone or a drop on purpose; the ledger has what matters.
            _ = connection.as_mut() => return,
            () = stalled.as_mut() => return,
            order = orders.changed() => match order {
                Ok(()) => connection.as_mut().graceful_shutdown(),
                Err(_) => return,
            },
        }
    }
}

fn protocol(web: &Web) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(web.limits.idle_wait.max(web.limits.head_wait))
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    builder
}
