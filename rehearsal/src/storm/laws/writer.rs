//! Where the writes go: to one database, and never away from writes that nobody carries over.

use cutover_core::blocker::Code;
use cutover_core::journal::Entry;
use cutover_core::phase::Action;
use cutover_core::weight::{Pair, Weights};
use serde_json::Value;

use super::super::evidence::{Evidence, Move};

/// A lag reading is of the minute before, and takes another one to be told.
const READING_SECONDS: i64 = 120;
/// The oldest reading that counts, and the minute it is of.
const READING_AGE_SECONDS: i64 = 240;
/// Lag at which writes count as carried over, in seconds.
const LEVEL_SECONDS: u32 = 1;
/// A task's status may change between a look and what follows from it.
const STATUS_SECONDS: i64 = 60;

fn is_split(weights: Weights) -> bool {
    !weights.is_all_source() && !weights.is_all_target()
}

/// A pair that carries writes is never put in between, unless both tasks run or a person forced it.
pub(super) fn one_writer(evidence: &Evidence<'_>) -> Vec<String> {
    let splits = evidence
        .moves
        .iter()
        .filter(|moved| moved.pair == evidence.writes() && is_split(moved.to));
    let unsafe_split = |moved: &&Move| {
        let forced = evidence
            .decided(moved.pair, moved.to, moved.at)
            .is_some_and(|entry| entry.forced.contains(&Code::SplitWritesUnsafe));
        let one_way = evidence.truth.held_for(STATUS_SECONDS, moved.at, |moment| {
            !(moment.forward_runs && moment.reverse_runs)
        });
        moved.pair == Pair::Writer || (one_way && !forced)
    };
    splits
        .filter(unsafe_split)
        .map(|moved| format!("writes were split at {}: {}", moved.at, moved.to))
        .collect()
}

pub(super) fn never_nobody(evidence: &Evidence<'_>) -> Vec<String> {
    let nobody = evidence.moves.iter().filter(|moved| moved.to.is_nobody());
    nobody
        .map(|moved| format!("nobody answered from {} on", moved.at))
        .collect()
}

/// The writer goes to the target only once the source's writes are stopped and everything has been carried over.
pub(super) fn moves_to_the_target(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for moved in writer_moves(evidence).filter(|moved| moved.to.is_all_target()) {
        let Some(entry) = cutover(evidence, moved) else {
            broken.push(format!(
                "the writer went to the target at {} and nobody asked for it",
                moved.at
            ));
            continue;
        };
        if entry.action != Action::ManualCutover {
            let forced = entry.forced.contains(&Code::SplitWritesUnsafe);
            let one_way = evidence.truth.held_for(STATUS_SECONDS, moved.at, |moment| {
                !(moment.forward_runs && moment.reverse_runs)
            });
            if one_way && !forced {
                broken.push(format!(
                    "a shared pair went to the target at {} one way",
                    moved.at
                ));
            }
            continue;
        }
        if said(evidence, entry, "writes_stopped") != Some(true) {
            broken.push(format!(
                "the writer went to the target at {} and nobody had stopped the writes",
                moved.at
            ));
        }
        let drained = evidence.truth.ever_between(entry.at, moved.at, |moment| {
            moment.forward_lag == Some(0) && moment.forward_runs
        });
        if !drained {
            broken.push(format!(
                "the writer went to the target at {} before it had drained",
                moved.at
            ));
        }
    }
    broken
}

/// The writer goes back only if the target's writes are on the source, or a person said that they may be lost.
pub(super) fn moves_back(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for moved in writer_moves(evidence).filter(|moved| moved.to.is_all_source()) {
        let accepted = evidence
            .decided(moved.pair, moved.to, moved.at)
            .is_some_and(|entry| said(evidence, entry, "accept_data_loss") == Some(true));
        if accepted {
            continue;
        }
        let stopped = evidence
            .truth
            .held_for(STATUS_SECONDS, moved.at, |moment| !moment.reverse_runs);
        let behind = evidence.truth.held_for(READING_SECONDS, moved.at, |moment| {
            moment.reverse_lag.is_some_and(|seconds| seconds > LEVEL_SECONDS)
        });
        let unknown = evidence.truth.held_for(READING_AGE_SECONDS, moved.at, |moment| {
            moment.reverse_lag.is_none()
        });
        if stopped || behind || unknown {
            broken.push(format!(
                "the writer went back at {} and the target's writes were lost",
                moved.at
            ));
        }
    }
    broken
}

/// Changes of the pair that carries writes from one whole side, or from in between, to the other.
fn writer_moves<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = &'a Move> {
    let writes = evidence.writes();
    let whole = |moved: &&Move| {
        (moved.to.is_all_target() && !moved.from.is_all_target())
            || (moved.to.is_all_source() && moved.from.is_all_target())
    };
    evidence
        .moves
        .iter()
        .filter(move |moved| moved.pair == writes)
        .filter(whole)
}

fn cutover<'a>(evidence: &'a Evidence<'_>, moved: &Move) -> Option<&'a Entry> {
    let asked = |entry: &&Entry| {
        entry.at <= moved.at
            // A step by the clock is one of the ladder that somebody asked for.
            && matches!(entry.action, Action::ManualCutover | Action::GradualCutover | Action::Tick)
            && super::super::evidence::sets(entry, moved.pair, moved.to)
    };
    evidence.entries.iter().rev().find(asked)
}

/// What the person's own payload says, not what the journal made of it.
fn said(evidence: &Evidence<'_>, entry: &Entry, field: &str) -> Option<bool> {
    evidence.typed(entry)?.get(field).and_then(Value::as_bool)
}
