//! What people and the event bus are told by the functions that watch: once, and in the end for certain.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::generation::Generation;
use cutover_core::journal::Outcome as Ended;
use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::phase::Action;
use cutover_core::replication::TaskStatus;
use world::faults::Op;
use world::story::Story;

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
    let mut held = Story::shifted();
    held.rings("latency", AlarmPolicy::Hold);
    let mut ready = Story::fresh();
    ready.monitor();
    for mut story in [ready, moving, Story::shifted(), held, Story::fresh().cut_over()] {
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
    let mut story = Story::shifted();
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
    let mut story = Story::shifted();
    story.world().script.denied = vec![Op::Publish];
    story.rings("errors", AlarmPolicy::Rollback);
    assert!(story.traffic().is_all_source());
    let head = Generation::new(story.head());
    assert_eq!(story.state().untold.open(), [head]);
    story.minutes(3);
    assert_eq!(story.state().untold.open(), [head]);
    story.world().script.denied.clear();
    let told = story.told().len();
    story.minutes(3);
    assert_eq!(
        story.told_since(told),
        ["traffic was taken back, alarm errors is in ALARM: the target has 0 % of reads and 0 % of writes"]
    );
    let notice = story.world().notices.last().unwrap().clone();
    assert_eq!(notice.severity.name(), "critical");
    assert_eq!(
        (story.state().untold.open().len(), story.head()),
        (0, head.number())
    );
}

#[test]
fn notices_of_a_hold_and_of_its_end_are_both_owed() {
    let mut story = Story::shifted();
    story.world().script.denied = vec![Op::Publish];
    story.rings("latency", AlarmPolicy::Hold);
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
    let mut story = Story::shifted();
    let announced = story.world().announced.len();
    story.world().script.denied = vec![Op::Announce];
    story.rings("errors", AlarmPolicy::Rollback);
    let head = Generation::new(story.head());
    assert!(story.traffic().is_all_source());
    assert_eq!(story.state().unannounced.open(), [head]);
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
    assert!(story.state().unannounced.open().is_empty());
}

#[test]
fn every_generation_is_announced_once_and_by_whom_it_was_decided() {
    let mut story = Story::fresh().without_window();
    story.monitor();
    let _shifted = story.shift(50).report();
    story.rings("latency", AlarmPolicy::Hold);
    story.alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
    story.world().forward.status = TaskStatus::Stopped;
    story.world().forward.stop_reason = "Stop Reason RECOVERABLE_ERROR".to_owned();
    story.minutes(3);
    story.rings("errors", AlarmPolicy::Rollback);
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
    let mut story = Story::shifted();
    story.world().script.denied = vec![Op::WriteState];
    let told = story.told().len();
    story.rings("errors", AlarmPolicy::Rollback);
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
