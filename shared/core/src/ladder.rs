//! A ladder of weights that the tick climbs, with a bake time on each rung.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::weight::Weight;

/// Most rungs of one ladder.
pub const LADDER_RUNGS_MAX: usize = 20;
/// Longest bake time on a rung: one week.
pub const BAKE_MINUTES_MAX: u32 = 10_080;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Ladder {
    /// Ascending weights.
    pub rungs: Vec<Weight>,
    pub bake_minutes: u32,
}

impl Ladder {
    /// The first rung above `weight`.
    #[must_use]
    pub fn next_above(&self, weight: Weight) -> Option<Weight> {
        self.rungs.iter().copied().find(|rung| *rung > weight)
    }

    /// What all of its bakes take, in minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        let rungs = i64::try_from(self.rungs.len()).unwrap_or(i64::MAX);
        rungs.saturating_mul(i64::from(self.bake_minutes))
    }

    /// When the next rung is due, for traffic that settled at `settled`.
    #[must_use]
    pub fn due(&self, settled: Timestamp) -> Timestamp {
        let bake = SignedDuration::from_mins(i64::from(self.bake_minutes));
        settled.checked_add(bake).unwrap_or(Timestamp::MAX)
    }
}
