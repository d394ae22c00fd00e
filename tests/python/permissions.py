"""What the template's roles allow, and what the code calls."""

import json
import re
from functools import cache
from pathlib import Path

import botocore.session
import cfnlint
from botocore import xform_name

from stack import ROOT, Stack, as_list, statements

# The services that functions call. IAM and botocore call them the same.
SERVICES = ["autoscaling", "cloudwatch", "dms", "events", "lambda", "rds", "route53", "secretsmanager", "sns", "ssm"]

# Where IAM calls an operation otherwise.
ACTION_OF_OPERATION = {"lambda:Invoke": "lambda:InvokeFunction"}


def allowing(stack: Stack, function: str, action: str) -> list[dict]:
    return [
        statement
        for statement in statements(stack, f"{function}Role")
        if statement["Effect"] == "Allow" and action in as_list(statement["Action"])
    ]


def the_one(found: list) -> dict:
    assert len(found) == 1, found
    return found[0]


def allowed(stack: Stack, function: str) -> set[str]:
    return {
        action
        for statement in statements(stack, f"{function}Role")
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }


@cache
def actions_by_method() -> dict[str, set[str]]:
    """The IAM actions of all operations, by what the SDK for Rust calls them."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        for operation in botocore.session.get_session().get_service_model(service).operation_names:
            action = f"{service}:{operation}"
            found.setdefault(xform_name(operation), set()).add(ACTION_OF_OPERATION.get(action, action))
    return found


def calls_in(source: str) -> set[str]:
    """The IAM actions of the SDK calls in a file."""
    code = source.split("#[cfg(test)]")[0]
    methods = set(re.findall(r"\.([a-z0-9_]+)\(\)", code)) & set(actions_by_method())
    return set().union(*(actions_by_method()[method] for method in methods))


@cache
def calls_in_code() -> dict[Path, set[str]]:
    """The IAM actions that the adapters need, by the file that makes the calls."""
    root = ROOT / "shared/aws/src"
    return {path.relative_to(root): calls_in(path.read_text()) for path in root.glob("**/*.rs")}


def is_of_dr(path: Path) -> bool:
    return path.parts[0] == "dr"


@cache
def authorization() -> dict:
    """AWS's service authorization reference, as cfn-lint brings it along: actions and resources by service."""
    data = Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json"
    return json.loads(data.read_text())


def resource_formats(action: str) -> list[re.Pattern]:
    """What the ARN of a resource may look like that the action is permitted on. None if it has no resource level."""
    service, name = action.split(":")
    reference = authorization()[service]
    known = {key.lower(): value for key, value in reference["Actions"].items()}
    kinds = known[name.lower()].get("Resources", [])
    resources = {key.lower(): value for key, value in reference["Resources"].items()}
    formats = [pattern for kind in kinds for pattern in resources[kind.lower()]["ARNFormats"]]
    # Some end with a wildcard, the others with a regular expression for it.
    formats = [re.sub(r":\*$", ":.*", pattern) for pattern in formats]
    return [re.compile(re.sub(r"\$\{\w+\}", "[^:]*", pattern)) for pattern in formats]
