//! What a story may expect, and where it is looked up.

use crate::stage::{READER, Stage, WRITER};
use crate::transcript::Answer;

/// The value found for `what`, in the words that `expect` lines use.
#[must_use]
pub fn found(stage: &Stage, last: Option<&Answer>, what: &str) -> String {
    match what {
        "reader" => stage.weights(READER).1.to_string(),
        "writer" => stage.weights(WRITER).1.to_string(),
        "notices" => stage.twin.sns(|sns| sns.published().len()).to_string(),
        "hold" => in_state(stage, "/hold/codes"),
        "state-generation" => in_state(stage, "/generation"),
        "state-phase" => in_state(stage, "/phase"),
        "state-outcome" => in_state(stage, "/outcome"),
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

fn in_answer(last: Option<&Answer>, what: &str) -> String {
    let report = match last {
        None => return "nothing was invoked".to_owned(),
        Some(Err(failure)) if what == "error" => return failure.error_type.clone(),
        Some(Err(failure)) => return format!("error:{}", failure.error_type),
        Some(Ok(report)) => report,
    };
    let listed = |words: Vec<String>| {
        if words.is_empty() {
            NONE.to_owned()
        } else {
            words.join(",")
        }
    };
    match what {
        "outcome" => report.outcome.name().to_owned(),
        "phase" => report.phase.name().to_owned(),
        "generation" => report.generation.to_string(),
        "viability" => report.rollback.name().to_owned(),
        "verdict" => report.replication.verdict.name().to_owned(),
        "blockers" => listed(
            report
                .blockers
                .iter()
                .map(|blocker| blocker.code.name().to_owned())
                .collect(),
        ),
        "forced" => listed(
            report
                .forced
                .iter()
                .map(|blocker| blocker.code.name().to_owned())
                .collect(),
        ),
        "waiting" => listed(report.waiting_on.clone()),
        "error" => NONE.to_owned(),
        other => format!("{other} cannot be expected"),
    }
}
