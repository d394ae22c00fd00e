//! Whatever happens, what is stored fits a parameter and reads back as it was written.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

use cutover_core::blocker::{Blocker, Code};
use cutover_core::generation::Generation;
use cutover_core::journal::{Entry, Outcome, Previous};
use cutover_core::ladder::Ladder;
use cutover_core::phase::{Action, Phase};
use cutover_core::plan::{Plan, Step};
use cutover_core::record::{Pause, Record, Superseded};
use cutover_core::replication::Verdict;
use cutover_core::schema::{PARAMETER_BYTES_MAX, SchemaError};
use cutover_core::state::{Hold, Line, Replication, Settling, State};
use cutover_core::text::Text;
use cutover_core::viability::Viability;
use cutover_core::weight::{Pair, Traffic, Weight, Weights};
use jiff::Timestamp;
use proptest::prelude::*;

/// As long as a moment gets: with fractions of a second, as a Lambda deadline has them.
fn moment() -> Timestamp {
    Timestamp::new(253_402_207_199, 999_999_999).unwrap()
}

fn longest_record(hostile: &str) -> Record {
    let weights = Weights {
        source: 255,
        target: 255,
    };
    let traffic = Traffic {
        reader: weights,
        writer: weights,
    };
    Record {
        phase: Phase::CuttingOver,
        since: moment(),
        traffic,
        ladder: Some(Ladder {
            rungs: (81..=100)
                .map(|percent| Weight::try_from(percent).unwrap())
                .collect(),
            bake_minutes: 10_080,
        }),
        paused: Some(Pause {
            at: moment(),
            reason: Text::new(hostile),
        }),
        writer_moved_at: Some(moment()),
        superseded: Some(Superseded {
            generation: Generation::new(u32::MAX),
            traffic,
            until: moment(),
        }),
    }
}

/// Longer than any plan that is decided: each kind of step, and each pair in those that have one.
fn longest_plan() -> Plan {
    let to = Weights {
        source: 255,
        target: 255,
    };
    Plan::of(vec![
        Step::SetWeights {
            pair: Pair::Reader,
            to,
        },
        Step::AwaitDrained { since: moment() },
        Step::StartReverse,
        Step::AwaitReverse,
        Step::StopReverse,
        Step::AwaitCarriedBack,
        Step::SetWeights {
            pair: Pair::Writer,
            to,
        },
        Step::AwaitSettled { pair: Pair::Reader },
        Step::AwaitSettled { pair: Pair::Writer },
    ])
}

fn longest_entry(hostile: &str) -> Entry {
    Entry {
        schema: 1,
        generation: Generation::new(u32::MAX),
        at: moment(),
        deadline: moment(),
        give_up_at: Some(moment()),
        by: Text::new(hostile),
        invocation: Text::new(hostile),
        action: Action::GradualCutover,
        reason: Text::new(hostile),
        forced: Code::ALL.to_vec(),
        accept_data_loss: true,
        during: Phase::CuttingOver,
        before: longest_record(hostile),
        plan: longest_plan(),
        record: longest_record(hostile),
        previous: Previous {
            generation: Generation::new(u32::MAX),
            outcome: Outcome::Superseded,
        },
    }
}

fn longest_state(hostile: &str) -> State {
    let entry = longest_entry(hostile);
    let mut state = State::of(&entry, longest_record(hostile), Outcome::Superseded, None);
    let settling = |pair| Settling {
        pair,
        change: Some(Text::new(hostile)),
        accepted_at: moment(),
        in_sync_at: Some(moment()),
        ttl_seconds: u64::MAX,
    };
    state.settling = [Pair::Reader, Pair::Writer, Pair::Shared].map(settling).to_vec();
    state.settled_at = Some(moment());
    state.replication = Some(Replication {
        status: Text::new(hostile),
        lag_seconds: Some(u64::MAX),
        verdict: Verdict::Lagging,
    });
    state.rollback = Viability::Lossy { seconds: u64::MAX };
    let blockers: Vec<Blocker> = Code::ALL
        .into_iter()
        .map(|code| Blocker::new(code, hostile))
        .collect();
    state.hold = Some(Hold::of(&blockers, moment()));
    let line = |number| Line {
        generation: Generation::new(u32::MAX - number),
        at: moment(),
        action: Action::GradualCutover,
        phase: Phase::CuttingOver,
        reader: 100,
        writer: 100,
        reason: Text::new(hostile),
    };
    state.history = (0..20).map(line).collect();
    state
}

fn hostile_texts() -> Vec<String> {
    [
        "a",
        "\"",
        "\\",
        "\n",
        "\u{1}",
        "\u{7f}",
        "é",
        "🦀",
        "{",
        "{{",
        "\u{2028}",
        "…",
        "\u{1f}é{{\"",
    ]
    .map(|piece| piece.repeat(4_000))
    .to_vec()
}

#[test]
fn the_longest_entry_fits_a_parameter_whatever_its_texts_are() {
    let mut longest = 0;
    for hostile in hostile_texts() {
        let entry = longest_entry(&hostile);
        let text = entry
            .encode()
            .unwrap_or_else(|error| panic!("{}: {error}", &hostile[..8]));
        longest = longest.max(text.len());
        assert!(
            !text.contains("{{"),
            "Parameter Store would take it for a reference"
        );
        assert_eq!(Entry::decode(&text).unwrap(), entry);
    }
    println!("the longest entry takes {longest} of {PARAMETER_BYTES_MAX} bytes");
}

#[test]
fn the_longest_state_fits_a_parameter_and_still_has_some_history() {
    let (mut longest, mut fewest) = (0, usize::MAX);
    for hostile in hostile_texts() {
        let state = longest_state(&hostile);
        let text = state.encode().unwrap();
        assert!(text.len() <= PARAMETER_BYTES_MAX && !text.contains("{{"));
        let read = State::decode(&text).unwrap();
        assert_eq!(
            read.history,
            state.history[..read.history.len()],
            "the newest stay"
        );
        assert_eq!(
            State {
                history: state.history.clone(),
                ..read.clone()
            },
            state,
            "nothing else is cut"
        );
        longest = longest.max(text.len());
        fewest = fewest.min(read.history.len());
    }
    assert!(fewest >= 1, "no history left");
    println!(
        "the longest state takes {longest} of {PARAMETER_BYTES_MAX} bytes and keeps {fewest} lines or more"
    );
}

#[test]
fn an_ordinary_state_keeps_all_twenty_lines() {
    let mut state = longest_state("window 7");
    state.record.ladder = None;
    state.record.superseded = None;
    state.hold = None;
    state.settling.truncate(1);
    let read = State::decode(&state.encode().unwrap()).unwrap();
    assert_eq!(read.history.len(), 20);
}

#[test]
fn a_schema_that_is_not_known_is_an_error_and_says_which() {
    let text = longest_state("x").encode().unwrap();
    for found in ["2", "\"1\"", "null", "0"] {
        let other = text.replacen("\"schema\":1", &format!("\"schema\":{found}"), 1);
        let error = State::decode(&other).unwrap_err();
        assert!(
            matches!(&error, SchemaError::Unknown { found: said } if said == found),
            "{error}"
        );
    }
    assert!(matches!(
        Entry::decode("{}").unwrap_err(),
        SchemaError::Unknown { .. }
    ));
    assert!(matches!(
        Entry::decode("nonsense").unwrap_err(),
        SchemaError::Unreadable(_)
    ));
    assert!(matches!(
        State::decode("{\"schema\":1}").unwrap_err(),
        SchemaError::Unreadable(_)
    ));
}

fn any_moment() -> impl Strategy<Value = Timestamp> {
    (0i64..250_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn any_weights() -> impl Strategy<Value = Weights> {
    any::<(u8, u8)>().prop_map(|(source, target)| Weights { source, target })
}

fn any_record() -> impl Strategy<Value = Record> {
    let traffic = (any_weights(), any_weights()).prop_map(|(reader, writer)| Traffic { reader, writer });
    let ladder = (proptest::collection::btree_set(1u8..=100, 1..=20), 0u32..=10_080).prop_map(
        |(rungs, bake_minutes)| Ladder {
            rungs: rungs
                .into_iter()
                .map(|rung| Weight::try_from(rung).unwrap())
                .collect(),
            bake_minutes,
        },
    );
    let pause = (any_moment(), any::<String>()).prop_map(|(at, reason)| Pause {
        at,
        reason: Text::new(&reason),
    });
    let phase = proptest::sample::select(Phase::ALL.to_vec());
    (
        phase,
        any_moment(),
        traffic,
        proptest::option::of(ladder),
        proptest::option::of(pause),
        proptest::option::of(any_moment()),
        proptest::option::of((any::<u32>(), any_moment())),
    )
        .prop_map(
            |(phase, since, traffic, ladder, paused, writer_moved_at, superseded)| Record {
                phase,
                since,
                traffic,
                ladder,
                paused,
                writer_moved_at,
                superseded: superseded.map(|(number, until)| Superseded {
                    generation: Generation::new(number),
                    traffic,
                    until,
                }),
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_entry_reads_back_as_it_was_written(
        before in any_record(), record in any_record(), text in any::<String>(), number in any::<u32>(),
        forced in proptest::sample::subsequence(Code::ALL.to_vec(), 0..=19), loss in any::<bool>(),
        steps in proptest::sample::subsequence(longest_plan().steps, 0..=9), at in any_moment(),
    ) {
        let entry = Entry {
            generation: Generation::new(number), at, before, record, forced, accept_data_loss: loss,
            plan: Plan::of(steps), give_up_at: loss.then_some(at), ..longest_entry(&text)
        };
        let encoded = entry.encode().unwrap();
        prop_assert!(encoded.len() <= PARAMETER_BYTES_MAX);
        prop_assert_eq!(Entry::decode(&encoded).unwrap(), entry);
    }

    #[test]
    fn a_state_reads_back_as_it_was_written_but_for_old_history(
        record in any_record(), text in any::<String>(), number in any::<u32>(), lines in 0usize..=20,
    ) {
        let mut state = State { record, generation: Generation::new(number), ..longest_state(&text) };
        state.history.truncate(lines);
        let encoded = state.encode().unwrap();
        prop_assert!(encoded.len() <= PARAMETER_BYTES_MAX);
        let read = State::decode(&encoded).unwrap();
        prop_assert!(read.history.len() <= lines);
        state.history.truncate(read.history.len());
        prop_assert_eq!(read, state);
    }
}
