//! What every service knows of the twin it is part of.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::emission::Outbox;
use crate::identifiers::Identifiers;
use crate::outages::Outages;

/// Whose account, which region, what time it is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub account: String,
    pub region: String,
    /// What the services' own turns and dice begin with.
    pub seed: u64,
    pub clock: Clock,
    pub identifiers: Arc<Identifiers>,
    /// Where it leaves what it has to tell the world.
    pub outbox: Outbox,
    pub outages: Outages,
}

impl Place {
    /// The ARN of something in this account and region.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account)
    }

    /// How much of a time the region was not dark.
    pub(crate) fn lit_between(&self, from: Timestamp, until: Timestamp) -> Duration {
        let length = |from: Timestamp, until: Timestamp| {
            Duration::try_from(until.duration_since(from)).unwrap_or_default()
        };
        let nights = self.outages.nights(&self.region);
        let dark = nights.iter().map(|night| {
            let end = night.until.map_or(until, |end| end.min(until));
            length(night.from.max(from), end)
        });
        length(from, until).saturating_sub(dark.sum())
    }
}
