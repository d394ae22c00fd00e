//! The environment of a function, read once into types. An error names the variable.

pub mod dr;
mod parsing;

use cutover_core::engine::Settings;
use cutover_core::error::{Class, Failure};
use cutover_core::observation::AlarmPolicy;
use cutover_core::policy::{Policy, RESTARTS_MAX};
use cutover_core::trigger::Identity;
use cutover_core::weight::{Pair, Topology};

pub use parsing::canonical;
use parsing::{AUTHENTICATION_FAILURES, HEALTH_FAILURES, LATENCY_INCREASE, alarms, identity, task_arn};

/// Everything a migration function is told by its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub settings: Settings,
    /// For example `/migration/dev`, without a slash at the end.
    pub state_prefix: String,
    pub hosted_zone_id: String,
    pub records: Vec<RecordName>,
    pub source_set_identifier: String,
    pub target_set_identifier: String,
    pub dms_task: TaskArn,
    pub reverse_dms_task: Option<TaskArn>,
    pub topic_arn: String,
    pub alarms: Vec<AlarmRule>,
    pub limits: Vec<LimitRule>,
    /// What an event must name to be ours.
    pub identity: Identity,
}

/// A pair's DNS name and the variable it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordName {
    pub pair: Pair,
    pub name: String,
    pub variable: &'static str,
}

/// The ARN of a replication task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskArn {
    pub arn: String,
    /// The last segment: this, and not the task's name, is the `ReplicationTaskIdentifier` of its metrics.
    pub resource_id: String,
    pub variable: &'static str,
}

/// One of `MIGRATION_ALARMS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmRule {
    pub name: String,
    pub policy: AlarmPolicy,
}

/// One error condition, reported by a CloudWatch metric expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRule {
    pub name: &'static str,
    /// Gives percent.
    pub expression: String,
    pub percent_max: u64,
}

impl Config {
    /// Reads the variables through `lookup`. An empty value counts as none: a template cannot leave one out.
    pub fn read(function: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let environment = Variables(lookup);
        let name = environment.required("ENVIRONMENT")?;
        let records = environment.records()?;
        let policy = Policy {
            ready_lag_seconds: environment.number("READY_LAG_SECONDS", 60)?,
            cutover_lag_seconds: environment.number("CUTOVER_LAG_SECONDS", 1)?,
            lag_max_age_seconds: environment.number("LAG_MAX_AGE_SECONDS", 180)?,
            ready_samples: environment.number("READY_SAMPLES", 3)?,
            bake_minutes: environment.number("BAKE_MINUTES", 30)?,
            record_ttl_max_seconds: environment.number("RECORD_TTL_MAX_SECONDS", 60)?,
            restarts_per_hour: environment.restarts()?,
            window_minutes: environment.number("WINDOW_MINUTES", 60)?,
            window_policy: environment.policy("WINDOW_POLICY", AlarmPolicy::Hold)?,
            limit_policy: environment.policy("LIMIT_POLICY", AlarmPolicy::Rollback)?,
        };
        let topology = if records.len() > 1 {
            Topology::Separate
        } else {
            Topology::Shared
        };
        let prefix = environment
            .optional("STATE_PREFIX")
            .unwrap_or_else(|| format!("/migration/{name}"));
        if !prefix.starts_with('/') {
            return Err(wrong(
                "STATE_PREFIX",
                &format!("must begin with a slash, not {prefix:?}"),
            ));
        }
        let dms_task = task_arn("DMS_TASK_ARN", environment.required("DMS_TASK_ARN")?)?;
        let reverse_dms_task = environment
            .optional("REVERSE_DMS_TASK_ARN")
            .map(|arn| task_arn("REVERSE_DMS_TASK_ARN", arn))
            .transpose()?;
        let alarms = environment
            .optional("MIGRATION_ALARMS")
            .map_or(Ok(Vec::new()), |list| alarms(&list))?;
        let identity = identity(
            &dms_task,
            reverse_dms_task.as_ref(),
            environment.optional("DMS_RELATED_ARNS"),
            &alarms,
        )?;
        Ok(Self {
            settings: Settings {
                environment: name,
                function: function.to_owned(),
                topology,
                policy,
            },
            state_prefix: prefix.trim_end_matches('/').to_owned(),
            hosted_zone_id: environment.required("HOSTED_ZONE_ID")?,
            records,
            source_set_identifier: environment.or("SOURCE_SET_IDENTIFIER", "source"),
            target_set_identifier: environment.or("TARGET_SET_IDENTIFIER", "target"),
            dms_task,
            reverse_dms_task,
            topic_arn: environment.required("NOTIFICATION_TOPIC_ARN")?,
            alarms,
            limits: environment.limits()?,
            identity,
        })
    }
}

struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn optional(&self, variable: &str) -> Option<String> {
        (self.0)(variable)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn or(&self, variable: &str, default: &str) -> String {
        self.optional(variable).unwrap_or_else(|| default.to_owned())
    }

    fn required(&self, variable: &str) -> Result<String, Failure> {
        self.optional(variable)
            .ok_or_else(|| wrong(variable, "is not set"))
    }

    fn number<T: std::str::FromStr>(&self, variable: &str, default: T) -> Result<T, Failure> {
        match self.optional(variable) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| wrong(variable, &format!("must be a whole number, not {text:?}"))),
        }
    }

    fn within<T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy>(
        &self,
        variable: &str,
        default: T,
        least: T,
        most: T,
    ) -> Result<T, Failure> {
        let value = self.number(variable, default)?;
        if value < least || value > most {
            return Err(wrong(variable, &format!("is {value}, must be {least} to {most}")));
        }
        Ok(value)
    }

    /// What is between the commas.
    fn list(&self, variable: &str) -> Vec<String> {
        let list = self.optional(variable).unwrap_or_default();
        let names = list.split(',').map(|name| name.trim().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    }

    fn policy(&self, variable: &str, default: AlarmPolicy) -> Result<AlarmPolicy, Failure> {
        match self.optional(variable).as_deref() {
            None => Ok(default),
            Some("rollback") => Ok(AlarmPolicy::Rollback),
            Some("hold") => Ok(AlarmPolicy::Hold),
            Some("notify") => Ok(AlarmPolicy::Notify),
            Some(other) => Err(wrong(
                variable,
                &format!("must be rollback, hold or notify, not {other:?}"),
            )),
        }
    }

    fn restarts(&self) -> Result<u32, Failure> {
        const VARIABLE: &str = "RESTARTS_PER_HOUR";
        let restarts = self.number(VARIABLE, 3)?;
        if restarts > RESTARTS_MAX {
            return Err(wrong(VARIABLE, &format!("is {restarts}, at most {RESTARTS_MAX}")));
        }
        Ok(restarts)
    }

    /// The error conditions that have an expression.
    fn limits(&self) -> Result<Vec<LimitRule>, Failure> {
        let mut limits = Vec::new();
        for (name, expression, percent_max, default) in [
            (
                HEALTH_FAILURES,
                "HEALTH_FAILURE_EXPRESSION",
                "HEALTH_FAILURE_PERCENT_MAX",
                50,
            ),
            (
                LATENCY_INCREASE,
                "LATENCY_EXPRESSION",
                "LATENCY_INCREASE_PERCENT_MAX",
                30,
            ),
            (
                AUTHENTICATION_FAILURES,
                "AUTH_FAILURE_EXPRESSION",
                "AUTH_FAILURE_PERCENT_MAX",
                5,
            ),
        ] {
            let percent_max = self.number(percent_max, default)?;
            limits.extend(self.optional(expression).map(|expression| LimitRule {
                name,
                expression,
                percent_max,
            }));
        }
        Ok(limits)
    }

    /// One name, or twice the same, means that reads and writes share it.
    fn records(&self) -> Result<Vec<RecordName>, Failure> {
        const READER: &str = "READER_RECORD_NAME";
        const WRITER: &str = "WRITER_RECORD_NAME";
        let record = |pair, name, variable| RecordName { pair, name, variable };
        match (
            self.optional(READER).as_deref().map(canonical),
            self.optional(WRITER).as_deref().map(canonical),
        ) {
            (None, None) => Err(wrong(
                READER,
                "and WRITER_RECORD_NAME are both not set: one is needed",
            )),
            (Some(reader), Some(writer)) if reader != writer => Ok(vec![
                record(Pair::Reader, reader, READER),
                record(Pair::Writer, writer, WRITER),
            ]),
            (Some(shared), _) => Ok(vec![record(Pair::Shared, shared, READER)]),
            (None, Some(shared)) => Ok(vec![record(Pair::Shared, shared, WRITER)]),
        }
    }
}

fn wrong(variable: &str, problem: &str) -> Failure {
    Failure::new(Class::Permanent, format!("configuration: {variable} {problem}"))
}

#[cfg(test)]
mod tests;
