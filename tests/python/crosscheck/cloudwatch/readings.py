"""CloudWatch: lag series with gaps, alarms, composite ones, and their states."""

import json
from datetime import datetime, timedelta

from crosscheck.alarms import NAMESPACE, Alarm, Composite, Watcher
from crosscheck.scenario import World, outcome, scenario

INSTANCE = "ReplicationInstanceIdentifier"
TASK = "ReplicationTaskIdentifier"


def now(world: World) -> datetime:
    """The server's own time, to the minute."""
    ssm, name = world.client("ssm"), f"/{world.fresh('clock')}"
    ssm.put_parameter(Name=name, Value="x", Type="String")
    return ssm.get_parameter(Name=name)["Parameter"]["LastModifiedDate"].replace(second=0, microsecond=0)


class Series:
    """A lag metric of a task that nothing else uses."""

    def __init__(self, world: World):
        self.cloudwatch = world.client("cloudwatch")
        self.now = now(world)
        self.dimensions = [
            {"Name": INSTANCE, "Value": "instance"},
            {"Name": TASK, "Value": world.fresh("task")},
        ]

    def put(self, minutes_ago: int, value: float, seconds: int = 0) -> None:
        datum = {
            "MetricName": "CDCLatencyTarget",
            "Dimensions": self.dimensions,
            "Timestamp": self.now - timedelta(minutes=minutes_ago) + timedelta(seconds=seconds),
            "Value": value,
            "Unit": "Seconds",
        }
        self.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])

    def get(self, statistic: str = "Maximum", dimensions: list | None = None, **more) -> list:
        metric = {
            "Namespace": NAMESPACE,
            "MetricName": "CDCLatencyTarget",
            "Dimensions": self.dimensions if dimensions is None else dimensions,
        }
        query = {"Id": "lag", "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}
        answer = self.cloudwatch.get_metric_data(
            MetricDataQueries=[query],
            StartTime=self.now - timedelta(minutes=10),
            EndTime=self.now + timedelta(minutes=1),
            **more,
        )
        [result] = answer["MetricDataResults"]
        minutes = [round((self.now - moment).total_seconds() / 60) for moment in result.get("Timestamps", [])]
        return [result["Id"], result["StatusCode"], minutes, result.get("Values", [])]


@scenario
def readings_come_back_newest_first(world: World):
    series = Series(world)
    for minutes_ago, value in ((3, 30.0), (2, 20.0), (1, 10.0)):
        series.put(minutes_ago, value)
    return [series.get(), series.get(ScanBy="TimestampDescending"), series.get(ScanBy="TimestampAscending")]


@scenario
def a_namespace_of_aws_cannot_be_written(world: World):
    datum = {"MetricName": "CDCLatencyTarget", "Value": 1.0}
    return outcome(world.client("cloudwatch").put_metric_data, Namespace="AWS/DMS", MetricData=[datum])


@scenario
def no_reading_is_an_empty_result_and_no_error(world: World):
    return Series(world).get()


@scenario
def a_gap_stays_a_gap(world: World):
    series = Series(world)
    series.put(5, 50.0)
    series.put(1, 10.0)
    return series.get()


@scenario
def one_dimension_of_two_finds_nothing(world: World):
    series = Series(world)
    series.put(1, 10.0)
    return [series.get(dimensions=series.dimensions[:1]), series.get()]


@scenario
def no_dimensions_find_nothing(world: World):
    series = Series(world)
    series.put(1, 10.0)
    return "found" if series.get(dimensions=[])[3] else "nothing"


@scenario
def a_wrong_dimension_value_finds_nothing(world: World):
    series = Series(world)
    series.put(1, 10.0)
    wrong = [series.dimensions[0], {"Name": TASK, "Value": "by-its-name"}]
    return series.get(dimensions=wrong)


@scenario
def the_order_of_dimensions_does_not_matter(world: World):
    series = Series(world)
    series.put(1, 10.0)
    return series.get(dimensions=series.dimensions[::-1])


@scenario
def one_period_is_summed_up(world: World):
    series = Series(world)
    for seconds, value in ((0, 4.0), (20, 10.0), (40, 1.0)):
        series.put(1, value, seconds)
    return {name: series.get(name)[3] for name in ("Maximum", "Minimum", "Sum", "Average", "SampleCount")}


@scenario
def two_queries_are_answered_each(world: World):
    series = Series(world)
    series.put(1, 10.0)
    metric = {"Namespace": NAMESPACE, "MetricName": "CDCLatencyTarget", "Dimensions": series.dimensions}
    other = metric | {"MetricName": "CDCLatencySource"}
    queries = [
        {"Id": "target", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}},
        {"Id": "source", "MetricStat": {"Metric": other, "Period": 60, "Stat": "Maximum"}},
    ]
    answer = series.cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=series.now - timedelta(minutes=10), EndTime=series.now
    )
    return {result["Id"]: result.get("Values", []) for result in answer["MetricDataResults"]}


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


def defined(world: World, **more) -> str:
    """Whether CloudWatch takes an alarm with these settings."""
    alarm = {
        "AlarmName": world.fresh("alarm"),
        "Namespace": NAMESPACE,
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return outcome(world.client("cloudwatch").put_metric_alarm, **(alarm | more))


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


@scenario
def a_composite_follows_an_alarm_that_follows_its_metric(world: World):
    watcher = Watcher(world)
    name = world.fresh("composite")
    watcher.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f"NOT ALARM({watcher.name})")
    watcher.after(75.0)
    [alarm] = watcher.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return alarm["StateValue"]
