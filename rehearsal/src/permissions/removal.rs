//! A permission taken away before the template is deployed.

use std::fmt;

use twin::deployment::Deployment;
use twin::iam::Policy;

/// A statement of a role's policies, or one of its actions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removal {
    /// The function or rule whose role it is, as the template names it.
    pub holder: String,
    pub sid: String,
    /// None for the whole statement.
    pub action: Option<String>,
}

impl Removal {
    /// The policies without it.
    #[must_use]
    pub fn of(&self, policies: &[Policy]) -> Vec<Policy> {
        let without = |policy: &Policy| match &self.action {
            Some(action) => policy.without_action(&self.sid, action),
            None => policy.without_statement(&self.sid),
        };
        policies.iter().map(without).collect()
    }

    /// Takes it out of what is about to be deployed, if it is there.
    pub(crate) fn apply(&self, deployment: &mut Deployment) {
        let holders = super::granted::holders(deployment);
        let Some(holder) = holders.into_iter().find(|holder| holder.name == self.holder) else {
            return;
        };
        for role in &mut deployment.roles {
            if role.arn == holder.role.arn {
                *role = role.with_policies(self.of(role.policies()));
            }
        }
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} without {}", self.holder, self.sid)?;
        match &self.action {
            Some(action) => write!(f, " of {action}"),
            None => Ok(()),
        }
    }
}
