//! What was read of a DMS task, and what its lag is worth.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;

/// One of the two tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Source to target.
    Forward,
    /// Target to source.
    Reverse,
}

/// A value read from AWS, or the reason why there is none. Unknown is never healthy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T> {
    Known(T),
    Unknown(String),
}

impl<T> Seen<T> {
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

/// Status of a task as `DescribeReplicationTasks` spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskStatus {
    /// Created, never started.
    Ready,
    Starting,
    Running,
    Stopping,
    Stopped,
    Failed,
    /// Any other status: creating, modifying, moving, failed-move, testing, deleting, or one not known yet.
    Other(String),
}

impl TaskStatus {
    #[must_use]
    pub fn parse(status: &str) -> Self {
        match status {
            "ready" => Self::Ready,
            "starting" => Self::Starting,
            "running" => Self::Running,
            "stopping" => Self::Stopping,
            "stopped" => Self::Stopped,
            "failed" => Self::Failed,
            other => Self::Other(other.to_owned()),
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ready => "ready",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Other(other) => other,
        }
    }
}

/// What kind of work a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationType {
    FullLoad,
    Cdc,
    FullLoadAndCdc,
}

/// One task as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub status: TaskStatus,
    /// `None` for a type that we do not know.
    pub migration_type: Option<MigrationType>,
    /// For example `Stop Reason RECOVERABLE_ERROR`; empty while it runs.
    pub stop_reason: String,
    /// `LastFailureMessage`; empty if it never failed.
    pub last_failure: String,
    /// 0 to 100; `None` when the task has no statistics yet.
    pub full_load_percent: Option<u8>,
    /// Tables whose first copy is done; `None` without statistics.
    pub tables_loaded: Option<u32>,
    /// Tables of the task, whatever became of them; `None` without statistics.
    pub tables_total: Option<u32>,
    pub tables: Seen<Tables>,
    pub lag: Seen<LagReading>,
    /// The readings of the last minutes, newest first, until the first gap.
    pub recent: Vec<Sample>,
}

/// The lag in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Beginning of the minute.
    pub at: Timestamp,
    /// Source and target latency together.
    pub seconds: u64,
}

impl Task {
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.status == TaskStatus::Running
    }

    /// It runs, and what it copied first is complete: from here on only changes are carried.
    #[must_use]
    pub fn carries_changes(&self) -> bool {
        self.is_running()
            && match self.migration_type {
                Some(MigrationType::Cdc) => true,
                Some(MigrationType::FullLoadAndCdc) => self.full_load_percent >= Some(100),
                Some(MigrationType::FullLoad) | None => false,
            }
    }

    /// Readings in a row, the newest first and none before `since`, that are at most `limit_seconds`.
    #[must_use]
    pub fn good_readings(&self, limit_seconds: u64, since: Timestamp) -> usize {
        let good = |sample: &&Sample| sample.at >= since && sample.seconds <= limit_seconds;
        self.recent.iter().take_while(good).count()
    }
}

/// Tables of a task that are not as they should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    pub errored: u64,
    /// Tables whose validation says `Mismatched records`.
    pub mismatched: u64,
}

/// One reading of the lag metrics of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LagReading {
    /// `CDCLatencySource`, rounded up to whole seconds.
    pub source_seconds: u64,
    /// `CDCLatencyTarget`, rounded up to whole seconds.
    pub target_seconds: u64,
    /// `CDCIncomingChanges`: changes that wait to be applied; `None` when the metric had no data.
    pub incoming_changes: Option<u64>,
    /// Beginning of the older of the two metrics' periods.
    pub at: Timestamp,
}

impl LagReading {
    /// AWS adds the two latencies up for the whole delay.
    #[must_use]
    pub fn total_seconds(self) -> u64 {
        self.source_seconds.saturating_add(self.target_seconds)
    }

    #[must_use]
    pub fn age_seconds(self, now: Timestamp) -> u64 {
        seconds_between(self.at, now)
    }

    /// Everything written before `fence` has been applied: measured after it, no delay, nothing waiting.
    #[must_use]
    pub fn is_drained_since(self, fence: Timestamp) -> bool {
        self.at >= fence && self.total_seconds() == 0 && self.incoming_changes == Some(0)
    }
}

/// Whole seconds from `earlier` to `later`, 0 when it is not earlier.
#[must_use]
pub fn seconds_between(earlier: Timestamp, later: Timestamp) -> u64 {
    u64::try_from(later.duration_since(earlier).as_secs()).unwrap_or(0)
}

/// What a lag reading is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Young, and within the limit for reads.
    Fresh,
    /// Young, and over it.
    Lagging,
    /// Zero, young, and the task runs: nothing is being written.
    Idle,
    /// No reading, one too old, or a zero of a task that does not run.
    Missing,
}

impl Verdict {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Lagging => "lagging",
            Self::Idle => "idle",
            Self::Missing => "missing",
        }
    }
}

/// Both latencies fall to 0 when nothing is written, and also right before they stop being emitted because
/// the task died. So a zero counts only while the task runs and the reading is young.
#[must_use]
pub fn verdict(task: &Task, policy: &Policy, now: Timestamp) -> Verdict {
    let Seen::Known(lag) = &task.lag else {
        return Verdict::Missing;
    };
    if lag.age_seconds(now) > policy.lag_max_age_seconds {
        return Verdict::Missing;
    }
    match lag.total_seconds() {
        0 if task.is_running() => Verdict::Idle,
        0 => Verdict::Missing,
        seconds if seconds <= policy.ready_lag_seconds => Verdict::Fresh,
        _ => Verdict::Lagging,
    }
}
