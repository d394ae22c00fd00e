//! What dms-monitor makes of the replication: the phase before traffic moves, and holds once it has.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::phase::{Action, Phase};
use cutover_core::replication::{MigrationType, Seen, Tables, TaskStatus};
use cutover_core::report::Outcome;
use cutover_core::weight::Pair;
use world::story::Story;
use world::tasks::TaskModel;
use world::watchers::MONITOR;

/// Created, not started.
fn created() -> Story {
    Story::fresh().with(|world| world.forward = TaskModel::created())
}

/// Its first copy begins.
fn loads(story: &Story, percent: u8) {
    let mut world = story.world();
    world.forward = TaskModel::running();
    world.forward.full_load_percent = Some(percent);
}

fn lags(story: &Story, seconds: u64) {
    story.world().forward.lag = Some((0, seconds, Some(seconds)));
}

fn phase(story: &Story) -> Phase {
    story.state().record.phase
}

/// A minute later, dms-monitor by the clock; the phase after it.
fn next(story: &mut Story) -> Phase {
    story.world().advance(60);
    story.monitor();
    phase(story)
}

#[test]
fn the_first_look_at_a_fresh_environment_claims_the_first_generation() {
    let mut story = created();
    let report = story.monitor();
    assert_eq!((report.outcome, story.head()), (Outcome::Done, 1));
    assert_eq!(
        (phase(&story), story.actions()),
        (Phase::Preparing, vec![Action::Monitor])
    );
    assert_eq!(story.world().journal[&1].by.as_str(), MONITOR);
    assert_eq!(story.told(), ["preparing: the replication task is ready"]);
    assert_eq!(story.monitor().outcome, Outcome::Unchanged);
    assert_eq!(story.head(), 1);
}

#[test]
fn the_phase_follows_the_task_from_its_creation_to_ready() {
    let mut story = created();
    story.monitor();
    loads(&story, 0);
    story.task_tells("STARTED");
    assert_eq!(phase(&story), Phase::FullLoad);
    loads(&story, 60);
    assert_eq!(next(&mut story), Phase::FullLoad);
    loads(&story, 100);
    lags(&story, 400);
    assert_eq!(next(&mut story), Phase::CatchingUp);
    assert_eq!(next(&mut story), Phase::CatchingUp);
    story.world().forward.earlier = Some(vec![400; 9]);
    lags(&story, 30);
    assert_eq!(next(&mut story), Phase::CatchingUp);
    story.world().forward.earlier = Some(vec![30, 400, 400]);
    assert_eq!(next(&mut story), Phase::CatchingUp);
    story.world().forward.earlier = Some(vec![30, 30, 400]);
    assert_eq!(next(&mut story), Phase::Ready);
    assert_eq!(story.actions(), [Action::Monitor; 4]);
    let told = story.world().notices.last().unwrap().text();
    assert!(
        told.contains("Reads may move. To begin: aws lambda invoke"),
        "{told}"
    );
}

#[test]
fn a_reading_at_the_limit_is_good_and_one_above_it_is_not() {
    for (seconds, expected) in [(60, Phase::Ready), (61, Phase::CatchingUp)] {
        let mut story = Story::fresh();
        lags(&story, seconds);
        story.monitor();
        assert_eq!(phase(&story), expected, "{seconds} s");
    }
}

#[test]
fn readings_of_an_earlier_phase_do_not_make_it_ready() {
    let mut story = created();
    loads(&story, 90);
    story.monitor();
    story.world().advance(600);
    loads(&story, 100);
    // Nine earlier readings say 0 s: nothing was replicated then.
    story.monitor();
    assert_eq!(phase(&story), Phase::CatchingUp);
    assert_eq!(next(&mut story), Phase::CatchingUp);
    assert_eq!(next(&mut story), Phase::Ready);
}

#[test]
fn what_was_ready_and_falls_behind_catches_up_again() {
    let mut story = Story::fresh();
    story.monitor();
    assert_eq!(phase(&story), Phase::Ready);
    lags(&story, 61);
    assert_eq!(next(&mut story), Phase::CatchingUp);
    let told = story.world().notices.last().unwrap().clone();
    assert_eq!(told.severity.name(), "warning");
    lags(&story, 10);
    story.world().forward.earlier = Some(vec![61; 9]);
    assert_eq!(next(&mut story), Phase::CatchingUp);
    story.world().forward.earlier = None;
    assert_eq!(next(&mut story), Phase::Ready);
    story.world().forward.hidden = Some("AccessDenied".to_owned());
    assert_eq!(next(&mut story), Phase::CatchingUp);
}

#[test]
fn a_task_that_writes_nothing_for_long_is_ready_all_the_same() {
    let mut story = Story::fresh();
    lags(&story, 0);
    story.monitor();
    assert_eq!(phase(&story), Phase::Ready);
    let calls = story.world().calls.len();
    for _ in 0..60 {
        assert_eq!(next(&mut story), Phase::Ready);
    }
    let world = story.world();
    assert!(!world.calls[calls..].contains(&world::faults::Op::WriteState));
    assert_eq!((world.head(), world.notices.len()), (1, 1));
}

#[test]
fn a_full_load_that_ended_without_an_event_is_found_by_the_clock() {
    let mut story = created();
    story.monitor();
    loads(&story, 50);
    let report = story.monitor();
    assert_eq!(
        report.missed_events,
        ["STARTED never arrived; Describe says running; continued"]
    );
    loads(&story, 100);
    story.world().advance(60);
    story.monitor();
    assert_eq!(phase(&story), Phase::CatchingUp);
    // A task that only loads stops when it has loaded.
    let mut story = created().with(|world| world.forward.kind = Some(MigrationType::FullLoad));
    loads(&story, 50);
    story.monitor();
    {
        let mut world = story.world();
        world.forward.full_load_percent = Some(100);
        world.forward.status = TaskStatus::Stopped;
        world.forward.stop_reason = "Stop Reason FULL_LOAD_ONLY_FINISHED".to_owned();
    }
    let report = story.monitor();
    assert_eq!(
        report.missed_events,
        ["STOPPED never arrived; Describe says stopped; continued"]
    );
    assert_eq!(
        (phase(&story), story.held()),
        (Phase::CatchingUp, vec!["replication".to_owned()])
    );
}

#[test]
fn the_updaters_tick_does_not_hide_what_was_missed() {
    let mut story = Story::fresh().reads_at(50);
    story.minutes(2);
    story.world().forward.status = TaskStatus::Stopped;
    story.world().forward.stop_reason = "Stop Reason NORMAL".to_owned();
    let _tick = story.tick();
    assert_eq!(
        story.monitor().missed_events,
        ["STOPPED never arrived; Describe says stopped; continued"]
    );
    assert!(story.monitor().missed_events.is_empty());
}

#[test]
fn an_event_that_came_is_not_missed() {
    let mut story = created();
    story.monitor();
    loads(&story, 50);
    assert!(story.task_tells("STARTED").missed_events.is_empty());
    assert!(story.monitor().missed_events.is_empty());
}

#[test]
fn tables_in_error_and_mismatches_hold_once_traffic_moves_and_never_move_it() {
    let trouble = [
        (
            Tables {
                errored: 1,
                mismatched: 0,
            },
            Code::TablesInError,
        ),
        (
            Tables {
                errored: 0,
                mismatched: 2,
            },
            Code::ValidationMismatch,
        ),
    ];
    for (tables, code) in trouble {
        let mut story = Story::fresh();
        story.monitor();
        story.world().forward.tables = Seen::Known(tables.clone());
        story.monitor();
        assert_eq!(story.head(), 1, "nothing has moved yet");
        story.world().forward.tables = Seen::Known(Tables::default());
        let mut story = story.reads_at(50);
        story.world().forward.tables = Seen::Known(tables);
        story.monitor();
        let held = story.state().record.held;
        assert_eq!((held[0].by.as_str(), held[0].code), ("replication", code));
        assert_eq!((story.target(Pair::Reader), phase(&story)), (50, Phase::Shifting));
        assert_eq!(story.actions().last(), Some(&Action::Hold));
        story.world().forward.tables = Seen::Known(Tables::default());
        story.monitor();
        assert!(story.held().is_empty());
        assert_eq!(story.actions().last(), Some(&Action::Release));
        story.agrees();
    }
}

#[test]
fn table_statistics_that_cannot_be_read_are_no_table_in_error() {
    let mut story = Story::fresh().reads_at(50);
    story.world().forward.tables = Seen::Unknown("throttled".to_owned());
    let head = story.head();
    story.minutes(5);
    assert_eq!((story.head(), story.held().len()), (head, 0));
    // A move is another matter.
    let report = story.shift(60).report();
    assert_eq!(world::story::codes(&report), [Code::TablesInError]);
}
