//! Whether an event matches a pattern.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::pattern::{Comparison, Field, Fields, Pattern, Test, TextTest};

impl Pattern {
    /// True if the event has all that the pattern asks for. Of an array, one element is enough.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.0.match_value(event)
    }
}

impl Fields {
    fn match_value(&self, value: &Value) -> bool {
        match value {
            Value::Object(object) => self.match_object(object),
            // One element must match as a whole: fields of different elements do not add up.
            Value::Array(elements) => elements.iter().any(|element| self.match_value(element)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.match_object(&Map::new())
            }
        }
    }

    fn match_object(&self, object: &Map<String, Value>) -> bool {
        let fits = |(name, field): &(String, Field)| field.matches(object.get(name));
        self.named.iter().all(fits)
            && (self.alternatives.is_empty()
                || self.alternatives.iter().any(|fields| fields.match_object(object)))
    }
}

impl Field {
    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Inside(fields), Some(value)) => fields.match_value(value),
            (Self::Inside(fields), None) => fields.match_object(&Map::new()),
            (Self::AnyOf(tests), value) => {
                let leaves = value.map_or_else(Vec::new, leaves);
                if leaves.is_empty() {
                    return tests.contains(&Test::Exists(false));
                }
                leaves
                    .iter()
                    .any(|leaf| tests.iter().any(|test| test.matches(leaf)))
            }
        }
    }
}

/// The values that tests apply to: an object is none, an array is its elements.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(leaves).collect(),
        Value::Object(_) => Vec::new(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![value],
    }
}

impl Test {
    fn matches(&self, leaf: &Value) -> bool {
        match self {
            Self::Null => leaf.is_null(),
            Self::Bool(wanted) => leaf.as_bool() == Some(*wanted),
            Self::Number(wanted) => leaf
                .as_f64()
                .is_some_and(|number| Comparison::Equal.holds(number, *wanted)),
            Self::Text(wanted) => leaf.as_str().is_some_and(|text| wanted.matches(text)),
            Self::AnythingBut(unwanted) => !unwanted.iter().any(|test| test.matches(leaf)),
            Self::Numeric(comparisons) => leaf.as_f64().is_some_and(|number| {
                comparisons
                    .iter()
                    .all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
            Self::Exists(wanted) => *wanted,
        }
    }
}

impl TextTest {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equal(wanted) => text == wanted,
            Self::EqualIgnoringCase(wanted) => text.to_lowercase() == *wanted,
            Self::Prefix(wanted) => text.starts_with(wanted.as_str()),
            Self::PrefixIgnoringCase(wanted) => text.to_lowercase().starts_with(wanted.as_str()),
            Self::Suffix(wanted) => text.ends_with(wanted.as_str()),
            Self::SuffixIgnoringCase(wanted) => text.to_lowercase().ends_with(wanted.as_str()),
            Self::Wildcard(wildcard) => wildcard.matches(text),
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number.partial_cmp(&bound) == Some(Ordering::Equal),
            Self::Below => number < bound,
            Self::AtMost => number <= bound,
            Self::Above => number > bound,
            Self::AtLeast => number >= bound,
        }
    }
}
