//! What must be true after any story, whatever happened in it, read from the twin and not from our own answers.

use cutover_core::journal::{Entry, Outcome};
use cutover_core::state::State;
use cutover_core::subject::Snapshot;
use twin::Twin;

use crate::conduct;
use crate::stage::Stage;

/// One claim, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub holds: bool,
    pub sentence: String,
}

pub(crate) fn proof(holds: bool, sentence: String) -> Proof {
    Proof { holds, sentence }
}

/// Everything that is proven of a stage. Call it when the ticks have had their time.
#[must_use]
pub fn of(stage: &Stage) -> Vec<Proof> {
    let entries = journal(&stage.twin);
    let state = snapshot(&stage.twin);
    let mut proofs = vec![
        never_nobody(&stage.twin),
        gapless(&stage.twin, &entries, state.as_ref()),
        every_intent_ended(&entries, state.as_ref()),
        one_writer(stage),
        records_equal_the_state(stage, state.as_ref(), &entries),
        small(&stage.twin),
    ];
    proofs.extend(conduct::of(stage, &entries, state.as_ref()));
    proofs
}

fn journal(twin: &Twin) -> Vec<Entry> {
    let values = twin.ssm(|ssm| {
        let names = ssm.names("/migration/dev/journal/");
        names
            .iter()
            .filter_map(|name| ssm.value(name))
            .collect::<Vec<_>>()
    });
    let mut entries: Vec<Entry> = values
        .iter()
        .filter_map(|value| Entry::decode(value).ok())
        .collect();
    entries.sort_by_key(|entry| entry.generation);
    entries
}

fn snapshot(twin: &Twin) -> Option<State> {
    State::decode(&twin.ssm(|ssm| ssm.value(crate::stage::STATE))?).ok()
}

fn never_nobody(twin: &Twin) -> Proof {
    let history = twin.route53(|route53| route53.history());
    let nobody = history
        .iter()
        .filter(|snapshot| snapshot.change.is_some())
        .any(|snapshot| {
            snapshot
                .sets
                .iter()
                .any(|set| set.weights.iter().all(|(_, weight)| *weight == 0))
        });
    let changes = history
        .iter()
        .filter(|snapshot| snapshot.change.is_some())
        .count();
    proof(
        !nobody,
        format!("in {changes} weight changes, no pair ever had weight 0 on both records"),
    )
}

/// From the first on, or from where the state says that what came before was deleted.
fn gapless(twin: &Twin, entries: &[Entry], state: Option<&State>) -> Proof {
    // An entry that cannot be read must not pass for one that is not there.
    let kept = twin.ssm(|ssm| ssm.names("/migration/dev/journal/").len());
    let numbers: Vec<u32> = entries.iter().map(|entry| entry.generation.number()).collect();
    let first = numbers.first().copied().unwrap_or(1);
    let begins = first == 1 || state.is_some_and(|state| state.journal_first.number() == first);
    let gapless = numbers
        .iter()
        .zip(first..)
        .all(|(found, expected)| *found == expected);
    proof(
        begins && gapless && kept == numbers.len(),
        format!("{} generations, none missing, none decided twice", numbers.len()),
    )
}

fn every_intent_ended(entries: &[Entry], state: Option<&State>) -> Proof {
    let told_by_next = |entry: &Entry| {
        entries.iter().any(|next| {
            next.previous.generation == entry.generation && next.previous.outcome != Outcome::Open
        })
    };
    let told_by_state = |entry: &Entry| {
        state.is_some_and(|state| state.generation == entry.generation && state.outcome != Outcome::Open)
    };
    let ended = entries
        .iter()
        .filter(|entry| told_by_next(entry) || told_by_state(entry))
        .count();
    proof(
        ended == entries.len(),
        format!("{ended} of {} intents have an outcome", entries.len()),
    )
}

/// A record that carries writes alone is all on one side, always. A shared one may be split while both tasks run.
fn one_writer(stage: &Stage) -> Proof {
    let history = stage.twin.route53(|route53| route53.history());
    let ours = history.iter().filter(|snapshot| snapshot.change.is_some());
    let writers = ours.flat_map(|snapshot| {
        snapshot
            .sets
            .iter()
            .filter(|set| set.name == crate::stage::WRITER)
    });
    let whole = |set: &twin::route53::WeightedSet| set.weights.iter().any(|(_, weight)| *weight == 0);
    let split = writers.filter(|set| !whole(set)).count();
    proof(
        split == 0,
        "the writer's record never stood between the two databases".to_owned(),
    )
}

fn records_equal_the_state(stage: &Stage, state: Option<&State>, entries: &[Entry]) -> Proof {
    let sentence = "the records are what the state says, or the difference is held as drift".to_owned();
    let Some(state) = state else {
        let moved = stage
            .twin
            .route53(|route53| route53.history().iter().any(|moment| moment.change.is_some()));
        let nothing = entries.is_empty() && !moved;
        return proof(
            nothing,
            "nothing was ever decided, and nothing was changed".to_owned(),
        );
    };
    let (source, target) = stage.weights(crate::stage::READER);
    let reader = state.record.traffic.reader;
    let writer = state.record.traffic.writer;
    let writer_name = if stage.setting.shared {
        crate::stage::READER
    } else {
        crate::stage::WRITER
    };
    let equal = (reader.source, reader.target) == (source, target)
        && (writer.source, writer.target) == stage.weights(writer_name);
    let held = state.hold.as_ref().is_some_and(|hold| {
        let drift = [
            cutover_core::blocker::Code::Drift,
            cutover_core::blocker::Code::RecordMissing,
        ];
        hold.codes.iter().any(|code| drift.contains(code))
    });
    proof(equal || held, sentence)
}

fn small(twin: &Twin) -> Proof {
    let largest = twin.ssm(|ssm| {
        let names = ssm.names("/migration/dev/");
        names
            .iter()
            .filter_map(|name| ssm.value(name))
            .map(|value| value.len())
            .max()
    });
    let largest = largest.unwrap_or_default();
    let limit = cutover_core::schema::PARAMETER_BYTES_MAX;
    proof(
        largest <= limit,
        format!("the largest parameter took {largest} of {limit} bytes"),
    )
}
