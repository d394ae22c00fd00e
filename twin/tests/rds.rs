//! RDS described, created and probed, through the real SDK.

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
use sdk::orders::{self, GLOBAL, Orders, PRIMARY_REGION, SECONDARY_REGION};
use twin::Twin;
use twin::rds::{ClusterStatus, Probed};

fn client(twin: &Twin, region: &str) -> Client {
    Client::new(&sdk::config_with(twin.clock(), twin.http_client(), region))
}

#[tokio::test(start_paused = true)]
async fn a_region_knows_its_own_clusters_and_every_member_knows_the_global_database() {
    let orders = Orders::new();
    let here = orders.here.describe_db_clusters().send().await.unwrap();
    let names: Vec<_> = here
        .db_clusters()
        .iter()
        .filter_map(|cluster| cluster.db_cluster_identifier())
        .collect();
    assert_eq!(names, ["orders-eu-central"]);
    let refused = orders
        .here
        .describe_db_clusters()
        .db_cluster_identifier("orders-eu-west");
    let refused = refused.send().await.unwrap_err();
    assert!(
        refused
            .as_service_error()
            .unwrap()
            .is_db_cluster_not_found_fault()
    );
    let elsewhere = client(&orders.twin, "us-west-2");
    let globals = elsewhere.describe_global_clusters().send().await.unwrap();
    assert!(globals.global_clusters().is_empty());

    let global = orders.global().await;
    assert_eq!(
        global.global_cluster_arn(),
        Some("arn:aws:rds::111122223333:global-cluster:orders")
    );
    assert_eq!(global.status(), Some("available"));
    assert!(global.failover_state().is_none());
    let endpoint = global.endpoint().unwrap();
    assert!(endpoint.starts_with("orders.global-"), "{endpoint}");
    let [writer, reader] = global.global_cluster_members() else {
        panic!("{global:?}");
    };
    assert_eq!(writer.db_cluster_arn(), Some(orders.primary.as_str()));
    assert_eq!(writer.is_writer(), Some(true));
    assert_eq!(writer.readers(), [orders.secondary.as_str()]);
    assert_eq!(reader.is_writer(), Some(false));
    assert_eq!(reader.synchronization_status().unwrap().as_str(), "connected");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_shows_its_instances_and_who_leads() {
    let orders = Orders::new();
    let primary = orders::described(&orders.here, "orders-eu-central").await;
    assert_eq!(primary.engine(), Some("aurora-postgresql"));
    assert_eq!(primary.engine_version(), Some("16.4"));
    assert_eq!(primary.port(), Some(5432));
    assert_eq!(
        primary.db_cluster_parameter_group(),
        Some("default.aurora-postgresql16")
    );
    assert!(primary.cluster_create_time().is_some());
    let leads: Vec<_> = primary
        .db_cluster_members()
        .iter()
        .map(|member| {
            (
                member.db_instance_identifier().unwrap(),
                member.is_cluster_writer().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        leads,
        [("orders-eu-central-1", true), ("orders-eu-central-2", false)]
    );
    let secondary = orders::described(&orders.there, &orders.secondary).await;
    assert_eq!(
        secondary.replication_source_identifier(),
        Some(orders.primary.as_str())
    );
    assert!(
        secondary
            .db_cluster_members()
            .iter()
            .all(|member| member.is_cluster_writer() == Some(false))
    );

    let instance = orders
        .there
        .describe_db_instances()
        .db_instance_identifier("orders-eu-west-2");
    let instance = instance.send().await.unwrap().db_instances()[0].clone();
    assert_eq!(instance.db_cluster_identifier(), Some("orders-eu-west"));
    assert_eq!(instance.db_instance_status(), Some("available"));
    assert_eq!(instance.availability_zone(), Some("eu-west-1b"));
    let refused = orders
        .here
        .describe_db_instances()
        .db_instance_identifier("orders-eu-west-2");
    let refused = refused.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("DBInstanceNotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_probe_finds_what_a_connection_would() {
    let orders = Orders::new();
    let (writer, reader) = orders.twin.rds(|rds| rds.endpoints("orders-eu-central").unwrap());
    let (secondary, _) = orders.twin.rds(|rds| rds.endpoints("orders-eu-west").unwrap());
    let global = orders.twin.rds(|rds| rds.global_endpoint(GLOBAL).unwrap());
    let probe = |endpoint: &str| orders.twin.probe(endpoint, SECONDARY_REGION);
    let role = |writer| Probed::Role { writer, lag: None };
    assert_eq!(probe(&writer), role(true));
    assert_eq!(probe(&global), role(true));
    assert_eq!(probe(&reader), role(false));
    assert_eq!(
        probe("nobody.cluster-x.eu-west-1.rds.amazonaws.com"),
        Probed::Refused
    );
    let Probed::Role {
        writer: false,
        lag: Some(seen),
    } = probe(&secondary)
    else {
        panic!("{:?}", probe(&secondary));
    };
    assert_eq!(seen.lag, Duration::from_millis(300));
    assert_eq!(seen.as_of, orders.twin.clock().now());

    orders.twin.darken(PRIMARY_REGION);
    let dark_since = orders.twin.clock().now();
    orders.wait(Duration::from_mins(1)).await;
    assert_eq!(probe(&writer), Probed::Silent);
    assert_eq!(probe(&global), Probed::Silent);
    let Probed::Role { lag: Some(seen), .. } = probe(&secondary) else {
        panic!("{:?}", probe(&secondary));
    };
    assert_eq!(seen.as_of, dark_since);
    orders.twin.lighten(PRIMARY_REGION);
    orders.twin.rds(|rds| {
        rds.set_status("orders-eu-central", ClusterStatus::Stopped)
            .unwrap();
    });
    assert_eq!(probe(&writer), Probed::Refused);
}

#[tokio::test(start_paused = true)]
async fn what_the_api_creates_is_there_at_once() {
    let twin = sdk::twin();
    let (here, there) = (client(&twin, PRIMARY_REGION), client(&twin, SECONDARY_REGION));
    let create = |client: &Client, name: &str| {
        let request = client
            .create_db_cluster()
            .db_cluster_identifier(name)
            .engine("aurora-postgresql");
        request.global_cluster_identifier("g").send()
    };
    let unknown = create(&here, "a").await.unwrap_err();
    assert_eq!(unknown.code(), Some("GlobalClusterNotFoundFault"));
    let global = here
        .create_global_cluster()
        .global_cluster_identifier("g")
        .engine("aurora-postgresql");
    global.engine_version("16.4").send().await.unwrap();
    let first = create(&here, "a").await.unwrap().db_cluster.unwrap();
    let second = create(&there, "b").await.unwrap().db_cluster.unwrap();
    let again = create(&here, "a").await.unwrap_err();
    assert_eq!(again.code(), Some("DBClusterAlreadyExistsFault"));
    let instance = there
        .create_db_instance()
        .db_instance_identifier("b-1")
        .db_cluster_identifier("b");
    instance
        .db_instance_class("db.r6g.large")
        .engine("aurora-postgresql")
        .send()
        .await
        .unwrap();
    let shown = there
        .describe_global_clusters()
        .send()
        .await
        .unwrap()
        .global_clusters()[0]
        .clone();
    let writers: Vec<_> = shown
        .global_cluster_members()
        .iter()
        .map(|member| (member.db_cluster_arn(), member.is_writer()))
        .collect();
    assert_eq!(
        writers,
        [
            (first.db_cluster_arn(), Some(true)),
            (second.db_cluster_arn(), Some(false))
        ]
    );
}
