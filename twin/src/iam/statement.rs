//! Statements: which actions on which resources, for whom, under which conditions.

use super::around::Seen;
use super::condition::Condition;
use super::pattern::{ArnPattern, Case, is_like};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its `Sid`, or its number in the policy.
    pub sid: String,
    pub effect: Effect,
    pub(super) actions: Actions,
    /// None in a policy that says who may take on a role: that is about the role.
    pub(super) resources: Option<Resources>,
    /// None in a policy of a role: it is about whoever has the role.
    pub(super) principals: Option<Principals>,
    pub(super) conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Actions {
    pub listed: Vec<String>,
    /// `NotAction`: all but these.
    pub inverted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resources {
    pub texts: Vec<String>,
    pub patterns: Vec<ArnPattern>,
    /// `NotResource`: all but these.
    pub inverted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Principals {
    Everybody,
    Listed {
        /// ARNs of roles and of accounts' roots, or accounts.
        aws: Vec<String>,
        services: Vec<String>,
    },
}

impl Statement {
    /// The actions as they are written.
    #[must_use]
    pub fn actions(&self) -> &[String] {
        &self.actions.listed
    }

    /// The resources as they are written.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        self.resources.as_ref().map_or(&[], |resources| &resources.texts)
    }

    /// The lines of its conditions: operator, key, and values.
    pub fn conditions(&self) -> impl Iterator<Item = String> {
        self.conditions.iter().map(|condition| condition.text.clone())
    }

    /// Those of its actions that are this one.
    pub(super) fn actions_about(&self, action: &str) -> Vec<&str> {
        let listed = self.actions.listed.iter().map(String::as_str);
        listed
            .filter(|pattern| is_like(action, pattern, Case::Ignored))
            .collect()
    }

    /// Whether it says anything about what is asked, whoever asks.
    pub(super) fn concerns(&self, seen: Seen<'_>) -> bool {
        self.actions.include(&seen.ask.action)
            && self
                .resources
                .as_ref()
                .is_none_or(|resources| resources.include(&seen.ask.resource))
            && self.conditions.iter().all(|condition| condition.holds(seen))
    }
}

impl Actions {
    fn include(&self, action: &str) -> bool {
        let listed = self
            .listed
            .iter()
            .any(|pattern| is_like(action, pattern, Case::Ignored));
        listed != self.inverted
    }
}

impl Resources {
    fn include(&self, arn: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(arn)) != self.inverted
    }
}
