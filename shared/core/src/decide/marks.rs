//! Commands that mark the migration without moving traffic: pause, resume, complete.

use super::{Decision, Question, force, groundwork};
use crate::held::{WINDOW, replaced};
use crate::phase::{Action, Phase};
use crate::plan::{Plan, Step};
use crate::policy::give_up_at;
use crate::record::{Pause, Record};
use crate::text::Text;

pub(super) fn pause(question: &Question<'_>) -> Decision {
    if question.record().paused.is_some() {
        return Decision::Rest("the migration is paused already".to_owned());
    }
    let reason = Text::new(question.command.options.reason.as_deref().unwrap_or_default());
    let record = Record {
        paused: Some(Pause {
            at: question.now(),
            reason,
        }),
        ..question.record().clone()
    };
    question.mark(Action::Pause, String::new(), record)
}

pub(super) fn resume(question: &Question<'_>) -> Decision {
    let record = question.record();
    let over = record.held.iter().any(|held| held.is_by(WINDOW));
    if record.paused.is_none() && !over {
        return Decision::Rest("the migration is not paused".to_owned());
    }
    // A person who says "go on" after the window has ended gives it another one.
    let held = replaced(&record.held, |held| held.is_by(WINDOW), &[]);
    let record = Record {
        paused: None,
        held,
        window_until: record.window_until.filter(|_| !over),
        ..record.clone()
    };
    let record = record.within_window(question.now(), question.policy);
    question.mark(Action::Resume, String::new(), record)
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
        held: Vec::new(),
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
