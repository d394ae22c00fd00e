//! What alarm-rollback does while the writer moves or has moved, and beside a person's commands.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::phase::{Action, Phase};
use cutover_core::replication::TaskStatus;
use cutover_core::report::Outcome;
use cutover_core::weight::Pair;
use world::faults::{Fault, Op};
use world::story::Story;
use world::watchers::{GUARD, UPDATER, alarm_event};

const CUTOVER: &str = r#"{"action":"manual_cutover","writes_stopped":true}"#;

fn rings(story: &mut Story) -> Outcome {
    let report = story.alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm);
    report.outcome
}

/// A cutover that waits for its drain.
fn cutting_over() -> Story {
    let mut story = Story::fresh().with(|world| world.forward.lag = Some((0, 1, Some(2))));
    assert_eq!(story.send(CUTOVER).report().outcome, Outcome::InProgress);
    story
}

/// Cut over, and nothing carries the target's writes back.
fn one_way() -> Story {
    let story = Story::fresh().cut_over();
    let mut world = story.world();
    let reverse = world.reverse.as_mut().unwrap();
    reverse.status = TaskStatus::Failed;
    "Stop Reason FATAL_ERROR".clone_into(&mut reverse.stop_reason);
    world.advance(120);
    drop(world);
    story
}

#[test]
fn an_alarm_during_a_cutover_overtakes_it_and_takes_everything_back() {
    let mut story = cutting_over();
    let head = story.head();
    assert_eq!(rings(&mut story), Outcome::Done);
    assert_eq!(
        story.last_entry().previous.outcome,
        cutover_core::journal::Outcome::Superseded
    );
    story.world().forward.lag = Some((0, 0, Some(0)));
    story.minutes(15);
    assert_eq!(
        (story.head(), story.state().record.phase),
        (head + 1, Phase::RolledBack)
    );
    assert!(story.traffic().is_all_source());
    story.agrees();
}

#[test]
fn an_alarm_during_a_persons_rollback_leaves_it_alone() {
    let mut story = Story::fresh().cut_over();
    story.world().reverse.as_mut().unwrap().lag = Some((9, 9, Some(9)));
    let waits = story.send(r#"{"action":"rollback"}"#).report();
    assert_eq!(waits.outcome, Outcome::InProgress);
    let head = story.head();
    assert_eq!(rings(&mut story), Outcome::InProgress);
    story.world().reverse.as_mut().unwrap().lag = Some((0, 0, Some(0)));
    story.minutes(10);
    assert_eq!(
        (story.head(), story.state().record.phase),
        (head, Phase::RolledBack)
    );
    story.agrees();
}

#[test]
fn an_alarm_overtakes_a_shift_whose_executor_is_gone() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter] {
        let mut story = Story::fresh().reads_at(20);
        let calls = story.world().calls.len();
        story.world().script.at = vec![(calls + 7, fault)];
        let _crashed = story.shift(50);
        assert_eq!(story.world().calls.last(), Some(&Op::SetWeights));
        assert_eq!(rings(&mut story), Outcome::Done);
        assert!(story.traffic().is_all_source(), "{fault:?}");
        story.minutes(5);
        assert_eq!(story.state().record.phase, Phase::RolledBack);
        story.agrees();
    }
}

#[test]
fn with_the_way_back_open_the_writer_goes_back_too() {
    let mut story = Story::fresh().cut_over();
    rings(&mut story);
    story.minutes(10);
    assert!(story.traffic().is_all_source());
    assert_eq!(story.last_entry().by.as_str(), GUARD);
    story.agrees();
}

#[test]
fn where_going_back_loses_writes_it_holds_and_asks_with_what_is_at_stake() {
    let mut story = one_way();
    let (told, traffic) = (story.told().len(), story.traffic());
    assert_eq!(rings(&mut story), Outcome::Done);
    let held = story.state().record.held;
    assert_eq!(
        (held[0].by.as_str(), held[0].code),
        ("errors", Code::RollbackLossy)
    );
    let notice = story.world().notices.last().unwrap().clone();
    assert_eq!(notice.severity.name(), "waiting-for-you");
    let text = notice.text();
    assert!(text.contains("going back loses up to 124 s of them"), "{text}");
    assert!(
        text.contains(r#"{"action":"rollback","accept_data_loss":true}"#),
        "{text}"
    );
    let head = story.head();
    for _ in 0..30 {
        story.world().advance(60);
        assert_eq!(story.guard().outcome, Outcome::Held);
    }
    assert_eq!((story.head(), story.traffic()), (head, traffic));
    assert_eq!(story.told_since(told).len(), 1, "{:#?}", story.told_since(told));
    let _back = story
        .send(r#"{"action":"rollback","accept_data_loss":true}"#)
        .report();
    story.minutes(5);
    assert!(story.traffic().is_all_source());
    assert!(!story.held().contains(&"errors".to_owned()));
    story.agrees();
}

#[test]
fn two_alarms_of_which_one_may_not_go_back_both_hold() {
    let mut story = one_way();
    story.alarm("latency", AlarmPolicy::Hold, AlarmState::Alarm);
    rings(&mut story);
    let codes: Vec<Code> = story.state().record.held.iter().map(|held| held.code).collect();
    assert_eq!(story.held(), ["latency", "errors"]);
    assert_eq!(codes, [Code::AlarmActive, Code::RollbackLossy]);
    story.alarm("errors", AlarmPolicy::Rollback, AlarmState::Ok);
    assert_eq!(story.held(), ["latency"]);
}

#[test]
fn it_goes_back_by_itself_as_soon_as_that_loses_nothing() {
    let mut story = one_way();
    rings(&mut story);
    story.world().reverse.as_mut().unwrap().status = TaskStatus::Running;
    story.minutes(10);
    assert!(story.traffic().is_all_source());
    assert!(story.held().is_empty(), "{:?}", story.held());
    story.agrees();
}

#[test]
fn somebodys_edit_is_not_overwritten_by_an_alarm() {
    let mut story = Story::fresh().without_window().reads_at(50);
    story.world().zone.edit(Pair::Reader, 40, 60);
    assert_eq!(rings(&mut story), Outcome::Done);
    assert_eq!(story.state().record.held[0].code, Code::Drift);
    assert_eq!(story.target(Pair::Reader), 60);
    let notice = story.world().notices.last().unwrap().clone();
    assert_eq!(notice.severity.name(), "waiting-for-you");
    let head = story.head();
    story.minutes(5);
    assert_eq!((story.head(), story.target(Pair::Reader)), (head, 60));
    story.world().zone.edit(Pair::Reader, 50, 50);
    story.minutes(2);
    assert!(story.traffic().is_all_source());
}

#[test]
fn a_completed_migration_is_nobodys_business_any_more() {
    let mut story = Story::fresh().cut_over();
    let _completed = story.send(r#"{"action":"complete"}"#).report();
    story.until_quiet();
    let (head, traffic) = (story.head(), story.traffic());
    assert_eq!(rings(&mut story), Outcome::Unchanged);
    story.world().forward.status = TaskStatus::Failed;
    story.minutes(10);
    assert_eq!((story.head(), story.traffic()), (head, traffic));
}

#[test]
fn the_same_event_delivered_again_is_recognised() {
    let mut story = Story::fresh().reads_at(50);
    story
        .world()
        .alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm);
    let event = alarm_event(&story, "event-1", "errors", "OK", "ALARM");
    let _back = story.receives(GUARD, &event).report();
    let (head, told) = (story.head(), story.told().len());
    assert_eq!(story.last_entry().trigger.as_str(), "event-1");
    let again = story.receives(GUARD, &event).report();
    let sentence = format!("generation {head} was already decided by this invocation");
    assert_eq!((again.outcome, again.message), (Outcome::Unchanged, sentence));
    assert_eq!(story.told_since(told), Vec::<String>::new());
    // A later generation is a new story, in which the event is looked into like any other.
    let forced = r#"{"action":"gradual_cutover","aurora_weight":20,"force":["alarm-active"]}"#;
    let _forced = story.receives(UPDATER, forced).report();
    let _back = story.receives(GUARD, &event).report();
    assert_eq!(
        (story.head(), story.last_entry().action),
        (head + 2, Action::Rollback)
    );
}

#[test]
fn after_a_crash_at_any_call_everything_is_on_the_source_and_told() {
    let begin = Story::fresh().reads_at(50);
    let calls = {
        let mut story = begin.again();
        let before = story.world().calls.len();
        rings(&mut story);
        story.world().calls.len() - before
    };
    assert!(calls >= 10);
    for call in 1..=calls {
        for fault in Fault::ALL {
            let mut story = begin.again();
            let told = story.told().len();
            {
                let mut world = story.world();
                world.alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm);
                world.calls.clear();
                world.script.at = vec![(call, fault)];
            }
            let event = alarm_event(&story, "event-1", "errors", "OK", "ALARM");
            let crashed = matches!(story.receives(GUARD, &event), world::story::Answer::Crashed);
            // Nobody can know whether a notice was sent whose sender died over it.
            let over_the_notice = crashed && story.world().calls.contains(&Op::Publish);
            story.minutes(5);
            assert!(story.traffic().is_all_source(), "{fault:?} at {call}");
            let said = story.told_since(told);
            assert!(!said.is_empty() || over_the_notice, "{fault:?} at {call}");
            assert!(said.len() <= 3, "{fault:?} at {call}: {said:#?}");
            story.agrees();
        }
    }
}
