"""The names of what the stack makes: an older stack of the same environment can stand beside it."""

import re

import pytest

from made import MADE_DR, MADE_PRIMARY
from stack import DR_MOST, LEAST, MOST, Stack, as_written

# The properties that give a resource its physical name.
NAMES = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::DMS::ReplicationSubnetGroup": "ReplicationSubnetGroupIdentifier",
    "AWS::DMS::ReplicationInstance": "ReplicationInstanceIdentifier",
    "AWS::DMS::Endpoint": "EndpointIdentifier",
    "AWS::DMS::ReplicationTask": "ReplicationTaskIdentifier",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::GlobalCluster": "GlobalClusterIdentifier",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Events::Rule": "Name",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
}

# An environment's databases are named by whoever deploys it, and an account has DMS's two roles once.
OWN_NAMES = {"TargetClusterIdentifier": "orders-v2", "DrGlobalClusterId": "orders-v2-global", "CreateDmsRoles": "false"}
DR_OWN_NAMES = {"DrClusterArn": MADE_DR["DrClusterArn"] + "-v2", "DrGlobalClusterId": "orders-v2-global"}

# What is named after what the parameters name.
SHARED_BY_PURPOSE = {"AWS::Route53::RecordSet"}


def physical_names(stack):
    named = ((kind, found.get(NAMES.get(kind))) for kind, found in stack.every_resource())
    return {(kind, name) for kind, name in named if name}


def variables(stack):
    function = "DrFailover" if stack.values["Role"] == "dr" else "Route53Updater"
    return stack.properties(function)["Environment"]["Variables"]


@pytest.mark.parametrize(
    ("parameters", "own"), [(LEAST, {}), (MOST, {}), (DR_MOST, {}), (MADE_PRIMARY, OWN_NAMES), (MADE_DR, DR_OWN_NAMES)]
)
def test_two_versions_of_names_share_no_physical_name(parameters, own):
    older, newer = Stack(parameters), Stack(parameters | own | {"NameVersion": "v2-"})
    assert len(physical_names(older)) >= 15
    assert physical_names(older) & physical_names(newer) == set()


@pytest.mark.parametrize("parameters", [LEAST, DR_MOST])
def test_nor_state_nor_metrics(parameters):
    older, newer = (variables(Stack(parameters | more)) for more in ({}, {"NameVersion": "v2-"}))
    assert older["STATE_PREFIX"] != newer["STATE_PREFIX"]
    # Metrics, notices and events name the environment.
    assert (older["ENVIRONMENT"], newer["ENVIRONMENT"]) == ("dev", "v2-dev")


@pytest.mark.parametrize("parameters", [MOST, DR_MOST])
def test_a_version_stands_before_the_environment(parameters):
    newer = Stack(parameters | {"NameVersion": "v2-"})
    ours = {name for kind, name in physical_names(newer) if kind != "AWS::IAM::Role"}
    assert {name for name in ours if not name.endswith("-v2-dev")} == set()
    assert any(name.startswith("dr-failover" if newer.values["Role"] == "dr" else "route53-updater") for name in ours)


def test_what_must_be_taken_over_can_be():
    taken = variables(Stack(LEAST | {"NameVersion": "v2-", "StatePrefix": "/migration/dev"}))
    assert taken["STATE_PREFIX"] == variables(Stack(LEAST))["STATE_PREFIX"]


def test_every_name_that_a_template_gives_is_known_here():
    """A resource of a new kind with a name that is fixed would collide and nobody would see it."""
    suspicious = re.compile(r"(^|[a-z])(Name|Identifier)$")
    meant = {
        "DisplayName",
        "DBClusterParameterGroupName",
        "DBParameterGroupName",
        "DBSubnetGroupName",
        "MetricName",
        "LogGroupName",
    }
    for parameters in (MADE_PRIMARY, MADE_DR, MOST, DR_MOST):
        for kind, found in Stack(parameters).every_resource():
            if kind in SHARED_BY_PURPOSE or kind == "AWS::CloudFormation::Stack":
                continue
            names = {key for key, value in found.items() if suspicious.search(key) and isinstance(value, str)}
            given = {key for key in names - meant if "dev" in str(found[key])}
            assert given <= {NAMES.get(kind), "FunctionName"}, f"{kind}: {given}"


@pytest.mark.parametrize(
    ("value", "accepted"), [("", True), ("v2-", True), ("v12-", True), ("v2", False), ("new-", False)]
)
def test_a_version_is_v_and_a_number(value, accepted):
    assert bool(re.fullmatch(as_written()["Parameters"]["NameVersion"]["AllowedPattern"], value)) == accepted
