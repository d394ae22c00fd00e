//! What DMS tells `EventBridge`, in the spellings that were documented and seen.

use serde_json::{Map, Value, json};

use super::{Dms, Instance, TaskState, TaskStatus};
use crate::emission::{Emission, Event};

/// A task's event type, its number, category and message.
struct Happening {
    event_type: &'static str,
    id: &'static str,
    category: &'static str,
    message: String,
}

/// DMS writes one and the same happening in these ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// As the user guide has it: `eventName`, and a type in camel case.
    Documented,
    /// As captured: `eventId`, and a type in capitals.
    Captured,
    /// As failures were captured: in capitals, and with no number at all.
    Bare,
}

impl Dms {
    /// Tells of a change of a task's status. Full load completing is none: nothing tells of that.
    pub(super) fn tell(&mut self, arn: &str, before: Option<TaskStatus>) {
        let Some(state) = self.tasks.get(arn) else {
            return;
        };
        if before == Some(state.status) {
            return;
        }
        if let Some(happening) = happening(state, before) {
            self.tell_of_task(arn, &happening);
        }
    }

    pub(super) fn tell_of_deletion(&mut self, arn: &str) {
        let happening = Happening {
            event_type: "REPLICATION_TASK_DELETED",
            id: "DMS-EVENT-0073",
            category: "Deletion",
            message: "The replication task has been deleted.".to_owned(),
        };
        self.tell_of_task(arn, &happening);
    }

    pub(super) fn tell_of_paused_reading(&mut self, arn: &str) {
        let happening = Happening {
            event_type: "READING_PAUSED_SWAP_FILES_LIMIT_REACHED",
            id: "DMS-EVENT-0091",
            category: "StateChange",
            message: "Reading paused, swap files limit reached.".to_owned(),
        };
        self.tell_of_task(arn, &happening);
    }

    /// Tells of an instance's new status, where a number and a message for it are documented. No such
    /// event was ever captured, so it has no `eventType`.
    pub(super) fn tell_of_instance(&self, instance: &Instance) {
        let (id, category, message) = match instance.status.as_str() {
            "available" => (
                "DMS-EVENT-0027",
                "Maintenance",
                "Offline maintenance of the replication instance is complete. The replication instance is now available.",
            ),
            "maintenance" => (
                "DMS-EVENT-0026",
                "Maintenance",
                "Offline maintenance of the replication instance is taking place. The replication instance is currently unavailable.",
            ),
            "storage-full" => (
                "DMS-EVENT-0031",
                "Failure",
                "The replication instance has gone into storage failure.",
            ),
            "incompatible-network" => (
                "DMS-EVENT-0036",
                "Failure",
                "The replication instance has failed due to an incompatible network.",
            ),
            _ => return,
        };
        self.place.outbox.put(Emission::Event(Event {
            source: "aws.dms".to_owned(),
            detail_type: "DMS Replication Instance State Change".to_owned(),
            resources: vec![instance.arn.clone()],
            detail: json!({
                "type": "ReplicationInstance",
                "category": category,
                "eventName": id,
                "detailMessage": message,
            }),
        }));
    }

    fn tell_of_task(&mut self, arn: &str, happening: &Happening) {
        let spelling = self.next_spelling(happening);
        self.place.outbox.put(Emission::Event(Event {
            source: "aws.dms".to_owned(),
            detail_type: "DMS Replication Task State Change".to_owned(),
            resources: vec![arn.to_owned()],
            detail: happening.spelled(spelling),
        }));
    }

    /// Takes turns, beginning where the seed says.
    fn next_spelling(&mut self, happening: &Happening) -> Spelling {
        let turns: &[Spelling] = if happening.category == "Failure" {
            &[Spelling::Bare, Spelling::Documented, Spelling::Captured]
        } else {
            &[Spelling::Documented, Spelling::Captured]
        };
        let turn = self.told;
        self.told = self.told.wrapping_add(1);
        turns
            .get(turn % turns.len())
            .copied()
            .unwrap_or(Spelling::Documented)
    }
}

impl Happening {
    fn spelled(&self, spelling: Spelling) -> Value {
        let kind = match spelling {
            Spelling::Documented => "ReplicationTask",
            Spelling::Captured | Spelling::Bare => "REPLICATION_TASK",
        };
        let mut detail = Map::new();
        detail.insert("eventType".to_owned(), json!(self.event_type));
        detail.insert("detailMessage".to_owned(), json!(self.message));
        detail.insert("type".to_owned(), json!(kind));
        detail.insert("category".to_owned(), json!(self.category));
        match spelling {
            Spelling::Documented => {
                detail.insert("eventName".to_owned(), json!(self.id));
            }
            Spelling::Captured => {
                detail.insert("eventId".to_owned(), json!(self.id));
            }
            Spelling::Bare => {}
        }
        Value::Object(detail)
    }
}

/// What a task's status means for the world. None for those that DMS keeps to itself.
fn happening(state: &TaskState, before: Option<TaskStatus>) -> Option<Happening> {
    let (event_type, id, category, message) = match state.status {
        TaskStatus::Running => {
            let flag = if state.resumed { "resume" } else { "fresh start" };
            let message = format!("Replication task started, with flag = {flag}");
            (
                "REPLICATION_TASK_STARTED",
                "DMS-EVENT-0069",
                "StateChange",
                message,
            )
        }
        TaskStatus::Stopped => {
            let message = "Replication task stopped".to_owned();
            (
                "REPLICATION_TASK_STOPPED",
                "DMS-EVENT-0079",
                "StateChange",
                message,
            )
        }
        TaskStatus::Failed => (
            "REPLICATION_TASK_FAILED",
            "DMS-EVENT-0078",
            "Failure",
            failure_message(state),
        ),
        TaskStatus::Ready if before.is_none() => {
            let message = "The replication task has been created.".to_owned();
            ("REPLICATION_TASK_CREATED", "DMS-EVENT-0074", "Creation", message)
        }
        TaskStatus::Creating
        | TaskStatus::Ready
        | TaskStatus::Starting
        | TaskStatus::Stopping
        | TaskStatus::Modifying
        | TaskStatus::Moving
        | TaskStatus::FailedMove
        | TaskStatus::Testing
        | TaskStatus::Deleting => return None,
    };
    Some(Happening {
        event_type,
        id,
        category,
        message,
    })
}

/// The two blanks are as they were captured.
fn failure_message(state: &TaskState) -> String {
    let error = state.last_failure.as_deref().unwrap_or("Unknown error");
    let error = error
        .trim_start_matches("Last Error")
        .trim()
        .trim_end_matches('.');
    let reason = state.stop_reason.as_deref().unwrap_or("Stop Reason FATAL_ERROR");
    let level = if reason.contains("RECOVERABLE") {
        "RECOVERABLE"
    } else {
        "FATAL"
    };
    format!("Last Error  {error}. {reason} Error Level {level}")
}
