//! The limits of an environment, and the limits that no environment may change.

use jiff::{SignedDuration, Timestamp};

use crate::observation::AlarmPolicy;

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
    /// How often a task that stopped recoverably is restarted within an hour.
    pub restarts_per_hour: u32,
    /// Longest time from the first shift of reads to the cutover, a ladder's own bakes not counted; 0 for none.
    pub window_minutes: u32,
    /// What the end of that window does.
    pub window_policy: AlarmPolicy,
    /// What an error condition over its limit does.
    pub limit_policy: AlarmPolicy,
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
            restarts_per_hour: 3,
            window_minutes: 60,
            window_policy: AlarmPolicy::Hold,
            limit_policy: AlarmPolicy::Rollback,
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
/// How often a snapshot that was written over somebody else's is put together with that one and written again.
pub const MERGES_MAX: u32 = 4;
/// Age an entry must have before it may be pruned, in seconds: one day.
pub const JOURNAL_KEEP_SECONDS: i64 = 86_400;
/// Restarts are counted over so many seconds.
pub const RESTART_WINDOW_SECONDS: i64 = 3_600;
/// Restarts within that time that a configuration may allow at most.
pub const RESTARTS_MAX: u32 = 6;
/// Holds with a holder of their own that a record keeps at most. What is beyond still blocks, by the live reading.
pub const HELD_MAX: usize = 3;
/// Of these, as many may be one function's, so that there is always room for another's.
pub const HELD_BY_ONE_MAX: usize = HELD_MAX - 1;
/// For how long the same thing is not told again, in seconds.
pub const NOTICE_WINDOW_SECONDS: i64 = 3_600;
/// A reason that another function watches is left to it for so many seconds: until the next tick.
pub const TELLING_DELAY_SECONDS: u64 = 90;
/// Notices remembered as told, the newest first.
pub const TOLD_MAX: usize = 8;
/// Transitions whose notice or event could not be sent and that are remembered at most, the newest first.
pub const UNSENT_MAX: usize = 4;
/// Of those that were sent at last, so many are remembered.
pub const SENT_MAX: usize = 2;

/// Until when the waits of a plan that begins at `begun` may go on.
#[must_use]
pub fn give_up_at(begun: Timestamp) -> Option<Timestamp> {
    begun
        .checked_add(SignedDuration::from_secs(DRAIN_SECONDS_MAX))
        .ok()
}
