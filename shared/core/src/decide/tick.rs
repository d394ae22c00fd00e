//! What the clock may do: go on with what was left, put late effects right, climb a ladder. Never more.

use super::{Decision, Question, gradual, groundwork, rollback};
use crate::blocker::{Blocker, Code};
use crate::gates;
use crate::journal::Entry;
use crate::phase::Phase;
use crate::plan::{Plan, Step};
use crate::record::Record;
use crate::replication::seconds_between;
use crate::weight::Traffic;

pub(super) fn decide(question: &Question<'_>) -> Decision {
    if let Some(entry) = &question.standing.behind {
        return left_behind(question, entry);
    }
    if question.standing.head == crate::generation::Generation::NONE {
        return Decision::Rest("nothing was ever decided here".to_owned());
    }
    let blockers = groundwork(question);
    let Some(found) = question.observation.traffic(question.topology) else {
        return Decision::Hold(blockers);
    };
    if !blockers.is_empty() {
        return Decision::Hold(blockers);
    }
    if found != question.record().traffic {
        return put_right(question, found);
    }
    ladder(question)
}

/// An entry whose execution is not known to be done.
fn left_behind(question: &Question<'_>, entry: &Entry) -> Decision {
    if entry.is_owned_at(question.now()) {
        let (generation, until) = (entry.generation, entry.deadline);
        return Decision::InProgress(format!(
            "generation {generation} is being carried out until {until}"
        ));
    }
    let missing = gates::records_present(question.observation, question.topology);
    if !missing.is_empty() {
        return Decision::Hold(missing);
    }
    let drifted = &question.standing.drifted;
    let mut blockers = Vec::new();
    blockers.extend(gates::no_drift(&entry.record, drifted, question.observation));
    let untouched = question.observation.traffic(question.topology) == Some(entry.before.traffic);
    if untouched && entry.during == Phase::Shifting && !entry.plan.steps.is_empty() {
        // It never took effect. What was safe then may not be safe now.
        let share = entry.record.traffic.of(question.topology.reads()).share();
        let gates = share
            .map(|weight| gradual::gates_of(question, weight))
            .unwrap_or_default();
        blockers.extend(
            gates
                .into_iter()
                .filter(|blocker| !entry.forced.contains(&blocker.code)),
        );
    }
    if blockers.is_empty() {
        Decision::Continue
    } else {
        Decision::Abandon(blockers)
    }
}

/// A change of an overtaken executor arrived after all. Taking the writer back has the same rules as a rollback.
fn put_right(question: &Question<'_>, found: Traffic) -> Decision {
    let wanted = question.record().traffic;
    let mut steps = Vec::new();
    if wanted.writer.is_all_source() && !found.writer.is_all_source() {
        match rollback::carrying_back(question, found) {
            Ok(first) => steps = first,
            Err((blocker, _)) => return Decision::Hold(vec![blocker]),
        }
    }
    let differing = question.topology.pairs().iter().copied();
    let differing = differing.filter(|pair| found.of(*pair) != wanted.of(*pair));
    steps.extend(differing.map(|pair| Step::SetWeights {
        pair,
        to: wanted.of(pair),
    }));
    let record = question.record().clone();
    question.intent(Plan::of(steps), record.phase, record, Vec::new())
}

fn ladder(question: &Question<'_>) -> Decision {
    let record = question.record();
    let Some(ladder) = &record.ladder else {
        return Decision::Rest("nothing is due".to_owned());
    };
    if record.phase != Phase::Shifting {
        return Decision::Rest("nothing is due".to_owned());
    }
    let Some(rung) = ladder.next_above(gradual::current(question)) else {
        return Decision::Rest("the ladder is climbed".to_owned());
    };
    if let Some(pause) = gates::not_paused(record) {
        return Decision::Hold(vec![pause]);
    }
    let rest = ladder.next_above(rung).is_some();
    let kept: Record = record.clone();
    let mut also: Vec<Blocker> = baking(question).into_iter().collect();
    also.extend(gates::not_held(record, &gradual::gates_of(question, rung)));
    gradual::move_to(question, rung, kept.ladder.filter(|_| rest), also)
}

/// A rung bakes from the moment its weights had settled everywhere.
fn baking(question: &Question<'_>) -> Option<Blocker> {
    let ladder = question.record().ladder.as_ref()?;
    let state = question.standing.state.as_ref()?;
    let minutes = ladder.bake_minutes;
    let Some(settled) = state.settled_at.filter(|_| state.settling.is_empty()) else {
        return Some(Blocker::new(
            Code::Baking,
            format!("bakes {minutes} min once the last change has settled"),
        ));
    };
    let baked = seconds_between(settled, question.now()) / 60;
    (question.now() < ladder.due(settled)).then(|| {
        Blocker::new(
            Code::Baking,
            format!("baked {baked} of {minutes} min at this weight"),
        )
    })
}
