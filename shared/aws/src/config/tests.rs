//! What the configuration takes, and how it names what it refuses.

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
