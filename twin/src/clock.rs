//! The twin's clock: tokio's clock, moved to where the story begins.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use jiff::{SignedDuration, Timestamp};

/// Virtual time. It starts at a given instant and runs with tokio's clock, so that in a runtime
/// started paused every timer, the SDK's own included, takes no real time.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    start: Timestamp,
    started: tokio::time::Instant,
    offset: Mutex<SignedDuration>,
}

impl Clock {
    /// Starts at `start`, from now on. Call it inside the runtime whose time is meant: tokio's paused
    /// clock is known only there.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        let inner = Inner {
            start,
            started: tokio::time::Instant::now(),
            offset: Mutex::new(SignedDuration::ZERO),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The present, in the story's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.inner.started.elapsed()).unwrap_or(SignedDuration::MAX);
        let offset = *self.inner.offset.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner
            .start
            .saturating_add(elapsed.saturating_add(offset))
            .unwrap_or(Timestamp::MAX)
    }

    /// Jumps forward. Timers that are already running do not notice: this is for a server, whose
    /// clients live in real time. In a paused runtime prefer [`Clock::sleep`], which runs them too.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut offset = self.inner.offset.lock().unwrap_or_else(PoisonError::into_inner);
        *offset = offset.saturating_add(by);
    }

    /// Waits on tokio's clock: no real time passes when that clock is paused.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    /// This clock as the SDK's time source, so that requests are signed with the story's time.
    #[must_use]
    pub fn time_source(&self) -> SharedTimeSource {
        SharedTimeSource::new(self.clone())
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        SystemTime::from(Clock::now(self))
    }
}
