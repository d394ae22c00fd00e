"""The alarms that only tell people: what each watches, which parameter its threshold is, and what silence means."""

import re

import pytest

from made import MADE_DR, MADE_PRIMARY, made
from stack import DR_LEAST, DR_MOST, DR_REPLICA, LEAST, MOST, ROOT, Stack, as_written

# Alarm: metric, parameter of the threshold, its default, what is too much of it, and what missing data means.
TARGET = {
    "cutover-replica-lag-warn-dev": ("AuroraReplicaLag", "ReplicaLagWarnMilliseconds", "1000", "missing"),
    "cutover-replica-lag-critical-dev": ("AuroraReplicaLag", "ReplicaLagCriticalMilliseconds", "5000", "missing"),
    "cutover-cpu-dev": ("CPUUtilization", "CpuPercent", "80", "missing"),
    "cutover-connections-warn-dev": ("DatabaseConnections", "ConnectionsWarnPercent", "80", "missing"),
    "cutover-connections-critical-dev": ("DatabaseConnections", "ConnectionsCriticalPercent", "95", "missing"),
    "cutover-storage-dev": ("VolumeBytesUsed", "StoragePercent", "80", "missing"),
    "cutover-slow-queries-dev": ("SlowQueries", "SlowQueriesMax", "10", "notBreaching"),
}
REPLICATION = {
    "cutover-cdc-latency-source-dev": ("CDCLatencySource", "CdcLatencySeconds", "60", "breaching"),
    "cutover-cdc-latency-target-dev": ("CDCLatencyTarget", "CdcLatencySeconds", "60", "breaching"),
    "cutover-dms-task-errors-dev": ("TaskErrors", "DmsTaskErrorsMax", "0", "notBreaching"),
    "cutover-dms-cpu-dev": ("CPUUtilization", "CpuPercent", "80", "missing"),
    "cutover-dms-storage-dev": ("FreeStorageSpace", "StoragePercent", "80", "missing"),
}
DR = {name.replace("cutover-", "cutover-dr-"): row for name, row in TARGET.items()} | {
    "cutover-dr-global-lag-dev": ("AuroraGlobalDBRPOLag", "GlobalLagSeconds", "60", "breaching"),
    "cutover-dr-failover-throttles-dev": ("Throttles", "ThrottlesMax", "0", "notBreaching"),
}
FUNCTION = {
    "errors": ("Errors", "ErrorsMax", "0", "notBreaching"),
    "throttles": ("Throttles", "ThrottlesMax", "0", "notBreaching"),
    "put-off": ("PutOff", "PutOffMax", "0", "notBreaching"),
}
MIGRATION = (
    TARGET
    | REPLICATION
    | {
        f"cutover-{function}-{what}-dev": row
        for function in ("route53-updater", "dms-monitor", "alarm-rollback")
        for what, row in FUNCTION.items()
    }
)
TABLES = [(MADE_PRIMARY, MIGRATION), (MADE_DR, DR)]
ROWS = [(parameters, name) for parameters, table in TABLES for name in table]


def nested(stack):
    """Alarms of nested stacks by name, composites among them."""
    inner = [found for part in stack.all_nested().values() for found in part.every_resource()]
    return {alarm["AlarmName"]: alarm for kind, alarm in inner if kind.endswith("Alarm") and "AWS::CloudWatch" in kind}


def metric(alarm):
    if "MetricName" in alarm:
        return alarm
    (seen,) = [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query]
    return seen


def expression(alarm):
    (shown,) = [query["Expression"] for query in alarm["Metrics"] if query.get("ReturnData")]
    return shown


def table_of(parameters):
    return dict(next(table for known, table in TABLES if known is parameters))


@pytest.mark.parametrize(("parameters", "table"), TABLES)
def test_these_are_the_alarms(parameters, table):
    others = {"cutover-target-readers-dev", "cutover-dr-canaries-dev", "cutover-dr-disaster-dev"}
    missed = {f"cutover-{function}-missed-dev" for function in ("route53-updater", "dms-monitor", "alarm-rollback")}
    assert set(nested(Stack(parameters))) - others - missed == set(table)


@pytest.mark.parametrize(("parameters", "name"), ROWS)
def test_an_alarm_watches_one_metric_above_its_parameter(parameters, name):
    watched, parameter, default, missing = table_of(parameters)[name]
    alarm = nested(Stack(parameters))[name]
    assert metric(alarm)["MetricName"] == watched
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == ("GreaterThanThreshold", missing)
    assert as_written()["Parameters"][parameter]["Default"] == int(default)
    assert alarm["Threshold"] == default
    assert nested(Stack(parameters | {parameter: "77"}))[name]["Threshold"] == "77"


@pytest.mark.parametrize("parameters", [MADE_PRIMARY, MADE_DR])
def test_people_are_told_of_each(parameters):
    for name, alarm in nested(Stack(parameters)).items():
        # That one moves reads by a health check, and tells nobody.
        assert alarm.get("AlarmActions", []) == ([] if "target-readers" in name else ["NotificationTopic"]), name


@pytest.mark.parametrize("path", ["alarms-function", "alarms-replication", "alarms-database", "dns"])
def test_beside_every_decision_on_missing_data_is_a_reason(path):
    lines = (ROOT / f"infrastructure/{path}.yaml").read_text().splitlines()
    decisions = [number for number, line in enumerate(lines) if "TreatMissingData" in line]
    assert decisions
    for number in decisions:
        assert lines[number - 1].strip().startswith("# "), f"{path}.yaml:{number + 1}"


def test_eight_hundred_connections_are_too_many_by_default():
    alarm = nested(made("migration"))["cutover-connections-warn-dev"]
    seen, threshold = 801, float(alarm["Threshold"])
    assert expression(alarm) == "100 * seen / 1000"
    assert 100 * seen / 1000 > threshold >= 100 * (seen - 1) / 1000


def test_percent_of_storage_is_of_what_there_is():
    alarms = nested(Stack(MADE_PRIMARY | {"DmsStorageGiB": "200", "StorageMaxGiB": "262144"}))
    assert expression(alarms["cutover-dms-storage-dev"]) == "100 * (1 - seen / (200 * 1073741824))"
    assert expression(alarms["cutover-storage-dev"]) == "100 * seen / (262144 * 1073741824)"


def test_a_schedule_that_nothing_comes_of_is_noticed_although_nothing_is_sent():
    alarm = nested(Stack(LEAST | {"MissedMinutes": "4"}))["cutover-route53-updater-missed-dev"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Period"]) == ("Invocations", "Sum", 60)
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["EvaluationPeriods"]) == (
        "LessThanThreshold",
        1,
        "4",
    )
    assert alarm["TreatMissingData"] == "breaching"


@pytest.mark.parametrize("function", ["Route53Updater", "DmsMonitor", "AlarmRollback"])
def test_each_function_of_a_migration_is_watched_by_its_name(function):
    inner = made("migration").nested(f"Watch{function}")
    alarms = inner.of_type("AWS::CloudWatch::Alarm")
    # What the function itself sends is under the name that it has in every environment.
    assert alarms.pop("PutOff")["Dimensions"] == [
        {"Name": "Environment", "Value": "dev"},
        {"Name": "Function", "Value": re.sub(r"\B([A-Z])", r"-\1", function).lower()},
    ]
    for alarm in alarms.values():
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": function}]
    assert set(alarms) == {"Errors", "Throttles", "Missed"}


def test_what_is_not_there_is_not_watched():
    assert set(nested(Stack(LEAST))) == {
        f"cutover-{function}-{what}-dev"
        for function in ("route53-updater", "dms-monitor", "alarm-rollback")
        for what in ("errors", "throttles", "put-off", "missed")
    }
    watched = set(nested(Stack(MOST)))
    assert "cutover-cpu-dev" in watched
    # Nobody counts what is in the logs.
    assert not {"cutover-slow-queries-dev", "cutover-dms-task-errors-dev"} & watched
    assert "cutover-dr-disaster-dev" not in nested(Stack(DR_LEAST))


def test_only_a_secondary_cluster_of_a_global_one_has_global_lag():
    assert "cutover-dr-global-lag-dev" in nested(Stack(DR_LEAST))
    assert "cutover-dr-global-lag-dev" not in nested(Stack(DR_REPLICA))


def test_canaries_are_one_alarm_and_with_cut_replication_another():
    alarms = nested(Stack(DR_MOST))
    assert alarms["cutover-dr-canaries-dev"]["AlarmRule"] == 'ALARM("orders-canary") OR ALARM("orders checkout")'
    # By the names that the alarms have: a reference in a rule is a name.
    assert alarms["cutover-dr-disaster-dev"]["AlarmRule"] == 'ALARM("Canaries") AND ALARM("DrReplicationAlarm")'


def test_the_reference_tells_the_thresholds_that_there_are():
    reference = (ROOT / "docs/reference.md").read_text().split("## Limits")[0]
    told = re.findall(r"`(\w+)` \((\d+)\)", reference)
    declared = as_written()["Parameters"]
    assert {"CdcLatencySeconds", "GlobalLagSeconds", "MissedMinutes"} <= {name for name, _ in told}
    assert [(name, value) for name, value in told if str(declared[name]["Default"]) != value] == []


def test_dead_letters_have_a_threshold_of_their_own():
    stack = Stack(LEAST | {"DeadLettersMax": "5"})
    alarms = [
        alarm for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items() if name.endswith("DeadLettersAlarm")
    ]
    assert [alarm["Threshold"] for alarm in alarms] == ["5", "5", "5"]
