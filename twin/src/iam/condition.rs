//! Conditions: an operator, a key, and the values that it is compared with.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::around::Seen;
use super::key::Key;
use super::pattern::{ArnPattern, Case, is_like};

/// One line of a `Condition` block. All lines of a block must hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    /// As it is written, for people.
    pub text: String,
    key: Key,
    quantifier: Quantifier,
    test: Test,
    /// What it is if the request has no such key.
    if_absent: bool,
}

/// How it is with keys that may have several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    Single,
    All,
    Any,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// Whether the key is absent.
    Null { absent: bool },
    /// Whether a value is like one of these; negated, like none of them.
    Compared { to: Comparison, negated: bool },
}

#[derive(Debug, Clone, PartialEq)]
enum Comparison {
    Text(Vec<String>),
    TextInAnyCase(Vec<String>),
    Like(Vec<String>),
    Arn(Vec<ArnPattern>),
    Truth(Vec<bool>),
    Number(Relation, Vec<f64>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Reads one line, or says what is wrong with it.
    pub(super) fn read(operator: &str, key: &str, values: &Value) -> Result<Self, String> {
        let known =
            Key::named(key).ok_or_else(|| format!("the twin gives no value to the condition key {key}"))?;
        let values = texts(values).ok_or_else(|| format!("{key} must be compared with texts"))?;
        let (quantifier, plain) = match operator.split_once(':') {
            Some(("ForAllValues", plain)) => (Quantifier::All, plain),
            Some(("ForAnyValue", plain)) => (Quantifier::Any, plain),
            Some(_) => return Err(format!("there is no condition operator {operator}")),
            None => (Quantifier::Single, operator),
        };
        if quantifier == Quantifier::Single && known.is_multivalued() && plain != "Null" {
            return Err(format!(
                "{key} has several values: {operator} needs ForAllValues or ForAnyValue"
            ));
        }
        let (plain, if_exists) = match plain.strip_suffix("IfExists") {
            Some(plain) => (plain, true),
            None => (plain, false),
        };
        let test = test(plain, &values).map_err(|problem| format!("{operator} of {key}: {problem}"))?;
        if matches!(test, Test::Null { .. }) && (if_exists || quantifier != Quantifier::Single) {
            return Err(format!("there is no condition operator {operator}"));
        }
        let negated = matches!(test, Test::Compared { negated: true, .. });
        Ok(Self {
            text: format!("{operator} {key} {}", values.join(", ")),
            key: known,
            quantifier,
            test,
            // What is not there is unequal to everything, and all of nothing is as it should be.
            if_absent: if_exists
                || match quantifier {
                    Quantifier::Single => negated,
                    Quantifier::All => true,
                    Quantifier::Any => false,
                },
        })
    }

    pub(super) fn holds(&self, seen: Seen<'_>) -> bool {
        let found = seen.values(self.key);
        match &self.test {
            Test::Null { absent } => found.is_none() == *absent,
            Test::Compared { to, negated } => {
                let Some(found) = found else {
                    return self.if_absent;
                };
                let fits = |value: &String| to.includes(value) != *negated;
                match self.quantifier {
                    Quantifier::Single | Quantifier::All => found.iter().all(fits),
                    Quantifier::Any => found.iter().any(fits),
                }
            }
        }
    }
}

impl Comparison {
    fn includes(&self, value: &str) -> bool {
        match self {
            Self::Text(texts) => texts.iter().any(|text| text == value),
            Self::TextInAnyCase(texts) => texts.iter().any(|text| text.eq_ignore_ascii_case(value)),
            Self::Like(patterns) => patterns
                .iter()
                .any(|pattern| is_like(value, pattern, Case::Counts)),
            Self::Arn(patterns) => patterns.iter().any(|pattern| pattern.matches(value)),
            Self::Truth(truths) => truths.iter().any(|truth| value.parse() == Ok(*truth)),
            Self::Number(relation, limits) => value
                .parse()
                .is_ok_and(|number: f64| limits.iter().any(|limit| relation.holds(number, *limit))),
        }
    }
}

impl Relation {
    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::Equal => number.total_cmp(&limit).is_eq(),
            Self::Less => number < limit,
            Self::LessOrEqual => number <= limit,
            Self::Greater => number > limit,
            Self::GreaterOrEqual => number >= limit,
        }
    }
}

/// What an operator without its prefix and suffix compares.
fn test(operator: &str, values: &[String]) -> Result<Test, String> {
    let compared = |to: Comparison, negated: bool| Ok(Test::Compared { to, negated });
    match operator {
        "StringEquals" => compared(Comparison::Text(values.to_vec()), false),
        "StringNotEquals" => compared(Comparison::Text(values.to_vec()), true),
        "StringEqualsIgnoreCase" => compared(Comparison::TextInAnyCase(values.to_vec()), false),
        "StringNotEqualsIgnoreCase" => compared(Comparison::TextInAnyCase(values.to_vec()), true),
        "StringLike" => compared(Comparison::Like(values.to_vec()), false),
        "StringNotLike" => compared(Comparison::Like(values.to_vec()), true),
        "ArnEquals" | "ArnLike" => compared(Comparison::Arn(arns(values)?), false),
        "ArnNotEquals" | "ArnNotLike" => compared(Comparison::Arn(arns(values)?), true),
        "Bool" => compared(Comparison::Truth(truths(values)?), false),
        "NumericEquals" => compared(Comparison::Number(Relation::Equal, numbers(values)?), false),
        "NumericNotEquals" => compared(Comparison::Number(Relation::Equal, numbers(values)?), true),
        "NumericLessThan" => compared(Comparison::Number(Relation::Less, numbers(values)?), false),
        "NumericLessThanEquals" => {
            compared(Comparison::Number(Relation::LessOrEqual, numbers(values)?), false)
        }
        "NumericGreaterThan" => compared(Comparison::Number(Relation::Greater, numbers(values)?), false),
        "NumericGreaterThanEquals" => compared(
            Comparison::Number(Relation::GreaterOrEqual, numbers(values)?),
            false,
        ),
        "Null" => match truths(values)?.as_slice() {
            [absent] => Ok(Test::Null { absent: *absent }),
            _ => Err("it must be true or false".to_owned()),
        },
        _ => Err("the twin does not know this operator".to_owned()),
    }
}

fn arns(values: &[String]) -> Result<Vec<ArnPattern>, String> {
    let read = |value: &String| ArnPattern::read(value).ok_or_else(|| format!("{value} is no ARN"));
    values.iter().map(read).collect()
}

fn truths(values: &[String]) -> Result<Vec<bool>, String> {
    let read = |value: &String| {
        value
            .parse()
            .map_err(|_| format!("{value} is neither true nor false"))
    };
    values.iter().map(read).collect()
}

fn numbers(values: &[String]) -> Result<Vec<f64>, String> {
    let read = |value: &String| value.parse().map_err(|_| format!("{value} is no number"));
    values.iter().map(read).collect()
}

/// One text or a list of them. What is written as a truth or a number is text as well.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(text).collect(),
        Value::Array(_) => None,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Some(vec![text(value)?])
        }
    }
}
