//! Event patterns: parsed as `EventBridge` parses them, and refused where it refuses them.

use serde_json::{Map, Value};

use super::wildcard::Wildcard;

/// The most characters a pattern may have.
const PATTERN_CHARS_MAX: usize = 4096;
/// `EventBridge` compares numbers only within these bounds.
const NUMBER_MAX: f64 = 5.0e9;

/// A pattern that can be matched with events.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(pub(super) Fields);

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {reason}")]
pub struct InvalidPattern {
    pub reason: String,
}

/// What the fields of an object must be. All of them must match, and one alternative if there are any.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fields {
    pub named: Vec<(String, Field)>,
    pub alternatives: Vec<Fields>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Inside(Fields),
    AnyOf(Vec<Test>),
}

/// What one value must be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Null,
    Bool(bool),
    Number(f64),
    Text(TextTest),
    /// None of these texts and numbers, whatever else.
    AnythingBut(Vec<Test>),
    /// All of these comparisons.
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextTest {
    Equal(String),
    /// In lower case.
    EqualIgnoringCase(String),
    Prefix(String),
    PrefixIgnoringCase(String),
    Suffix(String),
    SuffixIgnoringCase(String),
    Wildcard(Wildcard),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Pattern {
    /// Reads a pattern from JSON.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        if text.chars().count() > PATTERN_CHARS_MAX {
            return Err(invalid(format!(
                "it is longer than {PATTERN_CHARS_MAX} characters"
            )));
        }
        let value: Value =
            serde_json::from_str(text).map_err(|problem| invalid(format!("it is not JSON: {problem}")))?;
        match value {
            Value::Object(object) => Ok(Self(fields(&object)?)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(invalid("Filter is not an object"))
            }
        }
    }
}

fn fields(object: &Map<String, Value>) -> Result<Fields, InvalidPattern> {
    if object.is_empty() {
        return Err(invalid("Empty objects are not allowed"));
    }
    let mut fields = Fields {
        named: Vec::new(),
        alternatives: Vec::new(),
    };
    for (name, value) in object {
        match value {
            Value::Array(several) if name == "$or" => fields.alternatives = alternatives(several)?,
            Value::Array(tests) => fields.named.push((name.clone(), any_of(name, tests)?)),
            Value::Object(inside) => {
                let inside = Field::Inside(self::fields(inside)?);
                fields.named.push((name.clone(), inside));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(invalid(format!("\"{name}\" must be an object or an array")));
            }
        }
    }
    Ok(fields)
}

fn alternatives(several: &[Value]) -> Result<Vec<Fields>, InvalidPattern> {
    if several.len() < 2 {
        return Err(invalid("\"$or\" needs two alternatives at least"));
    }
    let alternative = |value: &Value| match value.as_object() {
        Some(object) => fields(object),
        None => Err(invalid("an alternative of \"$or\" must be an object")),
    };
    several.iter().map(alternative).collect()
}

fn any_of(name: &str, tests: &[Value]) -> Result<Field, InvalidPattern> {
    if tests.is_empty() {
        return Err(invalid(format!("Empty arrays are not allowed: \"{name}\"")));
    }
    tests.iter().map(test).collect::<Result<_, _>>().map(Field::AnyOf)
}

fn test(value: &Value) -> Result<Test, InvalidPattern> {
    match value {
        Value::Null => Ok(Test::Null),
        Value::Bool(wanted) => Ok(Test::Bool(*wanted)),
        Value::Number(_) => number(value).map(Test::Number),
        Value::String(text) => Ok(Test::Text(TextTest::Equal(text.clone()))),
        Value::Array(_) => Err(invalid(
            "Match value must be String, number, true, false, or null",
        )),
        Value::Object(object) => {
            let (operator, operand) = only_entry(object)?;
            operation(operator, operand)
        }
    }
}

fn operation(operator: &str, operand: &Value) -> Result<Test, InvalidPattern> {
    match operator {
        "prefix" | "suffix" | "equals-ignore-case" | "wildcard" => {
            text_test(operator, operand).map(Test::Text)
        }
        "anything-but" => anything_but(operand).map(Test::AnythingBut),
        "numeric" => numeric(operand).map(Test::Numeric),
        "exists" => match operand {
            Value::Bool(wanted) => Ok(Test::Exists(*wanted)),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(invalid("exists match pattern must be either true or false"))
            }
        },
        other => Err(invalid(format!("Unrecognized match type {other}"))),
    }
}

fn text_test(operator: &str, operand: &Value) -> Result<TextTest, InvalidPattern> {
    let (text, ignoring_case) = match operand {
        Value::String(text) => (text.clone(), false),
        Value::Object(object) if matches!(operator, "prefix" | "suffix") => match only_entry(object)? {
            ("equals-ignore-case", Value::String(text)) => (text.to_lowercase(), true),
            (other, _) => {
                return Err(invalid(format!("Unsupported {operator} pattern: {other}")));
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(invalid(format!("{operator} match pattern must be a string")));
        }
    };
    match (operator, ignoring_case) {
        ("prefix", false) => Ok(TextTest::Prefix(text)),
        ("prefix", true) => Ok(TextTest::PrefixIgnoringCase(text)),
        ("suffix", false) => Ok(TextTest::Suffix(text)),
        ("suffix", true) => Ok(TextTest::SuffixIgnoringCase(text)),
        ("equals-ignore-case", _) => Ok(TextTest::EqualIgnoringCase(text.to_lowercase())),
        _ => Wildcard::parse(&text).map(TextTest::Wildcard).map_err(invalid),
    }
}

fn anything_but(operand: &Value) -> Result<Vec<Test>, InvalidPattern> {
    match operand {
        Value::String(_) | Value::Number(_) => Ok(vec![test(operand)?]),
        Value::Array(several) => {
            let texts = several.iter().all(Value::is_string);
            let numbers = several.iter().all(Value::is_number);
            if several.is_empty() || !(texts || numbers) {
                return Err(invalid(
                    "anything-but list must hold only strings or only numbers",
                ));
            }
            several.iter().map(test).collect()
        }
        Value::Object(object) => {
            let (operator, operand) = only_entry(object)?;
            if !matches!(operator, "prefix" | "suffix" | "equals-ignore-case" | "wildcard") {
                return Err(invalid(format!("Unsupported anything-but pattern: {operator}")));
            }
            let several = operand
                .as_array()
                .map_or(std::slice::from_ref(operand), Vec::as_slice);
            if several.is_empty() || !several.iter().all(Value::is_string) {
                return Err(invalid(format!(
                    "anything-but {operator} must be a string or a list of them"
                )));
            }
            let text = |text| text_test(operator, text).map(Test::Text);
            several.iter().map(text).collect()
        }
        Value::Null | Value::Bool(_) => Err(invalid(
            "Value of anything-but must be an array or single string/number value",
        )),
    }
}

fn numeric(operand: &Value) -> Result<Vec<(Comparison, f64)>, InvalidPattern> {
    let parts = operand
        .as_array()
        .ok_or_else(|| invalid("Value of numeric must be an array"))?;
    let comparison = |pair: &[Value]| match pair {
        [Value::String(operator), value] => Ok((comparison(operator)?, number(value)?)),
        _ => Err(invalid("numeric needs an operator and a number")),
    };
    let comparisons: Vec<(Comparison, f64)> = parts.chunks(2).map(comparison).collect::<Result<_, _>>()?;
    match comparisons.as_slice() {
        [_] => Ok(comparisons),
        [
            (Comparison::Above | Comparison::AtLeast, bottom),
            (Comparison::Below | Comparison::AtMost, top),
        ] if bottom < top => Ok(comparisons),
        [
            (Comparison::Above | Comparison::AtLeast, _),
            (Comparison::Below | Comparison::AtMost, _),
        ] => Err(invalid("Bottom must be less than top")),
        _ => Err(invalid("Bad numeric range operator")),
    }
}

fn comparison(operator: &str) -> Result<Comparison, InvalidPattern> {
    match operator {
        "=" => Ok(Comparison::Equal),
        "<" => Ok(Comparison::Below),
        "<=" => Ok(Comparison::AtMost),
        ">" => Ok(Comparison::Above),
        ">=" => Ok(Comparison::AtLeast),
        other => Err(invalid(format!("Unrecognized numeric range operator: {other}"))),
    }
}

fn number(value: &Value) -> Result<f64, InvalidPattern> {
    let number = value
        .as_f64()
        .ok_or_else(|| invalid("Value of numeric must be a number"))?;
    if number.abs() > NUMBER_MAX {
        return Err(invalid("Value must be between -5.0E9 and 5.0E9, inclusive"));
    }
    Ok(number)
}

fn only_entry(object: &Map<String, Value>) -> Result<(&str, &Value), InvalidPattern> {
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err(invalid("Only one key allowed in match expression")),
    }
}

fn invalid(reason: impl Into<String>) -> InvalidPattern {
    InvalidPattern {
        reason: reason.into(),
    }
}
