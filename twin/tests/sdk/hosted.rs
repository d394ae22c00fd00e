//! Functions to host: small ones that call AWS as real ones do.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::types::ParameterType;
use twin::{Clock, FunctionFailure, HostedCall, HostedFunction, Twin};

pub const NAME: &str = "writer-dev";
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Writes `/f/first`, then `/f/second`, then answers with its payload. The payload decides otherwise:
/// `"fail"`, `"panic"`, `"hang"`, or `"linger"`: a task of its own that outlives it and writes `/f/late`.
struct Writer {
    clock: Clock,
}

pub fn host_writer(twin: &Twin) {
    twin.host(
        NAME,
        Arc::new(Writer {
            clock: twin.clock().clone(),
        }),
        TIMEOUT,
    );
}

impl HostedFunction for Writer {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        Box::pin(async move {
            let config = super::config_with(&self.clock, call.client, "eu-central-1");
            let client = aws_sdk_ssm::Client::new(&config);
            if call.payload == b"\"linger\"" {
                let late = client
                    .put_parameter()
                    .name("/f/late")
                    .value("1")
                    .r#type(ParameterType::String);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    late.send().await
                });
            }
            for name in ["/f/first", "/f/second"] {
                let put = client
                    .put_parameter()
                    .name(name)
                    .value(&call.request_id)
                    .r#type(ParameterType::String);
                put.overwrite(true)
                    .send()
                    .await
                    .map_err(|error| failure("Permanent", &format!("{error:?}")))?;
            }
            match call.payload.as_slice() {
                b"\"fail\"" => Err(failure("NeedsHuman", "a person must look")),
                b"\"panic\"" => std::panic::panic_any("as asked"),
                b"\"hang\"" => std::future::pending().await,
                _ => Ok(call.payload),
            }
        })
    }
}

/// Writes a parameter named after its payload, through a client that all of its invocations share.
struct Warm {
    client: aws_sdk_ssm::Client,
}

pub fn host_warm(twin: &Twin) {
    let config = super::config_with(twin.clock(), twin.http_client(), "eu-central-1");
    let client = aws_sdk_ssm::Client::new(&config);
    twin.host(NAME, Arc::new(Warm { client }), TIMEOUT);
}

impl HostedFunction for Warm {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        Box::pin(async move {
            let name = format!("/f/{}", String::from_utf8_lossy(&call.payload));
            let put = self.client.put_parameter().name(name).value(&call.request_id);
            let put = put.r#type(ParameterType::String).send().await;
            put.map_err(|error| failure("Permanent", &format!("{error:?}")))?;
            Ok(call.payload)
        })
    }
}

fn failure(error_type: &str, error_message: &str) -> FunctionFailure {
    FunctionFailure {
        error_type: error_type.to_owned(),
        error_message: error_message.to_owned(),
    }
}
