//! What must be true of how the functions behaved in a story, read from the twin's logs.

use std::collections::{BTreeMap, BTreeSet};

use cutover_core::journal::{Entry, Outcome};
use cutover_core::phase::Action;
use cutover_core::policy::NOTICE_WINDOW_SECONDS;
use cutover_core::state::State;
use serde_json::Value;
use twin::{Call, CallOutcome, Cause, DeadLetter, FaultKind, Invoked, Twin};

use crate::expect::announced;
use crate::proof::{Proof, proof};
use crate::stage::{ENVIRONMENT, Letters, STATE, Stage};

/// Functions that act at the same minute do not know what the other tells: the snapshot that remembers it has no
/// compare-and-swap, and the one that writes last may make the next tick tell it again.
pub(crate) const SAME_MOMENT_SECONDS: i64 = 5;
/// What a function may fail with when nobody waits for it: it is tried again. A crash and a timeout are Lambda's.
pub(crate) const TRIED_AGAIN: [&str; 4] = ["Retryable", "Conflict", "Runtime.ExitError", "Sandbox.Timedout"];

pub(crate) fn of(stage: &Stage, entries: &[Entry], state: Option<&State>) -> Vec<Proof> {
    vec![
        who_moves_what(&stage.twin),
        failures_are_tried_again(&stage.twin),
        on_the_bus(stage, entries, state),
        said_once(&stage.twin),
        nothing_given_up(stage),
    ]
}

/// One weight of the target as a function set it.
struct Move {
    function: String,
    raises: bool,
}

/// `dms-monitor` shifts nothing, and `alarm-rollback` shifts towards the source only.
fn who_moves_what(twin: &Twin) -> Proof {
    let functions: BTreeMap<String, String> = twin
        .invoked()
        .into_iter()
        .map(|invoked| (invoked.request_id, invoked.function))
        .collect();
    let mut moves = Vec::new();
    for call in twin.log() {
        let moved = call.operation == "ChangeResourceRecordSets" && took_effect(&call);
        let function = call.invocation.as_ref().and_then(|id| functions.get(id));
        if let Some(function) = function.filter(|_| moved) {
            moves.push(Move {
                function: function.clone(),
                raises: raises_the_target(&call.detail),
            });
        }
    }
    let by = |name: &str| {
        let deployed = format!("{name}-{ENVIRONMENT}");
        moves.iter().filter(move |made| made.function == deployed)
    };
    let watched = by(dms_monitor::NAME).count();
    let (back, forward) = (
        by(alarm_rollback::NAME).filter(|made| !made.raises).count(),
        by(alarm_rollback::NAME).filter(|made| made.raises).count(),
    );
    proof(
        watched == 0 && forward == 0,
        format!(
            "dms-monitor changed {watched} weights; of alarm-rollback's changes {back} went back to the source, {forward} did not"
        ),
    )
}

fn took_effect(call: &Call) -> bool {
    match &call.outcome {
        CallOutcome::Ok | CallOutcome::ReplyLost => true,
        CallOutcome::Error { .. }
        | CallOutcome::Unreachable
        | CallOutcome::Crashed
        | CallOutcome::Pending => false,
    }
}

/// Whether a batch gives any target more than it had: it deletes a record as it was, and creates it as it is to be.
fn raises_the_target(batch: &Value) -> bool {
    let mut before = BTreeMap::new();
    let mut after = BTreeMap::new();
    for change in batch.as_array().into_iter().flatten() {
        let text = |name: &str| change.get(name).and_then(Value::as_str).unwrap_or_default();
        let weight = change.get("weight").and_then(Value::as_u64);
        if text("set_identifier") != "target" {
            continue;
        }
        let side = if text("action") == "DELETE" {
            &mut before
        } else {
            &mut after
        };
        side.insert(text("name").to_owned(), weight);
    }
    after
        .iter()
        .any(|(name, weight)| before.get(name).is_none_or(|was| was < weight))
}

fn failures_are_tried_again(twin: &Twin) -> Proof {
    let invoked = twin.invoked();
    let unattended: Vec<_> = invoked
        .iter()
        .filter(|invocation| invocation.cause != Cause::Direct)
        .collect();
    let wrong: BTreeSet<&str> = unattended
        .iter()
        .filter_map(|invocation| invocation.result.as_ref()?.as_ref().err())
        .map(|failure| failure.error_type.as_str())
        .filter(|kind| !TRIED_AGAIN.contains(kind))
        .collect();
    let count = unattended.len();
    let mut sentence = format!(
        "{count} invocations by clock and event ended without an error, or with one that is tried again"
    );
    for kind in &wrong {
        sentence.extend(["; ", kind, " is none"]);
    }
    proof(wrong.is_empty(), sentence)
}

/// What has ended was announced, or is known to be owed; one that died with the function that announced it is lost.
fn on_the_bus(stage: &Stage, entries: &[Entry], state: Option<&State>) -> Proof {
    let events = announced(stage);
    let told: BTreeSet<u64> = events
        .iter()
        .filter_map(|detail| detail.get("generation")?.as_u64())
        .collect();
    let owed =
        |entry: &Entry| state.is_some_and(|state| state.unannounced.open().contains(&entry.generation));
    let missing: Vec<String> = entries
        .iter()
        .filter(|entry| has_ended_by_itself(entry, entries, state) && !owed(entry))
        .filter(|entry| !told.contains(&u64::from(entry.generation.number())))
        .map(|entry| entry.generation.to_string())
        .collect();
    let log = stage.twin.log();
    // A command sends all three at once.
    let last_calls =
        |call: &&Call| call.operation == "PutEvents" || call.operation == "Publish" || call.subject == STATE;
    let died = log
        .iter()
        .filter(last_calls)
        .filter(|call| call.outcome == CallOutcome::Crashed)
        .count();
    let owed = entries.iter().filter(|entry| owed(entry)).count();
    let mut sentence = format!(
        "every generation that ended is on the bus: {} are, {owed} are known to be owed",
        told.len()
    );
    if !missing.is_empty() {
        sentence.extend(["; missing: ", missing.join(", ").as_str()]);
    }
    if died > 0 {
        sentence.push_str(" (a function died before it could announce)");
    }
    proof(missing.len() <= died, sentence)
}

/// What was overtaken, or taken back by a generation of its own, is told by that one.
fn has_ended_by_itself(entry: &Entry, entries: &[Entry], state: Option<&State>) -> bool {
    let next = entries
        .iter()
        .find(|next| next.previous.generation == entry.generation);
    let outcome = match next {
        Some(next) if next.action == Action::Undo => None,
        Some(next) => Some(next.previous.outcome),
        None => state
            .filter(|state| state.generation == entry.generation)
            .map(|state| state.outcome),
    };
    match outcome {
        Some(Outcome::Finished | Outcome::Undone) => true,
        Some(Outcome::Open | Outcome::Superseded) | None => false,
    }
}

fn said_once(twin: &Twin) -> Proof {
    let published = twin.sns(|sns| sns.published());
    let mut twice = Vec::new();
    for (index, notice) in published.iter().enumerate() {
        let again = published.iter().skip(index + 1).any(|later| {
            let seconds = later.at.duration_since(notice.at).as_secs();
            later.message == notice.message && (SAME_MOMENT_SECONDS..NOTICE_WINDOW_SECONDS).contains(&seconds)
        });
        if again {
            twice.push(notice.message.lines().next().unwrap_or_default());
        }
    }
    let mut sentence = format!("{} notices, none sent twice within an hour", published.len());
    for headline in &twice {
        sentence.extend(["; twice: ", headline]);
    }
    let excused = !twice.is_empty() && was_forgotten(twin);
    if excused {
        sentence.push_str(" (what was told could not be kept)");
    }
    proof(twice.is_empty() || excused, sentence)
}

/// Whether something kept the functions from remembering what they had told: the snapshot could not be written or
/// was replaced by somebody else, a reply of the topic was lost, or an invocation died.
fn was_forgotten(twin: &Twin) -> bool {
    let log = twin.log();
    let writes_state = |call: &Call| call.operation == "PutParameter" && call.subject == STATE;
    let writes = log.iter().filter(|call| writes_state(call));
    let kept = writes
        .clone()
        .filter(|call| call.outcome == CallOutcome::Ok)
        .count();
    let version = twin.ssm(|ssm| ssm.versions(STATE).last().map(|latest| latest.version));
    let replaced = version.and_then(|version| usize::try_from(version).ok()) != Some(kept);
    let publishes = |call: &Call| call.operation == "Publish";
    let disturbed = |call: &Call| match call.outcome {
        CallOutcome::Crashed => true,
        CallOutcome::ReplyLost => publishes(call),
        // What takes longer than the client waits is sent again, and arrives all the same, or after what came later.
        CallOutcome::Ok | CallOutcome::Pending => {
            (publishes(call) || writes_state(call)) && matches!(call.fault, Some(FaultKind::Delay(_)))
        }
        CallOutcome::Error { .. } | CallOutcome::Unreachable => false,
    };
    replaced || kept < writes.count() || log.iter().any(disturbed)
}

/// Lambda gives up what died at every attempt: no function can do anything about that.
fn died_every_time(letter: &DeadLetter, invoked: &[Invoked]) -> bool {
    const DEATHS: [&str; 2] = ["Runtime.ExitError", "Sandbox.Timedout"];
    const ATTEMPTS: u32 = 3;
    let last = invoked.iter().rfind(|invoked| {
        invoked.function == letter.from
            && invoked.payload == letter.payload
            && invoked.attempt == ATTEMPTS
            && invoked.at <= letter.at
    });
    let attempts = last.map(|last| {
        let same = invoked.iter().filter(|other| other.request_id == last.request_id);
        same.filter(|attempt| {
            let failure = attempt.result.as_ref().and_then(|result| result.as_ref().err());
            failure.is_some_and(|failure| DEATHS.contains(&failure.error_type.as_str()))
        })
        .count()
    });
    attempts.and_then(|count| u32::try_from(count).ok()) == Some(ATTEMPTS)
}

fn nothing_given_up(stage: &Stage) -> Proof {
    let mut letters = stage.twin.dead_letters();
    let invoked = stage.twin.invoked();
    letters.retain(|letter| !died_every_time(letter, &invoked));
    let mut sentence = format!("{} dead letters", letters.len());
    let expected = stage.setting.letters == Letters::Expected;
    if expected {
        sentence.push_str(", which this story is about");
    }
    if let Some(letter) = letters.first() {
        sentence.extend([", the first from ", &letter.from, ": ", &letter.error_code]);
    }
    proof(letters.is_empty() != expected, sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::raises_the_target;

    fn batch(before: u8, after: u8) -> Value {
        let change = |action: &str, side: &str, weight: u8| json!({"action": action, "name": "reader", "set_identifier": side, "weight": weight});
        json!([
            change("DELETE", "source", 100 - before),
            change("CREATE", "source", 100 - after),
            change("DELETE", "target", before),
            change("CREATE", "target", after),
        ])
    }

    #[test]
    fn a_batch_that_gives_the_target_more_raises_it() {
        assert!(raises_the_target(&batch(20, 50)));
        assert!(!raises_the_target(&batch(50, 20)));
        assert!(!raises_the_target(&batch(50, 50)));
    }
}
