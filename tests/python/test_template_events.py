"""What template.yaml starts the functions by: exact rules, the clock, alarms, topics; and what becomes of failures."""

import json

import pytest

from clients import ACCOUNT, REGION
from stack import (
    DR_LEAST,
    DR_MOST,
    ENDPOINT,
    FUNCTIONS,
    INSTANCE,
    LEAST,
    MOST,
    REVERSE_TASK,
    TASK,
    Stack,
    as_list,
    bare,
    full,
)

# EventBridge's limit for a rule's pattern.
PATTERN_BYTES_MAX = 2048

DMS_DETAIL_TYPES = [
    "DMS Replication Task State Change",
    "DMS Replication Instance State Change",
    "DMS Replication State Change",
    "DMS Replication Endpoint State Change",
    "DMS Data Migration State Change",
]


def rules(stack):
    return stack.of_type("AWS::Events::Rule")


def patterns(stack):
    return {name: rule["EventPattern"] for name, rule in rules(stack).items() if "EventPattern" in rule}


def matches(pattern, event):
    """Exact values only: the rules use nothing else."""
    return all(
        matches(wanted, event.get(key, {}))
        if isinstance(wanted, dict)
        else any(value in wanted for value in as_list(event.get(key)))
        for key, wanted in pattern.items()
    )


def dms_event(detail_type, resource, **more):
    envelope = {"source": "aws.dms", "account": ACCOUNT, "region": REGION, "resources": [resource], "detail": {}}
    return envelope | {"detail-type": detail_type} | more


def alarm_event(name, state="ALARM", **more):
    envelope = {"source": "aws.cloudwatch", "account": ACCOUNT, "detail-type": "CloudWatch Alarm State Change"}
    return envelope | {"detail": {"alarmName": name, "state": {"value": state}}} | more


def test_the_rule_for_replication_is_exact(most):
    assert patterns(most)["DmsMonitorReplication"] == {
        "source": ["aws.dms"],
        "account": [ACCOUNT],
        "detail-type": DMS_DETAIL_TYPES,
        "resources": [TASK, REVERSE_TASK, INSTANCE, ENDPOINT],
    }


@pytest.mark.parametrize("detail_type", DMS_DETAIL_TYPES)
@pytest.mark.parametrize("resource", [TASK, REVERSE_TASK, INSTANCE, ENDPOINT])
def test_what_happens_to_our_replication_starts_the_monitor(most, detail_type, resource):
    assert matches(patterns(most)["DmsMonitorReplication"], dms_event(detail_type, resource))


@pytest.mark.parametrize(
    "event",
    [
        dms_event(DMS_DETAIL_TYPES[0], TASK + "2"),
        dms_event(DMS_DETAIL_TYPES[0], TASK, account="999988887777"),
        dms_event(DMS_DETAIL_TYPES[0], TASK, source="cutover"),
        dms_event("AWS API Call via CloudTrail", TASK),
    ],
)
def test_what_happens_elsewhere_starts_nothing(most, event):
    assert not any(matches(pattern, event) for pattern in patterns(most).values())


def test_without_a_reverse_task_the_rule_names_the_one_task(least):
    assert patterns(least)["DmsMonitorReplication"]["resources"] == [TASK]


def test_the_rule_for_alarms_is_exact(most):
    assert patterns(most)["AlarmRollbackRule"] == {
        "source": ["aws.cloudwatch"],
        "account": [ACCOUNT],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {
            "alarmName": [
                "orders-5xx",
                "orders errors",
                "orders-latency",
                "orders-disk",
                "cutover-lag-dev",
                "cutover-target-cpu-dev",
                "cutover-target-connections-dev",
            ]
        },
    }


@pytest.mark.parametrize("state", ["ALARM", "OK", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize("name", ["orders-5xx", "orders errors", "orders-disk", "cutover-lag-dev"])
def test_our_alarms_start_the_rollback_whatever_they_say(most, name, state):
    assert matches(patterns(most)["AlarmRollbackRule"], alarm_event(name, state))


@pytest.mark.parametrize(
    "event",
    [
        alarm_event("orders"),
        alarm_event("cutover-lag-prod"),
        alarm_event("orders-5xx", account="999988887777"),
        alarm_event("orders-5xx", **{"detail-type": "CloudWatch Alarm Configuration Change"}),
    ],
)
def test_other_alarms_start_nothing(most, event):
    assert not any(matches(pattern, event) for pattern in patterns(most).values())


def test_each_alarm_of_the_variable_is_in_the_rule(most):
    listed = most.properties("AlarmRollback")["Environment"]["Variables"]["MIGRATION_ALARMS"].split(",")
    names = patterns(most)["AlarmRollbackRule"]["detail"]["alarmName"]
    assert [alarm.rsplit("=", 1)[0] for alarm in listed] == names


def test_without_alarms_there_is_no_rule_for_them(least):
    assert set(patterns(least)) == {"DmsMonitorReplication"}


def test_patterns_fit_with_lists_as_long_as_they_may_be():
    def names(prefix):
        return ",".join(f"{prefix}-alarm-number-{number:04}" for number in range(25))

    lists = {"RollbackAlarms": names("r"), "HoldAlarms": names("h"), "NotifyAlarms": names("n")}
    assert all(490 < len(value) <= 512 for value in lists.values())
    for pattern in patterns(Stack(MOST | lists)).values():
        assert len(json.dumps(pattern, separators=(",", ":"))) < PATTERN_BYTES_MAX


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_the_clock_ticks_every_minute(function):
    rule = rules(bare(function))[f"{function}Tick"]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    (target,) = rule["Targets"]
    assert target["Arn"] == f"{function}Aliaslive"
    assert json.loads(target["Input"]) == {"action": "tick"}


@pytest.mark.parametrize("parameters", [MOST, DR_MOST])
def test_every_target_gives_up_in_time_and_keeps_what_it_could_not_deliver(parameters):
    for name, rule in rules(Stack(parameters)).items():
        (target,) = rule["Targets"]
        function = target["Arn"].removesuffix(".Arn").removesuffix("Aliaslive")
        assert name.startswith(function)
        assert target["DeadLetterConfig"] == {"Arn": f"{function}DeadLetters.Arn"}
        age = 60 if "ScheduleExpression" in rule else 300
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == age
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


@pytest.mark.parametrize("function", FUNCTIONS.values())
def test_an_invocation_is_tried_again_twice_and_then_kept(function):
    retries = full(function).properties(f"{function}EventInvokeConfig")
    assert (retries["MaximumEventAgeInSeconds"], retries["MaximumRetryAttempts"]) == (300, 2)
    assert full(function).properties(function)["DeadLetterConfig"] == {"TargetArn": f"{function}DeadLetters.Arn"}


@pytest.mark.parametrize(("binary", "function"), FUNCTIONS.items())
def test_every_function_has_an_encrypted_queue_and_people_are_told_of_what_is_in_it(binary, function):
    least = bare(function)
    queue = least.properties(f"{function}DeadLetters")
    assert queue["QueueName"] == f"cutover-{binary}-dead-letters-dev"
    assert queue["SqsManagedSseEnabled"] is True
    alarm = least.properties(f"{function}DeadLettersAlarm")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": f"{function}DeadLetters.QueueName"}]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", "0")
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["AlarmActions"] == ["NotificationTopic"]


@pytest.mark.parametrize("parameters", [LEAST, MOST, DR_LEAST, DR_MOST])
def test_only_our_rules_may_send_to_the_queues(parameters):
    stack = Stack(parameters)
    (policy,) = stack.of_type("AWS::SQS::QueuePolicy").values()
    assert set(policy["Queues"]) == set(stack.of_type("AWS::SQS::Queue"))
    allowed, denied = policy["PolicyDocument"]["Statement"]
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "sqs:SendMessage")
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    senders = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert sorted(senders) == sorted(f"{rule}.Arn" for rule in rules(stack))
    assert denied["Effect"] == "Deny"


def invokers(stack):
    """Who may invoke which function, and from where."""
    permissions = stack.of_type("AWS::Lambda::Permission").values()
    for permission in permissions:
        assert permission["Action"] == "lambda:InvokeFunction"
    return {
        (permission["FunctionName"].removesuffix(".Arn"), permission["Principal"], permission["SourceArn"])
        for permission in permissions
    }


def alarms_invoke(stack):
    (function,) = {"AlarmRollback", "DrFailover"} & set(stack.resources)
    alarms = f"arn:aws:cloudwatch:{stack.values['AWS::Region']}:{ACCOUNT}:alarm:*"
    return (function, "lambda.alarms.cloudwatch.amazonaws.com", alarms)


@pytest.mark.parametrize(("parameters", "topics"), [(LEAST, 0), (MOST, 2), (DR_LEAST, 0), (DR_MOST, 1)])
def test_functions_are_invoked_by_their_rules_their_topics_and_alarms_alone(parameters, topics):
    stack = Stack(parameters)
    by_rules = {
        (rule["Targets"][0]["Arn"].removesuffix(".Arn"), "events.amazonaws.com", f"{name}.Arn")
        for name, rule in rules(stack).items()
    }
    by_topics = {
        (subscription["Endpoint"].removesuffix(".Arn"), "sns.amazonaws.com", subscription["TopicArn"])
        for subscription in stack.of_type("AWS::SNS::Subscription").values()
        if subscription["Protocol"] == "lambda"
    }
    assert len(by_topics) == topics
    assert invokers(stack) == by_rules | by_topics | {alarms_invoke(stack)}


@pytest.mark.parametrize(
    ("parameters", "leading"),
    [
        (MOST, {(MOST["AlarmTopicArn"], "AlarmRollback.Arn"), (MOST["DmsEventTopicArn"], "DmsMonitor.Arn")}),
        (DR_MOST, {(DR_MOST["AlarmTopicArn"], "DrFailover.Arn")}),
    ],
)
def test_topics_lead_to_their_functions(parameters, leading):
    assert leading == {
        (subscription["TopicArn"], subscription["Endpoint"])
        for subscription in Stack(parameters).of_type("AWS::SNS::Subscription").values()
        if subscription["Protocol"] == "lambda"
    }


@pytest.mark.parametrize("function", ["AlarmRollback", "DrFailover"])
def test_an_alarm_as_an_invoker_is_of_our_account(function):
    assert bare(function).properties(f"{function}ActionPermission")["SourceAccount"] == ACCOUNT
