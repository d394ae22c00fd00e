"""A disaster typed: the AWS CLI against `serve`, in the region that is left.

The schedule is off, so whatever happens here happens because of an alarm or a command.
"""

import json

import pytest

from cli import Cli
from processes import wait_until
from stack import DR_REGION
from story import tell

FUNCTION = "dr-failover-dev"
STATE = "/dr/dev/state"
CANARY = "orders-canary"
PRIMARY_REGION = "eu-central-1"
# Ends the waiting when nothing comes. A promotion takes AWS up to a minute, which the story lets pass.
REACTION_SECONDS_MAX = 60
MINUTES_TO_ROUTE_MAX = 5


class Disaster(Cli):
    """What somebody types in the DR region."""

    def run(self, *words):
        return super().run("--region", DR_REGION, *words)

    def ask(self, payload: dict) -> dict:
        metadata, report = self.invoke(payload, FUNCTION)
        assert "FunctionError" not in metadata, report
        return report

    def set_alarm(self, state: str) -> None:
        words = ("--alarm-name", CANARY, "--state-value", state, "--state-reason", "somebody looked")
        result = self.run("cloudwatch", "set-alarm-state", *words)
        assert result.returncode == 0, result.stderr

    def state(self) -> dict | None:
        result = self.run("ssm", "get-parameter", "--name", STATE)
        return json.loads(json.loads(result.stdout)["Parameter"]["Value"]) if result.returncode == 0 else None

    def phase(self) -> str | None:
        state = self.state()
        return state and state["phase"]

    def global_writer(self) -> str:
        clusters = self.json("rds", "describe-global-clusters")["GlobalClusters"]
        [writer] = [member for member in clusters[0]["GlobalClusterMembers"] if member["IsWriter"]]
        return writer["DBClusterArn"].split(":")[3]

    def transcript(self) -> str:
        """What functions did and people were told since the last look."""
        return tell(self.url, "events fair")


@pytest.fixture(scope="module")
def world(twin, tmp_path_factory) -> Disaster:
    tell(twin.url, "ticks off")
    return Disaster(twin.url, tmp_path_factory.mktemp("disaster"))


def test_the_status_names_both_clusters_and_what_would_be_called(world):
    report = world.ask({"action": "status"})
    assert (report["outcome"], report["phase"]) == ("unchanged", "normal")
    roles = {role["side"]: (role["role"], role["status"]) for role in report["dr"]["roles"]}
    assert roles == {"primary": ("writer", "available"), "dr": ("reader", "available")}
    assert report["dr"]["would_call"] == "FailoverGlobalCluster"
    assert report["dr"]["objectives"]["rto_seconds"] == 300
    assert {vote["says"] for vote in report["dr"]["votes"]} == {"good"}


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"action": "failover", "accept_dataloss": True}, "accept_dataloss"),
        ({"action": "promote"}, "action"),
        ({"action": "arm", "mode": "always"}, "mode"),
        ("failover", "payload"),
    ],
)
def test_a_bad_payload_is_an_error_that_names_what_is_wrong(world, payload, words):
    metadata, failure = world.invoke(json.dumps(payload), FUNCTION)
    assert metadata["FunctionError"] == "Unhandled"
    assert failure["errorType"] == "InvalidRequest"
    assert words in failure["errorMessage"]


def test_a_failover_that_nobody_accepted_the_loss_of_is_refused(world):
    report = world.ask({"action": "failover"})
    assert report["outcome"] == "refused"
    assert [blocker["code"] for blocker in report["blockers"]] == ["data-loss-not-accepted"]
    assert world.global_writer() == PRIMARY_REGION


def test_an_alarm_alone_promotes_nothing_while_the_primary_lives_and_it_says_why(world):
    world.set_alarm("ALARM")
    wait_until(lambda: world.phase() == "suspected", "a suspicion", REACTION_SECONDS_MAX)
    transcript = world.transcript()
    assert "dr-failover (an event)" in transcript
    assert "the primary region may be in trouble, bad: alarm orders-canary" in transcript
    status = world.ask({"action": "status"})
    assert status["dr"]["votes"][0]["says"] in ("good", "bad")
    tick = world.ask({"action": "tick"})
    assert tick["outcome"] == "held"
    assert {blocker["code"] for blocker in tick["blockers"]} >= {"primary-alive"}
    assert world.global_writer() == PRIMARY_REGION
    world.set_alarm("OK")
    wait_until(lambda: world.phase() == "normal", "calm", REACTION_SECONDS_MAX)


def test_an_alarm_promotes_once_the_primary_region_is_dark_and_the_notice_has_the_figures(world):
    tell(world.url, "advance 1m", f"dark {PRIMARY_REGION}")
    # It is seen twice, because bad for a moment is not bad.
    world.ask({"action": "tick"})
    tell(world.url, "advance 50s")
    world.set_alarm("ALARM")
    begun = ("promoting", "routing", "verifying", "failed-over")
    wait_until(lambda: world.phase() in begun, "a promotion", REACTION_SECONDS_MAX)
    # AWS promotes, and the alarm that leads the traffic follows at the end of a minute.
    transcript = ""
    for _ in range(MINUTES_TO_ROUTE_MAX):
        transcript += tell(world.url, "advance 1m")
        if world.phase() == "failed-over":
            break
    wait_until(lambda: world.phase() == "failed-over", "the end of it", REACTION_SECONDS_MAX)
    assert world.global_writer() == DR_REGION

    transcript += world.transcript()
    assert "critical: failed over: the dr cluster serves" in transcript
    for row in ("| promote called |", "| promoted |", "| verified |", "| rto |", "| rpo |"):
        assert row in transcript, transcript
    report = world.ask({"action": "status"})
    figures = {figure["part"]: figure for figure in report["dr"]["figures"]}
    assert figures["rto"]["objective_seconds"] == 300
    assert figures["rpo"]["seconds"] is not None
    assert world.state()["run"]["action"] == "promote"
    endpoint = world.json("ssm", "get-parameter", "--name", "/app/orders/database/endpoint")
    assert endpoint["Parameter"]["Value"].startswith("orders-dr.")


def test_the_same_alarm_again_promotes_nothing_twice(world):
    generation = world.state()["generation"]
    world.set_alarm("OK")
    world.set_alarm("ALARM")
    world.transcript()
    assert world.state()["generation"] == generation
    assert world.global_writer() == DR_REGION
