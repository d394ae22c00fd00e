//! What DMS tells the event bus, and what it says of a load under way.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_databasemigration::Client;
use aws_sdk_databasemigration::types::StartReplicationTaskTypeValue;
use serde_json::{Value, json};
use twin::dms::{Table, Task, TaskStatus};
use twin::{Twin, TwinOptions};

fn with_task(seed: u64) -> (Twin, String) {
    let twin = Twin::new(TwinOptions {
        seed,
        rates: false,
        ..TwinOptions::default()
    });
    let arn = twin.dms(|dms| {
        let instance_arn = dms.create_instance("cutover-dev");
        dms.create_task(Task {
            instance_arn,
            ..Task::named("orders")
        })
    });
    (twin, arn)
}

fn told(twin: &Twin) -> Vec<Value> {
    twin.deliver();
    twin.bus().into_iter().map(|event| event.event).collect()
}

fn types(twin: &Twin) -> Vec<String> {
    let event_type = |event: &Value| event["detail"]["eventType"].as_str().unwrap().to_owned();
    told(twin).iter().map(event_type).collect()
}

#[tokio::test(start_paused = true)]
async fn a_task_tells_of_its_life_when_it_happens() {
    let (twin, arn) = with_task(1);
    let client = Client::new(&sdk::config(&twin));
    client
        .start_replication_task()
        .replication_task_arn(&arn)
        .start_replication_task_type(StartReplicationTaskTypeValue::StartReplication)
        .send()
        .await
        .unwrap();
    assert_eq!(types(&twin), ["REPLICATION_TASK_CREATED"]);
    twin.clock().sleep(Duration::from_mins(1)).await;
    twin.minute().await;
    twin.dms(|dms| dms.stop("orders", "FULL_LOAD_ONLY_FINISHED"));
    twin.dms(|dms| dms.set_status("orders", TaskStatus::Running));
    // Nothing tells that the full load is complete, nor that nothing has changed.
    twin.dms(|dms| dms.set_full_load_percent("orders", 100));
    twin.dms(|dms| dms.set_status("orders", TaskStatus::Running));
    twin.dms(|dms| dms.pause_reading("orders"));
    twin.dms(|dms| dms.fail("orders", "RECOVERABLE_ERROR", "ODBC general error"));
    twin.dms(|dms| dms.delete_task("orders"));
    assert_eq!(
        types(&twin),
        [
            "REPLICATION_TASK_CREATED",
            "REPLICATION_TASK_STARTED",
            "REPLICATION_TASK_STOPPED",
            "REPLICATION_TASK_STARTED",
            "READING_PAUSED_SWAP_FILES_LIMIT_REACHED",
            "REPLICATION_TASK_FAILED",
            "REPLICATION_TASK_DELETED",
        ]
    );
    let events = told(&twin);
    assert!(events.iter().all(|event| event["resources"] == json!([arn])));
    assert_eq!(events[1]["source"], "aws.dms");
    assert_eq!(events[1]["detail-type"], "DMS Replication Task State Change");
    assert_eq!(events[1]["time"], "2026-03-02T09:01:00Z");
    assert_eq!(events[1]["account"], "111122223333");
    assert_eq!(
        events[5]["detail"]["detailMessage"],
        "Last Error  ODBC general error. Stop Reason RECOVERABLE_ERROR Error Level RECOVERABLE"
    );
}

#[tokio::test(start_paused = true)]
async fn every_spelling_that_was_seen_comes_in_turn() {
    let (twin, _) = with_task(1);
    let flip = |status: TaskStatus| twin.dms(|dms| dms.set_status("orders", status));
    for _ in 0..3 {
        flip(TaskStatus::Running);
        twin.dms(|dms| dms.fail("orders", "FATAL_ERROR", "no space left"));
    }
    let shape = |event: &Value| {
        let detail = &event["detail"];
        let id = |name: &str| detail[name].as_str().map(str::to_owned);
        (
            detail["type"].as_str().unwrap().to_owned(),
            id("eventName"),
            id("eventId"),
        )
    };
    let documented = |id: &str| ("ReplicationTask".to_owned(), Some(id.to_owned()), None);
    let captured = |id: &str| ("REPLICATION_TASK".to_owned(), None, Some(id.to_owned()));
    let bare = ("REPLICATION_TASK".to_owned(), None, None);
    let failures = |event: &&Value| event["detail"]["category"] == "Failure";
    let events = told(&twin);
    let failed: Vec<_> = events.iter().filter(failures).map(shape).collect();
    for wanted in [documented("DMS-EVENT-0078"), captured("DMS-EVENT-0078"), bare] {
        assert!(failed.contains(&wanted), "{failed:?}");
    }
    let others: Vec<_> = events
        .iter()
        .filter(|event| !failures(event))
        .map(shape)
        .collect();
    assert!(others.contains(&captured("DMS-EVENT-0074")), "{others:?}");
    assert!(others.contains(&documented("DMS-EVENT-0069")), "{others:?}");
    let (other_seed, _) = with_task(2);
    assert_eq!(shape(&told(&other_seed)[0]), documented("DMS-EVENT-0074"));
}

#[tokio::test(start_paused = true)]
async fn an_instance_has_a_status_and_tells_of_it() {
    let (twin, _) = with_task(1);
    let client = Client::new(&sdk::config(&twin));
    let status = async || {
        let answer = client.describe_replication_instances().send().await.unwrap();
        let status = answer.replication_instances()[0].replication_instance_status();
        status.unwrap().to_owned()
    };
    assert_eq!(status().await, "available");
    assert!(twin.dms(|dms| dms.set_instance_status("cutover-dev", "storage-full")));
    assert_eq!(status().await, "storage-full");
    let events = told(&twin);
    let event = events.last().unwrap();
    assert_eq!(event["detail-type"], "DMS Replication Instance State Change");
    assert_eq!(event["detail"]["category"], "Failure");
    assert!(event["resources"][0].as_str().unwrap().contains(":rep:"));
    assert!(!twin.dms(|dms| dms.set_instance_status("nobody", "available")));
}

#[tokio::test(start_paused = true)]
async fn tables_follow_the_progress_of_the_load() {
    let (twin, _) = with_task(1);
    let client = Client::new(&sdk::config(&twin));
    twin.dms(|dms| {
        dms.set_status("orders", TaskStatus::Running);
        for table in ["customers", "items", "orders", "payments"] {
            dms.set_table("orders", Table::completed("public", table));
        }
    });
    let counts = async |percent: u8| {
        twin.dms(|dms| dms.set_full_load_percent("orders", percent));
        let answer = client.describe_replication_tasks().send().await.unwrap();
        let stats = answer.replication_tasks()[0]
            .replication_task_stats()
            .unwrap()
            .clone();
        (
            stats.tables_loaded(),
            stats.tables_loading(),
            stats.tables_queued(),
        )
    };
    assert_eq!(counts(0).await, (0, 1, 3));
    assert_eq!(counts(60).await, (2, 1, 1));
    assert_eq!(counts(99).await, (3, 1, 0));
    assert_eq!(counts(100).await, (4, 0, 0));
}
