//! What must hold after every single effect, whoever caused it.

use cutover_core::blocker::Code;
use cutover_core::journal::{Entry, Outcome};
use cutover_core::phase::Phase;
use cutover_core::plan::Step;
use cutover_core::state::State;
use cutover_core::weight::{Pair, Weights};

use super::Inner;
use super::watchers::{GUARD, MONITOR};

/// Generations are created once, without a gap, and each says what became of the one before.
pub fn entry_is_lawful(inner: &Inner, entry: &Entry) {
    let number = entry.generation.number();
    assert_eq!(
        number,
        inner.head() + 1,
        "generation {number} is not the one after {}",
        inner.head()
    );
    assert_eq!(
        entry.previous.generation.number() + 1,
        number,
        "previous of {number}"
    );
    watcher_is_lawful(entry);
    assert_ne!(
        entry.previous.outcome,
        Outcome::Open,
        "generation {number} forgets what became of {}",
        number - 1
    );
}

/// What watches never moves anything on: the replication's entries leave traffic alone, the alarms' take it back.
pub fn watcher_is_lawful(entry: &Entry) {
    let sets = |step: &Step| match step {
        Step::SetWeights { to, .. } => Some(*to),
        Step::AwaitDrained { .. } | Step::StartReverse | Step::AwaitReverse => None,
        Step::StopReverse | Step::AwaitCarriedBack | Step::AwaitSettled { .. } => None,
        Step::ResumeTask { .. } => None,
    };
    let mut set = entry.plan.steps.iter().filter_map(sets);
    match entry.by.as_str() {
        MONITOR => {
            assert_eq!(set.next(), None, "{MONITOR} set weights");
            assert_eq!(
                entry.record.traffic, entry.before.traffic,
                "{MONITOR} changed traffic"
            );
        }
        GUARD => {
            assert!(set.all(Weights::is_all_source), "{GUARD} moved traffic on");
            for pair in [Pair::Reader, Pair::Writer, Pair::Shared] {
                let (before, after) = (entry.before.traffic.of(pair), entry.record.traffic.of(pair));
                assert!(
                    after == before || after.is_all_source(),
                    "{GUARD} wants {after} after {before}"
                );
            }
        }
        _ => {}
    }
}

/// The same of every call.
pub fn hand_is_lawful(function: &str, from: Weights, to: Weights) {
    assert_ne!(function, MONITOR, "{MONITOR} set weights");
    if function == GUARD {
        assert!(to.target <= from.target, "{GUARD} moved {from} to {to}");
    }
}

/// Nobody set a pair to nothing, and nobody split writes without both tasks running.
pub fn weights_are_lawful(inner: &Inner, pair: Pair, to: Weights) {
    assert!(!to.is_nobody(), "the {} pair was set to 0/0", pair.name());
    if pair != inner.topology.writes() || to.is_all_source() || to.is_all_target() {
        return;
    }
    let both_run = both_run(inner);
    // A split that a person forced by name stays so until it is moved on.
    let forced = inner
        .journal
        .values()
        .any(|entry| entry.forced.contains(&Code::SplitWritesUnsafe));
    let adopted = inner
        .journal
        .values()
        .any(|entry| entry.before.traffic.of(pair) == to);
    assert!(
        both_run || forced || adopted,
        "writes were split at {to} without two-way replication"
    );
}

fn both_run(inner: &Inner) -> bool {
    inner.forward.is_running()
        && inner
            .reverse
            .as_ref()
            .is_some_and(super::tasks::TaskModel::is_running)
}

/// A writer that moves whole to the target leaves nothing behind: the source had drained, or both replicate.
pub fn flip_is_lawful(inner: &Inner, pair: Pair, from: Weights, to: Weights) {
    let flips = pair == inner.topology.writes() && from.is_all_source() && to.is_all_target();
    let forced = inner
        .journal
        .values()
        .any(|entry| entry.forced.contains(&Code::SplitWritesUnsafe));
    let shifts = inner.topology.reads() == pair && both_run(inner);
    if flips && !shifts && !forced {
        assert!(
            inner.forward.is_running(),
            "the writer flipped while nothing replicated"
        );
        assert_eq!(
            inner.forward.lag,
            Some((0, 0, Some(0))),
            "the writer flipped before the target had everything"
        );
    }
}

/// A snapshot never says more than was so.
pub fn state_is_lawful(inner: &Inner, state: &State) {
    let generation = state.generation.number();
    assert!(
        generation <= inner.head(),
        "a snapshot of generation {generation}, which nobody claimed"
    );
    for pair in inner.topology.pairs() {
        let said = state.record.traffic.of(*pair);
        let stood = inner.zone.history.contains(&(*pair, said));
        assert!(
            stood,
            "the snapshot says {} {said}, which never stood",
            pair.name()
        );
    }
    let entry = inner.journal.get(&generation);
    let settled = state.outcome == Outcome::Finished && matches!(state.record.phase, Phase::CutOver);
    if settled && entry.is_some_and(|entry| entry.during == Phase::CuttingOver) {
        let writer = inner.zone.path(inner.topology.writes());
        assert!(
            writer.iter().any(|weights| weights.is_all_target()),
            "cut over, and the writer never moved"
        );
    }
    if state.settled_at.is_some() {
        assert!(state.settling.is_empty(), "settled, and still settling");
    }
}

/// After the last tick everything agrees: records, snapshot, journal.
pub fn all_agrees(inner: &Inner) {
    let Some(state) = inner.state() else {
        assert_eq!(inner.head(), 0, "generations exist, and no snapshot says so");
        return;
    };
    assert_eq!(
        state.generation.number(),
        inner.head(),
        "the snapshot is behind the journal"
    );
    assert_ne!(
        state.outcome,
        Outcome::Open,
        "generation {} was forgotten half done",
        state.generation
    );
    for pair in inner.topology.pairs() {
        let (said, stands) = (state.record.traffic.of(*pair), inner.zone.weights(*pair));
        assert_eq!(
            said,
            stands,
            "the snapshot and the {} records differ",
            pair.name()
        );
    }
    assert!(
        !matches!(state.record.phase, Phase::CuttingOver | Phase::RollingBack),
        "{:?} and over",
        state.record.phase
    );
}
