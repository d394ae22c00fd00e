//! What is news to people, and what they were told lately enough.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use std::collections::BTreeSet;

use cutover_core::blocker::Code;
use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::policy::{HELD_MAX, NOTICE_WINDOW_SECONDS};
use cutover_core::replication::{Seen, TaskStatus};
use cutover_core::weight::Pair;
use world::faults::{Fault, Op};
use world::story::Story;

#[test]
fn the_same_reason_is_told_again_only_after_the_window() {
    let mut story = Story::shifted();
    let told = story.told().len();
    for _ in 0..3 {
        story.rings("latency", AlarmPolicy::Hold);
        story.minutes(2);
        story.alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
        story.minutes(2);
    }
    assert_eq!(story.told_since(told).len(), 2);
    story.rings("business", AlarmPolicy::Hold);
    assert_eq!(story.told_since(told).len(), 3, "another reason is news");
    story.alarm("business", AlarmPolicy::Hold, AlarmState::Ok);
    story.world().advance(NOTICE_WINDOW_SECONDS);
    story.rings("latency", AlarmPolicy::Hold);
    assert_eq!(story.told_since(told).len(), 4);
}

#[test]
fn numbers_do_not_make_a_reason_new() {
    let mut story = Story::shifted();
    story.settings.policy.limit_policy = AlarmPolicy::Hold;
    let told = story.told().len();
    for percent in [6, 61, 7, 99] {
        story.world().limit("latency", Seen::Known(percent));
        story.guard();
        story.world().limit("latency", Seen::Known(0));
        story.guard();
    }
    let held: Vec<String> = story.told_since(told);
    assert_eq!(
        held.iter().filter(|line| line.starts_with("holding")).count(),
        1,
        "{held:#?}"
    );
}

#[test]
fn alarms_that_differ_in_a_digit_are_different_news() {
    let mut story = Story::shifted();
    let told = story.told().len();
    for name in ["errors-4xx", "errors-5xx", "p99", "p95", "5xx"] {
        story.rings(name, AlarmPolicy::Hold);
        let last = story.told().last().unwrap().clone();
        assert!(last.contains(&format!("alarm {name} is in ALARM")), "{last}");
    }
    assert_eq!(
        story.told_since(told).len(),
        5,
        "those that no record keeps are told as well"
    );
}

#[test]
fn more_alarms_than_a_record_keeps_still_hold_and_are_told_and_leave_room_for_the_replication() {
    let mut story = Story::shifted();
    let names: Vec<String> = (0..5)
        .map(|number| format!("{}{number}", "long-alarm-name-".repeat(16)))
        .collect();
    assert!(names.iter().all(|name| name.len() >= 255));
    let told = story.told().len();
    for name in &names {
        story.rings(&name[..255], AlarmPolicy::Hold);
    }
    story.world().alarms = Seen::Known(Vec::new());
    for (number, name) in names.iter().enumerate() {
        // They differ in the last character only.
        let name = format!("{}{number}", &name[..254]);
        story.rings(&name, AlarmPolicy::Hold);
    }
    assert_eq!(story.held().len(), HELD_MAX - 1);
    assert!(
        story
            .held()
            .iter()
            .all(|name| name.starts_with("long-alarm-name-"))
    );
    assert!(story.told_since(told).len() >= 5, "{:#?}", story.told_since(told));
    story.world().forward.tables = Seen::Unknown("x".to_owned());
    story.world().forward.status = TaskStatus::Failed;
    story.world().forward.stop_reason = "Stop Reason FATAL_ERROR".to_owned();
    story.monitor();
    assert_eq!(
        story.state().record.held[HELD_MAX - 1].code,
        Code::ReplicationNotRunning
    );
    let head = story.head();
    story.minutes(10);
    assert_eq!((story.head(), story.target(Pair::Reader)), (head, 50));
    for (number, name) in names.iter().enumerate() {
        story.alarm(
            &format!("{}{number}", &name[..254]),
            AlarmPolicy::Hold,
            AlarmState::Ok,
        );
    }
    assert_eq!(story.held(), ["replication"]);
}

#[test]
fn a_hold_that_was_told_as_over_is_told_again_if_it_still_stands_after_the_window() {
    let mut story = Story::shifted();
    story.rings("latency", AlarmPolicy::Hold);
    story.minutes(2);
    story.alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
    story.minutes(2);
    story.rings("latency", AlarmPolicy::Hold);
    let told = story.told().len();
    story.minutes(10);
    assert_eq!(story.told_since(told).len(), 0, "too lately to be told again");
    story.world().advance(NOTICE_WINDOW_SECONDS);
    story.minutes(5);
    let said = story.told_since(told);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("alarm latency is in ALARM"), "{said:#?}");
}

#[test]
fn a_state_that_nobody_can_read_is_told_once_an_hour() {
    let mut story = Story::shifted();
    {
        let mut world = story.world();
        let text = world.snapshot.take().unwrap();
        world.snapshot = Some(text.replacen("\"schema\":1", "\"schema\":2", 1));
        world.snapshot_read = None;
    }
    let told = story.told().len();
    story.minutes(10);
    assert_eq!(story.told_since(told), ["route53-updater cannot do its work"]);
    story.minutes(60);
    assert_eq!(story.told_since(told).len(), 2);
}

#[test]
fn a_restart_that_is_refused_each_time_is_told_once_and_then_needs_a_person() {
    let mut story = Story::shifted().with(|world| {
        world.forward.status = TaskStatus::Stopped;
        world.forward.stop_reason = "Stop Reason RECOVERABLE_ERROR".to_owned();
        world.script.denied = vec![Op::Resume];
    });
    let told = story.told().len();
    story.minutes(10);
    let said = story.told_since(told);
    let refused = said
        .iter()
        .filter(|line| line.contains("restart was not carried out"));
    assert_eq!(refused.count(), 1, "{said:#?}");
    assert!(said.last().unwrap().contains("it needs a person"), "{said:#?}");
}

#[test]
fn what_a_function_that_watches_dies_with_is_told_and_announced_by_the_tick() {
    let mut beginning = Story::fresh();
    beginning.minutes(1);
    beginning.world().forward.status = TaskStatus::Stopped;
    let mut whole = beginning.again();
    let before = whole.world().calls.len();
    whole.monitor();
    let calls = whole.world().calls[before..].to_vec();
    assert!(calls.contains(&Op::Publish) && calls.contains(&Op::Announce));
    for index in 1..=calls.len() {
        let mut story = beginning.again();
        let (told, announced) = (story.told().len(), story.world().announced.len());
        story.world().script.at = vec![(before + index, Fault::CrashBefore)];
        let _dies = story.receives("dms-monitor", r#"{"action":"tick"}"#);
        story.minutes(3);
        let said: BTreeSet<String> = story.told_since(told).into_iter().collect();
        let expected: BTreeSet<String> = whole.told_since(told).into_iter().collect();
        assert!(
            said.is_superset(&expected),
            "died at {:?}: {said:?}, not {expected:?}",
            calls[index - 1]
        );
        assert!(
            story.world().announced.len() > announced,
            "died at {:?}",
            calls[index - 1]
        );
    }
}

#[test]
fn that_a_function_cannot_work_is_told_as_soon_as_it_can_be() {
    let mut story = Story::shifted().with(|world| world.script.denied = vec![Op::ReadRecords, Op::Publish]);
    let told = story.told().len();
    story.minutes(2);
    assert!(story.told_since(told).is_empty());
    story.world().script.denied = vec![Op::ReadRecords];
    story.minutes(3);
    assert_eq!(story.told_since(told), ["route53-updater cannot do its work"]);
}
