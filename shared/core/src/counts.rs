//! What an invocation counts of itself while it runs.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::report::Tally;

#[derive(Debug, Default)]
pub(crate) struct Counts {
    notices_sent: AtomicU32,
    notices_failed: AtomicU32,
    conflicts_lost: AtomicU32,
    put_off: AtomicU32,
}

impl Counts {
    pub(crate) fn conflict(&self) {
        self.conflicts_lost.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn put_off(&self) {
        self.put_off.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn notice(&self, sent: bool) {
        let counter = if sent {
            &self.notices_sent
        } else {
            &self.notices_failed
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn tally(&self) -> Tally {
        Tally {
            notices_sent: self.notices_sent.load(Ordering::Relaxed),
            notices_failed: self.notices_failed.load(Ordering::Relaxed),
            conflicts_lost: self.conflicts_lost.load(Ordering::Relaxed),
            put_off: self.put_off.load(Ordering::Relaxed),
        }
    }
}
