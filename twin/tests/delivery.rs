//! From an event to a function: rules, retries, dead letters and topics.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_sns::types::MessageAttributeValue;
use sdk::rule::{RULE, listener, listening, put, seconds_after_start, steps};
use sdk::{ears, hosted};
use serde_json::json;
use twin::events::{RetryPolicy, Target};
use twin::{Cause, Fault, FaultKind};

#[tokio::test(start_paused = true)]
async fn an_event_reaches_every_target_of_every_rule_that_matches() {
    let twin = listener();
    ears::host(&twin, "other");
    listening(&twin, &["ears", "other"]);
    put(&twin, 1);
    twin.inject(r#"{"source":"somebody","detail-type":"Step","detail":{}}"#)
        .unwrap();
    twin.quiet().await;
    assert_eq!(steps(&twin), [1]);
    let heard = ears::heard(&twin, "other");
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].cause, Cause::Rule(RULE.to_owned()));
    assert_eq!(heard[0].attempt, 1);
    assert_eq!(heard[0].result, Some(Ok(b"{}".to_vec())));
    assert_eq!(twin.bus().len(), 2);
    assert!(twin.events(|events| events.enable_rule(RULE, false)));
    put(&twin, 2);
    twin.quiet().await;
    assert_eq!(steps(&twin), [1]);
}

#[tokio::test(start_paused = true)]
async fn quiet_waits_for_functions_that_take_their_time() {
    let twin = sdk::twin();
    hosted::host_writer(&twin);
    listening(&twin, &[hosted::NAME]);
    put(&twin, 1);
    twin.quiet().await;
    let heard = ears::heard(&twin, hosted::NAME);
    assert!(heard[0].ended > Some(heard[0].at), "{heard:?}");
    assert_eq!(twin.ssm(|ssm| ssm.names("/f/")), ["/f/first", "/f/second"]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_function_is_tried_after_one_and_two_minutes_and_then_given_up() {
    let twin = sdk::twin();
    ears::host_failing(&twin, "ears", 2);
    listening(&twin, &["ears"]);
    put(&twin, 1);
    twin.quiet().await;
    assert_eq!(seconds_after_start(&twin), [0]);
    twin.clock().sleep(Duration::from_mins(10)).await;
    assert_eq!(seconds_after_start(&twin), [0, 60, 180]);
    let heard = ears::heard(&twin, "ears");
    assert!(
        heard
            .iter()
            .all(|invoked| invoked.request_id == heard[0].request_id)
    );
    assert_eq!(heard[2].attempt, 3);
    assert_eq!(heard[2].result, Some(Ok(b"{}".to_vec())));
    assert_eq!(twin.dead_letters(), []);

    ears::host_failing(&twin, "ears", 3);
    put(&twin, 2);
    twin.clock().sleep(Duration::from_mins(10)).await;
    let letters = twin.dead_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].from, "ears");
    assert_eq!(letters[0].error_code, "Retryable");
    let event: serde_json::Value = serde_json::from_slice(&letters[0].payload).unwrap();
    assert_eq!(event["detail"]["step"], 2);
}

#[tokio::test(start_paused = true)]
async fn what_no_retry_can_help_goes_to_the_dead_letters_at_once() {
    let twin = sdk::twin();
    listening(&twin, &["nobody"]);
    put(&twin, 1);
    twin.quiet().await;
    let letters = twin.dead_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].error_code, "NO_RESOURCE");
    assert_eq!(letters[0].from, RULE);
    let queue = "arn:aws:sqs:eu-central-1:111122223333:rule-letters";
    assert_eq!(letters[0].queue.as_deref(), Some(queue));
}

#[tokio::test(start_paused = true)]
async fn a_rule_tries_again_when_lambda_is_busy_until_its_policy_ends() {
    let twin = listener();
    let busy = |times| Fault {
        times: Some(times),
        ..Fault::once("lambda", "Invoke", FaultKind::Throttle)
    };
    twin.faults().add(busy(2));
    put(&twin, 1);
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(seconds_after_start(&twin), [3]);
    twin.faults().add(busy(4));
    put(&twin, 2);
    twin.clock().sleep(Duration::from_hours(1)).await;
    assert_eq!(steps(&twin), [1]);
    assert_eq!(twin.dead_letters()[0].error_code, "THROTTLING");
    // An answer that is lost makes a second invocation of the same event.
    twin.faults()
        .add(Fault::once("lambda", "Invoke", FaultKind::ReplyLost));
    put(&twin, 3);
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(steps(&twin), [1, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_notice_reaches_a_subscribed_function_as_sns_writes_it() {
    let twin = sdk::twin();
    ears::host(&twin, "ears");
    let topic = twin.sns(|sns| sns.create_topic("alarms"));
    let subscription = twin.sns(|sns| sns.subscribe(&topic, &ears::arn(&twin, "ears")));
    let client = aws_sdk_sns::Client::new(&sdk::config(&twin));
    let attribute = MessageAttributeValue::builder()
        .data_type("Number")
        .string_value("7")
        .build()
        .unwrap();
    let sent = client
        .publish()
        .topic_arn(&topic)
        .subject("ALARM: lag")
        .message(r#"{"AlarmName":"lag"}"#)
        .message_attributes("generation", attribute)
        .send()
        .await
        .unwrap();
    twin.quiet().await;
    assert_eq!(ears::heard(&twin, "ears")[0].cause, Cause::Topic(topic.clone()));
    let event = &ears::payloads(&twin, "ears")[0];
    let record = &event["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    assert_eq!(record["EventVersion"], "1.0");
    assert_eq!(record["EventSubscriptionArn"], subscription);
    let notice = &record["Sns"];
    assert_eq!(notice["Type"], "Notification");
    assert_eq!(notice["MessageId"], sent.message_id().unwrap());
    assert_eq!(notice["TopicArn"], topic);
    assert_eq!(notice["Subject"], "ALARM: lag");
    assert_eq!(notice["Message"], r#"{"AlarmName":"lag"}"#);
    assert_eq!(notice["Timestamp"], "2026-03-02T09:00:00.004Z");
    assert_eq!(
        notice["MessageAttributes"],
        json!({"generation": {"Type": "Number", "Value": "7"}})
    );
    for field in [
        "SignatureVersion",
        "Signature",
        "SigningCertUrl",
        "UnsubscribeUrl",
    ] {
        assert!(notice[field].is_string(), "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_may_publish_to_a_topic() {
    let twin = sdk::twin();
    let topic = twin.sns(|sns| sns.create_topic("notices"));
    listening(&twin, &[]);
    let mut rule = twin.events(|events| events.rules()).remove(0);
    rule.targets = vec![Target {
        id: "topic".to_owned(),
        arn: topic.clone(),
        input: Some(r#""moved""#.to_owned()),
        retry: RetryPolicy::default(),
        dead_letter: None,
        role: None,
    }];
    twin.events(|events| events.put_rule(rule));
    put(&twin, 1);
    twin.quiet().await;
    let published = twin.sns(|sns| sns.published());
    assert_eq!(published[0].message, r#""moved""#);
    assert_eq!(published[0].topic, topic);
}
