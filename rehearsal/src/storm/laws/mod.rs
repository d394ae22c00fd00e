//! What must never be, whatever happens: each law looks at the evidence and says what breaks it.

mod answers;
mod traffic;
mod writer;

use cutover_core::journal::Outcome;
use cutover_core::state::State;
use cutover_core::subject::Snapshot;

use super::evidence::Evidence;
use super::play::waits_for_hands;
use crate::proof;
use crate::stage::STATE;

/// Everything that is not as it must be.
pub(super) fn broken(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    broken.extend(writer::one_writer(evidence));
    broken.extend(writer::never_nobody(evidence));
    broken.extend(writer::moves_to_the_target(evidence));
    broken.extend(writer::moves_back(evidence));
    broken.extend(traffic::everything_was_decided(evidence));
    broken.extend(traffic::the_clock_goes_up_only_when_well(evidence));
    broken.extend(traffic::watchers_stay_in_their_place(evidence));
    broken.extend(traffic::forged_events_change_nothing(evidence));
    broken.extend(answers::every_answer_has_a_reason(evidence));
    broken.extend(answers::failures_are_of_the_contract(evidence));
    broken.extend(answers::people_are_not_told_twice(evidence));
    broken.extend(answers::the_journal_is_never_overwritten(evidence));
    broken.extend(ends_well(evidence));
    broken
}

/// What is proven after every story, and that nothing moves any more.
fn ends_well(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    if !evidence.played.came_to_rest {
        let state = evidence.stage.state().unwrap_or_default();
        broken.push(format!("it never came to rest: {state}"));
    }
    let state = evidence.stage.twin.ssm(|ssm| ssm.value(STATE));
    let state = state.and_then(|value| State::decode(&value).ok());
    let waits = state.as_ref().is_some_and(waits_for_hands);
    // Two of the proofs take every weight in the zone for ours; hands have laws of their own here. An intent that
    // met somebody's edit stays open until a person says what is to become of it.
    let by_hand = |sentence: &str| {
        sentence.contains("weight changes")
            || sentence.contains("writer's record")
            || (waits && sentence.contains("intents"))
    };
    let proofs = proof::of(evidence.stage);
    let failed = proofs
        .into_iter()
        .filter(|proof| !proof.holds && !by_hand(&proof.sentence));
    broken.extend(failed.map(|proof| format!("not so: {}", proof.sentence)));
    let told = evidence.entries.iter().filter(|entry| {
        // What was taken for done must have been done at some time.
        entry.previous.outcome == Outcome::Open
    });
    broken.extend(told.map(|entry| format!("generation {} follows one that is open", entry.generation)));
    broken
}
