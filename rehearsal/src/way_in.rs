//! How the shipped adapters reach the twin instead of AWS.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use cutover_aws::clients::{Elsewhere, retries};
use twin::Twin;

/// Everything a client needs to take the twin for AWS, as the account's administrator.
#[must_use]
pub fn elsewhere(twin: &Twin, http_client: SharedHttpClient) -> Elsewhere {
    elsewhere_as(twin, http_client, None)
}

/// The same as whoever has these credentials.
#[must_use]
pub fn elsewhere_as(
    twin: &Twin,
    http_client: SharedHttpClient,
    credentials: Option<twin::iam::Credentials>,
) -> Elsewhere {
    let credentials = match credentials {
        Some(own) => {
            Credentials::from_keys(own.access_key_id, own.secret_access_key, Some(own.session_token))
        }
        None => Credentials::from_keys("AKIDREHEARSAL", "not-a-secret", None),
    };
    Elsewhere {
        http_client,
        time: twin.clock().time_source(),
        region: twin.region().to_owned(),
        credentials: SharedCredentialsProvider::new(credentials),
        // Without jitter a story replays to the second.
        retries: retries().with_use_static_exponential_base(true),
    }
}
