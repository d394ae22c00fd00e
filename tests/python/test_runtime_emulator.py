"""The real binary under AWS's runtime emulator, against servers that others wrote: nothing of ours but the function."""

import json
from collections.abc import Iterator

import pytest

from cli import split
from emulated import VOUCHED, Function, World, emulate
from seeding import READER, WRITER, seed_lag


@pytest.fixture(scope="module")
def world(ministack, moto) -> World:
    return World(ministack, moto)


@pytest.fixture(scope="module")
def function(world, server_directory) -> Iterator[Function]:
    server = emulate("route53-updater", world, server_directory)
    yield Function(server)
    server.stop()


@pytest.fixture(autouse=True)
def young_lag(world) -> None:
    """Real time passes between the tests, so each begins with readings of its own."""
    seed_lag(world.cloudwatch, world.task)


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
    assert {"status": "running", "lag_seconds": 2, "verdict": "fresh"}.items() <= report["replication"].items()


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
        ({"action": "rollback", "reason": "r" * 200_000}, "reason"),
        ({"action": "rollback", "reason": "r" * 1_000_000}, "payload"),
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
