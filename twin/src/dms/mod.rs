//! DMS: replication instances, tasks with their life cycle, and what the tasks say about tables.

mod asks;
mod describing;
mod life_cycle;
mod seeds;
mod telling;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::place::Place;

pub use life_cycle::{TaskStatus, UnknownStatus};
pub use seeds::{Table, Task};
pub(crate) use wire::Request;

/// How long a task is `starting` or `stopping` unless told otherwise.
const TRANSITION: Duration = Duration::from_secs(45);

/// DMS of one account in one region.
#[derive(Debug)]
pub struct Dms {
    place: Place,
    /// By ARN.
    instances: BTreeMap<String, Instance>,
    /// By ARN.
    tasks: BTreeMap<String, TaskState>,
    /// How long `starting` and `stopping` take.
    pub transition: Duration,
    /// How many events there were so far, counted from where the seed says.
    told: usize,
}

#[derive(Debug, Clone)]
struct Instance {
    arn: String,
    identifier: String,
    created: Timestamp,
    /// In the words of DMS.
    status: String,
}

/// A task as it is now.
#[derive(Debug, Clone)]
struct TaskState {
    task: Task,
    status: TaskStatus,
    /// What it is becoming, and when it will be that.
    becoming: Option<(Timestamp, TaskStatus)>,
    started_before: bool,
    /// Whether it was started as one that had run before.
    resumed: bool,
    created: Timestamp,
    started: Option<Timestamp>,
    stopped: Option<Timestamp>,
    stop_reason: Option<String>,
    last_failure: Option<String>,
    full_load_percent: u8,
    tables: Vec<Table>,
}

impl Dms {
    pub(crate) fn empty(place: Place) -> Self {
        let told = usize::try_from(place.seed).unwrap_or_default();
        Self {
            told,
            place,
            instances: BTreeMap::new(),
            tasks: BTreeMap::new(),
            transition: TRANSITION,
        }
    }
}
