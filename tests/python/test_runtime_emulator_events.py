"""Each watching function's real binary under AWS's runtime emulator, given every payload of events/ and worse."""

import json
import re
from collections.abc import Iterator

import pytest

import samples
from cli import split
from conftest import ROOT
from emulated import VOUCHED, Function, World, emulate
from processes import wait_until
from seeding import READER, WRITER, seed_lag

UPDATER, MONITOR, ROLLBACK = "route53-updater", "dms-monitor", "alarm-rollback"
# What each of them does about what it is for, and how the README of the samples calls that.
WATCHING = {MONITOR: ("monitor", "replication"), ROLLBACK: ("guard", "alarm")}
TRIGGERS = samples.triggers()
NOT_ACTED_ON = "not acted on: "
ALARM_SHAPES = ("cloudwatch.alarm.metric-in-alarm", "alarm-action.metric", "sns.alarm.metric-in-alarm")
# Lambda takes 6 MB at most.
PAYLOAD_BYTES_MAX = 6 * 1024 * 1024
METRICS = (ROOT / "shared/core/src/metrics.rs").read_text()
DOCUMENTED = set(re.findall(r'(?:(?:plain|labelled)\(\s*|^ *\()"([A-Z]\w+)"', METRICS, re.MULTILINE))


@pytest.fixture(scope="module")
def world(ministack, moto) -> World:
    return World(ministack, moto)


@pytest.fixture(scope="module")
def functions(world, server_directory) -> Iterator[dict[str, Function]]:
    servers = {name: emulate(name, world, server_directory) for name in (UPDATER, MONITOR, ROLLBACK)}
    yield {name: Function(server) for name, server in servers.items()}
    for server in servers.values():
        server.stop()


@pytest.fixture(autouse=True)
def young_lag(world) -> None:
    """Real time passes between the tests, so each begins with readings of its own."""
    seed_lag(world.cloudwatch, world.task)


@pytest.fixture
def halfway(world, functions) -> World:
    """Half of the reads on the target, and no alarm."""
    world.set_alarm("OK")
    report = functions[UPDATER].invoke(action="gradual_cutover", aurora_weight=50, **VOUCHED)
    assert report["outcome"] in ("done", "unchanged"), json.dumps(report, indent=1)
    assert world.pair(READER) == split(50)
    world.transitions()
    return world


def key_of(function: str, name: str) -> str | None:
    """By what a function that does not act on a sample calls it."""
    trigger = TRIGGERS[name]
    if trigger.startswith(NOT_ACTED_ON):
        return trigger.removeprefix(NOT_ACTED_ON)
    kind = trigger.split(":")[0]
    return "misrouted" if kind in {kind for _, kind in WATCHING.values()} - {WATCHING[function][1]} else None


def test_every_sample_has_its_row():
    assert sorted(TRIGGERS) == samples.NAMES


def test_an_event_of_our_task_makes_the_monitor_write_down_the_phase_and_tell_it(world, functions):
    assert world.state() is None
    report = functions[MONITOR].event(world.sample("dms.task.started-documented"))
    assert (report["action"], report["outcome"], report["phase"]) == ("monitor", "done", "ready")
    state = world.state()
    assert (state["generation"], state["phase"], state["updated_by"]) == (1, "ready", MONITOR)

    [event] = wait_until(world.transitions, "the transition on the bus")
    assert (event["source"], event["detail-type"]) == ("cutover", "Migration State Change")
    assert event["resources"] == ["cutover:dev"]
    assert event["detail"]["generation"] == 1
    assert (event["detail"]["outcome"], event["detail"]["phase"]) == ("finished", "ready")


def test_what_counts_is_the_task_and_not_what_the_event_says(world, functions):
    functions[MONITOR].event(world.sample("sns.dms.task-failed"))
    state = world.state()
    assert (state["phase"], state["replication"]["status"]) == ("ready", "running")

    world.dms.stop_replication_task(ReplicationTaskArn=world.task.arn)
    try:
        functions[MONITOR].event(world.sample("dms.task.started-documented"))
        state = world.state()
        assert (state["phase"], state["replication"]["status"]) == ("catching-up", "stopped")
    finally:
        world.dms.start_replication_task(
            ReplicationTaskArn=world.task.arn, StartReplicationTaskType="resume-processing"
        )
    functions[MONITOR].event(world.sample("dms.task.stopped"))
    assert world.state()["replication"]["status"] == "running"


def test_an_event_that_comes_twice_is_acted_on_once(world, functions):
    event = world.sample("dms.task.reading-resumed")
    world.dms.stop_replication_task(ReplicationTaskArn=world.task.arn)
    try:
        first, again = (functions[MONITOR].event(event) for _ in range(2))
    finally:
        world.dms.start_replication_task(
            ReplicationTaskArn=world.task.arn, StartReplicationTaskType="resume-processing"
        )
    assert first["outcome"] == "done", json.dumps(first, indent=1)
    assert again["outcome"] == "unchanged", json.dumps(again, indent=1)
    assert first["generation"] == again["generation"] == world.state()["generation"]


@pytest.mark.parametrize("shape", ALARM_SHAPES)
def test_an_alarm_takes_reads_back_whichever_way_it_comes(halfway, functions, shape):
    halfway.set_alarm("ALARM")
    report = functions[ROLLBACK].event(halfway.sample(shape))
    assert (report["outcome"], report["phase"]) == ("done", "rolled-back"), json.dumps(report, indent=1)
    assert (halfway.pair(READER), halfway.pair(WRITER)) == (split(0), split(0))
    assert halfway.state()["updated_by"] == ROLLBACK

    [event] = wait_until(halfway.transitions, "the transition on the bus")
    assert (event["detail"]["action"], event["detail"]["by"]) == ("rollback", ROLLBACK)
    assert samples.ALARM in event["detail"]["reason"]


@pytest.mark.parametrize("shape", ALARM_SHAPES)
def test_an_alarm_that_is_ok_when_it_is_read_back_moves_nothing(halfway, functions, shape):
    report = functions[ROLLBACK].event(halfway.sample(shape))
    assert report["outcome"] == "unchanged", json.dumps(report, indent=1)
    assert halfway.pair(READER) == split(50)


@pytest.mark.parametrize("name", samples.NAMES)
@pytest.mark.parametrize("function", WATCHING)
def test_every_payload_is_answered_and_what_is_none_of_ours_is_told_apart(world, functions, function, name):
    before = (world.pair(READER), world.pair(WRITER))
    answer = functions[function].raw(world.sample(name))
    if name == "manual.failover":
        # The command of another function.
        assert answer["errorType"] == "InvalidRequest"
    elif name == "manual.gradual-cutover":
        # A person's command, and a person waits for the answer.
        assert answer["errorType"] == "InvalidRequest"
        assert function in answer["errorMessage"]
    else:
        assert "errorType" not in answer, answer
        assert answer.get("unrecognised") == key_of(function, name)
        assert answer["action"] == WATCHING[function][0]
    assert (world.pair(READER), world.pair(WRITER)) == before


HOSTILE = {
    b"": "other:not-json",
    b"not JSON": "other:not-json",
    b'{"source":"aws.dms"': "other:not-json",
    b'"\xff\xfe"': "other:not-an-object",
    b"null": "other:not-an-object",
    b"[" * 100_000: "other:too-deep",
    b'{"a":' * 40_000 + b"1" + b"}" * 40_000: "other:too-deep",
    json.dumps({"source": "aws.dms", "detail": "x" * 1_000_000}).encode(): "other:too-large",
    json.dumps({"detail": "x" * (PAYLOAD_BYTES_MAX - 100)}).encode(): "other:too-large",
}


@pytest.mark.parametrize(("payload", "key"), HOSTILE.items(), ids=lambda value: repr(value[:24]))
@pytest.mark.parametrize("function", WATCHING)
def test_what_is_not_even_an_event_is_answered_too(functions, function, payload, key):
    report = functions[function].event(payload)
    assert report["unrecognised"] == key
    assert len(report["message"]) < 1_000


@pytest.mark.parametrize("payload", HOSTILE, ids=lambda value: repr(value[:24]))
def test_the_updater_refuses_what_is_not_even_a_command(functions, payload):
    error = functions[UPDATER].error(payload)
    assert error["errorType"] == "InvalidRequest"
    assert len(error["errorMessage"]) < 2_000


@pytest.mark.parametrize("function", [UPDATER, MONITOR, ROLLBACK])
def test_every_invocation_wrote_its_metrics_in_the_embedded_format(functions, function):
    before = len(functions[function].emitted())
    functions[function].event(b'{"action":"tick"}')
    lines = functions[function].emitted()
    assert len(lines) > before
    seen = set()
    for line in lines:
        assert line["Environment"] == "dev"
        assert line["Function"] == function
        assert line["RequestId"]
        for directive in line["_aws"]["CloudWatchMetrics"]:
            assert directive["Namespace"] == "Cutover"
            assert all({"Environment", "Function"} <= set(dimensions) for dimensions in directive["Dimensions"])
            for metric in directive["Metrics"]:
                seen.add(metric["Name"])
                assert metric["Name"] in line
    assert {"Duration", "RoundTrips"} <= seen <= DOCUMENTED
    assert any(sum(line.get("RoundTrips", [])) > 0 for line in lines[before:]), lines[before:]
