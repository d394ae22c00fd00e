//! What the replication shows: the phase before traffic moves, restarts, and holds once it has. Never traffic.

use jiff::{SignedDuration, Timestamp};

use super::stops::{Stop, reason_of, stop_of};
use super::{Decision, Intent, Question};
use crate::blocker::{Blocker, Code};
use crate::gates;
use crate::generation::Generation;
use crate::held::{Held, REPLICATION, replaced};
use crate::phase::{Action, Phase};
use crate::plan::{Plan, Step};
use crate::policy::{RESTART_WINDOW_SECONDS, RESTARTS_MAX};
use crate::record::{Record, is_level};
use crate::replication::{Direction, Seen, Task, TaskStatus, seconds_between};

/// A minute's reading carries the time at which the minute began.
const SAMPLE_SECONDS: i64 = 60;

pub(super) fn decide(question: &Question<'_>) -> Decision {
    if let Some(entry) = &question.standing.behind {
        let (generation, action) = (entry.generation, entry.action.name());
        return Decision::InProgress(format!("generation {generation} ({action}) is being carried out"));
    }
    let record = question.record();
    if record.phase == Phase::Completed {
        return Decision::Rest("the migration is completed".to_owned());
    }
    if let Some(restart) = restart(question) {
        return restart;
    }
    let (reasons, cause) = reasons(question);
    let codes: Vec<Held> = reasons
        .iter()
        .map(|blocker| Held::new(REPLICATION, blocker.code, question.now()))
        .collect();
    let held = replaced(&record.held, |held| held.is_by(REPLICATION), &codes);
    let phase = phase(question);
    let after = Record {
        held,
        ..record.clone().entering(phase, question.now())
    };
    let first = question.standing.head == Generation::NONE;
    if after == *record && !first {
        return Decision::Rest(looked(question));
    }
    // A new hold is the greater news, and its sentence tells the phase too.
    let new = after.held.iter().any(|held| !record.held.contains(held));
    if new {
        return question.mark(Action::Hold, cause, after);
    }
    if phase != record.phase || first {
        return question.mark(Action::Monitor, looked(question), after);
    }
    let rest = if cause.is_empty() {
        looked(question)
    } else {
        format!("still: {cause}")
    };
    question.mark(Action::Release, rest, after)
}

/// One sentence on what was seen, for people.
fn looked(question: &Question<'_>) -> String {
    let task = match &question.observation.forward {
        Seen::Known(task) => task,
        Seen::Unknown(why) => return format!("the replication task is unknown: {why}"),
    };
    let mut parts = vec![format!("the replication task is {}", task.status.name())];
    if task.is_running() && !task.carries_changes() {
        parts.extend(
            task.full_load_percent
                .map(|percent| format!(", full load {percent} %")),
        );
        if let (Some(loaded), Some(total @ 1..)) = (task.tables_loaded, task.tables_total) {
            parts.push(format!(", {loaded} of {total} tables"));
        }
    } else if let Seen::Known(lag) = &task.lag {
        parts.push(format!(", lag {} s", lag.total_seconds()));
    }
    if stop_of(task).is_some() {
        parts.push(format!(" ({})", reason_of(task)));
    }
    if let Some(Seen::Known(status)) = &question.observation.instance
        && status != "available"
    {
        parts.push(format!("; its instance is {status}"));
    }
    parts.concat()
}

/// Before traffic moves the phase follows the task; afterwards it says where the traffic is.
fn phase(question: &Question<'_>) -> Phase {
    let record = question.record();
    match record.phase {
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => {}
        Phase::Shifting | Phase::CuttingOver | Phase::CutOver | Phase::RollingBack => return record.phase,
        Phase::RolledBack | Phase::Completed => return record.phase,
    }
    let Seen::Known(task) = &question.observation.forward else {
        // Unknown is not ready, and proves nothing else.
        return if record.phase == Phase::Ready {
            Phase::CatchingUp
        } else {
            record.phase
        };
    };
    if task.carries_changes() {
        return carrying(record, task, question);
    }
    match (record.phase, &task.status) {
        (_, TaskStatus::Running) if task.full_load_percent < Some(100) => Phase::FullLoad,
        // Loaded in full, and nothing is carried: the first copy is behind us, level it is not.
        (Phase::FullLoad, _) if task.full_load_percent == Some(100) => Phase::CatchingUp,
        (Phase::Ready, _) => Phase::CatchingUp,
        (phase, _) => phase,
    }
}

fn carrying(record: &Record, task: &Task, question: &Question<'_>) -> Phase {
    let (policy, now) = (question.policy, question.now());
    // The readings of the phase itself count, and the one that was running when it began.
    let since = record
        .since
        .checked_sub(SignedDuration::from_secs(SAMPLE_SECONDS));
    let since = since.unwrap_or(record.since);
    // Nobody has seen the phase of a fresh environment begin.
    let fresh = question.standing.head == Generation::NONE;
    let level = if fresh {
        is_level(task, policy, Timestamp::MIN, now)
    } else if record.phase == Phase::Ready {
        gates::lag_is_low(question.observation, policy.ready_lag_seconds, policy).is_none()
    } else {
        record.phase == Phase::CatchingUp && is_level(task, policy, since, now)
    };
    if level { Phase::Ready } else { Phase::CatchingUp }
}

/// The task that carries the writes' copy: the reverse one once the target takes them.
fn watched<'a>(question: &Question<'a>) -> (Direction, Option<&'a Seen<Task>>) {
    let observation = question.observation;
    if question.record().traffic.writer.is_all_source() {
        (Direction::Forward, Some(&observation.forward))
    } else {
        (Direction::Reverse, observation.reverse.as_ref())
    }
}

/// A task that stopped recoverably goes on where it stopped, a few times an hour.
fn restart(question: &Question<'_>) -> Option<Decision> {
    let (direction, task) = watched(question);
    let task = task.and_then(Seen::known)?;
    if stop_of(task) != Some(Stop::Recoverable) {
        return None;
    }
    let record = question.record();
    let mut restarts = recent_restarts(record, question.now());
    if restarts.len() >= restarts_allowed(question) {
        return None;
    }
    restarts.push(question.now().as_second());
    let (count, limit) = (restarts.len(), restarts_allowed(question));
    let cause = format!(
        "the {} stopped: {}; restart {count} of {limit} within an hour",
        task_name(direction),
        reason_of(task)
    );
    let after = Record {
        restarts,
        ..record.clone()
    };
    let plan = Plan::of(vec![Step::ResumeTask { direction }]);
    Some(Decision::Go(Box::new(Intent {
        action: Action::Restart,
        cause,
        ..question.intend(plan, record.phase, after, Vec::new())
    })))
}

fn restarts_allowed(question: &Question<'_>) -> usize {
    usize::try_from(question.policy.restarts_per_hour.min(RESTARTS_MAX)).unwrap_or_default()
}

fn recent_restarts(record: &Record, now: Timestamp) -> Vec<i64> {
    let since = now.as_second().saturating_sub(RESTART_WINDOW_SECONDS);
    let recent = record.restarts.iter().copied().filter(|second| *second > since);
    recent.collect()
}

/// Why the ladder has to stand still and a person has to know, and the sentence that says so.
fn reasons(question: &Question<'_>) -> (Vec<Blocker>, String) {
    let record = question.record();
    let (direction, task) = watched(question);
    let moved = match record.phase {
        Phase::Shifting | Phase::CuttingOver | Phase::CutOver => true,
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => false,
        Phase::RollingBack | Phase::RolledBack | Phase::Completed => false,
    };
    let mut reasons = Vec::new();
    match task {
        Some(Seen::Known(task)) => {
            reasons.extend(stopped(question, direction, task, moved));
            if moved && direction == Direction::Forward {
                // Statistics that could not be read are no table in error; the gates hold for them at a move.
                reasons.extend(
                    task.tables
                        .known()
                        .map(gates::tables_in_trouble)
                        .unwrap_or_default(),
                );
                reasons.extend(lag_is_lost(question, task));
            }
        }
        // One look that fails is no reason yet; the lag's own age says when it lasts too long.
        Some(Seen::Unknown(_)) if moved => reasons.extend(unknown_for_long(question)),
        Some(Seen::Unknown(_)) | None => {}
    }
    let sentences: Vec<&str> = reasons.iter().map(|blocker| blocker.message.as_str()).collect();
    let cause = sentences.join("; ");
    (reasons, cause)
}

fn stopped(question: &Question<'_>, direction: Direction, task: &Task, moved: bool) -> Option<Blocker> {
    let code = match direction {
        Direction::Forward => Code::ReplicationNotRunning,
        Direction::Reverse => Code::ReverseNotReady,
    };
    let (name, reason) = (task_name(direction), reason_of(task));
    match stop_of(task) {
        Some(Stop::Recoverable) => Some(Blocker::new(
            code,
            format!(
                "the {name} stopped again ({reason}), {} restarts within an hour were not enough: it needs a person",
                restarts_allowed(question)
            ),
        )),
        Some(Stop::Fatal) => Some(Blocker::new(
            code,
            format!("the {name} stopped for good ({reason}): it needs a person"),
        )),
        Some(Stop::Finished) => Some(Blocker::new(code, format!("the {name} was stopped ({reason})"))),
        None if moved && !task.is_running() && task.status != TaskStatus::Starting => Some(Blocker::new(
            code,
            format!("the {name} is {}", task.status.name()),
        )),
        None => None,
    }
}

fn lag_is_lost(question: &Question<'_>, task: &Task) -> Option<Blocker> {
    if !task.is_running() {
        return None;
    }
    match &task.lag {
        Seen::Known(lag) => {
            let (age, limit) = (
                lag.age_seconds(question.now()),
                question.policy.lag_max_age_seconds,
            );
            let message = format!("the last lag reading is {age} s old, limit {limit} s");
            (age > limit).then(|| Blocker::new(Code::LagStale, message))
        }
        Seen::Unknown(_) => unknown_for_long(question),
    }
}

fn unknown_for_long(question: &Question<'_>) -> Option<Blocker> {
    let state = question.standing.state.as_ref()?;
    // A reading that was too old and now is none at all is no recovery.
    let lost =
        |held: &Held| held.is_by(REPLICATION) && matches!(held.code, Code::LagStale | Code::LagUnknown);
    let lost = question.record().held.iter().find(|held| lost(held));
    let unknown_since = state.replication.as_ref().and_then(|seen| seen.unknown_since);
    let since = lost.map(|held| held.since).or(unknown_since)?;
    let (seconds, limit) = (
        seconds_between(since, question.now()),
        question.policy.lag_max_age_seconds,
    );
    let message = format!("replication lag is unknown since {since}, limit {limit} s");
    (lost.is_some() || seconds >= limit).then(|| Blocker::new(Code::LagUnknown, message))
}

fn task_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "replication task",
        Direction::Reverse => "reverse task",
    }
}
