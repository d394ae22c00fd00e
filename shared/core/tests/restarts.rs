//! A task that stops, and a lag that nobody knows: what is restarted, how often, and what waits for a person.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::phase::{Action, Phase};
use cutover_core::replication::TaskStatus;
use cutover_core::report::Outcome;
use cutover_core::weight::Pair;
use world::faults::{Fault, Op};
use world::story::Story;
use world::tasks::TaskModel;

const RECOVERABLE: &str = "Stop Reason RECOVERABLE_ERROR";
const FATAL: &str = "Stop Reason FATAL_ERROR";

fn stops(task: &mut TaskModel, status: TaskStatus, reason: &str) {
    task.due = None;
    task.status = status;
    reason.clone_into(&mut task.stop_reason);
}

fn stopped(story: &Story, reason: &str) {
    stops(&mut story.world().forward, TaskStatus::Stopped, reason);
}

fn count(story: &Story, action: Action) -> usize {
    let actions = story.actions();
    actions.iter().filter(|found| **found == action).count()
}

fn resumed(story: &Story) -> usize {
    let calls = &story.world().calls;
    calls.iter().filter(|op| **op == Op::Resume).count()
}

#[test]
fn a_recoverable_stop_is_resumed_where_it_stopped() {
    for status in [TaskStatus::Stopped, TaskStatus::Failed] {
        let mut story = Story::fresh().reads_at(50);
        stops(&mut story.world().forward, status, RECOVERABLE);
        let report = story.task_tells("STOPPED");
        assert_eq!(
            (report.outcome, report.steps[0].step.as_str()),
            (Outcome::Done, "resume-task")
        );
        assert_eq!(story.actions().last(), Some(&Action::Restart));
        assert_eq!(story.world().forward.status, TaskStatus::Starting);
        assert_eq!(
            story.told().last().unwrap(),
            "the replication task stopped: RECOVERABLE_ERROR; restart 1 of 3 within an hour"
        );
        let head = story.head();
        story.minutes(10);
        assert_eq!((story.head(), story.held().len()), (head, 0));
        assert_eq!(story.target(Pair::Reader), 50);
        story.agrees();
    }
}

#[test]
fn a_task_that_stops_again_and_again_is_restarted_so_often_an_hour_and_then_waits_for_a_person() {
    let mut story = Story::fresh().without_window().reads_at(50);
    for _ in 0..20 {
        stopped(&story, RECOVERABLE);
        story.minute();
    }
    assert_eq!(
        (
            resumed(&story),
            count(&story, Action::Restart),
            count(&story, Action::Hold)
        ),
        (3, 3, 1)
    );
    assert_eq!(story.held(), ["replication"]);
    let told = story.world().notices.last().unwrap().text();
    assert!(
        told.contains("3 restarts within an hour were not enough: it needs a person"),
        "{told}"
    );
    assert_eq!(story.target(Pair::Reader), 50);
    // Within another hour there are three more, and no more.
    for _ in 0..60 {
        stopped(&story, RECOVERABLE);
        story.minute();
    }
    assert_eq!(resumed(&story), 6);
    stops(&mut story.world().forward, TaskStatus::Running, "");
    story.minute();
    assert!(story.held().is_empty());
}

#[test]
fn an_environment_may_forbid_restarts() {
    let mut story = Story::fresh().reads_at(50);
    story.settings.policy.restarts_per_hour = 0;
    stopped(&story, RECOVERABLE);
    story.minutes(3);
    assert_eq!(
        (resumed(&story), story.held()),
        (0, vec!["replication".to_owned()])
    );
}

#[test]
fn what_would_fail_again_or_came_to_its_end_is_not_restarted() {
    let reasons = [
        (FATAL, "stopped for good (FATAL_ERROR): it needs a person"),
        ("Stop Reason NORMAL", "was stopped (NORMAL)"),
        ("Stop Reason STOPPED_DUE_TO_LOW_DISK", "stopped for good"),
        ("Stop Reason OF_A_KIND_UNKNOWN", "stopped for good"),
        ("", "stopped for good (no reason given)"),
    ];
    for (reason, told) in reasons {
        let mut story = Story::fresh().reads_at(50);
        stopped(&story, reason);
        let report = story.task_tells("STOPPED");
        assert!(report.message.contains(told), "{}", report.message);
        assert_eq!(
            (resumed(&story), story.held()),
            (0, vec!["replication".to_owned()])
        );
        let state = story.state();
        assert_eq!(state.record.held[0].code, Code::ReplicationNotRunning);
        assert_eq!(
            (story.target(Pair::Reader), state.record.phase),
            (50, Phase::Shifting)
        );
        stops(&mut story.world().forward, TaskStatus::Running, "");
        story.minute();
        assert!(story.held().is_empty(), "{reason}");
        story.agrees();
    }
}

#[test]
fn before_traffic_moves_a_fatal_stop_is_told_as_what_needs_a_person() {
    let mut story = Story::fresh();
    story.monitor();
    stopped(&story, FATAL);
    story.task_tells("FAILED");
    let state = story.state();
    assert_eq!(
        (state.record.phase, story.held()),
        (Phase::CatchingUp, vec!["replication".to_owned()])
    );
    let notice = story.world().notices.last().unwrap().clone();
    assert_eq!(notice.severity.name(), "warning");
    assert!(
        notice.headline.contains("stopped for good"),
        "{}",
        notice.headline
    );
    let head = story.head();
    story.minutes(10);
    assert_eq!(story.head(), head);
}

#[test]
fn once_the_target_takes_the_writes_the_reverse_task_is_watched() {
    let mut story = Story::fresh().cut_over();
    stopped(&story, FATAL);
    story.monitor();
    assert!(story.held().is_empty(), "nothing flows that way any more");
    stops(
        story.world().reverse.as_mut().unwrap(),
        TaskStatus::Stopped,
        RECOVERABLE,
    );
    let report = story.monitor();
    assert_eq!(report.steps[0].step, "resume-reverse-task");
    stops(story.world().reverse.as_mut().unwrap(), TaskStatus::Failed, FATAL);
    story.minute();
    assert_eq!(story.state().record.held[0].code, Code::ReverseNotReady);
    assert!(story.traffic().writer.is_all_target());
    story.agrees();
}

#[test]
fn a_restart_that_is_denied_does_not_loop_for_ever() {
    let mut story = Story::fresh().without_window().reads_at(50);
    stopped(&story, RECOVERABLE);
    story.world().script.denied = vec![Op::Resume];
    let told = story.told().len();
    story.minutes(30);
    assert_eq!(resumed(&story), 3);
    assert_eq!(story.held(), ["replication"]);
    assert!(story.told_since(told).len() <= 5, "{:#?}", story.told_since(told));
    let head = story.head();
    story.minutes(20);
    assert_eq!(story.head(), head);
    story.world().script.denied.clear();
    story.minutes(60);
    assert_eq!(story.world().forward.status, TaskStatus::Running);
    assert!(story.held().is_empty());
    story.agrees();
}

#[test]
fn a_restart_whose_reply_is_lost_is_not_counted_twice_nor_sent_blindly() {
    for fault in Fault::ALL {
        let mut story = Story::fresh().reads_at(50);
        stopped(&story, RECOVERABLE);
        let calls = story.world().calls.len();
        // The look takes five calls, the claim one, and the step looks once more.
        story.world().script.at = vec![(calls + 8, fault)];
        let _answer = story.receives(world::watchers::MONITOR, r#"{"action":"tick"}"#);
        assert_eq!(story.world().calls[calls + 7], Op::Resume);
        story.minutes(6);
        assert!(
            resumed(&story) <= 2 && count(&story, Action::Restart) <= 2,
            "{fault:?}"
        );
        assert_eq!(story.world().forward.status, TaskStatus::Running, "{fault:?}");
        assert!(story.held().is_empty(), "{fault:?}");
        story.agrees();
    }
}

#[test]
fn a_restart_waits_for_a_command_that_is_under_way() {
    let mut story = Story::fresh().with(|world| world.forward.lag = Some((0, 1, Some(2))));
    let waits = story
        .send(r#"{"action":"manual_cutover","writes_stopped":true}"#)
        .report();
    assert_eq!(waits.outcome, Outcome::InProgress);
    stopped(&story, RECOVERABLE);
    let (head, report) = (story.head(), story.monitor());
    assert_eq!(
        (report.outcome, story.head(), resumed(&story)),
        (Outcome::InProgress, head, 0)
    );
    story.ticks(3);
    assert!(story.traffic().is_all_source(), "the cutover was taken back");
    story.monitor();
    assert_eq!(resumed(&story), 1);
}

#[test]
fn a_restart_that_a_rollback_overtakes_still_counts() {
    let mut story = Story::fresh().reads_at(50);
    stopped(&story, RECOVERABLE);
    let calls = story.world().calls.len();
    story.world().script.at = vec![(calls + 9, Fault::CrashBefore)];
    let _crashed = story.receives(world::watchers::MONITOR, r#"{"action":"tick"}"#);
    let _back = story.send(r#"{"action":"rollback"}"#).report();
    assert_eq!(story.state().record.restarts.len(), 1);
    assert!(story.traffic().is_all_source());
}

#[test]
fn a_lag_that_is_missing_for_an_hour_holds_once_and_is_told_once() {
    let mut story = Story::fresh().without_window().reads_at(50);
    story.minute();
    story.world().forward.lag = None;
    let (head, told) = (story.head(), story.told().len());
    story.minutes(3);
    assert_eq!(story.head(), head, "unknown for less than the limit");
    story.minutes(57);
    assert_eq!(story.held(), ["replication"]);
    assert_eq!(story.state().record.held[0].code, Code::LagUnknown);
    assert_eq!(
        (story.head(), story.told_since(told).len()),
        (head + 1, 1),
        "{:?}",
        story.actions()
    );
    assert_eq!(story.target(Pair::Reader), 50);
    story.world().forward.lag = Some((0, 0, Some(0)));
    story.minute();
    assert!(story.held().is_empty());
    story.agrees();
}

#[test]
fn a_task_that_cannot_be_described_is_as_good_as_a_lag_that_is_missing() {
    let mut story = Story::fresh().reads_at(50);
    story.world().forward.hidden = Some("AccessDenied".to_owned());
    story.minute();
    assert!(story.held().is_empty(), "one look that fails is no reason");
    story.minutes(5);
    assert_eq!(story.state().record.held[0].code, Code::LagUnknown);
    story.world().forward.hidden = None;
    story.minute();
    assert!(story.held().is_empty());
}
