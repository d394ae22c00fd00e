//! What is under way right now: deliveries and invocations, but not those that wait for their time.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::twin::Twin;

/// Counts what is under way.
#[derive(Debug, Default)]
pub(super) struct WorkCount(watch::Sender<usize>);

/// One piece of work, until it is dropped.
#[derive(Debug)]
pub(crate) struct Work(watch::Sender<usize>);

impl WorkCount {
    pub(super) fn begin(&self) -> Work {
        Work::begin(self.0.clone())
    }
}

impl Work {
    fn begin(count: watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }

    /// Waits without being under way meanwhile.
    pub(super) async fn pause(self, clock: &Clock, wait: Duration) -> Self {
        if wait.is_zero() {
            return self;
        }
        let count = self.0.clone();
        drop(self);
        clock.sleep(wait).await;
        Self::begin(count)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Twin {
    /// One more invocation or delivery under way.
    pub(crate) fn begin_work(&self) -> Work {
        self.delivery().work.begin()
    }

    /// Returns when everything that services had to tell is delivered, and every invocation has ended.
    /// Does not wait for what is due later: retries, and what the weather has delayed or holds.
    pub async fn quiet(&self) {
        self.deliver();
        let mut under_way = self.delivery().work.0.subscribe();
        // What is due at this very moment wakes up first.
        tokio::task::yield_now().await;
        // Whoever has work done begins it before ending the own: at zero, nothing is left over. It cannot
        // fail, because the twin keeps the other end.
        let _never_closed = under_way.wait_for(|count| *count == 0).await;
    }
}
