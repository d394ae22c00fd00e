//! What a template deploys, at work.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use sdk::ears;
use serde_json::{Value, json};
use twin::deployment::{self, Deployment};
use twin::{Cause, Twin};

const TEMPLATE: &str = include_str!("deployment/template.yaml");

fn dev() -> Deployment {
    let given = [("Environment", "dev"), ("TaskArns", "arn:task:A, arn:task:B")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    deployment::read(TEMPLATE, &given.into(), "111122223333", "eu-central-1").unwrap()
}

/// What schedules sent to a function.
fn scheduled(twin: &Twin, name: &str) -> Vec<Value> {
    let heard = ears::heard(twin, name).into_iter();
    let by_schedule = heard.filter(|invoked| invoked.cause == Cause::Schedule);
    by_schedule
        .map(|invoked| serde_json::from_slice(&invoked.payload).unwrap())
        .collect()
}

fn deployed() -> Twin {
    let twin = sdk::twin();
    for name in ["monitor-dev", "rollback-dev"] {
        ears::host(&twin, name);
    }
    twin.deploy(&dev()).unwrap();
    twin
}

#[tokio::test(start_paused = true)]
async fn schedules_start_their_functions_at_whole_minutes() {
    let twin = deployed();
    let minutes = async |count: usize| {
        for _ in 0..count {
            twin.clock().sleep(Duration::from_mins(1)).await;
            twin.minute().await;
            twin.quiet().await;
        }
    };
    minutes(5).await;
    let ticks = scheduled(&twin, "monitor-dev");
    assert_eq!(ticks, vec![json!({"action": "tick"}); 5]);
    let events = scheduled(&twin, "rollback-dev");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["detail-type"], "Scheduled Event");
    assert_eq!(events[0]["source"], "aws.events");
    twin.schedules_of("monitor-dev", false);
    minutes(5).await;
    assert_eq!(scheduled(&twin, "monitor-dev").len(), 5);
    assert_eq!(scheduled(&twin, "rollback-dev").len(), 2);
    twin.schedules(false);
    twin.schedules_of("monitor-dev", true);
    minutes(5).await;
    assert_eq!(scheduled(&twin, "monitor-dev").len(), 5);
    assert_eq!(scheduled(&twin, "rollback-dev").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_template_says_of_retries_and_dead_letters_holds() {
    let twin = deployed();
    ears::host_failing(&twin, "monitor-dev", 9);
    let event = r#"{"source":"aws.dms","detail-type":"x","resources":["arn:task:A"],"detail":{}}"#;
    twin.inject(event).unwrap();
    twin.clock().sleep(Duration::from_mins(10)).await;
    assert_eq!(ears::heard(&twin, "monitor-dev").len(), 2);
    // With an age of 100 seconds the second attempt is in time, and the third would not be.
    let mut impatient = dev();
    impatient.functions[0].asynchronous.retries_max = 2;
    impatient.functions[0].asynchronous.age_max = Duration::from_secs(100);
    twin.deploy(&impatient).unwrap();
    twin.inject(event).unwrap();
    twin.clock().sleep(Duration::from_mins(10)).await;
    assert_eq!(ears::heard(&twin, "monitor-dev").len(), 4);
    let letters = twin.dead_letters();
    assert_eq!(letters.len(), 2);
    assert!(letters[0].queue.as_deref().unwrap().ends_with(":letters-dev"));
}

#[tokio::test(start_paused = true)]
async fn only_those_with_a_permission_start_a_deployed_function() {
    let twin = deployed();
    let event = r#"{"source":"aws.cloudwatch","detail-type":"x","detail":{}}"#;
    twin.inject(event).unwrap();
    twin.quiet().await;
    assert_eq!(ears::heard(&twin, "rollback-dev").len(), 1);
    let mut forgotten = dev();
    forgotten.functions[1].policy.clear();
    twin.deploy(&forgotten).unwrap();
    twin.inject(event).unwrap();
    twin.quiet().await;
    assert_eq!(ears::heard(&twin, "rollback-dev").len(), 1);
    assert_eq!(twin.dead_letters()[0].error_code, "NO_PERMISSIONS");
}

#[tokio::test(start_paused = true)]
async fn alarms_are_deployed_too() {
    let twin = deployed();
    assert!(
        twin.cloudwatch(|cloudwatch| cloudwatch.alarm_state("cutover-lag-dev"))
            .is_some()
    );
    let mut wrong = dev();
    wrong.alarms[0]["EvaluationPeriods"] = json!("many");
    let error = twin.deploy(&wrong).unwrap_err().to_string();
    assert!(error.contains("cutover-lag-dev"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rules_and_targets_are_listed() {
    let twin = deployed();
    let client = Client::new(&sdk::config(&twin));
    let listed = client
        .list_rules()
        .name_prefix("cutover-dev-Monitor")
        .send()
        .await
        .unwrap();
    let names: Vec<_> = listed.rules().iter().filter_map(|rule| rule.name()).collect();
    assert_eq!(names, ["cutover-dev-MonitorTasks", "cutover-dev-MonitorTick"]);
    assert_eq!(listed.rules()[1].schedule_expression(), Some("rate(1 minute)"));
    let targets = client
        .list_targets_by_rule()
        .rule("cutover-dev-MonitorTick")
        .send()
        .await
        .unwrap();
    assert_eq!(targets.targets()[0].arn(), ears::arn(&twin, "monitor-dev"));
    assert_eq!(targets.targets()[0].input(), Some(r#"{"action":"tick"}"#));
    let unknown = client
        .list_targets_by_rule()
        .rule("nobody")
        .send()
        .await
        .unwrap_err();
    assert!(
        unknown
            .as_service_error()
            .unwrap()
            .is_resource_not_found_exception()
    );
}

#[tokio::test(start_paused = true)]
async fn the_twin_plays_the_stack_of_the_dr_region() {
    let twin = sdk::twin();
    let given = [
        ("Role", "dr"),
        ("Environment", "dev"),
        ("DrClusterId", "orders-dr"),
        (
            "PrimaryClusterArn",
            "arn:aws:rds:eu-west-1:111122223333:cluster:orders",
        ),
        (
            "DrClusterArn",
            "arn:aws:rds:eu-central-1:111122223333:cluster:orders-dr",
        ),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let stack = include_str!("../../template.yaml");
    let stack = deployment::read(stack, &given.into(), "111122223333", "eu-central-1").unwrap();
    ears::host(&twin, "dr-failover-dev");
    twin.deploy(&stack).unwrap();
    twin.clock().sleep(Duration::from_mins(1)).await;
    twin.minute().await;
    twin.quiet().await;
    assert_eq!(scheduled(&twin, "dr-failover-dev"), [json!({"action": "tick"})]);
}
