//! Setting the scene: instances, tasks, tables, and what happens to them.

use super::life_cycle::TaskStatus;
use super::{Dms, Instance, TaskState};

/// A task as it is created. What is left empty is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub identifier: String,
    /// Made up from the seed if empty. Its last segment is the task's dimension in `CloudWatch`.
    pub arn: String,
    pub instance_arn: String,
    pub source_endpoint_arn: String,
    pub target_endpoint_arn: String,
    /// `full-load`, `cdc` or `full-load-and-cdc`.
    pub migration_type: String,
    /// JSON, or empty.
    pub settings: String,
}

/// What a task says about one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub schema: String,
    pub name: String,
    /// For example `Table completed`, `Full load`, `Table error`.
    pub state: String,
    /// For example `Validated`, `Mismatched records`, `Not enabled`.
    pub validation_state: String,
    pub validation_failed_records: i64,
    pub validation_pending_records: i64,
    pub validation_suspended_records: i64,
    pub inserts: i64,
    pub updates: i64,
    pub deletes: i64,
    pub ddls: i64,
    pub full_load_rows: i64,
    pub full_load_error_rows: i64,
}

impl Task {
    /// A `full-load-and-cdc` task of this name.
    #[must_use]
    pub fn named(identifier: &str) -> Self {
        Self {
            identifier: identifier.to_owned(),
            arn: String::new(),
            instance_arn: String::new(),
            source_endpoint_arn: String::new(),
            target_endpoint_arn: String::new(),
            migration_type: "full-load-and-cdc".to_owned(),
            settings: String::new(),
        }
    }
}

impl Table {
    /// A table that is loaded and validated.
    #[must_use]
    pub fn completed(schema: &str, name: &str) -> Self {
        Self {
            schema: schema.to_owned(),
            name: name.to_owned(),
            state: "Table completed".to_owned(),
            validation_state: "Validated".to_owned(),
            ..Self::default()
        }
    }
}

impl Dms {
    /// Creates a replication instance and returns its ARN.
    pub fn create_instance(&mut self, identifier: &str) -> String {
        let arn = self.new_arn("rep");
        let created = self.place.clock.now();
        let instance = Instance {
            arn: arn.clone(),
            identifier: identifier.to_owned(),
            created,
            status: "available".to_owned(),
        };
        self.instances.insert(arn.clone(), instance);
        arn
    }

    /// Creates a task, ready to be started, and returns its ARN.
    pub fn create_task(&mut self, mut task: Task) -> String {
        if task.arn.is_empty() {
            task.arn = self.new_arn("task");
        }
        for endpoint in [&mut task.source_endpoint_arn, &mut task.target_endpoint_arn] {
            if endpoint.is_empty() {
                *endpoint = self.new_arn("endpoint");
            }
        }
        let arn = task.arn.clone();
        let state = TaskState {
            task,
            status: TaskStatus::Ready,
            becoming: None,
            started_before: false,
            resumed: false,
            created: self.place.clock.now(),
            started: None,
            stopped: None,
            stop_reason: None,
            last_failure: None,
            full_load_percent: 0,
            tables: Vec::new(),
        };
        self.tasks.insert(arn.clone(), state);
        self.tell(&arn, None);
        arn
    }

    /// Puts a task, named by ARN or identifier, into a status at once. False if there is no such task.
    pub fn set_status(&mut self, task: &str, status: TaskStatus) -> bool {
        let now = self.place.clock.now();
        self.with_task(task, |state| state.enter(status, now))
    }

    /// Adds or replaces what a task says about a table.
    pub fn set_table(&mut self, task: &str, table: Table) -> bool {
        self.with_task(task, |state| {
            state
                .tables
                .retain(|other| other.schema != table.schema || other.name != table.name);
            state.tables.push(table);
            state
                .tables
                .sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        })
    }

    /// What a task says about a table, for a story that wants to change a part of it.
    #[must_use]
    pub fn table(&self, task: &str, schema: &str, name: &str) -> Option<Table> {
        let state = self.tasks.values().find(|state| state.is(task))?;
        state
            .tables
            .iter()
            .find(|table| table.schema == schema && table.name == name)
            .cloned()
    }

    pub fn set_full_load_percent(&mut self, task: &str, percent: u8) -> bool {
        self.with_task(task, |state| state.full_load_percent = percent.min(100))
    }

    /// A task fails, for a reason such as `FATAL_ERROR`.
    pub fn fail(&mut self, task: &str, stop_reason: &str, last_failure: &str) -> bool {
        let now = self.place.clock.now();
        self.with_task(task, |state| {
            state.enter(TaskStatus::Failed, now);
            state.stop_reason = Some(format!("Stop Reason {stop_reason}"));
            state.last_failure = Some(last_failure.to_owned());
        })
    }

    /// A task stops by itself, for a reason such as `FULL_LOAD_ONLY_FINISHED`.
    pub fn stop(&mut self, task: &str, stop_reason: &str) -> bool {
        let now = self.place.clock.now();
        self.with_task(task, |state| {
            state.enter(TaskStatus::Stopped, now);
            state.stop_reason = Some(format!("Stop Reason {stop_reason}"));
        })
    }

    /// Where a task stands now.
    pub fn status(&mut self, task: &str) -> Option<TaskStatus> {
        self.settle();
        self.tasks
            .values()
            .find(|state| state.is(task))
            .map(|state| state.status)
    }

    /// Deletes a task by hand.
    pub fn delete_task(&mut self, task: &str) -> bool {
        let Some(arn) = self.arn_of(task) else {
            return false;
        };
        self.tasks.remove(&arn);
        self.tell_of_deletion(&arn);
        true
    }

    /// A task pauses reading because its swap files have grown too large. Its status stays as it is.
    pub fn pause_reading(&mut self, task: &str) -> bool {
        let arn = self.arn_of(task);
        arn.map(|arn| self.tell_of_paused_reading(&arn)).is_some()
    }

    /// Puts an instance, named by ARN or identifier, into a status such as `available`, `maintenance` or
    /// `storage-full`. False if there is no such instance.
    pub fn set_instance_status(&mut self, instance: &str, status: &str) -> bool {
        let is = |known: &&mut Instance| known.arn == instance || known.identifier == instance;
        let Some(known) = self.instances.values_mut().find(is) else {
            return false;
        };
        if known.status != status {
            status.clone_into(&mut known.status);
            let known = known.clone();
            self.tell_of_instance(&known);
        }
        true
    }

    fn arn_of(&self, task: &str) -> Option<String> {
        let state = self.tasks.values().find(|state| state.is(task))?;
        Some(state.task.arn.clone())
    }

    fn new_arn(&self, kind: &str) -> String {
        let id = self.place.identifiers.dms();
        format!(
            "arn:aws:dms:{}:{}:{kind}:{id}",
            self.place.region, self.place.account
        )
    }

    fn with_task(&mut self, task: &str, change: impl FnOnce(&mut TaskState)) -> bool {
        self.settle();
        let Some(state) = self.tasks.values_mut().find(|state| state.is(task)) else {
            return false;
        };
        let (arn, before) = (state.task.arn.clone(), state.status);
        change(state);
        self.tell(&arn, Some(before));
        true
    }
}

impl TaskState {
    fn is(&self, task: &str) -> bool {
        self.task.arn == task || self.task.identifier == task
    }
}
