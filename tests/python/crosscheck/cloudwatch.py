"""CloudWatch: lag series with gaps, alarms and their states."""

from datetime import datetime, timedelta

from crosscheck.scenario import World, outcome, scenario

# Only AWS itself may write to a namespace that begins with AWS/.
NAMESPACE = "Cutover/Crosscheck"
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


class Alarm:
    """An alarm on a metric that has no data."""

    def __init__(self, world: World):
        self.cloudwatch = world.client("cloudwatch")
        self.name = world.fresh("alarm")
        self.cloudwatch.put_metric_alarm(
            AlarmName=self.name,
            Namespace=NAMESPACE,
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )

    def set(self, state: str) -> str:
        return outcome(
            self.cloudwatch.set_alarm_state, AlarmName=self.name, StateValue=state, StateReason="cross-check"
        )

    def described(self, **more) -> list[list]:
        alarms = self.cloudwatch.describe_alarms(**more)["MetricAlarms"]
        return [[alarm["AlarmName"].replace(self.name, "NAME"), alarm["StateValue"]] for alarm in alarms]


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
