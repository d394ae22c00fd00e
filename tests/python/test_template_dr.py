"""What template.yaml promises of the DR region's stack: its variables, its defaults, parameters that are checked."""

import re

import pytest

from clients import ACCOUNT, REGION
from stack import (
    DR_CLUSTER,
    DR_LEAST,
    DR_MOST,
    DR_REGION,
    DR_REPLICA,
    LEAST,
    MOST,
    PRIMARY_CLUSTER,
    ROOT,
    Stack,
    as_written,
)

# Lambda's limit for the names and values of all variables.
VARIABLES_BYTES_MAX = 4096

# CloudFormation's limits.
PARAMETERS_MAX = 200
RESOURCES_MAX = 500
TEMPLATE_BYTES_MAX = 1_000_000

# Every variable of dr-failover, as it is where nothing is given that has a default.
DEFAULTS = {
    "ENVIRONMENT": "dev",
    "STATE_PREFIX": "/dr/dev",
    "NOTIFICATION_TOPIC_ARN": "NotificationTopic",
    "GLOBAL_CLUSTER_ID": "orders-global",
    "DR_CLUSTER_ID": "",
    "PRIMARY_CLUSTER_ARN": PRIMARY_CLUSTER,
    "DR_CLUSTER_ARN": DR_CLUSTER,
    "PRIMARY_REGION": REGION,
    "DR_MODE": "auto",
    "DR_ALARM_NAMES": "cutover-dr-replication-dev",
    "DR_WITNESS_ALARM_ARN": "",
    "DR_QUORUM": "2",
    "DR_CONFIRM_SECONDS": "60",
    "LOSS_BUDGET_SECONDS": "300",
    "BLOCK_MINUTES": "60",
    "SWITCHOVER_LAG_SECONDS": "10",
    "OBJECTIVE_DETECTION_SECONDS": "30",
    "OBJECTIVE_PROMOTION_SECONDS": "60",
    "OBJECTIVE_ROUTING_SECONDS": "90",
    "OBJECTIVE_VERIFICATION_SECONDS": "120",
    "OBJECTIVE_RTO_SECONDS": "300",
    "OBJECTIVE_RPO_SECONDS": "60",
    "DRILL_BLOCKED_WINDOWS": "",
    "DR_HOSTED_ZONE_ID": "",
    "ROUTING_ALARM_NAME": "serve-from-dr-dev",
    "DR_RECORD_NAME": "",
    "DR_PRIMARY_SET_IDENTIFIER": "primary",
    "DR_SECONDARY_SET_IDENTIFIER": "dr",
    "GLOBAL_WRITER_ENDPOINT": "false",
    "APPLICATION_PARAMETER_PATH": "",
    "PRIMARY_SECRET_NAME": "",
    "DR_SECRET_NAME": "",
    "REFRESH_AUTO_SCALING_GROUPS": "",
    "PRE_HOOK_ARN": "",
    "POST_HOOK_ARN": "",
    "HOOK_TIMEOUT_SECONDS": "10",
    "MIGRATION_FUNCTION_ARN": "",
    "MIGRATION_STATE_PARAMETER": "",
    "PRIMARY_SECRET_ARN": "",
    "DR_SECRET_ARN": "",
    "PROBE_TIMEOUT_MILLISECONDS": "2000",
    "DATABASE_NAME": "",
    "DATABASE_CA_FILE": "",
}


def variables(stack):
    return stack.properties("DrFailover")["Environment"]["Variables"]


def test_every_variable_is_set_and_has_its_default(dr_least):
    assert variables(dr_least) == DEFAULTS


def test_nothing_is_left_empty_where_everything_is_given(dr_most):
    assert [name for name, value in variables(dr_most).items() if value == ""] == ["DR_CLUSTER_ID"]
    assert variables(Stack(DR_REPLICA))["DR_CLUSTER_ID"] == "orders-dr"


def test_the_variables_are_those_the_configuration_reads(dr_most):
    folder = ROOT / "shared/aws/src/config/dr"
    files = [path for path in folder.glob("**/*.rs") if path.name != "tests.rs"]
    code = "".join(path.read_text() for path in files)
    words = set(re.findall(r'"([A-Z][A-Z_]{2,})"', code)) - {"AWS_REGION"}
    # The objectives are read by the part that each is about.
    parts = {word for word in words if "_" not in word} - {"ENVIRONMENT"}
    read = (words - parts) | {f"OBJECTIVE_{part}_SECONDS" for part in parts}
    assert read == set(variables(dr_most))


def test_every_value_is_text_and_all_fit_where_lists_are_as_long_as_they_may_be():
    lists = {
        name: DR_MOST[name].ljust(as_written()["Parameters"][name]["MaxLength"], "x")
        for name in ("DrCanaryAlarms", "RefreshAutoScalingGroups", "DrillBlockedWindows")
    }
    values = variables(Stack(DR_MOST | lists))
    assert all(isinstance(value, str) for value in values.values())
    assert sum(len(name) + len(value) for name, value in values.items()) < VARIABLES_BYTES_MAX


def test_the_template_keeps_to_the_limits_of_cloudformation():
    assert len(as_written()["Parameters"]) <= PARAMETERS_MAX
    assert len((ROOT / "template.yaml").read_bytes()) < TEMPLATE_BYTES_MAX
    for parameters in (MOST, DR_MOST):
        assert len(Stack(parameters).resources) <= RESOURCES_MAX


def test_the_function_has_time_to_watch_a_promotion_and_room_like_the_others(dr_least):
    function = dr_least.properties("DrFailover")
    assert (function["Timeout"], function["MemorySize"]) == (300, 128)
    assert "ReservedConcurrentExecutions" not in function


def test_the_two_roles_have_nothing_in_common_but_the_topic_its_key_and_the_policy_of_the_queues():
    shared = set(Stack(MOST).resources) & set(Stack(DR_MOST).resources)
    assert shared == {
        "NotificationTopic",
        "NotificationTopicPolicy",
        "NotificationEmailSubscription",
        "NotificationKey",
        "DeadLettersPolicy",
    }


def test_both_roles_can_live_in_one_region():
    def names(parameters):
        own = ("FunctionName", "TopicName", "QueueName", "AlarmName", "LogGroupName")
        resources = Stack(parameters).resources.values()
        found = [(body["Type"], body["Properties"].get(key)) for body in resources for key in own]
        return {(kind, name) for kind, name in found if name}

    assert names(MOST) & names(DR_MOST) == set()


def test_a_network_and_a_layer_come_with_their_parameters(dr_least, dr_most):
    assert not {"VpcConfig", "Layers"} & set(dr_least.properties("DrFailover"))
    function = dr_most.properties("DrFailover")
    assert function["VpcConfig"] == {
        "SubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        "SecurityGroupIds": ["sg-0123456789abcdef0"],
    }
    assert function["Layers"] == [DR_MOST["DatabaseCaLayerArn"]]


@pytest.mark.parametrize("parameters", [LEAST, DR_LEAST, DR_REPLICA])
def test_outputs_are_of_what_there_is(parameters):
    stack = Stack(parameters)
    outputs = {
        name: stack.resolve(body["Value"])
        for name, body in stack.template["Outputs"].items()
        if "Condition" not in body or stack.holds(body["Condition"])
    }
    for name, value in outputs.items():
        assert value.split(".")[0] in stack.resources or value.startswith(("/", "arn:")), name
    assert outputs["StateParameterName"] == ("/migration/dev/state" if parameters is LEAST else "/dr/dev/state")


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"PrimaryClusterArn": ""}, "PrimaryClusterArn"),
        ({"DrClusterArn": ""}, "DrClusterArn"),
        ({"DrGlobalClusterId": ""}, "or DrClusterId"),
        ({"DrClusterId": "orders-dr"}, "not both"),
        ({"PrimaryClusterArn": DR_CLUSTER}, "must differ"),
        ({"DrPrimarySetIdentifier": "dr"}, "must differ"),
        ({"DrHostedZoneId": "Z1"}, "go together"),
        ({"DrRecordName": "db.x"}, "go together"),
        ({"PrimaryEndpoint": "a.x", "DrEndpoint": "b.x"}, "need DrRecordName"),
        ({"PrimaryEndpoint": "a.x", "DrRecordName": "db.x", "DrHostedZoneId": "Z1"}, "go together"),
        ({"DrSubnetIds": "subnet-0123456789abcdef0"}, "go together"),
        ({"PrimarySecretName": "a", "DrSecretName": "b"}, "need ApplicationParameterPath"),
        ({"DrSecretName": "b", "ApplicationParameterPath": "/a"}, "go together"),
        ({"MigrationStateParameter": "/migration/dev/state"}, "go together"),
        ({"DatabaseCaLayerArn": DR_MOST["DatabaseCaLayerArn"]}, "DatabaseCaFile"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(parameters, named):
    (failed,) = Stack(DR_LEAST | parameters).failed_rules()
    assert named in failed


def test_a_read_replica_has_no_global_writer_endpoint():
    assert Stack(DR_REPLICA).failed_rules() == []
    assert "DrGlobalClusterId" in Stack(DR_REPLICA | {"GlobalWriterEndpoint": "true"}).failed_rules()[0]


@pytest.mark.parametrize(
    ("parameter", "value", "accepted"),
    [
        ("DrCanaryAlarms", "orders-canary,orders checkout", True),
        ("DrCanaryAlarms", ",".join(f"a{number}" for number in range(19)), True),
        # With the stack's own there would be more than the function takes.
        ("DrCanaryAlarms", ",".join(f"a{number}" for number in range(20)), False),
        ("DrCanaryAlarms", "a, b", False),
        ("DrillSchedule", "cron(30 2 ? * SAT#2 *)", True),
        ("DrillSchedule", "0 3 * * SUN", False),
        ("DrillBlockedWindows", "mon-fri 08:00-18:00,sun 00:00-24:00", True),
        ("DrillBlockedWindows", "always", False),
        ("PrimaryClusterArn", PRIMARY_CLUSTER.replace(":cluster:", ":db:"), False),
        ("DrEventBusArn", f"arn:aws:events:{DR_REGION}:{ACCOUNT}:event-bus/default", True),
        ("DrEventBusArn", f"arn:aws:events:{DR_REGION}:{ACCOUNT}:event-bus/orders", False),
        ("RefreshAutoScalingGroups", "a,b,c,d,e", True),
        ("RefreshAutoScalingGroups", "a,b,c,d,e,f", False),
        ("DrRecordName", "db.example.com.", False),
        ("ApplicationParameterPath", "/app/orders/", False),
        ("PreHookArn", f"arn:aws:lambda:{DR_REGION}:{ACCOUNT}:function:before:live", True),
        ("MigrationFunctionArn", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:route53-updater-dev:live", True),
    ],
)
def test_parameters_take_only_what_works(parameter, value, accepted):
    pattern = as_written()["Parameters"][parameter]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) == accepted
