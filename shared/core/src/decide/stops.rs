//! Why a task stopped, and what that calls for.

use crate::replication::{Task, TaskStatus};

/// What a stop calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It came to the end it was given, or somebody stopped it: nobody restarts it but a person.
    Finished,
    /// It may go on where it stopped.
    Recoverable,
    /// Going on as it is would fail again, or lose changes.
    Fatal,
}

impl Stop {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Recoverable => "recoverable",
            Self::Fatal => "fatal",
        }
    }
}

/// The reasons of the DMS API reference (`ReplicationTask.StopReason`), without their `Stop Reason ` in front.
const REASONS: [(&str, Stop); 14] = [
    ("NORMAL", Stop::Finished),
    ("FULL_LOAD_ONLY_FINISHED", Stop::Finished),
    ("STOPPED_AFTER_FULL_LOAD", Stop::Finished),
    ("STOPPED_AFTER_CACHED_EVENTS", Stop::Finished),
    ("STOPPED_AFTER_DDL_APPLY", Stop::Finished),
    ("STOPPED_AT_SERVER_TIME", Stop::Finished),
    ("STOPPED_AT_COMMIT_TIME", Stop::Finished),
    ("RECOVERABLE_ERROR", Stop::Recoverable),
    ("RECONFIGURATION_RESTART", Stop::Recoverable),
    ("RECYCLE_TASK", Stop::Recoverable),
    ("STOPPED_DUE_TO_LOW_MEMORY", Stop::Recoverable),
    // More of the same disk does not appear by itself.
    ("STOPPED_DUE_TO_LOW_DISK", Stop::Fatal),
    ("EXPRESS_LICENSE_LIMITS_REACHED", Stop::Fatal),
    ("FATAL_ERROR", Stop::Fatal),
];

/// `None` while the task is not at a stop. A reason that is not known is fatal: nothing says that going on is safe.
#[must_use]
pub fn stop_of(task: &Task) -> Option<Stop> {
    match task.status {
        TaskStatus::Stopped | TaskStatus::Failed => {}
        TaskStatus::Ready | TaskStatus::Starting | TaskStatus::Running | TaskStatus::Stopping => return None,
        TaskStatus::Other(_) => return None,
    }
    let known = |text: &str| {
        let words = || text.split(|character: char| !(character.is_ascii_uppercase() || character == '_'));
        let named = |(name, _): &&(&str, Stop)| words().any(|word| word == *name);
        REASONS.iter().find(named).map(|(_, stop)| *stop)
    };
    // A failed task may have no stop reason of its own, but a message that quotes it.
    let told = if task.stop_reason.trim().is_empty() {
        &task.last_failure
    } else {
        &task.stop_reason
    };
    Some(known(told).unwrap_or(Stop::Fatal))
}

/// The reason as it was given, for sentences.
#[must_use]
pub fn reason_of(task: &Task) -> &str {
    let reason = task.stop_reason.trim_start_matches("Stop Reason ").trim();
    match (reason, task.last_failure.trim()) {
        ("", "") => "no reason given",
        ("", failure) => failure,
        (reason, _) => reason,
    }
}
