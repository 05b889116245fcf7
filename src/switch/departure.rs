//! The body of a request, which tells when it is taken up to be written: the moment at which a call leaves.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use hyper::body::Body;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::body::SizeHint;

use crate::model::WhenLeft;

/// Bytes to be sent in one piece, and who is told once.
pub(super) struct Departure {
    bytes: Bytes,
    left: Option<WhenLeft>,
}

impl Departure {
    pub(super) fn new(bytes: Vec<u8>, left: WhenLeft) -> Self {
        Self { bytes: bytes.into(), left: Some(left) }
    }
}

impl Body for Departure {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let it = self.get_mut();
        if let Some(left) = it.left.take() {
            left();
        }
        let bytes = std::mem::take(&mut it.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
