//! Other leaders within a cluster, and clusters that become writers of their own, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_rds::Client;
use aws_sdk_rds::error::ProvideErrorMetadata;
use sdk::orders::{self, GLOBAL, Orders, SECONDARY_REGION};
use twin::rds::{MemberSpec, ReplicaSpec};

#[tokio::test(start_paused = true)]
async fn a_failover_within_a_cluster_changes_its_leader() {
    let orders = Orders::new();
    let fail_over = |target: &str| {
        let request = orders
            .here
            .failover_db_cluster()
            .db_cluster_identifier("orders-eu-central");
        request.target_db_instance_identifier(target).send()
    };
    let refused = fail_over("orders-eu-central-1").await.unwrap_err();
    assert!(
        refused
            .as_service_error()
            .unwrap()
            .is_invalid_db_cluster_state_fault()
    );
    let begun = fail_over("orders-eu-central-2")
        .await
        .unwrap()
        .db_cluster
        .unwrap();
    assert_eq!(begun.status(), Some("failing-over"));
    assert!(!orders.twin.rds(|rds| rds.takes_writes(&orders.primary)));
    let refused = fail_over("orders-eu-central-1").await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidDBClusterStateFault"));
    orders.wait(Duration::from_secs(40)).await;
    let cluster = orders::described(&orders.here, "orders-eu-central").await;
    assert_eq!(cluster.status(), Some("available"));
    assert_eq!(cluster.db_cluster_members()[1].is_cluster_writer(), Some(true));
    assert!(orders.twin.rds(|rds| rds.takes_writes(&orders.primary)));
    assert_eq!(orders.events(), ["0073", "0071"]);
}

#[tokio::test(start_paused = true)]
async fn a_read_replica_becomes_a_writer_of_its_own() {
    let orders = Orders::new();
    let replica = orders.twin.rds(|rds| {
        rds.create_replica(&ReplicaSpec {
            replica: MemberSpec::new(SECONDARY_REGION, "orders-replica", 1),
            source: "orders-eu-central".to_owned(),
        })
    });
    let shown = orders::described(&orders.there, "orders-replica").await;
    assert_eq!(
        shown.replication_source_identifier(),
        Some(orders.primary.as_str())
    );
    let source = orders::described(&orders.here, "orders-eu-central").await;
    assert_eq!(source.read_replica_identifiers(), [replica.as_str()]);
    assert!(!orders.twin.rds(|rds| rds.takes_writes(&replica)));
    let promote = |client: &Client, name: &str| {
        client
            .promote_read_replica_db_cluster()
            .db_cluster_identifier(name)
            .send()
    };
    let elsewhere = promote(&orders.here, "orders-replica").await.unwrap_err();
    assert_eq!(elsewhere.code(), Some("DBClusterNotFoundFault"));
    let no_replica = promote(&orders.there, "orders-eu-west").await.unwrap_err();
    assert!(
        no_replica
            .as_service_error()
            .unwrap()
            .is_invalid_db_cluster_state_fault()
    );
    let begun = promote(&orders.there, "orders-replica").await.unwrap();
    assert_eq!(begun.db_cluster().unwrap().status(), Some("promoting"));
    assert!(!orders.twin.rds(|rds| rds.takes_writes(&replica)));
    orders.wait(Duration::from_mins(2)).await;
    let promoted = orders::described(&orders.there, "orders-replica").await;
    assert_eq!(promoted.status(), Some("available"));
    assert_eq!(promoted.replication_source_identifier(), None);
    assert_eq!(promoted.db_cluster_members()[0].is_cluster_writer(), Some(true));
    assert!(orders.twin.rds(|rds| rds.takes_writes(&replica)));
    assert_eq!(orders.events(), ["-"]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_removed_stands_alone() {
    let orders = Orders::new();
    let remove = |member: &str| {
        let request = orders
            .there
            .remove_from_global_cluster()
            .global_cluster_identifier(GLOBAL);
        request.db_cluster_identifier(member).send()
    };
    let refused = remove(&orders.primary).await.unwrap_err();
    assert!(
        refused
            .as_service_error()
            .unwrap()
            .is_invalid_global_cluster_state_fault()
    );
    let refused = remove("arn:aws:rds:eu-west-1:111122223333:cluster:nobody")
        .await
        .unwrap_err();
    assert!(
        refused
            .as_service_error()
            .unwrap()
            .is_db_cluster_not_found_fault()
    );
    let left = remove(&orders.secondary).await.unwrap().global_cluster.unwrap();
    assert_eq!(left.global_cluster_members().len(), 1);
    let detached = orders::described(&orders.there, "orders-eu-west").await;
    assert_eq!(detached.status(), Some("promoting"));
    orders.wait(Duration::from_mins(1)).await;
    let detached = orders::described(&orders.there, "orders-eu-west").await;
    assert_eq!(detached.status(), Some("available"));
    assert_eq!(detached.global_cluster_identifier(), None);
    // Nobody has told the old primary anything.
    let both = [orders.primary.clone(), orders.secondary.clone()];
    assert_eq!(orders.twin.rds(|rds| rds.writable()), both);
}
