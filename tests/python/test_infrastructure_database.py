"""The cluster that infrastructure/aurora.yaml makes, its secret, its backups, and what it logs."""

import pytest

from clients import ACCOUNT, REGION
from made import MADE_DR, MADE_PRIMARY, ROLES, made
from stack import DR_REGION, Stack, as_written

INSTANCES = ["Writer", "FirstReader", "SecondReader"]


def database(role):
    return made(role).nested("Database")


def cluster(stack):
    return stack.nested("Database").properties("Cluster")


@pytest.mark.parametrize("role", ROLES)
def test_a_writer_and_two_readers_are_in_three_zones(role):
    instances = [database(role).properties(name) for name in INSTANCES]
    assert [one["PromotionTier"] for one in instances] == [0, 1, 1]
    zones = [one["AvailabilityZone"] for one in instances]
    assert sorted(zones) == ROLES[role]["DatabaseZones"].split(",")
    name = database(role).properties("Cluster")["DBClusterIdentifier"]
    assert [one["DBInstanceIdentifier"] for one in instances] == [f"{name}-{number}" for number in (1, 2, 3)]
    # The first to be there becomes the writer.
    assert all(database(role).template["Resources"][reader]["DependsOn"] == "Writer" for reader in INSTANCES[1:])


@pytest.mark.parametrize("role", ROLES)
def test_only_tls_gets_in_and_changes_can_be_replicated_back(role):
    group = database(role).properties("ClusterParameters")
    assert database(role).properties("Cluster")["DBClusterParameterGroupName"] == "ClusterParameters"
    assert (group["Parameters"]["rds.force_ssl"], group["Parameters"]["ssl_min_protocol_version"]) == ("1", "TLSv1.2")
    assert group["Parameters"]["rds.logical_replication"] == "1"


@pytest.mark.parametrize(
    ("version", "family"),
    [("15.18", "aurora-postgresql15"), ("16.14", "aurora-postgresql16"), ("17.10", "aurora-postgresql17")],
)
def test_the_parameter_groups_are_of_the_version(version, family):
    stack = Stack(MADE_PRIMARY | {"DatabaseEngineVersion": version}).nested("Database")
    assert stack.properties("Cluster")["EngineVersion"] == version
    assert {stack.properties(group)["Family"] for group in ("ClusterParameters", "InstanceParameters")} == {family}


@pytest.mark.parametrize("role", ROLES)
def test_a_cluster_knows_roles_and_keeps_thirty_days_and_refuses_to_be_deleted(role):
    found = cluster(made(role))
    assert found["EnableIAMDatabaseAuthentication"] is True
    assert found["BackupRetentionPeriod"] == "30"
    assert found["CopyTagsToSnapshot"] is True
    assert found["DeletionProtection"] == "true"
    off = Stack(ROLES[role] | {"DatabaseDeletionProtection": "false"})
    assert cluster(off)["DeletionProtection"] == "false"


def test_capacity_is_serverless_or_of_a_class():
    serverless = cluster(made("migration"))["ServerlessV2ScalingConfiguration"]
    assert serverless == {"MinCapacity": "0.5", "MaxCapacity": "2"}
    assert database("migration").properties("Writer")["DBInstanceClass"] == "db.serverless"
    provisioned = Stack(MADE_PRIMARY | {"DatabaseInstanceClass": "db.r7g.large"})
    assert "ServerlessV2ScalingConfiguration" not in cluster(provisioned)
    assert provisioned.nested("Database").properties("SecondReader")["DBInstanceClass"] == "db.r7g.large"


@pytest.mark.parametrize("role", ROLES)
def test_instances_are_watched_and_never_change_their_version_by_themselves(role):
    for name in INSTANCES:
        instance = database(role).properties(name)
        assert instance["AutoMinorVersionUpgrade"] is False
        assert instance["EnablePerformanceInsights"] is True
        assert instance["MonitoringInterval"] > 0
        assert instance["MonitoringRoleArn"] == "MonitoringRole.Arn"


def test_the_primary_cluster_is_made_global_and_the_dr_cluster_joins_it():
    primary, secondary = database("migration"), database("dr")
    around = primary.properties("GlobalCluster")
    assert around["SourceDBClusterIdentifier"] == "Cluster.DBClusterArn"
    assert around["DeletionProtection"] == "true"
    assert "GlobalClusterIdentifier" not in primary.properties("Cluster")
    assert (
        secondary.properties("Cluster")["GlobalClusterIdentifier"]
        == around["GlobalClusterIdentifier"]
        == "orders-global"
    )
    assert "GlobalCluster" not in secondary.resources
    # A secondary cluster has the primary's users and databases.
    assert {"MasterUsername", "MasterUserPassword", "DatabaseName"} & set(secondary.properties("Cluster")) == set()
    assert MADE_DR["DrClusterArn"].endswith(f":{secondary.properties('Cluster')['DBClusterIdentifier']}")


def test_without_a_global_cluster_there_is_none():
    alone = Stack(MADE_PRIMARY | {"DrGlobalClusterId": ""})
    assert alone.failed_rules() == []
    assert alone.nested("Database").of_type("AWS::RDS::GlobalCluster") == {}


def test_the_administrators_password_is_made_replicated_and_rotated_and_nowhere_written():
    stack = made("migration")
    secret = stack.nested("Secrets").properties("Administrator")
    assert secret["GenerateSecretString"]["PasswordLength"] >= 32
    assert secret["ReplicaRegions"] == [{"Region": DR_REGION}]
    assert cluster(stack)["MasterUserPassword"] == "{{resolve:secretsmanager:Administrator:SecretString:password}}"
    rotation = stack.nested("Rotation").properties("Rotation")
    assert rotation["RotationRules"] == {"AutomaticallyAfterDays": "30"}
    hosted = rotation["HostedRotationLambda"]
    assert (hosted["RotationType"], hosted["KmsKeyArn"]) == ("PostgreSQLSingleUser", "Key.Arn")
    assert hosted["VpcSecurityGroupIds"] == "Control.GroupId"
    attached = stack.nested("Rotation").properties("Attachment")
    assert (attached["SecretId"], attached["TargetId"]) == ("Administrator", "orders")


def test_a_secret_that_is_not_rotated_still_names_its_host():
    stack = Stack(MADE_PRIMARY | {"RotationDays": "0"}).nested("Rotation")
    assert set(stack.resources) == {"Attachment"}


def test_backups_are_daily_and_monthly_and_each_has_a_copy_in_the_dr_region():
    rules = made("migration").nested("Backups").properties("Plan")["BackupPlan"]["BackupPlanRule"]
    daily, monthly = rules
    assert (daily["ScheduleExpression"], daily["Lifecycle"]) == ("cron(0 5 * * ? *)", {"DeleteAfterDays": "7"})
    assert (monthly["ScheduleExpression"], monthly["Lifecycle"]) == ("cron(0 7 1 * ? *)", {"DeleteAfterDays": 365})
    for rule in rules:
        assert rule["TargetBackupVault"] == "Vault"
        assert rule["CopyActions"] == [
            {"DestinationBackupVaultArn": MADE_PRIMARY["BackupCopyVaultArn"], "Lifecycle": rule["Lifecycle"]}
        ]


def test_production_keeps_daily_backups_for_thirty_days():
    plan = Stack(MADE_PRIMARY | {"BackupDailyDays": "30"}).nested("Backups").properties("Plan")["BackupPlan"]
    assert plan["BackupPlanRule"][0]["Lifecycle"] == {"DeleteAfterDays": "30"}
    assert plan["BackupPlanRule"][1]["Lifecycle"] == {"DeleteAfterDays": 365}


def test_the_plan_is_for_the_target_and_its_role_backs_up_and_restores_nothing():
    backups = made("migration").nested("Backups")
    selection = backups.properties("Selection")["BackupSelection"]
    assert selection["Resources"] == [f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:orders"]
    (policy,) = backups.properties("BackupRole")["ManagedPolicyArns"]
    assert policy.endswith("AWSBackupServiceRolePolicyForBackup")
    # Without it nothing in the vault would ever expire.
    assert backups.resources["BackupRole"]["DeletionPolicy"] == "Retain"


def test_the_dr_region_has_the_vault_that_the_copies_go_to():
    backups = made("dr").nested("Backups")
    assert set(backups.resources) == {"Vault"}
    assert MADE_PRIMARY["BackupCopyVaultArn"].endswith(f":{backups.properties('Vault')['BackupVaultName']}")


@pytest.mark.parametrize("role", ROLES)
def test_the_servers_log_with_audit_records_goes_to_cloudwatch_and_is_kept_a_year(role):
    found = cluster(made(role))
    assert found["EnableCloudwatchLogsExports"] == ["postgresql"]
    parameters = database(role).properties("ClusterParameters")["Parameters"]
    assert "pgaudit" in parameters["shared_preload_libraries"].split(",")
    assert {"ddl", "role"} <= set(parameters["pgaudit.log"].split(","))
    assert (parameters["log_connections"], parameters["log_disconnections"]) == ("1", "1")
    # It would write passwords that are set by a statement.
    assert "log_statement" not in parameters
    logs = made(role).nested("DatabaseLogs").properties("DatabaseLogs")
    assert logs["LogGroupName"] == f"/aws/rds/cluster/{found['DBClusterIdentifier']}/postgresql"
    assert logs["RetentionInDays"] == "365"
    assert as_written()["Resources"]["Database"]["DependsOn"] == "DatabaseLogs"


def test_what_is_slow_is_logged_and_counted():
    stack = Stack(MADE_PRIMARY | {"SlowQueryMilliseconds": "250"})
    parameters = stack.nested("Database").properties("ClusterParameters")["Parameters"]
    assert parameters["log_min_duration_statement"] == "250"
    # As PostgreSQL writes it, with two blanks.
    line = "2026-03-02 09:31:00 UTC:10.20.0.7(51234):app@app:[123]:LOG:  duration: 1234.567 ms  statement: SELECT 1"
    pattern = stack.nested("DatabaseLogs").properties("SlowQueries")["FilterPattern"].strip('"')
    assert pattern in line
