//! How the variables become a configuration.

use std::time::Duration;

use cutover_core::dr::plan::Equipment;
use cutover_core::dr::settings::Settings;
use cutover_core::dr::side::ClusterArn;
use cutover_core::error::Failure;

use super::super::{Variables, canonical, wrong};
use super::arn::{ALARM, Arn, FUNCTION, Kind, SECRET};
use super::policy::policy;
use super::{ApplicationNames, DrConfig, MigrationNames, ProbeRules, RecordPair, SecretNames};

/// Alarms that may vote, the witness apart.
const ALARMS_MAX: usize = 20;
/// Auto Scaling groups that are replaced after a switch.
const GROUPS_MAX: usize = 10;
/// Longest that a hook may take, in seconds: what moves the writer waits for it.
const HOOK_SECONDS_MAX: u64 = 60;
/// Shortest and longest that a probe may take, in milliseconds.
const PROBE_MILLISECONDS_MIN: u64 = 100;
const PROBE_MILLISECONDS_MAX: u64 = 5_000;

impl DrConfig {
    /// Reads the variables through `lookup`. An empty value counts as none: a template cannot leave one out.
    pub fn read(function: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let environment = Variables(lookup);
        let name = environment.required("ENVIRONMENT")?;
        let (primary, dr) = clusters(&environment)?;
        let global_cluster = topology(&environment, &dr)?;
        let alarms = names(&environment, "DR_ALARM_NAMES", ALARMS_MAX)?;
        let witness = witness(&environment, &primary, &dr)?;
        let voters = alarms.len() + usize::from(witness.is_some());
        let policy = policy(&environment, voters)?;
        let routing_alarm = environment.optional("ROUTING_ALARM_NAME");
        let records = records(&environment)?;
        let application = application(&environment)?;
        let auto_scaling_groups = names(&environment, "REFRESH_AUTO_SCALING_GROUPS", GROUPS_MAX)?;
        let pre_hook = in_dr(&environment, "PRE_HOOK_ARN", FUNCTION, &dr)?;
        let post_hook = in_dr(&environment, "POST_HOOK_ARN", FUNCTION, &dr)?;
        let migration = migration(&environment)?;
        let equipment = Equipment {
            migration: migration.is_some(),
            routing_alarm: routing_alarm.is_some(),
            records: records.is_some(),
            global_endpoint: global_endpoint(&environment, global_cluster.is_some())?,
            application: application.is_some(),
            instance_refresh: !auto_scaling_groups.is_empty(),
            pre_hook: pre_hook.is_some(),
            post_hook: post_hook.is_some(),
        };
        Ok(Self {
            state_prefix: path(&environment, "STATE_PREFIX")?.unwrap_or_else(|| format!("/dr/{name}")),
            topic_arn: environment.required("NOTIFICATION_TOPIC_ARN")?,
            probes: probes(&environment, &dr)?,
            settings: Settings {
                environment: name,
                function: function.to_owned(),
                primary,
                dr,
                global_cluster,
                policy,
                equipment,
            },
            alarms,
            witness,
            routing_alarm,
            records,
            application,
            auto_scaling_groups,
            pre_hook,
            post_hook,
            hook_timeout: Duration::from_secs(environment.within(
                "HOOK_TIMEOUT_SECONDS",
                10,
                1,
                HOOK_SECONDS_MAX,
            )?),
            migration,
        })
    }
}

fn clusters(environment: &Variables<'_>) -> Result<(ClusterArn, ClusterArn), Failure> {
    const PRIMARY: &str = "PRIMARY_CLUSTER_ARN";
    const DR: &str = "DR_CLUSTER_ARN";
    let cluster = |variable: &str| {
        let arn = environment.required(variable)?;
        let problem = || format!("must be the ARN of a DB cluster, not {arn:?}");
        ClusterArn::parse(&arn).ok_or_else(|| wrong(variable, &problem()))
    };
    let (primary, dr) = (cluster(PRIMARY)?, cluster(DR)?);
    if primary.region() == dr.region() {
        let problem = format!(
            "is in {}, as {PRIMARY} is: they must be in two regions",
            dr.region()
        );
        return Err(wrong(DR, &problem));
    }
    if primary.account() != dr.account() {
        return Err(wrong(DR, &format!("is of another account than {PRIMARY}")));
    }
    agrees(environment, "PRIMARY_REGION", PRIMARY, primary.region())?;
    agrees(environment, "AWS_REGION", DR, dr.region())?;
    Ok((primary, dr))
}

/// What is said twice must be the same.
fn agrees(environment: &Variables<'_>, variable: &str, other: &str, wanted: &str) -> Result<(), Failure> {
    match environment.optional(variable) {
        Some(said) if said != wanted => Err(wrong(
            variable,
            &format!("is {said:?}, but {other} says {wanted:?}"),
        )),
        Some(_) | None => Ok(()),
    }
}

/// The global cluster, or `None` for a cross-region read replica.
fn topology(environment: &Variables<'_>, dr: &ClusterArn) -> Result<Option<String>, Failure> {
    const GLOBAL: &str = "GLOBAL_CLUSTER_ID";
    const REPLICA: &str = "DR_CLUSTER_ID";
    match (environment.optional(GLOBAL), environment.optional(REPLICA)) {
        (Some(global), None) => Ok(Some(global)),
        (None, Some(_)) => {
            agrees(environment, REPLICA, "DR_CLUSTER_ARN", dr.identifier())?;
            Ok(None)
        }
        (None, None) => Err(wrong(
            GLOBAL,
            "and DR_CLUSTER_ID are both not set: the first for a global database, the second for a read replica",
        )),
        (Some(_), Some(_)) => Err(wrong(
            GLOBAL,
            "and DR_CLUSTER_ID are both set: a read replica has no global cluster",
        )),
    }
}

/// A list without repetition.
fn names(environment: &Variables<'_>, variable: &str, most: usize) -> Result<Vec<String>, Failure> {
    let names = environment.list(variable);
    if names.len() > most {
        return Err(wrong(
            variable,
            &format!("has {} names, at most {most}", names.len()),
        ));
    }
    let twice = |(index, name): (usize, &String)| names.iter().skip(index + 1).any(|other| other == name);
    if names.iter().enumerate().any(twice) {
        return Err(wrong(variable, "has a name twice"));
    }
    Ok(names)
}

/// Two sites cannot tell which of them is cut off, so a witness at either of them is none.
fn witness(
    environment: &Variables<'_>,
    primary: &ClusterArn,
    dr: &ClusterArn,
) -> Result<Option<Arn>, Failure> {
    const VARIABLE: &str = "DR_WITNESS_ALARM_ARN";
    let Some(arn) = environment.optional(VARIABLE) else {
        return Ok(None);
    };
    let witness = Arn::read(VARIABLE, arn, ALARM)?;
    if witness.account != dr.account() {
        return Err(wrong(VARIABLE, "is of another account than the clusters"));
    }
    if [primary.region(), dr.region()].contains(&witness.region.as_str()) {
        let problem = format!(
            "is in {}, where a cluster is: it must be elsewhere",
            witness.region
        );
        return Err(wrong(VARIABLE, &problem));
    }
    Ok(Some(witness))
}

/// Something that must be there when the other region is not.
fn in_dr(
    environment: &Variables<'_>,
    variable: &str,
    kind: Kind,
    dr: &ClusterArn,
) -> Result<Option<Arn>, Failure> {
    let Some(arn) = environment.optional(variable) else {
        return Ok(None);
    };
    let found = Arn::read(variable, arn, kind)?;
    if found.region != dr.region() {
        let (is, wanted) = (&found.region, dr.region());
        let problem = format!("is in {is}: it must be in {wanted}, to be there when the other region is not");
        return Err(wrong(variable, &problem));
    }
    Ok(Some(found))
}

fn records(environment: &Variables<'_>) -> Result<Option<RecordPair>, Failure> {
    const ZONE: &str = "DR_HOSTED_ZONE_ID";
    const NAME: &str = "DR_RECORD_NAME";
    const SECONDARY: &str = "DR_SECONDARY_SET_IDENTIFIER";
    let Some((hosted_zone_id, name)) = both(environment, ZONE, NAME)? else {
        return Ok(None);
    };
    let primary_set_identifier = environment.or("DR_PRIMARY_SET_IDENTIFIER", "primary");
    let secondary_set_identifier = environment.or(SECONDARY, "dr");
    if primary_set_identifier == secondary_set_identifier {
        return Err(wrong(SECONDARY, "is the same as DR_PRIMARY_SET_IDENTIFIER"));
    }
    Ok(Some(RecordPair {
        hosted_zone_id,
        name: canonical(&name),
        primary_set_identifier,
        secondary_set_identifier,
    }))
}

/// Two variables that mean nothing alone.
fn both(environment: &Variables<'_>, first: &str, second: &str) -> Result<Option<(String, String)>, Failure> {
    match (environment.optional(first), environment.optional(second)) {
        (Some(one), Some(other)) => Ok(Some((one, other))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(wrong(second, &format!("is not set, but {first} is"))),
        (None, Some(_)) => Err(wrong(first, &format!("is not set, but {second} is"))),
    }
}

fn global_endpoint(environment: &Variables<'_>, is_global: bool) -> Result<bool, Failure> {
    const VARIABLE: &str = "GLOBAL_WRITER_ENDPOINT";
    let wanted = match environment.optional(VARIABLE).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(wrong(VARIABLE, &format!("must be true or false, not {other:?}"))),
    };
    if wanted && !is_global {
        return Err(wrong(
            VARIABLE,
            "is true, but only a global database has a global writer endpoint",
        ));
    }
    Ok(wanted)
}

/// A path of Parameter Store, without a slash at the end.
fn path(environment: &Variables<'_>, variable: &str) -> Result<Option<String>, Failure> {
    match environment.optional(variable) {
        Some(path) if !path.starts_with('/') => {
            Err(wrong(variable, &format!("must begin with a slash, not {path:?}")))
        }
        Some(path) => Ok(Some(path.trim_end_matches('/').to_owned())),
        None => Ok(None),
    }
}

fn application(environment: &Variables<'_>) -> Result<Option<ApplicationNames>, Failure> {
    const PATH: &str = "APPLICATION_PARAMETER_PATH";
    let names = both(environment, "PRIMARY_SECRET_NAME", "DR_SECRET_NAME")?;
    let secrets = names.map(|(primary, dr)| SecretNames { primary, dr });
    match (path(environment, PATH)?, secrets) {
        (Some(parameter_path), secrets) => Ok(Some(ApplicationNames {
            parameter_path,
            secrets,
        })),
        (None, Some(_)) => Err(wrong(PATH, "is not set, but names of secrets to put there are")),
        (None, None) => Ok(None),
    }
}

fn migration(environment: &Variables<'_>) -> Result<Option<MigrationNames>, Failure> {
    const FUNCTION_VARIABLE: &str = "MIGRATION_FUNCTION_ARN";
    const STATE: &str = "MIGRATION_STATE_PARAMETER";
    let Some((arn, _)) = both(environment, FUNCTION_VARIABLE, STATE)? else {
        return Ok(None);
    };
    let function = Arn::read(FUNCTION_VARIABLE, arn, FUNCTION)?;
    let state = path(environment, STATE)?;
    Ok(state.map(|state_parameter| MigrationNames {
        function,
        state_parameter,
    }))
}

fn probes(environment: &Variables<'_>, dr: &ClusterArn) -> Result<ProbeRules, Failure> {
    let milliseconds = environment.within(
        "PROBE_TIMEOUT_MILLISECONDS",
        2_000,
        PROBE_MILLISECONDS_MIN,
        PROBE_MILLISECONDS_MAX,
    )?;
    Ok(ProbeRules {
        timeout: Duration::from_millis(milliseconds),
        primary_secret: in_dr(environment, "PRIMARY_SECRET_ARN", SECRET, dr)?,
        dr_secret: in_dr(environment, "DR_SECRET_ARN", SECRET, dr)?,
        database: environment.optional("DATABASE_NAME"),
        ca_file: environment.optional("DATABASE_CA_FILE"),
    })
}
