//! The environment of a function, read once into types. An error names the variable.

use std::collections::BTreeSet;

use cutover_core::engine::Settings;
use cutover_core::error::{Class, Failure};
use cutover_core::held::{REPLICATION, WINDOW};
use cutover_core::observation::AlarmPolicy;
use cutover_core::policy::{Policy, RESTARTS_MAX};
use cutover_core::trigger::Identity;
use cutover_core::weight::{Pair, Topology};

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

/// Who else may hold a migration. An alarm of the same name could not be told from it.
const RESERVED: [&str; 5] = [
    REPLICATION,
    WINDOW,
    HEALTH_FAILURES,
    LATENCY_INCREASE,
    AUTHENTICATION_FAILURES,
];
const HEALTH_FAILURES: &str = "health-check failures";
const LATENCY_INCREASE: &str = "latency increase";
const AUTHENTICATION_FAILURES: &str = "authentication failures";
/// Alarms of one migration at most: what one `DescribeAlarms` call takes.
const ALARMS_MAX: usize = 100;

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

/// A name as Route 53 lists it: lower case, one dot at the end, `*` as `\052`.
#[must_use]
pub fn canonical(name: &str) -> String {
    let lower = name
        .trim_end_matches('.')
        .to_ascii_lowercase()
        .replace('*', "\\052");
    format!("{lower}.")
}

fn task_arn(variable: &'static str, arn: String) -> Result<TaskArn, Failure> {
    // arn:aws:dms:<region>:<account>:task:<id>
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "dms", region, account, "task", id]
            if !region.is_empty() && !account.is_empty() && !id.is_empty() =>
        {
            let resource_id = (*id).to_owned();
            Ok(TaskArn {
                arn,
                resource_id,
                variable,
            })
        }
        _ => Err(wrong(
            variable,
            &format!("must be the ARN of a DMS task, not {arn:?}"),
        )),
    }
}

/// Account and region are the task's, and everything of ours has to be there.
fn identity(
    task: &TaskArn,
    reverse: Option<&TaskArn>,
    related: Option<String>,
    alarms: &[AlarmRule],
) -> Result<Identity, Failure> {
    const VARIABLE: &str = "DMS_RELATED_ARNS";
    let related: Vec<String> = related
        .unwrap_or_default()
        .split(',')
        .map(|arn| arn.trim().to_owned())
        .filter(|arn| !arn.is_empty())
        .collect();
    if let Some(foreign) = related
        .iter()
        .find(|arn| !arn.starts_with("arn:") || !arn.contains(":dms:"))
    {
        return Err(wrong(
            VARIABLE,
            &format!("has {foreign:?}, must be ARNs of DMS resources"),
        ));
    }
    let place: Vec<&str> = task.arn.split(':').collect();
    let part = |index: usize| {
        place
            .get(index)
            .map(|part| (*part).to_owned())
            .unwrap_or_default()
    };
    Ok(Identity {
        region: part(3),
        account: part(4),
        tasks: std::iter::once(task)
            .chain(reverse)
            .map(|task| task.arn.clone())
            .collect(),
        task_names: Vec::new(),
        related,
        alarms: alarms.iter().map(|alarm| alarm.name.clone()).collect(),
    })
}

fn alarms(list: &str) -> Result<Vec<AlarmRule>, Failure> {
    const VARIABLE: &str = "MIGRATION_ALARMS";
    let rules: Vec<AlarmRule> = list
        .split(',')
        .map(str::trim)
        .filter(|rule| !rule.is_empty())
        .map(|rule| match rule.rsplit_once('=') {
            Some((name, "rollback")) => Ok(AlarmRule {
                name: name.to_owned(),
                policy: AlarmPolicy::Rollback,
            }),
            Some((name, "hold")) => Ok(AlarmRule {
                name: name.to_owned(),
                policy: AlarmPolicy::Hold,
            }),
            Some((name, "notify")) => Ok(AlarmRule {
                name: name.to_owned(),
                policy: AlarmPolicy::Notify,
            }),
            Some(_) | None => Err(wrong(
                VARIABLE,
                &format!("has {rule:?}, must be name=rollback, name=hold or name=notify"),
            )),
        })
        .collect::<Result<_, _>>()?;
    let names: BTreeSet<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    if names.len() < rules.len() {
        return Err(wrong(VARIABLE, "names an alarm twice"));
    }
    if let Some(reserved) = names.iter().find(|name| RESERVED.contains(name)) {
        return Err(wrong(
            VARIABLE,
            &format!("names {reserved:?}, which is another holder's name"),
        ));
    }
    if rules.len() > ALARMS_MAX {
        return Err(wrong(
            VARIABLE,
            &format!("names {} alarms, at most {ALARMS_MAX}", rules.len()),
        ));
    }
    Ok(rules)
}

fn wrong(variable: &str, problem: &str) -> Failure {
    Failure::new(Class::Permanent, format!("configuration: {variable} {problem}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cutover_core::weight::Topology;

    use super::Config;

    fn complete() -> BTreeMap<&'static str, &'static str> {
        BTreeMap::from([
            ("ENVIRONMENT", "dev"),
            ("HOSTED_ZONE_ID", "Z1"),
            ("READER_RECORD_NAME", "Reader.DB.example.com"),
            ("WRITER_RECORD_NAME", "writer.db.example.com."),
            ("DMS_TASK_ARN", "arn:aws:dms:eu-central-1:111122223333:task:ABC"),
            (
                "NOTIFICATION_TOPIC_ARN",
                "arn:aws:sns:eu-central-1:111122223333:cutover-dev",
            ),
        ])
    }

    fn read(variables: &BTreeMap<&'static str, &'static str>) -> Result<Config, String> {
        let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        Config::read("route53-updater", &lookup).map_err(|failure| failure.chain())
    }

    #[test]
    fn what_is_complete_is_read_and_names_are_as_route_53_lists_them() {
        let config = read(&complete()).unwrap();
        assert_eq!(config.state_prefix, "/migration/dev");
        assert_eq!(config.records[0].name, "reader.db.example.com.");
        assert_eq!(config.settings.topology, Topology::Separate);
        assert_eq!(config.dms_task.resource_id, "ABC");
    }

    #[test]
    fn every_required_variable_is_named_when_it_is_not_set() {
        for variable in [
            "ENVIRONMENT",
            "HOSTED_ZONE_ID",
            "DMS_TASK_ARN",
            "NOTIFICATION_TOPIC_ARN",
        ] {
            let mut variables = complete();
            variables.insert(variable, "");
            assert!(
                read(&variables).unwrap_err().contains(variable),
                "{variable} is not named"
            );
        }
    }

    #[test]
    fn one_name_or_twice_the_same_is_shared() {
        let mut variables = complete();
        variables.insert("WRITER_RECORD_NAME", "reader.db.example.com");
        assert_eq!(read(&variables).unwrap().settings.topology, Topology::Shared);
        variables.remove("READER_RECORD_NAME");
        assert_eq!(read(&variables).unwrap().settings.topology, Topology::Shared);
        variables.remove("WRITER_RECORD_NAME");
        assert!(read(&variables).unwrap_err().contains("READER_RECORD_NAME"));
    }

    #[test]
    fn numbers_arns_and_alarm_policies_are_checked_by_name() {
        for (variable, value) in [
            ("READY_LAG_SECONDS", "soon"),
            (
                "REVERSE_DMS_TASK_ARN",
                "arn:aws:dms:eu-central-1:111122223333:rep:ABC",
            ),
            ("MIGRATION_ALARMS", "lag=explode"),
            ("MIGRATION_ALARMS", "lag=hold,lag=rollback"),
            ("MIGRATION_ALARMS", "window=hold"),
            ("RESTARTS_PER_HOUR", "7"),
            ("WINDOW_POLICY", "panic"),
            ("LIMIT_POLICY", "panic"),
            ("LATENCY_INCREASE_PERCENT_MAX", "much"),
            ("DMS_RELATED_ARNS", "my-instance"),
            ("STATE_PREFIX", "migration"),
        ] {
            let mut variables = complete();
            variables.insert(variable, value);
            assert!(
                read(&variables).unwrap_err().contains(variable),
                "{variable} is not named"
            );
        }
    }
}
