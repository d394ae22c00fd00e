//! A replication task with its life cycle and the lag it reports.

use cutover_core::replication::{LagReading, MigrationType, Sample, Seen, Tables, Task, TaskStatus};
use jiff::{SignedDuration, Timestamp};

/// Readings that a task has had before the last one.
const EARLIER_READINGS: usize = 9;

#[derive(Debug, Clone)]
pub struct TaskModel {
    pub status: TaskStatus,
    /// The status that follows, and when.
    pub due: Option<(Timestamp, TaskStatus)>,
    pub kind: Option<MigrationType>,
    pub full_load_percent: Option<u8>,
    pub tables: Seen<Tables>,
    /// Source and target latency, and changes that wait.
    pub lag: Option<(u64, u64, Option<u64>)>,
    /// How old the youngest reading always is.
    pub reading_age_seconds: i64,
    /// The last moment at which it ran.
    pub ran_until: Option<Timestamp>,
    pub start_seconds: i64,
    pub stop_seconds: i64,
    /// From then on the lag is 0.
    pub catches_up_at: Option<Timestamp>,
    /// The task cannot be described at all.
    pub hidden: Option<String>,
    pub stop_reason: String,
    pub last_failure: String,
    /// Total lag in the minutes before the last, newest first; without any, the last one stands for all.
    pub earlier: Option<Vec<u64>>,
}

impl TaskModel {
    /// Running, caught up, nothing in error.
    pub fn running() -> Self {
        Self {
            status: TaskStatus::Running,
            full_load_percent: Some(100),
            ..Self::created()
        }
    }

    /// Created, never started.
    pub fn created() -> Self {
        Self {
            status: TaskStatus::Ready,
            due: None,
            kind: Some(MigrationType::FullLoadAndCdc),
            full_load_percent: None,
            tables: Seen::Known(Tables::default()),
            lag: Some((0, 0, Some(0))),
            reading_age_seconds: 4,
            ran_until: None,
            start_seconds: 8,
            stop_seconds: 8,
            catches_up_at: None,
            hidden: None,
            stop_reason: String::new(),
            last_failure: String::new(),
            earlier: None,
        }
    }

    pub fn advance(&mut self, now: Timestamp) {
        if let Some((at, next)) = self.due.clone()
            && at <= now
        {
            self.status = next;
            self.due = None;
        }
        if self.status == TaskStatus::Running {
            self.ran_until = Some(now);
        }
        if self.catches_up_at.is_some_and(|at| at <= now) {
            self.lag = Some((0, 0, Some(0)));
        }
    }

    fn recent(&self, lag: &Seen<LagReading>) -> Vec<Sample> {
        let Seen::Known(lag) = lag else {
            return Vec::new();
        };
        let earlier = self
            .earlier
            .clone()
            .unwrap_or_else(|| vec![lag.total_seconds(); EARLIER_READINGS]);
        let all = std::iter::once(lag.total_seconds()).chain(earlier);
        (0_i64..)
            .zip(all)
            .map(|(minutes, seconds)| Sample {
                at: lag.at - SignedDuration::from_mins(minutes),
                seconds,
            })
            .collect()
    }

    pub fn is_running(&self) -> bool {
        self.status == TaskStatus::Running
    }

    pub fn start(&mut self, now: Timestamp) -> bool {
        let may = matches!(self.status, TaskStatus::Ready | TaskStatus::Stopped);
        if may {
            self.status = TaskStatus::Starting;
            self.due = Some((
                now + SignedDuration::from_secs(self.start_seconds),
                TaskStatus::Running,
            ));
        }
        may
    }

    /// Goes on after a stop or a failure.
    pub fn resume(&mut self, now: Timestamp) -> bool {
        if self.status == TaskStatus::Failed {
            self.status = TaskStatus::Stopped;
        }
        self.status == TaskStatus::Stopped && self.start(now)
    }

    pub fn stop(&mut self, now: Timestamp) -> bool {
        let may = self.is_running();
        if may {
            self.status = TaskStatus::Stopping;
            self.due = Some((
                now + SignedDuration::from_secs(self.stop_seconds),
                TaskStatus::Stopped,
            ));
        }
        may
    }

    pub fn seen(&self, now: Timestamp) -> Seen<Task> {
        if let Some(why) = &self.hidden {
            return Seen::Unknown(why.clone());
        }
        let emits_until = if self.is_running() {
            Some(now)
        } else {
            self.ran_until
        };
        let lag = match (self.lag, emits_until) {
            (Some((source_seconds, target_seconds, incoming_changes)), Some(until)) => {
                Seen::Known(LagReading {
                    source_seconds,
                    target_seconds,
                    incoming_changes,
                    at: until - SignedDuration::from_secs(self.reading_age_seconds),
                })
            }
            (Some(_) | None, _) => Seen::Unknown("no datapoint in 15 min".to_owned()),
        };
        Seen::Known(Task {
            status: self.status.clone(),
            migration_type: self.kind,
            stop_reason: self.stop_reason.clone(),
            last_failure: self.last_failure.clone(),
            full_load_percent: self.full_load_percent,
            tables_loaded: self.full_load_percent.map(|percent| u32::from(percent) / 10),
            tables_total: self.full_load_percent.map(|_| 10),
            tables: self.tables.clone(),
            recent: self.recent(&lag),
            lag,
        })
    }
}
