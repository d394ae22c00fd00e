//! How far the target is behind, told by a row that was written on the one side and read on the other. No metric can fake it,
//! and no clock but the caller's counts: he wrote the row's time, and he reads it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Clocks of two invocations differ by this much at most, or the reading is not used.
pub const SKEW_MAX: SignedDuration = SignedDuration::from_secs(2);

/// One row, as it was written or read. Times are whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Beat {
    pub at: Timestamp,
    /// Of the writer's journal, so that a beat of another run is told apart.
    pub generation: u32,
}

/// What the newest beats say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "heartbeat", rename_all = "lowercase")]
pub enum Lag {
    /// The newest beat is on the target: whatever was committed before it is there, too.
    Level { milliseconds_max: u64 },
    /// The newest beat is not there yet.
    Behind {
        milliseconds_min: u64,
        /// Since the beat that is there; `None`: none ever was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        milliseconds_max: Option<u64>,
    },
    /// Nothing can be said, and why.
    Unknown { why: String },
}

/// What a beat written on the one side and the newest one read on the other say, at `now`. Both `None`: nobody ever wrote one.
#[must_use]
pub fn lag(written: Option<Beat>, arrived: Option<Beat>, now: Timestamp) -> Lag {
    let Some(written) = written else {
        return unknown("no heartbeat was written yet");
    };
    let newest = arrived.map_or(written.at, |beat| beat.at.max(written.at));
    if newest.duration_since(now) > SKEW_MAX {
        return unknown(&format!(
            "a heartbeat is of {newest}, which is later than now ({now})"
        ));
    }
    match arrived {
        Some(beat) if beat.at >= written.at => Lag::Level {
            milliseconds_max: milliseconds(beat.at, now),
        },
        earlier => Lag::Behind {
            milliseconds_min: milliseconds(written.at, now),
            milliseconds_max: earlier.map(|beat| milliseconds(beat.at, now)),
        },
    }
}

/// A database in which nothing is written and one whose changes are stuck look alike to a metric. A beat is a write: where it
/// came through within the limit, the rest would have, too.
#[must_use]
pub fn idle_is_proven(lag: &Lag, limit: SignedDuration) -> bool {
    match lag {
        Lag::Level { milliseconds_max } => i128::from(*milliseconds_max) <= limit.as_millis(),
        Lag::Behind { .. } | Lag::Unknown { .. } => false,
    }
}

fn unknown(why: &str) -> Lag {
    Lag::Unknown { why: why.to_owned() }
}

/// 0 where `earlier` is not.
fn milliseconds(earlier: Timestamp, later: Timestamp) -> u64 {
    u64::try_from(later.duration_since(earlier).as_millis()).unwrap_or(0)
}
