//! What a story about a disaster may expect, and where it is looked up.

use cutover_core::blocker::Blocker;
use cutover_core::dr::report::Report;
use serde_json::Value;
use twin::{Call, CallOutcome, FaultKind};

use super::stage::{APPLICATION, DR_CLUSTER, DrStage, GROUP, RECORD, STATE};
use crate::stage::{Stage, ZONE};
use crate::transcript::DrAnswer;

const NONE: &str = "none";
/// Operations by which a writer is moved with a loss.
pub(super) const FORCED: [&str; 3] = [
    "FailoverGlobalCluster",
    "RemoveFromGlobalCluster",
    "PromoteReadReplicaDBCluster",
];

/// The value found for `what`; `None` if it is not about a disaster.
pub(crate) fn found(stage: &Stage, dr: &DrStage, last: Option<&DrAnswer>, what: &str) -> Option<String> {
    let tally = || dr.clients.tally();
    Some(match what {
        "writer" => writer(stage, dr),
        "traffic" => traffic(stage),
        "application" => application(dr),
        "refreshes" => dr
            .twin
            .autoscaling(|groups| groups.refreshes(GROUP).len())
            .to_string(),
        "promotions" => forced(stage).len().to_string(),
        "lost-writes" => stage.twin.rds(|rds| rds.lost_writes().len()).to_string(),
        "split-seconds" => tally().split.to_string(),
        "outage" => tally().longest_without_writer.to_string(),
        "notices" => dr.twin.sns(|sns| sns.published().len()).to_string(),
        "critical" => told(dr, &["critical"]),
        "waiting-for-you" => told(dr, &["waiting-for-you"]),
        "state-generation" => in_state(dr, "/generation"),
        "journal-first" => in_state(dr, "/journal_first"),
        "state-phase" => in_state(dr, "/phase"),
        "state-outcome" => in_state(dr, "/outcome"),
        "state-writer" => in_state(dr, "/writer"),
        "hold" => in_state(dr, "/hold/codes"),
        "fenced" => in_state(dr, "/run/fenced"),
        "would" => state(dr)
            .and_then(|state| state.pointer("/would").and_then(Value::as_array).map(Vec::len))
            .unwrap_or_default()
            .to_string(),
        other => return in_answer(last?, other),
    })
}

fn told(dr: &DrStage, severities: &[&str]) -> String {
    let published = dr.twin.sns(|sns| sns.published());
    let counts = |severity: &String| severities.contains(&severity.as_str());
    let of_severity = published
        .iter()
        .filter(|notice| notice.attributes.get("severity").is_some_and(counts));
    of_severity.count().to_string()
}

/// The side whose cluster takes writes, as RDS has it.
fn writer(stage: &Stage, dr: &DrStage) -> String {
    let writable = stage.twin.rds(|rds| rds.writable());
    let sides: Vec<&str> = [(&dr.primary, "primary"), (&dr.dr, "dr")]
        .into_iter()
        .filter(|(arn, _)| writable.contains(arn))
        .map(|(_, side)| side)
        .collect();
    if sides.is_empty() {
        NONE.to_owned()
    } else {
        sides.join(",")
    }
}

/// The side that the record leads to, by the data plane.
fn traffic(stage: &Stage) -> String {
    let answer = stage
        .twin
        .route53(|route53| route53.answer(ZONE, RECORD, "CNAME", 0));
    side_of(answer.first().map_or("", String::as_str))
}

fn application(dr: &DrStage) -> String {
    let endpoint = dr.twin.ssm(|ssm| ssm.value(&format!("{APPLICATION}/endpoint")));
    side_of(endpoint.as_deref().unwrap_or_default())
}

fn side_of(endpoint: &str) -> String {
    let side = match endpoint.split('.').next() {
        None | Some("") => NONE,
        Some(DR_CLUSTER) => "dr",
        Some(_) => "primary",
    };
    side.to_owned()
}

/// The forced operations that were asked for by a function, and accepted.
pub(super) fn forced(stage: &Stage) -> Vec<Call> {
    let ours = |call: &Call| call.invocation.is_some() && FORCED.contains(&call.operation.as_str());
    let accepted = |call: &Call| match call.outcome {
        CallOutcome::Ok | CallOutcome::ReplyLost => true,
        CallOutcome::Crashed => call.fault == Some(FaultKind::CrashAfter),
        CallOutcome::Error { .. } | CallOutcome::Unreachable | CallOutcome::Pending => false,
    };
    let mut calls = stage.twin.log();
    calls.retain(|call| ours(call) && accepted(call));
    calls
}

pub(super) fn state(dr: &DrStage) -> Option<Value> {
    serde_json::from_str(&dr.twin.ssm(|ssm| ssm.value(STATE))?).ok()
}

fn in_state(dr: &DrStage, pointer: &str) -> String {
    let state = state(dr);
    match state.as_ref().and_then(|state| state.pointer(pointer)) {
        None | Some(Value::Null) => NONE.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(","),
        Some(other) => other.to_string(),
    }
}

fn in_answer(last: &DrAnswer, what: &str) -> Option<String> {
    let report = match last {
        Err(failure) if what == "error" => return Some(failure.error_type.clone()),
        Err(failure) => return Some(format!("error:{}", failure.error_type)),
        Ok(report) => report,
    };
    let Report { dr, .. } = report.as_ref();
    Some(match what {
        "outcome" => report.outcome.name().to_owned(),
        "phase" => report.phase.name().to_owned(),
        "generation" => report.generation.to_string(),
        "blockers" => codes(&report.blockers),
        "waiting" => listed(&report.waiting_on),
        "mode" => dr.mode.map_or(NONE, |mode| mode.name()).to_owned(),
        "would-call" => dr.would_call.clone().unwrap_or_else(|| NONE.to_owned()),
        "unrecognised" => report.unrecognised.clone().unwrap_or_else(|| NONE.to_owned()),
        "error" => NONE.to_owned(),
        _ => return None,
    })
}

fn codes(blockers: &[Blocker]) -> String {
    let names: Vec<String> = blockers
        .iter()
        .map(|blocker| blocker.code.name().to_owned())
        .collect();
    listed(&names)
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        NONE.to_owned()
    } else {
        words.join(",")
    }
}
