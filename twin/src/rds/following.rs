//! RDS in the twin: things happen at their own second, are told to the bus of their region, and are
//! measured once a minute.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::{Probed, Rds};
use crate::emission::Emission;
use crate::twin::Twin;

/// The least to wait for what is due: the clock may be a little behind its timers.
const WAIT_MIN: Duration = Duration::from_millis(1);

impl Rds {
    /// True if something is due some time and nobody waits for it yet; whoever asks has to, then. Tells the
    /// one who waits already that there may be something earlier.
    fn needs_follower(&mut self) -> bool {
        if self.followed {
            self.changed.notify_one();
            return false;
        }
        self.followed = self.next_due_in().is_some();
        self.followed
    }

    /// What to wait for until the next thing is due. None ends the waiting.
    fn wait_for_next(&mut self) -> Option<(Duration, Arc<Notify>)> {
        self.settle();
        let wait = self.next_due_in();
        self.followed = wait.is_some();
        Some((wait?.max(WAIT_MIN), Arc::clone(&self.changed)))
    }
}

impl Twin {
    /// Reads or seeds RDS, of all regions.
    pub fn rds<R>(&self, f: impl FnOnce(&mut Rds) -> R) -> R {
        let result = self.with_rds(|rds| {
            rds.settle();
            f(rds)
        });
        self.follow_rds();
        result
    }

    /// Connects from a region to the name of a database endpoint, and asks what is there.
    #[must_use]
    pub fn probe(&self, endpoint: &str, from_region: &str) -> Probed {
        self.rds(|rds| rds.probe(endpoint, from_region))
    }

    /// Puts the lag of every secondary and replica into the `CloudWatch` of its region, as RDS does by
    /// itself at every whole minute.
    pub fn measure_replication(&self) {
        let now = self.clock().now();
        for measured in self.rds(|rds| rds.measurements()) {
            let (name, value) = &measured.dimension;
            self.at(&measured.region).cloudwatch(|cloudwatch| {
                cloudwatch.put_datapoint(
                    measured.namespace,
                    measured.metric,
                    &[(name, value)],
                    now,
                    measured.value,
                );
            });
        }
    }

    /// Lets everything happen that is due. The outages call it before and after they change what regions can
    /// reach: what is past is settled by what could be reached then.
    pub(crate) fn settle_rds(&self) {
        self.rds(|_| ());
    }

    /// Leaves what RDS has to tell with the regions it happened in.
    pub(crate) fn collect_news_of_rds(&self) {
        for news in self.with_rds(Rds::take_news) {
            let there = self.at(&news.region);
            there.outbox().put(Emission::Event(news.event()));
        }
    }

    /// Waits in the background for whatever is due, as long as there is anything.
    fn follow_rds(&self) {
        if !self.with_rds(Rds::needs_follower) {
            return;
        }
        let twin = self.clone();
        tokio::spawn(async move {
            while let Some((wait, changed)) = twin.with_rds(Rds::wait_for_next) {
                twin.deliver();
                // Either is a reason to look again.
                let _whichever_comes_first = tokio::time::timeout(wait, changed.notified()).await;
            }
            twin.deliver();
        });
    }
}
