//! What names mean in a template: parameters, conditions, resources, and what AWS itself provides.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::DeploymentError;
use super::properties::text;

/// A resource by its logical id.
pub(super) type Wanted<'a> = (&'a str, &'a Value);

/// A template with the values of its parameters.
pub(super) struct Scope<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub template: &'a Value,
    /// The name of the stack, and the beginning of every name that the template leaves to `CloudFormation`.
    pub stack: String,
    parameters: BTreeMap<String, Value>,
    conditions: Option<&'a Map<String, Value>>,
    resources: Option<&'a Map<String, Value>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        template: &'a Value,
        given: &BTreeMap<String, String>,
        account: &'a str,
        region: &'a str,
    ) -> Result<Self, DeploymentError> {
        let section = |name: &str| template.get(name).and_then(Value::as_object);
        let declared = section("Parameters");
        let is_declared = |name: &&String| declared.is_some_and(|declared| declared.contains_key(*name));
        if let Some(unknown) = given.keys().find(|name| !is_declared(name)) {
            return Err(DeploymentError::UnknownParameter(unknown.clone()));
        }
        let mut parameters = BTreeMap::new();
        for (name, declaration) in declared.into_iter().flatten() {
            let default = declaration.get("Default").and_then(text);
            let value = given.get(name).cloned().or(default);
            let value = value.ok_or_else(|| DeploymentError::MissingParameter(name.clone()))?;
            parameters.insert(name.clone(), typed(declaration, value));
        }
        Ok(Self {
            account,
            region,
            template,
            stack: stack_name(&parameters),
            parameters,
            conditions: section("Conditions"),
            resources: section("Resources"),
        })
    }

    /// All resources by logical id, those among them whose conditions do not hold.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.resources.into_iter().flatten()
    }

    /// The resources whose conditions hold: the others deploy nothing.
    pub(super) fn wanted(&self) -> Result<Vec<Wanted<'a>>, DeploymentError> {
        let mut wanted = Vec::new();
        for (logical_id, resource) in self.resources() {
            if self.is_wanted(resource).map_err(|error| error.at(logical_id))? {
                wanted.push((logical_id.as_str(), resource));
            }
        }
        Ok(wanted)
    }

    pub(super) fn resource(&self, logical_id: &str) -> Option<&'a Value> {
        self.resources?.get(logical_id)
    }

    pub(super) fn condition(&self, name: &str) -> Option<&'a Value> {
        self.conditions?.get(name)
    }

    /// A parameter or one of AWS's own. `AWS::NoValue` is not among them: it is the absence of a value.
    pub(super) fn value_of(&self, name: &str) -> Option<Value> {
        let provided = match name {
            "AWS::AccountId" => self.account,
            "AWS::Region" => self.region,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::StackName" => self.stack.as_str(),
            _ => return self.parameters.get(name).cloned(),
        };
        Some(Value::String(provided.to_owned()))
    }
}

/// As `samconfig.toml` names the stacks, so that several can stand side by side in one account.
fn stack_name(parameters: &BTreeMap<String, Value>) -> String {
    let parameter = |name: &str| parameters.get(name).and_then(Value::as_str);
    let role = parameter("Role").filter(|role| *role == "dr");
    let parts = [Some("cutover"), role, parameter("Environment")];
    parts.into_iter().flatten().collect::<Vec<_>>().join("-")
}

/// Values are text, whatever the type, except that lists are lists.
fn typed(declaration: &Value, value: String) -> Value {
    let kind = declaration
        .get("Type")
        .and_then(Value::as_str)
        .unwrap_or("String");
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        let items = value.split(',').map(|item| Value::String(item.trim().to_owned()));
        Value::Array(items.collect())
    } else {
        Value::String(value)
    }
}
