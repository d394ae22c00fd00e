//! Hosted functions: their ends, and the API in front of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::time::Duration;

use sdk::hosted::{NAME, host_warm, host_writer};
use twin::{CallOutcome, Fault, FaultKind, Twin};
use winterbaume_core::{MockRequest, MockResponse};

fn with_writer() -> Twin {
    let twin = sdk::twin();
    host_writer(&twin);
    twin
}

async fn failure(twin: &Twin, payload: &str) -> (String, String) {
    let invocation = twin.invoke(NAME, payload.as_bytes().to_vec()).await.unwrap();
    let failure = invocation.result.unwrap_err();
    (failure.error_type, failure.error_message)
}

async fn post(twin: &Twin, function: &str, kind: &str, payload: &[u8]) -> MockResponse {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20260302/eu-central-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
    let mut headers = http::HeaderMap::new();
    headers.insert("authorization", authorization.parse().unwrap());
    headers.insert("x-amz-invocation-type", kind.parse().unwrap());
    let request = MockRequest {
        method: "POST".to_owned(),
        uri: format!("/2015-03-31/functions/{function}/invocations"),
        headers,
        body: bytes::Bytes::copy_from_slice(payload),
    };
    twin.answer(request, None).await
}

#[tokio::test(start_paused = true)]
async fn an_invocation_answers_and_its_calls_carry_its_id() {
    let twin = with_writer();
    let invocation = twin.invoke(NAME, b"{\"a\":1}".to_vec()).await.unwrap();
    assert_eq!(invocation.result.unwrap(), b"{\"a\":1}");
    let log = twin.log();
    assert_eq!(log.len(), 2);
    assert!(
        log.iter()
            .all(|call| call.invocation.as_deref() == Some(invocation.request_id.as_str()))
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_a_panic_and_a_timeout_end_as_lambda_ends_them() {
    let twin = with_writer();
    assert_eq!(
        failure(&twin, "\"fail\"").await,
        ("NeedsHuman".to_owned(), "a person must look".to_owned())
    );
    let (kind, message) = failure(&twin, "\"panic\"").await;
    assert_eq!(kind, "Runtime.ExitError");
    assert!(
        message.ends_with("Error: Runtime exited with error: exit status 101"),
        "{message}"
    );
    let before = twin.clock().now();
    let (kind, message) = failure(&twin, "\"hang\"").await;
    assert_eq!(kind, "Sandbox.Timedout");
    assert!(
        message.ends_with("Error: Task timed out after 30.00 seconds"),
        "{message}"
    );
    assert_eq!(twin.clock().now().duration_since(before).as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_crash_before_the_effect_leaves_nothing_and_ends_the_invocation() {
    let twin = with_writer();
    twin.faults()
        .add(Fault::once("ssm", "PutParameter", FaultKind::CrashBefore));
    let (kind, _) = failure(&twin, "{}").await;
    assert_eq!(kind, "Runtime.ExitError");
    assert!(twin.ssm(|ssm| ssm.names("/f/").is_empty()));
    assert_eq!(twin.log().len(), 1);
    assert_eq!(twin.log()[0].outcome, CallOutcome::Crashed);
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_the_effect_leaves_it_and_no_later_call_happens() {
    let twin = with_writer();
    twin.faults().add(Fault {
        subject_contains: Some("first".to_owned()),
        ..Fault::once("ssm", "PutParameter", FaultKind::CrashAfter)
    });
    let (kind, _) = failure(&twin, "{}").await;
    assert_eq!(kind, "Runtime.ExitError");
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(twin.ssm(|ssm| ssm.names("/f/")), ["/f/first"]);
    assert_eq!(twin.log().len(), 1);
    assert!(twin.invoke(NAME, b"{}".to_vec()).await.unwrap().result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_api_answers_as_lambda_does() {
    let twin = with_writer();
    let arn = "arn%3Aaws%3Alambda%3Aeu-central-1%3A111122223333%3Afunction%3Awriter-dev";
    let answer = post(&twin, arn, "RequestResponse", b"{\"a\":1}").await;
    assert_eq!(
        (answer.status, answer.body.as_ref()),
        (200, b"{\"a\":1}".as_slice())
    );
    assert!(!answer.headers.contains_key("x-amz-function-error"));

    let answer = post(&twin, NAME, "RequestResponse", b"\"fail\"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["x-amz-function-error"], "Unhandled");
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["errorType"], "NeedsHuman");

    let answer = post(&twin, NAME, "DryRun", b"{}").await;
    assert_eq!(answer.status, 204);
    for (function, payload, status, code) in [
        ("nobody", b"{}".to_vec(), 404, "ResourceNotFoundException"),
        (NAME, b"{not json".to_vec(), 400, "InvalidRequestContentException"),
        (
            NAME,
            vec![b' '; 6 * 1024 * 1024 + 1],
            413,
            "RequestTooLargeException",
        ),
    ] {
        let answer = post(&twin, function, "RequestResponse", &payload).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["x-amzn-errortype"], code);
    }
    assert!(twin.invoke("nobody", Vec::new()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_event_runs_on_its_own_and_is_tried_again_when_it_fails() {
    let twin = with_writer();
    let answer = post(&twin, NAME, "Event", b"\"fail\"").await;
    assert_eq!(answer.status, 202);
    twin.clock().sleep(Duration::from_secs(1)).await;
    let attempts = || twin.ssm(|ssm| ssm.versions("/f/second").len());
    assert_eq!(attempts(), 1);
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(attempts(), 2);
    twin.clock().sleep(Duration::from_hours(1)).await;
    assert_eq!(attempts(), 3);
    let ids: std::collections::BTreeSet<_> = twin
        .ssm(|ssm| ssm.versions("/f/second"))
        .into_iter()
        .map(|version| version.value)
        .collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_invocation_left_running_has_no_effect() {
    let twin = with_writer();
    assert!(
        twin.invoke(NAME, b"\"linger\"".to_vec())
            .await
            .unwrap()
            .result
            .is_ok()
    );
    twin.clock().sleep(Duration::from_secs(2)).await;
    assert!(twin.ssm(|ssm| ssm.delete("/f/late")));
    twin.faults()
        .add(Fault::once("ssm", "PutParameter", FaultKind::CrashAfter));
    let (kind, _) = failure(&twin, "\"linger\"").await;
    assert_eq!(kind, "Runtime.ExitError");
    twin.clock().sleep(Duration::from_secs(2)).await;
    assert!(!twin.ssm(|ssm| ssm.delete("/f/late")));
}

#[tokio::test(start_paused = true)]
async fn a_crash_takes_only_its_own_calls_along_even_through_a_shared_client() {
    let twin = sdk::twin();
    host_warm(&twin);
    twin.faults().add(Fault {
        subject_contains: Some("one".to_owned()),
        ..Fault::once("ssm", "PutParameter", FaultKind::CrashBefore)
    });
    let (one, two) = tokio::join!(
        twin.invoke(NAME, b"one".to_vec()),
        twin.invoke(NAME, b"two".to_vec())
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.result.unwrap_err().error_type, "Runtime.ExitError");
    assert_eq!(two.result.unwrap(), b"two");
    assert_eq!(
        twin.ssm(|ssm| (ssm.value("/f/one"), ssm.value("/f/two"))),
        (None, Some(two.request_id.clone()))
    );
    let made_by = |subject: &str| {
        let call = twin.log().into_iter().find(|call| call.subject == subject);
        call.and_then(|call| call.invocation)
    };
    assert_eq!(made_by("/f/one"), Some(one.request_id));
    assert_eq!(made_by("/f/two"), Some(two.request_id));
}
