//! What names mean in a template: parameters, conditions, resources, and what AWS itself provides.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::properties::text;
use super::{DeploymentError, STACK};

/// A template with the values of its parameters.
pub(super) struct Scope<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub template: &'a Value,
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
            parameters,
            conditions: section("Conditions"),
            resources: section("Resources"),
        })
    }

    /// All resources by logical id, those among them whose conditions do not hold.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.resources.into_iter().flatten()
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
            "AWS::StackName" => STACK,
            _ => return self.parameters.get(name).cloned(),
        };
        Some(Value::String(provided.to_owned()))
    }
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
