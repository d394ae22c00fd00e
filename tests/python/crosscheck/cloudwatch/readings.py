"""Lag series with gaps: what is read back of what was put."""

from datetime import datetime, timedelta

from crosscheck.cloudwatch.alarms import NAMESPACE
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
