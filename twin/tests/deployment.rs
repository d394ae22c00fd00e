//! What a template deploys, read and put to work.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use twin::deployment::{self, Deployment, DeploymentError};
use twin::events::RuleTrigger;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const TEMPLATE: &str = include_str!("deployment/template.yaml");

fn parameters(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn read(given: &[(&str, &str)]) -> Deployment {
    deployment::read(TEMPLATE, &parameters(given), ACCOUNT, REGION).unwrap()
}

fn dev() -> Deployment {
    read(&[("Environment", "dev"), ("TaskArns", "arn:task:A, arn:task:B")])
}

/// Reads a template of one function with this variable.
fn variable(value: &str) -> Result<String, DeploymentError> {
    let template = format!(
        "Parameters:\n  Name: {{Type: String, Default: orders}}\n\
         Conditions:\n  Loops: !Condition Loops\n\
         Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Environment:\n        \
         Variables:\n          V: {value}\n"
    );
    let deployment = deployment::read(&template, &BTreeMap::new(), ACCOUNT, REGION)?;
    Ok(deployment.functions[0].environment["V"].clone())
}

#[test]
fn a_function_has_its_environment_and_limits() {
    let deployment = dev();
    let names: Vec<_> = deployment
        .functions
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    assert_eq!(names, ["monitor-dev", "rollback-dev"]);
    let monitor = &deployment.functions[0];
    assert_eq!(monitor.logical_id, "Monitor");
    assert_eq!(monitor.timeout, Duration::from_mins(1));
    let variables: Vec<_> = monitor
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        variables,
        [
            ("ENVIRONMENT", "dev"),
            ("FIRST_TASK", "arn:task:A"),
            ("LIMIT", "60"),
            ("PREFIX", "/migration/dev"),
            ("TASK_ARNS", "arn:task:A,arn:task:B"),
            ("TOPIC", "arn:aws:sns:eu-central-1:111122223333:cutover-dev"),
        ]
    );
    assert_eq!(monitor.asynchronous.age_max, Duration::from_mins(5));
    assert_eq!(monitor.asynchronous.retries_max, 1);
    let queue = "arn:aws:sqs:eu-central-1:111122223333:letters-dev";
    assert_eq!(monitor.asynchronous.dead_letter.as_deref(), Some(queue));
    assert_eq!(deployment.functions[1].timeout, Duration::from_secs(30));
    assert_eq!(deployment.queues, [queue]);
    assert_eq!(
        deployment.topics,
        ["arn:aws:sns:eu-central-1:111122223333:cutover-dev"]
    );
    let given = read(&[
        ("Environment", "dev"),
        ("TaskArns", "a"),
        ("StatePrefix", "/orders"),
    ]);
    assert_eq!(given.functions[0].environment["PREFIX"], "/orders");
}

#[test]
fn a_resource_whose_condition_does_not_hold_is_absent() {
    let without = dev();
    let with = read(&[
        ("Environment", "dev"),
        ("TaskArns", "a"),
        ("AlarmTopicArn", "arn:aws:sns:x:1:alarms"),
    ]);
    assert_eq!(without.subscriptions.len() + 1, with.subscriptions.len());
    assert!(
        with.subscriptions
            .iter()
            .any(|one| one.topic == "arn:aws:sns:x:1:alarms")
    );
    assert_eq!(without.alarms.len(), 1);
    assert_eq!(without.alarms[0]["Threshold"], json!(300));
    assert_eq!(without.alarms[0]["AlarmName"], "cutover-lag-dev");
}

#[test]
fn rules_have_their_patterns_and_targets() {
    let deployment = dev();
    let rule = deployment
        .rules
        .iter()
        .find(|rule| rule.name == "cutover-dev-AlarmRule")
        .unwrap();
    assert_eq!(rule.targets[0].retry.age_max, Duration::from_mins(5));
    assert_eq!(rule.targets[0].retry.retries_max, 2);
    assert!(
        rule.targets[0]
            .dead_letter
            .as_deref()
            .unwrap()
            .ends_with(":letters-dev")
    );
    let rule = deployment
        .rules
        .iter()
        .find(|rule| rule.name == "cutover-dev-MonitorTasks")
        .unwrap();
    let RuleTrigger::Pattern(pattern, _) = &rule.trigger else {
        panic!("{rule:?}");
    };
    assert!(pattern.matches(&json!({"source": "aws.dms", "resources": ["arn:task:B"]})));
    assert!(!pattern.matches(&json!({"source": "aws.dms", "resources": ["arn:task:C"]})));
    let off = deployment
        .rules
        .iter()
        .find(|rule| rule.name == "cutover-dev-RollbackLater")
        .unwrap();
    assert!(!off.enabled);
}

#[test]
fn intrinsic_functions_give_what_cloudformation_gives() {
    for (value, expected) in [
        (
            "!Sub '${Name}-${AWS::Region}-${!literal}'",
            "orders-eu-central-1-${literal}",
        ),
        ("!Sub ['${A}/${Name}', {A: !Join ['-', [a, b]]}]", "a-b/orders"),
        (
            "!Sub '${F.Arn}'",
            "arn:aws:lambda:eu-central-1:111122223333:function:cutover-F",
        ),
        ("!Select [1, !Split [':', 'a:b:c']]", "b"),
        ("Fn::Join: [',', [1, true, x]]", "1,true,x"),
        ("!Ref AWS::AccountId", "111122223333"),
        ("true", "true"),
    ] {
        let value = if value.starts_with("Fn::") {
            format!("{{{value}}}")
        } else {
            value.to_owned()
        };
        assert_eq!(variable(&value).as_deref(), Ok(expected), "{value}");
    }
}

#[test]
fn what_cannot_be_resolved_is_named() {
    for (value, named) in [
        ("!ImportValue other", "Fn::ImportValue"),
        ("!Ref Nothing", "Nothing"),
        ("!GetAtt Nothing.Arn", "Nothing"),
        ("!GetAtt F.Version", "Version"),
        ("!If [Missing, a, b]", "Missing"),
        ("!If [Loops, a, b]", "circle"),
        ("!Select [7, [a]]", "Fn::Select"),
        ("!Sub '${Name'", "Fn::Sub"),
    ] {
        let error = variable(value).unwrap_err().to_string();
        assert!(error.contains(named), "{value}: {error}");
        assert!(error.starts_with("in F: "), "{error}");
    }
    let error = |given| deployment::read(TEMPLATE, &parameters(given), ACCOUNT, REGION).unwrap_err();
    assert_eq!(
        error(&[("TaskArns", "a")]),
        DeploymentError::MissingParameter("Environment".to_owned())
    );
    let unknown = error(&[("Environment", "dev"), ("TaskArns", "a"), ("Typo", "x")]);
    assert_eq!(unknown, DeploymentError::UnknownParameter("Typo".to_owned()));
    assert!(deployment::read("a: [", &BTreeMap::new(), ACCOUNT, REGION).is_err());
}

#[test]
fn the_stack_of_the_dr_region_can_be_read() {
    let stack = include_str!("../../template.yaml");
    let given = [
        ("Role", "dr"),
        ("Environment", "dev"),
        ("DrGlobalClusterId", "orders-global"),
        (
            "PrimaryClusterArn",
            "arn:aws:rds:eu-central-1:111122223333:cluster:orders",
        ),
        (
            "DrClusterArn",
            "arn:aws:rds:eu-west-1:111122223333:cluster:orders-dr",
        ),
    ];
    let deployment = deployment::read(stack, &parameters(&given), ACCOUNT, "eu-west-1").unwrap();
    let [function] = deployment.functions.as_slice() else {
        panic!("{:?}", deployment.functions)
    };
    assert_eq!(function.name, "dr-failover-dev");
    assert_eq!(function.environment["DR_MODE"], "auto");
    assert_eq!(function.environment["PRIMARY_REGION"], "eu-central-1");
    assert!(!function.environment.contains_key("DMS_TASK_ARN"));
    assert_eq!(function.timeout, Duration::from_mins(5));
    let names: Vec<&str> = deployment
        .alarms
        .iter()
        .map(|alarm| alarm["AlarmName"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"cutover-dr-replication-dev") && names.contains(&"serve-from-dr-dev"),
        "{names:?}"
    );
    // The drill's schedule is off.
    let schedules = deployment
        .rules
        .iter()
        .filter(|rule| matches!(rule.trigger, RuleTrigger::Schedule(_)));
    assert_eq!(schedules.count(), 1);
    let on = [given.as_slice(), &[("DrillEnabled", "true")]].concat();
    let refused = deployment::read(stack, &parameters(&on), ACCOUNT, "eu-west-1").unwrap_err();
    assert!(refused.to_string().contains("cron"), "{refused}");
}

#[test]
fn the_stack_itself_can_be_read() {
    let stack = include_str!("../../template.yaml");
    let given = parameters(&[
        ("Environment", "dev"),
        ("HostedZoneId", "Z0000000000TWIN"),
        ("DmsTaskArn", "arn:aws:dms:eu-central-1:111122223333:task:ORDERS"),
    ]);
    let deployment = deployment::read(stack, &given, ACCOUNT, REGION).unwrap();
    let updater = deployment
        .functions
        .iter()
        .find(|function| function.name == "route53-updater-dev")
        .unwrap();
    assert_eq!(updater.environment["HOSTED_ZONE_ID"], "Z0000000000TWIN");
    assert_eq!(updater.environment["STATE_PREFIX"], "/migration/dev");
    assert_eq!(updater.timeout, Duration::from_mins(1));
    assert!(updater.asynchronous.dead_letter.is_some());
    let ticks = |rule: &&twin::events::Rule| rule.targets.iter().any(|target| target.arn == updater.arn);
    let schedule = deployment.rules.iter().find(ticks).unwrap();
    assert_eq!(schedule.targets[0].input.as_deref(), Some(r#"{"action":"tick"}"#));
}
