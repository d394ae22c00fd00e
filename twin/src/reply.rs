//! Writing answers: times, envelopes, and errors in each protocol.

use http::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use winterbaume_core::{MockResponse, xml_escape};

use crate::error::AwsError;
use crate::routing::{Protocol, Service};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");
const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");

/// Epoch seconds with milliseconds, as the JSON and CBOR protocols write times.
pub(crate) fn epoch_seconds(time: Timestamp) -> f64 {
    SignedDuration::from_millis(time.as_millisecond()).as_secs_f64()
}

/// A time from epoch seconds. None for what no calendar holds.
pub(crate) fn from_epoch_seconds(seconds: f64) -> Option<Timestamp> {
    let since_epoch = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    Timestamp::UNIX_EPOCH.checked_add(since_epoch).ok()
}

/// A time as the XML protocols write it, to the millisecond.
pub(crate) fn iso_8601(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// What every answer carries, whoever encoded its body.
pub(crate) fn finish(mut response: MockResponse, route: Protocol, request_id: &str) -> MockResponse {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers.insert(REQUEST_ID, value);
    }
    match route {
        Protocol::Json => {
            response.headers.insert(http::header::CONTENT_TYPE, JSON_1_1);
        }
        Protocol::Query => response.body = with_request_id(&response.body, request_id).into(),
        Protocol::RestXml | Protocol::RestJson | Protocol::Cbor => {}
    }
    response
}

/// The envelope of the query protocol around a result.
pub(crate) fn query(service: &Service, action: &str, result: &str) -> MockResponse {
    let namespace = namespace(service);
    let body = format!(
        "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId></RequestId></ResponseMetadata></{action}Response>"
    );
    MockResponse::xml(200, body)
}

/// An error, in the protocol of the request.
pub(crate) fn error(
    service: &Service,
    protocol: Protocol,
    error: &AwsError,
    request_id: &str,
) -> MockResponse {
    let response = match protocol {
        Protocol::RestXml | Protocol::Query => xml_error(service, error, request_id),
        Protocol::Json => json_error(error),
        Protocol::RestJson => rest_json_error(error),
        Protocol::Cbor => cbor_error(error),
    };
    finish(response, protocol, request_id)
}

fn xml_error(service: &Service, error: &AwsError, request_id: &str) -> MockResponse {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code>\
         <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        namespace(service),
        blame(error),
        xml_escape(&error.code),
        xml_escape(&error.message),
    );
    MockResponse::xml(error.status, body)
}

fn json_error(error: &AwsError) -> MockResponse {
    // Some errors of Parameter Store come without a message; they then have no such field.
    let body = if error.message.is_empty() {
        json!({ "__type": error.code })
    } else {
        json!({ "__type": error.code, "message": error.message })
    };
    MockResponse::json(error.status, body.to_string())
}

fn rest_json_error(error: &AwsError) -> MockResponse {
    let kind = if error.status < 500 { "User" } else { "Service" };
    let body = json!({ "Type": kind, "Message": error.message }).to_string();
    let mut response = MockResponse::rest_json(error.status, body);
    if let Ok(value) = HeaderValue::from_str(&error.code) {
        response.headers.insert(ERROR_TYPE, value);
    }
    response
}

fn cbor_error(error: &AwsError) -> MockResponse {
    let mut response =
        winterbaume_cloudwatch::wire::cbor_error_response(error.status, &error.code, &error.message);
    // CloudWatch once spoke only the query protocol; this header carries the code of those days.
    if let Ok(value) = HeaderValue::from_str(&format!("{};{}", error.code, blame(error))) {
        response.headers.insert(QUERY_ERROR, value);
    }
    response
}

fn blame(error: &AwsError) -> &'static str {
    if error.status < 500 { "Sender" } else { "Receiver" }
}

fn namespace(service: &Service) -> &'static str {
    match service {
        Service::Route53 => "https://route53.amazonaws.com/doc/2013-04-01/",
        Service::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        Service::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        Service::AutoScaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
        Service::Rds => "http://rds.amazonaws.com/doc/2014-10-31/",
        Service::Ssm | Service::Dms | Service::Lambda | Service::Events | Service::Unknown(_) => "",
    }
}

/// The codecs put a random identifier into the envelope; the twin's answers follow from its seed.
fn with_request_id(body: &[u8], request_id: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let replaced = text.split_once("<RequestId>").and_then(|(before, rest)| {
        let (_, after) = rest.split_once("</RequestId>")?;
        Some(format!("{before}<RequestId>{request_id}</RequestId>{after}"))
    });
    replaced.map_or_else(|| body.to_vec(), String::into_bytes)
}
