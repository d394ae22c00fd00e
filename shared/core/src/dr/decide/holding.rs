//! Why nothing is done although something is bad: people are told once for each reason, by a generation of its own, so that
//! the clock and an event of the same moment do not both tell.

use super::{Decision, Question, automatic};
use crate::blocker::{Blocker, Code};
use crate::dr::phase::Action;
use crate::dr::policy::{DRILL_PATIENCE_SECONDS, HELD_MAX};
use crate::dr::record::Record;
use crate::replication::seconds_between;

/// What a look that nobody asked for comes to: first that people know of what holds, or that it is over.
pub(super) fn told(question: &Question<'_>, decision: Decision) -> Decision {
    let record = &question.standing.record;
    match decision {
        Decision::Hold(blockers) if is_news(question, &blockers) => {
            let cause = blockers.first().map(|blocker| blocker.message.clone());
            let held = told_of(record, &blockers);
            question.mark(Action::Hold, cause.unwrap_or_default(), held)
        }
        Decision::Rest(_) if !record.held.is_empty() => question.mark(
            Action::Clear,
            "nothing holds any more".to_owned(),
            record.clone().unheld(),
        ),
        Decision::Go(_) | Decision::Continue | Decision::Hold(_) | Decision::Refuse(..) => decision,
        Decision::Rest(_) | Decision::InProgress(_) | Decision::Invalid(_) => decision,
    }
}

/// What holds it now, whoever asks.
pub(in crate::dr) fn reasons(question: &Question<'_>) -> Vec<Blocker> {
    match automatic::look(question) {
        Decision::Hold(blockers) => blockers,
        Decision::Go(_) | Decision::Continue | Decision::Refuse(..) => Vec::new(),
        Decision::Rest(_) | Decision::InProgress(_) | Decision::Invalid(_) => Vec::new(),
    }
}

/// Enough speaks for it that only a person's word is missing.
pub(in crate::dr) fn asks_a_person(blockers: &[Blocker]) -> bool {
    let has = |code: Code| blockers.iter().any(|blocker| blocker.code == code);
    has(Code::ApprovalNeeded) || !has(Code::QuorumMissing) && !has(Code::PrimaryAlive)
}

fn is_news(question: &Question<'_>, blockers: &[Blocker]) -> bool {
    let record = &question.standing.record;
    if blockers.iter().all(is_quiet) || is_patient(question) {
        return false;
    }
    let unheard = |blocker: &Blocker| !is_quiet(blocker) && !record.held.contains(&blocker.code);
    let room = record.held.len() < HELD_MAX;
    blockers.iter().any(unheard) && room || asks_a_person(blockers) && !record.asked
}

/// A suspicion that only has to last, or that one signal raised, has been told as such, and so was what would have been
/// done.
fn is_quiet(blocker: &Blocker) -> bool {
    matches!(
        blocker.code,
        Code::Unconfirmed | Code::QuorumMissing | Code::NotArmed
    )
}

/// The lag of the other side is known only some time after a drill's first half.
fn is_patient(question: &Question<'_>) -> bool {
    let record = &question.standing.record;
    record.drilling && seconds_between(record.since, question.seen.at) < DRILL_PATIENCE_SECONDS
}

fn told_of(record: &Record, blockers: &[Blocker]) -> Record {
    let mut told = record.clone();
    let loud = blockers.iter().filter(|blocker| !is_quiet(blocker));
    for blocker in loud {
        if !told.held.contains(&blocker.code) && told.held.len() < HELD_MAX {
            told.held.push(blocker.code);
        }
    }
    told.asked |= asks_a_person(blockers);
    told
}
