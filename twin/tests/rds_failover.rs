//! Forced failovers of global databases, and what becomes of the old primary, through the real SDK.

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
    self, FAILOVER, FENCING, GLOBAL, Orders, PRIMARY_REGION, REBUILD, SECONDARY_REGION, VERIFICATION,
};
use twin::rds::{Fencing, Probed, WriteRefused};

#[tokio::test(start_paused = true)]
async fn a_region_dies_and_the_other_takes_over_with_what_it_has() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.write(&orders.primary)).unwrap();
    orders.wait(Duration::from_secs(5)).await;
    let tail = orders.twin.rds(|rds| rds.write(&orders.primary)).unwrap();
    orders.twin.darken(PRIMARY_REGION);
    assert_eq!(
        orders.twin.rds(|rds| rds.write(&orders.primary)),
        Err(WriteRefused::RegionDark)
    );
    orders.wait(Duration::from_secs(5)).await;
    orders.fail_over().await;
    assert_eq!(orders.doing().await.as_deref(), Some("pending"));
    orders.wait(VERIFICATION).await;
    assert_eq!(orders.doing().await.as_deref(), Some("failing-over"));
    let state = orders.global().await.failover_state.unwrap();
    assert_eq!(state.is_data_loss_allowed(), Some(true));
    assert_eq!(state.from_db_cluster_arn(), Some(orders.primary.as_str()));
    assert_eq!(state.to_db_cluster_arn(), Some(orders.secondary.as_str()));
    assert_eq!(
        orders.twin.rds(|rds| rds.write(&orders.secondary)),
        Err(WriteRefused::ReadOnly)
    );
    orders.wait(FAILOVER).await;
    assert_eq!(orders.doing().await, None);
    assert_eq!(orders.writer().await, orders.secondary);
    orders.twin.rds(|rds| rds.write(&orders.secondary)).unwrap();
    let lost = orders.twin.rds(|rds| rds.lost_writes());
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].write, tail);
    assert_eq!(lost[0].promoted_arn, orders.secondary);
    let members = orders.global().await;
    let old = &members.global_cluster_members()[0];
    assert_eq!(old.is_writer(), Some(false));
    assert_eq!(old.synchronization_status().unwrap().as_str(), "pending-resync");

    let endpoint = orders.twin.rds(|rds| rds.global_endpoint(GLOBAL).unwrap());
    assert_eq!(orders.twin.probe(&endpoint, SECONDARY_REGION), Probed::Silent);
    orders.wait(Duration::from_secs(6)).await;
    let writer = Probed::Role {
        writer: true,
        lag: None,
    };
    assert_eq!(orders.twin.probe(&endpoint, SECONDARY_REGION), writer);
    assert_eq!(orders.events(), ["0238", "0397"]);
}

#[tokio::test(start_paused = true)]
async fn the_old_primary_comes_back_as_a_secondary_without_its_tail() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.write(&orders.primary)).unwrap();
    orders.twin.darken(PRIMARY_REGION);
    orders.fail_over().await;
    orders.wait(Duration::from_mins(2)).await;
    orders.twin.rds(|rds| rds.write(&orders.secondary)).unwrap();
    orders.twin.lighten(PRIMARY_REGION);
    // Its writes are blocked before anybody can send any.
    assert_eq!(orders.twin.rds(|rds| rds.writable()), [orders.secondary.as_str()]);
    orders.wait(Duration::from_secs(1)).await;
    let old = orders::described(&orders.here, "orders-eu-central").await;
    assert_eq!(old.status(), Some("resyncing"));
    let snapshots = async || {
        let request = orders
            .here
            .describe_db_cluster_snapshots()
            .snapshot_type("automated");
        request.send().await.unwrap().db_cluster_snapshots().to_vec()
    };
    let tail = snapshots().await[0].clone();
    let name = tail.db_cluster_snapshot_identifier().unwrap();
    assert_eq!(
        name,
        "rds:unplanned-global-failover-orders-eu-central-20260302090200"
    );
    assert_eq!(tail.status(), Some("creating"));
    let copy = async |target: &str| {
        let request = orders
            .here
            .copy_db_cluster_snapshot()
            .source_db_cluster_snapshot_identifier(name);
        request.target_db_cluster_snapshot_identifier(target).send().await
    };
    let early = copy("tail").await.unwrap_err();
    assert_eq!(early.code(), Some("InvalidDBClusterSnapshotStateFault"));
    orders.wait(Duration::from_mins(1)).await;
    copy("tail").await.unwrap();
    assert_eq!(
        copy("tail").await.unwrap_err().code(),
        Some("DBClusterSnapshotAlreadyExistsFault")
    );
    orders.wait(REBUILD).await;
    let old = orders::described(&orders.here, "orders-eu-central").await;
    assert_eq!(old.status(), Some("available"));
    assert_eq!(
        old.replication_source_identifier(),
        Some(orders.secondary.as_str())
    );
    assert_eq!(
        orders.twin.rds(|rds| rds.held(&orders.primary)),
        orders.twin.rds(|rds| rds.held(&orders.secondary))
    );
    assert_eq!(
        orders.events(),
        [
            "0238", "0397", "0390", "0168", "0240", "0169", "0074", "0075", "0241"
        ]
    );
    // Nobody keeps what Aurora keeps for a day.
    orders.wait(Duration::from_hours(24)).await;
    assert!(snapshots().await.is_empty());
    let copied = orders
        .here
        .describe_db_cluster_snapshots()
        .db_cluster_snapshot_identifier("tail");
    assert_eq!(copied.send().await.unwrap().db_cluster_snapshots().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_lost_tail_there_is_no_snapshot() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.write(&orders.primary)).unwrap();
    orders.wait(Duration::from_secs(5)).await;
    orders.twin.darken(PRIMARY_REGION);
    orders.fail_over().await;
    orders.wait(Duration::from_mins(2)).await;
    orders.twin.lighten(PRIMARY_REGION);
    orders.wait(Duration::from_mins(15)).await;
    assert_eq!(orders.events(), ["0238", "0397", "0390", "0240", "0241"]);
    assert!(orders.twin.rds(|rds| rds.lost_writes()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_living_primary_is_fenced_first() {
    let orders = Orders::new();
    orders.fail_over().await;
    orders.wait(VERIFICATION + FENCING).await;
    assert_eq!(
        orders.twin.rds(|rds| rds.write(&orders.primary)),
        Err(WriteRefused::Fenced)
    );
    orders.wait(Duration::from_mins(1)).await;
    assert_eq!(orders.event("0390")["region"], PRIMARY_REGION);
    assert_eq!(orders.twin.rds(|rds| rds.writable()), [orders.secondary.as_str()]);
}

#[tokio::test(start_paused = true)]
async fn fencing_that_times_out_leaves_two_writers() {
    let orders = Orders::new();
    orders.twin.rds(|rds| rds.fencing(Fencing::TimesOut));
    orders.twin.part(PRIMARY_REGION, SECONDARY_REGION);
    orders.fail_over().await;
    orders.wait(Duration::from_mins(1)).await;
    let both = [orders.primary.clone(), orders.secondary.clone()];
    assert_eq!(orders.twin.rds(|rds| rds.writable()), both);
    let timed_out = orders.event("0391");
    assert_eq!(timed_out["region"], SECONDARY_REGION);
    assert_eq!(timed_out["detail"]["SourceIdentifier"], "orders-eu-west-1");
    // What the old one still takes is lost from the beginning.
    let split = orders.twin.rds(|rds| rds.write(&orders.primary)).unwrap();
    assert_eq!(orders.twin.rds(|rds| rds.lost_writes())[0].write, split);
    orders.twin.join(PRIMARY_REGION, SECONDARY_REGION);
    assert_eq!(orders.twin.rds(|rds| rds.writable()), both);
    orders.wait(Duration::from_mins(1)).await;
    assert_eq!(orders.twin.rds(|rds| rds.writable()), [orders.secondary.as_str()]);
    orders.wait(REBUILD).await;
    assert!(orders.events().contains(&"0168".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_promoted_cluster_without_instances_cannot_serve() {
    let orders = Orders::new();
    orders
        .twin
        .rds(|rds| rds.remove_instances(&orders.secondary).unwrap());
    orders.twin.darken(PRIMARY_REGION);
    orders.fail_over().await;
    orders.wait(Duration::from_mins(1)).await;
    assert_eq!(orders.writer().await, orders.secondary);
    assert_eq!(orders.events(), ["0238", "0519", "0397"]);
    assert_eq!(
        orders.twin.rds(|rds| rds.write(&orders.secondary)),
        Err(WriteRefused::NotServing)
    );
    let (endpoint, _) = orders.twin.rds(|rds| rds.endpoints(&orders.secondary).unwrap());
    assert_eq!(orders.twin.probe(&endpoint, SECONDARY_REGION), Probed::Refused);
    orders
        .twin
        .rds(|rds| rds.add_instance(&orders.secondary, "orders-eu-west-9").unwrap());
    assert!(orders.twin.rds(|rds| rds.takes_writes(&orders.secondary)));
}

#[tokio::test(start_paused = true)]
async fn without_allowing_loss_a_failover_is_a_switchover() {
    let orders = Orders::new();
    let ask = |client: &aws_sdk_rds::Client| {
        let request = client.failover_global_cluster().global_cluster_identifier(GLOBAL);
        request.target_db_cluster_identifier(&orders.secondary)
    };
    let both = ask(&orders.there)
        .allow_data_loss(true)
        .switchover(true)
        .send()
        .await
        .unwrap_err();
    assert_eq!(both.code(), Some("InvalidParameterCombination"));
    orders.twin.darken(PRIMARY_REGION);
    let refused = ask(&orders.there).send().await.unwrap_err();
    assert!(
        refused
            .as_service_error()
            .unwrap()
            .is_invalid_db_cluster_state_fault()
    );
    assert!(
        refused.message().unwrap().contains("not reachable"),
        "{refused:?}"
    );
    orders.twin.lighten(PRIMARY_REGION);
    ask(&orders.here).send().await.unwrap();
    orders.wait(Duration::from_mins(1)).await;
    assert_eq!(orders.writer().await, orders.secondary);
    assert!(orders.events().contains(&"0185".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_failover_is_refused_where_aws_refuses_it() {
    let orders = Orders::new();
    let ask = |client: &aws_sdk_rds::Client| {
        let request = client.failover_global_cluster().global_cluster_identifier(GLOBAL);
        let request = request.target_db_cluster_identifier(&orders.secondary);
        request.allow_data_loss(true).send()
    };
    let elsewhere = ask(&orders.here).await.unwrap_err();
    assert!(
        elsewhere.message().unwrap().contains(SECONDARY_REGION),
        "{elsewhere:?}"
    );
    orders
        .twin
        .rds(|rds| rds.set_engine_version(&orders.secondary, "16.3").unwrap());
    let drifted = ask(&orders.there).await.unwrap_err();
    assert!(
        drifted
            .as_service_error()
            .unwrap()
            .is_invalid_db_cluster_state_fault()
    );
    orders
        .twin
        .rds(|rds| rds.set_engine_version(&orders.secondary, "16.4").unwrap());
    orders
        .twin
        .rds(|rds| rds.console_failover(GLOBAL, "orders-eu-west"))
        .unwrap();
    let again = ask(&orders.there).await.unwrap_err();
    assert!(
        again
            .as_service_error()
            .unwrap()
            .is_invalid_global_cluster_state_fault()
    );
    orders.wait(Duration::from_mins(1)).await;
    let done = ask(&orders.there).await.unwrap_err();
    assert!(done.message().unwrap().contains("already"), "{done:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failover_to_a_region_that_goes_dark_fails() {
    let orders = Orders::new();
    orders.fail_over().await;
    orders.twin.darken(SECONDARY_REGION);
    orders.wait(Duration::from_mins(5)).await;
    assert!(orders.twin.rds(|rds| rds.is_moving(GLOBAL)));
    orders.wait(Duration::from_mins(10)).await;
    assert!(!orders.twin.rds(|rds| rds.is_moving(GLOBAL)));
    assert_eq!(orders.twin.rds(|rds| rds.writable()), [orders.primary.as_str()]);
}
