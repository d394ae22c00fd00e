"""What nobody types: events and alarms that reach the functions of `serve` by the template's rules.

The schedule is off unless a test needs it, so whatever happens here happens because of an event.
"""

import json
from datetime import datetime

import pytest

from cli import STATE, Cli, split, weighted_pairs
from clients import client
from journal import outcomes, read_entries, read_state
from processes import wait_until
from samples import sample
from story import inject, recorded, tell

ROLLBACK_ALARM, HOLD_ALARM = "cutover-errors", "cutover-latency"
# Ends the waiting when nothing comes; what does come takes a second or two.
REACTION_SECONDS_MAX = 30


class Surroundings(Cli):
    """What other people and AWS itself do to a migration, typed; what became of it is looked up without typing."""

    def __init__(self, url, directory):
        super().__init__(url, directory)
        self.ssm, self.route53, self.dms = (client(service, url) for service in ("ssm", "route53", "dms"))
        self.zone = self.route53.list_hosted_zones()["HostedZones"][0]["Id"]

    def state(self) -> dict:
        return read_state(self.ssm)

    def weights(self) -> dict[str, dict[str, int]]:
        return weighted_pairs(self.route53.list_resource_record_sets(HostedZoneId=self.zone))

    def task(self) -> str:
        tasks = self.dms.describe_replication_tasks()["ReplicationTasks"]
        [arn] = [task["ReplicationTaskArn"] for task in tasks if task["MigrationType"] == "full-load-and-cdc"]
        return arn

    def set_alarm(self, name: str, state: str) -> None:
        words = ("--alarm-name", name, "--state-value", state, "--state-reason", "somebody looked")
        result = self.run("cloudwatch", "set-alarm-state", *words)
        assert result.returncode == 0, result.stderr

    def sample(self, name: str) -> str:
        """One of events/, about our task or our alarm, now."""
        now = datetime.fromisoformat(recorded(self.url, "log")[-1]["at"])
        return sample(name, now, self.task(), ROLLBACK_ALARM)

    def put_event(self, name: str) -> None:
        """Only the account and the region of whoever puts an event are AWS's to say."""
        event = json.loads(self.sample(name))
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Resources": event["resources"],
            "Detail": json.dumps(event["detail"]),
        }
        answer = self.json("events", "put-events", "--entries", json.dumps([entry]))
        assert answer["FailedEntryCount"] == 0, answer

    def reactions(self) -> str:
        """What functions did because they were told to, once all have done it."""
        return tell(self.url, "events fair")

    def stored(self) -> dict | None:
        """The state, if there is one."""
        return self.state() if STATE in self.parameters() else None

    def parameters(self) -> list[str]:
        pages = self.ssm.get_paginator("get_parameters_by_path").paginate(Path="/migration", Recursive=True)
        return sorted(parameter["Name"] for page in pages for parameter in page["Parameters"])

    def came(self, happened, what: str):
        return wait_until(happened, what, REACTION_SECONDS_MAX)

    def everything(self) -> tuple:
        """What nothing that is not ours may change. That people were told of it is no change."""
        state = self.state()
        return self.weights(), self.parameters(), state["generation"], state["phase"], state["hold"]


@pytest.fixture(scope="module")
def world(twin, tmp_path_factory) -> Surroundings:
    tell(twin.url, "ticks off")
    return Surroundings(twin.url, tmp_path_factory.mktemp("surroundings"))


@pytest.fixture
def halfway(world) -> Surroundings:
    """Half of the reads on the target, and no alarm."""
    for alarm in (ROLLBACK_ALARM, HOLD_ALARM):
        world.set_alarm(alarm, "OK")
    tell(world.url, "lag 2s", "advance 5m")
    world.answer({"action": "rollback"})
    report = world.answer({"action": "gradual_cutover", "aurora_weight": 50})
    assert report["outcome"] == "done", json.dumps(report, indent=1)
    assert world.reader() == split(50)
    world.reactions()
    return world


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("dms.task.stopped", "dms-monitor-dev"),
        ("dms.task.other-task", None),
        ("cloudwatch.alarm.metric-in-alarm", "alarm-rollback-dev"),
        ("cloudwatch.alarm.foreign-account", None),
        ("cloudwatch.alarm.unknown-alarm", None),
    ],
)
def test_the_rules_of_the_template_can_be_asked_what_they_would_start(world, name, function):
    started = []
    for rule in world.json("events", "list-rules")["Rules"]:
        if "EventPattern" in rule:
            words = ("--event-pattern", rule["EventPattern"], "--event", world.sample(name))
            if world.json("events", "test-event-pattern", *words)["Result"]:
                targets = world.json("events", "list-targets-by-rule", "--rule", rule["Name"])["Targets"]
                started += [target["Arn"].rsplit(":", 1)[1] for target in targets]
    assert started == ([function] if function else [])


def test_an_event_of_somebody_elses_task_starts_nothing(world):
    assert world.parameters() == []
    world.put_event("dms.task.other-task")
    assert "dms-monitor" not in world.reactions()
    assert world.parameters() == []


def test_an_event_of_our_task_makes_the_monitor_look_and_write_down_the_phase(world):
    world.put_event("dms.task.started-documented")
    state = world.came(world.stored, "a state")
    assert (state["generation"], state["phase"], state["updated_by"]) == (1, "ready", "dms-monitor")
    assert "dms-monitor (an event)" in world.reactions()


def test_what_counts_is_what_is_read_back_and_not_what_the_event_says(world):
    tell(world.url, "lag 75s", "advance 5m")
    assert world.state()["phase"] == "ready", "nobody has looked yet"
    world.put_event("dms.task.started-documented")
    world.came(lambda: world.state()["phase"] == "catching-up", "the phase that the lag means")
    assert world.reader() == split(0)

    # It says that the task stopped. It runs, and the lag is low again.
    tell(world.url, "lag 2s", "advance 5m")
    world.put_event("dms.task.stopped")
    state = world.came(lambda: world.state()["phase"] == "ready" and world.state(), "ready again")
    assert state["replication"]["status"] == "running"


def test_an_alarm_takes_reads_back(halfway):
    halfway.set_alarm(ROLLBACK_ALARM, "ALARM")
    halfway.came(lambda: halfway.reader() == split(0), "reads on the source")
    halfway.reactions()
    state = halfway.state()
    assert (state["phase"], state["updated_by"]) == ("rolled-back", "alarm-rollback")
    assert ROLLBACK_ALARM in state["history"][0]["reason"], state["history"][0]
    assert halfway.writer() == split(0)


def test_with_an_alarm_on_no_reads_go_up_and_with_it_off_they_do(halfway):
    halfway.set_alarm(ROLLBACK_ALARM, "ALARM")
    halfway.came(lambda: halfway.reader() == split(0), "reads on the source")
    halfway.reactions()
    report = halfway.answer({"action": "gradual_cutover", "aurora_weight": 20})
    assert report["outcome"] == "held"
    assert "alarm-active" in [blocker["code"] for blocker in report["blockers"]]
    halfway.set_alarm(ROLLBACK_ALARM, "OK")
    assert halfway.answer({"action": "gradual_cutover", "aurora_weight": 20})["outcome"] == "done"


def test_an_alarm_that_only_holds_keeps_a_ladder_where_it_is_until_it_is_over(halfway):
    halfway.answer({"action": "rollback"})
    report = halfway.answer({"action": "gradual_cutover", "ladder": [20, 60], "bake_minutes": 10})
    assert report["outcome"] == "done", json.dumps(report, indent=1)

    halfway.set_alarm(HOLD_ALARM, "ALARM")
    halfway.came(lambda: [held["by"] for held in halfway.state().get("held", [])] == [HOLD_ALARM], "a hold")
    tell(halfway.url, "ticks on", "advance 20m")
    assert halfway.reader() == split(20)
    assert halfway.state()["hold"]["codes"] == ["alarm-active"]

    halfway.set_alarm(HOLD_ALARM, "OK")
    halfway.came(lambda: not halfway.state().get("held"), "the hold lifted")
    tell(halfway.url, "advance 2m", "ticks off")
    assert halfway.reader() == split(60)


def put_with_the_arn_of_another_account(world) -> None:
    world.put_event("cloudwatch.alarm.foreign-arn")


def put_on_the_bus_by_another_account(world) -> None:
    inject(world.url, world.sample("cloudwatch.alarm.foreign-account"))


def put_as_ours_while_the_alarm_is_ok(world) -> None:
    world.put_event("cloudwatch.alarm.metric-in-alarm")


def sent_straight_to_the_function(world) -> None:
    payload = world.sample("alarm-action.foreign-account")
    words = ("--function-name", "alarm-rollback-dev", "--invocation-type", "Event", "--payload", payload)
    assert world.json("lambda", "invoke", *words, "response.json")["StatusCode"] == 202


@pytest.mark.parametrize(
    ("forge", "answer"),
    [
        (put_with_the_arn_of_another_account, "not one of our events (eventbridge/alarm:foreign-account)"),
        (put_on_the_bus_by_another_account, None),
        (put_as_ours_while_the_alarm_is_ok, "no migration alarm is in ALARM"),
        (sent_straight_to_the_function, "not one of our events (alarm-action:foreign-account)"),
    ],
)
def test_a_forged_alarm_changes_nothing(halfway, forge, answer):
    before = halfway.everything()
    forge(halfway)
    # The rule keeps what another account sends from the function; for all else it has an answer.
    reactions = " ".join(halfway.reactions().split())
    assert ("alarm-rollback (" in reactions) == bool(answer), reactions
    assert (answer or "") in reactions
    assert halfway.everything() == before


def test_the_same_event_sent_as_it_should_be_does_take_reads_back(halfway):
    """Otherwise the forgeries above would prove nothing."""
    tell(halfway.url, "events lost")
    halfway.set_alarm(ROLLBACK_ALARM, "ALARM")
    assert halfway.reader() == split(50)
    tell(halfway.url, "events fair")
    halfway.put_event("cloudwatch.alarm.metric-in-alarm")
    halfway.came(lambda: halfway.reader() == split(0), "reads on the source")


def test_people_are_told_of_a_forgery_once(halfway):
    told = []
    for _ in range(3):
        sent_straight_to_the_function(halfway)
        told.append(halfway.reactions().count("received what is none of its events"))
    assert told[1:] == [0, 0]
    notices = [call for call in recorded(halfway.url, "log") if call["operation"] == "Publish"]
    assert notices, "people were told of nothing at all"


def test_every_transition_is_on_the_bus(halfway):
    """No API of EventBridge shows what went over a bus, and the twin takes no new rules: its side door tells."""
    halfway.answer({"action": "rollback", "reason": "the bus is looked at"})
    halfway.reactions()
    seen = [event["event"] for event in recorded(halfway.url, "bus")]
    announced = [event for event in seen if event["source"] == "cutover"]
    assert {event["detail-type"] for event in announced} == {"Migration State Change"}
    assert {event["resources"][0] for event in announced} == {"cutover:dev"}

    entries, state = read_entries(halfway.ssm), halfway.state()
    ended = outcomes(entries, state)
    details = [event["detail"] for event in announced]
    superseded = {generation for generation, outcome in ended.items() if outcome == "superseded"}
    assert sorted(detail["generation"] for detail in details) == sorted(set(entries) - superseded)
    last = details[-1]
    assert (last["environment"], last["action"], last["outcome"]) == ("dev", "rollback", "finished")
    assert (last["previousPhase"], last["phase"]) == ("shifting", "rolled-back")
    assert last["traffic"] == {"reader": split(0), "writer": split(0)}
    assert (last["reason"], last["by"]) == ("the bus is looked at", "route53-updater")
