"""What template.yaml promises: functions of one mould, every variable, parameters that are checked."""

import re

import pytest

from clients import ACCOUNT, REGION
from stack import DR, DR_LEAST, DR_MOST, FUNCTIONS, LEAST, MIGRATION, MOST, ROOT, Stack, as_written, full

# Names in configuration code that Lambda itself sets.
SET_BY_LAMBDA = re.compile(r"^(AWS_|LAMBDA_|RUST_)")

# Lambda's limit for the names and values of all variables.
VARIABLES_BYTES_MAX = 4096


def variables(stack, function="Route53Updater"):
    return stack.properties(function)["Environment"]["Variables"]


@pytest.mark.parametrize(("parameters", "functions"), [(MOST, MIGRATION), (DR_MOST, DR)])
def test_each_role_has_its_functions(parameters, functions):
    assert set(Stack(parameters).of_type("AWS::Lambda::Function")) == set(functions.values())


def test_every_function_is_of_a_role():
    assert {path.parent.name for path in ROOT.glob("functions/*/Cargo.toml")} == set(FUNCTIONS)


@pytest.mark.parametrize(("binary", "function"), FUNCTIONS.items())
def test_each_function_is_built_from_the_package_of_its_name(binary, function):
    metadata = as_written()["Resources"][function]["Metadata"]
    assert metadata == {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": binary}}
    assert full(function).properties(function)["FunctionName"] == f"{binary}-dev"


@pytest.mark.parametrize(("binary", "function"), FUNCTIONS.items())
def test_each_function_writes_to_its_own_log_group(binary, function):
    stack = full(function)
    logs = stack.properties(function)["LoggingConfig"]["LogGroup"]
    assert stack.properties(logs)["LogGroupName"] == f"/aws/lambda/{binary}-dev"
    assert stack.properties(logs)["RetentionInDays"] == "90"


def test_the_functions_of_a_migration_have_the_same_variables(most):
    for function in MIGRATION.values():
        assert variables(most, function) == variables(most), function


def test_the_variables_are_those_the_configuration_reads(most):
    source = (ROOT / "shared/aws/src/config.rs").read_text()
    code = source.split("#[cfg(test)]")[0]
    read = {name for name in re.findall(r'"([A-Z][A-Z0-9_]{3,})"', code) if not SET_BY_LAMBDA.match(name)}
    assert read - set(variables(most)) == set(), "read but not set"
    assert set(variables(most)) - read == set(), "set but not read"


def test_every_value_is_text_and_all_fit_where_nothing_is_left_out(most):
    values = variables(most)
    assert all(isinstance(value, str) for value in values.values())
    assert sum(len(name) + len(value) for name, value in values.items()) < VARIABLES_BYTES_MAX


def test_what_is_not_set_has_its_default_or_is_empty(least):
    values = variables(least)
    assert values["STATE_PREFIX"] == "/migration/dev"
    assert (values["WINDOW_MINUTES"], values["WINDOW_POLICY"], values["LIMIT_POLICY"]) == ("60", "hold", "rollback")
    assert values["RESTARTS_PER_HOUR"] == "3"
    assert [values[f"{limit}_PERCENT_MAX"] for limit in ("HEALTH_FAILURE", "LATENCY_INCREASE", "AUTH_FAILURE")] == [
        "50",
        "30",
        "5",
    ]
    for name in ("DMS_RELATED_ARNS", "MIGRATION_ALARMS", "HEALTH_FAILURE_EXPRESSION", "AUTH_FAILURE_EXPRESSION"):
        assert values[name] == "", name


def test_every_alarm_is_listed_with_its_policy(most):
    assert variables(most)["MIGRATION_ALARMS"].split(",") == [
        "orders-5xx=rollback",
        "orders errors=rollback",
        "orders-latency=hold",
        "orders-disk=notify",
        "cutover-lag-dev=hold",
        "cutover-target-cpu-dev=rollback",
        "cutover-target-connections-dev=rollback",
    ]


@pytest.mark.parametrize(
    ("parameters", "listed"),
    [
        ({"HoldAlarms": "a,b"}, "a=hold,b=hold"),
        ({"RollbackAlarms": "a", "NotifyAlarms": "c"}, "a=rollback,c=notify"),
        ({"DmsInstanceIdentifier": "i", "LagAlarmPolicy": "notify"}, "cutover-lag-dev=notify"),
        ({"TargetClusterIdentifier": "c"}, "cutover-target-cpu-dev=rollback"),
    ],
)
def test_only_the_alarms_that_there_are_are_listed(parameters, listed):
    assert variables(Stack(LEAST | parameters))["MIGRATION_ALARMS"] == listed


@pytest.mark.parametrize("parameters", [LEAST, MOST, DR_LEAST, DR_MOST])
def test_good_parameters_break_no_rule(parameters):
    assert Stack(parameters).failed_rules() == []


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"WriterRecordName": ""}, "ReaderRecordName"),
        ({"HostedZoneId": ""}, "HostedZoneId"),
        ({"DmsTaskArn": ""}, "DmsTaskArn"),
        ({"TargetSetIdentifier": "source"}, "must differ"),
        ({"TargetConnectionsMax": "5"}, "TargetClusterIdentifier"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(parameters, named):
    (failed,) = Stack(LEAST | parameters).failed_rules()
    assert named in failed


def test_every_parameter_is_described_and_checked():
    for name, parameter in as_written()["Parameters"].items():
        assert parameter.get("Description"), f"{name} has no description"
        checked = {"AllowedPattern", "AllowedValues", "MinValue", "MaxLength"} & set(parameter)
        assert checked, f"{name} accepts anything"
        if "AllowedPattern" in parameter:
            assert parameter.get("ConstraintDescription"), f"{name} does not say what it accepts"
            if "Default" in parameter:
                assert re.fullmatch(parameter["AllowedPattern"], str(parameter["Default"])), name


def test_every_parameter_is_asked_for_in_one_group():
    template = as_written()
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    asked = [name for group in groups for name in group["Parameters"]]
    assert sorted(asked) == sorted(template["Parameters"])


@pytest.mark.parametrize(
    ("parameter", "value", "accepted"),
    [
        *(
            (f"{pair}RecordName", name, True)
            for pair in ("Reader", "Writer")
            for name in ("", "db.example.com", "_db.x")
        ),
        *(
            (f"{pair}RecordName", name, False)
            for pair in ("Reader", "Writer")
            # IAM compares names as Route 53 normalises them.
            for name in ("db.example.com.", "Db.example.com", "*.example.com")
        ),
        ("RollbackAlarms", "orders-5xx,orders errors", True),
        ("RollbackAlarms", "orders-5xx=rollback", False),
        ("HoldAlarms", "a,,b", False),
        ("HoldAlarms", "a, b", False),
        ("NotifyAlarms", "a,", False),
        ("DmsRelatedArns", f"arn:aws:dms:{REGION}:{ACCOUNT}:rep:A,arn:aws:dms:{REGION}:{ACCOUNT}:endpoint:B", True),
        ("DmsRelatedArns", "orders-replication", False),
        ("DmsInstanceIdentifier", f"arn:aws:dms:{REGION}:{ACCOUNT}:rep:A", False),
        ("AlarmTopicArn", f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", True),
        ("AlarmTopicArn", f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms.fifo", False),
    ],
)
def test_parameters_take_only_what_works(parameter, value, accepted):
    pattern = as_written()["Parameters"][parameter]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) == accepted
