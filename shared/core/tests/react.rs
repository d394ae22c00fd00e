//! From what reaches a function to what it does about it: strangers' payloads, other functions' events, repeats.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod samples;
mod world;

use cutover_core::error::Class;
use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::phase::{Action, Phase};
use cutover_core::policy::NOTICE_WINDOW_SECONDS;
use cutover_core::report::Outcome;
use cutover_core::trigger::{PAYLOAD_BYTES_MAX, Trigger};
use cutover_core::weight::Pair;
use world::faults::Op;
use world::story::Story;
use world::watchers::{GUARD, MONITOR, UPDATER, alarm_event, task_event};

/// Reads at 50 %, and an alarm in ALARM that nobody has seen yet.
fn ripe() -> Story {
    let story = Story::fresh().without_window().reads_at(50);
    story
        .world()
        .alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm);
    story
}

#[test]
fn what_is_not_ours_is_never_acted_on_and_never_an_error() {
    for function in [MONITOR, GUARD] {
        let mut story = ripe();
        // The samples' own time, so that not all of them are old.
        story.world().now = samples::now();
        let (head, told) = (story.head(), story.told().len());
        for round in 0..3 {
            for sample in &samples::samples() {
                if !matches!(samples::read(&sample.payload), Trigger::Unrecognised(_)) {
                    continue;
                }
                let invocation = story.invocation();
                let report = story.receive(function, &invocation, &sample.payload).report();
                assert_eq!(report.outcome, Outcome::Unchanged, "{}", sample.name);
                assert!(report.unrecognised.is_some(), "{}", sample.name);
            }
            assert_eq!(
                (story.head(), story.target(Pair::Reader)),
                (head, 50),
                "round {round}"
            );
        }
        assert!(story.told().len() > told);
    }
}

#[test]
fn one_key_is_told_once_an_hour() {
    let mut story = ripe();
    let told = story.told().len();
    for _ in 0..50 {
        let report = story.receives(GUARD, "{}").report();
        assert_eq!(report.unrecognised.as_deref(), Some("object:unknown-envelope"));
    }
    assert_eq!(
        story.told_since(told),
        ["alarm-rollback received what is none of its events: object:unknown-envelope"]
    );
    let _other = story.receives(GUARD, "nonsense").report();
    assert_eq!(story.told_since(told).len(), 2);
    story.world().advance(NOTICE_WINDOW_SECONDS);
    let _later = story.receives(GUARD, "{}").report();
    assert_eq!(story.told_since(told).len(), 3);
}

#[test]
fn with_nowhere_to_remember_it_nobody_is_told() {
    let mut story = Story::fresh();
    for function in [MONITOR, GUARD] {
        let report = story.receives(function, "{}").report();
        assert!(report.steps.is_empty() && report.unrecognised.is_some());
    }
    story.world().script.denied = vec![Op::ReadLog];
    assert_eq!(story.receives(GUARD, "{}").report().outcome, Outcome::Unchanged);
    assert!(story.told().is_empty());
}

#[test]
fn a_notice_about_a_stranger_that_fails_is_tried_with_the_next_one() {
    let mut story = ripe();
    let told = story.told().len();
    story.world().script.denied = vec![Op::Publish];
    let _failed = story.receives(GUARD, "{}").report();
    story.world().script.denied.clear();
    let _sent = story.receives(GUARD, "{}").report();
    assert_eq!(story.told_since(told).len(), 1);
}

#[test]
fn a_forged_alarm_is_not_looked_into() {
    let genuine = alarm_event(&ripe(), "event-1", "errors", "OK", "ALARM");
    let forgeries = [
        genuine.replace("111122223333", "999999999999"),
        genuine.replace("eu-central-1", "us-east-1"),
        genuine.replace("\"errors\"", "\"errors-of-somebody\""),
        genuine.replace(":alarm:errors", ":alarm:latency"),
        genuine.replace("\"OK\"", "\"ALARM\""),
        genuine.replace("2027", "2026"),
        genuine.replace("2027", "2028"),
    ];
    for forged in forgeries {
        let mut story = ripe();
        assert_ne!(forged, genuine);
        let report = story.receives(GUARD, &forged).report();
        assert!(report.unrecognised.is_some(), "{forged}");
        assert_eq!(story.target(Pair::Reader), 50);
    }
    let mut story = ripe();
    assert_eq!(story.receives(GUARD, &genuine).report().outcome, Outcome::Done);
}

#[test]
fn an_event_for_another_function_is_told_and_not_acted_on() {
    let mut story = ripe();
    let head = story.head();
    let (alarm, task) = (
        alarm_event(&story, "event-1", "errors", "OK", "ALARM"),
        task_event(&story, "event-2", "STOPPED"),
    );
    for (function, event) in [(MONITOR, &alarm), (GUARD, &task)] {
        let report = story.receives(function, event).report();
        assert_eq!(report.unrecognised.as_deref(), Some("misrouted"));
    }
    assert_eq!((story.head(), story.target(Pair::Reader)), (head, 50));
    // A person waits for the updater's answer, and gets one.
    for event in [&alarm, &task] {
        assert_eq!(
            story.receives(UPDATER, event).failure().class,
            Class::InvalidRequest
        );
    }
}

#[test]
fn a_function_that_watches_takes_tick_and_status_and_no_other_command() {
    for (function, action) in [(MONITOR, Action::Monitor), (GUARD, Action::Guard)] {
        let mut story = Story::fresh().reads_at(50);
        assert_eq!(
            story.receives(function, r#"{"action":"tick"}"#).report().action,
            action
        );
        let head = story.head();
        let status = story.receives(function, r#"{"action":"status"}"#).report();
        assert_eq!((status.action, status.phase), (Action::Status, Phase::Shifting));
        for other in [r#"{"action":"rollback"}"#, r#"{"action":"pause"}"#] {
            let failure = story.receives(function, other).failure();
            assert_eq!(failure.class, Class::InvalidRequest);
            assert!(failure.message.contains("tick or status"), "{}", failure.message);
        }
        assert_eq!((story.head(), story.target(Pair::Reader)), (head, 50));
    }
}

#[test]
fn a_dry_run_of_a_function_that_watches_says_what_it_would_do() {
    let mut story = ripe();
    let head = story.head();
    let report = story
        .receives(GUARD, r#"{"action":"tick","dry_run":true}"#)
        .report();
    assert_eq!(report.steps[0].step, "set-reader-weight");
    assert_eq!((story.head(), story.target(Pair::Reader)), (head, 50));
}

#[test]
fn the_updater_refuses_what_is_too_large_and_takes_the_schedule() {
    let mut story = Story::fresh().reads_at(50);
    let large = format!(
        r#"{{"action":"status","reason":"{}"}}"#,
        "x".repeat(PAYLOAD_BYTES_MAX)
    );
    assert_eq!(
        story.receives(UPDATER, &large).failure().class,
        Class::InvalidRequest
    );
    assert!(story.receives(GUARD, &large).report().unrecognised.is_some());
    let now = story.world().now;
    let scheduled = format!(
        r#"{{"id":"minute-1","detail-type":"Scheduled Event","source":"aws.events","account":"111122223333",
        "region":"eu-central-1","time":"{now}","detail":{{}}}}"#
    );
    assert_eq!(story.receives(UPDATER, &scheduled).report().action, Action::Tick);
    assert_eq!(
        story.receives(MONITOR, &scheduled).report().action,
        Action::Monitor
    );
    assert_eq!(story.receives(GUARD, &scheduled).report().action, Action::Guard);
}

#[test]
fn events_late_doubled_and_out_of_order_end_where_the_world_is() {
    let mut story = Story::fresh().without_window().reads_at(50);
    let events: Vec<String> = ["STOPPED", "STARTED", "FAILED", "STARTED"]
        .iter()
        .enumerate()
        .map(|(number, what)| task_event(&story, &format!("event-{number}"), what))
        .collect();
    let head = story.head();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 1, 0, 0]] {
        for number in order {
            let report = story.receives(MONITOR, &events[number]).report();
            assert_eq!(report.outcome, Outcome::Unchanged);
        }
    }
    assert_eq!((story.head(), story.held().len()), (head, 0));
}
