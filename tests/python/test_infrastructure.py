"""What the nested templates promise: nothing unless asked for, all encrypted, nothing public, nothing deleted lightly."""

import json
from pathlib import Path

import cfnlint.data.schemas.extensions.aws_rds_dbcluster as engine_versions
import pytest

from made import MADE_DR, MADE_PRIMARY, ROLES, made
from stack import DR_LEAST, DR_MOST, LEAST, MOST, ROOT, Stack, as_list, as_written

# Nested stacks that watch are always there; these only if asked for.
PARTS = {"Secrets", "Network", "DatabaseLogs", "Database", "Rotation", "DmsRoles", "Replication", "Records", "Backups"}

# CloudFormation's limit for the parameters of one template.
PARAMETERS_MAX = 200

# Kinds of data at rest, and the property that names the key.
KEYS = {
    "AWS::RDS::DBCluster": "KmsKeyId",
    "AWS::DMS::ReplicationInstance": "KmsKeyId",
    "AWS::DMS::Endpoint": "KmsKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    "AWS::Backup::BackupVault": "EncryptionKeyArn",
}

# What goes with a stack takes data along, or the means to read it.
KEPT = {
    "AWS::RDS::DBCluster": "Snapshot",
    "AWS::SecretsManager::Secret": "Retain",
    "AWS::Backup::BackupVault": "Retain",
    "AWS::Route53::RecordSet": "Retain",
}


def parts(stack):
    return PARTS & set(stack.all_nested())


def found(stack, kind):
    return [properties for known, properties in stack.every_resource() if known == kind]


def bodies(stack):
    """Nested resources whole, with their policies for deletion."""
    return [body for inner in stack.all_nested().values() for body in inner.resources.values()]


def statements(document):
    return as_list(document["Statement"])


@pytest.mark.parametrize("parameters", [LEAST, MOST, DR_LEAST, DR_MOST])
def test_nothing_is_made_unless_it_is_asked_for(parameters):
    assert parts(Stack(parameters)) == set()


@pytest.mark.parametrize(
    ("switch", "made_by_it"),
    [
        ({"CreateNetwork": "true"}, {"Network"}),
        ({"CreateBackups": "true"}, {"Backups", "Secrets"}),
        ({"CreateDatabaseLogs": "true"}, {"DatabaseLogs", "Secrets"}),
        ({"CreateRecords": "true", "TargetWriterEndpoint": "aurora.example.com"}, {"Records"}),
        ({"CreateDmsRoles": "true"}, {"DmsRoles"}),
    ],
)
def test_each_part_comes_alone(switch, made_by_it):
    assert parts(Stack(LEAST | switch)) == made_by_it


def test_the_dr_region_gets_its_own_parts():
    assert parts(made("migration")) == PARTS
    assert parts(made("dr")) == {"Secrets", "Network", "DatabaseLogs", "Database", "Backups"}
    for role, parameters in ROLES.items():
        assert Stack(parameters).failed_rules() == [], role


def test_every_template_of_the_folder_is_used():
    used = {
        body["Properties"]["TemplateURL"]
        for body in as_written()["Resources"].values()
        if body["Type"] == "AWS::CloudFormation::Stack"
    }
    assert used == {str(path.relative_to(ROOT)) for path in ROOT.glob("infrastructure/*.yaml")}
    assert len(as_written()["Parameters"]) <= PARAMETERS_MAX


@pytest.mark.parametrize("role", ROLES)
def test_data_at_rest_is_encrypted_with_one_key_of_the_customer(role):
    stack = made(role)
    for kind, property_name in KEYS.items():
        for properties in found(stack, kind):
            assert properties[property_name] == "Key.Arn", f"{kind} {properties}"
    assert all(cluster["StorageEncrypted"] is True for cluster in found(stack, "AWS::RDS::DBCluster"))
    assert all(i["PerformanceInsightsKMSKeyId"] == "Key.Arn" for i in found(stack, "AWS::RDS::DBInstance"))
    assert all(
        group["KmsKeyId"] == "Key.Arn"
        for group in (p for b in bodies(stack) if b["Type"] == "AWS::Logs::LogGroup" for p in [b["Properties"]])
    )
    key = stack.nested("Secrets").properties("Key")
    assert key["EnableKeyRotation"] is True


@pytest.mark.parametrize("role", ROLES)
def test_a_key_that_is_given_is_used_instead(role):
    own = "arn:aws:kms:eu-central-1:111122223333:key/own"
    stack = Stack(ROLES[role] | {"InfrastructureKeyArn": own})
    assert found(stack, "AWS::RDS::DBCluster")[0]["KmsKeyId"] == own
    assert "Key" not in stack.nested("Secrets").resources


@pytest.mark.parametrize("role", ROLES)
def test_what_holds_data_outlives_the_stack(role):
    kept = [body for body in bodies(made(role)) if body["Type"] in KEPT]
    assert {body["Type"] for body in kept} >= {"AWS::RDS::DBCluster", "AWS::Backup::BackupVault"}
    for body in kept:
        assert body["DeletionPolicy"] == body["UpdateReplacePolicy"] == KEPT[body["Type"]], body["Type"]
    logs = [body for body in bodies(made(role)) if body["Type"] in {"AWS::Logs::LogGroup", "AWS::KMS::Key"}]
    assert logs
    assert all(body["DeletionPolicy"] == "Retain" for body in logs)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_public(role):
    stack = made(role)
    reachable = found(stack, "AWS::RDS::DBInstance") + found(stack, "AWS::DMS::ReplicationInstance")
    assert len(reachable) >= 3
    assert all(one["PubliclyAccessible"] is False for one in reachable)
    for kind, properties in stack.every_resource():
        inward = properties.get("SecurityGroupIngress", []) if kind == "AWS::EC2::SecurityGroup" else []
        inward += [properties] if kind == "AWS::EC2::SecurityGroupIngress" else []
        for rule in inward:
            assert rule.get("CidrIp") not in {"0.0.0.0/0", "::/0"}, properties
            assert rule["FromPort"] == rule["ToPort"] in {443, 5432}
            assert rule["Description"]


@pytest.mark.parametrize("role", ROLES)
def test_a_database_calls_nobody_and_is_called_by_whom_the_parameters_name(role):
    network = made(role).nested("Network")
    assert network.properties("Database")["SecurityGroupEgress"] == [
        {"IpProtocol": "-1", "CidrIp": "127.0.0.1/32", "Description": "Nowhere"}
    ]
    callers = {
        rule.get("SourceSecurityGroupId") or rule["CidrIp"]
        for rule in network.of_type("AWS::EC2::SecurityGroupIngress").values()
        if rule["GroupId"] == "Database.GroupId"
    }
    assert callers == {"Replication.GroupId", "Control.GroupId", "sg-0123456789abcdef0", "10.20.0.0/16"}


def test_security_groups_that_are_given_win():
    given = {"DatabaseSecurityGroupIds": "sg-11111111,sg-22222222", "ClientSecurityGroupId": "sg-33333333"}
    stack = Stack(MADE_PRIMARY | given)
    assert found(stack, "AWS::RDS::DBCluster")[0]["VpcSecurityGroupIds"] == ["sg-11111111", "sg-22222222"]
    assert found(stack, "AWS::DMS::ReplicationInstance")[0]["VpcSecurityGroupIds"] == ["sg-33333333"]


def test_dr_failover_gets_the_group_that_is_made_unless_one_is_given():
    assert made("dr").properties("DrFailover")["VpcConfig"]["SecurityGroupIds"] == ["Control.GroupId"]
    given = Stack(MADE_DR | {"DrSecurityGroupIds": "sg-44444444"})
    assert given.properties("DrFailover")["VpcConfig"]["SecurityGroupIds"] == ["sg-44444444"]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_assumed_by_one_service_for_this_account_and_allows_no_wildcard_actions(role):
    roles = [body["Properties"] for body in bodies(made(role)) if body["Type"] == "AWS::IAM::Role"]
    assert roles
    for properties in roles:
        (assume,) = statements(properties["AssumeRolePolicyDocument"])
        service = assume["Principal"]["Service"]
        # Neither is documented to send its account along.
        if service not in {f"dms.{made(role).values['AWS::Region']}.amazonaws.com", "backup.amazonaws.com"}:
            assert "aws:SourceAccount" in assume["Condition"]["StringEquals"], service
        for policy in properties.get("Policies", []):
            for statement in statements(policy["PolicyDocument"]):
                assert not [action for action in as_list(statement["Action"]) if "*" in action]
                assert "*" not in as_list(statement["Resource"])


def test_the_version_is_the_newest_of_its_major_that_the_linter_knows():
    """The linter's list is AWS's own. When it knows a newer one, default and description are due."""
    folder = Path(engine_versions.__file__).parent
    known = set(
        json.dumps(json.loads((folder / "engine_version.json").read_text())).replace('"', " ").replace(",", " ").split()
    )
    deprecated = (folder / "engine_version_deprecated.json").read_text()
    parameter = as_written()["Parameters"]["DatabaseEngineVersion"]
    named = [word for word in parameter["Description"].replace(",", " ").split() if word[:3] in {"15.", "16.", "17."}]
    assert len(named) == 3
    assert parameter["Default"] in named
    for version in named:
        major, minor = version.split(".")
        assert version in known and f'"{version}"' not in deprecated
        assert not [
            v
            for v in known
            if v.startswith(f"{major}.") and v.split(".")[1].isdigit() and int(v.split(".")[1]) > int(minor)
        ]


@pytest.mark.parametrize(
    ("role", "parameters", "named"),
    [
        (
            "migration",
            {"TargetClusterIdentifier": "", "CreateBackups": "false", "TargetConnectionsMax": "0"},
            "TargetClusterIdentifier",
        ),
        ("migration", {"DatabaseZones": ""}, "DatabaseZones"),
        ("migration", {"CreateNetwork": "false", "ClientSecurityGroupId": "sg-11111111"}, "DatabaseSecurityGroupIds"),
        ("migration", {"SourceSecretArn": ""}, "SourceSecretArn"),
        ("migration", {"VpcId": ""}, "VpcId"),
        ("migration", {"SourceWriterEndpoint": ""}, "SourceWriterEndpoint"),
        ("migration", {"RecordType": "A"}, "CNAME"),
        ("dr", {"DrGlobalClusterId": "", "DrClusterId": "orders-dr"}, "member of"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(role, parameters, named):
    (failed,) = Stack(ROLES[role] | parameters).failed_rules()
    assert named in failed
