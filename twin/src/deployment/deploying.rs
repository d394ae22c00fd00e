//! A deployment becomes part of the twin.

use serde_json::Value;

use super::{Deployment, DeploymentError};
use crate::cloudwatch;
use crate::delivery::Permission;
use crate::events::{Rule, RuleTrigger};
use crate::routing::Protocol;
use crate::twin::Twin;

impl Twin {
    /// Creates what a template deploys: topics, subscriptions, rules, schedules, alarms, and who may do what. The functions' code is hosted separately, under the same names; see [`Twin::host`].
    pub fn deploy(&self, deployment: &Deployment) -> Result<(), DeploymentError> {
        self.permit(deployment)?;
        self.sns(|sns| {
            for arn in &deployment.topics {
                if let Some((_, name)) = arn.rsplit_once(':') {
                    sns.create_topic(name);
                }
            }
            for (topic, key) in &deployment.topic_keys {
                sns.encrypt(topic, key);
            }
            for subscription in &deployment.subscriptions {
                sns.subscribe(&subscription.topic, &subscription.function_arn);
            }
        });
        let now = self.clock().now();
        for rule in &deployment.rules {
            let trigger = match &rule.trigger {
                RuleTrigger::Schedule(rate) => RuleTrigger::Schedule(rate.clone().beginning(now)),
                pattern @ RuleTrigger::Pattern(..) => pattern.clone(),
            };
            let rule = Rule {
                trigger,
                ..rule.clone()
            };
            self.events(|events| events.put_rule(rule));
        }
        for function in &deployment.functions {
            self.set_async_settings(&function.name, function.asynchronous.clone());
        }
        deployment
            .alarms
            .iter()
            .try_for_each(|alarm| self.deploy_alarm(alarm))
    }

    /// Makes the policies count: those of roles, of resources and of functions.
    fn permit(&self, deployment: &Deployment) -> Result<(), DeploymentError> {
        let iam = self.iam();
        for role in &deployment.roles {
            iam.put_role(role.clone());
        }
        for (arn, policy) in &deployment.resource_policies {
            iam.guard(arn, policy.clone());
        }
        for function in &deployment.functions {
            iam.guard(
                &function.arn,
                Permission::policy(&function.arn, &function.policy)?,
            );
            let Some(role) = function.role.as_ref().and_then(|role| iam.role(role)) else {
                continue;
            };
            if !role.trusts("lambda.amazonaws.com", &function.arn) {
                return Err(DeploymentError::NotTrusting(role.arn.clone()));
            }
            iam.assume(role, &function.arn);
        }
        Ok(())
    }

    fn deploy_alarm(&self, alarm: &Value) -> Result<(), DeploymentError> {
        let refused = |reason: String| DeploymentError::AlarmRefused {
            name: alarm
                .get("AlarmName")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            reason,
        };
        let input = serde_json::from_value(alarm.clone()).map_err(|problem| refused(problem.to_string()))?;
        let request = cloudwatch::Request::PutAlarm(Box::new(input));
        let answer = self.cloudwatch(|cloudwatch| cloudwatch.answer(&request, Protocol::Cbor));
        answer.map(|_| ()).map_err(|refusal| refused(refusal.to_string()))
    }
}
