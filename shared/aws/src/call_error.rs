//! Errors of AWS calls: the operation, the class, the service's own words.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cutover_core::error::{Class, PortError, chain};

/// What a service answered, or why it did not.
#[derive(Debug, thiserror::Error)]
enum Answer {
    #[error("{code}: {message}")]
    Service { code: String, message: String },
    #[error("no answer in time ({0})")]
    Timeout(String),
    #[error("no answer ({0})")]
    Dispatch(String),
    #[error("an answer that cannot be read ({0})")]
    Response(String),
    #[error("the request cannot be made ({0})")]
    Construction(String),
}

/// Error codes by which AWS says that too much was asked. The SDK has retried them already.
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "TooManyRequestsException",
];

/// Error codes that name another passing state, whatever the HTTP status. The SDK has retried them too.
const PASSING: &[&str] = &[
    "TooManyUpdates",
    "PriorRequestNotComplete",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "ServiceUnavailable",
];

/// Lowest HTTP status of the server's own failures.
pub(crate) const SERVER_FAILURE: u16 = 500;

pub(crate) fn port_error<E>(operation: impl Into<String>, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let (class, answer) = match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("an unnamed error");
            // An answer that the SDK cannot read has no message, but it has causes.
            let message = service
                .err()
                .message()
                .map_or_else(|| chain(service.err()), str::to_owned);
            let passing = PASSING.contains(&code) || service.raw().status().as_u16() >= SERVER_FAILURE;
            let class = if THROTTLED.contains(&code) {
                Class::Throttled
            } else if passing {
                Class::Retryable
            } else {
                Class::Permanent
            };
            (
                class,
                Answer::Service {
                    code: code.to_owned(),
                    message,
                },
            )
        }
        SdkError::TimeoutError(_) => (Class::Retryable, Answer::Timeout(causes(error))),
        SdkError::DispatchFailure(_) => (Class::Retryable, Answer::Dispatch(causes(error))),
        SdkError::ResponseError(_) => (Class::Retryable, Answer::Response(causes(error))),
        // The SDK may add kinds; one that we do not know is not retried.
        SdkError::ConstructionFailure(_) | _ => (Class::Permanent, Answer::Construction(causes(error))),
    };
    PortError {
        operation: operation.into(),
        class,
        source: Box::new(answer),
    }
}

/// A request that the SDK's own builder refused.
pub(crate) fn unbuildable(operation: impl Into<String>, error: impl StdError) -> PortError {
    let answer = Answer::Construction(chain(&error));
    PortError {
        operation: operation.into(),
        class: Class::Permanent,
        source: Box::new(answer),
    }
}

/// Whether the service answered with this code.
pub(crate) fn has_code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, code: &str) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(code)
}

/// The causes beneath the SDK's own one-word error, which alone says nothing.
fn causes<E: StdError + 'static>(error: &SdkError<E, HttpResponse>) -> String {
    error.source().map_or_else(|| error.to_string(), chain)
}
