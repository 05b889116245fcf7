//! One connection to the switch, driven by the call that uses it and by nobody else.
//!
//! Nothing is spawned: a call that is dropped takes its connection along, and one that lies idle is not looked at.
//! Says for sure of a request whether it was taken up; never sends one a second time.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use futures_util::TryFutureExt;
use hyper::Request;
use hyper::Response;
use hyper::body::Body as _;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http1::SendRequest;

use crate::switch::connector::ConnectError;
use crate::switch::connector::Stream;
use crate::switch::departure::Departure;

/// Longest head of an answer, and most that is read or written at once. That a head has at most 100 headers hyper sees to.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// A connection between two calls, or with one under way.
pub(super) struct Connection {
    requests: SendRequest<Departure>,
    /// Reads and writes; nothing once it is over.
    traffic: Option<http1::Connection<Stream, Departure>>,
}

/// A request got no answer.
pub(super) struct Unanswered {
    /// Why.
    pub(super) error: hyper::Error,
    /// The request, if it was not taken up: not a byte of it was written.
    pub(super) untouched: Option<Box<Request<Departure>>>,
}

impl Connection {
    /// In a box, since it is large and handed on with every call.
    pub(super) async fn over(stream: Stream) -> Result<Box<Self>, ConnectError> {
        let handshake = http1::Builder::new().max_buf_size(HEAD_BYTES_MAX).handshake(stream);
        let (requests, traffic) = handshake.await.map_err(|it| ConnectError::Failed(it.into()))?;
        Ok(Box::new(Self { requests, traffic: Some(traffic) }))
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) fn send(
        &mut self,
        request: Request<Departure>,
    ) -> impl Future<Output = Result<Response<Incoming>, Unanswered>> {
        // In a box, since the request that it may give back would be moved about with every call.
        let mut answer = Box::pin(self.requests.try_send_request(request));
        let traffic = &mut self.traffic;
        let answer = poll_fn(move |context| {
            drive(traffic, context);
            answer.as_mut().poll(context)
        });
        answer.map_err(|mut error| {
            let untouched = error.take_message().map(Box::new);
            Unanswered { error: error.into_error(), untouched }
        })
    }

    /// The next piece of an answer's body; nothing at its end.
    pub(super) async fn piece(
        &mut self,
        body: &mut Incoming,
    ) -> Option<Result<Bytes, hyper::Error>> {
        let frame = poll_fn(|context| {
            let frame = Pin::new(&mut *body).poll_frame(context);
            if frame.is_ready() {
                return frame;
            }
            drive(&mut self.traffic, context);
            Pin::new(&mut *body).poll_frame(context)
        });
        // Trailers say nothing that counts.
        Some(frame.await?.map(|it| it.into_data().unwrap_or_default()))
    }

    /// Reads and writes what is left once an answer was read to its end; whether it can take another request then.
    pub(super) async fn finish(&mut self) -> bool {
        poll_fn(|context| {
            drive(&mut self.traffic, context);
            Poll::Ready(self.requests.is_ready())
        })
        .await
    }
}

/// Reads and writes as far as that goes. How a connection ended is told to the request.
fn drive(traffic: &mut Option<http1::Connection<Stream, Departure>>, context: &mut Context<'_>) {
    if let Some(it) = traffic
        && Pin::new(it).poll(context).is_ready()
    {
        *traffic = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper_rustls::MaybeHttpsStream;
    use hyper_util::rt::TokioIo;
    use tokio::io::Interest;
    use tokio::net::TcpListener;
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn a_request_of_which_nothing_was_written_comes_back_and_does_not_say_that_it_left() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        drop(listener.accept().await.unwrap());
        stream.ready(Interest::READABLE).await.unwrap();
        let stream = MaybeHttpsStream::Http(TokioIo::new(stream));
        let mut connection = Connection::over(stream).await.unwrap();
        let body = Departure::new(b"mailbox=1".to_vec(), Box::new(|| panic!("it left")));
        let unanswered = connection.send(Request::new(body)).await.unwrap_err();
        assert_eq!(unanswered.untouched.unwrap().body().size_hint().exact(), Some(9));
    }
}
