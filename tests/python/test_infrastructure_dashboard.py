"""The dashboards of template.yaml: whatever they show exists in the stack, or is a metric that AWS documents."""

import json
import re

import pytest

from made import MADE_DR, MADE_PRIMARY
from stack import DR, DR_LEAST, DR_MOST, DR_REPLICA, LEAST, MIGRATION, MOST, ROOT, Stack

# Metrics of AWS's own namespaces, each with the dimensions that it is asked for with. Sources, in AWS's user guides:
# "Monitoring AWS DMS tasks", "Amazon CloudWatch metrics for Amazon Aurora", "Types of metrics for Lambda functions",
# "Available CloudWatch metrics for Amazon SQS".
TASK = frozenset({"ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"})
INSTANCE = frozenset({"ReplicationInstanceIdentifier"})
CLUSTER = frozenset({"DBClusterIdentifier"})
FUNCTION = frozenset({"FunctionName"})
DOCUMENTED = {
    "AWS/DMS": {
        "CDCLatencySource": TASK,
        "CDCLatencyTarget": TASK,
        "CDCThroughputRowsSource": TASK,
        "CDCThroughputRowsTarget": TASK,
        "FullLoadThroughputRowsTarget": TASK,
        "CPUUtilization": INSTANCE,
        "FreeableMemory": INSTANCE,
        "FreeStorageSpace": INSTANCE,
    },
    "AWS/RDS": {
        "CPUUtilization": CLUSTER,
        "DatabaseConnections": CLUSTER,
        "FreeableMemory": CLUSTER,
        "AuroraReplicaLag": CLUSTER,
        "RDSToAuroraPostgreSQLReplicaLag": CLUSTER,
        "AuroraGlobalDBReplicationLag": CLUSTER,
        "AuroraGlobalDBRPOLag": CLUSTER,
        "VolumeBytesUsed": CLUSTER,
        "EngineUptime": CLUSTER | {"Role"},
    },
    "AWS/Lambda": dict.fromkeys(["Duration", "Invocations", "Errors", "Throttles"], FUNCTION),
    # An alias has a dimension of its own beside the function's.
    "AWS/Lambda of an alias": {"Errors": FUNCTION | {"Resource"}},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible": frozenset({"QueueName"})},
}

STACKS = {
    "least": LEAST,
    "most": MOST,
    "made": MADE_PRIMARY,
    "older names": MOST | {"NameVersion": "v2-"},
    "gradual": LEAST | {"GradualDeployment": "true"},
    "dr least": DR_LEAST,
    "dr most": DR_MOST,
    "dr replica": DR_REPLICA,
    "dr made": MADE_DR,
}

# What each dashboard must show, as words of the titles.
SHOWN = {
    "MigrationDashboard": [
        "phase",
        "weights",
        "cdc latency of source and target",
        "throughput",
        "connections",
        "cpu and memory",
        "replica lag",
        "errors that the tasks log",
        "holds by code",
        "alarms",
        "duration of the functions",
        "round trips",
    ],
    "DrDashboard": [
        "phase",
        "global lag",
        "replica lag",
        "connections",
        "cpu and memory",
        "holds by code",
        "alarms",
        "duration of dr-failover",
        "round trips",
        "lose",
    ],
}


def bodies(stack):
    return {
        name: json.loads(found["DashboardBody"]) for name, found in stack.of_type("AWS::CloudWatch::Dashboard").items()
    }


def widgets(stack):
    return [widget for body in bodies(stack).values() for widget in body["widgets"]]


def metrics(stack):
    """Namespace, name and dimensions of every metric that a widget shows as such."""
    for widget in widgets(stack):
        for row in widget["properties"].get("metrics", []):
            words = [word for word in row if isinstance(word, str)]
            if words:
                yield words[0], words[1], dict(zip(words[2::2], words[3::2], strict=True))


def searches(stack):
    """What the widgets search for: names of the dimensions, and of a metric."""
    for widget in widgets(stack):
        for row in widget["properties"].get("metrics", []):
            for expression in (word["expression"] for word in row if isinstance(word, dict) and "expression" in word):
                found = re.fullmatch(r"(?:SUM\()?SEARCH\('\{([^}]+)\} (.+)', 'Sum', 60\)\)?", expression)
                assert found, expression
                namespace, *dimensions = found[1].split(",")
                terms = dict(re.findall(r'(\w+)="([^"]+)"', found[2]))
                yield namespace, sorted(dimensions), terms


def source_of(part):
    return (ROOT / "shared/core/src" / part / "metrics.rs").read_text()


def metrics_of_the_functions():
    """What the code publishes: a metric's name, and the dimension that it has besides Environment and Function."""
    code = source_of("") + source_of("dr")
    plain = dict.fromkeys(re.findall(r'plain\("(\w+)"', code) + re.findall(r'\("(Target\w+Weight)"', code))
    return plain | dict(re.findall(r'labelled\("(\w+)", "(\w+)"', code))


def counted(stack):
    """Metrics that filters of the logs make, with namespace."""
    filters = [found for kind, found in stack.every_resource() if kind == "AWS::Logs::MetricFilter"]
    return {(t["MetricNamespace"], t["MetricName"]) for found in filters for t in found["MetricTransformations"]}


def functions(stack):
    return {binary: logical for binary, logical in (MIGRATION | DR).items() if logical in stack.resources}


def instances(stack):
    made = [
        found["ReplicationInstanceIdentifier"]
        for kind, found in stack.every_resource()
        if kind == "AWS::DMS::ReplicationInstance"
    ]
    return {*made, stack.values["DmsInstanceIdentifier"]} - {""}


def clusters(stack):
    named = [stack.values["TargetClusterIdentifier"], stack.values["DrClusterArn"].rsplit(":", 1)[-1]]
    return set(named) - {""}


def is_ours(stack, name, value):
    """Whether a dimension names something of this stack."""
    task = (
        stack.properties("Route53Updater")["Environment"]["Variables"]["DMS_TASK_ARN"]
        if "Route53Updater" in stack.resources
        else ""
    )
    known = {
        "FunctionName": set(functions(stack).values()),
        "Function": set(functions(stack)),
        "Environment": {stack.values["NameVersion"] + stack.values["Environment"]},
        "ReplicationInstanceIdentifier": instances(stack),
        "ReplicationTaskIdentifier": {task.rsplit(":", 1)[-1]},
        "DBClusterIdentifier": clusters(stack),
    }
    return value in known[name]


@pytest.fixture(params=STACKS)
def stack(request):
    return Stack(STACKS[request.param])


def test_each_role_has_one_dashboard(stack):
    assert list(bodies(stack)) == (["DrDashboard"] if stack.values["Role"] == "dr" else ["MigrationDashboard"])


@pytest.mark.parametrize(("name", "parameters"), [("MigrationDashboard", MADE_PRIMARY), ("DrDashboard", MADE_DR)])
def test_a_dashboard_shows_what_people_look_for(name, parameters):
    titles = [widget["properties"]["title"].lower() for widget in bodies(Stack(parameters))[name]["widgets"]]
    assert [words for words in SHOWN[name] if not any(words in title for title in titles)] == []


def test_what_is_not_watched_is_not_shown():
    titles = [widget["properties"]["title"] for widget in widgets(Stack(LEAST))]
    assert not [title for title in titles if "CDC" in title or "target," in title or "instance" in title]
    assert not [m for m in metrics(Stack(LEAST)) if m[0] in {"AWS/DMS", "AWS/RDS"}]


def test_every_metric_is_one_of_our_own_or_documented(stack):
    ours = metrics_of_the_functions()
    assert {"Phase", "RoundTrips", "Holds", "LossEstimate"} <= set(ours)
    for namespace, name, dimensions in metrics(stack):
        if namespace == "Cutover":
            assert name in ours and ours[name] is None, f"no function publishes {name}"
            assert set(dimensions) == {"Environment", "Function"}
        elif namespace == "Cutover/DR":
            assert (name, set(dimensions)) == ("ServeFromDr", {"Environment"})
        elif namespace.startswith("Cutover/"):
            assert (namespace, name) in counted(stack), f"nothing counts {namespace} {name}"
            assert dimensions == {}
        else:
            assert DOCUMENTED[namespace][name] == set(dimensions), f"{namespace} {name}"


def test_every_dimension_names_something_of_the_stack(stack):
    found = list(metrics(stack))
    assert found
    for namespace, metric, dimensions in found:
        for name, value in dimensions.items():
            assert is_ours(stack, name, value), f"{namespace} {metric}: {name} {value}"


def test_every_search_is_for_a_metric_of_ours_with_its_very_dimensions(stack):
    ours = metrics_of_the_functions()
    found = list(searches(stack))
    assert "Holds" in [terms["MetricName"] for _, _, terms in found]
    for namespace, dimensions, terms in found:
        assert namespace == "Cutover"
        assert dimensions == sorted({"Environment", "Function", ours[terms["MetricName"]]})
        assert is_ours(stack, "Environment", terms["Environment"])


def test_every_alarm_of_the_stack_is_on_the_dashboard_and_no_other(stack):
    (shown,) = [widget["properties"]["alarms"] for widget in widgets(stack) if widget["type"] == "alarm"]
    region, account = stack.values["AWS::Region"], stack.values["AWS::AccountId"]
    kinds = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
    named = {found["AlarmName"] for kind, found in stack.every_resource() if kind in kinds}
    # Those that a health check or CodeDeploy follows are not for people.
    named = {name for name in named if not name.startswith("cutover-target-readers-") and "-deployment-" not in name}
    assert sorted(shown) == sorted(f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}" for name in named)


def test_every_widget_is_of_the_region_of_the_stack(stack):
    for widget in widgets(stack):
        assert widget["properties"].get("region", stack.values["AWS::Region"]) == stack.values["AWS::Region"]
        assert 0 < widget["width"] <= 24


def test_every_alarm_of_the_stack_is_on_a_metric_that_is_sent(stack):
    for kind, alarm in stack.every_resource():
        if kind != "AWS::CloudWatch::Alarm":
            continue
        for seen in (
            [alarm]
            if "MetricName" in alarm
            else [q["MetricStat"]["Metric"] for q in alarm["Metrics"] if "MetricStat" in q]
        ):
            namespace, name = seen["Namespace"], seen["MetricName"]
            dimensions = {d["Name"] for d in seen.get("Dimensions", [])}
            namespace += " of an alias" if "Resource" in dimensions else ""
            if namespace in DOCUMENTED:
                assert DOCUMENTED[namespace][name] == dimensions, f"{alarm['AlarmName']}: {name} {dimensions}"
            elif namespace == "Cutover":
                assert name in metrics_of_the_functions() and dimensions == {"Environment", "Function"}
            else:
                assert name == "ServeFromDr" or (namespace, name) in counted(stack), alarm["AlarmName"]
