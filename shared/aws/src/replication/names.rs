//! What tasks and their instances are called, remembered for as long as the process lives.

use std::sync::{Arc, Mutex};

/// Names of replication instances by ARN, learnt once: metrics want the name, tasks only tell the ARN.
#[derive(Debug, Clone, Default)]
pub struct InstanceNames(Arc<Mutex<Vec<(String, KnownTask)>>>);

/// What was learnt of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownTask {
    pub instance_arn: String,
    pub instance_name: String,
    /// The identifier that the task was given, which DMS notices carry.
    pub identifier: String,
}

impl InstanceNames {
    pub(super) fn of_task(&self, task: &str) -> Option<KnownTask> {
        let known = self.0.lock().ok()?;
        known
            .iter()
            .find(|(arn, _)| arn == task)
            .map(|(_, known)| known.clone())
    }

    pub(super) fn identifiers(&self) -> Vec<(String, String)> {
        let known = self.0.lock().map(|known| known.clone()).unwrap_or_default();
        let named = known
            .into_iter()
            .filter(|(_, known)| !known.identifier.is_empty());
        named.map(|(arn, known)| (known.identifier, arn)).collect()
    }

    pub(super) fn learn(&self, task: &str, learnt: KnownTask) {
        if let Ok(mut known) = self.0.lock() {
            known.retain(|(arn, _)| arn != task);
            known.push((task.to_owned(), learnt));
        }
    }
}
