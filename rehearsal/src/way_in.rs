//! How the shipped adapters reach the twin instead of AWS.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use cutover_aws::clients::{Elsewhere, retries};
use twin::Twin;

/// Everything a client needs to take the twin for AWS.
#[must_use]
pub fn elsewhere(twin: &Twin, http_client: SharedHttpClient) -> Elsewhere {
    let credentials = Credentials::from_keys("AKIDREHEARSAL", "not-a-secret", None);
    Elsewhere {
        http_client,
        time: twin.clock().time_source(),
        region: twin.region().to_owned(),
        credentials: SharedCredentialsProvider::new(credentials),
        // Without jitter a story replays to the second.
        retries: retries().with_use_static_exponential_base(true),
    }
}
