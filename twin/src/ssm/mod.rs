//! Parameter Store: parameters, their versions, and create-only writes.

mod asks;
mod naming;
mod reading;
mod secrets;
mod wire;
mod writing;

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::place::Place;
use secrets::Secret;

pub(crate) use wire::Request;

/// The parameters of one account in one region.
#[derive(Debug)]
pub struct Ssm {
    place: Place,
    parameters: BTreeMap<String, Parameter>,
    /// By name.
    secrets: BTreeMap<String, Secret>,
}

/// A parameter: the versions that are kept, oldest first, never empty.
#[derive(Debug, Clone)]
struct Parameter {
    kept: VecDeque<Version>,
}

/// One version of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub version: i64,
    pub value: String,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// `Standard` or `Advanced`.
    pub tier: String,
    pub description: Option<String>,
    pub written: Timestamp,
}

impl Ssm {
    pub(crate) fn empty(place: Place) -> Self {
        Self {
            place,
            parameters: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }

    /// Writes a value as an operator would by hand, over whatever is there. Returns the new version.
    pub fn put(&mut self, name: &str, value: &str) -> i64 {
        let kind = self
            .latest(name)
            .map_or_else(|| "String".to_owned(), |latest| latest.kind.clone());
        self.push(name, value, &kind, "Standard", None)
    }

    /// The latest value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.latest(name).map(|latest| latest.value.clone())
    }

    /// Every version that is kept, oldest first.
    #[must_use]
    pub fn versions(&self, name: &str) -> Vec<Version> {
        self.parameters
            .get(name)
            .map_or_else(Vec::new, |parameter| parameter.kept.iter().cloned().collect())
    }

    /// The names that begin like this, in order.
    #[must_use]
    pub fn names(&self, prefix: &str) -> Vec<String> {
        self.parameters
            .keys()
            .filter(|name| name.starts_with(prefix))
            .cloned()
            .collect()
    }

    /// Deletes a parameter by hand. False if there was none.
    pub fn delete(&mut self, name: &str) -> bool {
        self.parameters.remove(name).is_some()
    }

    fn latest(&self, name: &str) -> Option<&Version> {
        self.parameters.get(name)?.kept.back()
    }
}
