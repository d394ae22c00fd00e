//! Whether going back loses writes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::observation::Observation;
use crate::phase::Phase;
use crate::policy::Policy;
use crate::record::Record;
use crate::replication::{Seen, Task, Verdict, seconds_between, verdict};

/// What a rollback at this moment would cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "viability", rename_all = "lowercase")]
pub enum Viability {
    /// No write is lost.
    Lossless,
    /// Up to so many seconds of the target's writes would be lost.
    Lossy { seconds: u64 },
    /// The way back was given up.
    Impossible,
}

impl Viability {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lossless => "lossless",
            Self::Lossy { .. } => "lossy",
            Self::Impossible => "impossible",
        }
    }
}

/// Reads go back for nothing. Writes taken by the target survive only if reverse replication runs and its lag
/// is known: then a rollback first waits until they have been carried back.
#[must_use]
pub fn viability(record: &Record, observation: &Observation, policy: &Policy, now: Timestamp) -> Viability {
    if record.phase == Phase::Completed {
        return Viability::Impossible;
    }
    if record.traffic.writer.is_all_source() {
        return Viability::Lossless;
    }
    let moved_at = record.writer_moved_at.unwrap_or(record.since);
    match &observation.reverse {
        Some(Seen::Known(task)) if carries_back(task, policy, now) => Viability::Lossless,
        Some(Seen::Known(task)) => match &task.lag {
            // It ran until that reading: what came later, plus its lag, is at stake.
            Seen::Known(lag) if lag.at > moved_at => Viability::Lossy {
                seconds: lag.age_seconds(now).saturating_add(lag.total_seconds()),
            },
            Seen::Known(_) | Seen::Unknown(_) => lossy_since(moved_at, now),
        },
        Some(Seen::Unknown(_)) | None => lossy_since(moved_at, now),
    }
}

/// Reverse replication runs and we know how far behind it is.
#[must_use]
pub fn carries_back(reverse: &Task, policy: &Policy, now: Timestamp) -> bool {
    match verdict(reverse, policy, now) {
        Verdict::Fresh | Verdict::Idle | Verdict::Lagging => reverse.is_running(),
        Verdict::Missing => false,
    }
}

fn lossy_since(moment: Timestamp, now: Timestamp) -> Viability {
    Viability::Lossy {
        seconds: seconds_between(moment, now),
    }
}
