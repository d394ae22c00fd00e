//! Who gets traffic, by routing policy and health, through the real SDK and as a resolver sees it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::collections::BTreeSet;

use aws_sdk_route53::Client;
use aws_sdk_route53::error::ProvideErrorMetadata;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, ResourceRecordSetFailover, RrType,
};
use sdk::health::{ALARM, AWAY, NAME, ZONE, alarm, client, config, create, twin};
use twin::Twin;
use twin::route53::{HealthCheckSpec, RecordSet};

async fn test_answer(client: &Client) -> Vec<String> {
    let answer = client
        .test_dns_answer()
        .hosted_zone_id(ZONE)
        .record_name(NAME)
        .record_type(RrType::Cname)
        .send()
        .await
        .unwrap();
    answer.record_data
}

fn answer(twin: &Twin, dice: u64) -> Vec<String> {
    twin.route53(|route53| route53.answer(ZONE, NAME, "CNAME", dice))
}

/// Everything that a resolver may get.
fn answers(twin: &Twin) -> BTreeSet<String> {
    (0..400).flat_map(|dice| answer(twin, dice)).collect()
}

fn failover_record(role: ResourceRecordSetFailover, value: &str, check: Option<&str>) -> Change {
    let record = ResourceRecordSet::builder()
        .name(NAME)
        .r#type(RrType::Cname)
        .set_identifier(value)
        .failover(role)
        .ttl(60)
        .resource_records(ResourceRecord::builder().value(value).build().unwrap())
        .set_health_check_id(check.map(str::to_owned))
        .build()
        .unwrap();
    Change::builder()
        .action(ChangeAction::Create)
        .resource_record_set(record)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_secondary_answers_while_the_primary_is_unhealthy() {
    let twin = twin();
    let client = client(&twin);
    let check = create(&client, "one", config(false)).await;
    let change = async |record: Change| {
        let batch = ChangeBatch::builder().changes(record).build().unwrap();
        let change = client.change_resource_record_sets().hosted_zone_id(ZONE);
        change.change_batch(batch).send().await
    };
    let primary = ResourceRecordSetFailover::Primary;
    change(failover_record(primary.clone(), "old.example.com", Some(&check)))
        .await
        .unwrap();
    change(failover_record(
        ResourceRecordSetFailover::Secondary,
        "new.example.com",
        None,
    ))
    .await
    .unwrap();
    let twice = change(failover_record(primary, "third.example.com", None)).await;
    assert_eq!(twice.unwrap_err().code(), Some("InvalidChangeBatch"));

    assert_eq!(test_answer(&client).await, ["old.example.com"]);
    alarm(&twin, "ALARM");
    assert_eq!(test_answer(&client).await, ["new.example.com"]);
    alarm(&twin, "OK");
    assert_eq!(test_answer(&client).await, ["old.example.com"]);
    let data = client
        .list_resource_record_sets()
        .hosted_zone_id(ZONE)
        .send()
        .await
        .unwrap();
    let sets = data.resource_record_sets();
    assert!(
        sets.iter()
            .any(|set| set.health_check_id() == Some(check.as_str()))
    );
}

#[tokio::test(start_paused = true)]
async fn answers_go_on_without_the_control_plane() {
    let twin = twin();
    twin.route53(|route53| {
        let check = route53.create_health_check(HealthCheckSpec::of_alarm(AWAY, ALARM));
        let primary = RecordSet::failover(NAME, "CNAME", "PRIMARY", 60, "old.example.com");
        route53.put_record(ZONE, primary.checked_by(&check));
        let secondary = RecordSet::failover(NAME, "CNAME", "SECONDARY", 60, "new.example.com");
        route53.put_record(ZONE, secondary);
    });
    twin.darken("us-east-1");
    assert_eq!(answer(&twin, 0), ["old.example.com"]);
    alarm(&twin, "ALARM");
    assert_eq!(answer(&twin, 0), ["new.example.com"]);
}

/// Three weighted records, the first two with a health check each.
fn weighted(weights: [u8; 3]) -> (Twin, [&'static str; 2]) {
    let twin = twin();
    let alarms = ["first", "second"];
    let [first, second, third] = weights;
    let record = |name: &str, weight| RecordSet::weighted(NAME, "CNAME", name, weight, 60, name);
    for alarm in alarms {
        twin.cloudwatch(|cloudwatch| cloudwatch.alarm_has_been(alarm, "OK"));
    }
    twin.route53(|route53| {
        for (alarm, weight) in [("first", first), ("second", second)] {
            let check = route53.create_health_check(HealthCheckSpec::of_alarm("eu-central-1", alarm));
            route53.put_record(ZONE, record(alarm, weight).checked_by(&check));
        }
        route53.put_record(ZONE, record("third", third));
    });
    (twin, alarms)
}

fn set(twin: &Twin, alarm: &str, state: &str) {
    twin.cloudwatch(|cloudwatch| cloudwatch.set_alarm_state(alarm, state, "as asked"));
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn weights_divide_the_answers_among_the_healthy() {
    let (twin, [first, second]) = weighted([3, 1, 0]);
    let share = (0..4).filter(|dice| answer(&twin, *dice) == [first]).count();
    assert_eq!(share, 3);
    assert_eq!(answers(&twin), names(&[first, second]));
    set(&twin, first, "ALARM");
    assert_eq!(answers(&twin), names(&[second]));
    // Weight 0 is considered when nobody else is left.
    set(&twin, second, "ALARM");
    assert_eq!(answers(&twin), names(&["third"]));
}

#[tokio::test(start_paused = true)]
async fn if_all_are_unhealthy_all_are_treated_as_healthy() {
    let (twin, [first, second]) = weighted([3, 1, 0]);
    twin.route53(|route53| route53.remove_record(ZONE, NAME, Some("third")));
    set(&twin, first, "ALARM");
    set(&twin, second, "ALARM");
    assert_eq!(answers(&twin), names(&[first, second]));
}

#[tokio::test(start_paused = true)]
async fn with_no_weights_at_all_the_answers_are_split_evenly() {
    let (twin, _) = weighted([0, 0, 0]);
    assert_eq!(answers(&twin), names(&["first", "second", "third"]));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_has_gets_no_answer() {
    let twin = twin();
    assert!(answers(&twin).is_empty());
    assert!(test_answer(&client(&twin)).await.is_empty());
    let refused = client(&twin)
        .test_dns_answer()
        .hosted_zone_id("Z0NONE")
        .record_name(NAME)
        .record_type(RrType::Cname)
        .send()
        .await;
    assert_eq!(refused.unwrap_err().code(), Some("NoSuchHostedZone"));
}
