//! What services may do on their own behalf, decided by the policies of topics, keys, queues and roles in a template.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_cloudwatch::types::{ComparisonOperator, StateValue, Statistic};
use sdk::worker::{ACCOUNT, TOPIC, deployed, pointed, template};
use serde_json::{Value, json};
use twin::Twin;
use twin::events::{RetryPolicy, Rule, RuleTrigger, Target};

/// A rule of somebody that tells the topic of everything.
fn telling(twin: &Twin) {
    let target = Target {
        id: "topic".to_owned(),
        arn: TOPIC.to_owned(),
        input: None,
        retry: RetryPolicy::default(),
        dead_letter: None,
        role: None,
    };
    let rule = Rule {
        name: "telling".to_owned(),
        trigger: RuleTrigger::matching(r#"{"source":["cutover"]}"#).unwrap(),
        enabled: true,
        targets: vec![target],
    };
    twin.events(|events| events.put_rule(rule));
}

async fn alarm(twin: &Twin) {
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&sdk::config(twin));
    let put = cloudwatch
        .put_metric_alarm()
        .alarm_name("orders")
        .namespace("Orders")
        .metric_name("Errors");
    let put = put.statistic(Statistic::Sum).period(60).evaluation_periods(1);
    let put = put.threshold(1.0).alarm_actions(TOPIC);
    let more = ComparisonOperator::GreaterThanThreshold;
    put.comparison_operator(more).send().await.unwrap();
    let set = cloudwatch
        .set_alarm_state()
        .alarm_name("orders")
        .state_reason("rehearsing");
    set.state_value(StateValue::Alarm).send().await.unwrap();
    twin.quiet().await;
}

#[tokio::test(start_paused = true)]
async fn a_condition_on_the_source_drops_what_a_rule_sends_to_a_topic() {
    let by_account = json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}});
    for (condition, notices) in [(json!({}), 1), (by_account, 0)] {
        let mut template = template();
        let statement = pointed(
            &mut template,
            "/Resources/TopicPolicy/Properties/PolicyDocument/Statement",
        );
        statement["Condition"] = condition;
        let twin = deployed(&template);
        telling(&twin);
        twin.inject(r#"{"source":"cutover","detail-type":"x","detail":{}}"#)
            .unwrap();
        twin.quiet().await;
        assert_eq!(twin.sns(|sns| sns.published()).len(), notices);
        // An alarm does say for which account it publishes.
        alarm(&twin).await;
        assert_eq!(twin.sns(|sns| sns.published()).len(), notices + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_alarm_publishes_to_a_topic_that_admits_it_and_with_a_key_that_does() {
    for (path, value) in [
        (
            "/Resources/TopicPolicy/Properties/PolicyDocument/Statement/Principal/Service",
            json!("events.amazonaws.com"),
        ),
        (
            "/Resources/Key/Properties/KeyPolicy/Statement/1/Principal/Service",
            json!("events.amazonaws.com"),
        ),
        (
            "/Resources/Key/Properties/KeyPolicy/Statement/1/Action",
            json!("kms:Decrypt"),
        ),
    ] {
        let mut template = template();
        *pointed(&mut template, path) = value;
        let twin = deployed(&template);
        alarm(&twin).await;
        assert!(twin.sns(|sns| sns.published()).is_empty(), "{path}");
    }
    let twin = deployed(&template());
    alarm(&twin).await;
    assert_eq!(twin.sns(|sns| sns.published()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_queue_keeps_the_letters_of_those_whom_it_admits() {
    // Nobody hosts the function, so that its rule has a letter to send.
    let letters = async |template: &Value| {
        let twin = deployed(template);
        twin.clock().sleep(Duration::from_secs(61)).await;
        twin.minute().await;
        twin.quiet().await;
        twin.dead_letters().remove(0).queue
    };
    let queue = "arn:aws:sqs:eu-central-1:111122223333:letters";
    assert_eq!(letters(&template()).await.as_deref(), Some(queue));
    let mut other = template();
    let path =
        "/Resources/LettersPolicy/Properties/PolicyDocument/Statement/Condition/ArnEquals/aws:SourceArn";
    *pointed(&mut other, path) = json!("arn:aws:events:eu-central-1:111122223333:rule/other");
    assert_eq!(letters(&other).await, None);
}

#[tokio::test(start_paused = true)]
async fn lambda_sends_a_functions_letters_in_its_name() {
    let mut without = template();
    *pointed(
        &mut without,
        "/Resources/WorkerRole/Properties/Policies/0/PolicyDocument/Statement/2/Action",
    ) = json!("sqs:ReceiveMessage");
    for (template, kept) in [(template(), true), (without, false)] {
        let twin = deployed(&template);
        sdk::ears::host_failing(&twin, "worker", 3);
        twin.invoke_async("worker", b"{}".to_vec()).unwrap();
        twin.quiet().await;
        twin.clock().sleep(Duration::from_mins(5)).await;
        twin.quiet().await;
        assert_eq!(twin.dead_letters().remove(0).queue.is_some(), kept);
    }
}
