//! Everything back to the source, as fast as is safe. It waits for nobody's intent.

use super::{Decision, Question, force, groundwork};
use crate::blocker::{Blocker, Code};
use crate::held::{REPLICATION, replaced};
use crate::journal::Outcome;
use crate::phase::Phase;
use crate::plan::{Plan, Step};
use crate::policy::give_up_at;
use crate::record::Record;
use crate::replication::Seen;
use crate::viability::{Viability, viability};
use crate::weight::{Pair, Traffic, Weight, Weights};

pub(super) fn decide(question: &Question<'_>) -> Decision {
    let blockers = groundwork(question);
    let Some(found) = question.observation.traffic(question.topology) else {
        return Decision::Hold(blockers);
    };
    if let Some(decision) = nothing_new(question, found) {
        return decision;
    }
    let (forced, remaining) = force::part(blockers, &question.command.options);
    if !remaining.is_empty() {
        return Decision::Hold(remaining);
    }
    if found.writer.is_all_source() {
        let record = back_on_source(question, found);
        let plan = Plan::of(weights(question, found));
        return question.intent_until(
            give_up_at(question.now()),
            plan,
            Phase::RollingBack,
            record,
            forced,
        );
    }
    writer(question, found, forced)
}

/// An equal rollback under way, or traffic that never left.
fn nothing_new(question: &Question<'_>, found: Traffic) -> Option<Decision> {
    let accepts = question.command.options.accept_data_loss;
    let Some(open) = &question.standing.open else {
        let began = match question.record().phase {
            Phase::Shifting | Phase::CuttingOver | Phase::CutOver | Phase::RollingBack => true,
            Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => false,
            Phase::RolledBack | Phase::Completed => false,
        };
        // A head that was given up unfinished may still send its change: only a claim overtakes it.
        let late = question.standing.previous.outcome == Outcome::Superseded;
        let nothing = found.is_all_source() && !began && !late && question.record().ladder.is_none();
        return nothing.then(|| Decision::Rest("everything is on the source".to_owned()));
    };
    let same = open.action == question.command.action() && (open.accept_data_loss || !accepts);
    same.then(|| Decision::InProgress(format!("generation {} is taking traffic back", open.generation)))
}

/// With the writer moved, the target's writes are carried back first. If that cannot be, a person decides.
fn writer(question: &Question<'_>, found: Traffic, forced: Vec<Blocker>) -> Decision {
    let mut steps = match carrying_back(question, found) {
        Ok(steps) => steps,
        Err((blocker, cost)) => return Decision::Ask(vec![blocker], cost),
    };
    steps.extend(weights(question, found));
    steps.push(Step::AwaitSettled {
        pair: question.topology.writes(),
    });
    let record = back_on_source(question, found);
    let plan = Plan::of(steps);
    question.intent_until(
        give_up_at(question.now()),
        plan,
        Phase::RollingBack,
        record,
        forced,
    )
}

/// What has to come before the writer is taken back, or why only a person can say yes.
pub(super) fn carrying_back(
    question: &Question<'_>,
    found: Traffic,
) -> Result<Vec<Step>, (Blocker, Viability)> {
    let record = question.record().clone().carrying(found);
    let cost = viability(&record, question.observation, question.policy, question.now());
    let accepted = question.command.options.accept_data_loss;
    match cost {
        Viability::Lossless if accepted || is_level(question) => Ok(Vec::new()),
        Viability::Lossless => Ok(vec![Step::AwaitCarriedBack]),
        Viability::Lossy { .. } | Viability::Impossible if accepted => Ok(Vec::new()),
        Viability::Lossy { seconds } => Err((lossy(seconds), cost)),
        Viability::Impossible => Err((lossy(0), cost)),
    }
}

fn lossy(seconds: u64) -> Blocker {
    let message = format!(
        "the target took writes that nothing carries back: going back loses up to {seconds} s of them; \
         repair the reverse task, or send \"accept_data_loss\":true"
    );
    Blocker::new(Code::RollbackLossy, message)
}

/// The reverse lag is so low that the flip itself takes longer.
fn is_level(question: &Question<'_>) -> bool {
    let task = question.observation.reverse.as_ref().and_then(Seen::known);
    let lag = task.and_then(|task| task.lag.known());
    lag.is_some_and(|lag| lag.total_seconds() <= question.policy.cutover_lag_seconds)
}

/// The writer first. A pair that an overtaken executor may still move is set even if it stands right now, so
/// that carrying this plan out again takes the late change back.
fn weights(question: &Question<'_>, found: Traffic) -> Vec<Step> {
    let to = Weights::of(Weight::ZERO);
    let writes = question.topology.writes();
    let late = question
        .standing
        .superseded(question.now())
        .map(|late| late.traffic);
    let moves = |pair: Pair| {
        !found.of(pair).is_all_source() || late.is_some_and(|late| !late.of(pair).is_all_source())
    };
    let mut pairs = vec![writes];
    pairs.extend(
        question
            .topology
            .pairs()
            .iter()
            .copied()
            .filter(|pair| *pair != writes),
    );
    pairs
        .into_iter()
        .filter(|pair| moves(*pair))
        .map(|pair| Step::SetWeights { pair, to })
        .collect()
}

fn back_on_source(question: &Question<'_>, found: Traffic) -> Record {
    let now = question.now();
    let back = |weights: Weights| {
        if weights.is_all_source() {
            weights
        } else {
            Weights::of(Weight::ZERO)
        }
    };
    let late = question.standing.superseded(now).map(|late| late.traffic);
    let settled = |pair: Pair| {
        // Where the plan sets a weight, it is exactly that weight; elsewhere what stands is carried over.
        let set = late.is_some_and(|late| !late.of(pair).is_all_source());
        if set {
            Weights::of(Weight::ZERO)
        } else {
            back(found.of(pair))
        }
    };
    let traffic = Traffic {
        reader: settled(question.topology.reads()),
        writer: settled(question.topology.writes()),
    };
    let record = question.record().clone();
    // What alarms and limits held was traffic on the target, and there is none any more.
    let held = replaced(&record.held, |held| !held.is_by(REPLICATION), &[]);
    Record {
        ladder: None,
        held,
        window_until: None,
        writer_moved_at: None,
        ..record.entering(Phase::RolledBack, now).carrying(traffic)
    }
}
