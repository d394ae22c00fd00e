"""The replication of infrastructure/dms.yaml and the records of infrastructure/dns.yaml."""

import json

import pytest

from clients import ACCOUNT, REGION
from made import MADE_PRIMARY, made
from stack import REVERSE_TASK, TASK, Stack, as_written

PAIRS = {
    "reader.example.com": ("ReaderSource", "ReaderTarget"),
    "writer.example.com": ("WriterSource", "WriterTarget"),
}


def replication():
    return made("migration").nested("Replication")


def settings(task):
    return json.loads(replication().properties(task)["ReplicationTaskSettings"])


def variables(parameters):
    return Stack(parameters).properties("Route53Updater")["Environment"]["Variables"]


def test_the_instance_is_private_in_two_zones_and_patched():
    instance = replication().properties("Instance")
    assert instance["PubliclyAccessible"] is False
    assert (instance["MultiAZ"], instance["AutoMinorVersionUpgrade"]) == ("true", True)
    assert instance["VpcSecurityGroupIds"] == ["Replication.GroupId"]


def test_every_endpoint_speaks_tls_and_reads_its_login_from_a_secret():
    endpoints = replication().of_type("AWS::DMS::Endpoint")
    assert {name: one["EndpointType"] for name, one in endpoints.items()} == {
        "SourceRead": "source",
        "TargetWrite": "target",
        "TargetRead": "source",
        "SourceWrite": "target",
    }
    for name, endpoint in endpoints.items():
        assert (endpoint["SslMode"], endpoint["CertificateArn"]) == ("verify-full", MADE_PRIMARY["DmsCertificateArn"])
        assert not {"Username", "Password", "ServerName"} & set(endpoint)
        secret = MADE_PRIMARY["SourceSecretArn"] if name.startswith("Source") else "Administrator"
        assert endpoint["PostgreSqlSettings"]["SecretsManagerSecretId"] == secret
        assert endpoint["PostgreSqlSettings"]["SecretsManagerAccessRoleArn"] == "SecretsRole.Arn"


def test_without_a_certificate_there_is_tls_all_the_same():
    stack = Stack(MADE_PRIMARY | {"DmsCertificateArn": ""}).nested("Replication")
    endpoints = stack.of_type("AWS::DMS::Endpoint").values()
    assert {endpoint["SslMode"] for endpoint in endpoints} == {"require"}
    assert not any("CertificateArn" in endpoint for endpoint in endpoints)


def test_dms_may_read_the_two_secrets_and_use_their_keys_for_that_alone():
    role = replication().properties("SecretsRole")
    (assume,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert assume["Principal"] == {"Service": f"dms.{REGION}.amazonaws.com"}
    read, decrypt = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert read["Resource"] == [MADE_PRIMARY["SourceSecretArn"], "Administrator"]
    assert decrypt["Resource"] == ["Key.Arn", MADE_PRIMARY["SourceSecretKeyArn"]]
    own = {
        "TargetSecretArn": MADE_PRIMARY["SourceSecretArn"],
        "TargetSecretKeyArn": MADE_PRIMARY["SourceSecretKeyArn"] + "-2",
    }
    given = Stack(MADE_PRIMARY | own).nested("Replication").properties("SecretsRole")
    _, decrypt_given = given["Policies"][0]["PolicyDocument"]["Statement"]
    assert decrypt_given["Resource"][2] == own["TargetSecretKeyArn"]
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


def test_one_task_loads_and_follows_and_the_other_only_follows():
    tasks = {name: replication().properties(name) for name in ("Forward", "Reverse")}
    assert {name: task["MigrationType"] for name, task in tasks.items()} == {
        "Forward": "full-load-and-cdc",
        "Reverse": "cdc",
    }
    forward, reverse = tasks.values()
    assert (forward["SourceEndpointArn"], forward["TargetEndpointArn"]) == ("SourceRead", "TargetWrite")
    assert (reverse["SourceEndpointArn"], reverse["TargetEndpointArn"]) == ("TargetRead", "SourceWrite")
    assert json.loads(forward["TableMappings"]) == json.loads(reverse["TableMappings"])
    (rule,) = json.loads(forward["TableMappings"])["rules"]
    assert rule["object-locator"] == {"schema-name": "public", "table-name": "%"}


@pytest.mark.parametrize("task", ["Forward", "Reverse"])
def test_a_task_validates_logs_and_cuts_nothing_short(task):
    found = settings(task)
    assert found["ValidationSettings"]["EnableValidation"] is True
    assert found["Logging"]["EnableLogging"] is True
    assert found["TargetMetadata"]["FullLobMode"] is True
    assert found["ErrorBehavior"]["DataTruncationErrorPolicy"] == "SUSPEND_TABLE"
    assert found["ErrorBehavior"]["RecoverableErrorCount"] == -1


def test_what_one_task_wrote_the_other_does_not_carry_back():
    forward, reverse = (settings(task)["LoopbackPreventionSettings"] for task in ("Forward", "Reverse"))
    assert forward["EnableLoopbackPrevention"] is reverse["EnableLoopbackPrevention"] is True
    assert (forward["SourceSchema"], forward["TargetSchema"]) == (reverse["TargetSchema"], reverse["SourceSchema"])
    assert forward["SourceSchema"] != forward["TargetSchema"]
    # It works row by row.
    assert [settings(task)["TargetMetadata"]["BatchApplyEnabled"] for task in ("Forward", "Reverse")] == [False, False]


def test_the_load_leaves_tables_as_they_are_and_triggers_do_not_fire_twice():
    assert settings("Forward")["FullLoadSettings"]["TargetTablePrepMode"] == "DO_NOTHING"
    for endpoint in ("TargetWrite", "SourceWrite"):
        script = replication().properties(endpoint)["PostgreSqlSettings"]["AfterConnectScript"]
        assert script == "SET session_replication_role='replica'"


def test_slots_move_on_while_nothing_is_written():
    for endpoint in ("SourceRead", "TargetRead"):
        found = replication().properties(endpoint)["PostgreSqlSettings"]
        assert found["HeartbeatEnable"] is True
        assert found["CaptureDdls"] is False


def test_the_functions_get_the_tasks_that_are_made():
    found = variables(MADE_PRIMARY)
    assert found["DMS_TASK_ARN"] == TASK
    assert found["REVERSE_DMS_TASK_ARN"] == REVERSE_TASK
    assert found["DMS_RELATED_ARNS"] == "Instance"
    stack = made("migration")
    (rule,) = [r for name, r in stack.of_type("AWS::Events::Rule").items() if name == "DmsMonitorReplication"]
    assert rule["EventPattern"]["resources"] == [TASK, REVERSE_TASK, "Instance"]
    lag = stack.properties("LagAlarm")["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"]
    assert [dimension["Value"] for dimension in lag] == ["cutover-dev", "FORWARDTASK"]


def test_tasks_that_are_given_win():
    own = f"arn:aws:dms:{REGION}:{ACCOUNT}:task:OWN"
    found = variables(
        MADE_PRIMARY | {"DmsTaskArn": own, "ReverseDmsTaskArn": own + "BACK", "DmsInstanceIdentifier": "own"}
    )
    assert (found["DMS_TASK_ARN"], found["REVERSE_DMS_TASK_ARN"]) == (own, own + "BACK")


def test_without_a_task_back_there_is_none_to_run():
    one_way = MADE_PRIMARY | {"CreateReverseReplication": "false"}
    assert variables(one_way)["REVERSE_DMS_TASK_ARN"] == ""
    stack = Stack(one_way)
    assert "Reverse" not in stack.nested("Replication").resources
    role = stack.properties("Route53UpdaterRole")["Policies"][0]["PolicyDocument"]["Statement"]
    assert "RunReverseTask" not in [statement["Sid"] for statement in role]


def test_the_log_of_the_tasks_is_there_before_them():
    logs = made("migration").nested("DatabaseLogs").properties("ReplicationLogs")
    assert logs["LogGroupName"] == "dms-tasks-" + replication().properties("Instance")["ReplicationInstanceIdentifier"]
    # The secret names its host only once it is attached to the cluster.
    assert {"DatabaseLogs", "DmsRoles", "Rotation"} <= set(as_written()["Resources"]["Replication"]["DependsOn"])


def test_the_roles_that_dms_looks_for_have_its_names():
    roles = made("migration").nested("DmsRoles").of_type("AWS::IAM::Role").values()
    assert {role["RoleName"] for role in roles} == {"dms-vpc-role", "dms-cloudwatch-logs-role"}


def records(parameters):
    return Stack(parameters).nested("Records")


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_begins_with_all_weight_on_the_source(name):
    source, target = (records(MADE_PRIMARY).properties(record) for record in PAIRS[name])
    for record in (source, target):
        assert (record["Name"], record["Type"], record["TTL"]) == (name, "CNAME", "30")
        assert record["HostedZoneId"] == MADE_PRIMARY["HostedZoneId"]
    assert (source["SetIdentifier"], source["Weight"]) == ("source", 100)
    assert (target["SetIdentifier"], target["Weight"]) == ("target", 0)


def test_each_record_leads_where_it_says():
    found = {
        name: one["ResourceRecords"] for name, one in records(MADE_PRIMARY).of_type("AWS::Route53::RecordSet").items()
    }
    assert found == {
        "ReaderSource": ["ro.pg.onprem.example.com"],
        "ReaderTarget": ["Cluster.ReadEndpoint.Address"],
        "WriterSource": ["rw.pg.onprem.example.com"],
        "WriterTarget": ["Cluster.Endpoint.Address"],
    }


def test_endpoints_that_are_given_win():
    given = MADE_PRIMARY | {"TargetReaderEndpoint": "ro.example.com", "TargetWriterEndpoint": "rw.example.com"}
    assert records(given).properties("ReaderTarget")["ResourceRecords"] == ["ro.example.com"]
    assert records(given).properties("WriterTarget")["ResourceRecords"] == ["rw.example.com"]


def test_one_pair_for_both_leads_to_the_writers_and_no_health_check_moves_it():
    for names in (
        {"ReaderRecordName": "db.example.com", "WriterRecordName": ""},
        {"ReaderRecordName": "", "WriterRecordName": "db.example.com"},
    ):
        found = records(MADE_PRIMARY | names)
        pair = found.of_type("AWS::Route53::RecordSet")
        assert len(pair) == 2
        assert {record["ResourceRecords"][0] for record in pair.values()} == {
            "rw.pg.onprem.example.com",
            "Cluster.Endpoint.Address",
        }
        assert not any("HealthCheckId" in record for record in pair.values())
        assert found.of_type("AWS::Route53::HealthCheck") == {}


def test_only_reads_of_the_target_follow_a_health_check():
    found = records(MADE_PRIMARY)
    checked = {name for name, record in found.of_type("AWS::Route53::RecordSet").items() if "HealthCheckId" in record}
    assert checked == {"ReaderTarget"}
    config = found.properties("ReaderHealthCheck")["HealthCheckConfig"]
    # The checkers of Route 53 reach no private database.
    assert config["Type"] == "CLOUDWATCH_METRIC"
    assert config["AlarmIdentifier"] == {"Name": "ReadersAlarm", "Region": REGION}
    alarm = found.properties("ReadersAlarm")
    assert (alarm["TreatMissingData"], alarm["ComparisonOperator"]) == ("breaching", "LessThanThreshold")
    # What a health check can follow has neither metric math nor M out of N.
    assert not {"Metrics", "DatapointsToAlarm", "ExtendedStatistic"} & set(alarm)
