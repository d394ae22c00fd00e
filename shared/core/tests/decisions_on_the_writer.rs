//! What operators see when the writer moves, there and back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::journal::Outcome as Ended;
use cutover_core::phase::{Action, Phase};
use cutover_core::replication::TaskStatus;
use cutover_core::report::Outcome;
use cutover_core::viability::Viability;
use cutover_core::weight::Pair;
use world::Inner;
use world::story::{Story, codes};

const CUTOVER: &str = r#"{"action":"manual_cutover","writes_stopped":true}"#;
const ROLLBACK: &str = r#"{"action":"rollback"}"#;

/// The code that a cutover gives up with, and what spoils it.
type Spoil = (Code, fn(&mut Inner));

#[test]
fn a_cutover_of_a_separate_pair_moves_reads_drains_starts_the_way_back_and_flips() {
    let mut story = Story::fresh()
        .reads_at(20)
        .with(|world| world.forward.reading_age_seconds = 50);
    let began = story.send(CUTOVER).report();
    assert_eq!(
        (began.outcome, began.phase),
        (Outcome::InProgress, Phase::CuttingOver)
    );
    assert_eq!(began.waiting_on, ["drained"]);
    assert_eq!((story.target(Pair::Reader), story.target(Pair::Writer)), (100, 0));
    assert_eq!(story.send(CUTOVER).report().outcome, Outcome::InProgress);
    assert_eq!(codes(&story.shift(100).report()), [Code::InProgress]);
    story.until_quiet();
    assert_eq!(
        (story.target(Pair::Reader), story.target(Pair::Writer)),
        (100, 100)
    );
    assert!(story.world().reverse.as_ref().unwrap().is_running());
    let state = story.state();
    assert_eq!(
        (state.record.phase, state.outcome, story.head()),
        (Phase::CutOver, Ended::Finished, 2)
    );
    assert_eq!(state.rollback, Viability::Lossless);
    story.agrees();
}

#[test]
fn a_cutover_of_one_shared_name_flips_it_whole() {
    let story = Story::fresh_shared().cut_over();
    let path: Vec<u8> = story
        .world()
        .zone
        .path(Pair::Shared)
        .iter()
        .map(|weights| weights.target)
        .collect();
    assert_eq!(path, [0, 100]);
    story.agrees();
}

#[test]
fn a_cutover_needs_stopped_writes_and_a_way_back() {
    let mut story = Story::fresh().with(|world| world.reverse = None);
    let held = story.send(r#"{"action":"manual_cutover"}"#).report();
    assert_eq!(codes(&held), [Code::ReverseNotReady, Code::WritesNotStopped]);
    let stopped = story.with(|world| world.forward.status = TaskStatus::Stopped);
    let mut story = stopped;
    let forced = story
        .send(r#"{"action":"manual_cutover","writes_stopped":true,"force":["replication-not-running"]}"#);
    let held = forced.report();
    assert!(
        codes(&held).contains(&Code::ReplicationNotRunning),
        "no word makes a drain true"
    );
    assert_eq!(story.head(), 0);
}

#[test]
fn a_cutover_that_fails_at_any_wait_goes_all_the_way_back() {
    let spoils: [Spoil; 4] = [
        (Code::NotDrained, |world| {
            world.forward.lag = Some((0, 1, Some(1)));
        }),
        (Code::NotDrained, |world| {
            world.forward.lag = Some((0, 0, Some(4)));
        }),
        (Code::ReplicationNotRunning, |world| {
            world.forward.lag = Some((0, 1, None));
        }),
        (Code::ReverseNotReady, |world| {
            world.reverse.as_mut().unwrap().start_seconds = 100_000;
        }),
    ];
    for (code, spoil) in spoils {
        let mut story = Story::fresh().reads_at(20).with(spoil);
        assert_eq!(story.send(CUTOVER).report().outcome, Outcome::InProgress);
        if code == Code::ReplicationNotRunning {
            story.world().forward.status = TaskStatus::Failed;
        }
        if code == Code::ReverseNotReady {
            // It starts in the end, and only then can it be stopped.
            story.ticks(12);
            story.world().reverse.as_mut().unwrap().status = TaskStatus::Running;
        }
        story.until_quiet();
        assert_eq!(
            (story.target(Pair::Reader), story.target(Pair::Writer)),
            (20, 0),
            "{code}"
        );
        let state = story.state();
        assert_eq!(
            (state.record.phase, state.outcome),
            (Phase::Shifting, Ended::Finished),
            "{code}"
        );
        let undo = story.world().journal[&3].clone();
        assert_eq!(
            (undo.action, undo.previous.outcome),
            (Action::Undo, Ended::Undone)
        );
        assert!(!undo.reason.is_empty());
        assert!(
            story.told().iter().any(|told| told.contains("taken back")),
            "{:?}",
            story.told()
        );
        story.agrees();
    }
}

#[test]
fn a_rollback_of_reads_is_immediate_and_loses_nothing() {
    let mut story = Story::fresh()
        .reads_at(80)
        .with(|world| world.forward.status = TaskStatus::Failed);
    let back = story.send(ROLLBACK).report();
    assert_eq!(
        (back.outcome, back.phase, back.rollback),
        (Outcome::Done, Phase::RolledBack, Viability::Lossless)
    );
    assert_eq!(story.target(Pair::Reader), 0);
    assert_eq!(story.send(ROLLBACK).report().outcome, Outcome::Unchanged);
}

#[test]
fn a_rollback_of_the_writer_waits_until_its_writes_were_carried_back() {
    let mut story = Story::fresh().cut_over();
    story.world().reverse.as_mut().unwrap().lag = Some((20, 20, Some(900)));
    let waits = story.send(ROLLBACK).report();
    assert_eq!(
        (waits.outcome, waits.waiting_on),
        (Outcome::InProgress, vec!["carried-back".to_owned()])
    );
    assert_eq!(story.target(Pair::Writer), 100);
    assert_eq!(story.send(ROLLBACK).report().outcome, Outcome::InProgress);
    story.ticks(1);
    assert_eq!(story.target(Pair::Writer), 100);
    story.world().reverse.as_mut().unwrap().lag = Some((0, 1, Some(0)));
    story.until_quiet();
    assert_eq!((story.target(Pair::Reader), story.target(Pair::Writer)), (0, 0));
    assert_eq!(story.state().record.phase, Phase::RolledBack);
    story.agrees();
}

#[test]
fn a_rollback_that_is_never_carried_back_leaves_the_writer_and_says_why() {
    let mut story = Story::fresh().cut_over();
    story.world().reverse.as_mut().unwrap().lag = Some((20, 20, Some(900)));
    let _waits = story.send(ROLLBACK).report();
    story.until_quiet();
    assert_eq!(story.target(Pair::Writer), 100);
    let state = story.state();
    assert_eq!(
        (state.record.phase, state.outcome),
        (Phase::CutOver, Ended::Undone)
    );
    assert!(story.told().iter().any(|told| told.contains("not carried out")));
    story.agrees();
}

#[test]
fn a_rollback_that_would_lose_writes_asks_a_person_with_the_seconds_at_stake() {
    let spoils: [fn(&mut Inner); 3] = [
        |world| world.reverse.as_mut().unwrap().status = TaskStatus::Stopped,
        |world| world.reverse = None,
        |world| world.reverse.as_mut().unwrap().hidden = Some("denied".to_owned()),
    ];
    for spoil in spoils {
        let mut story = Story::fresh().cut_over().with(spoil);
        story.world().advance(300);
        let asks = story.send(ROLLBACK).report();
        assert_eq!(
            (asks.outcome, codes(&asks)),
            (Outcome::NeedsHuman, vec![Code::RollbackLossy])
        );
        let Viability::Lossy { seconds } = asks.rollback else {
            panic!("{:?}", asks.rollback)
        };
        assert!(
            seconds >= 300 && asks.message.contains(&format!("{seconds} s")),
            "{}",
            asks.message
        );
        assert_eq!((story.target(Pair::Writer), story.head()), (100, 1));
        let _back = story
            .send(r#"{"action":"rollback","accept_data_loss":true}"#)
            .report();
        story.until_quiet();
        assert_eq!(story.target(Pair::Writer), 0);
        story.agrees();
    }
}

#[test]
fn a_rollback_overtakes_a_cutover_whose_writer_has_flipped() {
    let mut story = Story::fresh().with(|world| world.zone.propagation_seconds = 600);
    let waits = story.send(CUTOVER).report();
    assert_eq!(
        (waits.outcome, story.target(Pair::Writer)),
        (Outcome::InProgress, 100)
    );
    story.world().reverse.as_mut().unwrap().lag = Some((5, 5, Some(50)));
    let _back = story.send(ROLLBACK).report();
    // Nothing carries the writes back: the rollback gives up, and the cutover's traffic stands.
    story.ticks(15);
    assert_eq!(
        (story.state().record.phase, story.target(Pair::Writer)),
        (Phase::CutOver, 100)
    );
    story.world().reverse.as_mut().unwrap().lag = Some((0, 0, Some(0)));
    let _back = story.send(ROLLBACK).report();
    story.until_quiet();
    assert_eq!(
        (story.state().record.phase, story.target(Pair::Writer)),
        (Phase::RolledBack, 0)
    );
    story.agrees();
}

#[test]
fn complete_gives_up_the_way_back_and_nothing_moves_after_it() {
    let mut story = Story::fresh();
    assert_eq!(
        story.send(r#"{"action":"complete"}"#).report().outcome,
        Outcome::Refused
    );
    let mut story = Story::fresh().cut_over();
    let done = story.send(r#"{"action":"complete"}"#).report();
    assert_eq!(
        (done.outcome, done.phase, done.rollback),
        (Outcome::Done, Phase::Completed, Viability::Impossible)
    );
    story.until_quiet();
    assert!(!story.world().reverse.as_ref().unwrap().is_running());
    assert_eq!(story.send(ROLLBACK).report().outcome, Outcome::Refused);
    assert_eq!(
        story.send(r#"{"action":"complete"}"#).report().outcome,
        Outcome::Unchanged
    );
    assert_eq!(story.shift(20).report().outcome, Outcome::Refused);
    story.agrees();
}
