//! `CloudFormation`'s intrinsic functions, resolved.

use serde_json::{Map, Value};

use super::properties::{malformed, text};
use super::scope::Scope;
use super::{DeploymentError, functions, resources};

/// More than any sensible template nests functions and conditions.
const DEPTH_MAX: usize = 64;

impl Scope<'_> {
    /// A value without intrinsic functions. None if there is none: `AWS::NoValue`.
    pub(super) fn resolve(&self, value: &Value) -> Result<Option<Value>, DeploymentError> {
        self.resolve_at(value, 0)
    }

    /// Whether a resource's `Condition` holds, if it has one.
    pub(super) fn is_wanted(&self, resource: &Value) -> Result<bool, DeploymentError> {
        match resource.get("Condition").and_then(Value::as_str) {
            Some(name) => self.holds_by_name(name, 0),
            None => Ok(true),
        }
    }

    fn resolve_at(&self, value: &Value, depth: usize) -> Result<Option<Value>, DeploymentError> {
        if depth > DEPTH_MAX {
            return Err(DeploymentError::TooDeep);
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Some(value.clone())),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.resolve_at(item, depth + 1));
                let items: Vec<Option<Value>> = items.collect::<Result<_, _>>()?;
                Ok(Some(Value::Array(items.into_iter().flatten().collect())))
            }
            Value::Object(object) => {
                if let Some((name, argument)) = function(object) {
                    return self.call(name, argument, depth + 1);
                }
                let mut resolved = Map::new();
                for (name, value) in object {
                    if let Some(value) = self.resolve_at(value, depth + 1)? {
                        resolved.insert(name.clone(), value);
                    }
                }
                Ok(Some(Value::Object(resolved)))
            }
        }
    }

    fn call(&self, name: &str, argument: &Value, depth: usize) -> Result<Option<Value>, DeploymentError> {
        match name {
            "Ref" => {
                let name = argument.as_str().ok_or_else(|| malformed("Ref", "a name"))?;
                if name == "AWS::NoValue" {
                    return Ok(None);
                }
                self.reference(name).map(Some)
            }
            "Fn::If" => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(condition), yes, no]) => {
                    let chosen = if self.holds_by_name(condition, depth)? {
                        yes
                    } else {
                        no
                    };
                    self.resolve_at(chosen, depth)
                }
                _ => Err(malformed("Fn::If", "a condition and two values")),
            },
            "Fn::GetAtt" => self.attribute(argument, depth).map(Some),
            "Fn::Sub" => self.substituted(argument, depth).map(Some),
            "Fn::Join" => self.joined(argument, depth).map(Some),
            "Fn::Split" => self.split(argument, depth).map(Some),
            "Fn::Select" => self.selected(argument, depth).map(Some),
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Condition" => self
                .holds(name, argument, depth)
                .map(|holds| Some(Value::Bool(holds))),
            other => Err(DeploymentError::UnknownIntrinsic(other.to_owned())),
        }
    }

    fn reference(&self, name: &str) -> Result<Value, DeploymentError> {
        if let Some(value) = self.value_of(name) {
            return Ok(value);
        }
        match self.resource(name) {
            Some(resource) => resources::reference(self, name, resource).map(Value::String),
            None => Err(DeploymentError::UnknownReference(name.to_owned())),
        }
    }

    fn attribute(&self, argument: &Value, depth: usize) -> Result<Value, DeploymentError> {
        let wanted = "the name of a resource and an attribute";
        let parts = self.items("Fn::GetAtt", argument, depth)?;
        let [Value::String(name), Value::String(attribute)] = parts.as_slice() else {
            return Err(malformed("Fn::GetAtt", wanted));
        };
        if let Some(resource) = self.resource(name) {
            return resources::attribute(self, name, resource, attribute).map(Value::String);
        }
        match functions::rule_of_event(self, name)? {
            Some(rule) if attribute == "Arn" => {
                let Self { account, region, .. } = self;
                Ok(Value::String(format!(
                    "arn:aws:events:{region}:{account}:rule/{rule}"
                )))
            }
            Some(_) | None => Err(DeploymentError::UnknownReference(name.clone())),
        }
    }

    fn substituted(&self, argument: &Value, depth: usize) -> Result<Value, DeploymentError> {
        let nothing = Map::new();
        let (template, own) = match argument {
            Value::String(template) => (template, &nothing),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(template), Value::Object(own)] => (template, own),
                _ => return Err(malformed("Fn::Sub", "text, or text and values")),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                return Err(malformed("Fn::Sub", "text, or text and values"));
            }
        };
        let mut result = String::new();
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| malformed("Fn::Sub", "closed with }"))?;
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
                continue;
            }
            let value = match (own.get(name), name.split_once('.')) {
                (Some(value), _) => self.resolve_at(value, depth + 1)?,
                (None, Some((resource, attribute))) => {
                    let argument = serde_json::json!([resource, attribute]);
                    Some(self.attribute(&argument, depth + 1)?)
                }
                (None, None) => Some(self.reference(name)?),
            };
            let text = value
                .as_ref()
                .and_then(text)
                .ok_or_else(|| malformed(name, "text"))?;
            result.push_str(&text);
        }
        result.push_str(rest);
        Ok(Value::String(result))
    }

    fn joined(&self, argument: &Value, depth: usize) -> Result<Value, DeploymentError> {
        let wrong = || malformed("Fn::Join", "a delimiter and a list of texts");
        let parts = self.items("Fn::Join", argument, depth)?;
        let [Value::String(delimiter), Value::Array(items)] = parts.as_slice() else {
            return Err(wrong());
        };
        let texts: Option<Vec<String>> = items.iter().map(text).collect();
        Ok(Value::String(texts.ok_or_else(wrong)?.join(delimiter)))
    }

    fn split(&self, argument: &Value, depth: usize) -> Result<Value, DeploymentError> {
        let parts = self.items("Fn::Split", argument, depth)?;
        let [Value::String(delimiter), Value::String(whole)] = parts.as_slice() else {
            return Err(malformed("Fn::Split", "a delimiter and a text"));
        };
        let pieces = whole.split(delimiter.as_str());
        Ok(Value::Array(
            pieces.map(|piece| Value::String(piece.to_owned())).collect(),
        ))
    }

    fn selected(&self, argument: &Value, depth: usize) -> Result<Value, DeploymentError> {
        let wrong = || malformed("Fn::Select", "the index of an item and a list");
        let parts = self.items("Fn::Select", argument, depth)?;
        let [index, Value::Array(items)] = parts.as_slice() else {
            return Err(wrong());
        };
        let index: Option<usize> = text(index).and_then(|index| index.parse().ok());
        index
            .and_then(|index| items.get(index))
            .cloned()
            .ok_or_else(wrong)
    }

    fn items(&self, name: &str, argument: &Value, depth: usize) -> Result<Vec<Value>, DeploymentError> {
        match self.resolve_at(argument, depth)? {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(malformed(name, "a list")),
        }
    }

    fn holds_by_name(&self, name: &str, depth: usize) -> Result<bool, DeploymentError> {
        let unknown = || DeploymentError::UnknownCondition(name.to_owned());
        let condition = self.condition(name).ok_or_else(unknown)?;
        match self.resolve_at(condition, depth + 1)? {
            Some(Value::Bool(holds)) => Ok(holds),
            _ => Err(malformed(name, "a condition")),
        }
    }

    fn holds(&self, name: &str, argument: &Value, depth: usize) -> Result<bool, DeploymentError> {
        if name == "Condition" {
            let name = argument
                .as_str()
                .ok_or_else(|| malformed("Condition", "a name"))?;
            return self.holds_by_name(name, depth);
        }
        let items = self.items(name, argument, depth)?;
        if name == "Fn::Equals" {
            return match items.as_slice() {
                [a, b] => Ok(text(a) == text(b)),
                _ => Err(malformed(name, "two values")),
            };
        }
        let truths: Option<Vec<bool>> = items.iter().map(Value::as_bool).collect();
        let truths = truths.ok_or_else(|| malformed(name, "a list of conditions"))?;
        match (name, truths.as_slice()) {
            ("Fn::Not", [truth]) => Ok(!truth),
            ("Fn::Not", _) => Err(malformed(name, "one condition")),
            ("Fn::And", truths) => Ok(truths.iter().all(|truth| *truth)),
            (_, truths) => Ok(truths.iter().any(|truth| *truth)),
        }
    }
}

/// An object that calls a function: it has that one key.
fn function(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = object.iter();
    let (name, argument) = entries.next()?;
    let called = entries.next().is_none() && (name == "Ref" || name.starts_with("Fn::"));
    // A condition is called by name only; policies have a `Condition` that is an object.
    let condition = name == "Condition" && object.len() == 1 && argument.is_string();
    (called || condition).then_some((name, argument))
}
