//! A server that does to the client, connection by connection, what its script says.
//!
//! Understands no HTTP beyond where a request ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// Longest wait for connections to be closed.
const CLOSING_MAX: Duration = Duration::from_secs(60);

/// What the server does next with a connection; after the last step it closes it.
#[derive(Clone)]
pub(super) enum Step {
    /// Reads one request whole.
    Read,
    /// Writes these bytes, whatever was read.
    Say(Vec<u8>),
    /// Does nothing for ever.
    Stall,
    /// Does nothing until it is told.
    Wait(Arc<Notify>),
}

/// One connection's steps.
pub(super) type Script = Vec<Step>;

/// Reads a request and answers with these bytes.
pub(super) fn answer(bytes: impl Into<Vec<u8>>) -> Script {
    vec![Step::Read, Step::Say(bytes.into())]
}

/// A whole answer with a body.
pub(super) fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A running server and what it has seen.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    opened: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves the scripts, one a connection in the order of their coming; later ones are closed at once.
    pub(super) async fn start(scripts: Vec<Script>) -> Self {
        Self::listen(scripts, None).await
    }

    /// The same under TLS.
    pub(super) async fn start_tls(scripts: Vec<Script>, acceptor: TlsAcceptor) -> Self {
        Self::listen(scripts, Some(acceptor)).await
    }

    async fn listen(scripts: Vec<Script>, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            opened: Arc::default(),
            closed: Arc::default(),
            requests: Arc::default(),
        };
        tokio::spawn(server.clone().serve(listener, scripts, acceptor));
        server
    }

    /// Connections so far.
    pub(super) fn connections(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// The requests so far, in their order.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until the server has closed that many connections.
    pub(super) async fn closed(&self, count: usize) {
        let closing = async {
            while self.closed.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(CLOSING_MAX, closing).await.unwrap();
    }

    async fn serve(
        self,
        listener: TcpListener,
        scripts: Vec<Script>,
        acceptor: Option<TlsAcceptor>,
    ) {
        let mut scripts = scripts.into_iter();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            self.opened.fetch_add(1, Ordering::SeqCst);
            let script = scripts.next().unwrap_or_default();
            let (server, acceptor) = (self.clone(), acceptor.clone());
            tokio::spawn(async move {
                match acceptor {
                    None => server.play(stream, script).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            server.play(stream, script).await;
                        }
                    }
                }
                server.closed.fetch_add(1, Ordering::SeqCst);
            });
        }
    }

    async fn play(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, script: Script) {
        for step in script {
            match step {
                Step::Read => match read_request(&mut stream).await {
                    Some(request) => self.requests.lock().unwrap().push(request),
                    None => return,
                },
                // The client may have turned away, as from a body that is too large.
                Step::Say(bytes) => drop(stream.write_all(&bytes).await),
                Step::Stall => std::future::pending().await,
                Step::Wait(told) => told.notified().await,
            }
        }
        drop(stream.shutdown().await);
    }
}

/// Head and body of the next request, or nothing where the client closed.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|it| it.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |it| it.parse().unwrap()) {
                return Some(text.into_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
