//! The safety checks. Each returns its reason, with the numbers seen and allowed; no datum is itself a reason.

use crate::blocker::{Blocker, Code};
use crate::observation::{AlarmPolicy, AlarmState, Observation, PairFound};
use crate::policy::Policy;
use crate::record::Record;
use crate::replication::{MigrationType, Seen, Tables, Task, TaskStatus};
use crate::weight::{Pair, Topology};

/// Every record of the environment exists.
#[must_use]
pub fn records_present(observation: &Observation, topology: Topology) -> Vec<Blocker> {
    let missing = |pair: &Pair| match observation.pair(*pair).map(|seen| &seen.found) {
        Some(PairFound::Both { .. }) => None,
        Some(PairFound::Missing(why)) => Some(Blocker::new(Code::RecordMissing, why)),
        None => Some(Blocker::new(
            Code::RecordMissing,
            format!("the {} pair was not read", pair.name()),
        )),
    };
    topology.pairs().iter().filter_map(missing).collect()
}

/// What stands in the zone is what we left there. Otherwise both values are said, and nothing is overwritten.
#[must_use]
pub fn no_drift(record: &Record, pairs: &[Pair], observation: &Observation) -> Option<Blocker> {
    let sentence = |pair: &Pair| {
        let seen = observation.pair(*pair)?;
        let found = observation.weights(*pair)?;
        let expected = record.traffic.of(*pair);
        let nobody = if found.is_nobody() {
            " (both 0: Route 53 answers evenly)"
        } else {
            ""
        };
        Some(format!(
            "{} ({}) stands at {found}{nobody}, the state says {expected}; somebody changed it: \
             force [\"drift\"] adopts what stands",
            seen.name,
            pair.name()
        ))
    };
    let sentences: Vec<String> = pairs.iter().filter_map(sentence).collect();
    (!sentences.is_empty()).then(|| Blocker::new(Code::Drift, sentences.join("; ")))
}

/// Both weights of a pair being 0 means that nobody chose; on an environment without a record it is told as drift.
#[must_use]
pub fn somebody_answers(observation: &Observation, topology: Topology) -> Option<Blocker> {
    let nobody = topology.pairs().iter().find(|pair| {
        observation
            .weights(**pair)
            .is_some_and(crate::weight::Weights::is_nobody)
    })?;
    let name = observation.pair(*nobody).map_or("", |seen| seen.name.as_str());
    let message =
        format!("{name} has weight 0 on both records, so Route 53 answers evenly; force [\"drift\"] goes on");
    Some(Blocker::new(Code::Drift, message))
}

/// Old answers must expire soon enough for a change to be worth its name.
#[must_use]
pub fn ttl_is_low(observation: &Observation, pair: Pair, policy: &Policy) -> Option<Blocker> {
    let seen = observation.pair(pair)?;
    let PairFound::Both {
        ttl_seconds: Some(ttl),
        ..
    } = seen.found
    else {
        return None;
    };
    (ttl > policy.record_ttl_max_seconds).then(|| {
        let limit = policy.record_ttl_max_seconds;
        Blocker::new(
            Code::TtlTooHigh,
            format!("the TTL of {} is {ttl} s, limit {limit} s", seen.name),
        )
    })
}

/// The forward task runs and carries changes, not only a first copy.
#[must_use]
pub fn replication_runs(observation: &Observation) -> Option<Blocker> {
    let blocked = |message: String| Some(Blocker::new(Code::ReplicationNotRunning, message));
    let task = match &observation.forward {
        Seen::Known(task) => task,
        Seen::Unknown(why) => return blocked(format!("the replication task is unknown: {why}")),
    };
    if !task.is_running() {
        return blocked(format!(
            "the replication task is {}{}",
            task.status.name(),
            stop_reason(task)
        ));
    }
    match (task.migration_type, task.full_load_percent) {
        (Some(MigrationType::Cdc), _) | (Some(MigrationType::FullLoadAndCdc), Some(100..)) => None,
        (Some(MigrationType::FullLoadAndCdc), Some(percent)) => {
            blocked(format!("the full load is at {percent} %"))
        }
        (Some(MigrationType::FullLoadAndCdc), None) => {
            blocked("the full load's progress is unknown".to_owned())
        }
        (Some(MigrationType::FullLoad), _) => {
            blocked("the task only does a full load: nothing replicates afterwards".to_owned())
        }
        (None, _) => blocked("the task's migration type is unknown".to_owned()),
    }
}

fn stop_reason(task: &Task) -> String {
    if task.stop_reason.is_empty() {
        String::new()
    } else {
        format!(" ({})", task.stop_reason)
    }
}

/// No table dropped out of the replication.
#[must_use]
pub fn tables_are_well(observation: &Observation) -> Vec<Blocker> {
    let Some(task) = observation.forward.known() else {
        return Vec::new();
    };
    let tables = match &task.tables {
        Seen::Known(tables) => tables,
        Seen::Unknown(why) => {
            return vec![Blocker::new(
                Code::TablesInError,
                format!("the table statistics are unknown: {why}"),
            )];
        }
    };
    tables_in_trouble(tables)
}

/// What the statistics say against the tables.
#[must_use]
pub fn tables_in_trouble(tables: &Tables) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    if tables.errored > 0 {
        let message = format!("{} tables are in error, limit 0", tables.errored);
        blockers.push(Blocker::new(Code::TablesInError, message));
    }
    if tables.mismatched > 0 {
        let message = format!("{} tables have mismatched records, limit 0", tables.mismatched);
        blockers.push(Blocker::new(Code::ValidationMismatch, message));
    }
    blockers
}

/// The lag is known, young, and at most `limit_seconds`.
#[must_use]
pub fn lag_is_low(observation: &Observation, limit_seconds: u64, policy: &Policy) -> Option<Blocker> {
    let task = observation.forward.known()?;
    let lag = match &task.lag {
        Seen::Known(lag) => lag,
        Seen::Unknown(why) => {
            return Some(Blocker::new(
                Code::LagUnknown,
                format!("replication lag is unknown: {why}"),
            ));
        }
    };
    let (age, limit) = (lag.age_seconds(observation.at), policy.lag_max_age_seconds);
    if age > limit {
        let message = format!("the last lag reading is {age} s old, limit {limit} s");
        return Some(Blocker::new(Code::LagStale, message));
    }
    let seconds = lag.total_seconds();
    (seconds > limit_seconds).then(|| {
        Blocker::new(
            Code::LagTooHigh,
            format!("replication lag is {seconds} s, limit {limit_seconds} s"),
        )
    })
}

/// No migration alarm that may stop traffic is anything but OK.
#[must_use]
pub fn alarms_are_quiet(observation: &Observation) -> Vec<Blocker> {
    let alarms = match &observation.alarms {
        Seen::Known(alarms) => alarms,
        Seen::Unknown(why) => {
            return vec![Blocker::new(
                Code::AlarmActive,
                format!("the migration alarms are unknown: {why}"),
            )];
        }
    };
    let blocks = alarms.iter().filter(|alarm| match alarm.policy {
        AlarmPolicy::Rollback | AlarmPolicy::Hold => alarm.state != AlarmState::Ok,
        AlarmPolicy::Notify => false,
    });
    let sentence = |state: AlarmState| match state {
        AlarmState::Alarm => "is in ALARM",
        AlarmState::InsufficientData => "has insufficient data",
        AlarmState::Absent => "does not exist (MIGRATION_ALARMS)",
        AlarmState::Ok => "is OK",
    };
    blocks
        .map(|alarm| {
            Blocker::new(
                Code::AlarmActive,
                format!("alarm {} {}", alarm.name, sentence(alarm.state)),
            )
        })
        .collect()
}

/// Nobody holds it for a reason of their own, beyond what `seen` says already.
#[must_use]
pub fn not_held(record: &Record, seen: &[Blocker]) -> Vec<Blocker> {
    let new = record
        .held
        .iter()
        .filter(|held| !seen.iter().any(|blocker| blocker.code == held.code));
    new.map(|held| {
        let message = format!("held by {} since {}", held.by, held.since);
        Blocker::new(held.code, message)
    })
    .collect()
}

/// Nobody paused the migration.
#[must_use]
pub fn not_paused(record: &Record) -> Option<Blocker> {
    let pause = record.paused.as_ref()?;
    let reason = if pause.reason.is_empty() {
        String::new()
    } else {
        format!(" ({})", pause.reason)
    };
    Some(Blocker::new(
        Code::Paused,
        format!("paused at {}{reason}; resume goes on", pause.at),
    ))
}

/// A pair that carries writes never stands between the databases unless both directions replicate.
#[must_use]
pub fn writes_stay_whole(pair: Pair, topology: Topology, observation: &Observation) -> Option<Blocker> {
    if pair != topology.writes() {
        return None;
    }
    let both_ways = [Some(&observation.forward), observation.reverse.as_ref()]
        .into_iter()
        .all(|task| matches!(task, Some(Seen::Known(task)) if task.is_running()));
    (!both_ways).then(|| {
        let name = observation.pair(pair).map_or("the record", |seen| seen.name.as_str());
        Blocker::new(
            Code::SplitWritesUnsafe,
            format!(
                "{name} carries writes, and a share of them on each side needs replication running both ways: \
                 use manual_cutover, or force it with a reason"
            ),
        )
    })
}

/// The operator has said that the application's writes are stopped.
#[must_use]
pub fn writes_stopped(said: bool) -> Option<Blocker> {
    (!said).then(|| {
        Blocker::new(
            Code::WritesNotStopped,
            "moving the writer needs the application's writes stopped: stop them, then send \"writes_stopped\":true",
        )
    })
}

/// A reverse task stands ready to carry the target's writes back.
#[must_use]
pub fn reverse_is_ready(observation: &Observation) -> Option<Blocker> {
    let blocked = |message: String| Some(Blocker::new(Code::ReverseNotReady, message));
    match &observation.reverse {
        None => blocked(
            "no reverse task is configured (REVERSE_DMS_TASK_ARN): after the cutover, going back loses writes"
                .to_owned(),
        ),
        Some(Seen::Unknown(why)) => blocked(format!("the reverse task is unknown: {why}")),
        Some(Seen::Known(task)) => match &task.status {
            TaskStatus::Ready | TaskStatus::Stopped | TaskStatus::Running | TaskStatus::Starting => None,
            TaskStatus::Stopping | TaskStatus::Failed | TaskStatus::Other(_) => {
                blocked(format!("the reverse task is {}{}", task.status.name(), stop_reason(task)))
            }
        },
    }
}
