//! Faults, throttling, and requests the twin does not know.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::retry::RetryConfig;
use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::ParameterType;
use jiff::Timestamp;
use twin::{CallOutcome, Fault, FaultKind, Twin, TwinOptions};

fn without_retries(twin: &Twin) -> Client {
    let config = aws_sdk_ssm::config::Builder::from(&sdk::config(twin))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn create(
    client: &Client,
    name: &str,
) -> aws_sdk_ssm::operation::put_parameter::builders::PutParameterFluentBuilder {
    client
        .put_parameter()
        .name(name)
        .value("1")
        .r#type(ParameterType::String)
}

fn outcomes(twin: &Twin) -> Vec<CallOutcome> {
    twin.log().into_iter().map(|call| call.outcome).collect()
}

fn error(status: u16, code: &str) -> CallOutcome {
    CallOutcome::Error {
        status,
        code: code.to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_reply_the_retry_finds_the_parameter_there() {
    let (twin, client) = sdk::parameter_store();
    twin.faults()
        .add(Fault::once("ssm", "PutParameter", FaultKind::ReplyLost));
    let refused = create(&client, "/a/claim").send().await.unwrap_err();
    assert!(refused.as_service_error().unwrap().is_parameter_already_exists());
    assert_eq!(
        outcomes(&twin),
        [CallOutcome::ReplyLost, error(400, "ParameterAlreadyExists")]
    );
    assert_eq!(twin.log()[0].fault, Some(FaultKind::ReplyLost));
    assert!(twin.faults().active().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_the_effect_is_retried_to_success() {
    let (twin, client) = sdk::parameter_store();
    twin.faults()
        .add(Fault::once("ssm", "PutParameter", FaultKind::FailBefore));
    twin.faults().add(Fault {
        times: Some(1),
        ..Fault::always(FaultKind::Throttle)
    });
    assert_eq!(create(&client, "/a/x").send().await.unwrap().version(), 1);
    assert_eq!(
        outcomes(&twin),
        [
            error(500, "InternalServerError"),
            error(400, "ThrottlingException"),
            CallOutcome::Ok
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_denial_names_who_may_not_do_what_to_which() {
    let (twin, _) = sdk::parameter_store();
    twin.faults().add(Fault {
        operation: Some("PutParameter".to_owned()),
        ..Fault::always(FaultKind::Deny)
    });
    let config = sdk::config_with(twin.clock(), twin.http_client_for("i-1"), twin.region());
    let client = Client::new(&config);
    let refused = create(&client, "/a/x").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    let message = refused.message().unwrap();
    assert!(
        message.starts_with("User: arn:aws:sts::111122223333:assumed-role/"),
        "{message}"
    );
    assert!(
        message.contains(
            "is not authorized to perform: ssm:PutParameter on resource: \
             arn:aws:ssm:eu-central-1:111122223333:parameter/a/x"
        ),
        "{message}"
    );
    assert_eq!(twin.log()[0].invocation.as_deref(), Some("i-1"));
    assert_eq!(twin.ssm(|ssm| ssm.value("/a/x")), None);
}

#[tokio::test(start_paused = true)]
async fn a_rule_hits_only_what_it_names_and_after_what_it_lets_pass() {
    let (twin, _) = sdk::parameter_store();
    let client = without_retries(&twin);
    twin.faults().add(Fault {
        subject_contains: Some("/journal/".to_owned()),
        skip: 1,
        ..Fault::once("ssm", "PutParameter", FaultKind::FailBefore)
    });
    assert!(create(&client, "/a/journal/1").send().await.is_ok());
    assert!(create(&client, "/a/state").send().await.is_ok());
    assert!(create(&client, "/a/journal/2").send().await.is_err());
    assert!(create(&client, "/a/journal/3").send().await.is_ok());
    twin.faults().add(Fault::always(FaultKind::FailBefore));
    assert_eq!(
        twin.faults().active()[0].to_string(),
        "any service any operation: failed before it took effect, until cleared"
    );
    twin.faults().clear();
    assert!(create(&client, "/a/journal/4").send().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_delay_passes_on_the_story_s_clock_only() {
    let (twin, client) = sdk::parameter_store();
    twin.faults().add(Fault::once(
        "ssm",
        "PutParameter",
        FaultKind::Delay(Duration::from_secs(2)),
    ));
    let before = twin.clock().now();
    create(&client, "/a/x").send().await.unwrap();
    assert_eq!(twin.clock().now().duration_since(before).as_millis(), 2008);
}

#[tokio::test(start_paused = true)]
async fn requests_beyond_the_documented_rates_are_throttled() {
    let twin = Twin::new(TwinOptions::default());
    let client = without_retries(&twin);
    let mut refused = 0;
    for number in 0..20 {
        if let Err(error) = create(&client, &format!("/a/{number}")).send().await {
            assert_eq!(error.code(), Some("ThrottlingException"));
            assert_eq!(error.message(), Some("Rate exceeded"));
            refused += 1;
        }
    }
    assert_eq!(refused, 14);
    twin.clock().sleep(Duration::from_secs(1)).await;
    assert!(create(&client, "/a/later").send().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_operation_the_twin_does_not_know_is_refused_by_name() {
    let (twin, client) = sdk::parameter_store();
    let refused = client.describe_parameters().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("UnknownOperationException"));
    assert_eq!(
        refused.message(),
        Some("the twin does not implement ssm:DescribeParameters")
    );
    let sns = aws_sdk_sns::Client::new(&sdk::config(&twin));
    let refused = sns.list_subscriptions().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidAction"));
    assert_eq!(
        refused.message(),
        Some("the twin does not implement sns:ListSubscriptions")
    );
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&sdk::config(&twin));
    let refused = cloudwatch.list_dashboards().send().await.unwrap_err();
    assert_eq!(
        refused.message(),
        Some("the twin does not implement cloudwatch:ListDashboards")
    );
    let route53 = aws_sdk_route53::Client::new(&sdk::config(&twin));
    let refused = route53.list_traffic_policies().send().await.unwrap_err();
    assert_eq!(
        refused.message(),
        Some("the twin does not implement route53:GET /2013-04-01/trafficpolicies")
    );
}

#[tokio::test(start_paused = true)]
async fn an_unsigned_request_is_refused() {
    let (twin, _) = sdk::parameter_store();
    let request = winterbaume_core::MockRequest {
        method: "POST".to_owned(),
        uri: "/".to_owned(),
        headers: http::HeaderMap::from_iter([(
            http::HeaderName::from_static("x-amz-target"),
            http::HeaderValue::from_static("AmazonSSM.GetParameter"),
        )]),
        body: bytes::Bytes::from_static(b"{\"Name\":\"/a/x\"}"),
    };
    let answer = twin.answer(request, None).await;
    assert_eq!(answer.status, 403);
    assert!(String::from_utf8_lossy(&answer.body).contains("MissingAuthenticationToken"));
}

#[tokio::test(start_paused = true)]
async fn parallel_calls_overlap_and_the_same_seed_tells_the_same_story() {
    let story = async || {
        let (twin, client) = sdk::parameter_store();
        let (first, second) = tokio::join!(create(&client, "/a/1").send(), create(&client, "/a/2").send());
        first.unwrap();
        second.unwrap();
        let sns = aws_sdk_sns::Client::new(&sdk::config(&twin));
        let topic = twin.sns(|sns| sns.create_topic("t"));
        let sent = sns.publish().topic_arn(topic).message("m").send().await.unwrap();
        (twin.log(), sent.message_id)
    };
    let (log, message) = story().await;
    assert!(log[1].at < log[0].ended.unwrap_or(Timestamp::MIN));
    assert_eq!((log, message), story().await);
}
