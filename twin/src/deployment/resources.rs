//! Resources by type: what they are called, and what they add to a deployment.

use serde_json::{Value, json};

use super::properties::{list, malformed, optional_text, property, refuse, required_text};
use super::scope::Scope;
use super::{Deployment, DeploymentError, SubscriptionSpec, functions, policies, targets};
use crate::delivery::Permission;

/// What of an alarm is a number or a truth on the wire.
const ALARM_NUMBERS: [&str; 4] = ["Threshold", "Period", "EvaluationPeriods", "DatapointsToAlarm"];
const ALARM_TRUTHS: [&str; 2] = ["ActionsEnabled", "ReturnData"];

/// Adds what a resource deploys.
pub(super) fn add(
    deployment: &mut Deployment,
    scope: &Scope<'_>,
    logical_id: &str,
    resource: &Value,
) -> Result<(), DeploymentError> {
    let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
            functions::add(deployment, scope, logical_id, resource)
        }
        "AWS::Events::Rule" => {
            let rule = targets::rule(&properties(scope, resource)?, &name(scope, logical_id, resource)?)?;
            deployment.rules.push(rule);
            Ok(())
        }
        "AWS::SNS::Topic" => {
            let topic = reference(scope, logical_id, resource)?;
            let properties = properties(scope, resource)?;
            for subscription in list(&properties, "Subscription")? {
                subscribe(deployment, &topic, subscription)?;
            }
            if let Some(key) = policies::topic_key(&properties)? {
                deployment.topic_keys.insert(topic.clone(), key);
            }
            deployment.topics.push(topic);
            Ok(())
        }
        "AWS::SNS::Subscription" => {
            let properties = properties(scope, resource)?;
            subscribe(deployment, &required_text(&properties, "TopicArn")?, &properties)
        }
        "AWS::SQS::Queue" => {
            deployment
                .queues
                .push(attribute(scope, logical_id, resource, "Arn")?);
            Ok(())
        }
        "AWS::CloudWatch::Alarm" => {
            let name = name(scope, logical_id, resource)?;
            deployment
                .alarms
                .push(alarm(properties(scope, resource)?, &name)?);
            Ok(())
        }
        "AWS::CloudWatch::CompositeAlarm" => Err(DeploymentError::NotPlayed(kind.to_owned())),
        // Log groups, health checks, records: nothing that the twin plays. Policies come after what they are about.
        _ => Ok(()),
    }
}

/// Adds a permission to the function it is about.
pub(super) fn permit(
    deployment: &mut Deployment,
    scope: &Scope<'_>,
    resource: &Value,
) -> Result<(), DeploymentError> {
    let is_permission = resource.get("Type").and_then(Value::as_str) == Some("AWS::Lambda::Permission");
    if !is_permission {
        return Ok(());
    }
    let properties = properties(scope, resource)?;
    let function = required_text(&properties, "FunctionName")?;
    let permission = Permission {
        principal: required_text(&properties, "Principal")?,
        source_arn: optional_text(&properties, "SourceArn")?,
        source_account: optional_text(&properties, "SourceAccount")?,
    };
    let known = deployment
        .functions
        .iter_mut()
        .find(|known| known.name == function || known.arn == function);
    match known {
        Some(known) => {
            known.policy.push(permission);
            Ok(())
        }
        None => Err(DeploymentError::UnknownReference(function)),
    }
}

/// A resource's properties, resolved.
pub(super) fn properties(scope: &Scope<'_>, resource: &Value) -> Result<Value, DeploymentError> {
    let properties = resource.get("Properties");
    let resolved = properties
        .map(|properties| scope.resolve(properties))
        .transpose()?;
    Ok(resolved.flatten().unwrap_or_else(|| json!({})))
}

/// What `Ref` gives.
pub(super) fn reference(
    scope: &Scope<'_>,
    logical_id: &str,
    resource: &Value,
) -> Result<String, DeploymentError> {
    let name = name(scope, logical_id, resource)?;
    let Scope { account, region, .. } = scope;
    Ok(match resource.get("Type").and_then(Value::as_str) {
        Some("AWS::SNS::Topic") => format!("arn:aws:sns:{region}:{account}:{name}"),
        Some("AWS::IAM::ManagedPolicy") => format!("arn:aws:iam::{account}:policy/{name}"),
        Some("AWS::SQS::Queue") => format!("https://sqs.{region}.amazonaws.com/{account}/{name}"),
        _ => name,
    })
}

/// What `Fn::GetAtt` gives.
pub(super) fn attribute(
    scope: &Scope<'_>,
    logical_id: &str,
    resource: &Value,
    attribute: &str,
) -> Result<String, DeploymentError> {
    let name = name(scope, logical_id, resource)?;
    let Scope { account, region, .. } = scope;
    let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
    Ok(match (kind, attribute) {
        ("AWS::Serverless::Function" | "AWS::Lambda::Function", "Arn") => {
            format!("arn:aws:lambda:{region}:{account}:function:{name}")
        }
        ("AWS::SNS::Topic", "TopicArn") => format!("arn:aws:sns:{region}:{account}:{name}"),
        ("AWS::SNS::Topic", "TopicName") | ("AWS::SQS::Queue", "QueueName") => name,
        ("AWS::SQS::Queue", "Arn") => format!("arn:aws:sqs:{region}:{account}:{name}"),
        ("AWS::Events::Rule", "Arn") => format!("arn:aws:events:{region}:{account}:rule/{name}"),
        ("AWS::CloudWatch::Alarm", "Arn") => format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}"),
        ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{account}:role/{name}"),
        ("AWS::KMS::Key", "Arn") => format!("arn:aws:kms:{region}:{account}:key/{name}"),
        ("AWS::Logs::LogGroup", "Arn") => format!("arn:aws:logs:{region}:{account}:log-group:{name}:*"),
        _ => {
            return Err(DeploymentError::UnknownAttribute {
                resource: logical_id.to_owned(),
                attribute: attribute.to_owned(),
            });
        }
    })
}

/// The name that the template gives, or else one that `CloudFormation` might.
pub(super) fn name(scope: &Scope<'_>, logical_id: &str, resource: &Value) -> Result<String, DeploymentError> {
    let own = match resource.get("Type").and_then(Value::as_str).unwrap_or_default() {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => "FunctionName",
        "AWS::SNS::Topic" => "TopicName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::Events::Rule" => "Name",
        "AWS::CloudWatch::Alarm" => "AlarmName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        _ => return Ok(format!("{}-{logical_id}", scope.stack)),
    };
    let given = property(resource, &["Properties", own]).map(|name| scope.resolve(name));
    match given.transpose()?.flatten() {
        Some(Value::String(name)) => Ok(name),
        _ => Ok(format!("{}-{logical_id}", scope.stack)),
    }
}

fn subscribe(deployment: &mut Deployment, topic: &str, properties: &Value) -> Result<(), DeploymentError> {
    if required_text(properties, "Protocol")? != "lambda" {
        return Ok(());
    }
    refuse(properties, &["FilterPolicy", "RawMessageDelivery"])?;
    deployment.subscriptions.push(SubscriptionSpec {
        topic: topic.to_owned(),
        function_arn: required_text(properties, "Endpoint")?,
    });
    Ok(())
}

/// An alarm's properties as the API takes them: a template may write numbers and truths as text.
fn alarm(mut properties: Value, name: &str) -> Result<Value, DeploymentError> {
    untype(&mut properties)?;
    if let Some(object) = properties.as_object_mut() {
        object.insert("AlarmName".to_owned(), json!(name));
    }
    Ok(properties)
}

fn untype(value: &mut Value) -> Result<(), DeploymentError> {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                let wanted = match name.as_str() {
                    name if ALARM_NUMBERS.contains(&name) => "a number",
                    name if ALARM_TRUTHS.contains(&name) => "true or false",
                    _ => {
                        untype(value)?;
                        continue;
                    }
                };
                if let Some(text) = value.as_str() {
                    *value = serde_json::from_str(text).map_err(|_| malformed(name, wanted))?;
                }
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(untype),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}
