//! What the template grants, with everything switched on that it can be asked for.

use std::collections::BTreeMap;

use twin::deployment::{Deployment, DeploymentError};
use twin::iam::{Effect, Role, Statement};

use super::removal::Removal;
use crate::deployed;
use crate::stage::ENVIRONMENT;

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-central-1";
pub const DR_REGION: &str = "eu-west-1";

/// Somebody with a role: a function, or a rule that sends events to another region.
#[derive(Debug, Clone, PartialEq)]
pub struct Holder {
    /// As the template names it: `route53-updater`, `ForwardRule`.
    pub name: String,
    pub role: Role,
}

/// Who has a role in a deployment.
#[must_use]
pub fn holders(deployment: &Deployment) -> Vec<Holder> {
    let role = |arn: &Option<String>| {
        deployment
            .roles
            .iter()
            .find(|role| Some(&role.arn) == arn.as_ref())
    };
    let suffix = format!("-{ENVIRONMENT}");
    let functions = deployment.functions.iter().filter_map(|function| {
        Some(Holder {
            name: function.name.trim_end_matches(&suffix).to_owned(),
            role: role(&function.role)?.clone(),
        })
    });
    let rules = deployment.rules.iter().flat_map(|rule| {
        let name = rule.name.rsplit('-').next().unwrap_or_default();
        rule.targets.iter().filter_map(move |target| {
            Some(Holder {
                name: name.to_owned(),
                role: role(&target.role)?.clone(),
            })
        })
    });
    functions.chain(rules).collect()
}

impl Holder {
    /// Every statement of its policies.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.role.policies().iter().flat_map(|policy| &policy.statements)
    }

    /// Everything that it is allowed, each statement and each action by itself.
    #[must_use]
    pub fn removals(&self) -> Vec<Removal> {
        let allowed = self
            .statements()
            .filter(|statement| statement.effect == Effect::Allow);
        allowed
            .flat_map(|statement| self.removals_of(statement))
            .collect()
    }

    fn removals_of(&self, statement: &Statement) -> Vec<Removal> {
        let removal = |action: Option<&String>| Removal {
            holder: self.name.clone(),
            sid: statement.sid.clone(),
            action: action.cloned(),
        };
        let mut removals: Vec<Removal> = statement
            .actions()
            .iter()
            .map(|action| removal(Some(action)))
            .collect();
        // Without its only action a statement is gone.
        if removals.len() > 1 {
            removals.push(removal(None));
        }
        removals
    }
}

/// The stack of a migration, and both that there are in a DR region, with everything that each can have.
pub fn whole() -> Result<Vec<Deployment>, DeploymentError> {
    let migration = deployed::of(&parameters(&MIGRATION), ACCOUNT, REGION)?;
    let mut global = parameters(&DR);
    global.insert("DrGlobalClusterId".to_owned(), "orders".to_owned());
    let mut replica = parameters(&DR);
    replica.insert("DrClusterId".to_owned(), "orders-dr".to_owned());
    Ok(vec![
        migration,
        deployed::of(&global, ACCOUNT, DR_REGION)?,
        deployed::of(&replica, ACCOUNT, DR_REGION)?,
    ])
}

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

const MIGRATION: [(&str, &str); 12] = [
    ("Environment", ENVIRONMENT),
    ("HostedZoneId", "Z0DEV00000000000CUT"),
    ("ReaderRecordName", "reader.db.example.com"),
    ("WriterRecordName", "writer.db.example.com"),
    ("DmsTaskArn", "arn:aws:dms:eu-central-1:111122223333:task:FORWARD"),
    (
        "ReverseDmsTaskArn",
        "arn:aws:dms:eu-central-1:111122223333:task:REVERSE",
    ),
    ("RollbackAlarms", "orders-5xx"),
    ("DmsInstanceIdentifier", "cutover-dev"),
    ("TargetClusterIdentifier", "orders-target"),
    ("AlarmTopicArn", "arn:aws:sns:eu-central-1:111122223333:alarms"),
    (
        "DrEventBusArn",
        "arn:aws:events:eu-west-1:111122223333:event-bus/default",
    ),
    ("Tracing", "Active"),
];

const DR: [(&str, &str); 22] = [
    ("Role", "dr"),
    ("Environment", ENVIRONMENT),
    (
        "PrimaryClusterArn",
        "arn:aws:rds:eu-central-1:111122223333:cluster:orders-primary",
    ),
    (
        "DrClusterArn",
        "arn:aws:rds:eu-west-1:111122223333:cluster:orders-dr",
    ),
    (
        "ClusterKeyArns",
        "arn:aws:kms:eu-central-1:111122223333:key/orders-primary",
    ),
    ("DrCanaryAlarms", "orders-canary"),
    (
        "PrimarySecretArn",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-primary-AbCdEf",
    ),
    (
        "DrSecretArn",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-dr-AbCdEf",
    ),
    ("SecretKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/secrets"),
    ("DrSubnetIds", "subnet-0123456789abcdef0"),
    ("DrSecurityGroupIds", "sg-0123456789abcdef0"),
    ("DrHostedZoneId", "Z0DEV00000000000CUT"),
    ("DrRecordName", "orders.db.example.com"),
    ("ApplicationParameterPath", "/app/orders/database"),
    ("PrimarySecretName", "orders/primary"),
    ("DrSecretName", "orders/dr"),
    ("RefreshAutoScalingGroups", "orders-app"),
    (
        "PreHookArn",
        "arn:aws:lambda:eu-west-1:111122223333:function:change-board",
    ),
    (
        "PostHookArn",
        "arn:aws:lambda:eu-west-1:111122223333:function:post-hook",
    ),
    (
        "MigrationFunctionArn",
        "arn:aws:lambda:eu-central-1:111122223333:function:route53-updater-dev",
    ),
    ("MigrationStateParameter", "/migration/dev/state"),
    ("Tracing", "Active"),
];
