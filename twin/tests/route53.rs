//! Route 53, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_route53::Client;
use aws_sdk_route53::error::ProvideErrorMetadata;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecord, ResourceRecordSet, RrType,
};
use twin::Twin;
use twin::route53::RecordSet;

const ZONE: &str = "Z0000000000TWIN";
const READER: &str = "reader.db.example.com.";

fn zone_with_pair() -> (Twin, Client) {
    let twin = sdk::twin();
    twin.route53(|route53| {
        route53.create_zone(ZONE, "db.example.com");
        for (set, weight) in [("target", 0), ("source", 100)] {
            route53.put_record(
                ZONE,
                RecordSet::weighted(READER, "CNAME", set, weight, 60, &format!("{set}.example.net")),
            );
        }
    });
    let client = Client::new(&sdk::config(&twin));
    (twin, client)
}

fn record(set: &str, weight: i64, ttl: i64) -> ResourceRecordSet {
    let value = ResourceRecord::builder()
        .value(format!("{set}.example.net"))
        .build()
        .unwrap();
    ResourceRecordSet::builder()
        .name(READER)
        .r#type(RrType::Cname)
        .set_identifier(set)
        .weight(weight)
        .ttl(ttl)
        .resource_records(value)
        .build()
        .unwrap()
}

fn change(action: ChangeAction, record: ResourceRecordSet) -> Change {
    Change::builder()
        .action(action)
        .resource_record_set(record)
        .build()
        .unwrap()
}

/// Takes the pair from one split to another, if it is what we think it is.
fn compare_and_swap(from: (i64, i64), to: (i64, i64)) -> ChangeBatch {
    ChangeBatch::builder()
        .changes(change(ChangeAction::Delete, record("source", from.0, 60)))
        .changes(change(ChangeAction::Create, record("source", to.0, 60)))
        .changes(change(ChangeAction::Delete, record("target", from.1, 60)))
        .changes(change(ChangeAction::Create, record("target", to.1, 60)))
        .build()
        .unwrap()
}

fn weights(twin: &Twin) -> (u8, u8) {
    twin.route53(|route53| {
        let weight = |set: &str| route53.weight(ZONE, READER, set).unwrap();
        (weight("source"), weight("target"))
    })
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fits_is_applied_and_goes_from_pending_to_in_sync() {
    let (twin, client) = zone_with_pair();
    let answer = client
        .change_resource_record_sets()
        .hosted_zone_id(ZONE)
        .change_batch(compare_and_swap((100, 0), (80, 20)))
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
    let error = client
        .change_resource_record_sets()
        .hosted_zone_id(ZONE)
        .change_batch(compare_and_swap((100, 0), (80, 20)))
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
        let sent = client
            .change_resource_record_sets()
            .hosted_zone_id(ZONE)
            .change_batch(batch)
            .send()
            .await;
        assert!(sent.unwrap_err().into_service_error().is_invalid_change_batch());
    }
    assert_eq!(twin.route53(|route53| route53.records(ZONE).len()), 4);
}

#[tokio::test(start_paused = true)]
async fn records_that_cannot_stand_beside_each_other_are_refused() {
    let (_twin, client) = zone_with_pair();
    let send = async |change: Change| {
        let batch = ChangeBatch::builder().changes(change).build().unwrap();
        let sent = client
            .change_resource_record_sets()
            .hosted_zone_id(ZONE)
            .change_batch(batch)
            .send()
            .await;
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
async fn records_are_listed_by_reversed_name_then_type_then_set_identifier() {
    let (twin, client) = zone_with_pair();
    twin.route53(|route53| {
        route53.put_record(ZONE, RecordSet::simple("*.db.example.com", "TXT", 60, "\"any\""));
        route53.put_record(
            ZONE,
            RecordSet::simple("a.writer.db.example.com", "A", 60, "192.0.2.1"),
        );
    });
    let mut seen = Vec::new();
    let mut request = client
        .list_resource_record_sets()
        .hosted_zone_id(ZONE)
        .max_items(2);
    loop {
        let page = request.send().await.unwrap();
        assert!(page.resource_record_sets().len() <= 2);
        let sets = page.resource_record_sets().iter();
        seen.extend(sets.map(|set| {
            (
                set.name.clone(),
                set.r#type.to_string(),
                set.set_identifier.clone(),
            )
        }));
        if !page.is_truncated() {
            break;
        }
        request = client
            .list_resource_record_sets()
            .hosted_zone_id(ZONE)
            .max_items(2)
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
    let seen: Vec<(&str, &str, Option<&str>)> = seen
        .iter()
        .map(|(name, kind, set)| (name.as_str(), kind.as_str(), set.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            ("db.example.com.", "NS", None),
            ("db.example.com.", "SOA", None),
            ("\\052.db.example.com.", "TXT", None),
            (READER, "CNAME", Some("source")),
            (READER, "CNAME", Some("target")),
            ("a.writer.db.example.com.", "A", None),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_named() {
    let (_twin, client) = zone_with_pair();
    let error = client.get_hosted_zone().id("ZNOBODY").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_no_such_hosted_zone());
    assert!(error.message().unwrap().contains("ZNOBODY"));
    let error = client.get_change().id("CNOBODY").send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_no_such_change());
}

#[tokio::test(start_paused = true)]
async fn a_zone_can_be_made_and_found_by_name() {
    let (_twin, client) = zone_with_pair();
    let made = client
        .create_hosted_zone()
        .name("Example.ORG")
        .caller_reference("once")
        .send()
        .await
        .unwrap();
    let zone = made.hosted_zone().unwrap();
    assert_eq!(zone.name(), "example.org.");
    let again = client
        .create_hosted_zone()
        .name("example.org")
        .caller_reference("once")
        .send()
        .await;
    assert!(
        again
            .unwrap_err()
            .into_service_error()
            .is_hosted_zone_already_exists()
    );
    let found = client
        .list_hosted_zones_by_name()
        .dns_name("example.org")
        .max_items(1)
        .send()
        .await
        .unwrap();
    assert_eq!(found.hosted_zones()[0].id(), zone.id());
    let all = client.list_hosted_zones().send().await.unwrap();
    assert_eq!(all.hosted_zones().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_busy_zone_says_so_and_the_sdk_tries_again() {
    let (twin, client) = zone_with_pair();
    twin.route53(|route53| route53.prior_request_window = Duration::from_millis(200));
    for (from, to) in [((100, 0), (80, 20)), ((80, 20), (50, 50))] {
        let request = client.change_resource_record_sets().hosted_zone_id(ZONE);
        request
            .change_batch(compare_and_swap(from, to))
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
    let request = client.change_resource_record_sets().hosted_zone_id(ZONE);
    request
        .change_batch(compare_and_swap((100, 0), (80, 20)))
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
