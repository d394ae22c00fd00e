"""What holds of every function's role: one of its own, exact actions, and resources as narrow as the API knows them."""

import json

import pytest

from permissions import resource_formats, the_one
from stack import DR_LEAST, DR_MOST, DR_REPLICA, FUNCTIONS, LEAST, MOST, Stack, as_list, full, statements

# Asked for everything although the API knows something narrower, and why.
WIDER = {
    "cloudwatch:DescribeAlarms": "with less than everything composite alarms are left out",
    "cloudwatch:GetMetricData": "a metric is not a resource",
    "cloudwatch:PutMetricData": "a metric is not a resource; the namespace is a condition",
}

# IAM's limits for a managed policy, and for all that is written into a role, without white space.
MANAGED_POLICY_BYTES_MAX = 6144
INLINE_POLICIES_BYTES_MAX = 10240

STACKS = [LEAST, MOST, DR_LEAST, DR_MOST, DR_REPLICA]

LONG_PATH = "/twenty-characters-xx" * 8
LONGEST = {
    "StatePrefix": LONG_PATH,
    "ApplicationParameterPath": LONG_PATH,
    "MigrationStateParameter": LONG_PATH,
    "RefreshAutoScalingGroups": ",".join(f"{number}{'x' * 50}" for number in range(5)),
}


def functions(stack):
    return [function for function in FUNCTIONS.values() if function in stack.resources]


def all_statements(parameters):
    stack = Stack(parameters)
    return [(f, statement) for f in functions(stack) for statement in statements(stack, f"{f}Role")]


def size(document):
    return len(json.dumps(document, separators=(",", ":")))


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_every_function_has_a_role_of_its_own_and_only_policies_of_this_stack(function):
    stack = full(function)
    assert stack.properties(function)["Role"] == f"{function}Role.Arn"
    for policy in stack.properties(f"{function}Role").get("ManagedPolicyArns", []):
        assert stack.resources[policy]["Type"] == "AWS::IAM::ManagedPolicy"


@pytest.mark.parametrize("parameters", STACKS)
def test_there_are_no_other_roles_and_only_lambda_assumes_them(parameters):
    stack = Stack(parameters)
    roles = stack.of_type("AWS::IAM::Role")
    assert set(roles) == {f"{function}Role" for function in functions(stack)}
    for role in roles.values():
        assume = the_one(role["AssumeRolePolicyDocument"]["Statement"])
        assert (assume["Principal"], assume["Action"]) == ({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")


@pytest.mark.parametrize("parameters", STACKS)
def test_every_statement_of_a_role_has_a_sid_of_its_own(parameters):
    stack = Stack(parameters)
    for function in functions(stack):
        sids = [statement.get("Sid") for statement in statements(stack, f"{function}Role")]
        assert all(sids), f"{function}: a statement without Sid"
        assert len(set(sids)) == len(sids), f"{function}: {sids}"


@pytest.mark.parametrize("parameters", STACKS)
def test_no_statement_names_actions_by_wildcard(parameters):
    for function, statement in all_statements(parameters):
        for action in as_list(statement["Action"]):
            assert "*" not in action or action == "kms:GenerateDataKey*", f"{function} {statement['Sid']}: {action}"


@pytest.mark.parametrize("parameters", STACKS)
def test_everything_as_a_resource_only_where_the_api_has_nothing_narrower(parameters):
    for function, statement in all_statements(parameters):
        if statement["Effect"] == "Allow" and "*" in as_list(statement["Resource"]):
            for action in as_list(statement["Action"]):
                narrower = action not in WIDER and resource_formats(action)
                assert not narrower, f"{function} {statement['Sid']}: {action} on *, not {narrower}"


def test_every_exception_is_used():
    used = {
        action
        for parameters in (MOST, DR_MOST)
        for _, statement in all_statements(parameters)
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    assert set(WIDER) <= used


@pytest.mark.parametrize("parameters", STACKS)
def test_every_statement_names_something_that_its_actions_are_permitted_on(parameters):
    for function, statement in all_statements(parameters):
        arns = [arn for arn in as_list(statement["Resource"]) if arn.startswith("arn:")]
        assert as_list(statement["Resource"]), f"{function} {statement['Sid']} names nothing"
        for action in as_list(statement["Action"]) if arns else []:
            formats = resource_formats(action)
            fitting = [arn for arn in arns if any(known.fullmatch(arn) for known in formats)]
            assert fitting, f"{function} {statement['Sid']}: {action} is permitted on none of {arns}"


@pytest.mark.parametrize("parameters", [MOST, DR_MOST])
def test_policies_fit(parameters):
    longest = {name: value for name, value in LONGEST.items() if name == "StatePrefix" or parameters is DR_MOST}
    stack = Stack(parameters | longest)
    for name, policy in stack.of_type("AWS::IAM::ManagedPolicy").items():
        assert size(policy["PolicyDocument"]) < MANAGED_POLICY_BYTES_MAX, name
    for name, role in stack.of_type("AWS::IAM::Role").items():
        assert size([policy["PolicyDocument"] for policy in role["Policies"]]) < INLINE_POLICIES_BYTES_MAX, name
