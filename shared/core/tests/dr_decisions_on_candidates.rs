//! What the clock decides about the candidate, a migration beside it, and a writer that somebody else moved.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_case;

use cutover_core::blocker::Code;
use cutover_core::dr::candidate;
use cutover_core::dr::decide::Decision;
use cutover_core::dr::observation::{Far, MigrationSeen, Probed};
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::policy::Mode;
use cutover_core::dr::record::Would;
use cutover_core::dr::side::Side;
use cutover_core::observation::AlarmState;
use cutover_core::replication::Seen;
use cutover_core::text::Text;
use dr_case::Case;
use dr_case::built::{ALARM, ago, alarm, moving, now};

#[track_caller]
fn held(case: &Case, code: Code) {
    assert_eq!(case.holds(), [code]);
}

fn unknown<T>() -> Seen<T> {
    Seen::Unknown("no datapoint".to_owned())
}

#[test]
fn in_mode_observe_it_says_once_for_each_outage_what_it_would_have_done() {
    let observe = || Case::lost().set(|settings| settings.policy.mode = Mode::Observe);
    let intent = observe().goes();
    assert_eq!(intent.action, Action::WouldPromote);
    assert!(intent.plan.steps.is_empty());
    assert_eq!(intent.record.writer, Side::Primary);
    let would = Would {
        at: now(),
        loss_seconds: 21,
    };
    assert_eq!(intent.record.would, [would]);
    let mut again = observe();
    again.record(|record| *record = intent.record.clone());
    held(&again, Code::NotArmed);
    // Another suspicion is another outage.
    again.record(|record| {
        record.since = now();
        record.would[0].at = ago(1);
    });
    assert_eq!(again.goes().action, Action::WouldPromote);
    // What speaks against a promotion speaks against having promoted.
    held(&observe().see(|seen| seen.lag = unknown()), Code::LossUnknown);
}

#[test]
fn in_mode_approve_it_asks_and_does_nothing() {
    let case = Case::lost().set(|settings| settings.policy.mode = Mode::Approve);
    held(&case, Code::ApprovalNeeded);
    let Decision::Hold(blockers) = case.decide() else {
        panic!()
    };
    assert!(blockers[0].message.contains("FailoverGlobalCluster"));
    assert!(blockers[0].message.contains("21 s"), "{}", blockers[0].message);
}

#[test]
fn arming_overrides_the_configurations_mode_and_default_gives_it_back() {
    let arm = |mode: &str| Case::lost().asked(&format!(r#"{{"action":"arm","mode":"{mode}"}}"#));
    let observing = arm("observe").goes();
    assert_eq!(observing.action, Action::Arm);
    assert_eq!(observing.record.armed, Some(Mode::Observe));
    let mut case = Case::lost();
    case.record(|record| *record = observing.record.clone());
    assert_eq!(case.goes().action, Action::WouldPromote);
    let mut back = arm("default");
    back.record(|record| *record = observing.record.clone());
    assert_eq!(back.goes().record.armed, None);
    let mut same = arm("observe");
    same.record(|record| *record = observing.record.clone());
    assert!(same.rests().contains("observe already"));
}

#[test]
fn a_cluster_that_could_not_serve_is_not_promoted() {
    let candidate = |change: fn(&mut cutover_core::dr::observation::ClusterSeen)| {
        Case::lost().see_cluster(Side::Dr, change).holds()
    };
    assert_eq!(candidate(|dr| dr.instances.clear()), [Code::NoInstances]);
    let rebooting = candidate(|dr| {
        for instance in &mut dr.instances {
            "rebooting".clone_into(&mut instance.status);
        }
    });
    assert_eq!(rebooting, [Code::ClusterNotAvailable]);
    assert_eq!(
        candidate(|dr| "backing-up".clone_into(&mut dr.status)),
        [Code::ClusterNotAvailable]
    );
}

#[test]
fn a_candidate_that_cannot_be_read_is_not_promoted() {
    let case = Case::lost().see(|seen| seen.dr = Far::Unknown("AccessDenied".to_owned()));
    assert_eq!(case.holds(), [Code::ClusterNotAvailable, Code::NotReplicating]);
}

#[test]
fn another_parameter_group_is_a_warning_and_stops_nothing() {
    let case = Case::quiet().see_cluster(Side::Dr, |dr| {
        dr.parameter_group = Some("default.aurora-postgresql16".to_owned());
        dr.instances.truncate(1);
    });
    let warnings = candidate::warnings(Side::Dr, &case.seen);
    assert!(
        warnings[0].contains("default.aurora-postgresql16"),
        "{warnings:?}"
    );
    assert!(warnings[1].contains("1 instances"), "{warnings:?}");
    assert!(candidate::warnings(Side::Dr, &Case::quiet().seen).is_empty());
    let lost = Case::lost().see_cluster(Side::Dr, |dr| dr.parameter_group = None);
    assert_eq!(lost.goes().action, Action::Promote);
}

#[test]
fn a_migration_in_the_middle_of_its_cutover_holds_a_promotion() {
    let phase = |phase: &str| {
        Far::Known(MigrationSeen {
            phase: phase.to_owned(),
        })
    };
    held(
        &Case::lost().migration(phase("cutting-over")),
        Code::MigrationRunning,
    );
    for other in ["shifting", "cut-over", "ready", "completed"] {
        let case = Case::lost().migration(phase(other));
        assert_eq!(case.goes().action, Action::Promote, "{other}");
    }
}

#[test]
fn a_migration_whose_region_is_gone_counts_as_it_was_last_seen() {
    let gone = |kept: Option<&str>| {
        Case::lost()
            .migration(Far::Unreachable("no answer".to_owned()))
            .remember(|state| state.migration = kept.map(Text::new))
    };
    held(&gone(Some("cutting-over")), Code::MigrationRunning);
    assert_eq!(gone(Some("shifting")).goes().action, Action::Promote);
    assert_eq!(gone(None).goes().action, Action::Promote);
}

#[test]
fn all_that_speaks_against_it_is_said_at_once() {
    let mut case = Case::lost().see(|seen| {
        seen.lag = unknown();
        seen.primary_probe = Probed::Answers { writes: Some(true) };
    });
    case.record(|record| record.blocked_until = Some(ago(-60)));
    // Of the three that are left, the alarm and the region's own silence are a quorum.
    let expected = [Code::PrimaryAlive, Code::LossUnknown, Code::BlockPeriod];
    assert_eq!(case.holds(), expected);
}

#[test]
fn a_writer_that_was_moved_by_somebody_else_is_adopted_and_not_promoted_again() {
    let case = Case::lost().see(|seen| seen.global = Some(Far::Known(dr_case::built::global(Side::Dr))));
    let intent = case.goes();
    assert_eq!(intent.action, Action::Adopt);
    assert_eq!(intent.record.writer, Side::Dr);
    assert!(intent.record.blocked_until.is_some());
    assert!(intent.plan.steps.iter().all(|step| step.verb().is_none()));
    // And back again.
    let mut back = Case::over();
    back.seen.global = Some(Far::Known(dr_case::built::global(Side::Primary)));
    assert_eq!(back.goes().record.writer, Side::Primary);
}

#[test]
fn while_aws_moves_the_writer_it_waits() {
    for status in ["pending", "failing-over", "switching-over", "cancelling"] {
        let case = Case::lost().see_global(|global| global.failover = Some(moving(Side::Dr, status)));
        assert!(case.is_in_progress().contains(status));
    }
}

#[test]
fn nothing_happens_by_itself_once_failed_over() {
    let case = Case::over().see(|seen| {
        seen.dr_probe = Probed::Silent("no answer".to_owned());
        seen.alarms = vec![
            alarm(ALARM, AlarmState::Alarm),
            alarm("second", AlarmState::Alarm),
        ];
    });
    assert!(case.rests().contains("the DR cluster serves"));
}

#[test]
fn what_a_person_has_to_look_at_is_left_alone() {
    let mut case = Case::lost();
    case.record(|record| record.phase = Phase::NeedsHuman);
    assert!(case.rests().contains("a person"));
}

#[test]
fn a_writer_that_cannot_be_read_is_no_reason_to_act_and_a_bad_signal_beside_it_is_told() {
    let unread = |case: Case| case.see(|seen| seen.global = Some(Far::Unknown("AccessDenied".to_owned())));
    assert!(unread(Case::quiet()).rests().contains("nothing says"));
    held(&unread(Case::lost()), Code::WriterUnknown);
}
