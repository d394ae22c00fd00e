//! Moving the writer: drain, way back, flip, settle. Nothing of it splits writes.

use jiff::{SignedDuration, Timestamp};

use super::{Decision, Question, force, groundwork};
use crate::blocker::{Blocker, Code};
use crate::gates;
use crate::observation::Observation;
use crate::phase::Phase;
use crate::plan::{Plan, Step};
use crate::policy::{Policy, give_up_at};
use crate::record::Record;
use crate::replication::{Seen, TaskStatus};
use crate::weight::{Topology, Traffic, Weight, Weights};

pub(super) fn decide(question: &Question<'_>, writes_stopped: bool) -> Decision {
    let mut blockers = groundwork(question);
    let Some(found) = question.observation.traffic(question.topology) else {
        return Decision::Hold(blockers);
    };
    blockers.extend(readiness(
        question.record(),
        question.observation,
        question.policy,
        question.topology,
    ));
    blockers.extend(gates::writes_stopped(writes_stopped));
    let (forced, remaining) = force::part(blockers, &question.command.options);
    if !remaining.is_empty() {
        return Decision::Hold(remaining);
    }
    let now = question.now();
    let without_way_back = forced.iter().any(|blocker| blocker.code == Code::ReverseNotReady);
    let steps = steps(question.topology, found, question.observation, without_way_back);
    let all_target = Weights::of(Weight::FULL);
    let record = Record {
        ladder: None,
        window_until: None,
        writer_moved_at: Some(now),
        ..question.record().clone().entering(Phase::CutOver, now)
    };
    let record = record.carrying(Traffic {
        reader: all_target,
        writer: all_target,
    });

    question.intent_until(
        give_up_at(now),
        Plan::of(steps),
        Phase::CuttingOver,
        record,
        forced,
    )
}

/// What stands between here and a cutover, but for the fence, which is the operator's to say.
#[must_use]
pub fn readiness(
    record: &Record,
    observation: &Observation,
    policy: &Policy,
    topology: Topology,
) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    blockers.extend(gates::not_paused(record));
    // The drain is proven by replication alone: where none runs, no word of a person makes it true.
    blockers.extend(gates::replication_runs(observation).map(Blocker::not_forceable));
    blockers.extend(gates::tables_are_well(observation));
    blockers.extend(gates::lag_is_low(observation, policy.cutover_lag_seconds, policy));
    blockers.extend(gates::alarms_are_quiet(observation));
    blockers.extend(
        topology
            .pairs()
            .iter()
            .filter_map(|pair| gates::ttl_is_low(observation, *pair, policy)),
    );
    blockers.extend(gates::reverse_is_ready(observation));
    blockers
}

fn steps(topology: Topology, found: Traffic, observation: &Observation, without_way_back: bool) -> Vec<Step> {
    let all_target = Weights::of(Weight::FULL);
    let (reads, writes) = (topology.reads(), topology.writes());
    let readers_move = reads != writes && !found.of(reads).is_all_target();
    let mut steps = Vec::new();
    if readers_move {
        steps.push(Step::SetWeights {
            pair: reads,
            to: all_target,
        });
    }
    steps.push(Step::AwaitDrained {
        since: after(observation.at),
    });
    if !without_way_back {
        if !is_running(observation) {
            steps.push(Step::StartReverse);
        }
        steps.push(Step::AwaitReverse);
    }
    steps.push(Step::SetWeights {
        pair: writes,
        to: all_target,
    });
    if readers_move {
        steps.push(Step::AwaitSettled { pair: reads });
    }
    steps.push(Step::AwaitSettled { pair: writes });
    steps
}

fn is_running(observation: &Observation) -> bool {
    let task = observation.reverse.as_ref().and_then(Seen::known);
    task.is_some_and(|task| matches!(task.status, TaskStatus::Running | TaskStatus::Starting))
}

/// The first whole second after the operator's word, so that no earlier reading proves anything.
fn after(moment: Timestamp) -> Timestamp {
    moment.checked_add(SignedDuration::from_secs(1)).unwrap_or(moment)
}
