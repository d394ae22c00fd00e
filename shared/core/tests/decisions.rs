//! What operators see when they move reads, through the public door.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::observation::{AlarmPolicy, AlarmSeen, AlarmState};
use cutover_core::phase::Phase;
use cutover_core::replication::{MigrationType, Seen, Tables, TaskStatus};
use cutover_core::report::Outcome;
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
        suppressed: false,
    }])
}

/// What is wrong, its code, and what its sentence must say.
type Wrong = (Code, &'static str, fn(&mut Inner));

const WRONGS: [Wrong; 13] = [
    (Code::LagTooHigh, "75 s, limit 60 s", |world| {
        world.forward.lag = Some((70, 5, Some(9)));
    }),
    (Code::LagUnknown, "no datapoint", |world| world.forward.lag = None),
    (Code::LagStale, "181 s old, limit 180 s", |world| {
        world.forward.reading_age_seconds = 181;
    }),
    (Code::ReplicationNotRunning, "stopped", |world| {
        world.forward.status = TaskStatus::Stopped;
    }),
    (Code::ReplicationNotRunning, "99 %", |world| {
        world.forward.full_load_percent = Some(99);
    }),
    (Code::ReplicationNotRunning, "only does a full load", |world| {
        world.forward.kind = Some(MigrationType::FullLoad);
    }),
    (Code::ReplicationNotRunning, "denied", |world| {
        world.forward.hidden = Some("denied".to_owned());
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
        world.zone.edit(Pair::Reader, 7, 3);
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
