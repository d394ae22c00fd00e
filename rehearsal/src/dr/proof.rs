//! What must be true after any story about two regions, read from the twin and not from our own answers.

use std::collections::BTreeSet;

use cutover_core::dr::phase::Action;
use cutover_core::dr::side::Side;
use cutover_core::dr::state::State;
use cutover_core::dr::{Disaster, Entry};
use cutover_core::journal::Outcome;
use cutover_core::policy::NOTICE_WINDOW_SECONDS;
use cutover_core::schema::PARAMETER_BYTES_MAX;
use cutover_core::subject::Snapshot;
use jiff::Timestamp;
use twin::Cause;

use super::expect::forced;
use super::stage::{DrStage, STATE};
use crate::conduct::TRIED_AGAIN;
use crate::proof::{Proof, proof};
use crate::stage::{ENVIRONMENT, Letters, Stage};

const JOURNAL: &str = "/dr/dev/journal/";

/// Everything that is proven of a stage with two regions.
pub(crate) fn of(stage: &Stage, dr: &DrStage) -> Vec<Proof> {
    let entries = journal(dr);
    let state = snapshot(dr);
    vec![
        clients(dr),
        one_writer_at_a_time(dr),
        lost(stage, &entries, state.as_ref()),
        promoted_once(stage, &entries),
        gapless(dr, &entries),
        every_intent_ended(&entries, state.as_ref()),
        metric_is_the_state(dr, state.as_ref()),
        small(dr),
        failures_are_tried_again(stage),
        said_once(stage, dr),
        nothing_given_up(stage),
    ]
}

fn journal(dr: &DrStage) -> Vec<Entry> {
    let values: Vec<String> = dr.twin.ssm(|ssm| {
        let names = ssm.names(JOURNAL);
        names.iter().filter_map(|name| ssm.value(name)).collect()
    });
    let mut entries: Vec<Entry> = values
        .iter()
        .filter_map(|value| cutover_core::journal::Entry::<Disaster>::decode(value).ok())
        .collect();
    entries.sort_by_key(|entry| entry.generation);
    entries
}

fn snapshot(dr: &DrStage) -> Option<State> {
    State::decode(&dr.twin.ssm(|ssm| ssm.value(STATE))?).ok()
}

fn clients(dr: &DrStage) -> Proof {
    let tally = dr.clients.tally();
    proof(
        true,
        format!(
            "clients: {} writes taken, {} refused; {} s without a writer, {} s at a stretch; {} reads refused",
            tally.accepted,
            tally.refused,
            tally.without_writer,
            tally.longest_without_writer,
            tally.reads_refused
        ),
    )
}

fn one_writer_at_a_time(dr: &DrStage) -> Proof {
    let split = dr.clients.tally().split;
    proof(
        split == 0,
        format!("in {split} s two clusters took writes that clients were led to"),
    )
}

/// What was taken before a decision, and is gone after it, is no more than was said to be at stake.
fn lost(stage: &Stage, entries: &[Entry], state: Option<&State>) -> Proof {
    let lost = stage.twin.rds(|rds| rds.lost_writes());
    let decided = entries
        .iter()
        .filter(|entry| entry.action.is_forced())
        .map(|entry| entry.at)
        .min();
    let before = |at: Timestamp| decided.is_none_or(|decided| at <= decided);
    let seconds: BTreeSet<i64> = lost
        .iter()
        .map(|lost| lost.write.at)
        .filter(|at| before(*at))
        .map(Timestamp::as_second)
        .collect();
    let said = state
        .and_then(|state| state.run.as_ref()?.loss)
        .map(|loss| loss.seconds);
    let most = said.unwrap_or_default();
    let within = u64::try_from(seconds.len()).is_ok_and(|seconds| seconds <= most.saturating_add(1));
    let sentence = match said {
        Some(most) => format!(
            "{} taken writes were lost, of {} s before the decision: {most} s were said to be at stake",
            lost.len(),
            seconds.len()
        ),
        None => format!("{} taken writes were lost", lost.len()),
    };
    proof(within || lost.is_empty(), sentence)
}

/// One forced operation for each decision that names one, and none twice.
fn promoted_once(stage: &Stage, entries: &[Entry]) -> Proof {
    let calls = forced(stage).len();
    let decisions = entries.iter().filter(|entry| entry.action.is_forced()).count();
    let by_itself = entries
        .iter()
        .filter(|entry| entry.action == Action::Promote)
        .count();
    proof(
        calls <= decisions,
        format!("{calls} forced promotions for {decisions} decisions, {by_itself} of them by itself"),
    )
}

fn gapless(dr: &DrStage, entries: &[Entry]) -> Proof {
    let kept = dr.twin.ssm(|ssm| ssm.names(JOURNAL).len());
    let numbers: Vec<u32> = entries.iter().map(|entry| entry.generation.number()).collect();
    let first = numbers.first().copied().unwrap_or(1);
    let gapless = numbers
        .iter()
        .zip(first..)
        .all(|(found, expected)| *found == expected);
    proof(
        gapless && kept == numbers.len(),
        format!(
            "{} generations of dr-failover, none missing, none decided twice",
            numbers.len()
        ),
    )
}

fn every_intent_ended(entries: &[Entry], state: Option<&State>) -> Proof {
    let told_by_next = |entry: &Entry| {
        let next = |next: &Entry| {
            next.previous.generation == entry.generation && next.previous.outcome != Outcome::Open
        };
        entries.iter().any(next)
    };
    let told_by_state =
        |entry: &Entry| state.is_some_and(|state| state.generation == entry.generation && !state.is_open());
    let ended = entries
        .iter()
        .filter(|entry| told_by_next(entry) || told_by_state(entry))
        .count();
    proof(
        ended == entries.len(),
        format!("{ended} of {} intents have an outcome", entries.len()),
    )
}

/// What health checks follow is what is verified.
fn metric_is_the_state(dr: &DrStage, state: Option<&State>) -> Proof {
    let writer = state.map_or(Side::Primary, |state| state.record.writer);
    let dimensions = [("Environment", ENVIRONMENT)];
    let points = dr.twin.cloudwatch(|cloudwatch| {
        cloudwatch.datapoints("Cutover/DR", "ServeFromDr", &dimensions, Timestamp::MIN)
    });
    let says = points.last().is_some_and(|(_, value)| *value > 0.0);
    proof(
        says == (writer == Side::Dr),
        format!(
            "the metric that health checks follow says that the {writer} cluster serves, as the state does"
        ),
    )
}

fn small(dr: &DrStage) -> Proof {
    let largest = dr.twin.ssm(|ssm| {
        let names = ssm.names("/dr/dev/");
        let sizes = names
            .iter()
            .filter_map(|name| ssm.value(name))
            .map(|value| value.len());
        sizes.max().unwrap_or_default()
    });
    proof(
        largest <= PARAMETER_BYTES_MAX,
        format!("the largest parameter of dr-failover took {largest} of {PARAMETER_BYTES_MAX} bytes"),
    )
}

fn failures_are_tried_again(stage: &Stage) -> Proof {
    let name = crate::stage::deployed_name(super::stage::FUNCTION);
    let invoked = stage.twin.invoked();
    let unattended: Vec<_> = invoked
        .iter()
        .filter(|invocation| invocation.function == name && invocation.cause != Cause::Direct)
        .collect();
    let wrong: BTreeSet<&str> = unattended
        .iter()
        .filter_map(|invocation| invocation.result.as_ref()?.as_ref().err())
        .map(|failure| failure.error_type.as_str())
        .filter(|kind| !TRIED_AGAIN.contains(kind))
        .collect();
    let mut sentence = format!(
        "{} invocations of dr-failover by clock and event ended without an error, or with one that is tried again",
        unattended.len()
    );
    for kind in &wrong {
        sentence.extend(["; ", kind, " is none"]);
    }
    proof(wrong.is_empty(), sentence)
}

fn said_once(stage: &Stage, dr: &DrStage) -> Proof {
    let published = dr.twin.sns(|sns| sns.published());
    let mut twice = Vec::new();
    for (index, notice) in published.iter().enumerate() {
        let again = published.iter().skip(index + 1).any(|later| {
            let seconds = later.at.duration_since(notice.at).as_secs();
            later.message == notice.message && (0..NOTICE_WINDOW_SECONDS).contains(&seconds)
        });
        if again {
            twice.push(notice.message.lines().next().unwrap_or_default());
        }
    }
    let mut sentence = format!(
        "{} notices of the DR region, none sent twice within an hour",
        published.len()
    );
    for headline in &twice {
        sentence.extend(["; twice: ", headline]);
    }
    let died = stage
        .twin
        .log()
        .iter()
        .any(|call| call.outcome == twin::CallOutcome::Crashed);
    if died && !twice.is_empty() {
        sentence.push_str(" (a function died before it could note that it had)");
    }
    proof(twice.is_empty() || died, sentence)
}

fn nothing_given_up(stage: &Stage) -> Proof {
    let letters = stage.twin.dead_letters();
    let expected = stage.setting.letters == Letters::Expected;
    let mut sentence = format!("{} dead letters", letters.len());
    if let Some(letter) = letters.first() {
        sentence.extend([", the first from ", &letter.from, ": ", &letter.error_code]);
    }
    proof(letters.is_empty() != expected, sentence)
}
