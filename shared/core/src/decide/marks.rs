//! Commands that mark the migration without moving traffic: pause, resume, complete.

use super::{Decision, Question, force, groundwork};
use crate::phase::Phase;
use crate::plan::{Plan, Step};
use crate::policy::give_up_at;
use crate::record::{Pause, Record};
use crate::text::Text;

pub(super) fn pause(question: &Question<'_>) -> Decision {
    if question.record().paused.is_some() {
        return Decision::Rest("the migration is paused already".to_owned());
    }
    let reason = Text::new(question.command.options.reason.as_deref().unwrap_or_default());
    mark(
        question,
        Some(Pause {
            at: question.now(),
            reason,
        }),
    )
}

pub(super) fn resume(question: &Question<'_>) -> Decision {
    if question.record().paused.is_none() {
        return Decision::Rest("the migration is not paused".to_owned());
    }
    mark(question, None)
}

fn mark(question: &Question<'_>, paused: Option<Pause>) -> Decision {
    let phase = question.record().phase;
    let record = Record {
        paused,
        ..question.record().clone()
    };
    question.intent(Plan::default(), phase, record, Vec::new())
}

/// The named point of no return: the reverse task stops, and going back is over.
pub(super) fn complete(question: &Question<'_>) -> Decision {
    let blockers = groundwork(question);
    let Some(found) = question.observation.traffic(question.topology) else {
        return Decision::Hold(blockers);
    };
    let (forced, remaining) = force::part(blockers, &question.command.options);
    if !remaining.is_empty() {
        return Decision::Hold(remaining);
    }
    let steps = if question.observation.reverse.is_some() {
        vec![Step::StopReverse]
    } else {
        Vec::new()
    };
    let record = Record {
        ladder: None,
        ..question
            .record()
            .clone()
            .carrying(found)
            .entering(Phase::Completed, question.now())
    };
    question.intent_until(
        give_up_at(question.now()),
        Plan::of(steps),
        Phase::CutOver,
        record,
        forced,
    )
}
