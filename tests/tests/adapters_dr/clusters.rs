//! The clusters and their global cluster, as RDS shows them in either region.

use std::time::Duration;

use cutover_core::dr::observation::{Far, GlobalSeen};
use cutover_core::dr::ports::{Clusters, World};
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use rehearsal::dr::setting::{DrSetting, Topology};
use rehearsal::dr::stage::{DR_CLUSTER, DR_REGION, GLOBAL, PRIMARY_CLUSTER};
use twin::FaultKind;

use crate::scene::{PRIMARY_REGION, PROBE, Scene, known, on, unknown, unreachable, with};

async fn global(scene: &Scene) -> Far<GlobalSeen> {
    scene.world.clusters().global().await.unwrap()
}

#[test]
fn the_global_cluster_is_asked_of_the_dr_region() {
    on(DrSetting::default(), |scene| async move {
        let seen = known(global(&scene).await);
        assert_eq!(scene.regions("DescribeGlobalClusters"), [DR_REGION]);
        let members: Vec<(&str, bool)> = seen
            .members
            .iter()
            .map(|member| (member.arn.as_str(), member.is_writer))
            .collect();
        assert_eq!(
            members,
            [(scene.dr.primary.as_str(), true), (scene.dr.dr.as_str(), false)]
        );
        assert_eq!((seen.status.as_str(), &seen.failover), ("available", &None));
        assert_eq!(seen.endpoint, scene.twin.rds(|rds| rds.global_endpoint(GLOBAL)));
    });
}

#[test]
fn an_operation_under_way_tells_where_it_goes_and_whether_it_may_lose() {
    for (console, status, may_lose) in [
        ("failover", "failing-over", true),
        ("switchover", "switching-over", false),
    ] {
        on(DrSetting::default(), move |scene| async move {
            scene.twin.rds(|rds| match console {
                "failover" => rds.console_failover(GLOBAL, DR_CLUSTER).unwrap(),
                _ => rds.console_switchover(GLOBAL, DR_CLUSTER).unwrap(),
            });
            let begun = known(global(&scene).await).failover.unwrap();
            assert_eq!(begun.status, "pending");
            scene.wait(Duration::from_secs(5)).await;
            let going_on = known(global(&scene).await).failover.unwrap();
            assert_eq!(going_on.status, status);
            assert_eq!(going_on.to_arn.as_ref(), Some(&scene.dr.dr));
            assert_eq!(going_on.data_loss_allowed, may_lose);
            scene.wait(Duration::from_mins(2)).await;
            let done = known(global(&scene).await);
            assert_eq!(done.failover, None);
            assert!(
                done.members
                    .iter()
                    .any(|member| member.arn == scene.dr.dr && member.is_writer)
            );
        });
    }
}

#[test]
fn rds_that_fails_by_itself_does_not_answer() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.darken_service(DR_REGION, "rds");
        let why = unreachable(global(&scene).await);
        assert!(why.starts_with("rds:DescribeGlobalClusters orders"), "{why}");
        scene.twin.darken_service(PRIMARY_REGION, "rds");
        let (seen, took) = Box::pin(scene.timed(scene.world.clusters().cluster(Side::Primary))).await;
        unreachable(seen);
        assert!(took <= PROBE, "{took:?}");
    });
}

#[test]
fn a_look_that_is_denied_or_throttled_says_nothing_of_the_region() {
    for (kind, code) in [
        (FaultKind::Deny, "AccessDenied"),
        (FaultKind::Throttle, "Throttling"),
    ] {
        on(DrSetting::default(), move |scene| async move {
            scene.fault("rds", "DescribeGlobalClusters", kind);
            scene.fault("rds", "DescribeDBClusters", kind);
            let primary = scene.world.clusters().cluster(Side::Primary).await;
            for why in [unknown(global(&scene).await), unknown(primary)] {
                assert!(why.contains(code), "{why}");
            }
        });
    }
}

#[test]
fn a_global_cluster_that_there_is_not_is_gone() {
    on(with(&[("DrGlobalClusterId", "forgotten")]), |scene| async move {
        assert_eq!(global(&scene).await, Far::Known(GlobalSeen::gone()));
    });
    // The region that its member was taken out of does not know it any more.
    on(DrSetting::default(), |scene| async move {
        let removed = scene
            .world
            .clusters()
            .promote(&Verb::RemoveFromGlobalCluster, Side::Dr);
        removed.await.unwrap();
        assert!(known(global(&scene).await).is_gone());
    });
}

#[test]
fn a_read_replica_has_no_global_cluster_and_nothing_is_asked() {
    let setting = DrSetting {
        topology: Topology::ReadReplica,
        ..DrSetting::default()
    };
    on(setting, |scene| async move {
        assert_eq!(scene.world.clusters().global().await, None);
        assert!(scene.calls("DescribeGlobalClusters").is_empty());
        let replica = known(scene.world.clusters().cluster(Side::Dr).await);
        assert_eq!(replica.replicates_from, Some(scene.dr.primary.clone()));
    });
}

#[test]
fn a_cluster_is_asked_of_its_own_region_with_the_status_of_each_instance() {
    on(DrSetting::default(), |scene| async move {
        scene
            .twin
            .rds(|rds| rds.set_instance_status("orders-primary-2", "rebooting"))
            .unwrap();
        let seen = known(scene.world.clusters().cluster(Side::Primary).await);
        assert_eq!(scene.regions("DescribeDBClusters"), [PRIMARY_REGION]);
        assert_eq!(scene.regions("DescribeDBInstances"), [PRIMARY_REGION]);
        let instances: Vec<(&str, bool, &str)> = seen
            .instances
            .iter()
            .map(|one| (one.identifier.as_str(), one.is_writer, one.status.as_str()))
            .collect();
        assert_eq!(
            instances,
            [
                ("orders-primary-1", true, "available"),
                ("orders-primary-2", false, "rebooting"),
                ("orders-primary-3", false, "available"),
            ]
        );
        assert_eq!(
            (seen.arn, seen.engine_version.as_str()),
            (scene.dr.primary.clone(), "16.4")
        );
        let (writer, _) = scene.twin.rds(|rds| rds.endpoints(PRIMARY_CLUSTER)).unwrap();
        assert_eq!(seen.endpoint, Some(writer));
    });
}

#[test]
fn a_cluster_without_instances_is_known_to_have_none() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.rds(|rds| rds.remove_instances(DR_CLUSTER)).unwrap();
        let seen = known(scene.world.clusters().cluster(Side::Dr).await);
        assert!(seen.is_available() && !seen.has_available_instance());
        assert_eq!(seen.instances, []);
    });
}

#[test]
fn a_dark_region_costs_no_more_than_the_probe_may_take() {
    for milliseconds in [500, 2_000, 5_000] {
        let setting = with(&[("ProbeTimeoutMilliseconds", &milliseconds.to_string())]);
        on(setting, move |scene| async move {
            scene.twin.darken(PRIMARY_REGION);
            let (seen, took) = Box::pin(scene.timed(scene.world.clusters().cluster(Side::Primary))).await;
            let why = unreachable(seen);
            assert!(why.starts_with("rds:DescribeDBClusters orders-primary"), "{why}");
            assert!(took <= Duration::from_millis(milliseconds), "{took:?}");
            known(scene.world.clusters().cluster(Side::Dr).await);
        });
    }
}

#[test]
fn a_region_that_is_cut_off_does_not_answer_and_our_own_does() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.part(PRIMARY_REGION, DR_REGION);
        let (seen, took) = Box::pin(scene.timed(scene.world.clusters().cluster(Side::Primary))).await;
        unreachable(seen);
        assert!(took <= PROBE, "{took:?}");
        known(scene.world.clusters().cluster(Side::Dr).await);
        scene.twin.join(PRIMARY_REGION, DR_REGION);
        known(scene.world.clusters().cluster(Side::Primary).await);
    });
}

#[test]
fn a_slow_region_answers_until_it_is_too_slow() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.slow(PRIMARY_REGION, Duration::from_secs(1));
        known(scene.world.clusters().cluster(Side::Primary).await);
        scene.twin.slow(PRIMARY_REGION, Duration::from_secs(3));
        let (seen, took) = Box::pin(scene.timed(scene.world.clusters().cluster(Side::Primary))).await;
        unreachable(seen);
        assert!(took <= PROBE, "{took:?}");
    });
}

#[test]
fn half_an_answer_is_none() {
    on(DrSetting::default(), |scene| async move {
        scene.fault("rds", "DescribeDBInstances", FaultKind::Deny);
        let why = unknown(scene.world.clusters().cluster(Side::Dr).await);
        assert!(why.contains("rds:DescribeDBInstances of orders-dr"), "{why}");
    });
}

#[test]
fn a_cluster_that_there_is_not_says_nothing_of_its_region() {
    let arn = "arn:aws:rds:eu-central-1:111122223333:cluster:forgotten";
    on(with(&[("PrimaryClusterArn", arn)]), |scene| async move {
        let why = unknown(scene.world.clusters().cluster(Side::Primary).await);
        assert!(why.contains("DBClusterNotFoundFault"), "{why}");
    });
}
