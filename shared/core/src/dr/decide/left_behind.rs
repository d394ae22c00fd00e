//! A promotion that was claimed by itself and that nobody has begun: its executor died in between, and minutes may have
//! passed since it was judged.

use super::automatic::{bad_signals, is_quiet, no_quorum};
use super::{Decision, Question};
use crate::blocker::Code;
use crate::dr::Entry;
use crate::dr::phase::{Action, Phase};
use crate::dr::plan::Step;
use crate::dr::roles;
use crate::dr::side::Side;
use crate::dr::votes::is_seen_alive;

/// Takes it back where the primary is seen at work again, or where the signals are no quorum any more. Otherwise what was
/// decided stands, its loss too: a region that is gone takes no more writes.
pub(super) fn taken_back(question: &Question<'_>, entry: &Entry) -> Option<Decision> {
    if entry.action != Action::Promote || entry.plan.steps.iter().any(|step| is_begun(question, step)) {
        return None;
    }
    let alive = is_seen_alive(question.seen, Side::Primary).is_some();
    let missing = no_quorum(question).is_some_and(|blocker| blocker.code == Code::QuorumMissing);
    (alive || missing).then(|| {
        let generation = entry.generation;
        let why = format!("the promotion of generation {generation} was not begun, and is not due any more");
        let (action, phase, cause) = if is_quiet(question.votes) {
            (Action::Clear, Phase::Normal, why)
        } else {
            let cause = format!("{}; {why}", bad_signals(question.votes));
            (Action::Suspect, Phase::Suspected, cause)
        };
        question.mark(
            action,
            cause,
            entry.before.clone().entering(phase, question.seen.at),
        )
    })
}

fn is_begun(question: &Question<'_>, step: &Step) -> bool {
    match step {
        Step::Promote { verb, to } => {
            roles::is_moving_to(question.seen, *to, question.settings)
                || roles::is_reached(question.seen, verb, *to, question.settings)
        }
        Step::AskHook | Step::Freeze | Step::AwaitLevel { .. } | Step::AwaitRole { .. } => false,
        Step::Serve { .. } | Step::MoveRecords { .. } | Step::ConfirmEndpoint { .. } => false,
        Step::AwaitRouting { .. }
        | Step::Configure { .. }
        | Step::Refresh
        | Step::Verify { .. }
        | Step::TellHook => false,
    }
}
