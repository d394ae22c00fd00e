//! Whatever happens, what `dr-failover` stores fits a parameter.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

use cutover_core::blocker::{Blocker, Code};
use cutover_core::dr::Entry;
use cutover_core::dr::account::{Left, Run};
use cutover_core::dr::loss::LossEstimate;
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::plan::Step;
use cutover_core::dr::policy::{HELD_MAX, Mode, SIGNALS_MAX, WOULD_MAX};
use cutover_core::dr::record::{Record, Would};
use cutover_core::dr::side::Side;
use cutover_core::dr::state::{Endpoints, Hold, LagKept, Line, State};
use cutover_core::dr::verb::Verb;
use cutover_core::dr::votes::BadSince;
use cutover_core::generation::Generation;
use cutover_core::journal::{Outcome, Previous};
use cutover_core::plan::Plan;
use cutover_core::policy::{SENT_MAX, TOLD_MAX, UNSENT_MAX};
use cutover_core::schema::{PARAMETER_BYTES_MAX, SCHEMA};
use cutover_core::subject::Snapshot;
use cutover_core::text::Text;
use cutover_core::told::TellingKey;
use jiff::Timestamp;

/// Codes that can hold a promotion, a planned move or a run at once, and more.
const CODES: usize = Code::OF_A_DISASTER.len();

/// As long as a moment gets: with fractions of a second, as a Lambda deadline has them.
fn moment() -> Timestamp {
    Timestamp::new(253_402_207_199, 999_999_999).unwrap()
}

fn most() -> Generation {
    Generation::new(u32::MAX)
}

fn longest_record() -> Record {
    let would = Would {
        at: moment(),
        loss_seconds: u64::MAX,
    };
    Record {
        phase: Phase::FailingBack,
        since: moment(),
        writer: Side::Primary,
        armed: Some(Mode::Approve),
        blocked_until: Some(moment()),
        drilling: true,
        detached: true,
        held: vec![Code::SwitchoverUnsupported; HELD_MAX],
        asked: true,
        would: vec![would; WOULD_MAX],
    }
}

/// Longer than any plan that is decided: every step there is.
fn longest_plan(hostile: &str) -> Plan<Step> {
    let verb = Verb::FailoverDbCluster {
        instance: Text::new(hostile),
    };
    let to = Side::Primary;
    Plan::of(vec![
        Step::AskHook,
        Step::Freeze,
        Step::AwaitLevel { to },
        Step::Promote {
            verb: verb.clone(),
            to,
        },
        Step::AwaitRole { verb, to },
        Step::Serve { from: to },
        Step::MoveRecords { to },
        Step::ConfirmEndpoint { to },
        Step::Configure { to },
        Step::Refresh,
        Step::AwaitRouting { to },
        Step::Verify { to },
        Step::TellHook,
    ])
}

fn longest_entry(hostile: &str) -> Entry {
    Entry {
        schema: SCHEMA,
        generation: most(),
        at: moment(),
        deadline: moment(),
        give_up_at: Some(moment()),
        by: Text::new(hostile),
        invocation: Text::new(hostile),
        trigger: Text::new(hostile),
        action: Action::WouldPromote,
        reason: Text::new(hostile),
        forced: Vec::new(),
        accept_data_loss: true,
        during: Phase::FailingBack,
        before: longest_record(),
        plan: longest_plan(hostile),
        record: longest_record(),
        previous: Previous {
            generation: most(),
            outcome: Outcome::Superseded,
        },
    }
}

fn longest_run(entry: &Entry, hostile: &str) -> Run {
    let loss = LossEstimate {
        lag_milliseconds: u64::MAX,
        age_seconds: u64::MAX,
        seconds: u64::MAX,
    };
    let mut run = Run::begun(entry, Side::Primary, moment(), Some(loss));
    run.timeline.promote_called = Some(moment());
    run.timeline.promoted = Some(moment());
    run.timeline.routed = Some(moment());
    run.timeline.verified = Some(moment());
    run.fenced = Some(false);
    run.tail_until = Some(moment());
    run.refreshed = true;
    run.detaches = true;
    run.leave(Left::Records);
    run.leave(Left::Application);
    for number in 0..40 {
        run.note(&format!("{number}{hostile}"));
    }
    run
}

fn longest_state(hostile: &str) -> State {
    let entry = longest_entry(hostile);
    let mut state = State::of(&entry, longest_record(), Outcome::Superseded, None);
    let bad = BadSince {
        signal: Text::new(hostile),
        since: moment(),
    };
    state.bad_since = vec![bad; SIGNALS_MAX];
    state.lag = Some(LagKept {
        milliseconds: u64::MAX,
        at: moment(),
    });
    state.migration = Some(Text::new(hostile));
    state.endpoints = Endpoints {
        primary: Some(Text::new(hostile)),
        dr: Some(Text::new(hostile)),
    };
    let codes = Code::OF_A_DISASTER.into_iter();
    let blockers: Vec<Blocker> = codes
        .take(CODES)
        .map(|code| Blocker::new(code, hostile))
        .collect();
    state.hold = Some(Hold::of(&blockers, moment()));
    state.run = Some(longest_run(&entry, hostile));
    for number in 0..TOLD_MAX {
        state.told.remember(TellingKey::of(&"x".repeat(number)), moment());
    }
    let numbers: Vec<Generation> = (0..8).map(|back| Generation::new(u32::MAX - back)).collect();
    let (sent, open) = numbers.split_at(SENT_MAX);
    for number in sent {
        state.untold.owe(*number);
        state.untold.sent(*number);
    }
    for number in open {
        state.untold.owe(*number);
    }
    assert_eq!(state.untold.open().len(), UNSENT_MAX);
    let line = |number| Line {
        generation: Generation::new(u32::MAX - number),
        at: moment(),
        action: Action::WouldPromote,
        phase: Phase::FailingBack,
        writer: Side::Primary,
        rto: Some(u64::MAX),
        rpo: Some(u64::MAX),
        reason: Text::new(hostile),
    };
    state.history = (0..15).map(line).collect();
    state
}

fn hostile_texts() -> Vec<String> {
    [
        "a", "\"", "\\", "\n", "\u{1}", "\u{7f}", "é", "🦀", "{", "{{", "\u{2028}", "…",
    ]
    .map(|piece| piece.repeat(4_000))
    .to_vec()
}

#[test]
fn the_longest_entry_fits_a_parameter_whatever_its_texts_are() {
    let mut longest = 0;
    for hostile in hostile_texts() {
        let entry = longest_entry(&hostile);
        let text = entry.encode().unwrap();
        assert!(
            !text.contains("{{"),
            "Parameter Store would take it for a reference"
        );
        assert_eq!(Entry::decode(&text).unwrap(), entry);
        longest = longest.max(text.len());
    }
    println!("the longest entry takes {longest} of {PARAMETER_BYTES_MAX} bytes");
}

/// What may be let go where there is no room, and nothing else.
fn without_what_can_be_missed(state: &State) -> State {
    let mut state = state.clone();
    state.history.clear();
    state.record.would.clear();
    state.bad_since.clear();
    if let Some(run) = &mut state.run {
        run.notes.clear();
    }
    state
}

#[test]
fn the_longest_state_fits_a_parameter_and_only_what_can_be_missed_is_cut() {
    let mut longest = 0;
    for hostile in hostile_texts() {
        let state = longest_state(&hostile);
        let text = state
            .encode()
            .unwrap_or_else(|error| panic!("{:?}: {error}", &hostile.chars().next()));
        assert!(text.len() <= PARAMETER_BYTES_MAX && !text.contains("{{"));
        let read = State::decode(&text).unwrap();
        assert_eq!(
            without_what_can_be_missed(&read),
            without_what_can_be_missed(&state)
        );
        let would = read.record.would.len();
        assert_eq!(read.record.would, state.record.would[..would], "the newest stay");
        assert_eq!(read.bad_since.len(), SIGNALS_MAX, "what was bad is not forgotten");
        longest = longest.max(text.len());
    }
    println!("the longest state takes {longest} of {PARAMETER_BYTES_MAX} bytes");
}

#[test]
fn a_plain_state_keeps_all_its_history() {
    let mut state = longest_state("short");
    state.record.would.clear();
    state.bad_since.truncate(3);
    let text = state.encode().unwrap();
    let kept = State::decode(&text).unwrap().history.len();
    assert!(kept >= 5, "{kept} lines in {} bytes", text.len());
}
