"""The alarms that scenarios play with."""

import re

from crosscheck.scenario import World, outcome

# Only AWS itself may write to a namespace that begins with AWS/.
NAMESPACE = "Cutover/Crosscheck"


# What an alarm on a metric without data is made of, its name apart.
ERRORS = {
    "Namespace": NAMESPACE,
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}


class Alarm:
    """An alarm on a metric that has no data."""

    def __init__(self, world: World):
        self.cloudwatch = world.client("cloudwatch")
        self.name = world.fresh("alarm")
        self.cloudwatch.put_metric_alarm(AlarmName=self.name, **ERRORS)

    def set(self, state: str) -> str:
        return outcome(
            self.cloudwatch.set_alarm_state, AlarmName=self.name, StateValue=state, StateReason="cross-check"
        )

    def described(self, **more) -> list[list]:
        alarms = self.cloudwatch.describe_alarms(**more)["MetricAlarms"]
        return [[alarm["AlarmName"].replace(self.name, "NAME"), alarm["StateValue"]] for alarm in alarms]


class Composite:
    """A composite alarm over two alarms of its own, both of them OK."""

    def __init__(self, world: World, rule: str):
        self.first, self.second = Alarm(world), Alarm(world)
        for alarm in (self.first, self.second):
            alarm.set("OK")
        self.cloudwatch = world.client("cloudwatch")
        self.name = world.fresh("composite")
        self.created = self.put(rule)

    def put(self, rule: str) -> str:
        """A rule in which A and B stand for the alarms."""
        names = {"A": self.first.name, "B": self.second.name}
        rule = re.sub(r"\b[AB]\b", lambda found: names[found.group()], rule)
        return outcome(self.cloudwatch.put_composite_alarm, AlarmName=self.name, AlarmRule=rule)

    def described(self) -> dict:
        [alarm] = self.cloudwatch.describe_alarms(AlarmNames=[self.name], AlarmTypes=["CompositeAlarm"])[
            "CompositeAlarms"
        ]
        return alarm

    def masked(self, text: str) -> str:
        for name, mask in ((self.name, "NAME"), (self.first.name, "A"), (self.second.name, "B")):
            text = text.replace(name, mask)
        return re.sub(r" at \w+ \d+ \w+, \d+ [\d:]+ UTC", " at TIME", text)

    def follows(self, steps: str) -> list[str]:
        """Its states after each step, for example `A ALARM, B OK`."""
        states = [self.described()["StateValue"]]
        for step in steps.split(", "):
            which, state = step.split()
            (self.first if which == "A" else self.second).set(state)
            states.append(self.described()["StateValue"])
        return states


class Watcher:
    """An alarm on a metric that has data."""

    def __init__(self, world: World, operator: str = "GreaterThanThreshold"):
        self.world, self.cloudwatch = world, world.client("cloudwatch")
        self.metric, self.name = world.fresh("metric"), world.fresh("watcher")
        self.cloudwatch.put_metric_alarm(
            AlarmName=self.name,
            Namespace=NAMESPACE,
            MetricName=self.metric,
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=60,
            ComparisonOperator=operator,
        )

    def after(self, value: float) -> str:
        """Its state once it has seen this value."""
        self.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{"MetricName": self.metric, "Value": value}])
        self.world.settle()
        return self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]["StateValue"]
