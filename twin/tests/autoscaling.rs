//! Instance refreshes, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::error::ProvideErrorMetadata;
use aws_sdk_autoscaling::types::{InstanceRefresh, InstanceRefreshStatus};
use twin::Twin;
use twin::autoscaling::RefreshStatus;

const GROUP: &str = "web-dev";
const REFRESHING: Duration = Duration::from_secs(100);

/// A group of four whose refreshes take ten seconds, then a hundred.
fn group() -> (Twin, Client) {
    let twin = sdk::twin();
    twin.autoscaling(|groups| {
        groups.pending = Duration::from_secs(10);
        groups.refreshing = REFRESHING;
        groups.create_group(GROUP, 4)
    });
    let client = Client::new(&sdk::config(&twin));
    (twin, client)
}

async fn start(client: &Client) -> String {
    let started = client.start_instance_refresh().auto_scaling_group_name(GROUP);
    started.send().await.unwrap().instance_refresh_id.unwrap()
}

async fn latest(client: &Client) -> InstanceRefresh {
    let described = client
        .describe_instance_refreshes()
        .auto_scaling_group_name(GROUP);
    described.send().await.unwrap().instance_refreshes()[0].clone()
}

async fn instances(client: &Client) -> Vec<String> {
    let described = client
        .describe_auto_scaling_groups()
        .auto_scaling_group_names(GROUP);
    let described = described.send().await.unwrap();
    let instances = described.auto_scaling_groups()[0].instances().iter();
    instances
        .map(|one| one.instance_id().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_refresh_replaces_one_instance_after_the_other() {
    let (twin, client) = group();
    let before = instances(&client).await;
    assert_eq!(before.len(), 4);
    let id = start(&client).await;
    assert_eq!(
        latest(&client).await.status(),
        Some(&InstanceRefreshStatus::Pending)
    );
    twin.clock().sleep(Duration::from_mins(1)).await;
    let half = latest(&client).await;
    assert_eq!(half.status(), Some(&InstanceRefreshStatus::InProgress));
    assert_eq!(half.percentage_complete(), Some(50));
    assert_eq!(half.instances_to_update(), Some(2));
    let now = instances(&client).await;
    assert_eq!(now[2..], before[2..]);
    assert_ne!(now[..2], before[..2]);
    twin.clock().sleep(Duration::from_mins(1)).await;
    let done = latest(&client).await;
    assert_eq!(done.instance_refresh_id(), Some(id.as_str()));
    assert_eq!(done.status(), Some(&InstanceRefreshStatus::Successful));
    assert_eq!(done.percentage_complete(), Some(100));
    assert!(done.end_time().is_some());
    let after = instances(&client).await;
    assert!(after.iter().all(|instance| !before.contains(instance)));
    start(&client).await;
    assert_eq!(instances(&client).await, after);
}

#[tokio::test(start_paused = true)]
async fn one_refresh_at_a_time() {
    let (twin, client) = group();
    start(&client).await;
    let second = client.start_instance_refresh().auto_scaling_group_name(GROUP);
    let refused = second.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InstanceRefreshInProgress"));
    assert!(
        refused
            .into_service_error()
            .is_instance_refresh_in_progress_fault()
    );
    assert_eq!(twin.autoscaling(|groups| groups.refreshes(GROUP)).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_refresh_leaves_what_it_has_replaced() {
    let (twin, client) = group();
    let before = instances(&client).await;
    let id = start(&client).await;
    twin.clock().sleep(Duration::from_secs(40)).await;
    let cancel = || {
        client
            .cancel_instance_refresh()
            .auto_scaling_group_name(GROUP)
            .send()
    };
    assert_eq!(cancel().await.unwrap().instance_refresh_id(), Some(id.as_str()));
    assert_eq!(
        latest(&client).await.status(),
        Some(&InstanceRefreshStatus::Cancelling)
    );
    twin.clock().sleep(Duration::from_mins(5)).await;
    assert_eq!(
        latest(&client).await.status(),
        Some(&InstanceRefreshStatus::Cancelled)
    );
    let after = instances(&client).await;
    assert_eq!(after[1..], before[1..]);
    assert_ne!(after[0], before[0]);
    let nothing = cancel().await.unwrap_err();
    assert_eq!(nothing.code(), Some("ActiveInstanceRefreshNotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_not_there_is_named() {
    let (twin, client) = group();
    let started = client.start_instance_refresh().auto_scaling_group_name("other");
    let refused = started.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ValidationError"));
    assert!(refused.message().unwrap().contains("'other' not found"));
    let away = Client::new(&sdk::config(&twin.at("eu-west-1")));
    let groups = away.describe_auto_scaling_groups().send().await.unwrap();
    assert!(groups.auto_scaling_groups().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_stands_still_in_a_dark_region() {
    let (twin, client) = group();
    start(&client).await;
    twin.darken("eu-central-1");
    twin.clock().sleep(Duration::from_hours(1)).await;
    twin.lighten("eu-central-1");
    assert_eq!(
        twin.autoscaling(|groups| groups.refreshes(GROUP)),
        [RefreshStatus::Pending]
    );
    twin.clock().sleep(REFRESHING * 2).await;
    assert_eq!(
        twin.autoscaling(|groups| groups.refreshes(GROUP)),
        [RefreshStatus::Successful]
    );
}
