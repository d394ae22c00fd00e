//! Other people's functions, asked before a switch and told after it.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::types::InvocationType;
use aws_smithy_types::Blob;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use cutover_core::dr::ports::{HookAnswer, HookCall, Hooks};
use cutover_core::error::{Class, PortError};
use serde_json::Value;

use crate::call_error::{port_error, unbuildable};
use crate::clients::DrClients;
use crate::config::dr::DrConfig;

/// Characters kept of what a function says.
const WORDS_MAX: usize = 200;

#[derive(Debug, Clone)]
pub struct FunctionHooks {
    client: Client,
    before: Option<String>,
    after: Option<String>,
    timeout: Duration,
}

impl FunctionHooks {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig) -> Self {
        let arn = |hook: &Option<crate::config::dr::Arn>| hook.as_ref().map(|hook| hook.arn.clone());
        Self {
            client: clients.lambda.clone(),
            before: arn(&config.pre_hook),
            after: arn(&config.post_hook),
            timeout: config.hook_timeout,
        }
    }
}

impl Hooks for FunctionHooks {
    async fn ask(&self, call: &HookCall) -> Result<HookAnswer, PortError> {
        let Some(arn) = &self.before else {
            return Ok(HookAnswer::GoOn);
        };
        let payload = payload(arn, call)?;
        invoke(&self.client, arn, payload, self.timeout)
            .await
            .map(|answer| judged(&answer))
    }

    /// It is not waited for: what it says would change nothing.
    async fn tell(&self, call: &HookCall) -> Result<(), PortError> {
        let Some(arn) = &self.after else {
            return Ok(());
        };
        let request = self.client.invoke().function_name(arn);
        let request = request.invocation_type(InvocationType::Event);
        let answer = request.payload(payload(arn, call)?).send().await;
        answer
            .map(|_| ())
            .map_err(|error| port_error(format!("lambda:Invoke {arn}"), &error))
    }
}

fn payload(arn: &str, call: &HookCall) -> Result<Blob, PortError> {
    let text =
        serde_json::to_vec(call).map_err(|error| unbuildable(format!("lambda:Invoke {arn}"), error))?;
    Ok(Blob::new(text))
}

/// One attempt, because a function that was slow once would be asked twice, and what it said.
pub(super) async fn invoke(
    client: &Client,
    arn: &str,
    payload: Blob,
    timeout: Duration,
) -> Result<Vec<u8>, PortError> {
    let operation = format!("lambda:Invoke {arn}");
    let time = TimeoutConfig::builder()
        .operation_attempt_timeout(timeout)
        .operation_timeout(timeout);
    let once = Builder::new()
        .retry_config(RetryConfig::disabled())
        .timeout_config(time.build());
    let request = client.invoke().function_name(arn).payload(payload);
    let request = request.invocation_type(InvocationType::RequestResponse);
    let output = request.customize().config_override(once).send().await;
    let output = output.map_err(|error| port_error(&operation, &error))?;
    let answer = output.payload.map(Blob::into_inner).unwrap_or_default();
    match output.function_error {
        None => Ok(answer),
        Some(kind) => Err(PortError {
            operation,
            class: Class::Permanent,
            source: format!("{kind}: {}", words(&String::from_utf8_lossy(&answer))).into(),
        }),
    }
}

/// Only a veto stops anything: a hook that says something else has no objection.
fn judged(answer: &[u8]) -> HookAnswer {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    if answer.get("veto").and_then(Value::as_bool) != Some(true) {
        return HookAnswer::GoOn;
    }
    let reason = answer.get("reason").and_then(Value::as_str);
    HookAnswer::Veto(words(reason.unwrap_or("it gave no reason")))
}

fn words(text: &str) -> String {
    text.chars().take(WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use cutover_core::dr::ports::HookAnswer;

    use super::{WORDS_MAX, judged};

    #[test]
    fn only_a_veto_stops_anything() {
        for answer in [
            "",
            "null",
            "[]",
            "{}",
            "not JSON",
            r#"{"veto":false,"reason":"no"}"#,
            r#"{"veto":"true"}"#,
        ] {
            assert_eq!(judged(answer.as_bytes()), HookAnswer::GoOn, "{answer}");
        }
    }

    #[test]
    fn a_veto_tells_its_reason_and_no_more_than_fits() {
        let veto = |text: &str| HookAnswer::Veto(text.to_owned());
        assert_eq!(
            judged(br#"{"veto":true,"reason":"month end"}"#),
            veto("month end")
        );
        assert_eq!(judged(br#"{"veto":true}"#), veto("it gave no reason"));
        let long = format!(r#"{{"veto":true,"reason":"{}"}}"#, "x".repeat(WORDS_MAX + 1));
        assert_eq!(judged(long.as_bytes()), veto(&"x".repeat(WORDS_MAX)));
    }
}
