//! A function that only listens: it remembers nothing, fails as told, and answers with its name.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use twin::{FunctionFailure, HostedCall, HostedFunction, Invoked, Twin};

pub const TIMEOUT: Duration = Duration::from_secs(30);

struct Ears {
    /// How many invocations still fail.
    failures: AtomicUsize,
}

/// Hosts a function that listens.
pub fn host(twin: &Twin, name: &str) {
    host_failing(twin, name, 0);
}

/// Hosts a function that listens, but fails this many times first.
pub fn host_failing(twin: &Twin, name: &str, failures: usize) {
    let ears = Ears {
        failures: AtomicUsize::new(failures),
    };
    twin.host(name, Arc::new(ears), TIMEOUT);
}

/// The invocations of one function.
pub fn heard(twin: &Twin, name: &str) -> Vec<Invoked> {
    let invoked = twin.invoked().into_iter();
    invoked.filter(|invoked| invoked.function == name).collect()
}

/// The payloads of the invocations of one function, as JSON.
pub fn payloads(twin: &Twin, name: &str) -> Vec<serde_json::Value> {
    let json = |invoked: Invoked| serde_json::from_slice(&invoked.payload).unwrap();
    heard(twin, name).into_iter().map(json).collect()
}

pub fn arn(twin: &Twin, name: &str) -> String {
    format!(
        "arn:aws:lambda:{}:{}:function:{name}",
        twin.region(),
        twin.account()
    )
}

impl HostedFunction for Ears {
    fn invoke(
        &self,
        _call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        let fails = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok();
        Box::pin(async move {
            if fails {
                return Err(FunctionFailure {
                    error_type: "Retryable".to_owned(),
                    error_message: "not this time".to_owned(),
                });
            }
            Ok(b"{}".to_vec())
        })
    }
}
