//! Regions: what each has of its own, and what they share.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_ssm::types::ParameterType;
use serde_json::json;
use twin::Twin;
use twin::cloudwatch::{AlarmDefinition, Feed, Watched, WatchedMetric};
use twin::events::{Rate, RetryPolicy, Rule, RuleTrigger, Target};
use twin::route53::RecordSet;

const HOME: &str = "eu-central-1";
const AWAY: &str = "eu-west-1";

fn ssm_in(twin: &Twin, region: &str) -> aws_sdk_ssm::Client {
    aws_sdk_ssm::Client::new(&sdk::config_with(twin.clock(), twin.http_client(), region))
}

async fn put(client: &aws_sdk_ssm::Client, name: &str) {
    let put = client.put_parameter().name(name).value("1");
    put.r#type(ParameterType::String).send().await.unwrap();
}

fn target(arn: &str) -> Target {
    Target {
        id: "target".to_owned(),
        arn: arn.to_owned(),
        input: None,
        retry: RetryPolicy::default(),
        dead_letter: None,
        role: None,
    }
}

fn rule(name: &str, trigger: RuleTrigger, arn: &str) -> Rule {
    Rule {
        name: name.to_owned(),
        trigger,
        enabled: true,
        targets: vec![target(arn)],
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_goes_to_the_region_that_it_is_signed_for() {
    let twin = sdk::twin();
    put(&ssm_in(&twin, AWAY), "/a").await;
    assert!(twin.ssm(|ssm| ssm.value("/a")).is_none());
    assert_eq!(twin.at(AWAY).ssm(|ssm| ssm.value("/a")).unwrap(), "1");
    let calls = twin.log();
    assert_eq!(calls[0].region, AWAY);
    put(&ssm_in(&twin.at(AWAY), HOME), "/b").await;
    assert_eq!(twin.ssm(|ssm| ssm.value("/b")).unwrap(), "1");
    assert_eq!(twin.at(AWAY).log().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_a_region_names_is_in_that_region() {
    let twin = sdk::twin();
    let away = twin.at(AWAY);
    assert_eq!(away.region(), AWAY);
    assert_eq!(away.at(HOME).region(), HOME);
    let topic = away.sns(|sns| sns.create_topic("alarms"));
    assert_eq!(topic, format!("arn:aws:sns:{AWAY}:111122223333:alarms"));
    let client = aws_sdk_sns::Client::new(&sdk::config_with(twin.clock(), twin.http_client(), AWAY));
    assert_eq!(client.list_topics().send().await.unwrap().topics().len(), 1);
    let client = aws_sdk_sns::Client::new(&sdk::config(&twin));
    assert!(client.list_topics().send().await.unwrap().topics().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_happens_elsewhere_leaves_the_identifiers_of_the_home_region_alone() {
    let ids = async |elsewhere: bool| {
        let twin = sdk::twin();
        if elsewhere {
            put(&ssm_in(&twin, AWAY), "/a").await;
            twin.at(AWAY).sns(|sns| sns.create_topic("alarms"));
        }
        sdk::ears::host(&twin, "ears");
        let first = twin.invoke("ears", Vec::new()).await.unwrap();
        let away = twin.at(AWAY);
        sdk::ears::host(&away, "ears");
        let second = away.invoke("ears", Vec::new()).await.unwrap();
        assert_ne!(first.request_id, second.request_id);
        first.request_id
    };
    assert_eq!(ids(false).await, ids(true).await);
}

#[tokio::test(start_paused = true)]
async fn route_53_is_the_same_everywhere() {
    let twin = sdk::twin();
    twin.at(AWAY).route53(|route53| {
        route53.create_zone("Z0", "example.com");
        route53.put_record("Z0", RecordSet::simple("a.example.com", "A", 60, "192.0.2.1"))
    });
    let config = sdk::config_with(twin.clock(), twin.http_client(), AWAY);
    let client = aws_sdk_route53::Client::new(&config);
    let listed = client
        .list_resource_record_sets()
        .hosted_zone_id("Z0")
        .send()
        .await;
    assert_eq!(listed.unwrap().resource_record_sets().len(), 3);
    assert_eq!(twin.log()[0].region, "us-east-1");
}

#[tokio::test(start_paused = true)]
async fn functions_of_the_same_name_are_two_functions() {
    let twin = sdk::twin();
    let away = twin.at(AWAY);
    sdk::ears::host(&away, "ears");
    assert!(twin.invoke("ears", Vec::new()).await.is_err());
    away.invoke("ears", Vec::new()).await.unwrap();
    assert_eq!(twin.invoked()[0].region, AWAY);
}

#[tokio::test(start_paused = true)]
async fn the_minute_comes_in_every_region() {
    let twin = sdk::twin();
    let away = twin.at(AWAY);
    sdk::ears::host(&away, "ears");
    let every_minute = RuleTrigger::Schedule("rate(1 minute)".parse::<Rate>().unwrap());
    away.events(|events| events.put_rule(rule("clock", every_minute, &sdk::ears::arn(&away, "ears"))));
    away.cloudwatch(|cloudwatch| {
        cloudwatch.feed("App", "Errors", &[], Feed::Constant(9.0));
        cloudwatch.define_alarm(alarm("errors")).unwrap();
    });
    twin.clock().sleep(Duration::from_mins(2)).await;
    twin.minute().await;
    twin.quiet().await;
    assert_eq!(twin.invoked().len(), 1);
    assert_eq!(
        away.cloudwatch(|cloudwatch| cloudwatch.alarm_state("errors"))
            .unwrap()
            .0,
        "ALARM"
    );
}

fn alarm(name: &str) -> AlarmDefinition {
    AlarmDefinition {
        name: name.to_owned(),
        watched: Watched::Metric(WatchedMetric {
            namespace: "App".to_owned(),
            metric: "Errors".to_owned(),
            statistic: "Maximum".to_owned(),
            period_seconds: 60,
            ..WatchedMetric::default()
        }),
        ..AlarmDefinition::default()
    }
}

fn inject(twin: &Twin, step: u64) {
    let event = json!({"source": "cutover", "detail-type": "Step", "detail": {"step": step}});
    twin.inject(&event.to_string()).unwrap();
}

/// The home region sends what cutover tells to the other one.
fn forwarding() -> (Twin, Twin) {
    let twin = sdk::twin();
    let away = twin.at(AWAY);
    sdk::ears::host(&away, "ears");
    let pattern = || RuleTrigger::matching(r#"{"source":["cutover"]}"#).unwrap();
    let bus = |region: &str| format!("arn:aws:events:{region}:111122223333:event-bus/default");
    twin.events(|events| events.put_rule(rule("forward", pattern(), &bus(AWAY))));
    away.events(|events| events.put_rule(rule("listen", pattern(), &sdk::ears::arn(&away, "ears"))));
    away.events(|events| events.put_rule(rule("back", pattern(), &bus(HOME))));
    (twin, away)
}

#[tokio::test(start_paused = true)]
async fn a_rule_sends_events_to_the_bus_of_another_region_and_no_further() {
    let (twin, away) = forwarding();
    inject(&twin, 1);
    twin.quiet().await;
    let heard = sdk::ears::payloads(&twin, "ears");
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["region"], HOME);
    assert_eq!(away.bus().len(), 1);
    assert_eq!(twin.bus().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_until_the_regions_reach_each_other_again() {
    let (twin, away) = forwarding();
    twin.part(HOME, AWAY);
    inject(&twin, 1);
    twin.quiet().await;
    assert!(away.bus().is_empty());
    twin.join(HOME, AWAY);
    twin.clock().sleep(Duration::from_mins(1)).await;
    twin.quiet().await;
    assert_eq!(away.bus().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rule_reaches_no_function_of_another_region() {
    let twin = sdk::twin();
    let away = twin.at(AWAY);
    sdk::ears::host(&twin, "ears");
    sdk::ears::host(&away, "ears");
    let pattern = RuleTrigger::matching(r#"{"source":["cutover"]}"#).unwrap();
    twin.events(|events| events.put_rule(rule("listen", pattern, &sdk::ears::arn(&away, "ears"))));
    inject(&twin, 1);
    twin.quiet().await;
    assert!(twin.invoked().is_empty());
    assert_eq!(twin.dead_letters()[0].error_code, "NO_RESOURCE");
}
