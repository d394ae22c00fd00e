//! Moving reads by weight: to one weight, or along a ladder.

use super::{Decision, Question, force, groundwork};
use crate::blocker::Blocker;
use crate::command::Verb;
use crate::gates;
use crate::ladder::Ladder;
use crate::phase::Phase;
use crate::plan::{Plan, Step};
use crate::record::Record;
use crate::weight::{Traffic, Weight, Weights};

pub(super) fn shift(question: &Question<'_>, weight: Weight) -> Decision {
    // Going on by hand keeps the ladder for what is above; going down ends it.
    let ladder = question
        .record()
        .ladder
        .clone()
        .filter(|ladder| weight > current(question) && ladder.next_above(weight).is_some());
    move_to(question, weight, ladder, Vec::new())
}

pub(super) fn climb(question: &Question<'_>, rungs: &[Weight], bake_minutes: Option<u32>) -> Decision {
    let bake_minutes = bake_minutes.unwrap_or(question.policy.bake_minutes);
    let ladder = Ladder {
        rungs: rungs.to_vec(),
        bake_minutes,
    };
    match ladder.next_above(current(question)) {
        Some(rung) => {
            let rest = ladder.next_above(rung).is_some();
            move_to(question, rung, Some(ladder).filter(|_| rest), Vec::new())
        }
        None => Decision::Rest("the target's share is at or above the last rung".to_owned()),
    }
}

/// The target's share of reads as it stands; 0 while nobody was chosen.
pub(super) fn current(question: &Question<'_>) -> Weight {
    let weights = question.observation.weights(question.topology.reads());
    weights.and_then(Weights::share).unwrap_or(Weight::ZERO)
}

pub(super) fn move_to(
    question: &Question<'_>,
    weight: Weight,
    ladder: Option<Ladder>,
    also: Vec<Blocker>,
) -> Decision {
    let pair = question.topology.reads();
    let mut blockers = groundwork(question);
    let Some(found) = question.observation.traffic(question.topology) else {
        return Decision::Hold(blockers);
    };
    let to = Weights::of(weight);
    let stands = stands_at(found.of(pair), weight);
    if stands && blockers.is_empty() && ladder == question.record().ladder {
        return Decision::Rest(format!("the target's share already is {} %", weight.percent()));
    }
    if !stands {
        blockers.extend(gates_of(question, weight));
    }
    blockers.extend(also);
    let (forced, remaining) = force::part(blockers, &question.command.options);
    if !remaining.is_empty() {
        return Decision::Hold(remaining);
    }
    let steps = if stands {
        Vec::new()
    } else {
        vec![Step::SetWeights { pair, to }]
    };
    let after = if stands { found } else { found.with(pair, to) };
    let record = standing_at(question, after, ladder);
    let during = if record.phase == Phase::CutOver {
        Phase::Shifting
    } else {
        record.phase
    };
    question.intent(Plan::of(steps), during, record, forced)
}

/// The record with that traffic and ladder, and the phase that follows from it.
fn standing_at(question: &Question<'_>, traffic: Traffic, ladder: Option<Ladder>) -> Record {
    let now = question.now();
    let record = Record {
        ladder,
        ..question.record().clone().carrying(traffic)
    };
    // The clock's own steps are within what a person planned.
    let planned = question.command.verb != Verb::Tick;
    let record = if planned || traffic.is_all_source() {
        record.within_window(now, question.policy)
    } else {
        record
    };
    let phase = if traffic.writer.is_all_target() {
        Phase::CutOver
    } else {
        Phase::Shifting
    };
    let writer_moved_at = (!traffic.writer.is_all_source()).then(|| record.writer_moved_at.unwrap_or(now));
    Record {
        writer_moved_at,
        ..record.entering(phase, now)
    }
}

/// Weights are relative: 1/0 is as much "everything on the source" as 100/0.
pub(super) fn stands_at(found: Weights, weight: Weight) -> bool {
    found == Weights::of(weight)
        || (weight == Weight::ZERO && found.is_all_source())
        || (weight == Weight::FULL && found.is_all_target())
}

/// More on the target is judged by everything; less is only a step back to where the data has always been.
pub(super) fn gates_of(question: &Question<'_>, weight: Weight) -> Vec<Blocker> {
    let (observation, policy, topology) = (question.observation, question.policy, question.topology);
    let pair = topology.reads();
    let mut blockers = Vec::new();
    if weight > current(question) {
        blockers.extend(gates::not_paused(question.record()));
        blockers.extend(gates::replication_runs(observation));
        blockers.extend(gates::tables_are_well(observation));
        blockers.extend(gates::lag_is_low(observation, policy.ready_lag_seconds, policy));
        blockers.extend(gates::alarms_are_quiet(observation));
        blockers.extend(gates::ttl_is_low(observation, pair, policy));
    }
    blockers.extend(gates::writes_stay_whole(pair, topology, observation));
    blockers
}
