//! How many seconds of acknowledged writes a forced promotion may lose.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::observation::{LagSeen, Observation};
use crate::replication::{Seen, seconds_between};

/// The last lag that is known of the secondary, and how old that reading is. Nothing is known of the time since, so all
/// of it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct LossEstimate {
    pub lag_milliseconds: u64,
    pub age_seconds: u64,
    /// Both together, rounded up.
    pub seconds: u64,
}

/// `None` when no reading was ever seen: then nobody can say.
#[must_use]
pub fn estimate(seen: &Observation, kept: Option<LagSeen>) -> Option<LossEstimate> {
    estimate_at(seen.at, seen, kept)
}

/// As of another moment than that of the look, such as the one at which it was decided.
#[must_use]
pub fn estimate_at(at: Timestamp, seen: &Observation, kept: Option<LagSeen>) -> Option<LossEstimate> {
    let fresh = match &seen.lag {
        Seen::Known(reading) => Some(*reading),
        Seen::Unknown(_) => None,
    };
    let newest = [fresh, kept]
        .into_iter()
        .flatten()
        .max_by_key(|reading| reading.at)?;
    Some(of(newest, at))
}

fn of(reading: LagSeen, now: Timestamp) -> LossEstimate {
    let age_seconds = seconds_between(reading.at, now);
    LossEstimate {
        lag_milliseconds: reading.milliseconds,
        age_seconds,
        seconds: age_seconds.saturating_add(reading.milliseconds.div_ceil(1_000)),
    }
}
