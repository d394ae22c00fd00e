//! Every payload of the contract, and what it is read as.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test support may stop at the first surprise"
)]

use cutover_core::blocker::Code;
use cutover_core::command::{Command, Verb};
use cutover_core::phase::Action;

/// The actions that need no field of their own.
const PLAIN_ACTIONS: [&str; 7] = [
    "manual_cutover",
    "rollback",
    "status",
    "pause",
    "resume",
    "complete",
    "tick",
];

#[track_caller]
fn parsed(payload: &str) -> Command {
    Command::parse(payload.as_bytes()).unwrap_or_else(|error| panic!("{payload}: {error}"))
}

#[test]
fn a_weight_is_read_under_both_its_names() {
    for name in ["aurora_weight", "target_weight"] {
        for percent in [0u8, 1, 20, 100] {
            let command = parsed(&format!(r#"{{"action":"gradual_cutover","{name}":{percent}}}"#));
            assert!(matches!(command.verb, Verb::Shift(weight) if weight.percent() == percent));
            assert_eq!(command.action(), Action::GradualCutover);
        }
    }
}

#[test]
fn a_ladder_is_read_with_and_without_its_bake_time() {
    for (payload, minutes) in [
        (
            r#"{"action":"gradual_cutover","ladder":[20,50,80,100],"bake_minutes":30}"#,
            Some(30),
        ),
        (r#"{"action":"gradual_cutover","ladder":[20,50,80,100]}"#, None),
        (
            r#"{"action":"gradual_cutover","ladder":[20,50,80,100],"bake_minutes":0}"#,
            Some(0),
        ),
    ] {
        let Verb::Climb { rungs, bake_minutes } = parsed(payload).verb else {
            panic!("{payload}")
        };
        let rungs: Vec<u8> = rungs
            .into_iter()
            .map(cutover_core::weight::Weight::percent)
            .collect();
        assert_eq!((rungs, bake_minutes), (vec![20, 50, 80, 100], minutes));
    }
}

#[test]
fn every_plain_action_is_read() {
    for action in PLAIN_ACTIONS {
        let command = parsed(&format!(r#"{{"action":"{action}"}}"#));
        assert_eq!(command.action().name(), action);
        assert_eq!(command.options, cutover_core::command::Options::default());
    }
    let stopped = parsed(r#"{"action":"manual_cutover","writes_stopped":true}"#);
    assert_eq!(stopped.verb, Verb::ManualCutover { writes_stopped: true });
}

#[test]
fn every_action_takes_every_option() {
    for action in PLAIN_ACTIONS {
        let options = parsed(&format!(
            r#"{{"action":"{action}","reason":"window 7","dry_run":true,"expected_generation":6,
                "force":["drift","paused","drift"],"accept_data_loss":true}}"#
        ))
        .options;
        assert_eq!(options.reason.as_deref(), Some("window 7"));
        assert!(options.dry_run && options.accept_data_loss);
        assert_eq!(
            options
                .expected_generation
                .map(cutover_core::generation::Generation::number),
            Some(6)
        );
        assert_eq!(options.force, [Code::Drift, Code::Paused]);
    }
}

#[test]
fn a_reason_of_blanks_is_none_and_the_longest_one_passes() {
    assert_eq!(parsed(r#"{"action":"pause","reason":"  "}"#).options.reason, None);
    let longest = "é".repeat(1_000);
    assert_eq!(
        parsed(&format!(r#"{{"action":"pause","reason":"{longest}"}}"#))
            .options
            .reason,
        Some(longest)
    );
}
