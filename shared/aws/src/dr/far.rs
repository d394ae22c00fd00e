//! What the failure of a call to another region says of that region. That it does not answer is a sign; that it does not
//! let us ask is none, and neither is a throttle.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cutover_core::dr::observation::Far;
use cutover_core::error::chain;

use crate::call_error::{SERVER_FAILURE, port_error};

/// Codes by which a service says that it fails by itself, whatever the HTTP status.
const FAILS_BY_ITSELF: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "InternalServiceFault",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];
/// Codes by which it only says that we ask too much; some come with a 503.
const ASKED_TOO_MUCH: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
];

pub(super) fn far<T, E>(operation: impl Into<String>, answer: Result<T, SdkError<E, HttpResponse>>) -> Far<T>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    match answer {
        Ok(found) => Far::Known(found),
        Err(error) => {
            let sentence = chain(&port_error(operation, &error));
            if is_out_of_reach(&error) {
                Far::Unreachable(sentence)
            } else {
                Far::Unknown(sentence)
            }
        }
    }
}

fn is_out_of_reach<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let failed = |response: &HttpResponse| response.status().as_u16() >= SERVER_FAILURE;
    match error {
        SdkError::TimeoutError(_) => true,
        // Missing credentials end up here too: they are no sign.
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        SdkError::ResponseError(response) => failed(response.raw()),
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            let throttled = ASKED_TOO_MUCH.contains(&code);
            !throttled && (failed(service.raw()) || FAILS_BY_ITSELF.contains(&code))
        }
        // The SDK may add kinds; one that we do not know is no sign.
        SdkError::ConstructionFailure(_) | _ => false,
    }
}

/// The same of something else, as soon as it is known.
pub(super) fn and_then<T, U>(seen: Far<T>, next: impl FnOnce(T) -> Far<U>) -> Far<U> {
    match seen {
        Far::Known(value) => next(value),
        Far::Unreachable(why) => Far::Unreachable(why),
        Far::Unknown(why) => Far::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::error::ErrorMetadata;
    use aws_sdk_rds::operation::describe_db_clusters::DescribeDBClustersError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
    use aws_smithy_types::body::SdkBody;
    use cutover_core::dr::observation::Far;

    use super::far;

    type Failed = SdkError<DescribeDBClustersError, HttpResponse>;

    fn response(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::empty())
    }

    fn service(status: u16, code: &str) -> Failed {
        let metadata = ErrorMetadata::builder().code(code).message("so it is").build();
        SdkError::service_error(DescribeDBClustersError::generic(metadata), response(status))
    }

    fn says(error: Failed) -> Far<()> {
        far("rds:DescribeDBClusters orders-1", Err(error))
    }

    #[test]
    fn silence_and_a_service_that_fails_by_itself_are_signs() {
        for error in [
            SdkError::timeout_error("waited"),
            SdkError::dispatch_failure(ConnectorError::io("no route".into())),
            SdkError::dispatch_failure(ConnectorError::timeout("waited".into())),
            SdkError::response_error("half of it", response(502)),
            service(500, "InternalFailure"),
            service(503, "ServiceUnavailable"),
            service(504, "anything"),
            service(400, "InternalFailure"),
        ] {
            let told = format!("{error:?}");
            assert!(matches!(says(error), Far::Unreachable(_)), "{told}");
        }
    }

    #[test]
    fn an_answer_that_only_keeps_us_out_is_none() {
        for error in [
            service(403, "AccessDenied"),
            service(404, "DBClusterNotFoundFault"),
            service(400, "Throttling"),
            service(503, "RequestLimitExceeded"),
            SdkError::dispatch_failure(ConnectorError::other("no credentials".into(), None)),
            SdkError::response_error("not XML", response(200)),
            SdkError::construction_failure("no such thing"),
        ] {
            let told = format!("{error:?}");
            assert!(matches!(says(error), Far::Unknown(_)), "{told}");
        }
    }

    #[test]
    fn the_sentence_names_the_operation_and_the_services_words() {
        let Far::Unknown(sentence) = says(service(403, "AccessDenied")) else {
            panic!("it is no sign");
        };
        for word in ["rds:DescribeDBClusters orders-1", "AccessDenied", "so it is"] {
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}
