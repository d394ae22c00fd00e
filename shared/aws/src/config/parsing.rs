//! Names, ARNs and lists as the environment spells them.

use std::collections::BTreeSet;

use cutover_core::error::Failure;
use cutover_core::held::{REPLICATION, WINDOW};
use cutover_core::observation::AlarmPolicy;
use cutover_core::trigger::Identity;

use super::{AlarmRule, TaskArn, wrong};

/// Who else may hold a migration. An alarm of the same name could not be told from it.
const RESERVED: [&str; 5] = [
    REPLICATION,
    WINDOW,
    HEALTH_FAILURES,
    LATENCY_INCREASE,
    AUTHENTICATION_FAILURES,
];
pub(super) const HEALTH_FAILURES: &str = "health-check failures";
pub(super) const LATENCY_INCREASE: &str = "latency increase";
pub(super) const AUTHENTICATION_FAILURES: &str = "authentication failures";
/// Alarms of one migration at most: what one `DescribeAlarms` call takes.
const ALARMS_MAX: usize = 100;

/// A name as Route 53 lists it: lower case, one dot at the end, `*` as `\052`.
#[must_use]
pub fn canonical(name: &str) -> String {
    let lower = name
        .trim_end_matches('.')
        .to_ascii_lowercase()
        .replace('*', "\\052");
    format!("{lower}.")
}

pub(super) fn task_arn(variable: &'static str, arn: String) -> Result<TaskArn, Failure> {
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
pub(super) fn identity(
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

pub(super) fn alarms(list: &str) -> Result<Vec<AlarmRule>, Failure> {
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
