//! Change batches of Route 53, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_route53::error::ProvideErrorMetadata;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ChangeStatus};
use sdk::pair::{READER, ZONE, change, changing, compare_and_swap, record, weights, zone_with_pair};

#[tokio::test(start_paused = true)]
async fn a_batch_that_fits_is_applied_and_goes_from_pending_to_in_sync() {
    let (twin, client) = zone_with_pair();
    let answer = changing(&client, compare_and_swap((100, 0), (80, 20)))
        .send()
        .await
        .unwrap();
    assert_eq!(weights(&twin), (80, 20));
    let info = answer.change_info().unwrap();
    assert_eq!(info.status(), &ChangeStatus::Pending);
    let status = async || {
        let answer = client.get_change().id(info.id()).send().await.unwrap();
        answer.change_info().unwrap().status().clone()
    };
    assert_eq!(status().await, ChangeStatus::Pending);
    twin.clock().sleep(Duration::from_secs(30)).await;
    assert_eq!(status().await, ChangeStatus::Insync);
}

#[tokio::test(start_paused = true)]
async fn a_stale_delete_fails_the_whole_batch_and_changes_nothing() {
    let (twin, client) = zone_with_pair();
    assert!(twin.route53(|route53| route53.set_weight(ZONE, READER, "target", 5)));
    let error = changing(&client, compare_and_swap((100, 0), (80, 20)))
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_invalid_change_batch());
    assert_eq!(
        error.message(),
        Some(
            "[Tried to delete resource record set [name='reader.db.example.com.', type='CNAME', set \
             identifier='target'] but the values provided do not match the current values, Tried to create \
             resource record set [name='reader.db.example.com.', type='CNAME', set identifier='target'] but it \
             already exists]"
        )
    );
    assert_eq!(weights(&twin), (100, 5));
}

#[tokio::test(start_paused = true)]
async fn a_delete_must_match_the_ttl_and_the_values_too() {
    let (twin, client) = zone_with_pair();
    for wrong in [record("source", 100, 61), record("other", 100, 60)] {
        let batch = ChangeBatch::builder()
            .changes(change(ChangeAction::Delete, wrong))
            .build()
            .unwrap();
        let sent = changing(&client, batch).send().await;
        assert!(sent.unwrap_err().into_service_error().is_invalid_change_batch());
    }
    assert_eq!(twin.route53(|route53| route53.records(ZONE).len()), 4);
}

#[tokio::test(start_paused = true)]
async fn records_that_cannot_stand_beside_each_other_are_refused() {
    let (_twin, client) = zone_with_pair();
    let send = async |change: Change| {
        let batch = ChangeBatch::builder().changes(change).build().unwrap();
        let sent = changing(&client, batch).send().await;
        let error = sent.unwrap_err();
        (
            error.code().unwrap_or_default().to_owned(),
            error.message().unwrap_or_default().to_owned(),
        )
    };
    let mut simple = record("x", 1, 60);
    simple.set_identifier = None;
    simple.weight = None;
    let (code, message) = send(change(ChangeAction::Create, simple)).await;
    assert_eq!(code, "InvalidChangeBatch", "{message}");
    let (code, message) = send(change(ChangeAction::Upsert, record("source", 80, 30))).await;
    assert_eq!(code, "InvalidChangeBatch");
    assert!(
        message.contains("weighted sets must contain the same TTL"),
        "{message}"
    );
    let (code, message) = send(change(ChangeAction::Upsert, record("source", 256, 60))).await;
    assert_eq!(code, "InvalidInput");
    assert!(message.contains("maxInclusive '255'"), "{message}");
    let mut nameless = record("source", 1, 60);
    nameless.set_identifier = None;
    let (code, message) = send(change(ChangeAction::Upsert, nameless)).await;
    assert_eq!(code, "InvalidInput");
    assert!(message.contains("Missing field 'SetIdentifier'"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_zone_says_so_and_the_sdk_tries_again() {
    let (twin, client) = zone_with_pair();
    twin.route53(|route53| route53.prior_request_window = Duration::from_millis(200));
    for (from, to) in [((100, 0), (80, 20)), ((80, 20), (50, 50))] {
        changing(&client, compare_and_swap(from, to))
            .send()
            .await
            .unwrap();
    }
    let codes: Vec<String> = twin
        .log()
        .iter()
        .map(|call| format!("{:?}", call.outcome))
        .collect();
    assert!(
        codes
            .iter()
            .any(|outcome| outcome.contains("PriorRequestNotComplete")),
        "{codes:?}"
    );
    assert_eq!(weights(&twin), (50, 50));
}

#[tokio::test(start_paused = true)]
async fn history_and_log_tell_every_weight() {
    let (twin, client) = zone_with_pair();
    changing(&client, compare_and_swap((100, 0), (80, 20)))
        .send()
        .await
        .unwrap();
    let history = twin.route53(|route53| route53.history());
    let last = history.last().unwrap();
    assert!(last.change.is_some());
    assert_eq!(last.sets[0].name, READER);
    assert_eq!(
        last.sets[0].weights,
        [("source".to_owned(), 80), ("target".to_owned(), 20)]
    );
    let log = twin.log();
    assert_eq!(log[0].subject, READER);
    assert_eq!(log[0].operation, "ChangeResourceRecordSets");
    assert_eq!(log[0].detail[1]["weight"], 80);
    assert_eq!(log[0].detail[1]["set_identifier"], "source");
    assert_eq!(log[0].ended.unwrap().duration_since(log[0].at).as_millis(), 8);
}
