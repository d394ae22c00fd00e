//! Roles: who may take one on, and what it may do.

use std::collections::BTreeMap;

use super::around::{Around, Seen};
use super::ask::Ask;
use super::document::Policy;
use super::judgement::{Caller, Guard};
use super::key::Key;
use super::statement::{Effect, Statement};

const ASSUME: &str = "sts:AssumeRole";

/// A role with its policies, indexed by what their actions belong to: it is asked for every call.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    pub arn: String,
    pub name: String,
    pub account: String,
    pub trust: Policy,
    policies: Vec<Policy>,
    /// For each service the statements that may be about it, as numbers of a policy and of a statement.
    index: BTreeMap<String, Vec<(usize, usize)>>,
    /// Those that may be about any service.
    general: Vec<(usize, usize)>,
}

impl Role {
    #[must_use]
    pub fn new(account: &str, name: &str, trust: Policy, policies: Vec<Policy>) -> Self {
        let mut index: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        let mut general = Vec::new();
        for (number, policy) in policies.iter().enumerate() {
            for (line, statement) in policy.statements.iter().enumerate() {
                match services(statement) {
                    Some(services) => {
                        for service in services {
                            index.entry(service).or_default().push((number, line));
                        }
                    }
                    None => general.push((number, line)),
                }
            }
        }
        Self {
            arn: format!("arn:aws:iam::{account}:role/{name}"),
            name: name.to_owned(),
            account: account.to_owned(),
            trust,
            policies,
            index,
            general,
        }
    }

    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The same role with other policies.
    #[must_use]
    pub fn with_policies(&self, policies: Vec<Policy>) -> Self {
        Self::new(&self.account, &self.name, self.trust.clone(), policies)
    }

    /// The statements that allow what is asked, each with those of its actions that are about it.
    #[must_use]
    pub fn allowing<'a>(&'a self, around: &Around, ask: &Ask) -> Vec<(&'a Statement, Vec<&'a str>)> {
        let seen = Seen { ask, around };
        self.about(ask)
            .filter(|statement| statement.effect == Effect::Allow && statement.concerns(seen))
            .map(|statement| (statement, statement.actions_about(&ask.action)))
            .collect()
    }

    /// The ARN of a session of it.
    #[must_use]
    pub fn assumed(&self, session: &str) -> String {
        format!(
            "arn:aws:sts::{}:assumed-role/{}/{session}",
            self.account, self.name
        )
    }

    /// Whether a service of AWS may take it on, for something of this account.
    pub(crate) fn trusts(&self, service: &'static str, source_arn: &str) -> bool {
        let ask = Ask::new(ASSUME, self.arn.clone())
            .with(Key::SourceAccount, self.account.clone())
            .with(Key::SourceArn, source_arn);
        let verdict = Caller::Service(service).judged(Guard::Resource(&self.trust), &ask);
        verdict.is_allowed()
    }

    /// The statements that may be about what is asked.
    pub(super) fn about<'a>(&'a self, ask: &Ask) -> impl Iterator<Item = &'a Statement> {
        let particular = self.index.get(ask.service()).into_iter().flatten();
        particular
            .chain(&self.general)
            .filter_map(|(policy, statement)| self.policies.get(*policy)?.statements.get(*statement))
    }
}

/// The services that a statement names, in lower case. None if it may be about any.
fn services(statement: &Statement) -> Option<Vec<String>> {
    if statement.actions.inverted {
        return None;
    }
    let mut services = Vec::new();
    for action in &statement.actions.listed {
        let (service, _) = action.split_once(':')?;
        if service.contains(['*', '?']) {
            return None;
        }
        let service = service.to_ascii_lowercase();
        if !services.contains(&service) {
            services.push(service);
        }
    }
    Some(services)
}
