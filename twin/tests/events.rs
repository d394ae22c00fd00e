//! `EventBridge`, through the real SDK: putting events, and what patterns match.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Value, json};
use twin::events::Pattern;
use twin::{Fault, FaultKind, Twin, TwinOptions};

fn entry(source: &str, detail: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .source(source)
        .detail_type("Migration State Change")
        .detail(detail)
        .resources("arn:aws:dms:eu-central-1:111122223333:task:ORDERS")
        .build()
}

fn matches(pattern: &Value, detail: &Value) -> bool {
    let pattern = Pattern::parse(&json!({ "detail": pattern }).to_string()).unwrap();
    pattern.matches(&json!({ "source": "cutover", "detail": detail }))
}

#[tokio::test(start_paused = true)]
async fn what_is_put_appears_on_the_bus_with_all_that_the_bus_adds() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let answer = client
        .put_events()
        .entries(entry("cutover", r#"{"generation":7}"#))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.failed_entry_count(), 0);
    let bus = twin.bus();
    assert_eq!(
        bus[0].event,
        json!({
            "version": "0",
            "id": answer.entries()[0].event_id().unwrap(),
            "detail-type": "Migration State Change",
            "source": "cutover",
            "account": "111122223333",
            "time": "2026-03-02T09:00:00Z",
            "region": "eu-central-1",
            "resources": ["arn:aws:dms:eu-central-1:111122223333:task:ORDERS"],
            "detail": {"generation": 7},
        })
    );
}

#[tokio::test(start_paused = true)]
async fn each_entry_is_judged_by_itself() {
    let twin = Twin::new(TwinOptions {
        accept_aws_sources: false,
        ..TwinOptions::default()
    });
    let client = Client::new(&sdk::config(&twin));
    let answer = client
        .put_events()
        .entries(entry("aws.dms", "{}"))
        .entries(entry("cutover", "{}"))
        .entries(entry("cutover", "[]"))
        .entries(entry("cutover", "{"))
        .entries(entry("", "{}"))
        .entries(PutEventsRequestEntry::builder().source("cutover").build())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.failed_entry_count(), 5);
    let codes: Vec<_> = answer
        .entries()
        .iter()
        .map(|entry| entry.error_code().unwrap_or("ok"))
        .collect();
    assert_eq!(
        codes,
        [
            "NotAuthorizedForSourceException",
            "ok",
            "MalformedDetail",
            "MalformedDetail",
            "InvalidArgument",
            "InvalidArgument"
        ]
    );
    assert_eq!(twin.bus().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_twin_takes_events_of_aws_itself_unless_told_otherwise() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let answer = client
        .put_events()
        .entries(entry("aws.dms", "{}"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.failed_entry_count(), 0);
    assert_eq!(twin.bus()[0].event["source"], "aws.dms");
}

#[tokio::test(start_paused = true)]
async fn a_request_has_its_limits() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let code = async |entries: Vec<PutEventsRequestEntry>| {
        let sent = client.put_events().set_entries(Some(entries)).send().await;
        sent.err()
            .map(|error| error.code().unwrap_or_default().to_owned())
    };
    let refused = Some("ValidationException".to_owned());
    assert_eq!(code(vec![entry("cutover", "{}"); 11]).await, refused);
    assert_eq!(code(Vec::new()).await, refused);
    assert_eq!(code(vec![entry("cutover", "{}"); 10]).await, None);
    let padded = |bytes: usize| entry("cutover", &format!("{{\"a\":\"{}\"}}", "x".repeat(bytes)));
    assert_eq!(code(vec![padded(1024 * 1024 - 200)]).await, None);
    assert_eq!(code(vec![padded(1024 * 1024)]).await, refused);
    assert_eq!(code(vec![padded(512 * 1024); 2]).await, refused);
}

#[tokio::test(start_paused = true)]
async fn faults_strike_events_too() {
    let twin = sdk::twin();
    twin.faults().add(Fault {
        subject_contains: Some("cutover".to_owned()),
        ..Fault::once("events", "PutEvents", FaultKind::Deny)
    });
    let client = Client::new(&sdk::config(&twin));
    let put = async || client.put_events().entries(entry("cutover", "{}")).send().await;
    let refused = put().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert!(
        refused
            .message()
            .unwrap()
            .contains("events:PutEvents on resource: arn:aws:events:eu-central-1")
    );
    assert!(twin.bus().is_empty());
    assert!(put().await.is_ok());
    let log = twin.log();
    assert_eq!(
        (log[0].service.as_str(), log[0].operation.as_str()),
        ("events", "PutEvents")
    );
}

#[test]
fn patterns_match_as_documented() {
    let state = json!({
        "state": "running", "File": "dir/Lag.PNG", "lag": 75, "ratio": 0.5, "null": null, "on": true, "empty": "",
        "tags": ["red", "blue"], "inner": {"deep": [1, 2]},
        "tables": [{"name": "orders", "rows": 5}, {"name": "items", "rows": 9}],
    });
    for (pattern, expected) in [
        (json!({"state": ["running"]}), true),
        (json!({"state": ["Running"]}), false),
        (json!({"state": ["stopped", "running"]}), true),
        (json!({"state": ["running"], "lag": [76]}), false),
        (json!({"lag": [75.0]}), true),
        (json!({"lag": ["75"]}), false),
        (json!({"on": [true], "null": [null]}), true),
        (json!({"on": [false]}), false),
        (json!({"missing": [null]}), false),
        (json!({"empty": [""]}), true),
        (json!({"state": [{"prefix": "run"}]}), true),
        (json!({"state": [{"prefix": "Run"}]}), false),
        (
            json!({"state": [{"prefix": {"equals-ignore-case": "RUN"}}]}),
            true,
        ),
        (json!({"File": [{"suffix": ".PNG"}]}), true),
        (
            json!({"File": [{"suffix": {"equals-ignore-case": ".png"}}]}),
            true,
        ),
        (json!({"File": [{"equals-ignore-case": "DIR/LAG.png"}]}), true),
        (json!({"File": [{"wildcard": "dir/*.PNG"}]}), true),
        (json!({"File": [{"wildcard": "*/lib/*"}]}), false),
        (json!({"state": [{"anything-but": "running"}]}), false),
        (json!({"state": [{"anything-but": ["stopped", "failed"]}]}), true),
        (json!({"lag": [{"anything-but": [75, 76]}]}), false),
        (json!({"lag": [{"anything-but": "75"}]}), true),
        (json!({"missing": [{"anything-but": "x"}]}), false),
        (json!({"state": [{"anything-but": {"prefix": "run"}}]}), false),
        (
            json!({"state": [{"anything-but": {"suffix": ["ped", "led"]}}]}),
            true,
        ),
        (
            json!({"state": [{"anything-but": {"equals-ignore-case": ["RUNNING"]}}]}),
            false,
        ),
        (json!({"File": [{"anything-but": {"wildcard": "dir/*"}}]}), false),
        (json!({"lag": [{"numeric": [">", 60, "<=", 75]}]}), true),
        (json!({"lag": [{"numeric": [">", 60, "<", 75]}]}), false),
        (json!({"ratio": [{"numeric": ["=", 0.5]}]}), true),
        (json!({"state": [{"numeric": [">", 0]}]}), false),
        (
            json!({"state": [{"exists": true}], "missing": [{"exists": false}]}),
            true,
        ),
        (json!({"null": [{"exists": true}]}), true),
        (json!({"inner": [{"exists": true}]}), false),
        (json!({"inner": {"missing": [{"exists": false}]}}), true),
        (json!({"missing": {"deeper": [{"exists": false}]}}), true),
        (json!({"tags": ["blue"]}), true),
        (json!({"tags": ["green"]}), false),
        (json!({"tags": [{"anything-but": "red"}]}), true),
        (json!({"inner": {"deep": [2]}}), true),
        (json!({"tables": {"name": ["items"], "rows": [9]}}), true),
        (json!({"tables": {"name": ["items"], "rows": [5]}}), false),
        (json!({"$or": [{"state": ["stopped"]}, {"lag": [75]}]}), true),
        (json!({"$or": [{"state": ["stopped"]}, {"lag": [1]}]}), false),
        (
            json!({"state": ["stopped"], "$or": [{"lag": [75]}, {"lag": [1]}]}),
            false,
        ),
    ] {
        assert_eq!(matches(&pattern, &state), expected, "{pattern}");
    }
}

#[test]
fn invalid_patterns_are_refused() {
    for pattern in [
        "[]",
        "{",
        "{}",
        r#"{"source":"cutover"}"#,
        r#"{"source":[]}"#,
        r#"{"detail":{}}"#,
        r#"{"source":[["cutover"]]}"#,
        r#"{"source":[{"contains":"cut"}]}"#,
        r#"{"source":[{"prefix":"a","suffix":"b"}]}"#,
        r#"{"source":[{"prefix":1}]}"#,
        r#"{"source":[{"exists":"yes"}]}"#,
        r#"{"source":[{"anything-but":[]}]}"#,
        r#"{"source":[{"anything-but":["a",1]}]}"#,
        r#"{"source":[{"anything-but":{"numeric":["=",1]}}]}"#,
        r#"{"lag":[{"numeric":[">"]}]}"#,
        r#"{"lag":[{"numeric":["<",5,">",1]}]}"#,
        r#"{"lag":[{"numeric":[">",5,"<",1]}]}"#,
        r#"{"lag":[{"numeric":["=",6e9]}]}"#,
        r#"{"source":[{"wildcard":"a**"}]}"#,
        r#"{"$or":[{"source":["a"]}]}"#,
    ] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
    assert!(Pattern::parse(&format!("{{\"source\":[\"{}\"]}}", "x".repeat(4096))).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_pattern_can_be_tried_out_on_the_wire() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let event = json!({
        "id": "1", "account": "111122223333", "source": "cutover", "time": "2026-03-02T09:00:00Z",
        "region": "eu-central-1", "resources": [], "detail-type": "Step", "detail": {},
    });
    let test = async |pattern: &str, event: &Value| {
        let sent = client
            .test_event_pattern()
            .event_pattern(pattern)
            .event(event.to_string());
        let answer = sent.send().await;
        answer
            .map(|answer| answer.result())
            .map_err(|error| error.code().unwrap_or_default().to_owned())
    };
    assert_eq!(test(r#"{"source":["cutover"]}"#, &event).await, Ok(true));
    assert_eq!(test(r#"{"source":["aws.dms"]}"#, &event).await, Ok(false));
    let refused = Err("InvalidEventPatternException".to_owned());
    assert_eq!(test(r#"{"source":"cutover"}"#, &event).await, refused);
    let refused = Err("ValidationException".to_owned());
    assert_eq!(
        test(r#"{"source":["cutover"]}"#, &json!({"source": "cutover"})).await,
        refused
    );
}
