"""Alarms: their states, what they are found by, and what they take."""

from crosscheck.cloudwatch.alarms import ERRORS, Alarm, Watcher
from crosscheck.scenario import World, outcome, scenario


@scenario
def a_new_alarm_has_insufficient_data(world: World):
    alarm = Alarm(world)
    return alarm.described(AlarmNames=[alarm.name])


@scenario
def a_state_that_was_set_is_read_back(world: World):
    alarm = Alarm(world)
    return [
        [alarm.set(state), alarm.described(AlarmNames=[alarm.name])]
        for state in ("ALARM", "OK", "INSUFFICIENT_DATA")
    ]


@scenario
def an_unknown_state_is_refused(world: World):
    alarm = Alarm(world)
    return alarm.set("BROKEN")


@scenario
def an_unknown_alarm_is_left_out_of_the_list(world: World):
    alarm = Alarm(world)
    return alarm.described(AlarmNames=[alarm.name, "missing"])


@scenario
def the_state_of_an_unknown_alarm_cannot_be_set(world: World):
    return outcome(
        world.client("cloudwatch").set_alarm_state, AlarmName="missing", StateValue="OK", StateReason="cross-check"
    )


@scenario
def alarms_are_found_by_prefix_and_state(world: World):
    alarm = Alarm(world)
    alarm.set("ALARM")
    return [
        alarm.described(AlarmNamePrefix=alarm.name, StateValue="ALARM"),
        alarm.described(AlarmNamePrefix=alarm.name, StateValue="OK"),
    ]


@scenario
def a_deleted_alarm_is_gone(world: World):
    alarm = Alarm(world)
    deleted = outcome(alarm.cloudwatch.delete_alarms, AlarmNames=[alarm.name])
    return [deleted, alarm.described(AlarmNames=[alarm.name])]


def defined(world: World, **more) -> str:
    """Whether CloudWatch takes an alarm with these settings."""
    alarm = ERRORS | {"AlarmName": world.fresh("alarm"), "EvaluationPeriods": 2} | more
    return outcome(world.client("cloudwatch").put_metric_alarm, **alarm)


@scenario
def an_alarm_cannot_need_more_datapoints_than_it_has(world: World):
    return [defined(world, DatapointsToAlarm=count) for count in (1, 2, 3)]


@scenario
def missing_data_is_treated_in_four_ways(world: World):
    ways = ("missing", "ignore", "breaching", "notBreaching", "alarming")
    return {way: defined(world, TreatMissingData=way) for way in ways}


@scenario
def an_alarm_follows_its_metric(world: World):
    operators = ("GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo")
    return {
        operator: [Watcher(world, f"{operator}Threshold").after(value) for value in (59.0, 60.0, 61.0)]
        for operator in operators
    }
