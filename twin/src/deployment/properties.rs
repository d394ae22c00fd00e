//! Properties of resources, read as what they must be.

use serde_json::Value;

use super::DeploymentError;

/// A property at a path of names.
pub(super) fn property<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

/// Text, or what is written as text: `CloudFormation` makes no difference.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn optional_text(value: &Value, name: &str) -> Result<Option<String>, DeploymentError> {
    let Some(property) = value.get(name) else {
        return Ok(None);
    };
    let text = text(property).ok_or_else(|| malformed(name, "text"))?;
    Ok(Some(text))
}

pub(super) fn required_text(value: &Value, name: &str) -> Result<String, DeploymentError> {
    optional_text(value, name)?.ok_or_else(|| DeploymentError::Missing(name.to_owned()))
}

/// A whole number, perhaps written as text.
pub(super) fn optional_number<T: std::str::FromStr>(
    value: &Value,
    name: &str,
) -> Result<Option<T>, DeploymentError> {
    match optional_text(value, name)? {
        None => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| malformed(name, "a whole number")),
    }
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], DeploymentError> {
    match value.get(name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            Err(malformed(name, "a list"))
        }
    }
}

/// Refuses what would be played wrongly if it were passed over.
pub(super) fn refuse(value: &Value, names: &[&str]) -> Result<(), DeploymentError> {
    match names.iter().find(|name| value.get(name).is_some()) {
        Some(name) => Err(DeploymentError::NotPlayed((*name).to_owned())),
        None => Ok(()),
    }
}

/// Switched on, unless it says otherwise in one of the two ways there are.
pub(super) fn is_enabled(value: &Value) -> bool {
    let off = value
        .get("Enabled")
        .and_then(text)
        .is_some_and(|enabled| enabled == "false");
    let disabled = value
        .get("State")
        .and_then(text)
        .is_some_and(|state| state == "DISABLED");
    !off && !disabled
}

pub(super) fn malformed(name: &str, wanted: &'static str) -> DeploymentError {
    DeploymentError::Malformed {
        name: name.to_owned(),
        wanted,
    }
}
