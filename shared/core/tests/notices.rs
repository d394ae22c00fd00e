//! What people and the event bus are told by the functions that watch: once, and in the end for certain.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::generation::Generation;
use cutover_core::journal::Outcome as Ended;
use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::phase::Action;
use cutover_core::policy::{HELD_MAX, NOTICE_WINDOW_SECONDS};
use cutover_core::replication::{Seen, TaskStatus};
use cutover_core::weight::Pair;
use world::faults::Op;
use world::story::Story;

fn shifted() -> Story {
    Story::fresh().without_window().reads_at(50)
}

fn rings(story: &mut Story, name: &str, policy: AlarmPolicy) {
    story.alarm(name, policy, AlarmState::Alarm);
}

fn writes(story: &Story) -> usize {
    let calls = &story.world().calls;
    calls.iter().filter(|op| **op == Op::WriteState).count()
}

#[test]
fn a_quiet_hour_decides_nothing_writes_nothing_and_tells_nothing() {
    let mut moving = Story::fresh().without_window();
    let _climbs = moving
        .send(r#"{"action":"gradual_cutover","ladder":[20,50],"bake_minutes":600}"#)
        .report();
    let mut held = shifted();
    rings(&mut held, "latency", AlarmPolicy::Hold);
    let mut ready = Story::fresh();
    ready.monitor();
    for mut story in [ready, moving, shifted(), held, Story::fresh().cut_over()] {
        story.minutes(5);
        let before = (
            story.head(),
            writes(&story),
            story.told().len(),
            story.world().announced.len(),
        );
        story.minutes(60);
        let after = (
            story.head(),
            writes(&story),
            story.told().len(),
            story.world().announced.len(),
        );
        assert_eq!(before, after, "{:?}", story.state());
        story.agrees();
    }
}

#[test]
fn lag_that_only_wavers_writes_nothing() {
    let mut story = shifted();
    story.world().forward.lag = Some((0, 2, Some(2)));
    story.minutes(2);
    let (head, written) = (story.head(), writes(&story));
    for lag in [3, 17, 45, 2, 59] {
        story.world().forward.lag = Some((0, lag, Some(lag)));
        story.minutes(4);
    }
    assert_eq!((story.head(), writes(&story)), (head, written));
    story.world().forward.lag = Some((0, 61, Some(61)));
    story.minute();
    assert_eq!((story.head(), writes(&story)), (head, written + 1));
}

#[test]
fn a_notice_that_cannot_be_sent_undoes_nothing_and_the_tick_sends_it_once() {
    let mut story = shifted();
    story.world().script.denied = vec![Op::Publish];
    rings(&mut story, "errors", AlarmPolicy::Rollback);
    assert!(story.traffic().is_all_source());
    let head = Generation::new(story.head());
    assert_eq!(story.state().untold, [head]);
    story.minutes(3);
    assert_eq!(story.state().untold, [head]);
    story.world().script.denied.clear();
    let told = story.told().len();
    story.minutes(3);
    assert_eq!(
        story.told_since(told),
        ["traffic was taken back, alarm errors is in ALARM: the target has 0 % of reads and 0 % of writes"]
    );
    let notice = story.world().notices.last().unwrap().clone();
    assert_eq!(notice.severity.name(), "critical");
    assert_eq!((story.state().untold.len(), story.head()), (0, head.number()));
}

#[test]
fn notices_of_a_hold_and_of_its_end_are_both_owed() {
    let mut story = shifted();
    story.world().script.denied = vec![Op::Publish];
    rings(&mut story, "latency", AlarmPolicy::Hold);
    story.alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
    story.world().script.denied.clear();
    let told = story.told().len();
    story.minutes(3);
    let mut said = story.told_since(told);
    said.sort();
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(
        said[0].starts_with("a hold in phase shifting is over") && said[1].starts_with("holding in phase")
    );
}

#[test]
fn an_event_that_cannot_be_put_on_the_bus_is_put_there_by_the_tick_once() {
    let mut story = shifted();
    let announced = story.world().announced.len();
    story.world().script.denied = vec![Op::Announce];
    rings(&mut story, "errors", AlarmPolicy::Rollback);
    let head = Generation::new(story.head());
    assert!(story.traffic().is_all_source());
    assert_eq!(story.state().unannounced, [head]);
    story.world().script.denied.clear();
    story.minutes(3);
    let events = story.world().announced[announced..].to_vec();
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(
        (event.generation, event.action, event.outcome),
        (head, Action::Rollback, Ended::Finished)
    );
    assert_eq!(
        (event.by.as_str(), event.reason.as_str()),
        ("alarm-rollback", "alarm errors is in ALARM")
    );
    assert!(story.state().unannounced.is_empty());
}

#[test]
fn every_generation_is_announced_once_and_by_whom_it_was_decided() {
    let mut story = Story::fresh().without_window();
    story.monitor();
    let _shifted = story.shift(50).report();
    rings(&mut story, "latency", AlarmPolicy::Hold);
    story.alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
    story.world().forward.status = TaskStatus::Stopped;
    story.world().forward.stop_reason = "Stop Reason RECOVERABLE_ERROR".to_owned();
    story.minutes(3);
    rings(&mut story, "errors", AlarmPolicy::Rollback);
    story.minutes(5);
    let world = story.world();
    let announced: Vec<(u32, Action)> = world
        .announced
        .iter()
        .map(|event| (event.generation.number(), event.action))
        .collect();
    let decided: Vec<(u32, Action)> = world
        .journal
        .iter()
        .map(|(number, entry)| (*number, entry.action))
        .collect();
    assert_eq!(announced, decided);
    assert_eq!(decided.len(), 6);
}

#[test]
fn a_snapshot_that_cannot_be_written_takes_nothing_back() {
    let mut story = shifted();
    story.world().script.denied = vec![Op::WriteState];
    let told = story.told().len();
    rings(&mut story, "errors", AlarmPolicy::Rollback);
    assert!(story.traffic().is_all_source());
    story.minutes(20);
    assert!(story.traffic().is_all_source());
    let said = story.told_since(told).len();
    assert!((1..=3).contains(&said), "{:#?}", story.told_since(told));
    let head = story.head();
    story.world().script.denied.clear();
    story.minutes(3);
    assert_eq!(story.head(), head);
    story.agrees();
}

#[test]
fn the_same_reason_is_told_again_only_after_the_window() {
    let mut story = shifted();
    let told = story.told().len();
    for _ in 0..3 {
        rings(&mut story, "latency", AlarmPolicy::Hold);
        story.minutes(2);
        story.alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
        story.minutes(2);
    }
    assert_eq!(story.told_since(told).len(), 2);
    rings(&mut story, "business", AlarmPolicy::Hold);
    assert_eq!(story.told_since(told).len(), 3, "another reason is news");
    story.alarm("business", AlarmPolicy::Hold, AlarmState::Ok);
    story.world().advance(NOTICE_WINDOW_SECONDS);
    rings(&mut story, "latency", AlarmPolicy::Hold);
    assert_eq!(story.told_since(told).len(), 4);
}

#[test]
fn numbers_do_not_make_a_reason_new() {
    let mut story = shifted();
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
    let mut story = shifted();
    let told = story.told().len();
    for name in ["errors-4xx", "errors-5xx", "p99", "p95", "5xx"] {
        rings(&mut story, name, AlarmPolicy::Hold);
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
    let mut story = shifted();
    let names: Vec<String> = (0..5)
        .map(|number| format!("{}{number}", "long-alarm-name-".repeat(16)))
        .collect();
    assert!(names.iter().all(|name| name.len() >= 255));
    let told = story.told().len();
    for name in &names {
        rings(&mut story, &name[..255], AlarmPolicy::Hold);
    }
    story.world().alarms = Seen::Known(Vec::new());
    for (number, name) in names.iter().enumerate() {
        // They differ in the last character only.
        let name = format!("{}{number}", &name[..254]);
        rings(&mut story, &name, AlarmPolicy::Hold);
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
    let mut story = shifted();
    rings(&mut story, "latency", AlarmPolicy::Hold);
    story.minutes(2);
    story.alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
    story.minutes(2);
    rings(&mut story, "latency", AlarmPolicy::Hold);
    let told = story.told().len();
    story.minutes(10);
    assert_eq!(story.told_since(told).len(), 0, "too lately to be told again");
    story.world().advance(NOTICE_WINDOW_SECONDS);
    story.minutes(5);
    let said = story.told_since(told);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("alarm latency is in ALARM"), "{said:#?}");
}
