"""The real binary under AWS's runtime emulator, against servers that others wrote: nothing of ours but the function."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import samcli

from clients import client
from conftest import binary, environment
from processes import Server, free_port
from seeding import READER, WRITER, Task, seed_lag, seed_task, seed_zone

EMULATOR = Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"
INVOKE_PATH = "/2015-03-31/functions/function/invocations"
INVOKE_SECONDS_MAX = 90
STATE = "/migration/dev/state"
# moto has no table statistics. What cannot be read is not healthy, so a person has to vouch for it.
VOUCHED = {"force": ["tables-in-error"], "reason": "moto has no table statistics"}


class World:
    """What the function sees: everything on ministack, but DMS on moto."""

    def __init__(self, ministack: Server, moto: Server):
        self.route53 = client("route53", ministack.url)
        self.ssm = client("ssm", ministack.url)
        self.cloudwatch = client("cloudwatch", ministack.url)
        self.zone = seed_zone(self.route53)
        self.topic = client("sns", ministack.url).create_topic(Name="cutover-dev")["TopicArn"]
        self.task: Task = seed_task(client("dms", moto.url), "orders")
        self.endpoints = {
            "AWS_ENDPOINT_URL": ministack.url,
            "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE": moto.url,
        }

    def variables(self) -> dict[str, str]:
        return {
            "ENVIRONMENT": "dev",
            "STATE_PREFIX": "",
            "HOSTED_ZONE_ID": self.zone,
            "READER_RECORD_NAME": READER,
            "WRITER_RECORD_NAME": WRITER,
            "RECORD_TYPE": "CNAME",
            "SOURCE_SET_IDENTIFIER": "source",
            "TARGET_SET_IDENTIFIER": "target",
            "DMS_TASK_ARN": self.task.arn,
            "REVERSE_DMS_TASK_ARN": "",
            "NOTIFICATION_TOPIC_ARN": self.topic,
            "READY_LAG_SECONDS": "60",
            "CUTOVER_LAG_SECONDS": "1",
            "LAG_MAX_AGE_SECONDS": "180",
            "READY_SAMPLES": "3",
            "BAKE_MINUTES": "30",
            "RECORD_TTL_MAX_SECONDS": "60",
            "MIGRATION_ALARMS": "",
        }

    def pair(self, name: str) -> dict[str, int]:
        records = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return {
            record["SetIdentifier"]: record["Weight"] for record in records if record["Name"].rstrip(".") == name
        }

    def state(self) -> dict | None:
        found = self.ssm.get_parameters(Names=[STATE])["Parameters"]
        return json.loads(found[0]["Value"]) if found else None


class Function:
    """The emulator's only function. The emulator answers 200 to errors too: the body tells them apart."""

    def __init__(self, server: Server):
        self.server = server

    def raw(self, body: bytes) -> dict:
        request = urllib.request.Request(self.server.url + INVOKE_PATH, data=body, method="POST")
        with urllib.request.urlopen(request, timeout=INVOKE_SECONDS_MAX) as answer:
            text = answer.read().decode()
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise AssertionError(f"{text!r}\n{self.server.output()}") from error

    def invoke(self, **payload) -> dict:
        report = self.raw(json.dumps(payload).encode())
        assert "errorType" not in report, f"{report}\n{self.server.output()}"
        return report

    def error(self, payload: object) -> dict:
        error = self.raw(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
        assert "errorType" in error, error
        return error


@pytest.fixture(scope="module")
def world(ministack, moto) -> World:
    return World(ministack, moto)


@pytest.fixture(scope="module")
def function(world, server_directory) -> Iterator[Function]:
    runtime_port, invoke_port = free_port(), free_port()
    command = [
        str(EMULATOR),
        "--runtime-api-address",
        f"127.0.0.1:{runtime_port}",
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{invoke_port}",
        str(binary("route53-updater", ("debug", "release"))),
    ]
    settings = world.variables() | world.endpoints | {
        "AWS_LAMBDA_FUNCTION_NAME": "route53-updater-dev",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
    }
    server = Server(
        command, invoke_port, server_directory / "emulator.log", environment(**settings), server_directory
    )
    yield Function(server)
    server.stop()


@pytest.fixture(autouse=True)
def young_lag(world) -> None:
    """Real time passes between the tests, so each begins with readings of its own."""
    seed_lag(world.cloudwatch, world.task)


def split(target: int) -> dict[str, int]:
    return {"source": 100 - target, "target": target}


def test_weights_move_forth_and_back(world, function):
    for weight in (20, 50, 100):
        report = function.invoke(action="gradual_cutover", aurora_weight=weight, **VOUCHED)
        assert report["outcome"] == "done", json.dumps(report, indent=1)
        assert report["traffic"]["reader"] == split(weight)
        assert world.pair(READER) == split(weight)
        assert world.pair(WRITER) == split(0)
        assert world.state()["traffic"]["reader"] == split(weight)

    report = function.invoke(action="rollback")
    assert report["outcome"] == "done", json.dumps(report, indent=1)
    assert world.pair(READER) == split(0)
    assert world.state()["generation"] == report["generation"] == 4


def test_the_lag_came_from_cloudwatch(function):
    report = function.invoke(action="status")
    assert report["replication"] == {"status": "running", "lag_seconds": 2, "verdict": "fresh"}


def test_what_cannot_be_read_blocks(world, function):
    before = world.pair(READER)
    report = function.invoke(action="gradual_cutover", aurora_weight=20)
    assert report["outcome"] == "held"
    [blocker] = [blocker for blocker in report["blockers"] if blocker["code"] == "tables-in-error"]
    assert blocker["forceable"] is True
    assert world.pair(READER) == before


def test_a_dry_run_changes_nothing(world, function):
    before = (world.pair(READER), world.state())
    report = function.invoke(action="gradual_cutover", aurora_weight=30, dry_run=True, **VOUCHED)
    assert report["dry_run"] is True
    assert (world.pair(READER), world.state()) == before


def test_a_record_changed_by_hand_holds(world, function):
    before = world.pair(READER)

    def by_hand(source: int, target: int) -> None:
        [records] = [
            [record for record in page["ResourceRecordSets"] if record["Name"].rstrip(".") == READER]
            for page in [world.route53.list_resource_record_sets(HostedZoneId=world.zone)]
        ]
        weights = {"source": source, "target": target}
        changes = [
            {"Action": "UPSERT", "ResourceRecordSet": record | {"Weight": weights[record["SetIdentifier"]]}}
            for record in records
        ]
        world.route53.change_resource_record_sets(HostedZoneId=world.zone, ChangeBatch={"Changes": changes})

    by_hand(7, 3)
    try:
        report = function.invoke(action="gradual_cutover", aurora_weight=40, **VOUCHED)
        assert report["outcome"] == "held"
        assert "drift" in [blocker["code"] for blocker in report["blockers"]]
        assert world.pair(READER) == {"source": 7, "target": 3}
    finally:
        by_hand(before["source"], before["target"])


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (b"not JSON", ""),
        (b"", ""),
        ({"action": "sideways"}, "action"),
        ({}, "action"),
        ({"action": "gradual_cutover", "aurora_weight": -1}, "aurora_weight"),
        ({"action": "gradual_cutover", "aurora_weight": 101}, "aurora_weight"),
        ({"action": "gradual_cutover", "aurora_weight": "20"}, "aurora_weight"),
        ({"action": "gradual_cutover", "aurora_weight": 20.5}, "aurora_weight"),
        ({"action": "gradual_cutover", "target_weight": 101}, "target_weight"),
        ({"action": "gradual_cutover"}, "aurora_weight"),
        ({"action": "gradual_cutover", "aurora_weight": 20, "ladder": [20, 50]}, "ladder"),
        ({"action": "gradual_cutover", "ladder": [50, 20]}, "ladder"),
        ({"action": "gradual_cutover", "ladder": []}, "ladder"),
        ({"action": "rollback", "hurry": True}, "hurry"),
        ({"action": "rollback", "force": ["everything"]}, "force"),
        ({"action": "rollback", "reason": "r" * 1_000_000}, "reason"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_invalid_payload_names_the_field_and_changes_nothing(world, function, payload, named):
    before = (world.pair(READER), world.state())
    error = function.error(payload)
    assert error["errorType"] == "InvalidRequest", error
    assert named in error["errorMessage"]
    assert len(error["errorMessage"]) < 2_000
    assert (world.pair(READER), world.state()) == before
