"""The DR region's alarms in template.yaml: what votes, what tells people, and what traffic follows."""

import pytest

from stack import DR_LEAST, DR_MOST, DR_REGION, DR_REPLICA, Stack

SIGNALS = ["DrReplicationAlarm", "DrLagAlarm"]

MISSING_DATA = {
    # No lag at all is replication that is cut off.
    "DrReplicationAlarm": "breaching",
    "DrLagAlarm": "breaching",
    # No tick is a function that watches nothing.
    "DrFailoverSilentAlarm": "breaching",
    "DrFailoverErrorsAlarm": "notBreaching",
    "DrFailoverDeadLettersAlarm": "notBreaching",
    # A dead function must not move traffic.
    "ServeFromDrAlarm": "ignore",
}


def alarms(stack):
    return stack.of_type("AWS::CloudWatch::Alarm")


def lag(alarm):
    (query,) = [query for query in alarm["Metrics"] if query["Id"] == "lag"]
    return query["MetricStat"]


def shown(alarm):
    (query,) = [query for query in alarm["Metrics"] if query["ReturnData"]]
    return query["Expression"]


@pytest.mark.parametrize("parameters", [DR_LEAST, DR_MOST, DR_REPLICA])
def test_what_missing_data_means_is_said_for_each_alarm(parameters):
    found = alarms(Stack(parameters))
    assert {name: alarm["TreatMissingData"] for name, alarm in found.items()} == MISSING_DATA


def test_every_alarm_but_the_switch_tells_people(dr_most):
    for name, alarm in alarms(dr_most).items():
        actions = [] if name == "ServeFromDrAlarm" else ["NotificationTopic"]
        assert alarm.get("AlarmActions", []) == actions, name


def test_no_metric_votes_twice(dr_most):
    voting = dr_most.properties("DrFailover")["Environment"]["Variables"]["DR_ALARM_NAMES"].split(",")
    own = [alarm for alarm in alarms(dr_most).values() if alarm["AlarmName"] in voting]
    assert [alarm["AlarmName"] for alarm in own] == ["cutover-dr-replication-dev"]
    assert voting[1:] == DR_MOST["DrCanaryAlarms"].split(",")


@pytest.mark.parametrize("name", SIGNALS)
def test_lag_is_that_of_the_dr_cluster_in_its_own_region_in_seconds(dr_least, name):
    statistic = lag(alarms(dr_least)[name])
    assert (statistic["Stat"], statistic["Period"]) == ("Maximum", 60)
    assert (statistic["Metric"]["Namespace"], statistic["Metric"]["MetricName"]) == ("AWS/RDS", "AuroraGlobalDBRPOLag")
    assert statistic["Metric"]["Dimensions"] == [{"Name": "DBClusterIdentifier", "Value": "orders-dr"}]
    # The metric is in milliseconds.
    assert shown(alarms(dr_least)[name]) == "lag / 1000"


@pytest.mark.parametrize("name", SIGNALS)
def test_a_read_replica_has_a_metric_of_its_own_in_seconds_that_is_negative_when_it_stands_still(name):
    alarm = alarms(Stack(DR_REPLICA))[name]
    assert lag(alarm)["Metric"]["MetricName"] == "RDSToAuroraPostgreSQLReplicaLag"
    assert shown(alarm) == "IF(lag < 0, 86400, lag)"


@pytest.mark.parametrize(
    ("name", "called", "periods", "parameter", "default"),
    [
        ("DrReplicationAlarm", "cutover-dr-replication-dev", 2, "DrLagAlarmSeconds", "300"),
        ("DrLagAlarm", "cutover-dr-lag-dev", 5, "LossBudgetSeconds", "300"),
    ],
)
def test_lag_is_too_much_above_its_parameter(name, called, periods, parameter, default):
    alarm = alarms(Stack(DR_LEAST))[name]
    assert (alarm["AlarmName"], alarm["ComparisonOperator"]) == (called, "GreaterThanThreshold")
    assert (alarm["EvaluationPeriods"], alarm["Threshold"]) == (periods, default)
    assert "DatapointsToAlarm" not in alarm
    assert alarms(Stack(DR_LEAST | {parameter: "77"}))[name]["Threshold"] == "77"


def test_a_function_that_fails_or_says_nothing_is_noticed_within_minutes(dr_least):
    errors, silent = (alarms(dr_least)[f"DrFailover{what}Alarm"] for what in ("Errors", "Silent"))
    assert (errors["Namespace"], errors["MetricName"], errors["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert errors["Dimensions"] == [{"Name": "FunctionName", "Value": "DrFailover"}]
    assert (errors["EvaluationPeriods"], errors["DatapointsToAlarm"], errors["Period"]) == (3, 2, 60)
    assert (silent["Statistic"], silent["ComparisonOperator"], silent["Threshold"]) == (
        "SampleCount",
        "LessThanThreshold",
        1,
    )
    assert (silent["EvaluationPeriods"], silent["Period"]) == (3, 60)


METRIC_OF_WHO_SERVES = {
    "Namespace": "Cutover/DR",
    "MetricName": "ServeFromDr",
    "Dimensions": [{"Name": "Environment", "Value": "dev"}],
}


@pytest.mark.parametrize("name", ["ServeFromDrAlarm", "DrFailoverSilentAlarm"])
def test_who_serves_is_what_the_function_publishes(dr_least, name):
    assert METRIC_OF_WHO_SERVES.items() <= alarms(dr_least)[name].items()
    permission = [
        statement
        for statement in dr_least.properties("DrTrafficPolicy")["PolicyDocument"]["Statement"]
        if statement["Action"] == "cloudwatch:PutMetricData"
    ]
    assert permission[0]["Condition"] == {"StringEquals": {"cloudwatch:namespace": METRIC_OF_WHO_SERVES["Namespace"]}}


def test_one_reading_of_a_minute_switches(dr_least):
    alarm = alarms(dr_least)["ServeFromDrAlarm"]
    assert alarm["AlarmName"] == "serve-from-dr-dev"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Statistic"]) == (60, 1, "Maximum")


def test_the_alarm_is_one_that_health_checks_can_follow(dr_least):
    # Neither metric math nor M out of N nor periods below a minute.
    alarm = alarms(dr_least)["ServeFromDrAlarm"]
    assert not {"Metrics", "DatapointsToAlarm", "ExtendedStatistic"} & set(alarm)
    assert alarm["Period"] % 60 == 0


def healthy(check, alarm_state):
    """What a health check says, by its configuration."""
    return (alarm_state == "OK") != check["HealthCheckConfig"]["Inverted"]


def test_health_checks_follow_that_alarm_of_the_dr_region_and_keep_what_they_knew(dr_least):
    checks = dr_least.of_type("AWS::Route53::HealthCheck")
    assert set(checks) == {"DrPrimaryHealthCheck", "DrSecondaryHealthCheck"}
    for check in checks.values():
        config = check["HealthCheckConfig"]
        assert config["Type"] == "CLOUDWATCH_METRIC"
        assert config["AlarmIdentifier"] == {"Name": "ServeFromDrAlarm", "Region": DR_REGION}
        assert config["InsufficientDataHealthStatus"] == "LastKnownStatus"


@pytest.mark.parametrize("state", ["OK", "ALARM"])
def test_exactly_one_side_is_healthy_and_it_is_the_side_that_serves(dr_least, state):
    checks = dr_least.of_type("AWS::Route53::HealthCheck")
    assert healthy(checks["DrPrimaryHealthCheck"], state) == (state == "OK")
    assert healthy(checks["DrSecondaryHealthCheck"], state) == (state == "ALARM")


def test_the_pair_of_records_comes_with_zone_name_and_both_endpoints(dr_least, dr_most):
    assert dr_least.of_type("AWS::Route53::RecordSet") == {}
    assert Stack(DR_REPLICA).of_type("AWS::Route53::RecordSet") == {}
    pair = dr_most.of_type("AWS::Route53::RecordSet")
    told_apart_by = ("Failover", "SetIdentifier", "HealthCheckId", "ResourceRecords")
    assert {name: tuple(record[key] for key in told_apart_by) for name, record in pair.items()} == {
        "DrPrimaryRecord": ("PRIMARY", "primary", "DrPrimaryHealthCheck", [DR_MOST["PrimaryEndpoint"]]),
        "DrSecondaryRecord": ("SECONDARY", "dr", "DrSecondaryHealthCheck", [DR_MOST["DrEndpoint"]]),
    }
    for record in pair.values():
        assert (record["HostedZoneId"], record["Name"], record["Type"]) == ("Z9876543210", "db.example.com", "CNAME")
        assert record["TTL"] == "30"


def test_a_migration_has_nothing_of_this(most):
    assert not set(MISSING_DATA) & set(alarms(most))
    assert most.of_type("AWS::Route53::HealthCheck") == {}
    assert most.of_type("AWS::Route53::RecordSet") == {}
