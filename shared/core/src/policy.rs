//! The limits of an environment, and the limits that no environment may change.

use jiff::{SignedDuration, Timestamp};

/// What the configuration allows. Units are in the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Most lag at which reads may move.
    pub ready_lag_seconds: u64,
    /// Most lag at which the writer may begin to move.
    pub cutover_lag_seconds: u64,
    /// Oldest lag reading that still counts.
    pub lag_max_age_seconds: u64,
    /// Consecutive good readings before `ready`.
    pub ready_samples: u32,
    /// Bake time of a ladder that names none.
    pub bake_minutes: u32,
    /// Highest TTL of a record at which traffic may move.
    pub record_ttl_max_seconds: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            ready_lag_seconds: 60,
            cutover_lag_seconds: 1,
            lag_max_age_seconds: 180,
            ready_samples: 3,
            bake_minutes: 30,
            record_ttl_max_seconds: 60,
        }
    }
}

/// How often a decision is taken again after somebody else claimed the generation first.
pub const CLAIM_ATTEMPTS_MAX: u32 = 4;
/// How often a weight change is tried again when the records moved between reading and writing.
pub const WEIGHT_ATTEMPTS_MAX: u32 = 3;
/// Longest time for which an executor owns its entry, in seconds.
pub const OWNERSHIP_SECONDS_MAX: i64 = 60;
/// Longest time one invocation waits for the world, in seconds. It stays well under the AWS CLI's read
/// timeout of 60 s, after which the CLI would send the invocation again.
pub const WAIT_SECONDS_MAX: i64 = 20;
/// Time kept free before the invocation's own deadline, to write down where things stand, in seconds.
pub const DEADLINE_MARGIN_SECONDS: i64 = 5;
/// Pause between two looks at something that is awaited, in seconds.
pub const POLL_SECONDS: u64 = 5;
/// How long a cutover may wait, writes stopped, for the target to have everything, in seconds. Lag metrics
/// have one datapoint a minute, so this is a handful of them.
pub const DRAIN_SECONDS_MAX: i64 = 600;
/// How long a weight change may stay PENDING before a person is told, in seconds.
pub const SYNC_SECONDS_MAX: u64 = 600;
/// For how long after its deadline a superseded executor's late effect is put right as ours rather than
/// reported as somebody's edit, in seconds.
pub const LATE_EFFECT_SECONDS: i64 = 120;
/// Journal entries behind the head that are always kept.
pub const JOURNAL_KEEP_ENTRIES: u32 = 100;
/// Age an entry must have before it may be pruned, in seconds: one day.
pub const JOURNAL_KEEP_SECONDS: i64 = 86_400;

/// Until when the waits of a plan that begins at `begun` may go on.
#[must_use]
pub fn give_up_at(begun: Timestamp) -> Option<Timestamp> {
    begun
        .checked_add(SignedDuration::from_secs(DRAIN_SECONDS_MAX))
        .ok()
}
