"""Composite alarms: their rules, and the alarms that these name."""

import json

from crosscheck.cloudwatch.alarms import Composite, Watcher
from crosscheck.scenario import World, outcome, scenario


@scenario
def a_composite_needs_both(world: World):
    return Composite(world, "ALARM(A) AND ALARM(B)").follows("A ALARM, B ALARM, A OK")


@scenario
def a_composite_needs_either(world: World):
    return Composite(world, 'ALARM("A") OR ALARM("B")').follows("A ALARM, B ALARM, A OK, B OK")


@scenario
def a_composite_reads_not_and_parentheses(world: World):
    composite = Composite(world, "OK(A) AND NOT (ALARM(B) OR INSUFFICIENT_DATA(B))")
    return composite.follows("B ALARM, B OK, B INSUFFICIENT_DATA, B OK, A ALARM")


@scenario
def a_composite_knows_true_and_false(world: World):
    return [Composite(world, rule).described()["StateValue"] for rule in ("TRUE", "FALSE", "FALSE AND TRUE OR TRUE")]


@scenario
def a_composite_says_why(world: World):
    composite = Composite(world, "ALARM(A) AND ALARM(B)")
    reasons = [composite.masked(composite.described()["StateReason"])]
    composite.follows("A ALARM, B ALARM")
    alarm = composite.described()
    data = json.loads(alarm["StateReasonData"])
    children = [[composite.masked(child["arn"]), child["state"]["value"]] for child in data["triggeringAlarms"]]
    reasons.append(composite.masked(alarm["StateReason"]))
    composite.put("ALARM(A) AND OK(B)")
    return [*reasons, children, composite.masked(composite.described()["StateReason"])]


@scenario
def a_composite_may_depend_on_another(world: World):
    lower = Composite(world, "ALARM(A)")
    name = world.fresh("above")
    lower.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f"ALARM({lower.name})")
    lower.follows("A ALARM")
    answer = lower.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    return [alarm["StateValue"] for alarm in answer["CompositeAlarms"]]


@scenario
def composites_are_described_only_when_asked_for(world: World):
    composite = Composite(world, "ALARM(A)")

    def counted(**more) -> list[int]:
        names = [composite.name, composite.first.name]
        answer = composite.cloudwatch.describe_alarms(AlarmNames=names, **more)
        return [len(answer.get("MetricAlarms", [])), len(answer.get("CompositeAlarms", []))]

    both = ["MetricAlarm", "CompositeAlarm"]
    return [counted(), counted(AlarmTypes=["CompositeAlarm"]), counted(AlarmTypes=both)]


@scenario
def a_rule_must_be_one(world: World):
    rules = ("ALARM(A) AND", "ALARM(A) ALARM(B)", "(ALARM(A)", "WARN(A)", "ALARM()")
    return {rule: Composite(world, rule).created for rule in rules}


@scenario
def a_rule_names_alarms_that_exist(world: World):
    return Composite(world, "ALARM(A) OR ALARM(missing)").created


@scenario
def an_alarm_in_a_rule_cannot_be_deleted(world: World):
    composite = Composite(world, "ALARM(A)")

    def deleted(*names: str) -> str:
        return outcome(composite.cloudwatch.delete_alarms, AlarmNames=list(names))

    return [deleted(composite.first.name), deleted(composite.name), deleted(composite.first.name, "missing")]


@scenario
def a_composite_set_by_hand_stays_until_an_alarm_changes(world: World):
    composite = Composite(world, "ALARM(A) OR ALARM(B)")
    composite.cloudwatch.set_alarm_state(AlarmName=composite.name, StateValue="ALARM", StateReason="cross-check")
    return composite.follows("A INSUFFICIENT_DATA")


@scenario
def a_composite_follows_an_alarm_that_follows_its_metric(world: World):
    watcher = Watcher(world)
    name = world.fresh("composite")
    watcher.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f"NOT ALARM({watcher.name})")
    watcher.after(75.0)
    [alarm] = watcher.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return alarm["StateValue"]
