//! The yardstick's switch: one thread, a fixed answer, a wait before it if asked for, and a count of what arrives.
//!
//! Keeps no mailbox and looks at no body: every create is done, every list is empty, and a dry run is answered as if it
//! had been a real one. Its CPU time is the bound for every client, so it does no more than that.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::io::Write;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;
use std::time::Instant;

use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::task::LocalSet;

use crate::arrivals::Arrivals;
use crate::arrivals::Tally;
use crate::failure::Failure;

/// Where calls of the switch's API go.
const API_PATH: &str = "/api/json/";

/// Longest wait before an answer.
const LATENCY_MILLISECONDS_MAX: u64 = 60_000;

/// Most bytes of a body that are taken; the rest of a longer one closes its connection.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Most connections at a time; others are closed at once.
const CONNECTIONS_MAX: usize = 4_096;

const DONE: &[u8] = br#"{"responses":[{"code":"204","key":"","message":"OK"}]}"#;
const NOTHING_LISTED: &[u8] =
    br#"{"responses":[{"code":"200","key":"","message":"OK"}],"data":[]}"#;
const ABSENT: &[u8] =
    br#"{"responses":[{"code":"404","key":"","message":"no such mailbox, or not yours to see"}]}"#;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Milliseconds to wait before each answer
    #[arg(long, value_name = "MS", default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(..=LATENCY_MILLISECONDS_MAX))]
    latency: u64,

    /// Port to listen on; 0: one that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// What all connections share.
struct Desk {
    start: Instant,
    latency: Option<Duration>,
    arrivals: RefCell<Arrivals>,
}

/// Serves until it is told to end, and prints what arrived.
pub(crate) fn run(options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let serving = runtime.and_then(|it| LocalSet::new().block_on(&it, serve(options, out)));
    let tally = serving.map_err(|error| {
        Failure::new(format!("cannot serve: {error}"), "give a port that is free, or --port 0")
    })?;
    serde_json::to_writer(&mut *out, &tally).map_err(|error| Failure::output(&error.into()))?;
    writeln!(out).map_err(|error| Failure::output(&error))
}

async fn serve(options: &Options, out: &mut impl Write) -> io::Result<Tally> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    writeln!(out, "http://{}{API_PATH}", listener.local_addr()?)?;
    out.flush()?;
    let latency = (options.latency > 0).then(|| Duration::from_millis(options.latency));
    let desk = Rc::new(Desk { start: Instant::now(), latency, arrivals: RefCell::default() });
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // One reference is ours, every other a connection's.
                if Rc::strong_count(&desk) <= CONNECTIONS_MAX {
                    tokio::task::spawn_local(attend(accepted?.0, Rc::clone(&desk)));
                }
            }
            _ = interrupted.recv() => break,
            _ = terminated.recv() => break,
        }
    }
    let tally = desk.arrivals.borrow().tally();
    Ok(tally)
}

async fn attend(stream: TcpStream, desk: Rc<Desk>) {
    // A connection that breaks is its client's business.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(request, &desk));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    mut request: Request<Incoming>,
    desk: &Desk,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let function = request.uri().path().strip_prefix(API_PATH).unwrap_or_default();
    let function = function.trim_end_matches('/').trim_start_matches("mailboxes/");
    let text = match function {
        "create" => {
            let microseconds = u64::try_from(desk.start.elapsed().as_micros()).unwrap_or(u64::MAX);
            desk.arrivals.borrow_mut().note_create(microseconds);
            Bytes::from_static(DONE)
        }
        _ if request.uri().path() == "/bins" => {
            let tally = desk.arrivals.borrow().tally();
            Bytes::from(serde_json::to_vec(&tally).unwrap_or_default())
        }
        other => {
            desk.arrivals.borrow_mut().note_other();
            Bytes::from_static(match other {
                "list" => NOTHING_LISTED,
                "get" => ABSENT,
                _ => DONE,
            })
        }
    };
    pass_over(request.body_mut()).await;
    if let Some(latency) = desk.latency {
        tokio::time::sleep(latency).await;
    }
    let mut response = Response::new(Full::new(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

async fn pass_over(body: &mut Incoming) {
    let mut taken = 0;
    while let Some(Ok(frame)) = body.frame().await {
        taken += frame.data_ref().map_or(0, Bytes::len);
        if taken > BODY_BYTES_MAX {
            return;
        }
    }
}
