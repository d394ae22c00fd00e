//! Entries and states as long as their types let them be.
#![allow(dead_code, reason = "not every test uses all of it")]

use cutover_core::blocker::{Blocker, Code};
use cutover_core::generation::Generation;
use cutover_core::held::Held;
use cutover_core::journal::{Entry, Outcome, Previous};
use cutover_core::ladder::Ladder;
use cutover_core::phase::{Action, Phase};
use cutover_core::plan::{Plan, Step};
use cutover_core::policy::{HELD_MAX, RESTARTS_MAX, TOLD_MAX, UNSENT_MAX};
use cutover_core::record::{Pause, Record, Superseded};
use cutover_core::replication::Verdict;
use cutover_core::state::{CUTOVER_BLOCKERS_MAX, Hold, Line, Reason, Replication, Settling, State};
use cutover_core::text::Text;
use cutover_core::told::TellingKey;
use cutover_core::viability::Viability;
use cutover_core::weight::{Pair, Traffic, Weight, Weights};
use jiff::Timestamp;

/// As long as a moment gets: with fractions of a second, as a Lambda deadline has them.
pub fn moment() -> Timestamp {
    Timestamp::new(253_402_207_199, 999_999_999).unwrap()
}

pub fn longest_record(hostile: &str) -> Record {
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
        held: (0..HELD_MAX)
            .map(|_| Held::new(hostile, Code::ReplicationNotRunning, moment()))
            .collect(),
        restarts: vec![i64::from(u32::MAX); usize::try_from(RESTARTS_MAX).unwrap()],
        window_until: Some(moment()),
    }
}

/// Longer than any plan that is decided: each kind of step, and each pair in those that have one.
pub fn longest_plan() -> Plan {
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

pub fn longest_entry(hostile: &str) -> Entry {
    Entry {
        schema: 1,
        generation: Generation::new(u32::MAX),
        at: moment(),
        deadline: moment(),
        give_up_at: Some(moment()),
        by: Text::new(hostile),
        invocation: Text::new(hostile),
        trigger: Text::new(hostile),
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

pub fn longest_state(hostile: &str) -> State {
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
        lag_age_seconds: Some(u64::MAX),
        verdict: Verdict::Lagging,
        unknown_since: Some(moment()),
        full_load_percent: Some(u8::MAX),
        tables_loaded: Some(u32::MAX),
        tables_total: Some(u32::MAX),
    });
    let newest = u64::try_from(TOLD_MAX).unwrap();
    for number in 0..newest {
        state.told.remember(
            TellingKey::of(&"x".repeat(usize::try_from(number).unwrap())),
            moment(),
        );
    }
    for owed in [&mut state.untold, &mut state.unannounced] {
        let last = 2 * u32::try_from(UNSENT_MAX).unwrap();
        let numbers = (0..last).map(|back| Generation::new(u32::MAX - back));
        let numbers: Vec<Generation> = numbers.collect();
        let (sent, open) = numbers.split_at(UNSENT_MAX);
        for number in sent {
            owed.owe(*number);
            owed.sent(*number);
        }
        for number in open {
            owed.owe(*number);
        }
        assert_eq!(owed.open().len(), UNSENT_MAX);
    }
    state.rollback = Viability::Lossy { seconds: u64::MAX };
    let blockers: Vec<Blocker> = Code::ALL
        .into_iter()
        .map(|code| Blocker::new(code, hostile))
        .collect();
    state.cutover_blockers = blockers
        .iter()
        .take(CUTOVER_BLOCKERS_MAX)
        .map(Reason::of)
        .collect();
    state.hold = Some(Hold {
        untold: true,
        ..Hold::of(&blockers, moment())
    });
    let line = |number| Line {
        generation: Generation::new(u32::MAX - number),
        at: moment(),
        action: Action::GradualCutover,
        phase: Phase::CuttingOver,
        reader: 100,
        writer: 100,
        reason: Text::new(hostile),
    };
    state.history = (0..15).map(line).collect();
    state
}
