//! Who may move traffic, when, and who may not.

use cutover_core::blocker::Code;
use cutover_core::journal::Entry;
use cutover_core::phase::Action;
use cutover_core::weight::Weights;
use twin::{Call, CallOutcome, Cause, Invoked};

use super::super::evidence::{Evidence, Move, attempt, sets};

/// Highest lag at which reads move, in seconds; the environment has the default.
const READY_LAG_SECONDS: u32 = 60;
/// A lag reading is of the minute before, and takes another one to be told.
const READING_SECONDS: i64 = 120;
/// The oldest reading that counts, and the minute it is of.
const READING_AGE_SECONDS: i64 = 240;
const MINUTE_SECONDS: i64 = 60;

/// The target's share, for comparing: twice the percentage, so that "nobody" lies between.
fn share(weights: Weights) -> u8 {
    weights.share().map_or(50, cutover_core::weight::Weight::percent)
}

/// No weight of ours that no decision wants.
pub(super) fn everything_was_decided(evidence: &Evidence<'_>) -> Vec<String> {
    let undecided = |moved: &&Move| {
        let wanted = |entry: &Entry| {
            entry.at <= moved.at && (sets(entry, moved.pair, moved.to) || entry.wants(moved.pair) == moved.to)
        };
        !evidence.entries.iter().any(wanted)
    };
    let moves = evidence.moves.iter().filter(undecided);
    moves
        .map(|moved| format!("nothing decided {:?} {} at {}", moved.pair, moved.to, moved.at))
        .collect()
}

/// The clock lets traffic up only while everything speaks for it.
pub(super) fn the_clock_goes_up_only_when_well(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for moved in &evidence.moves {
        let Some(invoked) = evidence.invocation(moved.by) else {
            continue;
        };
        if share(moved.to) <= share(moved.from) || invoked.cause != Cause::Schedule {
            continue;
        }
        let Some(entry) = evidence.decided(moved.pair, moved.to, moved.at) else {
            continue;
        };
        // A cutover under way is a person's, and has laws of its own.
        if entry.action == Action::ManualCutover {
            continue;
        }
        broken.extend(against(evidence, invoked, entry).map(|why| {
            format!(
                "the clock let {:?} up to {} at {}: {why}",
                moved.pair, moved.to, moved.at
            )
        }));
    }
    broken
}

fn against(evidence: &Evidence<'_>, invoked: &Invoked, entry: &Entry) -> Option<&'static str> {
    let (truth, at) = (evidence.truth, invoked.at);
    let forced = |code: Code| entry.forced.contains(&code);
    if !forced(Code::LagTooHigh)
        && truth.held_for(READING_SECONDS, at, |moment| {
            moment
                .forward_lag
                .is_some_and(|seconds| seconds > READY_LAG_SECONDS)
        })
    {
        return Some("the lag was too high");
    }
    if !forced(Code::LagUnknown)
        && !forced(Code::LagStale)
        && truth.held_for(READING_AGE_SECONDS, at, |moment| moment.forward_lag.is_none())
    {
        return Some("the lag was unknown");
    }
    if !forced(Code::ReplicationNotRunning)
        && truth.held_for(MINUTE_SECONDS, at, |moment| !moment.forward_runs)
    {
        return Some("the task was not running");
    }
    if !forced(Code::AlarmActive) && truth.held_for(MINUTE_SECONDS, at, |moment| moment.in_alarm) {
        return Some("an alarm was in ALARM");
    }
    let climbs = entry.action == Action::Tick;
    let paused = entry.before.paused.is_some() && !forced(Code::Paused);
    if climbs && paused {
        return Some("it was paused");
    }
    (climbs && !entry.before.held.is_empty()).then_some("it was held")
}

/// `dms-monitor` changes no weight at all, and `alarm-rollback` none upwards.
pub(super) fn watchers_stay_in_their_place(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for call in evidence.calls.iter().filter(|call| is_batch(call)) {
        let made_by = evidence.invocation(attempt(call, &evidence.invoked));
        if made_by.is_some_and(|invoked| invoked.function == "dms-monitor-dev") {
            broken.push(format!("dms-monitor tried to change weights at {}", call.at));
        }
    }
    for moved in &evidence.moves {
        let by = evidence.invocation(moved.by);
        let guard = by.is_some_and(|invoked| invoked.function == "alarm-rollback-dev");
        if guard && share(moved.to) >= share(moved.from) {
            broken.push(format!(
                "alarm-rollback moved {:?} to {} at {}",
                moved.pair, moved.to, moved.at
            ));
        }
    }
    broken
}

fn is_batch(call: &Call) -> bool {
    call.operation == "ChangeResourceRecordSets"
}

/// Whoever may invoke a function or put events on the bus can forge one; nothing comes of it but words.
pub(super) fn forged_events_change_nothing(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for sent in &evidence.played.forged {
        let report = evidence.reports.get(&sent.number);
        if report.is_some_and(|report| report.unrecognised.is_none()) {
            broken.push(format!("{} was taken for an event of ours", sent.sample));
        }
    }
    let refused = |number: &u64| {
        let report = evidence.reports.get(number);
        report.is_some_and(|report| report.unrecognised.is_some())
    };
    let acts = evidence.calls.iter().filter(|call| {
        let claims = call.operation == "PutParameter" && call.subject.contains("/journal/");
        let took_effect = !matches!(call.outcome, CallOutcome::Error { .. });
        took_effect && (claims || is_batch(call))
    });
    for call in acts {
        if attempt(call, &evidence.invoked).is_some_and(|number| refused(&number)) {
            broken.push(format!(
                "a forged event led to {} on {}",
                call.operation, call.subject
            ));
        }
    }
    broken
}
