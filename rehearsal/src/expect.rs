//! What a story may expect, and where it is looked up.

use cutover_core::blocker::Blocker;
use cutover_core::state::State;
use cutover_core::subject::Snapshot;
use cutover_core::transition::SOURCE;

use crate::dr;
use crate::reactions::{self, Said};
use crate::stage::{READER, STATE, Stage, WRITER};
use crate::transcript::Answer;

/// The value found for `what`, in the words that `expect` lines use.
#[must_use]
pub fn found(stage: &Stage, last: Option<&Said>, what: &str) -> String {
    let (last, last_of_dr) = match last {
        Some(Said::Migration(answer)) => (Some(answer), None),
        Some(Said::Dr(answer)) => (None, Some(answer)),
        None => (None, None),
    };
    if let Some(dr) = &stage.dr
        && let Some(found) = dr::expect::found(stage, dr, last_of_dr, what)
    {
        return found;
    }
    match what {
        "reader" => stage.weights(READER).1.to_string(),
        "writer" => stage.weights(WRITER).1.to_string(),
        "notices" => stage.twin.sns(|sns| sns.published().len()).to_string(),
        "hold" => in_state(stage, "/hold/codes"),
        "state-generation" => in_state(stage, "/generation"),
        "journal-first" => in_state(stage, "/journal_first"),
        "state-phase" => in_state(stage, "/phase"),
        "state-outcome" => in_state(stage, "/outcome"),
        "held-by" => held_by(stage),
        "ready" => in_state(stage, "/ready_for_cutover"),
        "restarts" => recorded(stage)
            .map_or(0, |state| state.record.restarts.len())
            .to_string(),
        "missed" => missed(stage).to_string(),
        "dead-letters" => stage.twin.dead_letters().len().to_string(),
        "bus" => announced(stage).len().to_string(),
        "settled" => (in_state(stage, "/settled_at") != NONE).to_string(),
        other => in_answer(last, other),
    }
}

const NONE: &str = "none";

fn in_state(stage: &Stage, pointer: &str) -> String {
    let Some(state) = stage.state() else {
        return NONE.to_owned();
    };
    match state.pointer(pointer) {
        None | Some(serde_json::Value::Null) => NONE.to_owned(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Array(items)) => {
            let words: Vec<&str> = items.iter().filter_map(serde_json::Value::as_str).collect();
            words.join(",")
        }
        Some(other) => other.to_string(),
    }
}

fn recorded(stage: &Stage) -> Option<State> {
    State::decode(&stage.twin.ssm(|ssm| ssm.value(STATE))?).ok()
}

/// Who holds, by what the state says.
fn held_by(stage: &Stage) -> String {
    let held = recorded(stage).map(|state| state.record.held).unwrap_or_default();
    let names: Vec<String> = held.iter().map(|held| held.by.as_str().to_owned()).collect();
    listed(&names)
}

/// How many events were found to have been missed, by every answer so far.
fn missed(stage: &Stage) -> usize {
    let invoked = stage.twin.invoked().into_iter();
    let answers = invoked.filter_map(|invocation| reactions::answer(invocation.result?).ok());
    answers.map(|report| report.missed_events.len()).sum()
}

/// The transitions that were put on the bus, in order: what each event tells.
#[must_use]
pub fn announced(stage: &Stage) -> Vec<serde_json::Value> {
    let bus = stage.twin.bus().into_iter();
    let ours = bus.filter(|seen| seen.event.get("source").is_some_and(|source| source == SOURCE));
    ours.filter_map(|seen| seen.event.get("detail").cloned())
        .collect()
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(",")
    }
}

fn codes(blockers: &[Blocker]) -> String {
    let names: Vec<String> = blockers
        .iter()
        .map(|blocker| blocker.code.name().to_owned())
        .collect();
    listed(&names)
}

fn in_answer(last: Option<&Answer>, what: &str) -> String {
    let report = match last {
        None => return "nothing was invoked".to_owned(),
        Some(Err(failure)) if what == "error" => return failure.error_type.clone(),
        Some(Err(failure)) => return format!("error:{}", failure.error_type),
        Some(Ok(report)) => report,
    };
    match what {
        "outcome" => report.outcome.name().to_owned(),
        "phase" => report.phase.name().to_owned(),
        "generation" => report.generation.to_string(),
        "viability" => report.rollback.name().to_owned(),
        "verdict" => report.replication.verdict.name().to_owned(),
        "blockers" => codes(&report.blockers),
        "forced" => codes(&report.forced),
        "unrecognised" => report.unrecognised.clone().unwrap_or_else(|| NONE.to_owned()),
        "waiting" => listed(&report.waiting_on),
        "error" => NONE.to_owned(),
        other => format!("{other} cannot be expected"),
    }
}
