"""The real AWS CLI against `serve`, as an operator would type it, and what it shows of the migration."""

import json
import subprocess
from pathlib import Path

from conftest import environment, tool

FUNCTION = "route53-updater-dev"
STATE = "/migration/dev/state"
COMMAND_SECONDS_MAX = 120


class Cli:
    """`aws --endpoint-url …`, as it would be typed."""

    def __init__(self, url: str, directory: Path):
        self.url = url
        self.directory = directory

    def run(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [tool("aws"), "--endpoint-url", self.url, "--output", "json", *words],
            cwd=self.directory,
            env=environment(AWS_PAGER="", AWS_MAX_ATTEMPTS="10", AWS_RETRY_MODE="standard"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )

    def json(self, *words: str):
        result = self.run(*words)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def invoke(self, payload: object, function: str = FUNCTION) -> tuple[dict, dict]:
        """What the CLI prints, and what it writes to the file."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        metadata = self.json("lambda", "invoke", "--function-name", function, "--payload", text, "response.json")
        return metadata, json.loads((self.directory / "response.json").read_text())

    def answer(self, payload: object) -> dict:
        metadata, report = self.invoke(payload)
        assert "FunctionError" not in metadata, report
        return report

    def state(self) -> dict:
        return json.loads(self.json("ssm", "get-parameter", "--name", STATE)["Parameter"]["Value"])

    def weights(self) -> dict[str, dict[str, int]]:
        """The weighted pairs as the zone has them, by record name."""
        zone = self.json("route53", "list-hosted-zones")["HostedZones"][0]["Id"]
        return weighted_pairs(self.json("route53", "list-resource-record-sets", "--hosted-zone-id", zone))

    def standing(self) -> tuple:
        """What no dry run may change. The schedule ticks meanwhile and may note what has settled."""
        state = self.state()
        return self.weights(), state["generation"], state["traffic"]

    def reader(self) -> dict[str, int]:
        [pair] = [pair for name, pair in self.weights().items() if name.startswith("reader")]
        return pair

    def writer(self) -> dict[str, int]:
        [pair] = [pair for name, pair in self.weights().items() if name.startswith("writer")]
        return pair


def weighted_pairs(listing: dict) -> dict[str, dict[str, int]]:
    pairs: dict[str, dict[str, int]] = {}
    for record in listing["ResourceRecordSets"]:
        if "Weight" in record:
            pairs.setdefault(record["Name"], {})[record["SetIdentifier"]] = record["Weight"]
    return pairs


def split(target: int) -> dict[str, int]:
    return {"source": 100 - target, "target": target}
