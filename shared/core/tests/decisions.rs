//! What operators see, through the public door.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::command::Command;
use cutover_core::error::Class;
use cutover_core::journal::Outcome as Ended;
use cutover_core::observation::{AlarmPolicy, AlarmSeen, AlarmState};
use cutover_core::phase::{Action, Phase};
use cutover_core::replication::{MigrationType, Seen, Tables, TaskStatus};
use cutover_core::report::Outcome;
use cutover_core::viability::Viability;
use cutover_core::weight::Pair;
use world::Inner;
use world::faults::Op;
use world::story::{Story, codes};
use world::tasks::TaskModel;

const CUTOVER: &str = r#"{"action":"manual_cutover","writes_stopped":true}"#;
const ROLLBACK: &str = r#"{"action":"rollback"}"#;
const STATUS: &str = r#"{"action":"status"}"#;

#[test]
fn reads_move_up_and_down_and_stay_where_they_are() {
    let mut story = Story::fresh();
    let up = story.shift(50).report();
    assert_eq!(
        (up.outcome, up.phase, up.generation.number()),
        (Outcome::Done, Phase::Shifting, 1)
    );
    assert_eq!(up.waiting_on, ["reader-in-sync"]);
    assert_eq!(story.target(Pair::Reader), 50);
    let same = story.shift(50).report();
    assert_eq!((same.outcome, story.head()), (Outcome::Unchanged, 1));
    let down = story.shift(20).report();
    assert_eq!(
        (down.outcome, story.target(Pair::Reader), story.head()),
        (Outcome::Done, 20, 2)
    );
    assert_eq!(story.target(Pair::Writer), 0);
    story.until_quiet();
    story.agrees();
}

#[test]
fn a_change_is_followed_until_it_has_settled() {
    let mut story = Story::fresh();
    let _done = story.shift(20).report();
    assert_eq!(story.tick().report().waiting_on, ["reader-settled"]);
    assert!(story.tick().report().waiting_on.is_empty());
    assert!(story.state().settled_at.is_some());
    let written = story.state().updated_at;
    story.ticks(5);
    assert_eq!(story.state().updated_at, written, "a quiet hour writes nothing");
}

fn alarm(policy: AlarmPolicy, state: AlarmState) -> Seen<Vec<AlarmSeen>> {
    Seen::Known(vec![AlarmSeen {
        name: "errors".to_owned(),
        policy,
        state,
    }])
}

/// What is wrong, its code, and what its sentence must say.
type Wrong = (Code, &'static str, fn(&mut Inner));

const WRONGS: [Wrong; 13] = [
    (Code::LagTooHigh, "75 s, limit 60 s", |world| {
        world.forward.lag = Some((70, 5, Some(9)))
    }),
    (Code::LagUnknown, "no datapoint", |world| world.forward.lag = None),
    (Code::LagStale, "181 s old, limit 180 s", |world| {
        world.forward.reading_age_seconds = 181
    }),
    (Code::ReplicationNotRunning, "stopped", |world| {
        world.forward.status = TaskStatus::Stopped
    }),
    (Code::ReplicationNotRunning, "99 %", |world| {
        world.forward.full_load_percent = Some(99)
    }),
    (Code::ReplicationNotRunning, "only does a full load", |world| {
        world.forward.kind = Some(MigrationType::FullLoad);
    }),
    (Code::ReplicationNotRunning, "denied", |world| {
        world.forward.hidden = Some("denied".to_owned())
    }),
    (Code::TablesInError, "3 tables", |world| {
        world.forward.tables = Seen::Known(Tables {
            errored: 3,
            mismatched: 0,
        });
    }),
    (Code::ValidationMismatch, "2 tables", |world| {
        world.forward.tables = Seen::Known(Tables {
            errored: 0,
            mismatched: 2,
        });
    }),
    (Code::AlarmActive, "errors is in ALARM", |world| {
        world.alarms = alarm(AlarmPolicy::Hold, AlarmState::Alarm);
    }),
    (Code::AlarmActive, "insufficient", |world| {
        world.alarms = alarm(AlarmPolicy::Rollback, AlarmState::InsufficientData);
    }),
    (Code::TtlTooHigh, "300 s, limit 60 s", |world| {
        world.zone.record(Pair::Reader).ttl_seconds = Some(300);
    }),
    (Code::Drift, "source 7 / target 3", |world| {
        world.zone.edit(Pair::Reader, 7, 3)
    }),
];

#[test]
fn each_reason_holds_with_its_numbers_and_gives_way_to_force_by_its_name() {
    for (code, says, spoil) in WRONGS {
        let mut story = Story::fresh().reads_at(20).with(spoil);
        let held = story.shift(50).report();
        assert_eq!(held.outcome, Outcome::Held, "{code}: {}", held.message);
        assert_eq!(codes(&held), [code], "{}", held.message);
        assert!(
            held.blockers[0].message.contains(says),
            "{}",
            held.blockers[0].message
        );
        assert_eq!(story.head(), 1, "a hold claims nothing");
        let other = if code == Code::Paused { "drift" } else { "paused" };
        let payload = |force: &str| {
            format!(
                r#"{{"action":"gradual_cutover","aurora_weight":50,"force":["{force}"],"reason":"seen"}}"#
            )
        };
        assert_eq!(story.send(&payload(other)).report().outcome, Outcome::Held);
        let forced = story.send(&payload(code.name())).report();
        assert_eq!(
            (forced.outcome, forced.forced.len()),
            (Outcome::Done, 1),
            "{code}: {}",
            forced.message
        );
        assert_eq!(story.world().journal[&2].forced, [code]);
        assert_eq!(story.target(Pair::Reader), 50);
    }
}

#[test]
fn less_on_the_target_needs_no_healthy_replication() {
    let mut story = Story::fresh()
        .reads_at(50)
        .with(|world| world.forward.status = TaskStatus::Failed);
    assert_eq!(story.shift(20).report().outcome, Outcome::Done);
}

#[test]
fn an_alarm_that_only_notifies_holds_nothing() {
    let mut story = Story::fresh().with(|world| world.alarms = alarm(AlarmPolicy::Notify, AlarmState::Alarm));
    assert_eq!(story.shift(20).report().outcome, Outcome::Done);
}

#[test]
fn a_missing_record_holds_everything_and_no_force_helps() {
    let mut story = Story::fresh()
        .with(|world| world.zone.record(Pair::Writer).missing = Some("no WRITER_RECORD_NAME".to_owned()));
    for payload in [
        r#"{"action":"gradual_cutover","aurora_weight":20,"force":["drift"]}"#,
        CUTOVER,
        ROLLBACK,
    ] {
        let held = story.send(payload).report();
        assert_eq!((held.outcome, held.traffic), (Outcome::Held, None));
        assert!(codes(&held).contains(&Code::RecordMissing) && held.message.contains("WRITER_RECORD_NAME"));
    }
    assert_eq!(story.head(), 0);
}

#[test]
fn writes_are_split_only_while_both_tasks_run_or_by_force_with_a_reason() {
    let mut story = Story::fresh_shared();
    assert_eq!(codes(&story.shift(50).report()), [Code::SplitWritesUnsafe]);
    let force = r#"{"action":"gradual_cutover","aurora_weight":50,"force":["split-writes-unsafe"]}"#;
    let held = story.send(force).report();
    assert!(
        held.outcome == Outcome::Held && held.message.contains("say why"),
        "{}",
        held.message
    );
    let mut both = Story::fresh_shared().with(|world| world.reverse = Some(TaskModel::running()));
    assert_eq!(both.shift(50).report().outcome, Outcome::Done);
    let with_reason = force.replace("]}", r#"],"reason":"read-only app"}"#);
    assert_eq!(story.send(&with_reason).report().outcome, Outcome::Done);
}

#[test]
fn a_ladder_is_climbed_by_ticks_once_each_rung_has_settled_and_baked() {
    let mut story = Story::fresh();
    let first = story
        .send(r#"{"action":"gradual_cutover","ladder":[20,50,100],"bake_minutes":10}"#)
        .report();
    assert_eq!((first.outcome, story.target(Pair::Reader)), (Outcome::Done, 20));
    // In sync after 40 s, settled 30 s later: seen by the second tick.
    story.ticks(2);
    let baking = story.tick().report();
    assert_eq!(
        (baking.outcome, codes(&baking)),
        (Outcome::Held, vec![Code::Baking])
    );
    assert!(baking.message.contains("baked 1 of 10 min"), "{}", baking.message);
    assert!(story.state().hold.is_none(), "baking is the plan, not a hold");
    story.ticks(8);
    assert_eq!(story.target(Pair::Reader), 20);
    story.ticks(1);
    assert_eq!(story.target(Pair::Reader), 50);
    story.ticks(20);
    assert_eq!(story.target(Pair::Reader), 100);
    assert!(story.state().record.ladder.is_none());
    story.until_quiet();
    assert_eq!(story.head(), 3);
    story.agrees();
}

#[test]
fn a_ladder_waits_while_the_lag_is_high_and_says_so_once() {
    let mut story = Story::fresh();
    let _first = story
        .send(r#"{"action":"gradual_cutover","ladder":[20,50],"bake_minutes":1}"#)
        .report();
    story.world().forward.lag = Some((90, 0, Some(9)));
    story.ticks(10);
    assert_eq!(story.target(Pair::Reader), 20);
    assert_eq!(story.state().hold.unwrap().codes, [Code::LagTooHigh]);
    assert_eq!(
        story
            .told()
            .iter()
            .filter(|told| told.starts_with("holding"))
            .count(),
        1
    );
    story.world().forward.lag = Some((1, 0, Some(0)));
    story.until_quiet();
    assert_eq!(story.target(Pair::Reader), 50);
    assert!(story.state().hold.is_none());
}

#[test]
fn a_rung_that_can_not_be_set_stops_the_ladder_and_is_told_once() {
    let mut story = Story::fresh();
    let _first = story
        .send(r#"{"action":"gradual_cutover","ladder":[20,50],"bake_minutes":1}"#)
        .report();
    story.world().script.denied = vec![Op::SetWeights];
    story.ticks(30);
    let told = story.told();
    assert!(told.len() <= 4, "{told:#?}");
    assert!(story.head() <= 3, "{} generations", story.head());
}

#[test]
fn a_pause_stops_the_ladder_until_it_is_resumed() {
    let mut story = Story::fresh();
    let _first = story
        .send(r#"{"action":"gradual_cutover","ladder":[20,50],"bake_minutes":1}"#)
        .report();
    let paused = story.send(r#"{"action":"pause","reason":"backup"}"#).report();
    assert_eq!((paused.outcome, paused.phase), (Outcome::Done, Phase::Shifting));
    story.ticks(10);
    assert_eq!(story.target(Pair::Reader), 20);
    assert!(codes(&story.send(STATUS).report()).contains(&Code::Paused));
    assert!(story.shift(50).report().message.contains("backup"));
    assert_eq!(
        story.send(r#"{"action":"pause"}"#).report().outcome,
        Outcome::Unchanged
    );
    assert_eq!(
        story.send(r#"{"action":"resume"}"#).report().outcome,
        Outcome::Done
    );
    story.until_quiet();
    assert_eq!(story.target(Pair::Reader), 50);
    assert_eq!(
        story.send(r#"{"action":"resume"}"#).report().outcome,
        Outcome::Unchanged
    );
}

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

/// A wait of a cutover, and what spoils it.
#[test]
fn a_cutover_that_fails_at_any_wait_goes_all_the_way_back() {
    let spoils: [(Code, fn(&mut Inner)); 4] = [
        (Code::NotDrained, |world| {
            world.forward.lag = Some((0, 1, Some(1)))
        }),
        (Code::NotDrained, |world| {
            world.forward.lag = Some((0, 0, Some(4)))
        }),
        (Code::ReplicationNotRunning, |world| {
            world.forward.lag = Some((0, 1, None))
        }),
        (Code::ReverseNotReady, |world| {
            world.reverse.as_mut().unwrap().start_seconds = 100_000
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

#[test]
fn a_dry_run_names_the_steps_and_changes_nothing() {
    let mut story = Story::fresh();
    for (action, steps) in [
        (
            r#""action":"gradual_cutover","aurora_weight":20"#,
            vec!["set-reader-weight"],
        ),
        (
            r#""action":"manual_cutover","writes_stopped":true"#,
            vec![
                "set-reader-weight",
                "await-drained",
                "start-reverse",
                "await-reverse",
                "set-writer-weight",
                "await-reader-settled",
                "await-writer-settled",
            ],
        ),
        (r#""action":"pause""#, vec![]),
    ] {
        story.world().calls.clear();
        let report = story.send(&format!(r#"{{{action},"dry_run":true}}"#)).report();
        assert!(report.dry_run && report.outcome == Outcome::Unchanged);
        assert_eq!(
            report
                .steps
                .iter()
                .map(|step| step.step.as_str())
                .collect::<Vec<_>>(),
            steps
        );
        assert!(
            story.world().calls.iter().all(|op| op.is_look()),
            "{:?}",
            story.world().calls
        );
    }
    assert_eq!((story.head(), story.told().len()), (0, 0));
}

#[test]
fn an_expected_generation_that_has_passed_is_refused() {
    let mut story = Story::fresh().reads_at(20);
    let payload = r#"{"action":"gradual_cutover","aurora_weight":50,"expected_generation":0}"#;
    let refused = story.send(payload).report();
    assert_eq!(
        (refused.outcome, codes(&refused)),
        (Outcome::Refused, vec![Code::GenerationMoved])
    );
    assert!(refused.message.contains("at generation 1, expected 0"));
    assert_eq!(
        story.send(&payload.replace(":0}", ":1}")).report().outcome,
        Outcome::Done
    );
}

#[test]
fn drift_is_held_with_both_values_told_once_and_adopted_by_force() {
    let mut story = Story::fresh()
        .reads_at(20)
        .with(|world| world.zone.edit(Pair::Reader, 1, 1));
    story.world().notices.clear();
    story.ticks(5);
    assert_eq!(story.told().len(), 1);
    let hold = story.state().hold.unwrap();
    assert_eq!(hold.codes, [Code::Drift]);
    let said = hold.message.as_str();
    assert!(
        said.contains("source 1 / target 1") && said.contains("source 80 / target 20"),
        "{said}"
    );
    assert_eq!(story.target(Pair::Reader), 1, "nothing is overwritten");
    let adopted = story
        .send(r#"{"action":"gradual_cutover","aurora_weight":60,"force":["drift"]}"#)
        .report();
    assert_eq!((adopted.outcome, story.target(Pair::Reader)), (Outcome::Done, 60));
    story.until_quiet();
    story.agrees();
}

#[test]
fn a_fresh_environment_begins_from_its_records_as_they_are() {
    let mut story = Story::fresh().with(|world| world.zone.edit(Pair::Reader, 70, 30));
    assert_eq!(story.send(STATUS).report().phase, Phase::Shifting);
    story.ticks(3);
    assert!(story.head() == 0 && story.world().snapshot.is_none() && story.told().is_empty());
    assert_eq!(story.shift(50).report().outcome, Outcome::Done);
    assert_eq!(story.world().journal[&1].before.traffic.reader.target, 30);
}

#[test]
fn a_delivery_that_comes_twice_is_carried_out_once() {
    let mut story = Story::fresh();
    let invocation = story.invocation();
    let command = Command::parse(br#"{"action":"gradual_cutover","aurora_weight":20}"#).unwrap();
    assert_eq!(
        story.deliver(&invocation, &command).report().outcome,
        Outcome::Done
    );
    let again = story.deliver(&invocation, &command).report();
    assert_eq!((again.outcome, story.head()), (Outcome::Unchanged, 1));
    assert!(again.message.contains("already decided by this invocation"));
}

#[test]
fn a_lost_snapshot_is_rebuilt_from_the_journal() {
    let mut story = Story::fresh().reads_at(20).reads_at(50);
    {
        let mut world = story.world();
        world.snapshot = None;
        world.snapshot_read = None;
    }
    story.until_quiet();
    let state = story.state();
    assert_eq!(
        (state.generation.number(), state.record.phase),
        (2, Phase::Shifting)
    );
    story.agrees();
    assert_eq!(story.shift(80).report().generation.number(), 3);
}

#[test]
fn a_schema_from_the_future_is_an_error_that_changes_nothing() {
    let mut story = Story::fresh().reads_at(20);
    {
        let mut world = story.world();
        let text = world.snapshot.take().unwrap();
        world.snapshot = Some(text.replacen("\"schema\":1", "\"schema\":2", 1));
        world.snapshot_read = None;
    }
    let text = story.world().snapshot.clone();
    let failure = story.shift(50).failure();
    assert_eq!(failure.class, Class::Permanent);
    assert!(failure.chain().contains("schema 2"), "{}", failure.chain());
    let tick = story.tick().report();
    assert!(tick.outcome == Outcome::NeedsHuman && tick.message.contains("schema 2"));
    assert_eq!(
        (
            story.head(),
            story.target(Pair::Reader),
            story.world().snapshot.clone()
        ),
        (1, 20, text)
    );
}

#[test]
fn a_notice_that_cannot_be_sent_blocks_nothing() {
    let mut story = Story::fresh().with(|world| world.script.denied = vec![Op::Publish]);
    let report = story.shift(20).report();
    assert_eq!(report.outcome, Outcome::Done);
    let notify = report.steps.iter().find(|step| step.step == "notify").unwrap();
    assert!(
        notify.result.contains("failed") && notify.result.contains("AccessDenied"),
        "{}",
        notify.result
    );
    let _waits = story.send(CUTOVER).report();
    story.until_quiet();
    assert_eq!(story.state().record.phase, Phase::CutOver);
    story.agrees();
}
