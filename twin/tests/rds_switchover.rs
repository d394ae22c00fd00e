//! Switchovers of global databases, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_rds::error::ProvideErrorMetadata;
use sdk::orders::{
    self, FINISH, GLOBAL, LOOK, Orders, PRIMARY_REGION, SECONDARY_REGION, SWITCHOVER, VERIFICATION,
};
use twin::rds::ClusterStatus;

/// Why a switchover is refused: the code, and whether the message has this in it.
async fn refused_because(orders: &Orders, target: &str, reason: &str) -> String {
    let request = orders
        .here
        .switchover_global_cluster()
        .global_cluster_identifier(GLOBAL);
    let error = request
        .target_db_cluster_identifier(target)
        .send()
        .await
        .unwrap_err();
    let message = error.message().unwrap();
    assert!(message.contains(reason), "{message}");
    error.code().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_switchover_passes_through_its_statuses_and_loses_nothing() {
    let orders = Orders::new();
    let writer = orders.writer().await;
    assert_eq!(writer, orders.primary);
    orders.twin.rds(|rds| rds.write(&orders.primary)).unwrap();
    orders.switch_over().await;
    assert_eq!(orders.doing().await.as_deref(), Some("pending"));
    // It takes writes until it is told to stop.
    orders.twin.rds(|rds| rds.write(&orders.primary)).unwrap();
    orders.wait(VERIFICATION).await;
    assert_eq!(orders.doing().await.as_deref(), Some("switching-over"));
    let status = orders::described(&orders.there, "orders-eu-west").await.status;
    assert_eq!(status.as_deref(), Some("switching-over"));
    assert!(orders.twin.rds(|rds| rds.takes_writes(&orders.primary)));
    orders.wait(LOOK).await;
    assert!(orders.twin.rds(|rds| rds.writable()).is_empty());
    orders.wait(SWITCHOVER).await;
    assert_eq!(orders.writer().await, orders.secondary);
    assert_eq!(orders.doing().await.as_deref(), Some("switching-over"));
    orders.wait(FINISH).await;
    assert_eq!(orders.doing().await, None);
    assert_eq!(orders.twin.rds(|rds| rds.writable()), [orders.secondary.as_str()]);
    let old = orders::described(&orders.here, "orders-eu-central").await;
    assert_eq!(old.status(), Some("available"));
    assert_eq!(
        old.replication_source_identifier(),
        Some(orders.secondary.as_str())
    );
    orders.wait(Duration::from_secs(10)).await;
    assert_eq!(orders.events(), ["0181", "0390", "0182", "0184", "0185", "0397"]);
    assert!(orders.twin.rds(|rds| rds.lost_writes()).is_empty());
    assert_eq!(orders.twin.rds(|rds| rds.held(&orders.secondary)).len(), 2);

    // And back again, asked for on the other side.
    let back = orders
        .there
        .switchover_global_cluster()
        .global_cluster_identifier(GLOBAL);
    back.target_db_cluster_identifier(&orders.primary)
        .send()
        .await
        .unwrap();
    orders.wait(Duration::from_mins(1)).await;
    assert_eq!(orders.writer().await, orders.primary);
}

#[tokio::test(start_paused = true)]
async fn events_have_their_real_shape_and_come_at_their_own_second() {
    let orders = Orders::new();
    orders.switch_over().await;
    orders.wait(Duration::from_mins(1)).await;
    let started = orders.event("0181");
    assert_eq!(started["detail-type"], "RDS DB Cluster Event");
    assert_eq!(started["source"], "aws.rds");
    assert_eq!(started["region"], SECONDARY_REGION);
    assert_eq!(started["resources"][0], orders.secondary.as_str());
    assert_eq!(started["time"], "2026-03-02T09:00:02Z");
    let detail = &started["detail"];
    assert_eq!(detail["SourceType"], "CLUSTER");
    assert_eq!(detail["SourceIdentifier"], "orders-eu-west");
    assert_eq!(detail["EventCategories"][0], "global failover");
    assert_eq!(
        detail["Message"],
        "Global switchover to DB cluster orders-eu-west in Region eu-west-1 started."
    );
    assert_eq!(orders.event("0184")["time"], "2026-03-02T09:00:23Z");
    assert_eq!(orders.event("0185")["time"], "2026-03-02T09:00:27Z");
    let fenced = orders.event("0390");
    assert_eq!(fenced["detail-type"], "RDS DB Instance Event");
    assert_eq!(fenced["region"], PRIMARY_REGION);
    assert_eq!(fenced["detail"]["SourceType"], "DB_INSTANCE");
    let told = orders
        .there
        .describe_events()
        .source_identifier("orders-eu-west")
        .send()
        .await
        .unwrap();
    assert_eq!(told.events().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_switchover_waits_for_the_lag_and_is_given_up_after_a_while() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.set_lag(Duration::from_secs(75)));
    orders.switch_over().await;
    orders.wait(Duration::from_mins(3)).await;
    assert_eq!(orders.doing().await.as_deref(), Some("switching-over"));
    assert!(orders.twin.rds(|rds| rds.takes_writes(&orders.primary)));
    let waiting = orders.event("0423");
    assert!(
        waiting["detail"]["Message"]
            .as_str()
            .unwrap()
            .contains("75 seconds"),
        "{waiting}"
    );
    orders.wait(Duration::from_mins(8)).await;
    assert_eq!(orders.doing().await, None);
    assert_eq!(orders.writer().await, orders.primary);
    assert_eq!(orders.events().last().unwrap(), "0186");
    assert_eq!(
        orders.twin.rds(|rds| rds.status(&orders.secondary)),
        Some(ClusterStatus::Available)
    );
}

#[tokio::test(start_paused = true)]
async fn a_switchover_goes_on_when_the_lag_falls() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.set_lag(Duration::from_secs(75)));
    orders.switch_over().await;
    orders.wait(Duration::from_mins(3)).await;
    orders.twin.rds(|rds| rds.set_lag(Duration::ZERO));
    orders.wait(Duration::from_mins(1)).await;
    assert_eq!(orders.writer().await, orders.secondary);
}

#[tokio::test(start_paused = true)]
async fn a_switchover_fails_when_the_primary_dies_before_writes_stop() {
    let orders = Orders::new();
    orders.switch_over().await;
    orders.twin.darken(PRIMARY_REGION);
    orders.wait(Duration::from_mins(2)).await;
    assert_eq!(orders.doing().await, None);
    assert_eq!(orders.writer().await, orders.primary);
    assert_eq!(orders.events(), ["0181", "0187"]);
}

#[tokio::test(start_paused = true)]
async fn a_switchover_is_refused_where_aws_refuses_it() {
    let orders = Orders::new();
    let (primary, secondary) = (orders.primary.clone(), orders.secondary.clone());
    let there = orders
        .there
        .switchover_global_cluster()
        .global_cluster_identifier(GLOBAL);
    let elsewhere = there
        .target_db_cluster_identifier(&secondary)
        .send()
        .await
        .unwrap_err();
    assert!(
        elsewhere.message().unwrap().contains(PRIMARY_REGION),
        "{elsewhere:?}"
    );
    let unknown = orders
        .here
        .switchover_global_cluster()
        .global_cluster_identifier("nobody");
    let unknown = unknown
        .target_db_cluster_identifier(&secondary)
        .send()
        .await
        .unwrap_err();
    assert!(
        unknown
            .as_service_error()
            .unwrap()
            .is_global_cluster_not_found_fault()
    );
    let nobody = "arn:aws:rds:eu-west-1:111122223333:cluster:nobody";
    assert_eq!(
        refused_because(&orders, nobody, "nobody").await,
        "DBClusterNotFoundFault"
    );
    assert_eq!(
        refused_because(&orders, &primary, "already").await,
        "InvalidGlobalClusterStateFault"
    );
}

#[tokio::test(start_paused = true)]
async fn a_switchover_is_refused_unless_both_sides_are_well() {
    let orders = Orders::new();
    let secondary = orders.secondary.clone();
    let status = |status| orders.twin.rds(|rds| rds.set_status(&secondary, status).unwrap());
    status(ClusterStatus::Upgrading);
    assert_eq!(
        refused_because(&orders, &secondary, "upgrading").await,
        "InvalidDBClusterStateFault"
    );
    status(ClusterStatus::Available);
    orders
        .twin
        .rds(|rds| rds.set_engine_version(&secondary, "16.6").unwrap());
    assert_eq!(
        refused_because(&orders, &secondary, "16.6").await,
        "InvalidDBClusterStateFault"
    );
    assert_eq!(orders.events(), ["0424"]);
    orders
        .twin
        .rds(|rds| rds.set_engine_version(&secondary, "16.4").unwrap());
    orders.twin.darken(SECONDARY_REGION);
    assert_eq!(
        refused_because(&orders, &secondary, "orders-eu-west").await,
        "InvalidDBClusterStateFault"
    );
    orders.twin.lighten(SECONDARY_REGION);
    orders.twin.part(PRIMARY_REGION, SECONDARY_REGION);
    assert_eq!(
        refused_because(&orders, &secondary, "not reachable").await,
        "InvalidDBClusterStateFault"
    );
    orders.twin.join(PRIMARY_REGION, SECONDARY_REGION);
    orders.switch_over().await;
    assert_eq!(
        refused_because(&orders, &secondary, "pending").await,
        "InvalidGlobalClusterStateFault"
    );
}
