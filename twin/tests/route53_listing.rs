//! Listing and finding in Route 53, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use aws_sdk_route53::error::ProvideErrorMetadata;
use sdk::pair::{READER, ZONE, zone_with_pair};
use twin::route53::RecordSet;

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
