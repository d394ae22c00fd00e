"""No secret in the repository, none in what the functions log while every story is played; and one would be found."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

from conftest import binary, environment

ROOT = Path(__file__).resolve().parents[2]

STORIES_SECONDS_MAX = 500

# Looks like a secret and is none: how many of what kind, and why.
NOT_SECRET = {
    ("events/sns.dms.task-failed.json", "Base64 High Entropy String"): (1, "the address of a console"),
    ("shared/aws/src/dr/network.rs", "Secret Keyword"): (1, "what a secret of RDS looks like, in a test"),
    ("shared/core/tests/triggers_checked.rs", "Base64 High Entropy String"): (1, "the name of a task"),
}

# The access key of AWS's documentation, and the secret key that goes with it.
EXAMPLES = ("EXAMPLE", "EXAMPLEKEY")

# Put together here, so that this file has none. Each in the form in which it would get into a file or a log.
PLANTS = {
    "an access key": "key " + "AKIA" + "Z3MGNTRQWXYB7D5K",
    "a secret key": '"aws_secret_access_key": "' + "k9Xw3LmQ8vTzR1yBn5Hc" + "J7pDf2GsA6uEo4ViNqWx" + '"',
    "a password in an address": "cannot connect to postgres://cutover:" + "Tr0ub4dor" + "@db.example.com/orders",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a password in a field": '{"password": "' + "Xk3mQ9vTz1R" + '"}',
}


def is_a_name(secret: PotentialSecret) -> bool:
    """What follows a word such as `secret` is mostly the name of one; every password that we make has a digit."""
    value = secret.secret_value
    names = value.startswith("arn:") or not any(letter.isdigit() for letter in value)
    return value.endswith(EXAMPLES) or (secret.type == "Secret Keyword" and names)


def found(path: Path) -> Counter:
    with default_settings():
        secrets = set(scan_file(str(path)))
    return Counter(secret.type for secret in secrets if not is_a_name(secret))


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def log() -> str:
    """What the functions log while every story is played."""
    played = subprocess.run(
        [str(binary("rehearsal")), "stories", "--log"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=STORIES_SECONDS_MAX,
        check=False,
    )
    assert played.returncode == 0, played.stdout
    return played.stderr


def test_the_repository_has_no_secret():
    names = tracked()
    assert "template.yaml" in names
    findings = Counter()
    for name in names:
        for kind, count in found(ROOT / name).items():
            findings[name, kind] = count
    assert findings == {finding: count for finding, (count, _) in NOT_SECRET.items()}


def readable(lines: list[str]) -> str:
    """Each field of each line as it was before JSON, once: quotes that are escaped hide what is between them."""
    fields = {
        f"{name}: {value}"
        for line in lines
        for name, value in json.loads(line).items()
        # The clock's and the runtime's own, another in every line.
        if name not in ("timestamp", "trigger_id")
    }
    return "\n".join(sorted(fields)) + "\n"


def test_the_log_of_every_story_has_no_secret(log, tmp_path):
    lines = log.splitlines()
    stories = len(list((ROOT / "rehearsal/stories").glob("*.story")))
    assert len(lines) > 10 * stories, "so few lines are not the log of every story"
    assert {"INFO", "ERROR"} <= {json.loads(line)["level"] for line in lines}
    path = tmp_path / "stories.log"
    path.write_text(readable(lines))
    assert found(path) == {}


@pytest.mark.parametrize("plant", PLANTS)
def test_a_secret_in_the_repository_would_be_found(plant, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text((ROOT / "README.md").read_text() + "\n" + PLANTS[plant] + os.linesep)
    assert found(path), plant


@pytest.mark.parametrize("plant", PLANTS)
def test_a_secret_in_the_log_would_be_found(plant, log, tmp_path):
    lines = log.splitlines()
    planted = json.loads(lines[0]) | {"message": f"status: {PLANTS[plant]}"}
    path = tmp_path / "stories.log"
    path.write_text(readable([*lines, json.dumps(planted)]))
    assert found(path), plant
