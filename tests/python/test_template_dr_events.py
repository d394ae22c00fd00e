"""What template.yaml starts dr-failover by: the clock, its alarms, RDS events of two regions, which one forwards."""

import json

import pytest

from clients import ACCOUNT, REGION
from stack import (
    DR_CLUSTER,
    DR_LEAST,
    DR_MOST,
    DR_REGION,
    DR_REPLICA,
    GLOBAL_CLUSTER,
    LEAST,
    PRIMARY_CLUSTER,
    Stack,
)
from test_template_events import alarm_event, matches, patterns, rules

BUS = f"arn:aws:events:{DR_REGION}:{ACCOUNT}:event-bus/default"

# EventBridge's limit for a rule's pattern.
PATTERN_BYTES_MAX = 2048


def rds_event(subject, resource, region=DR_REGION, **more):
    envelope = {"source": "aws.rds", "account": ACCOUNT, "region": region, "resources": [resource], "detail": {}}
    return envelope | {"detail-type": f"RDS {subject} Event"} | more


def dr_alarm_event(name, state="ALARM", **more):
    return alarm_event(name, state, **({"region": DR_REGION} | more))


def starting(stack, event):
    return {name for name, pattern in patterns(stack).items() if matches(pattern, event)}


@pytest.mark.parametrize("parameters", [DR_LEAST, DR_MOST, DR_REPLICA])
def test_these_are_the_rules(parameters):
    assert set(rules(Stack(parameters))) == {
        "DrFailoverTick",
        "DrFailoverDrill",
        "DrFailoverAlarms",
        "DrFailoverClusters",
        "DrFailoverInstances",
    }


@pytest.mark.parametrize("state", ["ALARM", "OK"])
@pytest.mark.parametrize("name", ["cutover-dr-replication-dev", "orders-canary", "orders checkout"])
def test_alarms_that_vote_start_the_function(dr_most, name, state):
    assert starting(dr_most, dr_alarm_event(name, state)) == {"DrFailoverAlarms"}


@pytest.mark.parametrize(
    "event",
    [
        dr_alarm_event("orders-canary", "INSUFFICIENT_DATA"),
        dr_alarm_event("orders-canary-2"),
        dr_alarm_event("cutover-dr-replication-prod"),
        dr_alarm_event("cutover-dr-lag-dev"),
        dr_alarm_event("orders-canary", account="999988887777"),
        dr_alarm_event("orders-canary", region=REGION),
        dr_alarm_event("orders-canary", **{"detail-type": "CloudWatch Alarm Configuration Change"}),
    ],
)
def test_other_alarms_start_nothing(dr_most, event):
    assert starting(dr_most, event) == set()


@pytest.mark.parametrize("parameters", [DR_LEAST, DR_MOST])
def test_the_rule_names_the_alarms_that_the_function_believes(parameters):
    stack = Stack(parameters)
    believed = stack.properties("DrFailover")["Environment"]["Variables"]["DR_ALARM_NAMES"].split(",")
    assert patterns(stack)["DrFailoverAlarms"]["detail"]["alarmName"] == believed


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (rds_event("DB Cluster", DR_CLUSTER), "DrFailoverClusters"),
        (rds_event("DB Cluster", PRIMARY_CLUSTER, REGION), "DrFailoverClusters"),
        (rds_event("DB Cluster", GLOBAL_CLUSTER), "DrFailoverClusters"),
        (rds_event("DB Instance", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders-1", REGION), "DrFailoverInstances"),
        (rds_event("DB Instance", f"arn:aws:rds:{DR_REGION}:{ACCOUNT}:db:orders-dr-1"), "DrFailoverInstances"),
        (
            rds_event("DB Cluster Snapshot", f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:rds:x", REGION),
            "DrFailoverInstances",
        ),
    ],
)
def test_what_rds_tells_of_either_region_starts_the_function(dr_least, event, rule):
    assert starting(dr_least, event) == {rule}


@pytest.mark.parametrize(
    "event",
    [
        rds_event("DB Cluster", DR_CLUSTER + "-2"),
        rds_event("DB Cluster", DR_CLUSTER, account="999988887777"),
        rds_event("DB Cluster", DR_CLUSTER, source="cutover"),
        rds_event("DB Parameter Group", DR_CLUSTER),
        rds_event("DB Instance", f"arn:aws:rds:us-west-2:{ACCOUNT}:db:orders-1", "us-west-2"),
    ],
)
def test_what_rds_tells_of_others_starts_nothing(dr_most, event):
    assert starting(dr_most, event) == set()


def test_a_read_replica_has_no_global_cluster_to_hear_of():
    assert patterns(Stack(DR_REPLICA))["DrFailoverClusters"]["resources"] == [PRIMARY_CLUSTER, DR_CLUSTER]


def test_patterns_fit_with_lists_as_long_as_they_may_be():
    names = ",".join(f"canary-alarm-number-{number:05}" for number in range(19))
    assert 480 < len(names) <= 512
    for pattern in patterns(Stack(DR_MOST | {"DrCanaryAlarms": names})).values():
        assert len(json.dumps(pattern, separators=(",", ":"))) < PATTERN_BYTES_MAX


def drill(parameters):
    return rules(Stack(parameters))["DrFailoverDrill"]


def test_the_monthly_drill_is_there_and_off_until_it_is_switched_on():
    assert drill(DR_LEAST)["State"] == "DISABLED"
    assert drill(DR_LEAST)["ScheduleExpression"] == "cron(0 3 ? * SUN#1 *)"
    assert drill(DR_LEAST | {"DrillEnabled": "true"})["State"] == "ENABLED"
    assert json.loads(drill(DR_LEAST)["Targets"][0]["Input"])["action"] == "drill"


def test_the_clock_itself_is_on(dr_least):
    assert rules(dr_least)["DrFailoverTick"].get("State", "ENABLED") == "ENABLED"


FORWARDING = LEAST | {"DrEventBusArn": BUS}


def test_a_migration_forwards_what_rds_tells_only_where_it_is_told_to(most):
    assert "ForwardRule" not in rules(most)
    assert "ForwardRole" not in most.resources
    assert "ForwardRule" not in rules(Stack(DR_LEAST | {"DrEventBusArn": BUS}))
    assert set(Stack(FORWARDING).resources) - set(Stack(LEAST).resources) == {"ForwardRule", "ForwardRole"}


@pytest.mark.parametrize("subject", ["DB Cluster", "DB Instance", "DB Cluster Snapshot"])
def test_what_is_forwarded_is_of_this_region_so_that_no_event_goes_round(subject):
    stack = Stack(FORWARDING)
    assert starting(stack, rds_event(subject, PRIMARY_CLUSTER, REGION)) == {"ForwardRule"}
    assert starting(stack, rds_event(subject, DR_CLUSTER, DR_REGION)) == set()


def test_the_forwarding_role_may_put_events_on_that_bus_and_nothing_else():
    stack = Stack(FORWARDING)
    (target,) = rules(stack)["ForwardRule"]["Targets"]
    assert (target["Arn"], target["RoleArn"]) == (BUS, "ForwardRole.Arn")
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 10}
    role = stack.properties("ForwardRole")
    (assume,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert assume["Principal"] == {"Service": "events.amazonaws.com"}
    assert assume["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", BUS)


def test_what_a_migration_forwards_reaches_the_function(dr_least):
    event = rds_event("DB Cluster", PRIMARY_CLUSTER, REGION)
    assert starting(Stack(FORWARDING), event) == {"ForwardRule"}
    assert starting(dr_least, event) == {"DrFailoverClusters"}
