//! What somebody wants to do, in the words that policies are written in.

use std::collections::BTreeMap;
use std::fmt;

use super::key::Key;

/// What stands for all resources, and for none in particular.
pub(crate) const ANYTHING: &str = "*";

/// One action on one resource, and what conditions may look at. A request may need several of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ask {
    /// For example `ssm:PutParameter`.
    pub action: String,
    /// An ARN, or `*` for an action that IAM does not tie to a resource.
    pub resource: String,
    context: BTreeMap<Key, Vec<String>>,
}

impl Ask {
    #[must_use]
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            context: BTreeMap::new(),
        }
    }

    /// An action that is not tied to a resource.
    #[must_use]
    pub fn anywhere(action: impl Into<String>) -> Self {
        Self::new(action, ANYTHING)
    }

    /// The same with a value of a condition key.
    #[must_use]
    pub fn with(self, key: Key, value: impl Into<String>) -> Self {
        self.with_all(key, [value.into()])
    }

    /// The same with these values of a condition key; each counts once. Without any the key is absent.
    #[must_use]
    pub fn with_all(mut self, key: Key, values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort();
        values.dedup();
        if values.is_empty() {
            self.context.remove(&key);
        } else {
            self.context.insert(key, values);
        }
        self
    }

    /// The values of a condition key. None if the request has none.
    #[must_use]
    pub fn values(&self, key: Key) -> Option<&[String]> {
        self.context.get(&key).map(Vec::as_slice)
    }

    /// What the action belongs to, for example `ssm`.
    pub(crate) fn service(&self) -> &str {
        self.action.split_once(':').map_or("", |(service, _)| service)
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)?;
        for (key, values) in &self.context {
            write!(f, ", {key} {}", values.join(" and "))?;
        }
        Ok(())
    }
}
