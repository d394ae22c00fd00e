//! Roles with their policies, and the policies of topics, queues and keys.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::properties::{list, malformed, optional_text, refuse, required_text};
use super::scope::{Scope, Wanted};
use super::{Deployment, DeploymentError, resources};
use crate::iam::{Kind, Policy, Role};

/// Adds the policy of a topic, a queue or a key, if the resource is one.
pub(super) fn add(
    deployment: &mut Deployment,
    scope: &Scope<'_>,
    logical_id: &str,
    resource: &Value,
) -> Result<(), DeploymentError> {
    let (document, guarded) = match kind(resource) {
        "AWS::SNS::TopicPolicy" => {
            let properties = resources::properties(scope, resource)?;
            let topics = texts(list(&properties, "Topics")?, "Topics")?;
            (document(&properties, "PolicyDocument")?, topics)
        }
        "AWS::SQS::QueuePolicy" => {
            let properties = resources::properties(scope, resource)?;
            let urls = texts(list(&properties, "Queues")?, "Queues")?;
            let queues = urls.iter().map(|url| queue_arn(scope, url)).collect();
            (document(&properties, "PolicyDocument")?, queues)
        }
        "AWS::KMS::Key" => {
            let properties = resources::properties(scope, resource)?;
            let key = resources::attribute(scope, logical_id, resource, "Arn")?;
            (document(&properties, "KeyPolicy")?, vec![key])
        }
        _ => return Ok(()),
    };
    let policy = Policy::read(logical_id, Kind::Resource, &document)?;
    for arn in guarded {
        deployment.resource_policies.insert(arn, policy.clone());
    }
    Ok(())
}

/// The roles that the deployment's functions and rules take on.
pub(super) fn add_roles(
    deployment: &mut Deployment,
    scope: &Scope<'_>,
    wanted: &[Wanted<'_>],
) -> Result<(), DeploymentError> {
    let functions = deployment
        .functions
        .iter()
        .filter_map(|function| function.role.clone());
    let targets = deployment.rules.iter().flat_map(|rule| &rule.targets);
    let targets = targets.filter_map(|target| target.role.clone());
    let needed: BTreeSet<String> = functions.chain(targets).collect();
    let mut managed = None;
    for &(logical_id, resource) in wanted
        .iter()
        .filter(|(_, resource)| kind(resource) == "AWS::IAM::Role")
    {
        let arn = resources::attribute(scope, logical_id, resource, "Arn")?;
        if needed.contains(&arn) {
            let managed = match &managed {
                Some(known) => known,
                None => managed.insert(managed_policies(scope, wanted)?),
            };
            let role = role(scope, logical_id, resource, managed).map_err(|error| error.at(logical_id))?;
            deployment.roles.push(role);
        }
    }
    let found: BTreeSet<&String> = deployment.roles.iter().map(|role| &role.arn).collect();
    match needed.iter().find(|arn| !found.contains(arn)) {
        Some(missing) => Err(DeploymentError::UnknownReference(missing.clone())),
        None => Ok(()),
    }
}

/// The template's managed policies, by ARN.
fn managed_policies(
    scope: &Scope<'_>,
    wanted: &[Wanted<'_>],
) -> Result<BTreeMap<String, Policy>, DeploymentError> {
    let mut managed = BTreeMap::new();
    let is_managed = |(_, resource): &&Wanted<'_>| kind(resource) == "AWS::IAM::ManagedPolicy";
    for &(logical_id, resource) in wanted.iter().filter(is_managed) {
        let read = || {
            let properties = resources::properties(scope, resource)?;
            refuse(&properties, &["Roles", "Users", "Groups"])?;
            let document = document(&properties, "PolicyDocument")?;
            Ok(Policy::read(logical_id, Kind::Identity, &document)?)
        };
        let policy = read().map_err(|error: DeploymentError| error.at(logical_id))?;
        managed.insert(resources::reference(scope, logical_id, resource)?, policy);
    }
    Ok(managed)
}

fn role(
    scope: &Scope<'_>,
    logical_id: &str,
    resource: &Value,
    managed: &BTreeMap<String, Policy>,
) -> Result<Role, DeploymentError> {
    let properties = resources::properties(scope, resource)?;
    refuse(&properties, &["PermissionsBoundary"])?;
    let trust = document(&properties, "AssumeRolePolicyDocument")?;
    let trust = Policy::read("trust", Kind::Trust, &trust)?;
    let mut policies = Vec::new();
    for arn in texts(list(&properties, "ManagedPolicyArns")?, "ManagedPolicyArns")? {
        let policy = managed.get(&arn).cloned();
        policies.push(policy.ok_or_else(|| DeploymentError::NotPlayed(format!("the policy {arn}")))?);
    }
    for inline in list(&properties, "Policies")? {
        let name = required_text(inline, "PolicyName")?;
        let document = document(inline, "PolicyDocument")?;
        policies.push(Policy::read(&name, Kind::Identity, &document)?);
    }
    let name = resources::name(scope, logical_id, resource)?;
    Ok(Role::new(scope.account, &name, trust, policies))
}

/// The key that a topic is encrypted with.
pub(super) fn topic_key(properties: &Value) -> Result<Option<String>, DeploymentError> {
    let key = optional_text(properties, "KmsMasterKeyId")?;
    // A key of AWS's own admits everybody in the account.
    Ok(key.filter(|key| key.starts_with("arn:")))
}

fn kind(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or_default()
}

fn document(properties: &Value, name: &str) -> Result<Value, DeploymentError> {
    let document = properties.get(name).cloned();
    document.ok_or_else(|| DeploymentError::Missing(name.to_owned()))
}

fn texts(items: &[Value], name: &str) -> Result<Vec<String>, DeploymentError> {
    let text = |item: &Value| item.as_str().map(str::to_owned);
    let texts: Option<Vec<String>> = items.iter().map(text).collect();
    texts.ok_or_else(|| malformed(name, "a list of texts"))
}

/// A queue is named by its address there.
fn queue_arn(scope: &Scope<'_>, url: &str) -> String {
    let name = url.rsplit('/').next().unwrap_or(url);
    let Scope { account, region, .. } = scope;
    format!("arn:aws:sqs:{region}:{account}:{name}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_key_of_the_account_has_a_policy_to_ask() {
        let own = json!({"KmsMasterKeyId": "arn:aws:kms:eu-central-1:111122223333:key/notices"});
        assert!(topic_key(&own).unwrap().is_some());
        assert_eq!(
            topic_key(&json!({"KmsMasterKeyId": "alias/aws/sns"})).unwrap(),
            None
        );
        assert_eq!(topic_key(&json!({})).unwrap(), None);
    }
}
