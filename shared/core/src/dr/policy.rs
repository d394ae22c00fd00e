//! When to promote by itself, and what a run is measured by.

use serde::{Deserialize, Serialize};

/// Whether it may promote without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It records what it would have done.
    Observe,
    /// It asks a person, with the exact command.
    Approve,
    /// It promotes.
    Auto,
}

impl Mode {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Approve => "approve",
            Self::Auto => "auto",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Observe, Self::Approve, Self::Auto]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// The environment's limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub mode: Mode,
    /// Independent bad signals that an automatic promotion needs.
    pub quorum: u32,
    /// Seconds for which as many signals must have been bad.
    pub confirm_seconds: u64,
    /// Most seconds of writes that an automatic promotion may lose.
    pub loss_budget_seconds: u64,
    /// Minutes after a promotion in which none may follow by itself.
    pub block_minutes: u32,
    /// Most seconds of lag at which a switchover may begin.
    pub switchover_lag_seconds: u64,
    pub objectives: Objectives,
    /// When no drill may begin.
    pub drill_blocked: Vec<super::window::Window>,
}

/// What each part of a run should take at most, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Objectives {
    /// From the first sign to the decision.
    pub detection_seconds: u32,
    /// From the decision to the new role.
    pub promotion_seconds: u32,
    /// From the new role to traffic being led there.
    pub routing_seconds: u32,
    /// From there to a verified write.
    pub verification_seconds: u32,
    /// From the first sign to the end.
    pub rto_seconds: u32,
    /// Seconds of writes lost.
    pub rpo_seconds: u32,
}

impl Default for Objectives {
    fn default() -> Self {
        Self {
            detection_seconds: 30,
            promotion_seconds: 60,
            routing_seconds: 90,
            verification_seconds: 120,
            rto_seconds: 300,
            rpo_seconds: 60,
        }
    }
}

/// The first look at a promotion's progress comes after so many milliseconds, each next after twice as many ...
pub const POLL_FIRST_MILLISECONDS: u64 = 1_000;
/// ... up to this.
pub const POLL_MAX_MILLISECONDS: u64 = 5_000;
/// A promotion that has not changed the role after so many seconds is told to a person, while the tick goes on looking.
pub const PROMOTION_SECONDS_MAX: u64 = 900;
/// A switchover waits so many seconds for replication to be level, then goes back to where it was.
pub const LEVEL_SECONDS_MAX: u64 = 300;
/// A pre-hook that cannot be reached is asked again for so many seconds.
pub const HOOK_SECONDS_MAX: u64 = 180;
/// Lag below which replication counts as level, in milliseconds.
pub const LEVEL_MILLISECONDS: u64 = 1_000;
/// A reading of the lag older than this says nothing of now, in seconds: `CloudWatch` has one a minute.
pub const LAG_AGE_SECONDS_MAX: u64 = 180;
/// The new writer must serve within so many seconds of its role, or a person is told.
pub const VERIFY_SECONDS_MAX: u64 = 300;
/// The alarm that leads the traffic follows its metric within so many seconds, or the report says that it has not:
/// `CloudWatch` judges whole minutes, and on the way back the minute of the change still has the old value in it.
pub const ROUTING_SECONDS_MAX: u64 = 240;
/// The global writer endpoint follows a promotion within so many seconds, or the answer says that it has not.
pub const ENDPOINT_SECONDS_MAX: u64 = 60;
/// For so long after a forced promotion its lost tail may still appear as a snapshot, in hours.
pub const TAIL_HOURS: i64 = 48;
/// Signals remembered since when they are bad.
pub const SIGNALS_MAX: usize = 8;
/// Promotions that mode `observe` would have made, remembered, the newest first.
pub const WOULD_MAX: usize = 8;
/// Reasons for not acting that are told of in one phase.
pub const HELD_MAX: usize = 6;
/// Looks that one invocation takes at most at a suspicion that only has to be confirmed.
pub const CONFIRM_LOOKS_MAX: u32 = 40;
/// Seconds between two of them.
pub const CONFIRM_POLL_SECONDS: u64 = 5;
/// An executor that has not written for so many seconds is taken for dead.
pub const OWNERSHIP_SECONDS: i64 = 30;
/// While it waits it writes this often, in seconds.
pub const HEARTBEAT_SECONDS: i64 = 12;
/// The lost tail is looked for once in so many minutes.
pub const TAIL_MINUTES: i64 = 5;
/// Somebody who waits for the answer of a command has it after so many seconds: the AWS CLI waits 60, then asks again.
pub const ATTENDED_SECONDS_MAX: i64 = 45;
/// A drill that cannot go back yet is told of after so many seconds: the lag of the other side is known only then.
pub const DRILL_PATIENCE_SECONDS: u64 = 600;
