//! The fields of a payload, each read once and only in its own form.

use serde_json::{Map, Value};

use super::{ECHO_CHARACTERS_MAX, InvalidRequest};
use crate::blocker::Code;
use crate::ladder::{BAKE_MINUTES_MAX, LADDER_RUNGS_MAX};
use crate::weight::Weight;

/// The fields not read yet, so that what is left over at the end is unknown.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn of(payload: &[u8]) -> Result<Self, InvalidRequest> {
        let value: Value = serde_json::from_slice(payload)
            .map_err(|error| InvalidRequest::new("payload", format!("not JSON: {error}")))?;
        match value {
            Value::Object(object) => Ok(Self(object)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(
                InvalidRequest::new("payload", "must be a JSON object with an \"action\""),
            ),
        }
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, InvalidRequest> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(name, "text", &other)),
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, InvalidRequest> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(wrong(name, "true or false", &other)),
        }
    }

    pub(crate) fn number(&mut self, name: &str, maximum: u32) -> Result<Option<u32>, InvalidRequest> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        match number.filter(|number| *number <= maximum) {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(
                name,
                &format!("a whole number from 0 to {maximum}"),
                &value,
            )),
        }
    }

    pub(crate) fn weight(&mut self, name: &str) -> Result<Option<Weight>, InvalidRequest> {
        self.0
            .remove(name)
            .map(|value| weight_from(name, &value))
            .transpose()
    }

    pub(crate) fn bake_minutes(&mut self) -> Result<Option<u32>, InvalidRequest> {
        self.number("bake_minutes", BAKE_MINUTES_MAX)
    }

    pub(crate) fn ladder(&mut self) -> Result<Option<Vec<Weight>>, InvalidRequest> {
        let Some(value) = self.0.remove("ladder") else {
            return Ok(None);
        };
        let Value::Array(values) = &value else {
            return Err(wrong(
                "ladder",
                "a list of weights, for example [20,50,80,100]",
                &value,
            ));
        };
        if values.is_empty() || values.len() > LADDER_RUNGS_MAX {
            let problem = format!("has {} rungs, must have 1 to {LADDER_RUNGS_MAX}", values.len());
            return Err(InvalidRequest::new("ladder", problem));
        }
        let rungs: Vec<Weight> = values
            .iter()
            .map(|value| weight_from("ladder", value))
            .collect::<Result<_, _>>()?;
        if rungs.first() == Some(&Weight::ZERO) {
            return Err(InvalidRequest::new("ladder", "must begin above 0"));
        }
        if !rungs.is_sorted_by(|below, above| below < above) {
            return Err(InvalidRequest::new(
                "ladder",
                "must ascend: each rung above the one before",
            ));
        }
        Ok(Some(rungs))
    }

    pub(crate) fn force(&mut self) -> Result<Vec<Code>, InvalidRequest> {
        let Some(value) = self.0.remove("force") else {
            return Ok(Vec::new());
        };
        let Value::Array(values) = &value else {
            return Err(wrong("force", "a list of blocker codes", &value));
        };
        let mut codes = Vec::new();
        for value in values {
            let Some(code) = value.as_str().and_then(Code::parse) else {
                return Err(wrong("force", "a list of blocker codes", value));
            };
            if !code.forceable() {
                return Err(InvalidRequest::new("force", format!("{code} cannot be forced")));
            }
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        Ok(codes)
    }

    pub(crate) fn finish(self, action: &str) -> Result<(), InvalidRequest> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(InvalidRequest::new(name, format!("is not a field of {action}"))),
        }
    }
}

fn weight_from(name: &str, value: &Value) -> Result<Weight, InvalidRequest> {
    let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
    number
        .and_then(|number| Weight::try_from(number).ok())
        .ok_or_else(|| wrong(name, "a whole number from 0 to 100", value))
}

fn wrong(name: &str, expected: &str, value: &Value) -> InvalidRequest {
    InvalidRequest::new(
        name,
        format!("must be {expected}, not {}", echo(&value.to_string())),
    )
}

pub(crate) fn echo(value: &str) -> String {
    let mut short: String = value.chars().take(ECHO_CHARACTERS_MAX).collect();
    if short.len() < value.len() {
        short.push('…');
    }
    short
}
