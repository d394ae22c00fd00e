//! What a person may ask of `dr-failover`, what it is judged by, and which operation of AWS comes of it, where.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_case;

use cutover_core::blocker::Code;
use cutover_core::dr::decide::Decision;
use cutover_core::dr::observation::{Far, MigrationSeen};
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::plan::Step;
use cutover_core::dr::policy::Mode;
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use cutover_core::generation::Generation;
use cutover_core::observation::AlarmState;
use cutover_core::replication::Seen;
use cutover_core::text::Text;
use dr_case::Case;
use dr_case::built::{ALARM, DR, PRIMARY, ago, alarm, moving};

const FAILOVER: &str = r#"{"action":"failover","accept_data_loss":true}"#;
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

#[test]
fn a_failover_by_hand_needs_the_loss_to_be_accepted_and_says_how_much_it_is() {
    let case = Case::lost().asked(r#"{"action":"failover"}"#);
    assert_eq!(case.refuses(), [Code::DataLossNotAccepted]);
    let Decision::Refuse(_, why) = case.decide() else {
        panic!()
    };
    assert!(why.contains("up to 21 s"), "{why}");
    let unknown = case.see(|seen| seen.lag = Seen::Unknown("no datapoint".to_owned()));
    let Decision::Refuse(_, why) = unknown.decide() else {
        panic!()
    };
    assert!(why.contains("nobody knows"), "{why}");
}

#[test]
fn an_accepted_failover_overrides_quorum_life_budget_block_mode_and_migration() {
    let mut case = Case::quiet().asked(FAILOVER);
    case.seen.lag = Seen::Unknown("no datapoint".to_owned());
    case.record(|record| {
        record.blocked_until = Some(ago(-600));
        record.armed = Some(Mode::Observe);
        record.phase = Phase::NeedsHuman;
    });
    let case = case.migration(Far::Known(MigrationSeen {
        phase: "cutting-over".to_owned(),
    }));
    let intent = case.goes();
    assert_eq!(intent.action, Action::Failover);
    assert_eq!(intent.plan.steps[0].verb(), Some(&Verb::FailoverGlobalCluster));
    assert_eq!(intent.record.writer, Side::Dr);
    assert!(
        intent.record.blocked_until > Some(ago(-600)),
        "the block period begins anew"
    );
}

#[test]
fn a_failover_by_hand_takes_a_candidate_that_may_come_up_but_none_without_instances() {
    let rebooting = Case::lost().asked(FAILOVER).see_cluster(Side::Dr, |dr| {
        "backing-up".clone_into(&mut dr.status);
        for instance in &mut dr.instances {
            "rebooting".clone_into(&mut instance.status);
        }
    });
    assert_eq!(rebooting.goes().action, Action::Failover);
    let empty = Case::lost()
        .asked(FAILOVER)
        .see_cluster(Side::Dr, |dr| dr.instances.clear());
    assert_eq!(empty.holds(), [Code::NoInstances]);
}

#[test]
fn a_failover_by_hand_where_no_writer_can_be_read_goes_by_what_was_verified_last() {
    let case = Case::lost()
        .asked(FAILOVER)
        .see(|seen| seen.global = Some(Far::Unknown("Throttling".to_owned())));
    assert_eq!(case.holds(), [Code::NotReplicating]);
}

#[test]
fn a_failover_to_where_the_writer_is_has_nothing_to_do() {
    let payload = r#"{"action":"failover","target":"dr","accept_data_loss":true}"#;
    assert!(Case::over().asked(payload).rests().contains("is the writer"));
}

#[test]
fn a_command_without_a_target_means_the_dr_cluster_so_that_sent_again_it_takes_nothing_back() {
    for payload in [FAILOVER, SWITCHOVER] {
        let again = Case::over().asked(payload);
        assert!(
            again.rests().contains("the dr cluster is the writer"),
            "{payload}"
        );
    }
    let named = r#"{"action":"failover","target":"primary","accept_data_loss":true}"#;
    assert_eq!(Case::over().asked(named).goes().record.writer, Side::Primary);
}

#[test]
fn where_aws_is_at_it_a_failover_by_hand_is_taken_up_and_a_switchover_refused() {
    let at_it =
        |case: Case| case.see_global(|global| global.failover = Some(moving(Side::Dr, "failing-over")));
    assert_eq!(
        at_it(Case::quiet().asked(FAILOVER)).goes().action,
        Action::Failover
    );
    assert_eq!(
        at_it(Case::quiet().asked(SWITCHOVER)).refuses(),
        [Code::InProgress]
    );
}

#[test]
fn a_target_is_a_cluster_by_arn_identifier_or_side_or_an_instance_of_the_writers() {
    let ask =
        |target: &str| Case::quiet().asked(&format!(r#"{{"action":"switchover","target":"{target}"}}"#));
    for dr in [DR, "orders-dr", "dr"] {
        assert_eq!(verb_of(&ask(dr)), Verb::SwitchoverGlobalCluster, "{dr}");
    }
    for primary in [PRIMARY, "orders-primary", "primary"] {
        assert!(ask(primary).rests().contains("is the writer"), "{primary}");
    }
    for instance in [
        "orders-primary-2",
        "arn:aws:rds:eu-central-1:111122223333:db:orders-primary-2",
    ] {
        let verb = Verb::FailoverDbCluster {
            instance: Text::new("orders-primary-2"),
        };
        assert_eq!(verb_of(&ask(instance)), verb, "{instance}");
        assert_eq!(names(&ask(instance)), ["promote", "await-role", "verify-writer"]);
        assert_eq!(ask(instance).goes().record.writer, Side::Primary);
    }
    assert!(ask("orders-primary-1").rests().contains("is the writer of"));
}

#[test]
fn a_target_that_nobody_knows_is_an_invalid_request_that_names_it() {
    for target in [
        "orders-dr-1",
        "nonsense",
        "arn:aws:rds:eu-west-1:111122223333:cluster:other",
    ] {
        for action in ["switchover", "failover"] {
            let payload = format!(r#"{{"action":"{action}","target":"{target}","accept_data_loss":true}}"#);
            let decision = Case::quiet().asked(&payload).decide();
            let Decision::Invalid(invalid) = decision else {
                panic!("{payload}: {decision:?}")
            };
            assert_eq!(invalid.field, "target");
        }
    }
}

#[test]
fn a_command_for_another_generation_is_refused() {
    for payload in [
        r#"{"action":"failover","accept_data_loss":true,"expected_generation":7}"#,
        r#"{"action":"switchover","expected_generation":7}"#,
        r#"{"action":"arm","mode":"observe","expected_generation":7}"#,
    ] {
        let case = Case::lost().asked(payload);
        assert_eq!(case.refuses(), [Code::GenerationMoved]);
        let same = case.remember(|state| state.generation = Generation::new(7));
        assert!(!matches!(same.decide(), Decision::Refuse(blockers, _)
            if blockers.iter().any(|blocker| blocker.code == Code::GenerationMoved)));
    }
}

#[test]
fn what_somebody_is_at_is_left_to_him_and_taken_up_once_he_is_gone() {
    let young = Case::lost().claimed(10);
    let old = Case::lost().claimed(40);
    for payload in [r#"{"action":"tick"}"#, FAILOVER] {
        let at_it = Case::lost().asked(payload).beside(&young);
        assert!(at_it.is_in_progress().contains("promote"), "{payload}");
        let gone = Case::lost().asked(payload).beside(&old);
        assert_eq!(gone.decide(), Decision::Continue, "{payload}");
    }
    for payload in [SWITCHOVER, FAILBACK, DRILL, r#"{"action":"acknowledge"}"#] {
        let beside_it = Case::lost().asked(payload).beside(&old);
        assert!(beside_it.is_in_progress().contains("promote"), "{payload}");
    }
}

#[test]
fn a_forced_failover_need_not_wait_for_a_planned_move() {
    let planned = Case::quiet().asked(SWITCHOVER).claimed(5);
    let intent = Case::lost().asked(FAILOVER).beside(&planned).goes();
    assert_eq!(intent.action, Action::Failover);
    assert_eq!(intent.previous.generation, Generation::new(1));
    let gone = Case::quiet().asked(SWITCHOVER).claimed(40);
    let again = Case::quiet().asked(SWITCHOVER).beside(&gone);
    assert_eq!(again.decide(), Decision::Continue);
}

#[test]
fn a_status_changes_nothing_whatever_it_sees() {
    let status = r#"{"action":"status"}"#;
    for case in [Case::quiet(), Case::lost(), Case::over()] {
        assert!(case.asked(status).rests().contains("changed nothing"));
    }
}

#[test]
fn a_promotion_that_nobody_began_is_taken_back_when_it_is_not_due_any_more() {
    let old = Case::lost().claimed(40);
    let tick = |case: Case| case.beside(&old);
    assert_eq!(tick(Case::lost()).decide(), Decision::Continue);
    let mut calm = Case::quiet();
    calm.record(|record| record.phase = Phase::Suspected);
    let taken_back = tick(calm.clone()).goes();
    assert_eq!(
        (taken_back.action, taken_back.record.phase),
        (Action::Clear, Phase::Normal)
    );
    assert_eq!(taken_back.record.blocked_until, None);
    let alone = Case::lost().see(|seen| seen.alarms[0] = alarm(ALARM, AlarmState::Ok));
    let suspected = tick(alone).goes();
    assert_eq!(
        (suspected.action, suspected.record.phase),
        (Action::Suspect, Phase::Suspected)
    );
    // What AWS has begun is gone on with, and a person's failover has no need of a quorum.
    let begun = calm
        .clone()
        .see_global(|global| global.failover = Some(moving(Side::Dr, "failing-over")));
    assert_eq!(tick(begun).decide(), Decision::Continue);
    assert_eq!(tick(calm.asked(FAILOVER)).decide(), Decision::Continue);
    // What a person decided is not judged again.
    let by_hand = Case::lost().asked(FAILOVER).claimed(40);
    assert_eq!(Case::quiet().beside(&by_hand).decide(), Decision::Continue);
}
