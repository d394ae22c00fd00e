"""The twin against implementations that others wrote, scenario by scenario."""

import json
import tomllib
from pathlib import Path

import pytest

from conftest import FINDINGS
from crosscheck import SCENARIOS, World
from crosscheck.events import MotoMatcher
from seeding import seed_task
from story import tell

KNOWN_FILE = Path(__file__).with_name("known_differences.toml")
KNOWN = tomllib.loads(KNOWN_FILE.read_text())
SCENARIOS_MIN = 25


@pytest.fixture(scope="module")
def ours(twin) -> World:
    return World(twin.url, settle=lambda: tell(twin.url, "advance 2m"))


@pytest.fixture(scope="module")
def theirs(ministack, moto) -> dict[str, World]:
    everything_else = World(ministack.url, settle=lambda: None)
    replication = World(moto.url, settle=lambda: None)
    seed_task(replication.client("dms"), "orders")
    others = {"dms": replication, "events_of_moto": MotoMatcher()}
    return dict.fromkeys(("route53", "ssm", "sns", "cloudwatch", "events", "rds"), everything_else) | others


def as_text(outcome: object) -> str:
    return json.dumps(outcome, sort_keys=True, ensure_ascii=False)


@pytest.mark.parametrize("name", SCENARIOS)
def test_agrees_with_others_or_differs_as_known(name, ours, theirs, request):
    scenario = SCENARIOS[name]
    twin_says = as_text(scenario.play(ours))
    other_says = as_text(scenario.play(theirs[scenario.service]))

    known = KNOWN.get(name)
    if twin_says == other_says:
        assert known is None, f"no longer a difference: take [{name}] out of {KNOWN_FILE.name}"
    else:
        found = f'[{name}]\ntwin = {json.dumps(twin_says)}\nother = {json.dumps(other_says)}'
        assert known is not None, f"a new difference:\n{found}"
        assert (known["twin"], known["other"]) == (twin_says, other_says), f"another difference:\n{found}"
        assert known["reason"].strip()
    request.config.stash[FINDINGS].append((name, known is None))


def test_known_differences_name_scenarios():
    assert set(KNOWN) <= set(SCENARIOS)


def test_there_are_enough_scenarios_of_every_service():
    assert len(SCENARIOS) >= SCENARIOS_MIN
    services = {"route53", "ssm", "sns", "cloudwatch", "dms", "events", "events_of_moto", "rds"}
    assert {scenario.service for scenario in SCENARIOS.values()} == services
