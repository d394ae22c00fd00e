//! YAML with `CloudFormation`'s short forms, as the JSON that they stand for.

use saphyr::{LoadableYamlNode, Scalar, Tag, Yaml};
use serde_json::{Map, Number, Value, json};

use super::DeploymentError;

/// Reads the first document. `!Ref x` becomes `{"Ref": "x"}`, `!Sub x` becomes `{"Fn::Sub": "x"}`.
pub(super) fn parse(text: &str) -> Result<Value, DeploymentError> {
    let documents =
        Yaml::load_from_str(text).map_err(|problem| DeploymentError::NotYaml(problem.to_string()))?;
    match documents.first() {
        Some(document) => converted(document),
        None => Err(DeploymentError::NotYaml("it is empty".to_owned())),
    }
}

fn converted(node: &Yaml<'_>) -> Result<Value, DeploymentError> {
    match node {
        Yaml::Value(scalar) => Ok(plain(scalar)),
        Yaml::Sequence(nodes) => {
            let values: Result<Vec<Value>, _> = nodes.iter().map(converted).collect();
            values.map(Value::Array)
        }
        Yaml::Mapping(mapping) => {
            let mut object = Map::new();
            for (name, node) in mapping {
                object.insert(key(name)?, converted(node)?);
            }
            Ok(Value::Object(object))
        }
        Yaml::Tagged(tag, node) => Ok(long_form(tag, converted(node)?)),
        Yaml::Representation(text, ..) => Ok(Value::String(text.to_string())),
        Yaml::Alias(_) | Yaml::BadValue => Err(DeploymentError::NotYaml(
            "an alias or a value cannot be read".to_owned(),
        )),
    }
}

fn key(name: &Yaml<'_>) -> Result<String, DeploymentError> {
    match converted(name)? {
        Value::String(text) => Ok(text),
        scalar @ (Value::Number(_) | Value::Bool(_)) => Ok(scalar.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(DeploymentError::NotYaml("a key must be a word".to_owned()))
        }
    }
}

fn plain(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => {
            Number::from_f64(value.into_inner()).map_or(Value::Null, Value::Number)
        }
        Scalar::String(text) => Value::String(text.to_string()),
    }
}

fn long_form(tag: &Tag, value: Value) -> Value {
    let name = tag.suffix.as_str();
    match (name, value) {
        ("Ref" | "Condition", value) => json!({ name: value }),
        ("GetAtt", Value::String(text)) => {
            let (resource, attribute) = text.split_once('.').unwrap_or((&text, ""));
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (name, value) => json!({ format!("Fn::{name}"): value }),
    }
}
