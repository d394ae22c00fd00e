//! The TCP door: what comes in over a socket is the same world.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use sdk::hosted::{NAME, host_writer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use twin::{Fault, FaultKind, SideDoor, Twin};

struct Echo;

impl SideDoor for Echo {
    fn handle(&self, body: Vec<u8>) -> Pin<Box<dyn Future<Output = (u16, String)> + Send + '_>> {
        Box::pin(async move { (418, String::from_utf8_lossy(&body).to_uppercase()) })
    }
}

async fn served() -> (Twin, SocketAddr) {
    let twin = sdk::twin();
    host_writer(&twin);
    twin.side_door("/_twin/echo", Arc::new(Echo));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = twin.clone();
    tokio::spawn(async move { server.serve(listener).await });
    (twin, address)
}

/// Sends a request and reads until the connection closes.
async fn sent(address: SocketAddr, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request =
        format!("{head}\r\nhost: twin\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn authorization(service: &str) -> String {
    format!(
        "authorization: AWS4-HMAC-SHA256 Credential=A/20260302/eu-central-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

fn put(name: &str) -> (String, String) {
    let head = format!(
        "POST / HTTP/1.1\r\nx-amz-target: AmazonSSM.PutParameter\r\n{}",
        authorization("ssm")
    );
    (
        head,
        format!("{{\"Name\":\"{name}\",\"Value\":\"1\",\"Type\":\"String\"}}"),
    )
}

#[tokio::test]
async fn a_request_over_tcp_has_its_effect_and_its_answer() {
    let (twin, address) = served().await;
    let (head, body) = put("/a/x");
    let answer = sent(address, &head, &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("application/x-amz-json-1.1"), "{answer}");
    assert!(
        answer.ends_with("{\"Tier\":\"Standard\",\"Version\":1}"),
        "{answer}"
    );
    assert_eq!(twin.ssm(|ssm| ssm.value("/a/x")).as_deref(), Some("1"));
    assert_eq!(twin.log()[0].invocation, None);
}

#[tokio::test]
async fn a_lost_reply_is_a_broken_connection_after_the_effect() {
    let (twin, address) = served().await;
    twin.faults()
        .add(Fault::once("ssm", "PutParameter", FaultKind::ReplyLost));
    let (head, body) = put("/a/x");
    assert_eq!(sent(address, &head, &body).await, "");
    assert_eq!(twin.ssm(|ssm| ssm.value("/a/x")).as_deref(), Some("1"));
}

#[tokio::test]
async fn functions_and_side_doors_are_reached_over_tcp() {
    let (_twin, address) = served().await;
    let head = format!(
        "POST /2015-03-31/functions/{NAME}/invocations HTTP/1.1\r\n{}",
        authorization("lambda")
    );
    let answer = sent(address, &head, "{\"a\":1}").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{\"a\":1}"),
        "{answer}"
    );
    let answer = sent(address, "POST /_twin/echo HTTP/1.1", "story").await;
    assert!(
        answer.starts_with("HTTP/1.1 418") && answer.ends_with("STORY"),
        "{answer}"
    );
    let answer = sent(address, "GET /_twin/echo HTTP/1.1", "").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn any_event_can_be_put_on_the_bus_by_hand() {
    let (twin, address) = served().await;
    let forged = r#"{"id":"evt-1","account":"999988887777","source":"aws.dms","detail-type":"DMS Replication Task State Change","detail":{"eventType":"REPLICATION_TASK_FAILED"}}"#;
    let answer = sent(address, "POST /_twin/event HTTP/1.1", forged).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("evt-1\n"),
        "{answer}"
    );
    let event = &twin.bus()[0].event;
    assert_eq!(event["account"], "999988887777");
    assert_eq!(event["region"], "eu-central-1");
    assert_eq!(event["resources"], serde_json::json!([]));
    assert_eq!(event["detail"]["eventType"], "REPLICATION_TASK_FAILED");
    for (body, problem) in [
        ("{", "not JSON"),
        ("{}", "source"),
        (r#"{"source":"a","detail-type":"b"}"#, "detail"),
    ] {
        let answer = sent(address, "POST /_twin/event HTTP/1.1", body).await;
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains(problem),
            "{answer}"
        );
    }
    assert_eq!(twin.bus().len(), 1);
}

#[tokio::test]
async fn cloudwatch_speaks_the_query_protocol_and_json_too() {
    let (twin, address) = served().await;
    let at = twin.clock().now();
    twin.cloudwatch(|cloudwatch| {
        cloudwatch.put_datapoint("Cutover/DR", "ServeFromDr", &[("Region", "eu")], at, 1.5);
        cloudwatch.create_alarm("dev-lag");
    });
    let form = "Action=GetMetricData&Version=2010-08-01&StartTime=2026-03-02T08%3A00%3A00Z&EndTime=2026-03-02T10%3A00%3A00Z\
                &MetricDataQueries.member.1.Id=a&MetricDataQueries.member.1.MetricStat.Period=60\
                &MetricDataQueries.member.1.MetricStat.Stat=Maximum\
                &MetricDataQueries.member.1.MetricStat.Metric.Namespace=Cutover%2FDR\
                &MetricDataQueries.member.1.MetricStat.Metric.MetricName=ServeFromDr\
                &MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=Region\
                &MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=eu";
    let head = format!(
        "POST / HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n{}",
        authorization("monitoring")
    );
    let answer = sent(address, &head, form).await;
    assert!(
        answer.contains("<Values><member>1.5</member></Values>"),
        "{answer}"
    );
    assert!(
        answer.contains("<Timestamps><member>2026-03-02T09:00:00.000Z</member></Timestamps>"),
        "{answer}"
    );
    let target = "x-amz-target: GraniteServiceVersion20100801.DescribeAlarms";
    let head = format!("POST / HTTP/1.1\r\n{target}\r\n{}", authorization("monitoring"));
    let answer = sent(address, &head, "{\"AlarmNames\":[\"dev-lag\"]}").await;
    let body = answer.rsplit("\r\n\r\n").next().unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["MetricAlarms"][0]["StateValue"], "INSUFFICIENT_DATA");
    assert!(body["MetricAlarms"][0]["StateUpdatedTimestamp"].is_number());
}
