//! DMS, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_databasemigration::Client;
use aws_sdk_databasemigration::error::ProvideErrorMetadata;
use aws_sdk_databasemigration::types::{Filter, ReplicationTask, StartReplicationTaskTypeValue};
use twin::Twin;
use twin::dms::{Table, Task, TaskStatus};

fn with_task() -> (Twin, Client, String) {
    let twin = sdk::twin();
    let arn = twin.dms(|dms| {
        let instance_arn = dms.create_instance("cutover-dev");
        dms.create_task(Task {
            instance_arn,
            ..Task::named("orders")
        })
    });
    let client = Client::new(&sdk::config(&twin));
    (twin, client, arn)
}

async fn described(client: &Client, name: &str, value: &str) -> ReplicationTask {
    let filter = Filter::builder().name(name).values(value).build().unwrap();
    let answer = client
        .describe_replication_tasks()
        .filters(filter)
        .send()
        .await
        .unwrap();
    answer.replication_tasks()[0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_task_starts_runs_stops_and_resumes() {
    let (twin, client, arn) = with_task();
    let status = async || {
        described(&client, "replication-task-arn", &arn)
            .await
            .status
            .unwrap()
    };
    let start = async |kind: StartReplicationTaskTypeValue| {
        client
            .start_replication_task()
            .replication_task_arn(&arn)
            .start_replication_task_type(kind)
            .send()
            .await
    };
    assert_eq!(status().await, "ready");
    let refused = start(StartReplicationTaskTypeValue::ResumeProcessing)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterCombinationException"));
    start(StartReplicationTaskTypeValue::StartReplication)
        .await
        .unwrap();
    assert_eq!(status().await, "starting");
    let refused = start(StartReplicationTaskTypeValue::ReloadTarget)
        .await
        .unwrap_err();
    assert!(
        refused
            .as_service_error()
            .unwrap()
            .is_invalid_resource_state_fault()
    );
    twin.clock().sleep(Duration::from_secs(45)).await;
    assert_eq!(status().await, "running");
    client
        .stop_replication_task()
        .replication_task_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(status().await, "stopping");
    twin.clock().sleep(Duration::from_secs(45)).await;
    let task = described(&client, "replication-task-id", "orders").await;
    assert_eq!(task.status(), Some("stopped"));
    assert_eq!(task.stop_reason(), Some("Stop Reason NORMAL"));
    start(StartReplicationTaskTypeValue::ResumeProcessing)
        .await
        .unwrap();
    twin.clock().sleep(Duration::from_secs(45)).await;
    let task = described(&client, "replication-task-id", "orders").await;
    assert_eq!(task.status(), Some("running"));
    assert_eq!(task.stop_reason(), None);
}

#[tokio::test(start_paused = true)]
async fn a_failure_gives_its_reason_and_the_tables_in_error() {
    let (twin, client, arn) = with_task();
    twin.dms(|dms| {
        dms.set_status("orders", TaskStatus::Running);
        dms.set_full_load_percent("orders", 100);
        dms.set_table("orders", Table::completed("public", "orders"));
        dms.set_table(
            "orders",
            Table {
                state: "Table error".to_owned(),
                ..Table::completed("public", "items")
            },
        );
        dms.fail(
            "orders",
            "FATAL_ERROR",
            "Last Error  Replication task has failed.",
        );
    });
    let task = described(&client, "replication-task-arn", &arn).await;
    assert_eq!(task.status(), Some("failed"));
    assert_eq!(task.stop_reason(), Some("Stop Reason FATAL_ERROR"));
    assert_eq!(
        task.last_failure_message(),
        Some("Last Error  Replication task has failed.")
    );
    let stats = task.replication_task_stats().unwrap();
    assert_eq!(stats.tables_errored(), 1);
    assert_eq!(stats.tables_loaded(), 1);
    assert_eq!(stats.full_load_progress_percent(), 100);
}

#[tokio::test(start_paused = true)]
async fn table_statistics_come_in_pages() {
    let (twin, client, arn) = with_task();
    twin.dms(|dms| {
        for number in 0..45 {
            dms.set_table("orders", Table::completed("public", &format!("t{number:02}")));
        }
    });
    let request = client
        .describe_table_statistics()
        .replication_task_arn(&arn)
        .max_records(20);
    let mut pages = request.into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.table_statistics().len() <= 20);
        names.extend(
            page.table_statistics()
                .iter()
                .filter_map(|table| table.table_name.clone()),
        );
    }
    assert_eq!(names.len(), 45);
    assert_eq!(names[44], "t44");
}

#[tokio::test(start_paused = true)]
async fn what_is_unknown_is_a_fault() {
    let (_twin, client, arn) = with_task();
    let filter = Filter::builder()
        .name("replication-task-id")
        .values("nobody")
        .build()
        .unwrap();
    let error = client
        .describe_replication_tasks()
        .filters(filter)
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_resource_not_found_fault());
    let error = client
        .describe_table_statistics()
        .replication_task_arn(format!("{arn}X"))
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_resource_not_found_fault());
    let error = client
        .describe_replication_tasks()
        .max_records(19)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValueException"));
    let instances = client.describe_replication_instances().send().await.unwrap();
    assert_eq!(
        instances.replication_instances()[0].replication_instance_identifier(),
        Some("cutover-dev")
    );
}
