//! Writes that a promotion lost, and connections to the writers' endpoints.

use std::time::Duration;

use cutover_core::dr::observation::Probed;
use cutover_core::dr::ports::{Clusters, Probes, Tail, World};
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use cutover_core::error::Class;
use rehearsal::dr::setting::{DrSetting, Login};
use rehearsal::dr::stage::{DR_CLUSTER, DR_REGION, PRIMARY_CLUSTER};
use twin::rds::{GlobalSpec, MemberSpec};
use twin::{Fault, FaultKind};

use crate::scene::{PRIMARY_REGION, PROBE, Scene, chain, on, with};

/// By then a promotion is over, or a snapshot made.
const OVER: Duration = Duration::from_mins(3);
const SECOND_LOST: &str = "others";

/// The primary region dies with writes that the DR region has not got, and comes back. Another global database of the
/// same regions fares no better.
async fn lose_a_tail(scene: &Scene) {
    let spec = GlobalSpec {
        identifier: SECOND_LOST.to_owned(),
        engine_version: "16.4".to_owned(),
        primary: MemberSpec::new(PRIMARY_REGION, "orders-primary-too", 1),
        secondary: MemberSpec::new(DR_REGION, "orders-dr-too", 1),
    };
    scene.twin.rds(|rds| {
        rds.create_global(&spec);
        rds.set_lag(Duration::from_mins(1));
        for cluster in [PRIMARY_CLUSTER, "orders-primary-too"] {
            rds.write(cluster).unwrap();
        }
    });
    scene.twin.darken(PRIMARY_REGION);
    let promoted = scene
        .world
        .clusters()
        .promote(&Verb::FailoverGlobalCluster, Side::Dr);
    promoted.await.unwrap();
    scene
        .twin
        .rds(|rds| rds.console_failover(SECOND_LOST, "orders-dr-too"))
        .unwrap();
    scene.wait(OVER).await;
    scene.twin.lighten(PRIMARY_REGION);
}

async fn tails(scene: &Scene) -> Vec<Tail> {
    scene.world.clusters().lost_tails(Side::Primary).await.unwrap()
}

#[test]
fn a_lost_tail_is_listed_when_it_is_made_and_only_that_of_our_cluster() {
    on(DrSetting::default(), |scene| async move {
        assert_eq!(tails(&scene).await, []);
        lose_a_tail(&scene).await;
        // It is being made, and cannot be copied yet.
        scene.wait(Duration::from_secs(5)).await;
        assert_eq!(tails(&scene).await, []);
        scene.wait(OVER).await;
        let [tail] = tails(&scene).await.try_into().unwrap();
        assert!(
            tail.identifier
                .starts_with("rds:unplanned-global-failover-orders-primary-20260302"),
            "{tail:?}"
        );
        assert_eq!(tail.kept_as, None);
        let age = scene.twin.clock().now().duration_since(tail.made_at);
        assert!((3..5).contains(&age.as_mins()), "{age}");
        // What was lost was lost by the other side, in its region.
        assert_eq!(scene.world.clusters().lost_tails(Side::Dr).await.unwrap(), []);
        let regions = scene.regions("DescribeDBClusterSnapshots");
        assert_eq!(
            regions,
            [PRIMARY_REGION, PRIMARY_REGION, PRIMARY_REGION, DR_REGION]
        );
    });
}

#[test]
fn a_lost_tail_is_kept_once_however_often_it_is_asked() {
    on(DrSetting::default(), |scene| async move {
        lose_a_tail(&scene).await;
        scene.wait(OVER).await;
        let [tail] = tails(&scene).await.try_into().unwrap();
        let clusters = scene.world.clusters();
        let copy = clusters.keep_tail(Side::Primary, &tail).await.unwrap();
        assert_eq!(clusters.keep_tail(Side::Primary, &tail).await.unwrap(), copy);
        let time = tail.identifier.rsplit('-').next().unwrap();
        assert_eq!(copy, format!("cutover-lost-tail-orders-primary-{time}"));
        let [call, _] = scene.calls("CopyDBClusterSnapshot").try_into().unwrap();
        assert_eq!(
            (call.region.as_str(), &call.subject),
            (PRIMARY_REGION, &tail.identifier)
        );
        scene.wait(OVER).await;
        let kept = Tail {
            kept_as: Some(copy),
            ..tail
        };
        assert_eq!(tails(&scene).await, [kept]);
        // The original expires. Its copy is no tail.
        scene.wait(Duration::from_hours(25)).await;
        assert_eq!(tails(&scene).await, []);
    });
}

#[test]
fn a_lost_tail_that_has_expired_is_an_error() {
    on(DrSetting::default(), |scene| async move {
        lose_a_tail(&scene).await;
        scene.wait(OVER).await;
        let [tail] = tails(&scene).await.try_into().unwrap();
        scene.wait(Duration::from_hours(25)).await;
        let error = scene
            .world
            .clusters()
            .keep_tail(Side::Primary, &tail)
            .await
            .unwrap_err();
        assert_eq!(error.class, Class::Permanent);
        assert!(
            chain(&error).contains("DBClusterSnapshotNotFoundFault"),
            "{}",
            chain(&error)
        );
    });
}

#[test]
fn a_copy_whose_reply_is_lost_is_not_made_twice() {
    on(DrSetting::default(), |scene| async move {
        lose_a_tail(&scene).await;
        scene.wait(OVER).await;
        let [tail] = tails(&scene).await.try_into().unwrap();
        let once = Fault::once("rds", "CopyDBClusterSnapshot", FaultKind::ReplyLost);
        scene.twin.faults().add(once);
        let copy = scene
            .world
            .clusters()
            .keep_tail(Side::Primary, &tail)
            .await
            .unwrap();
        assert_eq!(tails(&scene).await[0].kept_as, Some(copy));
    });
}

#[test]
fn tails_of_a_dark_region_are_an_error_that_costs_one_probe() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.darken(PRIMARY_REGION);
        let (answer, took) = scene
            .timed(scene.world.clusters().lost_tails(Side::Primary))
            .await;
        let error = answer.unwrap_err();
        assert_eq!(error.class, Class::Retryable);
        assert_eq!(
            error.operation,
            "rds:DescribeDBClusterSnapshots of orders-primary"
        );
        assert!(took <= PROBE, "{took:?}");
    });
}

fn endpoint(scene: &Scene, cluster: &str) -> String {
    scene.twin.rds(|rds| rds.endpoints(cluster)).unwrap().0
}

async fn probe(scene: &Scene, side: Side, cluster: &str) -> Probed {
    let endpoint = endpoint(scene, cluster);
    scene.world.probes().probe(side, Some(&endpoint)).await
}

#[test]
fn a_connection_says_which_side_takes_writes() {
    on(DrSetting::default(), |scene| async move {
        for (side, cluster, writes) in [
            (Side::Primary, PRIMARY_CLUSTER, true),
            (Side::Dr, DR_CLUSTER, false),
        ] {
            let found = probe(&scene, side, cluster).await;
            assert_eq!(found, Probed::Answers { writes: Some(writes) });
            let written = scene.world.probes().write(side, &endpoint(&scene, cluster)).await;
            let refused = written.unwrap().err().map(|error| chain(&error));
            assert_eq!(refused.is_none(), writes, "{refused:?}");
            assert!(refused.is_none_or(|words| words.contains("read-only transaction")));
        }
    });
}

#[test]
fn without_a_login_it_is_only_known_that_somebody_listens() {
    let setting = DrSetting {
        login: Login::None,
        ..DrSetting::default()
    };
    on(setting, |scene| async move {
        let found = probe(&scene, Side::Primary, PRIMARY_CLUSTER).await;
        assert_eq!(found, Probed::Answers { writes: None });
        let endpoint = endpoint(&scene, PRIMARY_CLUSTER);
        assert!(
            scene
                .world
                .probes()
                .write(Side::Primary, &endpoint)
                .await
                .is_none()
        );
    });
}

#[test]
fn a_dark_or_slow_region_is_silent_for_as_long_as_the_probe_may_take() {
    let setting = || with(&[("ProbeTimeoutMilliseconds", "700")]);
    on(setting(), |scene| async move {
        scene.twin.darken(PRIMARY_REGION);
        let (found, took) = scene.timed(probe(&scene, Side::Primary, PRIMARY_CLUSTER)).await;
        assert!(
            matches!(&found, Probed::Silent(why) if why.contains("700 ms")),
            "{found:?}"
        );
        assert_eq!(took, Duration::from_millis(700));
        let endpoint = endpoint(&scene, PRIMARY_CLUSTER);
        let written = scene.world.probes().write(Side::Primary, &endpoint).await;
        assert_eq!(written.unwrap().unwrap_err().class, Class::Retryable);
    });
    on(setting(), |scene| async move {
        scene.twin.slow(PRIMARY_REGION, Duration::from_secs(1));
        let found = probe(&scene, Side::Primary, PRIMARY_CLUSTER).await;
        assert!(matches!(found, Probed::Silent(_)), "{found:?}");
    });
}

#[test]
fn a_cluster_without_instances_refuses_the_connection() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.rds(|rds| rds.remove_instances(DR_CLUSTER)).unwrap();
        let found = probe(&scene, Side::Dr, DR_CLUSTER).await;
        assert!(matches!(found, Probed::Refused(_)), "{found:?}");
    });
}

#[test]
fn an_endpoint_that_was_seen_once_is_tried_when_its_region_cannot_be_asked_any_more() {
    on(DrSetting::default(), |scene| async move {
        let probes = scene.world.probes();
        assert_eq!(probes.probe(Side::Primary, None).await, Probed::NotAsked);
        scene.world.clusters().cluster(Side::Primary).await;
        let answers = Probed::Answers { writes: Some(true) };
        assert_eq!(probes.probe(Side::Primary, None).await, answers);
        scene.twin.darken(PRIMARY_REGION);
        let found = probes.probe(Side::Primary, None).await;
        assert!(
            matches!(&found, Probed::Silent(why) if why.contains("orders-primary")),
            "{found:?}"
        );
        assert_eq!(probes.probe(Side::Dr, None).await, Probed::NotAsked);
    });
}
