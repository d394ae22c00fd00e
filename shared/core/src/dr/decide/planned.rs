//! Moves of the writer that lose nothing: switchover, failback, drill.

use super::automatic::{active_alarms, migration_phase};
use super::{Decision, Intent, Question, plans};
use crate::blocker::{Blocker, Code};
use crate::command::InvalidRequest;
use crate::dr::candidate;
use crate::dr::phase::Action;
use crate::dr::policy::LAG_AGE_SECONDS_MAX;
use crate::dr::record::Record;
use crate::dr::roles;
use crate::dr::side::Side;
use crate::dr::verb::{self, Verb};
use crate::replication::{Seen, seconds_between};
use crate::text::Text;

/// What a `target` names.
pub(super) enum Target {
    Cluster(Side),
    /// Another instance of the writer's own cluster.
    Instance(String),
}

pub(super) fn switchover(question: &Question<'_>, target: Option<&str>) -> Decision {
    let writer = match question.writer() {
        Ok(writer) => writer,
        Err(blocker) => return Decision::Hold(vec![blocker]),
    };
    match named(question, writer, target) {
        Ok(Target::Cluster(to)) => to_cluster(question, Action::Switchover, writer, to),
        Ok(Target::Instance(instance)) => within(question, Action::Switchover, writer, &instance),
        Err(invalid) => Decision::Invalid(invalid),
    }
}

/// A switchover to the original cluster, with the same gates.
pub(super) fn failback(question: &Question<'_>) -> Decision {
    match question.writer() {
        Ok(writer) => to_cluster(question, Action::Failback, writer, Side::Primary),
        Err(blocker) => Decision::Hold(vec![blocker]),
    }
}

pub(super) fn drill(question: &Question<'_>) -> Decision {
    let writer = match question.writer() {
        Ok(writer) => writer,
        Err(blocker) => return Decision::Hold(vec![blocker]),
    };
    if writer == Side::Dr {
        let why = "a drill goes there and back again, and the DR cluster is the writer: failback first";
        return Decision::Refuse(Vec::new(), why.to_owned());
    }
    let mut blockers: Vec<Blocker> = blocked_window(question).into_iter().collect();
    let active = active_alarms(question);
    if !active.is_empty() {
        let message = format!(
            "a drill needs a quiet day, and in ALARM is: {}",
            active.join(", ")
        );
        blockers.push(Blocker::new(Code::AlarmActive, message));
    }
    if !blockers.is_empty() {
        return refused(blockers);
    }
    to_cluster(question, Action::Drill, writer, Side::Dr)
}

/// The second half, once the first is verified.
pub(super) fn drill_back(question: &Question<'_>) -> Decision {
    let decision = to_cluster(question, Action::DrillBack, Side::Dr, Side::Primary);
    if let Decision::Refuse(blockers, _) = decision {
        return Decision::Hold(blockers);
    }
    decision
}

fn blocked_window(question: &Question<'_>) -> Option<Blocker> {
    let windows = &question.settings.policy.drill_blocked;
    let held = windows.iter().find(|window| window.holds(question.seen.at))?;
    let message = format!("no drill in the blocked window {held} (UTC)");
    Some(Blocker::new(Code::BlockedWindow, message))
}

/// No command of `dr-failover` has a `force`, so an answer must not promise one for codes that a migration may force.
fn refused(blockers: Vec<Blocker>) -> Decision {
    let blockers: Vec<Blocker> = blockers.into_iter().map(Blocker::not_forceable).collect();
    let sentences: Vec<&str> = blockers.iter().map(|blocker| blocker.message.as_str()).collect();
    let why = sentences.join("; ");
    Decision::Refuse(blockers, why)
}

/// The cluster or instance that a `target` means. Without one it is the DR cluster, whoever is the writer: a command that
/// is sent again must not take back what the first one did, and lose writes on the way.
pub(super) fn named(
    question: &Question<'_>,
    writer: Side,
    target: Option<&str>,
) -> Result<Target, InvalidRequest> {
    let Some(target) = target else {
        return Ok(Target::Cluster(Side::Dr));
    };
    for side in [Side::Primary, Side::Dr] {
        let cluster = question.settings.cluster(side);
        if [cluster.as_str(), cluster.identifier(), side.name()].contains(&target) {
            return Ok(Target::Cluster(side));
        }
    }
    let instances = question
        .seen
        .cluster(writer)
        .known()
        .map(|cluster| &cluster.instances);
    let is_meant = |identifier: &str| target == identifier || target.ends_with(&format!(":db:{identifier}"));
    let found = instances
        .into_iter()
        .flatten()
        .find(|instance| is_meant(&instance.identifier));
    found
        .map(|instance| Target::Instance(instance.identifier.clone()))
        .ok_or_else(|| {
            let problem = format!(
                "must be {}, {} or an instance of the writer's cluster",
                question.settings.primary.identifier(),
                question.settings.dr.identifier()
            );
            InvalidRequest::new("target", problem)
        })
}

fn to_cluster(question: &Question<'_>, action: Action, writer: Side, to: Side) -> Decision {
    if writer == to {
        return Decision::Rest(format!("the {to} cluster is the writer"));
    }
    let (verb, blockers) = match verb::choose(verb::Intent::Planned, to, question.seen) {
        Ok(verb) => (verb, gates(question, to)),
        Err(blocker) => {
            let all = std::iter::once(blocker).chain(gates(question, to)).collect();
            return refused(all);
        }
    };
    if !blockers.is_empty() {
        return refused(blockers);
    }
    let (seen, before) = (question.seen, &question.standing.record);
    let record = Record {
        writer: to,
        drilling: action == Action::Drill,
        ..before.clone().entering(Record::resting(to), seen.at)
    };
    Decision::Go(Box::new(Intent {
        action,
        cause: String::new(),
        detected: seen.at,
        during: plans::during(action),
        before: before.clone(),
        plan: plans::planned(&verb, to, question.settings.equipment),
        record,
        previous: question.standing.previous,
    }))
}

/// Another instance of the writer's own cluster: storage is shared, so nothing is lost and nothing has to be led anywhere.
pub(super) fn within(question: &Question<'_>, action: Action, side: Side, instance: &str) -> Decision {
    let cluster = question.seen.cluster(side).known();
    let writer = cluster.and_then(|cluster| cluster.writer());
    if writer.is_some_and(|writer| writer.identifier == instance) {
        return Decision::Rest(format!("{instance} is the writer of the {side} cluster"));
    }
    let verb = Verb::FailoverDbCluster {
        instance: Text::new(instance),
    };
    let (seen, before) = (question.seen, &question.standing.record);
    Decision::Go(Box::new(Intent {
        action,
        cause: String::new(),
        detected: seen.at,
        during: plans::during(action),
        before: before.clone(),
        plan: plans::within_a_cluster(&verb, side),
        record: before.clone(),
        previous: question.standing.previous,
    }))
}

/// What a move that loses nothing needs: both sides well, level, alike, and nobody else at work.
fn gates(question: &Question<'_>, to: Side) -> Vec<Blocker> {
    let seen = question.seen;
    let mut blockers = candidate::unfit(verb::Intent::Planned, to, seen);
    blockers.extend(candidate::unfit(verb::Intent::Planned, to.other(), seen));
    blockers.extend(lag(question));
    if let Some(failover) = roles::under_way(seen) {
        let message = format!("AWS is moving the writer already ({})", failover.status);
        blockers.push(Blocker::new(Code::InProgress, message));
    }
    let moving = ["shifting", "cutting-over", "rolling-back"];
    if let Some(phase) = migration_phase(question).filter(|phase| moving.contains(phase)) {
        let message = format!("a migration is in phase {phase}: finish it or take it back first");
        blockers.push(Blocker::new(Code::MigrationRunning, message));
    }
    blockers
}

/// Unknown is not level.
fn lag(question: &Question<'_>) -> Option<Blocker> {
    let limit = question.settings.policy.switchover_lag_seconds;
    let reading = match &question.seen.lag {
        Seen::Known(reading) => reading,
        Seen::Unknown(why) => {
            let message = format!("the replication lag is not known: {why}");
            return Some(Blocker::new(Code::LagUnknown, message));
        }
    };
    let age = seconds_between(reading.at, question.seen.at);
    if age > LAG_AGE_SECONDS_MAX {
        let message =
            format!("the last reading of the replication lag is {age} s old, limit {LAG_AGE_SECONDS_MAX} s");
        return Some(Blocker::new(Code::LagStale, message));
    }
    let seconds = reading.milliseconds.div_ceil(1_000);
    (seconds > limit).then(|| {
        let message = format!("the replication lag is {seconds} s, limit {limit} s");
        Blocker::new(Code::LagTooHigh, message)
    })
}
