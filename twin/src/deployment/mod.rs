//! What a SAM template deploys, as far as the twin plays it: functions, rules, schedules, topics, queues, alarms, and
//! who may do what.

mod deploying;
mod functions;
mod intrinsics;
mod policies;
mod properties;
mod resources;
mod scope;
mod targets;
mod yaml;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::delivery::{AsyncSettings, Permission};
use crate::events::{InvalidPattern, InvalidRate, Rule};
use crate::iam::{InvalidPolicy, Policy, Role};
use scope::Scope;

/// What a template deploys, with all parameters and conditions resolved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deployment {
    pub functions: Vec<FunctionSpec>,
    /// Rules for events and for schedules, the functions' own `Events` among them.
    pub rules: Vec<Rule>,
    pub subscriptions: Vec<SubscriptionSpec>,
    /// ARNs.
    pub topics: Vec<String>,
    /// ARNs.
    pub queues: Vec<String>,
    /// The properties of each alarm, as `PutMetricAlarm` takes them.
    pub alarms: Vec<Value>,
    /// Those that functions and rules take on.
    pub roles: Vec<Role>,
    /// Policies of topics, queues and keys, by ARN.
    pub resource_policies: BTreeMap<String, Policy>,
    /// The keys of encrypted topics, both by ARN.
    pub topic_keys: BTreeMap<String, String>,
}

/// A function and its settings. Its code is hosted by whoever deploys it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionSpec {
    pub logical_id: String,
    pub name: String,
    pub arn: String,
    pub environment: BTreeMap<String, String>,
    pub timeout: Duration,
    pub asynchronous: AsyncSettings,
    /// The ARN of the role that its calls are made with.
    pub role: Option<String>,
    /// Who may make AWS invoke it.
    pub policy: Vec<Permission>,
}

/// A function that a topic's messages go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionSpec {
    pub topic: String,
    pub function_arn: String,
}

/// Why a template cannot be deployed on the twin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeploymentError {
    #[error("the template is not YAML: {0}")]
    NotYaml(String),
    #[error("in {place}: {problem}")]
    In {
        place: String,
        problem: Box<DeploymentError>,
    },
    #[error("the parameter {0} has no default and was not given")]
    MissingParameter(String),
    #[error("the template has no parameter {0}")]
    UnknownParameter(String),
    #[error("the twin does not know the intrinsic function {0}")]
    UnknownIntrinsic(String),
    #[error("nothing is named {0}")]
    UnknownReference(String),
    #[error("there is no condition {0}")]
    UnknownCondition(String),
    #[error("the twin does not know the attribute {attribute} of {resource}")]
    UnknownAttribute { resource: String, attribute: String },
    #[error("{0} is needed")]
    Missing(String),
    #[error("{name} must be {wanted}")]
    Malformed { name: String, wanted: &'static str },
    #[error("the twin does not play {0}")]
    NotPlayed(String),
    #[error("the alarm {name} is refused: {reason}")]
    AlarmRefused { name: String, reason: String },
    #[error("references nest too deeply, perhaps in a circle")]
    TooDeep,
    #[error(transparent)]
    Policy(#[from] InvalidPolicy),
    #[error("{0} cannot be assumed by Lambda")]
    NotTrusting(String),
    #[error(transparent)]
    Pattern(#[from] InvalidPattern),
    #[error(transparent)]
    Rate(#[from] InvalidRate),
}

impl DeploymentError {
    fn at(self, place: &str) -> Self {
        Self::In {
            place: place.to_owned(),
            problem: Box::new(self),
        }
    }
}

/// A template as it was written. Reading one takes longer than deploying it, which may be done any number of times.
#[derive(Debug, Clone)]
pub struct Template(Value);

impl Template {
    pub fn parse(text: &str) -> Result<Self, DeploymentError> {
        yaml::parse(text).map(Self)
    }

    /// What it deploys with these values of its parameters. What the twin does not play (log groups, health checks,
    /// records) is left out; what it would play wrongly is an error.
    pub fn deployment(
        &self,
        parameters: &BTreeMap<String, String>,
        account: &str,
        region: &str,
    ) -> Result<Deployment, DeploymentError> {
        let scope = Scope::new(&self.0, parameters, account, region)?;
        let mut deployment = Deployment::default();
        let wanted = scope.wanted()?;
        for &(logical_id, resource) in &wanted {
            resources::add(&mut deployment, &scope, logical_id, resource)
                .map_err(|error| error.at(logical_id))?;
        }
        // Permissions may come before the function they are about.
        for &(logical_id, resource) in &wanted {
            resources::permit(&mut deployment, &scope, resource).map_err(|error| error.at(logical_id))?;
            policies::add(&mut deployment, &scope, logical_id, resource)
                .map_err(|error| error.at(logical_id))?;
        }
        policies::add_roles(&mut deployment, &scope, &wanted)?;
        Ok(deployment)
    }
}

/// Reads a template and deploys it, once. See [`Template::deployment`].
pub fn read(
    template: &str,
    parameters: &BTreeMap<String, String>,
    account: &str,
    region: &str,
) -> Result<Deployment, DeploymentError> {
    Template::parse(template)?.deployment(parameters, account, region)
}
