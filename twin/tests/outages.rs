//! The weather between regions: darkness, failing services, partitions, slowness.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::types::ParameterType;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::json;
use twin::cloudwatch::Feed;
use twin::events::{Rate, RetryPolicy, Rule, RuleTrigger, Target};
use twin::{CallOutcome, HostedCall, HostedFunction, Outage, Reach, Twin};

const HOME: &str = "eu-central-1";
const AWAY: &str = "eu-west-1";
const GLOBAL: &str = "us-east-1";
const CALLER: &str = "caller";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A client that tries once.
fn client(
    twin: &Twin,
    http: aws_smithy_runtime_api::client::http::SharedHttpClient,
    region: &str,
) -> aws_sdk_ssm::Client {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let config = sdk::config_with(twin.clock(), http, region).into_builder();
    let config = config
        .timeout_config(timeouts)
        .retry_config(aws_config::retry::RetryConfig::disabled());
    aws_sdk_ssm::Client::new(&config.build())
}

/// Whether an operator can write a parameter.
async fn writes(twin: &Twin, region: &str) -> bool {
    put(&client(twin, twin.http_client(), region)).await
}

async fn put(client: &aws_sdk_ssm::Client) -> bool {
    let put = client.put_parameter().name("/a").value("1").overwrite(true);
    put.r#type(ParameterType::String).send().await.is_ok()
}

fn last_outcome(twin: &Twin) -> CallOutcome {
    twin.log().last().unwrap().outcome.clone()
}

/// Waits for as many seconds as its payload says, then writes a parameter in the region that is named behind it.
struct Caller(Twin);

impl HostedFunction for Caller {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<u8>, twin::FunctionFailure>> + Send + '_>> {
        Box::pin(async move {
            let payload: serde_json::Value = serde_json::from_slice(&call.payload).unwrap();
            let wait = Duration::from_secs(payload["wait"].as_u64().unwrap());
            self.0.clock().sleep(wait).await;
            let region = payload["region"].as_str().unwrap();
            let written = put(&client(&self.0, call.client, region)).await;
            Ok(written.to_string().into_bytes())
        })
    }
}

fn host_caller(twin: &Twin, region: &str) {
    let there = twin.at(region);
    there.host(CALLER, Arc::new(Caller(there.clone())), Duration::from_mins(1));
}

/// Whether a function of one region can write a parameter in another.
async fn function_writes(twin: &Twin, from: &str, to: &str, wait: u64) -> Result<bool, String> {
    let payload = json!({"wait": wait, "region": to}).to_string().into_bytes();
    let ended = twin.at(from).invoke(CALLER, payload).await.unwrap();
    ended
        .result
        .map(|answer| answer == b"true")
        .map_err(|failure| failure.error_type)
}

#[tokio::test(start_paused = true)]
async fn a_call_to_a_dark_region_is_never_answered() {
    let twin = sdk::twin();
    twin.darken(AWAY);
    assert!(!twin.is_lit(AWAY) && twin.is_lit(HOME));
    let before = twin.clock().now();
    assert!(!writes(&twin, AWAY).await);
    let waited = twin.clock().now().duration_since(before);
    assert_eq!(Duration::try_from(waited).unwrap(), CONNECT_TIMEOUT);
    assert_eq!(last_outcome(&twin), CallOutcome::Unreachable);
    assert!(writes(&twin, HOME).await);
    twin.lighten(AWAY);
    assert!(writes(&twin, AWAY).await);
}

#[tokio::test(start_paused = true)]
async fn what_runs_in_a_region_that_goes_dark_is_dead() {
    let twin = sdk::twin();
    host_caller(&twin, HOME);
    let running = tokio::spawn({
        let twin = twin.clone();
        async move { function_writes(&twin, HOME, AWAY, 10).await }
    });
    twin.clock().sleep(Duration::from_secs(1)).await;
    twin.darken(HOME);
    assert_eq!(running.await.unwrap(), Err("Runtime.ExitError".to_owned()));
    twin.lighten(HOME);
    twin.clock().sleep(Duration::from_secs(30)).await;
    assert!(twin.log().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_before_the_darkness_runs_after_it() {
    let twin = sdk::twin();
    host_caller(&twin, HOME);
    let payload = json!({"wait": 5, "region": HOME}).to_string().into_bytes();
    twin.invoke_async(CALLER, payload).unwrap();
    twin.clock().sleep(Duration::from_secs(1)).await;
    twin.darken(HOME);
    twin.clock().sleep(Duration::from_mins(10)).await;
    assert_eq!(twin.invoked().len(), 1);
    twin.lighten(HOME);
    twin.clock().sleep(Duration::from_secs(10)).await;
    let attempts = twin.invoked();
    assert_eq!(attempts.len(), 2);
    assert!(attempts[1].result.as_ref().unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn no_clock_ticks_and_no_event_arrives_in_a_dark_region() {
    let twin = sdk::twin();
    sdk::ears::host(&twin, "ears");
    let ears = sdk::ears::arn(&twin, "ears");
    let rules = [
        (
            "clock",
            RuleTrigger::Schedule("rate(1 minute)".parse::<Rate>().unwrap()),
        ),
        (
            "listen",
            RuleTrigger::matching(r#"{"source":["cutover"]}"#).unwrap(),
        ),
    ];
    for (name, trigger) in rules {
        let target = Target {
            id: "ears".to_owned(),
            arn: ears.clone(),
            input: None,
            retry: RetryPolicy::default(),
            dead_letter: None,
            role: None,
        };
        let rule = Rule {
            name: name.to_owned(),
            trigger,
            enabled: true,
            targets: vec![target],
        };
        twin.events(|events| events.put_rule(rule));
    }
    twin.cloudwatch(|cloudwatch| cloudwatch.create_alarm("errors"));
    twin.darken(HOME);
    twin.clock().sleep(Duration::from_mins(1)).await;
    twin.inject(&json!({"source": "cutover", "detail-type": "Step", "detail": {}}).to_string())
        .unwrap();
    twin.cloudwatch(|cloudwatch| cloudwatch.set_alarm_state("errors", "ALARM", "as asked"));
    twin.minute().await;
    twin.quiet().await;
    twin.lighten(HOME);
    twin.clock().sleep(Duration::from_hours(1)).await;
    twin.quiet().await;
    assert!(twin.invoked().is_empty());
    assert!(
        twin.bus()
            .iter()
            .all(|seen| seen.event["source"] != "aws.cloudwatch")
    );
    twin.minute().await;
    twin.quiet().await;
    assert_eq!(twin.invoked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_measured_in_a_dark_region() {
    let twin = sdk::twin();
    let start = twin.clock().now();
    twin.cloudwatch(|cloudwatch| cloudwatch.feed("App", "Errors", &[], Feed::Constant(1.0)));
    let minutes = || {
        let points = twin.cloudwatch(|cloudwatch| cloudwatch.datapoints("App", "Errors", &[], start));
        let minute = |at: jiff::Timestamp| at.duration_since(start).as_mins();
        points.into_iter().map(|(at, _)| minute(at)).collect::<Vec<_>>()
    };
    twin.clock().sleep(Duration::from_secs(90)).await;
    twin.darken(HOME);
    twin.clock().sleep(Duration::from_mins(2)).await;
    twin.lighten(HOME);
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(minutes(), [0, 1, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_service_fails_alone() {
    let twin = sdk::twin();
    twin.darken_service(HOME, "ssm");
    assert!(!writes(&twin, HOME).await);
    assert!(matches!(
        last_outcome(&twin),
        CallOutcome::Error { status: 500, .. }
    ));
    assert!(writes(&twin, AWAY).await);
    let topics = aws_sdk_sns::Client::new(&sdk::config(&twin)).list_topics().send();
    assert!(topics.await.is_ok());
    twin.lighten_service(HOME, "ssm");
    assert!(writes(&twin, HOME).await);
}

#[tokio::test(start_paused = true)]
async fn a_partition_is_between_regions_and_not_for_operators() {
    let twin = sdk::twin();
    host_caller(&twin, HOME);
    host_caller(&twin, AWAY);
    twin.part(AWAY, HOME);
    assert!(!twin.connected(HOME, AWAY));
    assert_eq!(function_writes(&twin, HOME, AWAY, 0).await, Ok(false));
    assert_eq!(last_outcome(&twin), CallOutcome::Unreachable);
    assert_eq!(function_writes(&twin, AWAY, HOME, 0).await, Ok(false));
    assert_eq!(function_writes(&twin, HOME, HOME, 0).await, Ok(true));
    assert_eq!(function_writes(&twin, HOME, GLOBAL, 0).await, Ok(true));
    assert!(writes(&twin, HOME).await && writes(&twin, AWAY).await);
    twin.join(HOME, AWAY);
    assert!(twin.connected(AWAY, HOME));
    assert_eq!(function_writes(&twin, AWAY, HOME, 0).await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn a_slow_region_answers_later() {
    let twin = sdk::twin();
    let slow = Duration::from_secs(2);
    let time = async || {
        let before = twin.clock().now();
        assert!(writes(&twin, HOME).await);
        twin.clock().now().duration_since(before)
    };
    let usual = time().await;
    twin.slow(HOME, slow);
    assert_eq!(Duration::try_from(time().await - usual).unwrap(), slow);
    twin.slow(HOME, Duration::ZERO);
    assert_eq!(time().await, usual);
}

#[tokio::test(start_paused = true)]
async fn the_control_plane_of_route_53_is_in_us_east_1() {
    let twin = sdk::twin();
    let config = sdk::config(&twin).into_builder();
    let config = config
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build();
    let client = aws_sdk_route53::Client::new(&config);
    assert!(client.list_hosted_zones().send().await.is_ok());
    twin.darken(GLOBAL);
    assert!(client.list_hosted_zones().send().await.is_err());
    assert_eq!(last_outcome(&twin), CallOutcome::Unreachable);
    twin.lighten(GLOBAL);
    twin.part(HOME, GLOBAL);
    assert!(client.list_hosted_zones().send().await.is_ok());
    let reach = |from| twin.outages().reach(Some(from), GLOBAL, "route53");
    assert_eq!(reach(HOME), Reach::Silent);
    assert_eq!(reach(AWAY), Reach::Open);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_can_be_read() {
    let twin = sdk::twin();
    twin.darken(AWAY);
    twin.darken_service(HOME, "ssm");
    twin.part(HOME, GLOBAL);
    twin.slow(GLOBAL, Duration::from_secs(2));
    let sentences: Vec<String> = twin.outages().active().iter().map(Outage::to_string).collect();
    assert_eq!(
        sentences,
        [
            "eu-west-1 is dark",
            "ssm fails in eu-central-1",
            "eu-central-1 and us-east-1 do not reach each other",
            "us-east-1 answers 2s later",
        ]
    );
    twin.lighten(AWAY);
    twin.lighten_service(HOME, "ssm");
    twin.join(GLOBAL, HOME);
    twin.slow(GLOBAL, Duration::ZERO);
    assert!(twin.outages().active().is_empty());
}
