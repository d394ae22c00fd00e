//! What AWS's answer to an operation that moves a writer means: that it will be done, that it is being done, or why not.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cutover_core::dr::ports::Promoted;
use cutover_core::error::{Class, PortError};

use super::attempts::Attempts;
use crate::call_error::port_error;

/// Codes of what cannot be done in the state that things are in.
const STATE_FAULTS: &[&str] = &["InvalidGlobalClusterStateFault", "InvalidDBClusterStateFault"];
/// Words by which such an answer says that an operation is the reason. AWS has no code for it.
const UNDER_WAY: &[&str] = &[
    "in progress",
    "pending",
    "switching-over",
    "switching over",
    "failing-over",
    "failing over",
    "cancelling",
    "promoting",
];

pub(super) fn judged<T, E>(
    operation: String,
    attempts: &Attempts,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Promoted, PortError>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let Err(error) = answer else {
        return Ok(Promoted::Accepted);
    };
    let refused = error.as_service_error().map(|service| {
        let code = service.code().unwrap_or("an unnamed error");
        let message = service.message().unwrap_or_default();
        (is_under_way(code, message), format!("{code}: {message}"))
    });
    let mut failed = port_error(operation, &error);
    // What may work in a moment is no refusal; where nobody answered, whether it was heard has to be looked at.
    match refused.filter(|_| failed.class == Class::Permanent) {
        Some((true, words)) => Ok(Promoted::UnderWay(words)),
        // A cluster that was just detached is no member, and one that was just promoted no replica: that, too, has to be
        // looked at.
        Some((false, _)) if attempts.may_have_been_heard_before() => {
            failed.class = Class::Retryable;
            Err(failed)
        }
        Some((false, words)) => Ok(Promoted::Refused(words)),
        None => Err(failed),
    }
}

fn is_under_way(code: &str, message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    STATE_FAULTS.contains(&code) && UNDER_WAY.iter().any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::error::ErrorMetadata;
    use aws_sdk_rds::operation::failover_global_cluster::FailoverGlobalClusterError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::SdkError;
    use aws_smithy_types::body::SdkBody;
    use cutover_core::dr::ports::Promoted;
    use cutover_core::error::PortError;

    use super::{Attempts, judged};

    fn answered(status: u16, code: &str, message: &str) -> Result<Promoted, PortError> {
        let metadata = ErrorMetadata::builder().code(code).message(message).build();
        let error = FailoverGlobalClusterError::generic(metadata);
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        judged::<(), _>(
            "rds:FailoverGlobalCluster to orders-2".to_owned(),
            &Attempts::default(),
            Err(SdkError::service_error(error, response)),
        )
    }

    #[test]
    fn an_operation_that_is_under_way_is_told_from_one_that_cannot_be() {
        for (code, message) in [
            (
                "InvalidGlobalClusterStateFault",
                "Global cluster orders is in state failing-over.",
            ),
            (
                "InvalidGlobalClusterStateFault",
                "A switchover is already in progress",
            ),
            ("InvalidDBClusterStateFault", "Cluster orders-2 is promoting"),
        ] {
            let answer = answered(400, code, message).unwrap();
            assert!(matches!(answer, Promoted::UnderWay(_)), "{answer:?}");
        }
        for (code, message) in [
            (
                "InvalidDBClusterStateFault",
                "The engine versions of the clusters differ.",
            ),
            ("GlobalClusterNotFoundFault", "Global cluster pending not found."),
            (
                "AccessDenied",
                "not authorized to perform rds:FailoverGlobalCluster",
            ),
        ] {
            let answer = answered(400, code, message).unwrap();
            assert_eq!(answer, Promoted::Refused(format!("{code}: {message}")));
        }
    }

    #[test]
    fn what_may_work_in_a_moment_is_no_refusal() {
        for (status, code) in [(400, "Throttling"), (503, "ServiceUnavailable"), (500, "x")] {
            assert!(
                answered(status, code, "").unwrap_err().class.is_passing(),
                "{code}"
            );
        }
    }
}
