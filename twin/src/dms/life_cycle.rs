//! The life cycle of a task.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use winterbaume_databasemigration::model::{StartReplicationTaskMessage, StopReplicationTaskMessage};

use super::{Dms, TaskState};
use crate::error::AwsError;

/// Where a task stands, in the words of DMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStatus {
    Creating,
    Ready,
    Starting,
    Running,
    Stopping,
    Stopped,
    Failed,
    Modifying,
    Moving,
    FailedMove,
    Testing,
    Deleting,
}

const NAMES: [(TaskStatus, &str); 12] = [
    (TaskStatus::Creating, "creating"),
    (TaskStatus::Ready, "ready"),
    (TaskStatus::Starting, "starting"),
    (TaskStatus::Running, "running"),
    (TaskStatus::Stopping, "stopping"),
    (TaskStatus::Stopped, "stopped"),
    (TaskStatus::Failed, "failed"),
    (TaskStatus::Modifying, "modifying"),
    (TaskStatus::Moving, "moving"),
    (TaskStatus::FailedMove, "failed-move"),
    (TaskStatus::Testing, "testing"),
    (TaskStatus::Deleting, "deleting"),
];

/// No task has a status of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("DMS has no task status {name}")]
pub struct UnknownStatus {
    pub name: String,
}

impl Dms {
    pub(super) fn start(&mut self, request: &StartReplicationTaskMessage) -> Result<&TaskState, AwsError> {
        self.settle();
        let now = self.place.clock.now();
        let running_at = now.saturating_add(self.transition).unwrap_or(now);
        let state = self.task_mut(&request.replication_task_arn)?;
        if !matches!(
            state.status,
            TaskStatus::Ready | TaskStatus::Stopped | TaskStatus::Failed
        ) {
            return Err(invalid_state("started", state));
        }
        let wanted = request.start_replication_task_type.as_str();
        let allowed = match wanted {
            "start-replication" => !state.started_before,
            "resume-processing" => state.started_before,
            "reload-target" => true,
            other => {
                let message = format!("Start replication task type '{other}' is not supported");
                return Err(AwsError::refused("InvalidParameterValueException", message));
            }
        };
        if !allowed {
            let when = if state.started_before {
                "only for tasks running for the first time"
            } else {
                "only for tasks that have run before"
            };
            let kind = wanted.to_ascii_uppercase().replace('-', "_");
            return Err(AwsError::refused(
                "InvalidParameterCombinationException",
                format!("Start Type : {kind}, valid {when}"),
            ));
        }
        if wanted == "reload-target" {
            state.full_load_percent = 0;
        }
        state.resumed = wanted == "resume-processing";
        state.enter(TaskStatus::Starting, now);
        state.becoming = Some((running_at, TaskStatus::Running));
        Ok(state)
    }

    pub(super) fn stop_by_request(
        &mut self,
        request: &StopReplicationTaskMessage,
    ) -> Result<&TaskState, AwsError> {
        self.settle();
        let now = self.place.clock.now();
        let stopped_at = now.saturating_add(self.transition).unwrap_or(now);
        let state = self.task_mut(&request.replication_task_arn)?;
        if state.status != TaskStatus::Running {
            return Err(invalid_state("stopped", state));
        }
        state.enter(TaskStatus::Stopping, now);
        state.becoming = Some((stopped_at, TaskStatus::Stopped));
        Ok(state)
    }

    /// Lets every transition that is due happen.
    pub(crate) fn settle(&mut self) {
        let now = self.place.clock.now();
        let mut due: Vec<(Timestamp, String, TaskStatus)> = self
            .tasks
            .values()
            .filter_map(|state| {
                let (at, status) = state.becoming.filter(|(at, _)| *at <= now)?;
                Some((at, state.task.arn.clone(), status))
            })
            .collect();
        due.sort_by_key(|(at, ..)| *at);
        for (at, arn, status) in due {
            let Some(state) = self.tasks.get_mut(&arn) else {
                continue;
            };
            let before = state.status;
            state.enter(status, at);
            if status == TaskStatus::Stopped {
                state.stop_reason = Some("Stop Reason NORMAL".to_owned());
            }
            self.tell(&arn, Some(before));
        }
    }

    fn task_mut(&mut self, arn: &str) -> Result<&mut TaskState, AwsError> {
        self.tasks.get_mut(arn).ok_or_else(|| no_such_task(arn))
    }
}

impl TaskState {
    pub(super) fn enter(&mut self, status: TaskStatus, at: Timestamp) {
        self.status = status;
        self.becoming = None;
        match status {
            TaskStatus::Running => {
                self.started_before = true;
                self.started = Some(at);
                self.stopped = None;
                self.stop_reason = None;
                self.last_failure = None;
            }
            TaskStatus::Stopped | TaskStatus::Failed => self.stopped = Some(at),
            TaskStatus::Starting => self.started_before = true,
            TaskStatus::Creating
            | TaskStatus::Ready
            | TaskStatus::Stopping
            | TaskStatus::Modifying
            | TaskStatus::Moving
            | TaskStatus::FailedMove
            | TaskStatus::Testing
            | TaskStatus::Deleting => {}
        }
    }
}

pub(super) fn no_such_task(arn: &str) -> AwsError {
    AwsError::refused(
        "ResourceNotFoundFault",
        format!("Replication Task with ARN {arn} not found."),
    )
}

fn invalid_state(verb: &str, state: &TaskState) -> AwsError {
    let message = format!(
        "Replication Task cannot be {verb}, invalid state: replication task {} is currently {}",
        state.task.arn, state.status
    );
    AwsError::refused("InvalidResourceStateFault", message)
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES
            .iter()
            .find(|(status, _)| status == self)
            .map_or("unknown", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for TaskStatus {
    type Err = UnknownStatus;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(status, _)| *status);
        known.ok_or_else(|| UnknownStatus {
            name: name.to_owned(),
        })
    }
}
