//! Lambda's Invoke API on the wire.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::json;
use winterbaume_core::{MockRequest, MockResponse};

use crate::delivery::{Attempt, Cause};
use crate::error::AwsError;
use crate::iam::Ask;
use crate::lambda::FunctionFailure;
use crate::place::Place;
use crate::routing::segments;
use crate::twin::Twin;

/// The most a request may carry, synchronous or not: 6 MB.
const PAYLOAD_BYTES_MAX: usize = 6 * 1024 * 1024;

const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LATEST: HeaderValue = HeaderValue::from_static("$LATEST");
const UNHANDLED: HeaderValue = HeaderValue::from_static("Unhandled");

/// An Invoke request, decoded but not yet judged.
#[derive(Debug, Clone)]
pub(crate) struct InvokeRequest {
    /// As a plain name, whichever way it was spelled.
    pub function_name: String,
    /// As it was spelled: a name, a name with a qualifier, or a whole ARN.
    spelled: String,
    pub invocation_type: String,
    pub payload: Bytes,
}

impl InvokeRequest {
    pub(crate) fn decode(request: &MockRequest) -> Self {
        let path = winterbaume_core::extract_path(&request.uri);
        let spelled = segments(&path).into_iter().nth(2).unwrap_or_default();
        let header = request
            .headers
            .get("x-amz-invocation-type")
            .and_then(|value| value.to_str().ok());
        Self {
            function_name: plain_name(&spelled).to_owned(),
            spelled,
            invocation_type: header.unwrap_or("RequestResponse").to_owned(),
            payload: request.body.clone(),
        }
    }
}

impl InvokeRequest {
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        let arn = match self.spelled.split_once("function:") {
            Some(_) if self.spelled.starts_with("arn:") => self.spelled.clone(),
            Some((_, name)) => place.arn("lambda", &format!("function:{name}")),
            None => place.arn("lambda", &format!("function:{}", self.spelled)),
        };
        vec![Ask::new("lambda:InvokeFunction", arn)]
    }
}

impl Twin {
    pub(crate) async fn answer_invoke(&self, request: &InvokeRequest) -> Result<MockResponse, AwsError> {
        let payload = checked_payload(&request.payload)?;
        let Ok(hosted) = self.functions().named(&request.function_name) else {
            let arn = format!(
                "arn:aws:lambda:{}:{}:function:{}",
                self.region(),
                self.account(),
                request.function_name
            );
            return Err(AwsError::new(
                404,
                "ResourceNotFoundException",
                format!("Function not found: {arn}"),
            ));
        };
        match request.invocation_type.as_str() {
            "RequestResponse" => {
                let attempt = Attempt {
                    request_id: self.identifiers().request(),
                    number: 1,
                    cause: Cause::Direct,
                    payload,
                };
                Ok(answered(self.run(&hosted, attempt).await))
            }
            "Event" => {
                self.invoke_later(&hosted.name, payload, Cause::Async);
                Ok(MockResponse::rest_json(202, ""))
            }
            "DryRun" => Ok(MockResponse::rest_json(204, "")),
            other => Err(AwsError::refused(
                "InvalidParameterValueException",
                format!(
                    "1 validation error detected: Value '{other}' at 'invocationType' failed to satisfy \
                     constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
                ),
            )),
        }
    }
}

fn checked_payload(payload: &Bytes) -> Result<Vec<u8>, AwsError> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(AwsError::new(
            413,
            "RequestTooLargeException",
            format!(
                "Request must be smaller than {PAYLOAD_BYTES_MAX} bytes for the InvokeFunction operation"
            ),
        ));
    }
    if payload.is_empty() {
        return Ok(b"{}".to_vec());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(payload) {
        Ok(_) => Ok(payload.to_vec()),
        Err(reason) => Err(AwsError::refused(
            "InvalidRequestContentException",
            format!("Could not parse request body into json: Could not parse payload into json: {reason}"),
        )),
    }
}

fn answered(result: Result<Vec<u8>, FunctionFailure>) -> MockResponse {
    let mut response = match result {
        Ok(body) => MockResponse::rest_json(200, body),
        Err(FunctionFailure {
            error_type,
            error_message,
        }) => {
            let body = json!({ "errorType": error_type, "errorMessage": error_message }).to_string();
            let mut response = MockResponse::rest_json(200, body);
            response.headers.insert(FUNCTION_ERROR, UNHANDLED);
            response
        }
    };
    response.headers.insert(EXECUTED_VERSION, LATEST);
    response
}

/// The name in a name, `name:qualifier`, `account:function:name` or a whole ARN.
fn plain_name(spelled: &str) -> &str {
    let name = spelled.split_once("function:").map_or(spelled, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_under_every_spelling() {
        let arn = "arn:aws:lambda:eu-central-1:111122223333:function:route53-updater-dev";
        assert_eq!(plain_name(arn), "route53-updater-dev");
        assert_eq!(plain_name(&format!("{arn}:$LATEST")), "route53-updater-dev");
        assert_eq!(
            plain_name("111122223333:function:route53-updater-dev"),
            "route53-updater-dev"
        );
        assert_eq!(plain_name("route53-updater-dev:7"), "route53-updater-dev");
        assert_eq!(plain_name("route53-updater-dev"), "route53-updater-dev");
    }
}
