//! What the configuration of `dr-failover` takes, and how it names what it refuses.

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_core::dr::policy::{Mode, Objectives};
use cutover_core::dr::side::Side;

use super::DrConfig;

type Variables = BTreeMap<&'static str, &'static str>;

fn complete() -> Variables {
    BTreeMap::from([
        ("ENVIRONMENT", "dev"),
        (
            "NOTIFICATION_TOPIC_ARN",
            "arn:aws:sns:eu-west-1:111122223333:cutover-dev",
        ),
        ("GLOBAL_CLUSTER_ID", "orders"),
        (
            "PRIMARY_CLUSTER_ARN",
            "arn:aws:rds:eu-central-1:111122223333:cluster:orders-1",
        ),
        (
            "DR_CLUSTER_ARN",
            "arn:aws:rds:eu-west-1:111122223333:cluster:orders-2",
        ),
    ])
}

fn full() -> Variables {
    let mut variables = complete();
    variables.extend([
        ("AWS_REGION", "eu-west-1"),
        ("PRIMARY_REGION", "eu-central-1"),
        ("STATE_PREFIX", "/elsewhere/"),
        ("DR_MODE", "observe"),
        ("DR_ALARM_NAMES", "canary, replication-silent"),
        (
            "DR_WITNESS_ALARM_ARN",
            "arn:aws:cloudwatch:us-west-2:111122223333:alarm:eu: central",
        ),
        ("DR_QUORUM", "3"),
        ("DR_CONFIRM_SECONDS", "90"),
        ("OBJECTIVE_RTO_SECONDS", "600"),
        ("DRILL_BLOCKED_WINDOWS", "mon-fri 08:00-18:00, sun 22:00-02:00"),
        ("DR_HOSTED_ZONE_ID", "Z1"),
        ("ROUTING_ALARM_NAME", "serve-from-dr-dev"),
        ("DR_RECORD_NAME", "DB.example.com"),
        ("GLOBAL_WRITER_ENDPOINT", "true"),
        ("APPLICATION_PARAMETER_PATH", "/app/orders/database/"),
        ("PRIMARY_SECRET_NAME", "orders-1"),
        ("DR_SECRET_NAME", "orders-2"),
        ("REFRESH_AUTO_SCALING_GROUPS", "web,worker"),
        (
            "PRE_HOOK_ARN",
            "arn:aws:lambda:eu-west-1:111122223333:function:ask",
        ),
        (
            "MIGRATION_FUNCTION_ARN",
            "arn:aws:lambda:eu-central-1:111122223333:function:route53-updater-dev",
        ),
        ("MIGRATION_STATE_PARAMETER", "/migration/dev/state"),
        (
            "DR_SECRET_ARN",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:dr-abcdef",
        ),
        ("PROBE_TIMEOUT_MILLISECONDS", "500"),
    ]);
    variables
}

fn read(variables: &Variables) -> Result<DrConfig, String> {
    let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    DrConfig::read("dr-failover", &lookup).map_err(|failure| failure.chain())
}

#[test]
fn what_must_be_known_is_enough() {
    let config = read(&complete()).unwrap();
    let policy = &config.settings.policy;
    assert_eq!(config.state_prefix, "/dr/dev");
    assert_eq!(config.settings.global_cluster.as_deref(), Some("orders"));
    assert_eq!(config.settings.dr.region(), "eu-west-1");
    assert_eq!(
        (policy.mode, policy.quorum, policy.confirm_seconds),
        (Mode::Auto, 2, 60)
    );
    assert_eq!(policy.objectives, Objectives::default());
    assert_eq!(
        config.settings.equipment,
        cutover_core::dr::plan::Equipment::default()
    );
    assert_eq!(config.probes.timeout, Duration::from_secs(2));
    assert_eq!(config.hook_timeout, Duration::from_secs(10));
}

#[test]
fn everything_there_is_can_be_set() {
    let config = read(&full()).unwrap();
    let equipment = config.settings.equipment;
    assert_eq!(config.state_prefix, "/elsewhere");
    assert_eq!(config.settings.policy.mode, Mode::Observe);
    assert_eq!(config.settings.policy.objectives.rto_seconds, 600);
    assert_eq!(config.settings.policy.drill_blocked.len(), 2);
    assert_eq!(config.alarms, ["canary", "replication-silent"]);
    let witness = config.witness.unwrap();
    assert_eq!(
        (witness.region.as_str(), witness.name.as_str()),
        ("us-west-2", "eu: central")
    );
    assert_eq!(config.routing_alarm.as_deref(), Some("serve-from-dr-dev"));
    let records = config.records.unwrap();
    assert_eq!(records.name, "db.example.com.");
    assert_eq!(
        (
            records.primary_set_identifier.as_str(),
            records.secondary_set_identifier.as_str()
        ),
        ("primary", "dr")
    );
    let application = config.application.unwrap();
    assert_eq!(application.parameter_path, "/app/orders/database");
    assert_eq!(application.secrets.unwrap().of(Side::Dr), "orders-2");
    assert_eq!(config.auto_scaling_groups, ["web", "worker"]);
    assert_eq!(config.migration.unwrap().function.region, "eu-central-1");
    assert_eq!(config.probes.secret(Side::Primary), None);
    assert_eq!(config.probes.secret(Side::Dr).unwrap().name, "dr-abcdef");
    assert!(equipment.migration && equipment.records && equipment.global_endpoint);
    assert!(equipment.routing_alarm);
    assert!(equipment.application && equipment.instance_refresh && equipment.pre_hook);
    assert!(!equipment.post_hook);
}

#[test]
fn every_required_variable_is_named_when_it_is_not_set() {
    for variable in [
        "ENVIRONMENT",
        "NOTIFICATION_TOPIC_ARN",
        "GLOBAL_CLUSTER_ID",
        "PRIMARY_CLUSTER_ARN",
        "DR_CLUSTER_ARN",
    ] {
        let mut variables = complete();
        variables.insert(variable, " ");
        assert!(
            read(&variables).unwrap_err().contains(variable),
            "{variable} is not named"
        );
    }
}

#[test]
fn a_read_replica_is_told_by_its_own_identifier_and_nothing_else() {
    let mut variables = complete();
    variables.remove("GLOBAL_CLUSTER_ID");
    variables.insert("DR_CLUSTER_ID", "orders-2");
    assert_eq!(read(&variables).unwrap().settings.global_cluster, None);
    variables.insert("DR_CLUSTER_ID", "orders-3");
    assert!(read(&variables).unwrap_err().contains("DR_CLUSTER_ID"));
    variables.insert("DR_CLUSTER_ID", "orders-2");
    variables.insert("GLOBAL_WRITER_ENDPOINT", "true");
    assert!(read(&variables).unwrap_err().contains("GLOBAL_WRITER_ENDPOINT"));
    variables.insert("GLOBAL_CLUSTER_ID", "orders");
    assert!(read(&variables).unwrap_err().contains("DR_CLUSTER_ID"));
}

const WRONG: &[(&str, &str)] = &[
    ("AWS_REGION", "eu-central-1"),
    ("PRIMARY_REGION", "eu-west-1"),
    ("PRIMARY_CLUSTER_ARN", "orders-1"),
    (
        "DR_CLUSTER_ARN",
        "arn:aws:rds:eu-central-1:111122223333:cluster:orders-2",
    ),
    (
        "DR_CLUSTER_ARN",
        "arn:aws:rds:eu-west-1:444455556666:cluster:orders-2",
    ),
    ("DR_CLUSTER_ID", "orders-2"),
    ("STATE_PREFIX", "dr"),
    ("DR_MODE", "manual"),
    ("DR_ALARM_NAMES", "canary,canary"),
    (
        "DR_ALARM_NAMES",
        "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21",
    ),
    ("DR_WITNESS_ALARM_ARN", "canary"),
    (
        "DR_WITNESS_ALARM_ARN",
        "arn:aws:cloudwatch:us-west-2:444455556666:alarm:a",
    ),
    (
        "DR_WITNESS_ALARM_ARN",
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a",
    ),
    ("DR_QUORUM", "0"),
    ("DR_QUORUM", "11"),
    ("DR_QUORUM", "6"),
    ("DR_QUORUM", "two"),
    ("DR_CONFIRM_SECONDS", "soon"),
    ("LOSS_BUDGET_SECONDS", "none"),
    ("BLOCK_MINUTES", "-1"),
    ("SWITCHOVER_LAG_SECONDS", "1.5"),
    ("OBJECTIVE_DETECTION_SECONDS", "x"),
    ("OBJECTIVE_PROMOTION_SECONDS", "x"),
    ("OBJECTIVE_ROUTING_SECONDS", "x"),
    ("OBJECTIVE_VERIFICATION_SECONDS", "x"),
    ("OBJECTIVE_RTO_SECONDS", "x"),
    ("OBJECTIVE_RPO_SECONDS", "x"),
    ("DRILL_BLOCKED_WINDOWS", "weekdays"),
    ("DR_HOSTED_ZONE_ID", ""),
    ("DR_RECORD_NAME", ""),
    ("DR_SECONDARY_SET_IDENTIFIER", "primary"),
    ("GLOBAL_WRITER_ENDPOINT", "yes"),
    ("APPLICATION_PARAMETER_PATH", "app"),
    ("APPLICATION_PARAMETER_PATH", ""),
    ("PRIMARY_SECRET_NAME", ""),
    ("REFRESH_AUTO_SCALING_GROUPS", "1,2,3,4,5,6,7,8,9,10,11"),
    (
        "PRE_HOOK_ARN",
        "arn:aws:lambda:eu-central-1:111122223333:function:ask",
    ),
    ("POST_HOOK_ARN", "tell"),
    ("HOOK_TIMEOUT_SECONDS", "61"),
    (
        "MIGRATION_FUNCTION_ARN",
        "arn:aws:lambda:eu-central-1:111122223333:layer:x",
    ),
    ("MIGRATION_STATE_PARAMETER", ""),
    ("MIGRATION_STATE_PARAMETER", "state"),
    (
        "PRIMARY_SECRET_ARN",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a",
    ),
    ("DR_SECRET_ARN", "dr"),
    ("PROBE_TIMEOUT_MILLISECONDS", "99"),
    ("PROBE_TIMEOUT_MILLISECONDS", "5001"),
];

#[test]
fn whatever_is_wrong_is_named() {
    for &(variable, value) in WRONG {
        let mut variables = full();
        variables.insert(variable, value);
        let refused = read(&variables).expect_err(variable);
        assert!(refused.contains(variable), "{variable} is not named: {refused}");
    }
}
