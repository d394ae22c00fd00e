//! A hosted zone with one weighted pair, and the change that moves it.

use aws_sdk_route53::Client;
use aws_sdk_route53::operation::change_resource_record_sets::builders::ChangeResourceRecordSetsFluentBuilder;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use twin::Twin;
use twin::route53::RecordSet;

pub const ZONE: &str = "Z0000000000TWIN";
pub const READER: &str = "reader.db.example.com.";

pub fn zone_with_pair() -> (Twin, Client) {
    let twin = super::twin();
    twin.route53(|route53| {
        route53.create_zone(ZONE, "db.example.com");
        for (set, weight) in [("target", 0), ("source", 100)] {
            route53.put_record(
                ZONE,
                RecordSet::weighted(READER, "CNAME", set, weight, 60, &format!("{set}.example.net")),
            );
        }
    });
    let client = Client::new(&super::config(&twin));
    (twin, client)
}

pub fn record(set: &str, weight: i64, ttl: i64) -> ResourceRecordSet {
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

pub fn change(action: ChangeAction, record: ResourceRecordSet) -> Change {
    Change::builder()
        .action(action)
        .resource_record_set(record)
        .build()
        .unwrap()
}

/// Takes the pair from one split to another, if it is what we think it is.
pub fn compare_and_swap(from: (i64, i64), to: (i64, i64)) -> ChangeBatch {
    ChangeBatch::builder()
        .changes(change(ChangeAction::Delete, record("source", from.0, 60)))
        .changes(change(ChangeAction::Create, record("source", to.0, 60)))
        .changes(change(ChangeAction::Delete, record("target", from.1, 60)))
        .changes(change(ChangeAction::Create, record("target", to.1, 60)))
        .build()
        .unwrap()
}

/// The request for a batch, to be sent.
pub fn changing(client: &Client, batch: ChangeBatch) -> ChangeResourceRecordSetsFluentBuilder {
    client
        .change_resource_record_sets()
        .hosted_zone_id(ZONE)
        .change_batch(batch)
}

pub fn weights(twin: &Twin) -> (u8, u8) {
    twin.route53(|route53| {
        let weight = |set: &str| route53.weight(ZONE, READER, set).unwrap();
        (weight("source"), weight("target"))
    })
}
