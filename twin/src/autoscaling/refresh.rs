//! One instance refresh, told from the time it has had.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::place::Place;

/// How long a cancelled refresh is still `Cancelling`. AWS documents no figure.
const CANCELLING: Duration = Duration::from_secs(10);
const PERCENT: usize = 100;

/// How far a refresh is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshStatus {
    Pending,
    InProgress,
    Successful,
    Cancelling,
    Cancelled,
}

/// A refresh, begun at some time.
#[derive(Debug)]
pub(super) struct Refresh {
    pub id: String,
    /// The identifiers of the instances that take the places of the old ones, in their order.
    pub replacements: Vec<String>,
    pub started: Timestamp,
    pub pending: Duration,
    pub refreshing: Duration,
    pub cancelled: Option<Timestamp>,
}

impl RefreshStatus {
    #[must_use]
    pub fn has_ended(self) -> bool {
        match self {
            Self::Successful | Self::Cancelled => true,
            Self::Pending | Self::InProgress | Self::Cancelling => false,
        }
    }
}

impl fmt::Display for RefreshStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Successful => "Successful",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
        })
    }
}

impl Refresh {
    pub(super) fn status(&self, place: &Place) -> RefreshStatus {
        let now = place.clock.now();
        if let Some(cancelled) = self.cancelled {
            return if place.lit_between(cancelled, now) < CANCELLING {
                RefreshStatus::Cancelling
            } else {
                RefreshStatus::Cancelled
            };
        }
        let had = place.lit_between(self.started, now);
        if had < self.pending {
            RefreshStatus::Pending
        } else if had < self.pending.saturating_add(self.refreshing) {
            RefreshStatus::InProgress
        } else {
            RefreshStatus::Successful
        }
    }

    /// How many instances are replaced so far: one after the other, each in the same time.
    pub(super) fn replaced(&self, place: &Place) -> usize {
        let until = self.cancelled.unwrap_or_else(|| place.clock.now());
        let had = place.lit_between(self.started, until);
        let Some(refreshed) = had.checked_sub(self.pending) else {
            return 0;
        };
        let all = self.replacements.len();
        if refreshed >= self.refreshing {
            return all;
        }
        let total = u128::try_from(all).unwrap_or_default();
        let done = total * refreshed.as_millis() / self.refreshing.as_millis().max(1);
        usize::try_from(done).unwrap_or(all).min(all)
    }

    pub(super) fn percentage(&self, place: &Place) -> usize {
        self.replaced(place) * PERCENT / self.replacements.len().max(1)
    }

    /// When it ended, if nothing stood still meanwhile.
    pub(super) fn ended(&self, place: &Place) -> Option<Timestamp> {
        let (begun, takes) = match self.cancelled {
            Some(cancelled) => (cancelled, CANCELLING),
            None => (self.started, self.pending.saturating_add(self.refreshing)),
        };
        let ended = begun.saturating_add(takes).ok();
        ended.filter(|_| self.status(place).has_ended())
    }
}
