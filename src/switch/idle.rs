//! Connections that lie idle between two calls, so that not every call has to open one.
//!
//! Keeps none that the far side may be about to close, and no more than may be in use at a time.

use std::cell::RefCell;
use std::time::Duration;

use tokio::time::Instant;

/// How long a connection may lie idle; servers close theirs after five seconds and more.
const IDLE_TIME_MAX: Duration = Duration::from_secs(3);

/// Idle connections, the one that was used last on top.
pub(super) struct Idle<C> {
    connections: RefCell<Vec<(C, Instant)>>,
    connections_max: usize,
}

impl<C> Idle<C> {
    pub(super) fn new(connections_max: usize) -> Self {
        Self { connections: RefCell::default(), connections_max }
    }

    pub(super) fn take(&self) -> Option<C> {
        let mut connections = self.connections.borrow_mut();
        let (connection, since) = connections.pop()?;
        if since.elapsed() <= IDLE_TIME_MAX {
            return Some(connection);
        }
        // Those below were used even longer ago.
        connections.clear();
        None
    }

    /// Closes all.
    pub(super) fn close(&self) {
        self.connections.borrow_mut().clear();
    }

    pub(super) fn put(&self, connection: C) {
        let mut connections = self.connections.borrow_mut();
        let now = Instant::now();
        let expired = connections.iter().take_while(|it| now - it.1 > IDLE_TIME_MAX).count();
        connections.drain(..expired);
        if connections.len() < self.connections_max {
            connections.push((connection, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn the_one_used_last_is_taken_first_and_none_is_kept_beyond_the_limit() {
        let idle = Idle::new(2);
        for it in ["a", "b", "c"] {
            idle.put(it);
        }
        assert_eq!([idle.take(), idle.take(), idle.take()], [Some("b"), Some("a"), None]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_lain_too_long_is_closed_with_all_that_lies_below() {
        let idle = Idle::new(3);
        idle.put("old");
        advance(IDLE_TIME_MAX).await;
        idle.put("young");
        assert_eq!(idle.take(), Some("young"));
        idle.put("young");
        advance(Duration::from_millis(1)).await;
        assert_eq!([idle.take(), idle.take()], [Some("young"), None]);
        idle.put("older");
        idle.put("old");
        advance(IDLE_TIME_MAX + Duration::from_millis(1)).await;
        assert_eq!(idle.take(), None);
        assert!(idle.connections.borrow().is_empty());
        for it in ["1", "2", "3"] {
            idle.put(it);
        }
        advance(IDLE_TIME_MAX + Duration::from_millis(1)).await;
        idle.put("young");
        assert_eq!(idle.connections.borrow().len(), 1);
    }
}
