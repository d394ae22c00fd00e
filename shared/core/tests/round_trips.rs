//! What is stored reads back as it was written.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod longest;

use cutover_core::blocker::Code;
use cutover_core::generation::Generation;
use cutover_core::held::Held;
use cutover_core::journal::Entry;
use cutover_core::ladder::Ladder;
use cutover_core::phase::Phase;
use cutover_core::plan::Plan;
use cutover_core::policy::HELD_MAX;
use cutover_core::record::{Pause, Record, Superseded};
use cutover_core::schema::PARAMETER_BYTES_MAX;
use cutover_core::state::State;
use cutover_core::subject::Snapshot;
use cutover_core::text::Text;
use cutover_core::weight::{Traffic, Weight, Weights};
use jiff::Timestamp;
use longest::{longest_entry, longest_plan, longest_state};
use proptest::prelude::*;

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
        proptest::collection::vec((any::<String>(), any_moment()), 0..=HELD_MAX),
        proptest::option::of(any_moment()),
    )
        .prop_map(
            |(phase, since, traffic, ladder, paused, writer_moved_at, superseded, held, window_until)| {
                Record {
                    held: held
                        .iter()
                        .map(|(by, since)| Held::new(by, Code::AlarmActive, *since))
                        .collect(),
                    restarts: Vec::new(),
                    window_until,
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
                }
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
