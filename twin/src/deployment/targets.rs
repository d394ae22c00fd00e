//! Rules and their targets, as plain resources and as a function's own events write them.

use std::time::Duration;

use serde_json::Value;

use super::DeploymentError;
use super::properties::{is_enabled, list, optional_number, optional_text, property, refuse, required_text};
use crate::events::{RetryPolicy, Rule, RuleTrigger, Target, bus_region};

/// What would change a target's payload in ways the twin does not play.
const NOT_PLAYED: [&str; 2] = ["InputPath", "InputTransformer"];

/// An `AWS::Events::Rule`.
pub(super) fn rule(properties: &Value, name: &str) -> Result<Rule, DeploymentError> {
    on_default_bus(properties)?;
    let targets = list(properties, "Targets")?;
    let targets: Vec<Target> = targets.iter().map(plain_target).collect::<Result<_, _>>()?;
    Ok(Rule {
        name: name.to_owned(),
        trigger: trigger(properties, "EventPattern", "ScheduleExpression")?,
        enabled: is_enabled(properties),
        targets,
    })
}

/// What starts a rule, from whichever of the two properties is there.
pub(super) fn trigger(
    properties: &Value,
    pattern: &str,
    schedule: &str,
) -> Result<RuleTrigger, DeploymentError> {
    if let Some(pattern) = properties.get(pattern) {
        return Ok(RuleTrigger::matching(&pattern.to_string())?);
    }
    let expression = required_text(properties, schedule)?;
    Ok(RuleTrigger::Schedule(expression.parse()?))
}

/// A target that is a function's own, with what the event says about it.
pub(super) fn own_target(
    properties: &Value,
    function_arn: &str,
    generated_queue: &str,
) -> Result<Target, DeploymentError> {
    refuse(properties, &NOT_PLAYED)?;
    let id = property(properties, &["Target", "Id"]).and_then(Value::as_str);
    let config = properties.get("DeadLetterConfig");
    let dead_letter = match config {
        None => None,
        Some(config) if config.get("Arn").is_some() => optional_text(config, "Arn")?,
        Some(_) => Some(generated_queue.to_owned()),
    };
    Ok(Target {
        id: id.unwrap_or("function").to_owned(),
        arn: function_arn.to_owned(),
        input: optional_text(properties, "Input")?,
        retry: retry(properties)?,
        dead_letter,
        role: optional_text(properties, "RoleArn")?,
    })
}

/// The twin has no bus but the default one.
pub(super) fn on_default_bus(properties: &Value) -> Result<(), DeploymentError> {
    match optional_text(properties, "EventBusName")? {
        Some(bus) if bus != "default" && !bus.ends_with(":event-bus/default") => {
            Err(DeploymentError::NotPlayed(format!("the event bus {bus}")))
        }
        Some(_) | None => Ok(()),
    }
}

fn plain_target(target: &Value) -> Result<Target, DeploymentError> {
    refuse(target, &NOT_PLAYED)?;
    let arn = required_text(target, "Arn")?;
    let played = arn.contains(":function:") || arn.starts_with("arn:aws:sns:") || bus_region(&arn).is_some();
    if !played {
        return Err(DeploymentError::NotPlayed(format!("the target {arn}")));
    }
    let config = target.get("DeadLetterConfig");
    let dead_letter = config.map(|config| required_text(config, "Arn")).transpose()?;
    Ok(Target {
        id: required_text(target, "Id")?,
        arn,
        input: optional_text(target, "Input")?,
        retry: retry(target)?,
        dead_letter,
        role: optional_text(target, "RoleArn")?,
    })
}

fn retry(properties: &Value) -> Result<RetryPolicy, DeploymentError> {
    let default = RetryPolicy::default();
    let Some(policy) = properties.get("RetryPolicy") else {
        return Ok(default);
    };
    let age = optional_number(policy, "MaximumEventAgeInSeconds")?;
    Ok(RetryPolicy {
        age_max: age.map_or(default.age_max, Duration::from_secs),
        retries_max: optional_number(policy, "MaximumRetryAttempts")?.unwrap_or(default.retries_max),
    })
}
