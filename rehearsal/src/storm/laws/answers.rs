//! What people and AWS are told: reasons, failures, notices; and what is written down.

use std::collections::BTreeMap;

use cutover_core::error::Class;
use cutover_core::policy::NOTICE_WINDOW_SECONDS;
use cutover_core::report::Outcome;
use jiff::Timestamp;
use twin::{Cause, FaultKind};

use super::super::evidence::Evidence;

/// Notices beyond those of the decisions: holds, alarms, strangers, what could not be done.
const NOTICES_BESIDES: usize = 30;
/// Notices that one decision may lead to: its end, its hold, and a delivery that was repeated.
const NOTICES_PER_DECISION: usize = 3;
/// Functions that act at the same minute do not know what the other tells: the snapshot that remembers it has no
/// compare-and-swap, and the one that writes last may make the next tick tell it again.
const SAME_MOMENT_SECONDS: i64 = 5;
/// Kinds of notices that are not told again for a while.
const TOLD_ONCE: [&str; 3] = ["hold", "alarm", "unrecognised"];

pub(super) fn every_answer_has_a_reason(evidence: &Evidence<'_>) -> Vec<String> {
    let silent = evidence
        .reports
        .iter()
        .filter(|(_, report)| match report.outcome {
            Outcome::Held | Outcome::Refused | Outcome::NeedsHuman => {
                report.message.trim().is_empty()
                    || report
                        .blockers
                        .iter()
                        .any(|blocker| blocker.message.trim().is_empty())
            }
            Outcome::Done | Outcome::Unchanged | Outcome::InProgress => false,
        });
    silent
        .map(|(number, report)| format!("invocation {number}: {} without a reason", report.outcome.name()))
        .collect()
}

/// An error is of a known class; where nobody waits for it, only one that a retry may mend.
pub(super) fn failures_are_of_the_contract(evidence: &Evidence<'_>) -> Vec<String> {
    const CLASSES: [Class; 5] = [
        Class::InvalidRequest,
        Class::Conflict,
        Class::Retryable,
        Class::Permanent,
        Class::NeedsHuman,
    ];
    let crashed = |id: &str| {
        evidence.calls.iter().any(|call| {
            call.invocation.as_deref() == Some(id)
                && matches!(call.fault, Some(FaultKind::CrashBefore | FaultKind::CrashAfter))
        })
    };
    let delayed = evidence
        .calls
        .iter()
        .any(|call| matches!(call.fault, Some(FaultKind::Delay(_))));
    let mut broken = Vec::new();
    for invoked in &evidence.invoked {
        let Some(Err(failure)) = &invoked.result else {
            continue;
        };
        let kind = failure.error_type.as_str();
        let fine = match kind {
            "Runtime.ExitError" => crashed(&invoked.request_id),
            "Sandbox.Timedout" => delayed,
            kind if invoked.cause == Cause::Direct => CLASSES.iter().any(|class| class.name() == kind),
            kind => kind == Class::Retryable.name(),
        };
        if !fine || failure.error_message.trim().is_empty() {
            broken.push(format!(
                "{} at {} ({:?}) failed with {kind}: {}",
                invoked.function, invoked.at, invoked.cause, failure.error_message
            ));
        }
    }
    broken
}

/// The same words do not come again within the hour, and there is an end to them.
pub(super) fn people_are_not_told_twice(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let most = NOTICES_BESIDES + NOTICES_PER_DECISION * evidence.entries.len();
    if evidence.notices.len() > most {
        broken.push(format!("{} notices, at most {most}", evidence.notices.len()));
    }
    // What was sent or written down may not be known to have been: then it is told again, rather than not at all.
    if evidence.calls.iter().any(|call| call.fault.is_some()) || lost_its_memory(evidence) {
        return broken;
    }
    let mut told: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for notice in &evidence.notices {
        let kind = notice.attributes.get("kind").map_or("", String::as_str);
        if !TOLD_ONCE.contains(&kind) {
            continue;
        }
        let headline = notice.message.lines().next().unwrap_or_default();
        if let Some(before) = told.insert(headline, notice.at) {
            let seconds = notice.at.duration_since(before).as_secs();
            if (SAME_MOMENT_SECONDS..NOTICE_WINDOW_SECONDS).contains(&seconds) {
                broken.push(format!("told again after {seconds} s: {headline}"));
            }
        }
    }
    broken
}

/// Somebody threw the snapshot away, and with it what people know.
fn lost_its_memory(evidence: &Evidence<'_>) -> bool {
    let lines = evidence.schedule.lines.iter().map(ToString::to_string);
    lines
        .into_iter()
        .any(|line| line == "lose state" || line == "spoil state")
}

pub(super) fn the_journal_is_never_overwritten(evidence: &Evidence<'_>) -> Vec<String> {
    let overwrites = evidence.calls.iter().filter(|call| {
        call.operation == "PutParameter"
            && call.subject.contains("/journal/")
            && call.detail.get("overwrite") != Some(&serde_json::Value::Bool(false))
    });
    overwrites
        .map(|call| format!("{} was written with overwrite at {}", call.subject, call.at))
        .collect()
}
