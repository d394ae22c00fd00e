//! The operations that move a writer: where each is called and with what, and what AWS's answer is taken for.

use std::time::Duration;

use cutover_core::dr::ports::{Clusters, Promoted, World};
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use cutover_core::error::PortError;
use cutover_core::text::Text;
use rehearsal::dr::setting::{DrSetting, Topology};
use rehearsal::dr::stage::{DR_CLUSTER, DR_REGION, GLOBAL};
use serde_json::json;
use twin::{Call, FaultKind};

use crate::scene::{PRIMARY_REGION, Scene, on};

/// What a change is given, wherever it goes.
pub const CHANGE: Duration = Duration::from_secs(20);
/// By then a promotion is over.
pub const OVER: Duration = Duration::from_mins(3);

pub async fn promote(scene: &Scene, verb: Verb, to: Side) -> Result<Promoted, PortError> {
    scene.world.clusters().promote(&verb, to).await
}

/// The only call of this operation.
fn only(scene: &Scene, operation: &str) -> Call {
    let [call] = scene.calls(operation).try_into().unwrap();
    call
}

pub fn replica() -> DrSetting {
    DrSetting {
        topology: Topology::ReadReplica,
        ..DrSetting::default()
    }
}

fn to_instance(name: &str) -> Verb {
    Verb::FailoverDbCluster {
        instance: Text::new(name),
    }
}

#[test]
fn a_switchover_is_asked_of_the_writer_in_either_direction() {
    on(DrSetting::default(), |scene| async move {
        let (primary, dr) = (scene.dr.primary.clone(), scene.dr.dr.clone());
        for (to, region, target) in [
            (Side::Dr, PRIMARY_REGION, dr),
            (Side::Primary, DR_REGION, primary),
        ] {
            let before = scene.calls("SwitchoverGlobalCluster").len();
            let answer = promote(&scene, Verb::SwitchoverGlobalCluster, to).await.unwrap();
            assert_eq!(answer, Promoted::Accepted);
            let call = scene.calls("SwitchoverGlobalCluster").remove(before);
            assert_eq!((call.region.as_str(), call.subject.as_str()), (region, GLOBAL));
            assert_eq!(call.detail, json!({ "target": target }));
            scene.wait(OVER).await;
            assert_eq!(scene.twin.rds(|rds| rds.primary(GLOBAL)), Some(target));
        }
    });
}

#[test]
fn a_failover_is_asked_of_the_target_and_allows_a_loss() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.darken(PRIMARY_REGION);
        let answer = promote(&scene, Verb::FailoverGlobalCluster, Side::Dr)
            .await
            .unwrap();
        assert_eq!(answer, Promoted::Accepted);
        let call = only(&scene, "FailoverGlobalCluster");
        assert_eq!((call.region.as_str(), call.subject.as_str()), (DR_REGION, GLOBAL));
        let asked = json!({ "target": scene.dr.dr, "allow_data_loss": true, "switchover": null });
        assert_eq!(call.detail, asked);
        scene.wait(OVER).await;
        assert_eq!(
            scene.twin.rds(|rds| rds.primary(GLOBAL)),
            Some(scene.dr.dr.clone())
        );
    });
}

#[test]
fn a_member_is_taken_out_in_its_own_region() {
    on(DrSetting::default(), |scene| async move {
        let answer = promote(&scene, Verb::RemoveFromGlobalCluster, Side::Dr)
            .await
            .unwrap();
        assert_eq!(answer, Promoted::Accepted);
        let call = only(&scene, "RemoveFromGlobalCluster");
        assert_eq!((call.region.as_str(), call.subject.as_str()), (DR_REGION, GLOBAL));
        assert_eq!(call.detail, json!({ "member": scene.dr.dr }));
        scene.wait(OVER).await;
        assert!(scene.twin.rds(|rds| rds.takes_writes(DR_CLUSTER)));
    });
}

#[test]
fn a_read_replica_is_promoted_in_its_own_region() {
    on(replica(), |scene| async move {
        let answer = promote(&scene, Verb::PromoteReadReplicaDbCluster, Side::Dr).await;
        assert_eq!(answer.unwrap(), Promoted::Accepted);
        let call = only(&scene, "PromoteReadReplicaDBCluster");
        assert_eq!(
            (call.region.as_str(), call.subject.as_str()),
            (DR_REGION, DR_CLUSTER)
        );
        scene.wait(OVER).await;
        assert!(scene.twin.rds(|rds| rds.takes_writes(DR_CLUSTER)));
    });
}

#[test]
fn another_instance_becomes_the_writer_in_the_region_of_its_cluster() {
    on(DrSetting::default(), |scene| async move {
        let answer = promote(&scene, to_instance("orders-primary-2"), Side::Primary).await;
        assert_eq!(answer.unwrap(), Promoted::Accepted);
        let call = only(&scene, "FailoverDBCluster");
        assert_eq!(
            (call.region.as_str(), call.subject.as_str()),
            (PRIMARY_REGION, "orders-primary")
        );
        assert_eq!(call.detail, json!({ "target": "orders-primary-2" }));
        // While it is under way another one is not a refusal.
        let again = promote(&scene, to_instance("orders-primary-3"), Side::Primary)
            .await
            .unwrap();
        assert!(matches!(again, Promoted::UnderWay(_)), "{again:?}");
    });
}

#[test]
fn a_second_failover_finds_the_first_under_way_and_after_it_nothing_to_do() {
    on(DrSetting::default(), |scene| async move {
        let fail_over = || promote(&scene, Verb::FailoverGlobalCluster, Side::Dr);
        assert_eq!(fail_over().await.unwrap(), Promoted::Accepted);
        for seconds in [0, 5] {
            scene.wait(Duration::from_secs(seconds)).await;
            match fail_over().await.unwrap() {
                Promoted::UnderWay(words) => {
                    assert!(words.starts_with("InvalidGlobalClusterStateFault: "), "{words}");
                }
                other @ (Promoted::Accepted | Promoted::Refused(_)) => {
                    panic!("{other:?}")
                }
            }
        }
        scene.wait(OVER).await;
        match fail_over().await.unwrap() {
            Promoted::Refused(words) => assert!(words.contains("is the primary cluster already"), "{words}"),
            other @ (Promoted::Accepted | Promoted::UnderWay(_)) => {
                panic!("{other:?}")
            }
        }
    });
}

#[test]
fn clusters_of_different_versions_are_refused_in_the_words_of_aws() {
    on(DrSetting::default(), |scene| async move {
        scene
            .twin
            .rds(|rds| rds.set_engine_version(DR_CLUSTER, "16.6"))
            .unwrap();
        for verb in [Verb::SwitchoverGlobalCluster, Verb::FailoverGlobalCluster] {
            match promote(&scene, verb, Side::Dr).await.unwrap() {
                Promoted::Refused(words) => {
                    assert!(words.contains("16.6") && words.contains("16.4"), "{words}");
                }
                other @ (Promoted::Accepted | Promoted::UnderWay(_)) => {
                    panic!("{other:?}")
                }
            }
        }
        let removed = promote(&scene, Verb::RemoveFromGlobalCluster, Side::Dr).await;
        assert_eq!(removed.unwrap(), Promoted::Accepted);
    });
}

#[test]
fn what_iam_does_not_allow_is_refused() {
    on(DrSetting::default(), |scene| async move {
        scene.fault("rds", "FailoverGlobalCluster", FaultKind::Deny);
        match promote(&scene, Verb::FailoverGlobalCluster, Side::Dr)
            .await
            .unwrap()
        {
            Promoted::Refused(words) => assert!(words.starts_with("AccessDenied: "), "{words}"),
            other @ (Promoted::Accepted | Promoted::UnderWay(_)) => {
                panic!("{other:?}")
            }
        }
        assert!(!scene.twin.rds(|rds| rds.is_moving(GLOBAL)));
    });
}
