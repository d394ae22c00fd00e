//! What the clock and events decide by themselves: each rule for and against a promotion that nobody asked for.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_case;

use cutover_core::blocker::Code;
use cutover_core::dr::loss;
use cutover_core::dr::observation::{Far, Probed};
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::plan::{Equipment, Step};
use cutover_core::dr::side::Side;
use cutover_core::dr::state::LagKept;
use cutover_core::dr::verb::Verb;
use cutover_core::observation::AlarmState;
use cutover_core::replication::Seen;
use dr_case::Case;
use dr_case::built::{ALARM, ago, alarm, cluster, now};
use jiff::SignedDuration;

#[track_caller]
fn held(case: &Case, code: Code) {
    assert_eq!(case.holds(), [code]);
}

fn unknown<T>() -> Seen<T> {
    Seen::Unknown("no datapoint".to_owned())
}

#[test]
fn a_lost_region_with_everything_else_in_order_is_promoted() {
    let intent = Case::lost().goes();
    assert_eq!(intent.action, Action::Promote);
    assert_eq!(intent.during, Phase::Promoting);
    let first = &intent.plan.steps[0];
    let verb = Verb::FailoverGlobalCluster;
    assert_eq!(*first, Step::Promote { verb, to: Side::Dr });
    assert_eq!(intent.record.writer, Side::Dr);
    assert_eq!(intent.record.phase, Phase::FailedOver);
    let until = now() + SignedDuration::from_mins(60);
    assert_eq!(intent.record.blocked_until, Some(until));
    assert!(!intent.record.detached);
    // The first sign is the earliest of what was bad: the alarm's window began before the probe failed.
    assert_eq!(intent.detected, ago(65));
    assert!(intent.cause.contains(ALARM) && intent.cause.contains("rds-api"));
}

#[test]
fn nothing_that_needs_another_region_stands_before_the_promotion() {
    let all = Equipment {
        migration: true,
        routing_alarm: true,
        records: true,
        global_endpoint: true,
        application: true,
        instance_refresh: true,
        pre_hook: true,
        post_hook: true,
    };
    let steps = Case::lost()
        .set(|settings| settings.equipment = all)
        .goes()
        .plan
        .steps;
    let names: Vec<&str> = steps.iter().map(Step::name).collect();
    let expected = [
        "promote",
        "await-role",
        "publish-serve-metric",
        "move-records",
        "confirm-global-endpoint",
        "configure-application",
        "refresh-instances",
        "await-routing",
        "verify-writer",
        "tell-hook",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_quiet_world_rests() {
    assert!(Case::quiet().rests().contains("no signal is bad"));
}

#[test]
fn the_first_bad_signal_is_noted_and_a_calm_after_it_too() {
    let mut first = Case::lost();
    first.record(|record| record.phase = Phase::Normal);
    first.seen.primary_probe = Probed::Answers { writes: Some(true) };
    let intent = first.goes();
    assert_eq!(intent.action, Action::Suspect);
    assert_eq!(intent.record.phase, Phase::Suspected);
    assert!(intent.plan.steps.is_empty());
    let mut calm = Case::quiet();
    calm.record(|record| record.phase = Phase::Suspected);
    let intent = calm.goes();
    assert_eq!(
        (intent.action, intent.record.phase),
        (Action::Clear, Phase::Normal)
    );
}

#[test]
fn one_bad_signal_is_no_quorum() {
    let case = Case::lost().see(|seen| {
        seen.primary = Far::Unknown("AccessDenied".to_owned());
        seen.primary_probe = Probed::NotAsked;
    });
    held(&case, Code::QuorumMissing);
    // With one, it would do.
    let alone = case.set(|settings| settings.policy.quorum = 1);
    assert_eq!(alone.goes().action, Action::Promote);
}

#[test]
fn bad_signals_without_an_alarm_among_them_are_no_quorum() {
    for state in [AlarmState::Ok, AlarmState::InsufficientData, AlarmState::Absent] {
        let case = Case::lost().see(|seen| seen.alarms = vec![alarm(ALARM, state)]);
        held(&case, Code::QuorumMissing);
    }
    held(
        &Case::lost().see(|seen| seen.alarms[0].suppressed = true),
        Code::QuorumMissing,
    );
    held(&Case::lost().see(|seen| seen.alarms.clear()), Code::QuorumMissing);
}

#[test]
fn two_alarms_are_a_quorum_and_so_is_the_witness_with_one() {
    let only_alarms = |is_witness: bool| {
        Case::lost().see(|seen| {
            seen.primary = Far::Unknown("AccessDenied".to_owned());
            seen.primary_probe = Probed::NotAsked;
            let mut second = alarm("second", AlarmState::Alarm);
            second.is_witness = is_witness;
            seen.alarms.push(second);
        })
    };
    assert_eq!(only_alarms(false).goes().action, Action::Promote);
    assert_eq!(only_alarms(true).goes().action, Action::Promote);
}

#[test]
fn a_permission_that_is_missing_is_no_bad_signal() {
    let case = Case::quiet().see(|seen| {
        seen.primary = Far::Unknown("AccessDenied".to_owned());
        seen.primary_probe = Probed::NotAsked;
        seen.alarms[0].state = Far::Unknown("AccessDenied".to_owned());
    });
    assert!(case.rests().contains("no signal is bad"));
}

#[test]
fn a_quorum_must_have_lasted() {
    let just_now = |seconds: i64| {
        Case::lost().remember(|state| {
            for bad in &mut state.bad_since {
                bad.since = ago(seconds);
            }
        })
    };
    held(&just_now(59), Code::Unconfirmed);
    assert_eq!(just_now(60).goes().action, Action::Promote);
    // One alone that has lasted does not confirm the other.
    held(
        &Case::lost().remember(|state| state.bad_since.clear()),
        Code::Unconfirmed,
    );
}

#[test]
fn an_alarms_window_counts_towards_the_confirmation() {
    let two = Case::lost().see(|seen| {
        seen.alarms.push(alarm("second", AlarmState::Alarm));
        seen.primary_probe = Probed::NotAsked;
        seen.primary = Far::Unknown("AccessDenied".to_owned());
    });
    assert_eq!(two.goes().action, Action::Promote);
    // A composite does not say for how long: then only the time since counts.
    held(
        &two.see(|seen| seen.alarms[1].window_seconds = 0),
        Code::Unconfirmed,
    );
}

#[test]
fn a_primary_that_is_seen_at_work_is_not_promoted_over() {
    let two_alarms = || Case::lost().see(|seen| seen.alarms.push(alarm("second", AlarmState::Alarm)));
    let writes = two_alarms().see(|seen| seen.primary_probe = Probed::Answers { writes: Some(true) });
    held(&writes, Code::PrimaryAlive);
    let connects = two_alarms().see(|seen| {
        seen.primary_probe = Probed::Answers { writes: None };
        seen.primary = Far::Known(cluster(Side::Primary));
    });
    held(&connects, Code::PrimaryAlive);
    // A connection alone may be the old writer's last breath.
    let alone = two_alarms().see(|seen| seen.primary_probe = Probed::Answers { writes: None });
    assert_eq!(alone.goes().action, Action::Promote);
    let no_writer = two_alarms().see(|seen| {
        seen.primary_probe = Probed::Answers { writes: Some(false) };
        seen.primary = Far::Known(cluster(Side::Primary));
    });
    assert_eq!(no_writer.goes().action, Action::Promote);
}

#[test]
fn the_loss_is_the_last_lag_and_the_age_of_that_reading() {
    let case = Case::quiet();
    let estimate = loss::estimate(&case.seen, None).unwrap();
    // 400 ms, rounded up, read 20 s ago.
    assert_eq!((estimate.lag_milliseconds, estimate.age_seconds), (400, 20));
    assert_eq!(estimate.seconds, 21);
}

#[test]
fn a_loss_over_the_budget_is_for_a_person() {
    let aged = |seconds: i64, milliseconds: u64| {
        Case::lost().see(|seen| {
            seen.lag = Seen::Known(cutover_core::dr::observation::LagSeen {
                milliseconds,
                at: ago(seconds),
            });
        })
    };
    assert_eq!(aged(59, 1_000).goes().action, Action::Promote);
    held(&aged(59, 1_001), Code::LossOverBudget);
    held(&aged(61, 0), Code::LossOverBudget);
    held(&aged(0, 60_001), Code::LossOverBudget);
}

#[test]
fn a_lag_that_cannot_be_read_counts_as_it_was_last_read() {
    let kept = |at| {
        Case::lost().see(|seen| seen.lag = unknown()).remember(|state| {
            state.lag = Some(LagKept {
                milliseconds: 900,
                at,
            });
        })
    };
    assert_eq!(kept(ago(59)).goes().action, Action::Promote);
    held(&kept(ago(60)), Code::LossOverBudget);
    // Of two readings the newer one counts.
    let both = Case::lost().remember(|state| {
        state.lag = Some(LagKept {
            milliseconds: 900_000,
            at: ago(600),
        });
    });
    assert_eq!(both.goes().action, Action::Promote);
}

#[test]
fn a_lag_that_was_never_read_is_for_a_person() {
    held(&Case::lost().see(|seen| seen.lag = unknown()), Code::LossUnknown);
}

#[test]
fn no_promotion_follows_another_within_the_block_period() {
    let blocked = |seconds: i64| {
        let mut case = Case::lost();
        case.record(|record| record.blocked_until = Some(ago(-seconds)));
        case
    };
    held(&blocked(1), Code::BlockPeriod);
    assert_eq!(blocked(0).goes().action, Action::Promote);
}

#[test]
fn acknowledging_ends_the_block_period() {
    let mut case = Case::lost().asked(r#"{"action":"acknowledge"}"#);
    case.record(|record| record.blocked_until = Some(ago(-600)));
    let intent = case.goes();
    assert_eq!(intent.action, Action::Acknowledge);
    assert_eq!(intent.record.blocked_until, None);
    assert_eq!(intent.record.phase, Phase::Suspected);
    case.record(|record| *record = intent.record.clone());
    assert!(case.rests().contains("nothing to acknowledge"));
    case.command = Case::quiet().command;
    assert_eq!(case.goes().action, Action::Promote);
}
