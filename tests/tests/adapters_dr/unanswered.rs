//! An operation that nobody answers, or not at once: whether it was heard is for the next look to say.

use std::time::Duration;

use cutover_core::dr::ports::Promoted;
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use cutover_core::error::Class;
use rehearsal::dr::setting::DrSetting;
use rehearsal::dr::stage::{DR_CLUSTER, DR_REGION, GLOBAL};
use twin::{Fault, FaultKind};

use crate::promotions::{CHANGE, OVER, promote, replica};
use crate::scene::{PRIMARY_REGION, chain, on};

#[test]
fn a_throttle_is_waited_out_and_one_that_lasts_is_no_refusal() {
    on(DrSetting::default(), |scene| async move {
        scene.fault("rds", "FailoverGlobalCluster", FaultKind::Throttle);
        let (answer, took) = scene
            .timed(promote(&scene, Verb::FailoverGlobalCluster, Side::Dr))
            .await;
        let error = answer.unwrap_err();
        assert_eq!(error.class, Class::Throttled);
        assert_eq!(error.operation, "rds:FailoverGlobalCluster to orders-dr");
        assert!(took <= CHANGE, "{took:?}");
        scene.twin.faults().clear();
        let once = Fault::once("rds", "FailoverGlobalCluster", FaultKind::Throttle);
        scene.twin.faults().add(once);
        let answer = promote(&scene, Verb::FailoverGlobalCluster, Side::Dr)
            .await
            .unwrap();
        assert_eq!(answer, Promoted::Accepted);
    });
}

#[test]
fn a_reply_that_is_lost_finds_at_the_second_attempt_that_it_was_heard() {
    on(DrSetting::default(), |scene| async move {
        let once = Fault::once("rds", "FailoverGlobalCluster", FaultKind::ReplyLost);
        scene.twin.faults().add(once);
        let answer = promote(&scene, Verb::FailoverGlobalCluster, Side::Dr)
            .await
            .unwrap();
        assert!(matches!(answer, Promoted::UnderWay(_)), "{answer:?}");
        assert_eq!(scene.calls("FailoverGlobalCluster").len(), 2);
    });
}

#[test]
fn what_cannot_be_asked_twice_is_no_refusal_when_the_first_reply_was_lost() {
    let detached = (DrSetting::default(), Verb::RemoveFromGlobalCluster);
    let promoted = (replica(), Verb::PromoteReadReplicaDbCluster);
    for (setting, verb) in [detached, promoted] {
        on(setting, |scene| async move {
            let once = Fault::once("rds", verb.name(), FaultKind::ReplyLost);
            scene.twin.faults().add(once);
            let error = promote(&scene, verb, Side::Dr).await.unwrap_err();
            assert_eq!(error.class, Class::Retryable, "{}", chain(&error));
            scene.wait(OVER).await;
            assert!(scene.twin.rds(|rds| rds.takes_writes(DR_CLUSTER)));
        });
    }
}

#[test]
fn a_refusal_after_a_throttle_is_a_refusal() {
    on(replica(), |scene| async move {
        let promoted = || promote(&scene, Verb::PromoteReadReplicaDbCluster, Side::Dr);
        assert_eq!(promoted().await.unwrap(), Promoted::Accepted);
        let once = Fault::once("rds", "PromoteReadReplicaDBCluster", FaultKind::Throttle);
        scene.twin.faults().add(once);
        let again = promoted().await.unwrap();
        assert!(matches!(again, Promoted::Refused(_)), "{again:?}");
        assert_eq!(scene.calls("PromoteReadReplicaDBCluster").len(), 3);
    });
}

#[test]
fn an_answer_that_comes_too_late_may_have_been_a_yes() {
    on(DrSetting::default(), |scene| async move {
        scene.there.slow(DR_REGION, Duration::from_secs(9));
        let meanwhile = async {
            scene.wait(Duration::from_secs(1)).await;
            scene.there.slow(DR_REGION, Duration::ZERO);
        };
        let (answer, ()) = tokio::join!(
            promote(&scene, Verb::RemoveFromGlobalCluster, Side::Dr),
            meanwhile
        );
        let error = answer.unwrap_err();
        assert_eq!(error.class, Class::Retryable, "{}", chain(&error));
        assert_eq!(scene.calls("RemoveFromGlobalCluster").len(), 2);
    });
}

#[test]
fn when_every_reply_is_lost_nobody_says_that_it_was_refused() {
    on(DrSetting::default(), |scene| async move {
        scene.fault("rds", "FailoverGlobalCluster", FaultKind::ReplyLost);
        let (answer, took) = scene
            .timed(promote(&scene, Verb::FailoverGlobalCluster, Side::Dr))
            .await;
        let error = answer.unwrap_err();
        assert_eq!(error.class, Class::Retryable, "{}", chain(&error));
        assert!(took <= CHANGE, "{took:?}");
        assert!(scene.twin.rds(|rds| rds.is_moving(GLOBAL)));
    });
}

#[test]
fn a_switchover_asked_of_a_dark_region_may_be_asked_again() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.darken(PRIMARY_REGION);
        let (answer, took) = scene
            .timed(promote(&scene, Verb::SwitchoverGlobalCluster, Side::Dr))
            .await;
        assert_eq!(answer.unwrap_err().class, Class::Retryable);
        assert!(took <= CHANGE, "{took:?}");
        scene.twin.lighten(PRIMARY_REGION);
        let answer = promote(&scene, Verb::SwitchoverGlobalCluster, Side::Dr)
            .await
            .unwrap();
        assert_eq!(answer, Promoted::Accepted);
    });
}

#[test]
fn a_change_is_given_longer_than_a_look() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.slow(PRIMARY_REGION, Duration::from_secs(6));
        let answer = promote(&scene, Verb::SwitchoverGlobalCluster, Side::Dr)
            .await
            .unwrap();
        assert_eq!(answer, Promoted::Accepted);
        assert_eq!(scene.calls("SwitchoverGlobalCluster").len(), 1);
    });
}
