"""The alarms that template.yaml brings along, and the topic that tells people."""

import pytest

from stack import DR_MOST, LEAST, MOST, Stack, as_list

BUILT_IN = {
    "LagAlarm": {"DmsInstanceIdentifier": "orders-replication"},
    "TargetCpuAlarm": {"TargetClusterIdentifier": "orders-v2"},
    "TargetConnectionsAlarm": {"TargetClusterIdentifier": "orders-v2", "TargetConnectionsMax": "800"},
}


def built_in(stack):
    return {name for name in stack.of_type("AWS::CloudWatch::Alarm") if name in BUILT_IN}


def test_each_alarm_comes_with_its_own_parameter():
    assert built_in(Stack(LEAST)) == set()
    assert built_in(Stack(LEAST | BUILT_IN["LagAlarm"])) == {"LagAlarm"}
    assert built_in(Stack(LEAST | BUILT_IN["TargetCpuAlarm"])) == {"TargetCpuAlarm"}
    assert built_in(Stack(LEAST | BUILT_IN["TargetConnectionsAlarm"])) == {"TargetCpuAlarm", "TargetConnectionsAlarm"}


@pytest.mark.parametrize("name", BUILT_IN)
def test_silence_is_bad_news_and_people_are_told(most, name):
    alarm = most.properties(name)
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["AlarmActions"] == ["NotificationTopic"]


def test_silence_is_good_news_only_for_queues(most):
    alarms = most.of_type("AWS::CloudWatch::Alarm")
    assert {alarm["TreatMissingData"] for name, alarm in alarms.items() if name not in BUILT_IN} == {"notBreaching"}
    assert all(alarm["Namespace"] == "AWS/SQS" for name, alarm in alarms.items() if name not in BUILT_IN)


def test_lag_is_both_latencies_of_the_forward_task_by_the_last_segment_of_its_arn(most):
    alarm = most.properties("LagAlarm")
    assert (alarm["AlarmName"], alarm["Threshold"]) == ("cutover-lag-dev", "300")
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    assert [query["Id"] for query in alarm["Metrics"] if query["ReturnData"]] == ["lag"]
    assert queries["lag"]["Expression"] == "source + target"
    for query, metric in (("source", "CDCLatencySource"), ("target", "CDCLatencyTarget")):
        statistic = queries[query]["MetricStat"]
        assert (statistic["Metric"]["Namespace"], statistic["Metric"]["MetricName"]) == ("AWS/DMS", metric)
        assert {d["Name"]: d["Value"] for d in statistic["Metric"]["Dimensions"]} == {
            "ReplicationInstanceIdentifier": "orders-replication",
            "ReplicationTaskIdentifier": "FORWARDTASK",
        }


@pytest.mark.parametrize(
    ("name", "called", "metric", "threshold"),
    [
        ("TargetCpuAlarm", "cutover-target-cpu-dev", "CPUUtilization", "90"),
        ("TargetConnectionsAlarm", "cutover-target-connections-dev", "DatabaseConnections", "800"),
    ],
)
def test_the_load_is_that_of_the_busiest_instance_of_the_target(most, name, called, metric, threshold):
    alarm = most.properties(name)
    assert (alarm["AlarmName"], alarm["Threshold"], alarm["Statistic"]) == (called, threshold, "Maximum")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/RDS", metric)
    assert alarm["Dimensions"] == [{"Name": "DBClusterIdentifier", "Value": "orders-v2"}]


@pytest.mark.parametrize("parameters", [MOST, DR_MOST])
def test_notices_are_encrypted_with_a_key_that_alarms_and_events_may_use(parameters):
    most = Stack(parameters)
    assert most.properties("NotificationTopic")["KmsMasterKeyId"] == "NotificationKey.Arn"
    key = most.properties("NotificationKey")["KeyPolicy"]["Statement"]
    by_service = {
        statement["Principal"]["Service"]: statement for statement in key if "Service" in statement["Principal"]
    }
    for service in ("cloudwatch.amazonaws.com", "events.amazonaws.com"):
        assert set(by_service[service]["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    # With a condition every notice from EventBridge would be lost in silence.
    assert "Condition" not in by_service["events.amazonaws.com"]


def documents(stack):
    """Every policy on a resource: who may do what to it."""
    for kind, property_name in (
        ("AWS::SNS::TopicPolicy", "PolicyDocument"),
        ("AWS::SQS::QueuePolicy", "PolicyDocument"),
        ("AWS::KMS::Key", "KeyPolicy"),
    ):
        for name, properties in stack.of_type(kind).items():
            yield name, properties[property_name]["Statement"]


@pytest.mark.parametrize("parameters", [MOST, DR_MOST])
def test_nobody_at_large_is_allowed_anything(parameters):
    found = list(documents(Stack(parameters)))
    assert len(found) == 3
    for name, statements in found:
        for statement in statements:
            principals = statement["Principal"]
            everyone = principals == "*" or "*" in [p for value in principals.values() for p in as_list(value)]
            assert not everyone or statement["Effect"] == "Deny", f"{name} {statement['Sid']}"


@pytest.mark.parametrize("parameters", [MOST, DR_MOST])
def test_no_policy_on_a_resource_takes_unencrypted_transport(parameters):
    for name, statements in documents(Stack(parameters)):
        if name == "NotificationKey":
            continue
        (denied,) = [statement for statement in statements if statement["Effect"] == "Deny"]
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
