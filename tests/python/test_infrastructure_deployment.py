"""How the stack gets into an account: samconfig.toml, environments/, and the alias that a deployment moves."""

import tomllib

import pytest
from samcli.cli.types import CfnParameterOverridesType

from made import MADE_DR, MADE_PRIMARY
from stack import DR, DR_LEAST, DR_MOST, FUNCTIONS, LEAST, MIGRATION, MOST, ROOT, Stack, as_written

ENVIRONMENTS = ["dev", "staging", "prod"]
TABLES = [f"{environment}{region}" for environment in ENVIRONMENTS for region in ("", "-dr")]

# What a team fills in at least.
YOURS = {"HostedZoneId": "Z0123456789", "WriterRecordName": "db.example.com", "DmsTaskArn": LEAST["DmsTaskArn"]}
YOURS_DR = {name: DR_LEAST[name] for name in ("DrGlobalClusterId", "PrimaryClusterArn", "DrClusterArn")}

GRADUAL = {"GradualDeployment": "true"}


def config(table):
    whole = tomllib.loads((ROOT / "samconfig.toml").read_text())
    return whole[table]["deploy"]["parameters"]


def given(table, monkeypatch):
    """The parameters as SAM reads them, from the folder in which it is started."""
    monkeypatch.chdir(ROOT)
    return CfnParameterOverridesType().convert(config(table)["parameter_overrides"], None, None)


def test_there_is_a_table_for_each_environment_and_region_and_a_file_of_parameters_for_each():
    whole = tomllib.loads((ROOT / "samconfig.toml").read_text())
    assert set(whole) - {"version", "default"} == set(TABLES)
    assert {path.stem for path in ROOT.glob("environments/*.yaml")} == set(TABLES)
    for table in TABLES:
        assert config(table)["parameter_overrides"] == f"file://environments/{table}.yaml"


@pytest.mark.parametrize("table", TABLES)
def test_a_table_may_make_what_the_template_has(table):
    capabilities = set(config(table)["capabilities"].split())
    # Nested templates, roles, and the two roles whose names are DMS's.
    assert capabilities == {"CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}


def test_no_two_tables_meet_in_one_stack_and_a_dr_region_is_another_region():
    places = [(config(table)["region"], config(table)["stack_name"]) for table in TABLES]
    assert len(set(places)) == len(TABLES)
    for environment in ENVIRONMENTS:
        assert config(environment)["region"] != config(f"{environment}-dr")["region"]


@pytest.mark.parametrize("table", TABLES)
def test_a_file_names_its_environment_and_role_and_only_parameters_that_there_are(table, monkeypatch):
    parameters = given(table, monkeypatch)
    assert set(parameters) <= set(as_written()["Parameters"])
    assert parameters["Environment"] == table.removesuffix("-dr")
    assert parameters.get("Role", "migration") == ("dr" if table.endswith("-dr") else "migration")


@pytest.mark.parametrize("table", TABLES)
def test_what_is_not_filled_in_is_asked_for_by_name(table, monkeypatch):
    failed = " ".join(Stack(given(table, monkeypatch)).failed_rules())
    wanted = YOURS_DR if table.endswith("-dr") else YOURS
    assert [name for name in wanted if name not in failed] == []


@pytest.mark.parametrize("table", TABLES)
def test_a_file_that_is_filled_in_makes_a_stack(table, monkeypatch):
    parameters = given(table, monkeypatch) | (YOURS_DR if table.endswith("-dr") else YOURS)
    stack = Stack(parameters)
    assert stack.failed_rules() == []
    assert set(stack.of_type("AWS::Lambda::Function")) == set((DR if table.endswith("-dr") else MIGRATION).values())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_one_file_serves_both_regions_of_an_environment(environment, monkeypatch):
    primary, secondary = given(environment, monkeypatch), given(f"{environment}-dr", monkeypatch)
    assert set(primary) <= set(secondary)
    assert Stack(primary | YOURS | YOURS_DR).failed_rules() == []
    assert Stack(secondary | YOURS | YOURS_DR).failed_rules() == []


def test_production_is_the_most_careful(monkeypatch):
    production = given("prod", monkeypatch)
    assert (production["DatabaseDeletionProtection"], production["BackupDailyDays"]) == ("true", "30")
    assert production["GradualDeployment"] == "true"
    assert config("prod")["confirm_changeset"] is True
    assert given("prod-dr", monkeypatch)["DrMode"] == "observe"


def test_the_files_of_parameters_hold_no_secret():
    for path in ROOT.glob("environments/*.yaml"):
        assert not [line for line in path.read_text().splitlines() if "password:" in line.lower()], path


@pytest.mark.parametrize("parameters", [LEAST, MOST, DR_LEAST, DR_MOST, MADE_PRIMARY, MADE_DR])
def test_each_function_has_an_alias_that_its_own_events_address(parameters):
    stack = Stack(parameters)
    aliases = stack.of_type("AWS::Lambda::Alias")
    functions = set(stack.of_type("AWS::Lambda::Function"))
    assert set(aliases) == {f"{function}Aliaslive" for function in functions}
    assert {alias["Name"] for alias in aliases.values()} == {"live"}
    own = [
        rule
        for name, rule in stack.of_type("AWS::Events::Rule").items()
        if name not in {"AlarmRollbackRule", "ForwardRule"}
    ]
    assert own
    assert all(target["Arn"] in aliases for rule in own for target in rule["Targets"])


@pytest.mark.parametrize("parameters", [LEAST, DR_LEAST, MOST])
def test_without_gradual_deployment_there_is_no_codedeploy(parameters):
    stack = Stack(parameters)
    assert not [kind for kind, _ in stack.every_resource() if kind.startswith("AWS::CodeDeploy")]
    assert "AlarmRollbackAliasActionPermission" not in stack.resources


def invokers(stack):
    """Whatever invokes a function of the stack, and what it invokes."""
    for name, rule in stack.of_type("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            yield name, target["Arn"]
    for name, subscription in stack.of_type("AWS::SNS::Subscription").items():
        if subscription["Protocol"] == "lambda":
            yield name, subscription["Endpoint"]


@pytest.mark.parametrize("parameters", [MOST, DR_MOST])
def test_gradually_everything_goes_through_the_alias(parameters):
    stack = Stack(parameters | GRADUAL)
    found = dict(invokers(stack))
    assert len(found) >= 6
    assert {name for name, invoked in found.items() if not invoked.endswith("Aliaslive")} == set()
    permitted = {name: one["FunctionName"] for name, one in stack.of_type("AWS::Lambda::Permission").items()}
    plain = {name for name, function in permitted.items() if not function.endswith("Aliaslive")}
    # An alarm that has the function as an action from before keeps it.
    assert plain == (
        {"DrFailoverActionPermission"} if stack.values["Role"] == "dr" else {"AlarmRollbackActionPermission"}
    )
    for name, invoked in found.items():
        assert invoked in permitted.values(), f"{name} may not invoke {invoked}"


@pytest.mark.parametrize(
    ("parameters", "outputs"),
    [
        (LEAST, {"Route53UpdaterArn": "Route53Updater", "AlarmRollbackArn": "AlarmRollback"}),
        (DR_LEAST, {"DrFailoverArn": "DrFailover"}),
    ],
)
def test_what_others_are_to_invoke_is_the_alias(parameters, outputs):
    for output, function in outputs.items():
        assert Stack(parameters | GRADUAL).output(output) == f"{function}Aliaslive"
        assert Stack(parameters).output(output) == f"{function}.Arn"


@pytest.mark.parametrize("parameters", [LEAST, DR_LEAST])
def test_a_canary_is_taken_back_when_its_function_fails(parameters):
    stack = Stack(parameters | GRADUAL)
    groups = stack.of_type("AWS::CodeDeploy::DeploymentGroup")
    functions = {logical: binary for binary, logical in FUNCTIONS.items() if logical in stack.resources}
    assert set(groups) == {f"{function}DeploymentGroup" for function in functions}
    for function, binary in functions.items():
        group = groups[f"{function}DeploymentGroup"]
        assert "LambdaCanary10Percent30Minutes" in group["DeploymentConfigName"]
        assert group["AutoRollbackConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        (alarm,) = group["AlarmConfiguration"]["Alarms"]
        # Its own: a reference alone does not say of which nested stack it is.
        written = as_written()["Resources"][function]["Properties"]["DeploymentPreference"]["Alarms"]["Fn::If"][1]
        assert written == [{"Fn::GetAtt": [f"Watch{function}", "Outputs.DeploymentAlarmName"]}]
        watched = stack.nested(f"Watch{function}").properties(alarm["Name"])
        assert (watched["MetricName"], watched["AlarmName"]) == ("Errors", f"cutover-{binary}-deployment-dev")
        assert {"Name": "Resource", "Value": f"{function}:live"} in watched["Dimensions"]
        # With one invocation in ten minutes there is no second error to wait for.
        assert (watched["EvaluationPeriods"], watched["Threshold"]) == (1, 0)
        policy = stack.template["Resources"][f"{function}Aliaslive"]["UpdatePolicy"]
        assert "CodeDeployLambdaAliasUpdate" in policy


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_whoever_invokes_by_the_plain_name_has_the_limits_of_the_alias(function):
    stack = Stack(DR_LEAST if function in DR.values() else LEAST)
    found = [one for one in stack.of_type("AWS::Lambda::EventInvokeConfig").values() if one["FunctionName"] == function]
    limits = {(one["MaximumEventAgeInSeconds"], one["MaximumRetryAttempts"]) for one in found}
    assert len(found) == 2
    assert limits == {(300, 2)}
    assert "$LATEST" in [one["Qualifier"] for one in found]


def test_the_make_target_deploys_a_table():
    recipe = (ROOT / "Makefile").read_text().split("\ndeploy:")[1].split("\n\n")[0]
    assert "sam deploy --config-env $(ENV)" in recipe
