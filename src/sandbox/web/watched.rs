//! A stream that knows whether a request's head is on its way, so that one that stalls can be cut
//! off sooner than a connection that merely rests.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use tokio::io;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::sync::watch;
use tokio::time::Instant;

/// What a connection is doing.
#[derive(Clone, Copy)]
enum Phase {
    /// A head is awaited, or arriving, since then.
    Head(Instant),
    /// A request is being read or answered.
    Busy,
    /// Nothing is going on.
    Idle,
}

/// Tells what a connection is doing.
#[derive(Clone)]
pub(super) struct Pulse(Arc<watch::Sender<Phase>>);

impl Pulse {
    /// A new connection, which owes a head from now on.
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Head(Instant::now()))))
    }

    pub(super) fn busy(&self) {
        self.0.send_replace(Phase::Busy);
    }

    pub(super) fn idle(&self) {
        self.0.send_replace(Phase::Idle);
    }

    fn bytes_came(&self) {
        self.0.send_if_modified(|phase| match phase {
            Phase::Idle => {
                *phase = Phase::Head(Instant::now());
                true
            }
            Phase::Head(_) | Phase::Busy => false,
        });
    }

    /// Ends once a head takes longer than it may.
    pub(super) async fn stalled(self, wait: Duration) {
        let mut phases = self.0.subscribe();
        loop {
            let phase = *phases.borrow_and_update();
            // The sender is held by `self`, so a change is never an error.
            let changed = phases.changed();
            match phase {
                Phase::Head(since) => {
                    if tokio::time::timeout_at(since + wait, changed).await.is_err() {
                        return;
                    }
                }
                Phase::Busy | Phase::Idle => drop(changed.await),
            }
        }
    }
}

/// A stream that reports what comes in.
pub(super) struct Watched<S> {
    pub(super) stream: S,
    pub(super) pulse: Pulse,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.pulse.bytes_came();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_comes_stalls() {
        let started = Instant::now();
        Pulse::new().stalled(WAIT).await;
        assert_eq!(started.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_or_resting_connection_does_not_stall_until_bytes_come() {
        let pulse = Pulse::new();
        let started = Instant::now();
        let stalled = tokio::spawn(pulse.clone().stalled(WAIT));
        tokio::time::sleep(WAIT / 2).await;
        pulse.busy();
        pulse.bytes_came();
        tokio::time::sleep(WAIT * 4).await;
        pulse.idle();
        tokio::time::sleep(WAIT * 4).await;
        pulse.bytes_came();
        tokio::time::sleep(WAIT / 2).await;
        pulse.bytes_came();
        stalled.await.unwrap();
        assert_eq!(started.elapsed(), WAIT / 2 + WAIT * 4 + WAIT * 4 + WAIT);
    }
}
