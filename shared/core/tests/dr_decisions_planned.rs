//! What a planned move of the writer is judged by: switchover, failback, drill.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_case;

use cutover_core::blocker::Code;
use cutover_core::dr::observation::{Far, LagSeen, MigrationSeen};
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::plan::{Equipment, Step};
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use cutover_core::dr::window::Window;
use cutover_core::observation::AlarmState;
use cutover_core::replication::Seen;
use dr_case::Case;
use dr_case::built::{ALARM, ago, alarm, moving, now};
const SWITCHOVER: &str = r#"{"action":"switchover"}"#;
const FAILBACK: &str = r#"{"action":"failback"}"#;
const DRILL: &str = r#"{"action":"drill"}"#;

fn verb_of(case: &Case) -> Verb {
    let steps = case.goes().plan.steps;
    steps.iter().find_map(Step::verb).unwrap().clone()
}

fn names(case: &Case) -> Vec<&'static str> {
    case.goes().plan.steps.iter().map(Step::name).collect()
}

fn drifted(case: Case) -> Case {
    case.see_cluster(Side::Dr, |dr| "16.6".clone_into(&mut dr.engine_version))
        .see_cluster(Side::Primary, |primary| {
            "15.6".clone_into(&mut primary.engine_version);
        })
}

#[test]
fn a_switchover_asks_the_hook_freezes_the_migration_and_waits_to_be_level_first() {
    let case = Case::quiet().asked(SWITCHOVER).set(|settings| {
        settings.equipment = Equipment {
            migration: true,
            pre_hook: true,
            ..Equipment::default()
        };
    });
    let expected = [
        "ask-hook",
        "freeze-migration",
        "await-level",
        "promote",
        "await-role",
        "publish-serve-metric",
        "verify-writer",
    ];
    assert_eq!(names(&case), expected);
    let intent = case.goes();
    assert_eq!(intent.record.writer, Side::Dr);
    assert_eq!(
        intent.record.blocked_until, None,
        "it loses nothing and blocks nothing"
    );
}

#[test]
fn a_switchover_is_refused_unless_replication_is_known_young_and_small() {
    let lag = |lag: Seen<LagSeen>| Case::quiet().asked(SWITCHOVER).see(|seen| seen.lag = lag);
    let read = |milliseconds, seconds| {
        lag(Seen::Known(LagSeen {
            milliseconds,
            at: ago(seconds),
        }))
    };
    assert_eq!(
        lag(Seen::Unknown("no datapoint".to_owned())).refuses(),
        [Code::LagUnknown]
    );
    assert_eq!(read(0, 181).refuses(), [Code::LagStale]);
    assert_eq!(read(5_001, 20).refuses(), [Code::LagTooHigh]);
    assert_eq!(read(5_000, 180).goes().action, Action::Switchover);
}

#[test]
fn a_switchover_is_refused_unless_both_sides_are_well_alike_and_left_alone() {
    let ask = || Case::quiet().asked(SWITCHOVER);
    for side in [Side::Primary, Side::Dr] {
        let modifying = ask().see_cluster(side, |cluster| "modifying".clone_into(&mut cluster.status));
        assert_eq!(modifying.refuses(), [Code::ClusterNotAvailable], "{side}");
        let empty = ask().see_cluster(side, |cluster| cluster.instances.clear());
        assert_eq!(empty.refuses(), [Code::NoInstances], "{side}");
    }
    assert_eq!(drifted(ask()).refuses(), [Code::VersionDrift]);
    let at_it = ask().see_global(|global| global.failover = Some(moving(Side::Dr, "pending")));
    assert_eq!(at_it.refuses(), [Code::InProgress]);
    assert_eq!(ask().with_replica().refuses(), [Code::SwitchoverUnsupported]);
    let unread = ask().see(|seen| seen.global = Some(Far::Unknown("denied".to_owned())));
    assert_eq!(unread.holds(), [Code::WriterUnknown]);
}

#[test]
fn a_switchover_waits_for_a_migration_that_moves_traffic() {
    let phase = |phase: &str| {
        Case::quiet()
            .asked(SWITCHOVER)
            .migration(Far::Known(MigrationSeen {
                phase: phase.to_owned(),
            }))
    };
    for moving in ["shifting", "cutting-over", "rolling-back"] {
        assert_eq!(phase(moving).refuses(), [Code::MigrationRunning], "{moving}");
    }
    for resting in ["ready", "cut-over", "rolled-back", "completed"] {
        assert_eq!(phase(resting).goes().action, Action::Switchover, "{resting}");
    }
}

#[test]
fn a_failback_is_a_switchover_to_the_original_with_the_same_gates() {
    let case = Case::over().asked(FAILBACK);
    let intent = case.goes();
    assert_eq!(
        (intent.action, intent.during),
        (Action::Failback, Phase::FailingBack)
    );
    assert_eq!(verb_of(&case), Verb::SwitchoverGlobalCluster);
    assert_eq!(
        (intent.record.writer, intent.record.phase),
        (Side::Primary, Phase::Normal)
    );
    let stale = case.see(|seen| seen.lag = Seen::Unknown("no datapoint".to_owned()));
    assert_eq!(stale.refuses(), [Code::LagUnknown]);
    assert!(Case::quiet().asked(FAILBACK).rests().contains("is the writer"));
}

#[test]
fn a_drill_goes_there_and_remembers_to_go_back() {
    let intent = Case::quiet().asked(DRILL).goes();
    assert_eq!(intent.action, Action::Drill);
    assert!(intent.record.drilling && intent.record.writer == Side::Dr);
    let mut half = Case::over();
    half.record(|record| *record = intent.record.clone());
    let back = half.goes();
    assert_eq!(
        (back.action, back.record.writer),
        (Action::DrillBack, Side::Primary)
    );
    assert!(!back.record.drilling);
}

#[test]
fn a_drill_needs_a_quiet_day_and_the_primary_as_the_writer() {
    let ringing = Case::quiet()
        .asked(DRILL)
        .see(|seen| seen.alarms = vec![alarm(ALARM, AlarmState::Alarm)]);
    assert_eq!(ringing.refuses(), [Code::AlarmActive]);
    // The moment of all these tests is a Friday, 08:00.
    let window = |text: &str| {
        let window = Window::parse(text).unwrap();
        Case::quiet()
            .asked(DRILL)
            .set(|settings| settings.policy.drill_blocked = vec![window])
    };
    assert!(Window::parse("fri 08:00-09:00").unwrap().holds(now()));
    assert_eq!(window("fri 08:00-09:00").refuses(), [Code::BlockedWindow]);
    assert_eq!(window("fri 09:00-10:00").goes().action, Action::Drill);
    assert!(Case::over().asked(DRILL).refuses().is_empty());
}
