//! STS: who is calling.

use winterbaume_core::MockResponse;
use winterbaume_sts::wire::{GetCallerIdentityResponse, serialize_get_caller_identity_response};

/// The fixed identifier of the one role everybody has here.
const ROLE_ID: &str = "AROATWINTWINTWINTWIN0";

pub(crate) fn caller_identity(account: &str, arn: &str) -> MockResponse {
    let session = arn.rsplit('/').next().unwrap_or_default();
    serialize_get_caller_identity_response(&GetCallerIdentityResponse {
        account: Some(account.to_owned()),
        arn: Some(arn.to_owned()),
        user_id: Some(format!("{ROLE_ID}:{session}")),
    })
}
