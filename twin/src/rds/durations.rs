//! How long things take, drawn from the seed.

use std::time::Duration;

use jiff::Timestamp;

use super::Rds;

/// The least and the most that something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub least: Duration,
    pub most: Duration,
}

/// Whether writes to an old primary can be blocked at its storage in a forced failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fencing {
    Succeeds,
    TimesOut,
}

/// How long everything takes. AWS gives no figures but "typically a minute" for a promotion and "a few
/// minutes to several hours" for building a volume anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durations {
    /// From a request to the beginning of what it asks.
    pub verification: Span,
    /// From a level target, and no more writes, to a new primary.
    pub switchover: Span,
    /// From a new primary to the end of a switchover.
    pub finish: Span,
    /// From the beginning of a forced failover to a new primary.
    pub failover: Span,
    /// From a new primary to a writer endpoint that leads there.
    pub endpoint: Span,
    /// From being removed from a global database to being a writer.
    pub detaching: Span,
    /// From asking to promote a read replica to a writer.
    pub promotion: Span,
    /// From one instance as the writer to another of the same cluster.
    pub in_cluster: Span,
    /// How long blocking the old primary's writes takes, or is tried.
    pub fencing: Span,
    /// How long an old primary whose writes could not be blocked goes on when it is back.
    pub rediscovery: Span,
    /// How long an old primary's volume is built anew.
    pub rebuild: Span,
    /// How long a snapshot takes.
    pub snapshot: Span,
}

impl Span {
    #[must_use]
    pub const fn seconds(least: u64, most: u64) -> Self {
        Self {
            least: Duration::from_secs(least),
            most: Duration::from_secs(most),
        }
    }

    #[must_use]
    pub const fn exactly(duration: Duration) -> Self {
        Self {
            least: duration,
            most: duration,
        }
    }
}

impl Default for Durations {
    fn default() -> Self {
        Self {
            verification: Span::seconds(1, 3),
            switchover: Span::seconds(12, 30),
            finish: Span::seconds(2, 6),
            failover: Span::seconds(20, 50),
            endpoint: Span::seconds(3, 12),
            detaching: Span::seconds(15, 45),
            promotion: Span::seconds(40, 120),
            in_cluster: Span::seconds(15, 35),
            fencing: Span::seconds(5, 15),
            rediscovery: Span::seconds(20, 60),
            rebuild: Span::seconds(300, 1200),
            snapshot: Span::seconds(30, 120),
        }
    }
}

impl Rds {
    /// A moment within a span from another, to the second.
    pub(super) fn drawn(&self, span: Span, from: Timestamp) -> Timestamp {
        let room = span.most.saturating_sub(span.least).as_secs();
        let extra = Duration::from_secs(self.dice.below(room.saturating_add(1)));
        later(from, span.least.saturating_add(extra))
    }
}

/// A moment some time after another.
pub(super) fn later(from: Timestamp, by: Duration) -> Timestamp {
    from.saturating_add(by).unwrap_or(from)
}
