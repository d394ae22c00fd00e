//! What must never be, whatever happens, and what must always follow: each law looks at the evidence and says what breaks
//! it.

use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::side::Side;
use cutover_core::journal::Outcome;
use jiff::Timestamp;
use twin::rds::Fencing;

use super::evidence::Evidence;
use super::schedule::Kind;
use super::stage::{DR_CLUSTER, JOURNAL};

/// Everything that is not as it must be.
pub(super) fn broken(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    broken.extend(one_promotion(evidence));
    broken.extend(one_writer_with_traffic(evidence));
    match evidence.schedule.kind {
        Kind::Blip => broken.extend(nothing_for_a_blip(evidence)),
        Kind::Outage => {
            broken.extend(promoted_in_an_outage(evidence));
            broken.extend(loses_no_more_than_allowed(evidence));
        }
    }
    broken.extend(the_journal_is_whole(evidence));
    broken.extend(the_state_is_true(evidence));
    broken.extend(people_know(evidence));
    broken.extend(failures_are_of_the_contract(evidence));
    broken
}

fn one_promotion(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let calls = evidence.accepted();
    if calls.len() > 1 {
        let numbers: Vec<u64> = calls.iter().map(|call| call.number).collect();
        broken.push(format!("promoted more than once, by the calls {numbers:?}"));
    }
    let planned = evidence.entries.iter().any(|entry| match entry.action {
        Action::Switchover | Action::Failback | Action::Drill | Action::DrillBack => true,
        Action::Failover | Action::Acknowledge | Action::Arm | Action::Status | Action::Tick => false,
        Action::Watch | Action::Promote | Action::WouldPromote | Action::Suspect => false,
        Action::Hold | Action::Clear | Action::Adopt => false,
    });
    let times = evidence.played.watch.times_promoted();
    if times > 1 && !planned {
        broken.push(format!(
            "the DR cluster became the writer {times} times in one outage"
        ));
    }
    broken
}

/// A fence that times out is AWS's word that the old writer may go on; the way there is led away from it all the same.
fn one_writer_with_traffic(evidence: &Evidence<'_>) -> Option<String> {
    let split = &evidence.played.watch.split;
    let unfenced = evidence.schedule.setting.fencing == Fencing::TimesOut;
    let is_back = evidence.schedule.outage.is_some_and(|(_, back)| back.is_some());
    let first = split.first().filter(|_| !(unfenced && is_back))?;
    let seconds = split.len();
    Some(format!(
        "for {seconds} s from {first} on, two clusters took their clients' writes"
    ))
}

fn nothing_for_a_blip(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    if let Some(call) = evidence.asked().first() {
        broken.push(format!("call {} asks for a promotion, for a blip", call.number));
    }
    let moved = evidence
        .entries
        .iter()
        .filter(|entry| !entry.plan.steps.is_empty());
    broken.extend(moved.map(|entry| {
        let (generation, action) = (entry.generation, entry.action.name());
        format!("generation {generation} is to {action}, for a blip")
    }));
    if evidence.played.watch.writers.len() > 1 {
        broken.push("the writer moved for a blip".to_owned());
    }
    if evidence.played.watch.led.len() > 1 {
        broken.push("traffic moved for a blip".to_owned());
    }
    broken
}

fn promoted_in_an_outage(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.schedule.demands_a_promotion() || evidence.serves_from_dr() || went_back(evidence) {
        return None;
    }
    let stage = &evidence.played.stage;
    let phase = evidence.state.as_ref().map(|state| state.record.phase.name());
    Some(format!(
        "the region was lost, and the writer is {}, resolvers are led to {:?}, the phase is {phase:?}",
        stage.writer(),
        stage.led_to()
    ))
}

/// A drill that was under way ends with the primary as the writer again: when the region is back, or because AWS still
/// moved the writer there while it died. Another promotion so soon after that is a person's.
fn went_back(evidence: &Evidence<'_>) -> bool {
    let drilled = evidence
        .entries
        .iter()
        .any(|entry| entry.action == Action::DrillBack);
    let back = evidence
        .schedule
        .outage
        .and_then(|(_, back)| evidence.after(back?));
    let mut writers = evidence.played.watch.writers.iter();
    let by_then = writers.any(|(at, writer)| writer == DR_CLUSTER && back.is_some_and(|back| *at <= back));
    let blocked = evidence.state.as_ref().is_some_and(|state| {
        let until = state.record.blocked_until;
        state.record.writer == Side::Primary
            && until.is_some_and(|until| until > evidence.played.stage.twin.clock().now())
    });
    drilled && (by_then || blocked)
}

fn loses_no_more_than_allowed(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let Some(promoted) = evidence.promoted() else {
        return broken;
    };
    let budget = u64::from(evidence.schedule.setting.budget_seconds);
    let run = evidence.state.as_ref().and_then(|state| state.run.as_ref());
    let run = run.filter(|run| run.generation == promoted.generation);
    let estimate = run.and_then(|run| run.loss).map(|loss| loss.seconds);
    if run.is_some() && estimate.is_none_or(|estimate| estimate > budget) {
        broken.push(format!(
            "promoted with a loss of {estimate:?} s, {budget} s allowed"
        ));
    }
    let lost = evidence.lost_before_dark();
    let (Some(first), Some(dark)) = (lost.first(), evidence.dark()) else {
        return broken;
    };
    let seconds = u64::try_from(dark.duration_since(*first).as_secs()).unwrap_or_default();
    if seconds > estimate.unwrap_or(budget).min(budget) {
        broken.push(format!(
            "{seconds} s of writes are lost, {budget} s allowed, {estimate:?} s estimated"
        ));
    }
    broken
}

fn the_journal_is_whole(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    if !evidence.played.came_to_rest {
        broken.push(format!("it never came to rest: {:?}", evidence.state));
    }
    let kept = evidence.played.stage.there.ssm(|ssm| ssm.names(JOURNAL).len());
    let numbers: Vec<u32> = evidence
        .entries
        .iter()
        .map(|entry| entry.generation.number())
        .collect();
    if kept != numbers.len()
        || !numbers
            .iter()
            .zip(1..)
            .all(|(found, expected)| *found == expected)
    {
        broken.push(format!(
            "the journal has {kept} entries, of which can be read: {numbers:?}"
        ));
    }
    for entry in &evidence.entries {
        let mut others = evidence.entries.iter();
        let next = others.find(|next| next.previous.generation == entry.generation);
        let by_next = next.is_some_and(|next| next.previous.outcome != Outcome::Open);
        let state = evidence.state.as_ref();
        let by_state =
            state.is_some_and(|state| state.generation == entry.generation && state.outcome != Outcome::Open);
        if !by_next && !by_state {
            broken.push(format!(
                "generation {} ({}) has no end",
                entry.generation,
                entry.action.name()
            ));
        }
    }
    broken
}

fn the_state_is_true(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let Some(state) = &evidence.state else {
        return broken;
    };
    let stage = &evidence.played.stage;
    let writer = if stage.writer() == DR_CLUSTER {
        Side::Dr
    } else {
        Side::Primary
    };
    if state.record.writer != writer {
        broken.push(format!(
            "the state says {}, the writer is {writer}",
            state.record.writer
        ));
    }
    let led = stage.led_to();
    if led.as_deref() != Some(stage.writer().as_str()) {
        broken.push(format!("resolvers are led to {led:?}, the writer is {writer}"));
    }
    let resting = match writer {
        Side::Primary => [Phase::Normal, Phase::Suspected, Phase::NeedsHuman],
        Side::Dr => [Phase::FailedOver, Phase::NeedsHuman, Phase::NeedsHuman],
    };
    if !resting.contains(&state.record.phase) {
        broken.push(format!("at rest, the phase is {}", state.record.phase.name()));
    }
    broken
}

/// Every run that may lose writes, and every outage that is left to a person, is told of.
fn people_know(evidence: &Evidence<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let told_of = |generation: String, at: Timestamp| {
        let mut notices = evidence.notices.iter();
        notices.any(|notice| notice.at >= at && notice.attributes.get("generation") == Some(&generation))
    };
    let runs = evidence
        .entries
        .iter()
        .filter(|entry| !entry.plan.steps.is_empty());
    // Whoever overtook it tells of its own.
    let overtaken = |entry: &&cutover_core::dr::Entry| {
        let mut entries = evidence.entries.iter();
        entries.any(|next| {
            next.previous.generation == entry.generation && next.previous.outcome == Outcome::Superseded
        })
    };
    for entry in runs.filter(|entry| !overtaken(entry)) {
        if !told_of(entry.generation.to_string(), entry.at) {
            let (generation, action) = (entry.generation, entry.action.name());
            broken.push(format!("nobody was told of generation {generation} ({action})"));
        }
    }
    let phase = evidence.state.as_ref().map(|state| state.record.phase);
    let wants_a_person = evidence.notices.iter().any(|notice| {
        notice
            .attributes
            .get("kind")
            .is_some_and(|kind| kind == "needs-human")
    });
    if phase == Some(Phase::NeedsHuman) && !wants_a_person {
        broken.push("it waits for a person, and no person knows".to_owned());
    }
    let Some(dark) = evidence.dark() else {
        return broken;
    };
    let since = evidence.notices.iter().any(|notice| notice.at >= dark);
    if evidence.promoted().is_none() && !since && !evidence.serves_from_dr() {
        broken.push("the region was lost, and nobody was told".to_owned());
    }
    broken
}

/// What cannot be mended by trying again would be lost on whoever is not there to read it.
fn failures_are_of_the_contract(evidence: &Evidence<'_>) -> Vec<String> {
    const KNOWN: [&str; 6] = [
        "Retryable",
        "Conflict",
        "InvalidRequest",
        "NeedsHuman",
        "Runtime.ExitError",
        "Twin.Unreachable",
    ];
    let failures = evidence.invoked.iter().filter_map(|invoked| {
        let failure = invoked.result.as_ref()?.as_ref().err()?;
        let known = KNOWN.contains(&failure.error_type.as_str());
        (!known).then(|| format!("invocation {} failed: {failure:?}", invoked.number))
    });
    failures.collect()
}
