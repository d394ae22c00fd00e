//! How far followers are behind, and what clients and faults see of RDS.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_rds::error::ProvideErrorMetadata;
use jiff::Timestamp;
use sdk::orders::{GLOBAL, Orders, PRIMARY_REGION, SECONDARY_REGION};
use twin::rds::{MemberSpec, ReplicaSpec};
use twin::{Fault, FaultKind};

/// Lets whole minutes pass.
async fn minutes(orders: &Orders, count: usize) {
    for _ in 0..count {
        orders.wait(Duration::from_mins(1)).await;
        orders.twin.minute().await;
    }
}

/// What a metric of a cluster was in its region, with a datapoint a minute.
fn measured(orders: &Orders, region: &str, metric: &str, cluster: &str) -> Vec<f64> {
    let points = orders.twin.at(region).cloudwatch(|cloudwatch| {
        let dimensions = [("DBClusterIdentifier", cluster)];
        cloudwatch.datapoints("AWS/RDS", metric, &dimensions, Timestamp::UNIX_EPOCH)
    });
    points.into_iter().map(|(_, value)| value).collect()
}

fn here(orders: &Orders) -> Vec<f64> {
    measured(
        orders,
        PRIMARY_REGION,
        "AuroraGlobalDBRPOLag",
        "orders-eu-central",
    )
}

fn there(orders: &Orders) -> Vec<f64> {
    measured(orders, SECONDARY_REGION, "AuroraGlobalDBRPOLag", "orders-eu-west")
}

#[tokio::test(start_paused = true)]
async fn the_lag_is_measured_on_the_side_that_follows() {
    let orders = Orders::new();
    minutes(&orders, 2).await;
    assert!(here(&orders).is_empty());
    let points = there(&orders);
    assert_eq!(points.len(), 2);
    assert!(
        points.iter().all(|value| (300.0..=315.0).contains(value)),
        "{points:?}"
    );
    let coarse = measured(
        &orders,
        SECONDARY_REGION,
        "AuroraGlobalDBReplicationLag",
        "orders-eu-west",
    );
    assert_eq!(coarse.len(), 2);
    orders.switch_over().await;
    minutes(&orders, 2).await;
    assert_eq!(here(&orders).len(), 2);
    assert_eq!(there(&orders).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_measured_while_the_primary_is_dead_or_cut_off() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.set_lag(Duration::from_secs(75)));
    minutes(&orders, 1).await;
    assert!(there(&orders)[0] >= 75_000.0);
    orders.twin.darken(PRIMARY_REGION);
    minutes(&orders, 3).await;
    assert_eq!(there(&orders).len(), 1);
    orders.twin.lighten(PRIMARY_REGION);
    minutes(&orders, 1).await;
    assert_eq!(there(&orders).len(), 2);
    orders.twin.part(PRIMARY_REGION, SECONDARY_REGION);
    minutes(&orders, 3).await;
    assert_eq!(there(&orders).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_replica_outside_of_a_global_database_has_a_metric_of_its_own() {
    let orders = Orders::new();
    orders.twin.rds(|rds| {
        rds.set_lag_of("orders-eu-west", Duration::from_secs(40)).unwrap();
        rds.create_replica(&ReplicaSpec {
            replica: MemberSpec::new(SECONDARY_REGION, "orders-replica", 1),
            source: "orders-eu-central".to_owned(),
        })
    });
    minutes(&orders, 1).await;
    let lag = measured(
        &orders,
        SECONDARY_REGION,
        "RDSToAuroraPostgreSQLReplicaLag",
        "orders-replica",
    );
    assert!((0.3..0.32).contains(&lag[0]), "{lag:?}");
    assert!(there(&orders)[0] >= 40_000.0);
}

#[tokio::test(start_paused = true)]
async fn writes_arrive_as_late_as_the_lag_says() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.set_lag(Duration::from_secs(10)));
    let arrived = || orders.twin.rds(|rds| rds.held("orders-eu-west").len());
    orders.twin.rds(|rds| rds.write("orders-eu-central")).unwrap();
    orders.wait(Duration::from_secs(9)).await;
    assert_eq!(arrived(), 0);
    orders.wait(Duration::from_secs(1)).await;
    assert_eq!(arrived(), 1);
    orders.twin.part(PRIMARY_REGION, SECONDARY_REGION);
    orders.twin.rds(|rds| rds.write("orders-eu-central")).unwrap();
    orders.wait(Duration::from_mins(5)).await;
    assert_eq!(arrived(), 1);
    orders.twin.join(PRIMARY_REGION, SECONDARY_REGION);
    assert_eq!(arrived(), 2);
}

#[tokio::test(start_paused = true)]
async fn faults_and_the_log_know_the_calls() {
    let orders = Orders::new();
    orders.twin.faults().add(Fault {
        subject_contains: Some(GLOBAL.to_owned()),
        ..Fault::once("rds", "SwitchoverGlobalCluster", FaultKind::Deny)
    });
    let request = orders
        .here
        .switchover_global_cluster()
        .global_cluster_identifier(GLOBAL);
    let request = request.target_db_cluster_identifier(&orders.secondary);
    let denied = request.clone().send().await.unwrap_err();
    assert_eq!(denied.code(), Some("AccessDenied"));
    let message = denied.message().unwrap();
    assert!(
        message.contains("arn:aws:rds::111122223333:global-cluster:orders"),
        "{message}"
    );
    request.send().await.unwrap();
    let log = orders.twin.log();
    assert_eq!(log.len(), 2);
    assert_eq!(log[1].service, "rds");
    assert_eq!(log[1].operation, "SwitchoverGlobalCluster");
    assert_eq!(log[1].subject, GLOBAL);
    assert_eq!(log[1].detail["target"], orders.secondary.as_str());
    assert_eq!(log[1].region, PRIMARY_REGION);
}
