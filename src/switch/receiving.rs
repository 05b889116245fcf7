//! Waits for what comes back on a connection, within a time and a size.

use std::pin::Pin;

use futures_util::FutureExt;
use hyper::Response;
use hyper::body::Incoming;
use hyper::header;
use hyper::header::HeaderName;
use tokio::task::yield_now;
use tokio::time::Instant;
use tokio::time::timeout_at;

use crate::switch::ApiUrl;
use crate::switch::answer::Body;
use crate::switch::answer::HttpAnswer;
use crate::switch::connection::Connection;

/// How the reading of a body ended.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum End {
    Whole,
    Early,
    Limit,
}

/// Reads a body into `bytes`.
pub(super) async fn read_body(
    connection: &mut Connection,
    (body, bytes): (&mut Incoming, &mut Vec<u8>),
    (deadline, bytes_max): (Instant, usize),
) -> End {
    loop {
        match timeout_at(deadline, connection.piece(body)).await {
            Ok(Some(Ok(piece))) if bytes.len() + piece.len() > bytes_max => return End::Limit,
            Ok(Some(Ok(piece))) => bytes.extend_from_slice(&piece),
            Ok(None) => return End::Whole,
            Ok(Some(Err(_))) | Err(_) => return End::Early,
        }
    }
}

/// What is told of an answer of which so much was read.
pub(super) fn answer<'a>(
    response: &'a Response<Incoming>,
    end: End,
    bytes: &'a [u8],
    url: &ApiUrl,
) -> HttpAnswer<'a> {
    let headers = response.headers();
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    HttpAnswer {
        status: response.status().as_u16(),
        // A header that cannot be read is there all the same.
        retry_after: headers.get(header::RETRY_AFTER).map(|it| it.to_str().unwrap_or_default()),
        date: text(header::DATE),
        location_host: text(header::LOCATION).and_then(|it| url.host_of(it)),
        media_type: text(header::CONTENT_TYPE),
        body: match end {
            End::Whole => Body::Whole(bytes),
            End::Early => Body::Truncated { received: bytes.len() },
            End::Limit => Body::TooLarge,
        },
    }
}

/// What comes before the deadline. A process that was stopped meanwhile finds it over before the runtime has looked at its
/// sockets: once it has, what arrived is asked for once more.
pub(super) async fn within<F: Future>(
    deadline: Instant,
    mut coming: Pin<&mut F>,
) -> Option<F::Output> {
    if let Ok(come) = timeout_at(deadline, coming.as_mut()).await {
        return Some(come);
    }
    yield_now().await;
    coming.now_or_never()
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;
    use std::time::Duration;

    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn what_arrived_while_the_process_was_stopped_is_seen_though_the_deadline_is_over() {
        let over = Instant::now();
        advance(Duration::from_secs(1)).await;
        let mut polls = 0;
        let arrived = pin!(poll_fn(|_| {
            polls += 1;
            if polls > 1 { Poll::Ready("answer") } else { Poll::Pending }
        }));
        assert_eq!(within(over, arrived).await, Some("answer"));
        assert_eq!(within(over, pin!(pending::<()>())).await, None);
    }
}
