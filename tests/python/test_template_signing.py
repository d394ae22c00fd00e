"""Code signing: none unless a profile is given, and then for every function."""

import re

import pytest

from clients import ACCOUNT, REGION
from stack import DR, DR_MOST, MIGRATION, MOST, Stack, as_written

PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/cutover/Ab3dEf7h9j"
ROLES = [(MOST, MIGRATION), (DR_MOST, DR)]


@pytest.mark.parametrize(("parameters", "functions"), ROLES)
def test_without_a_profile_nothing_need_be_signed(parameters, functions):
    stack = Stack(parameters)
    assert stack.of_type("AWS::Lambda::CodeSigningConfig") == {}
    for function in functions.values():
        assert "CodeSigningConfigArn" not in stack.properties(function), function


@pytest.mark.parametrize(("parameters", "functions"), ROLES)
def test_with_a_profile_every_function_takes_only_code_signed_with_it(parameters, functions):
    stack = Stack(parameters | {"SigningProfileVersionArn": PROFILE})
    signing = stack.properties("CodeSigning")
    assert signing["AllowedPublishers"] == {"SigningProfileVersionArns": [PROFILE]}
    assert signing["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}
    for function in functions.values():
        assert "CodeSigning" in str(stack.properties(function)["CodeSigningConfigArn"]), function


@pytest.mark.parametrize(
    ("value", "taken"), [("", True), (PROFILE, True), (PROFILE.rsplit("/", 1)[0], False), ("cutover", False)]
)
def test_only_the_version_of_a_profile_is_taken(value, taken):
    pattern = as_written()["Parameters"]["SigningProfileVersionArn"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) is taken
