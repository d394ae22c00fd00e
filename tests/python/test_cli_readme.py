"""The commands of the README, and those that `serve` greets with, typed as they stand there."""

import json
import re
import subprocess

import pytest

from conftest import ROOT, TOOLS, environment
from story import tell

COMMAND_SECONDS_MAX = 60
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENDPOINT = "http://127.0.0.1:4566"


def commands(program: str) -> list[str]:
    lines = [line for block in BLOCK.findall((ROOT / "README.md").read_text()) for line in block.splitlines()]
    return [line for line in lines if line.startswith(f"{program} ")]


class Shell:
    def __init__(self, url: str, directory):
        self.url = url
        self.directory = directory

    def run(self, line: str) -> str:
        # As the README says: the endpoint after `aws`, any credentials, a region.
        typed = re.sub(r"^aws (?!--endpoint-url)", f"aws --endpoint-url {self.url} ", line)
        typed = typed.replace(ENDPOINT, self.url)
        script = "\n".join([*commands("export"), typed])
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.directory,
            env=environment(AWS_PAGER="", PATH=f"{TOOLS}:{environment()['PATH']}"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        assert result.returncode == 0, f"{typed}\n{result.stderr}"
        return result.stdout


@pytest.fixture(scope="module")
def shell(twin, tmp_path_factory) -> Shell:
    return Shell(twin.url, tmp_path_factory.mktemp("reader"))


def test_there_are_commands_to_type():
    assert len(commands("aws")) >= 7
    assert len(commands("curl")) >= 3


@pytest.mark.parametrize("line", commands("aws"))
def test_a_command_of_the_readme_works(shell, line):
    # Limits of AWS's rates apply, and the commands are typed faster than by a person.
    tell(shell.url, "advance 1m")
    shell.run(line)
    if "response.json" in line:
        report = json.loads((shell.directory / "response.json").read_text())
        assert "errorType" not in report, report
        assert report["environment"] == "dev"
        assert report["outcome"] in ("done", "unchanged", "held", "in_progress"), report


@pytest.mark.parametrize("line", commands("curl"))
def test_a_happening_of_the_readme_happens(shell, line):
    assert "·" in shell.run(line)


def test_the_commands_of_the_welcome_work(shell, twin):
    lines = [line.strip() for line in twin.output().splitlines()]
    # This option is version 2's, and what is installed here is version 1.
    typed = [line for line in lines if line.startswith("aws ") and "--cli-binary-format" not in line]
    services = {re.sub(r" --region \S+", "", line).split()[3] for line in typed}
    assert services == {"lambda", "ssm", "route53", "cloudwatch", "events"}
    for line in typed:
        tell(twin.url, "advance 1m")
        printed = shell.run(line)
        if " put-events " in line:
            assert json.loads(printed)["FailedEntryCount"] == 0, printed
