"""The workflows of GitHub Actions: linted, pinned, and allowed no more than they need."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from conftest import tool

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ENVIRONMENTS = ["dev", "dev-dr", "staging", "staging-dr", "prod", "prod-dr"]

PINNED = re.compile(r"[a-z-]+/[a-z-]+@[0-9a-f]{40}")


def workflow(name: str) -> dict:
    return yaml.safe_load((ROOT / ".github/workflows" / name).read_text())


def jobs() -> list[tuple[str, str, dict]]:
    return [(path.name, name, job) for path in WORKFLOWS for name, job in workflow(path.name)["jobs"].items()]


def steps() -> list[tuple[str, dict]]:
    return [(f"{file}:{name}", step) for file, name, job in jobs() for step in job.get("steps", [])]


def lint(directory: Path) -> subprocess.CompletedProcess:
    command = [tool("jactionlint"), "--strict-exit", "--no-color", "--shellcheck=", "--pyflakes="]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def test_the_linter_finds_nothing():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "good", "bad"),
    [
        ("check.yml", "github.event_name ==", "github.event_nam =="),
        ("check.yml", "# v7.0.1", "# v7.0.1\n      - run: echo ${{ github.head_ref }}"),
        ("deploy.yml", "needs: build", "needs: biuld"),
        ("deploy-environment.yml", "@d979d5b3a71173a29b74b5b88418bfda9437d885", "@v6"),
    ],
)
def test_the_linter_finds_a_mistake(tmp_path, file, good, bad):
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    (tmp_path / ".git").mkdir()
    changed = tmp_path / ".github/workflows" / file
    text = changed.read_text()
    assert good in text
    changed.write_text(text.replace(good, bad, 1))
    result = lint(tmp_path)
    assert result.returncode == 1
    assert file in result.stdout


def test_an_action_of_others_is_pinned_by_its_commit():
    used = [step["uses"] for _, step in steps() if "uses" in step]
    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


def test_a_command_is_a_target_of_the_makefile():
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for where, step in steps():
        if "run" not in step:
            continue
        words = step["run"].split()
        assert words[0] == "make", where
        named = [word for word in words[1:] if re.fullmatch(r"[a-z0-9-]+", word)]
        assert set(named) <= targets, where
    matrix = workflow("check.yml")["jobs"]["check"]["strategy"]["matrix"]["target"]
    assert set(matrix) <= targets


def test_a_change_is_checked_by_what_make_ci_does():
    makefile = (ROOT / "Makefile").read_text()
    ci = re.search(r"^ci: ([a-z -]+)", makefile, re.MULTILINE).group(1).split()
    test = re.search(r"^test: ([a-z -]+)", makefile, re.MULTILINE).group(1).split()
    matrix = workflow("check.yml")["jobs"]["check"]["strategy"]["matrix"]["target"]
    assert sorted(matrix) == sorted([target for target in ci if target != "test"] + test)


def test_a_token_may_only_read_and_only_who_deploys_may_ask_for_a_role():
    for path in WORKFLOWS:
        assert workflow(path.name)["permissions"] == {}, path.name
    for file, name, job in jobs():
        deploys = file == "deploy-environment.yml" or job.get("uses", "").endswith("/deploy-environment.yml")
        expected = {"contents": "read"} | ({"id-token": "write"} if deploys else {})
        assert job["permissions"] == expected, f"{file}:{name}"


def test_a_checkout_leaves_no_token_behind():
    for where, step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, where


def test_credentials_come_from_a_role_and_no_secret_is_used():
    for path in WORKFLOWS:
        assert "secrets." not in path.read_text(), path.name
    uses = [step for _, step in steps() if step.get("uses", "").startswith("aws-actions/configure-aws-credentials@")]
    assert [step["with"]["role-to-assume"] for step in uses] == ["${{ vars.AWS_DEPLOY_ROLE_ARN }}"]
    job = workflow("deploy-environment.yml")["jobs"]["deploy"]
    assert job["environment"] == "${{ inputs.environment }}"
    assert job["concurrency"]["cancel-in-progress"] is False


def test_every_environment_is_deployed_after_the_one_before():
    """The approval of an environment can only hold back what needs it."""
    deployments = workflow("deploy.yml")["jobs"]
    before = ["build", *ENVIRONMENTS]
    for previous, environment in zip(before, ENVIRONMENTS, strict=False):
        job = deployments[environment]
        assert job["with"]["environment"] == environment
        assert job["needs"] == previous
    assert deployments["build"]["needs"] == "check"


def test_every_environment_that_sam_knows_is_deployed():
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    assert sorted(name for name, table in config.items() if isinstance(table, dict) and "deploy" in table) == sorted(
        ENVIRONMENTS
    )
