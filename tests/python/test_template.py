"""What template.yaml promises: exact permissions, every variable, a tick that parses."""

import json
import re
from pathlib import Path

import cfnlint.decode
import pytest

ROOT = Path(__file__).resolve().parents[2]

# Actions without a narrower resource, and why.
WITHOUT_RESOURCE_LEVEL = {
    "dms:DescribeReplicationTasks": "the action has no resource level",
    "dms:DescribeReplicationInstances": "the action has no resource level",
    "cloudwatch:GetMetricData": "a metric is not a resource",
    "cloudwatch:DescribeAlarms": "with less than everything composite alarms are left out",
    "xray:PutTraceSegments": "the action has no resource level",
    "xray:PutTelemetryRecords": "the action has no resource level",
}

RECORD_KEYS = {
    "route53:ChangeResourceRecordSetsNormalizedRecordNames",
    "route53:ChangeResourceRecordSetsRecordTypes",
    "route53:ChangeResourceRecordSetsActions",
}

SERVICE_OF_CRATE = {"databasemigration": "dms"}

# Names in configuration code that Lambda itself sets.
SET_BY_LAMBDA = re.compile(r"^(AWS_|LAMBDA_|RUST_)")


@pytest.fixture(scope="module")
def template():
    decoded, problems = cfnlint.decode.decode(str(ROOT / "template.yaml"))
    assert not problems, problems
    return decoded


def resources_of(template, kind):
    return {name: body for name, body in template["Resources"].items() if body["Type"] == kind}


def as_list(value):
    return value if isinstance(value, list) else [value]


def unconditional(statement):
    """The statement itself, out of an `Fn::If` that leaves it away where it is not needed."""
    if "Fn::If" in statement:
        _, statement, otherwise = statement["Fn::If"]
        assert otherwise == {"Ref": "AWS::NoValue"}
    return statement


def statements(template, role):
    policies = template["Resources"][role]["Properties"]["Policies"]
    return [
        unconditional(statement)
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def all_statements(template):
    return [
        (role, statement)
        for role in resources_of(template, "AWS::IAM::Role")
        for statement in statements(template, role)
    ]


def statement_named(template, sid):
    found = [statement for _, statement in all_statements(template) if statement["Sid"] == sid]
    assert len(found) == 1, f"{sid}: {len(found)} statements"
    return found[0]


def text(value):
    return json.dumps(value, sort_keys=True)


def resource_text(statement):
    return text(statement["Resource"])


def test_every_function_has_a_role_of_its_own_and_no_managed_policy(template):
    functions = resources_of(template, "AWS::Serverless::Function")
    assert functions
    roles = [function["Properties"]["Role"]["Fn::GetAtt"][0] for function in functions.values()]
    assert len(set(roles)) == len(roles)
    for function in functions.values():
        assert "Policies" not in function["Properties"]
    for role in roles:
        assert "ManagedPolicyArns" not in template["Resources"][role]["Properties"]


def test_every_statement_has_a_sid_and_no_two_share_one(template):
    for role in resources_of(template, "AWS::IAM::Role"):
        sids = [statement.get("Sid") for statement in statements(template, role)]
        assert all(sids), f"{role}: a statement without Sid"
        assert len(set(sids)) == len(sids), f"{role}: {sids}"


def test_no_statement_names_actions_by_wildcard(template):
    for role, statement in all_statements(template):
        for action in as_list(statement["Action"]):
            assert "*" not in action or action == "kms:GenerateDataKey*", f"{role} {statement['Sid']}: {action}"


def test_everything_as_a_resource_only_where_the_api_has_nothing_narrower(template):
    seen = set()
    for role, statement in all_statements(template):
        if "*" in as_list(statement["Resource"]):
            for action in as_list(statement["Action"]):
                assert action in WITHOUT_RESOURCE_LEVEL, f"{role} {statement['Sid']}: {action} on *"
                seen.add(action)
    assert seen == set(WITHOUT_RESOURCE_LEVEL), "an exception that nothing uses"


def test_a_change_batch_is_limited_to_our_names_our_type_and_compare_and_swap(template):
    statement = statement_named(template, "ChangeOurRecords")
    assert as_list(statement["Action"]) == ["route53:ChangeResourceRecordSets"]
    assert "hostedzone/${HostedZoneId}" in resource_text(statement)

    allowed = statement["Condition"]["ForAllValues:StringEquals"]
    assert set(allowed) == RECORD_KEYS
    assert allowed["route53:ChangeResourceRecordSetsActions"] == ["CREATE", "DELETE"]
    assert allowed["route53:ChangeResourceRecordSetsRecordTypes"] == {"Fn::Split": [",", {"Ref": "RecordType"}]}
    names = text(allowed["route53:ChangeResourceRecordSetsNormalizedRecordNames"])
    assert "ReaderRecordName" in names and "WriterRecordName" in names

    # ForAllValues holds vacuously for an absent key.
    assert statement["Condition"]["Null"] == dict.fromkeys(RECORD_KEYS, "false")


def test_no_other_statement_changes_records(template):
    changing = [
        statement["Sid"]
        for _, statement in all_statements(template)
        if "route53:ChangeResourceRecordSets" in as_list(statement["Action"])
    ]
    assert changing == ["ChangeOurRecords"]


@pytest.mark.parametrize("parameter", ["ReaderRecordName", "WriterRecordName"])
@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("", True),
        ("reader.db.example.com", True),
        ("_db.example.com", True),
        ("reader.db.example.com.", False),
        ("Reader.db.example.com", False),
        ("*.example.com", False),
    ],
)
def test_record_names_are_taken_only_as_iam_compares_them(template, parameter, name, accepted):
    pattern = template["Parameters"][parameter]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, name)) == accepted


def test_the_journal_can_be_appended_to_and_never_rewritten(template):
    puts = [
        statement
        for _, statement in all_statements(template)
        if "ssm:PutParameter" in as_list(statement["Action"])
    ]
    on_journal = [statement for statement in puts if "/journal" in resource_text(statement)]
    assert {statement["Effect"] for statement in on_journal} == {"Allow", "Deny"}
    for statement in on_journal:
        operator = {"Allow": "StringNotEquals", "Deny": "StringEquals"}[statement["Effect"]]
        assert statement["Condition"] == {operator: {"ssm:Overwrite": "true"}}
    for statement in puts:
        resource = resource_text(statement)
        assert "${Prefix}/state" in resource or "${Prefix}/journal/*" in resource


def test_only_journal_entries_can_be_deleted(template):
    deleting = [
        statement
        for _, statement in all_statements(template)
        if any(action.startswith("ssm:Delete") for action in as_list(statement["Action"]))
    ]
    assert [statement["Sid"] for statement in deleting] == ["PruneJournal"]
    assert all("${Prefix}/journal/*" in text(resource) for resource in as_list(deleting[0]["Resource"]))


def test_only_the_reverse_task_can_be_started_and_stopped(template):
    running = [
        statement
        for _, statement in all_statements(template)
        if any(re.match(r"dms:(Start|Stop|Modify|Delete|Create|Reload)", action) for action in as_list(statement["Action"]))
    ]
    assert [statement["Sid"] for statement in running] == ["RunReverseTask"]
    assert running[0]["Resource"] == {"Ref": "ReverseDmsTaskArn"}


def test_notices_are_encrypted_with_a_key_that_alarms_and_events_may_use(template):
    topic = template["Resources"]["NotificationTopic"]["Properties"]
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": ["NotificationKey", "Arn"]}
    key = template["Resources"]["NotificationKey"]["Properties"]["KeyPolicy"]["Statement"]
    by_service = {
        statement["Principal"]["Service"]: statement for statement in key if "Service" in statement["Principal"]
    }
    for service in ("cloudwatch.amazonaws.com", "events.amazonaws.com"):
        assert set(by_service[service]["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    # With a condition every notice from EventBridge would be lost in silence.
    assert "Condition" not in by_service["events.amazonaws.com"]


def calls_in_code() -> set[str]:
    """The IAM actions of the SDK calls that the adapters make."""
    actions = set()
    for path in (ROOT / "shared/aws/src").glob("*.rs"):
        source = path.read_text()
        crates = re.findall(r"^use aws_sdk_(\w+)::Client;", source, re.MULTILINE)
        operations = re.findall(r"\.client\s*\.([a-z_]+)\(\)", source)
        assert len(crates) == 1 or not operations, f"{path}: calls of {crates}"
        for operation in operations:
            service = SERVICE_OF_CRATE.get(crates[0], crates[0])
            actions.add(f"{service}:{operation.title().replace('_', '')}")
    return actions


def test_the_policy_allows_the_calls_that_the_code_makes_and_no_others(template):
    calls = calls_in_code()
    services = {call.split(":")[0] for call in calls}
    assert services == {"cloudwatch", "dms", "route53", "sns", "ssm"}
    allowed = {
        action
        for statement in statements(template, "Route53UpdaterRole")
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        if action.split(":")[0] in services
    }
    assert allowed == calls


def variables_of(template, function):
    return set(template["Resources"][function]["Properties"]["Environment"]["Variables"])


def test_the_variables_are_those_the_configuration_reads(template):
    source = (ROOT / "shared/aws/src/config.rs").read_text()
    code = source.split("#[cfg(test)]")[0]
    read = {name for name in re.findall(r'"([A-Z][A-Z0-9_]{3,})"', code) if not SET_BY_LAMBDA.match(name)}
    assert variables_of(template, "Route53Updater") == read


def test_every_parameter_is_described_and_checked(template):
    for name, parameter in template["Parameters"].items():
        assert parameter.get("Description"), f"{name} has no description"
        checked = {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter)
        assert checked, f"{name} accepts anything"
        if "AllowedPattern" in parameter:
            assert parameter.get("ConstraintDescription"), f"{name} does not say what it accepts"
            if "Default" in parameter:
                assert re.fullmatch(parameter["AllowedPattern"], str(parameter["Default"])), name


def test_the_schedule_sends_a_tick_every_minute(template):
    events = template["Resources"]["Route53Updater"]["Properties"]["Events"]
    assert list(events) == ["Tick"]
    tick = events["Tick"]["Properties"]
    assert tick["Schedule"] == "rate(1 minute)"
    assert json.loads(tick["Input"]) == {"action": "tick"}
    assert set(tick["RetryPolicy"]) == {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"}


def test_each_function_is_built_from_the_package_of_its_name(template):
    for name, function in resources_of(template, "AWS::Serverless::Function").items():
        binary = function["Metadata"]["BuildProperties"]["Binary"]
        assert function["Metadata"]["BuildMethod"] == "rust-cargolambda"
        assert function["Properties"]["FunctionName"]["Fn::Sub"] == f"{binary}-${{Environment}}", name
        assert (ROOT / "functions" / binary / "Cargo.toml").is_file(), name
