//! Functions: their environment, their limits, and the events that start them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::properties::{malformed, optional_number, optional_text, property, refuse, required_text, text};
use super::scope::Scope;
use super::{Deployment, DeploymentError, FunctionSpec, SubscriptionSpec, resources, targets};
use crate::delivery::{AsyncSettings, Permission};
use crate::events::Rule;

/// What Lambda allows a function that does not say.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(3);

pub(super) fn add(
    deployment: &mut Deployment,
    scope: &Scope<'_>,
    logical_id: &str,
    resource: &Value,
) -> Result<(), DeploymentError> {
    let properties = resources::properties(scope, resource)?;
    // SAM would make a role of its own around them.
    refuse(&properties, &["Policies"])?;
    let globals = property(scope.template, &["Globals", "Function"]).map(|globals| scope.resolve(globals));
    let globals = globals.transpose()?.flatten().unwrap_or_else(|| json!({}));
    let timeout = match optional_number(&properties, "Timeout")? {
        Some(seconds) => Some(seconds),
        None => optional_number(&globals, "Timeout")?,
    };
    let mut environment = variables(&globals)?;
    environment.extend(variables(&properties)?);
    let mut function = FunctionSpec {
        logical_id: logical_id.to_owned(),
        name: resources::name(scope, logical_id, resource)?,
        arn: resources::attribute(scope, logical_id, resource, "Arn")?,
        environment,
        timeout: timeout.map_or(TIMEOUT_DEFAULT, Duration::from_secs),
        asynchronous: asynchronous(&properties)?,
        role: optional_text(&properties, "Role")?,
        policy: Vec::new(),
    };
    let events = properties.get("Events").and_then(Value::as_object);
    for (name, event) in events.into_iter().flatten() {
        start_by(deployment, scope, &mut function, name, event).map_err(|error| error.at(name))?;
    }
    deployment.functions.push(function);
    Ok(())
}

fn variables(properties: &Value) -> Result<BTreeMap<String, String>, DeploymentError> {
    let variables = property(properties, &["Environment", "Variables"]).and_then(Value::as_object);
    let variable = |(name, value): (&String, &Value)| {
        let value = text(value).ok_or_else(|| malformed(name, "text"))?;
        Ok((name.clone(), value))
    };
    variables.into_iter().flatten().map(variable).collect()
}

fn asynchronous(properties: &Value) -> Result<AsyncSettings, DeploymentError> {
    let mut settings = AsyncSettings::default();
    if let Some(config) = properties.get("EventInvokeConfig") {
        refuse(config, &["DestinationConfig"])?;
        if let Some(seconds) = optional_number(config, "MaximumEventAgeInSeconds")? {
            settings.age_max = Duration::from_secs(seconds);
        }
        if let Some(retries) = optional_number(config, "MaximumRetryAttempts")? {
            settings.retries_max = retries;
        }
    }
    // SAM and Lambda have two names for it.
    let queue = properties
        .get("DeadLetterQueue")
        .or_else(|| properties.get("DeadLetterConfig"));
    settings.dead_letter = queue.map(|queue| required_text(queue, "TargetArn")).transpose()?;
    Ok(settings)
}

/// One of a function's own events: a rule, a schedule or a subscription, and the permission for it.
fn start_by(
    deployment: &mut Deployment,
    scope: &Scope<'_>,
    function: &mut FunctionSpec,
    name: &str,
    event: &Value,
) -> Result<(), DeploymentError> {
    let nothing = json!({});
    let properties = event.get("Properties").unwrap_or(&nothing);
    let Scope { account, region, .. } = scope;
    let kind = required_text(event, "Type")?;
    match kind.as_str() {
        "SNS" => {
            refuse(properties, &["FilterPolicy", "SqsSubscription"])?;
            let topic = required_text(properties, "Topic")?;
            function.policy.push(Permission {
                principal: "sns.amazonaws.com".to_owned(),
                source_arn: Some(topic.clone()),
                source_account: None,
            });
            deployment.subscriptions.push(SubscriptionSpec {
                topic,
                function_arn: function.arn.clone(),
            });
        }
        "Schedule" | "EventBridgeRule" | "CloudWatchEvent" => {
            targets::on_default_bus(properties)?;
            let generated = generated_name(scope, &function.logical_id, name);
            let rule_name = own_name(properties).unwrap_or_else(|| generated.clone());
            let queue = format!("arn:aws:sqs:{region}:{account}:{generated}Queue");
            let enabled = super::properties::is_enabled(properties);
            let trigger = match targets::trigger(properties, "Pattern", "Schedule") {
                // What is switched off never comes due, so that nobody misses what the twin cannot read.
                Err(DeploymentError::Rate(_)) if !enabled => return Ok(()),
                trigger => trigger?,
            };
            let rule = Rule {
                trigger,
                enabled,
                targets: vec![targets::own_target(properties, &function.arn, &queue)?],
                name: rule_name.clone(),
            };
            function.policy.push(Permission {
                principal: "events.amazonaws.com".to_owned(),
                source_arn: Some(format!("arn:aws:events:{region}:{account}:rule/{rule_name}")),
                source_account: None,
            });
            deployment.rules.push(rule);
        }
        other => return Err(DeploymentError::NotPlayed(format!("events of type {other}"))),
    }
    Ok(())
}

/// The name of the rule that SAM makes of a function's event. The template knows it by both names put together.
pub(super) fn rule_of_event(scope: &Scope<'_>, logical_id: &str) -> Result<Option<String>, DeploymentError> {
    for (function, resource) in scope.resources() {
        let event = logical_id
            .strip_prefix(function.as_str())
            .and_then(|event| property(resource, &["Properties", "Events", event]));
        let Some(event) = event else {
            continue;
        };
        let properties = event
            .get("Properties")
            .map(|properties| scope.resolve(properties));
        let own_name = properties.transpose()?.flatten().as_ref().and_then(own_name);
        return Ok(Some(
            own_name.unwrap_or_else(|| format!("{}-{logical_id}", scope.stack)),
        ));
    }
    Ok(None)
}

fn own_name(properties: &Value) -> Option<String> {
    let name = properties.get("RuleName").or_else(|| properties.get("Name"));
    name.and_then(text)
}

fn generated_name(scope: &Scope<'_>, function: &str, event: &str) -> String {
    format!("{}-{function}{event}", scope.stack)
}
