"""The twin against implementations that others wrote, scenario by scenario."""

import json
import tomllib
from pathlib import Path

import pytest

from conftest import FINDING
from crosscheck import SCENARIOS, World
from crosscheck.events import MotoMatcher
from seeding import seed_task
from story import tell

KNOWN_FILE = Path(__file__).with_name("known_differences.toml")
KNOWN = tomllib.loads(KNOWN_FILE.read_text())
SCENARIOS_MIN = 25
# Moto has no switchover and no failover of a global database, and breaks down where a cluster is promoted that is no replica.
MOTO_RDS_MIN = 4
# A scenario and the world of somebody else: by the service, or one that plays it too.
PLAYED = [(name, scenario.service) for name, scenario in SCENARIOS.items()]
PLAYED += [(name, "moto") for name, scenario in SCENARIOS.items() if scenario.moto_too]


@pytest.fixture(scope="module")
def ours(twin) -> World:
    return World(twin.url, settle=lambda: tell(twin.url, "advance 2m"))


@pytest.fixture(scope="module")
def theirs(ministack, moto) -> dict[str, World]:
    everything_else = World(ministack.url, settle=lambda: None)
    by_moto = World(moto.url, settle=lambda: None)
    seed_task(by_moto.client("dms"), "orders")
    others = {"dms": by_moto, "events_of_moto": MotoMatcher(), "moto": by_moto}
    return dict.fromkeys(("route53", "ssm", "sns", "cloudwatch", "events", "rds"), everything_else) | others


def as_text(outcome: object) -> str:
    return json.dumps(outcome, sort_keys=True, ensure_ascii=False)


def called(name: str, other: str) -> str:
    """By what name a difference is known."""
    return f"{name}-{other}" if other == "moto" else name


@pytest.mark.parametrize(("name", "other"), PLAYED, ids=[called(*played) for played in PLAYED])
def test_agrees_with_others_or_differs_as_known(name, other, ours, theirs, record_property):
    scenario = SCENARIOS[name]
    twin_says = as_text(scenario.play(ours))
    other_says = as_text(scenario.play(theirs[other]))

    name = called(name, other)
    known = KNOWN.get(name)
    if twin_says == other_says:
        assert known is None, f"no longer a difference: take [{name}] out of {KNOWN_FILE.name}"
    else:
        found = f'[{name}]\ntwin = {json.dumps(twin_says)}\nother = {json.dumps(other_says)}'
        assert known is not None, f"a new difference:\n{found}"
        assert (known["twin"], known["other"]) == (twin_says, other_says), f"another difference:\n{found}"
        assert known["reason"].strip()
    record_property(FINDING, (name, known is None))


def test_known_differences_name_scenarios():
    assert set(KNOWN) <= {called(*played) for played in PLAYED}


def test_there_are_enough_scenarios_of_every_service():
    assert len(SCENARIOS) >= SCENARIOS_MIN
    services = {"route53", "ssm", "sns", "cloudwatch", "dms", "events", "events_of_moto", "rds"}
    assert sum(scenario.moto_too for scenario in SCENARIOS.values() if scenario.service == "rds") >= MOTO_RDS_MIN
    assert {scenario.service for scenario in SCENARIOS.values()} == services
