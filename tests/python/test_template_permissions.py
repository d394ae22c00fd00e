"""What template.yaml permits a migration's functions: what their code calls, on our resources, and nothing else."""

import re

import pytest

from clients import ACCOUNT, REGION
from permissions import allowed, allowing, calls_in_code, is_of_dr, the_one
from stack import LEAST, MIGRATION, MOST, REVERSE_TASK, TASK, Stack, as_list, statements

# What all functions call to look, to record and to tell.
SHARED = {
    "route53:ListResourceRecordSets",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
    "dms:DescribeReplicationTasks",
    "dms:DescribeReplicationInstances",
    "dms:DescribeTableStatistics",
    "cloudwatch:GetMetricData",
    "cloudwatch:DescribeAlarms",
    "sns:Publish",
    "events:PutEvents",
}
SHIFTING = {"route53:ChangeResourceRecordSets", "route53:GetChange"}

CALLS = {
    "Route53Updater": SHARED
    | SHIFTING
    | {"dms:StartReplicationTask", "dms:StopReplicationTask", "ssm:DeleteParameters"},
    "DmsMonitor": SHARED | {"dms:StartReplicationTask"},
    "AlarmRollback": SHARED | SHIFTING,
}

# What Lambda, SNS and X-Ray do in a function's name.
RUNNING = {
    "kms:GenerateDataKey*",
    "kms:Decrypt",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
}

RECORD_KEYS = {
    "route53:ChangeResourceRecordSetsNormalizedRecordNames",
    "route53:ChangeResourceRecordSetsRecordTypes",
    "route53:ChangeResourceRecordSetsActions",
}

STATE = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/migration/dev/state"
JOURNAL = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/migration/dev/journal"


def functions_that_may(stack, action):
    return {function for function in MIGRATION.values() if allowing(stack, function, action)}


def all_statements(stack):
    return [(f, statement) for f in MIGRATION.values() for statement in statements(stack, f"{f}Role")]


def test_the_functions_together_call_what_the_code_calls():
    listed = set().union(*CALLS.values())
    called = set().union(*(calls for path, calls in calls_in_code().items() if not is_of_dr(path)))
    assert called - listed == set(), "called but not listed"
    assert listed - called == set(), "listed but not called"


@pytest.mark.parametrize(("function", "calls"), CALLS.items())
def test_each_function_may_call_what_is_listed_and_nothing_else(most, function, calls):
    assert allowed(most, function) == calls | RUNNING


def test_permissions_go_with_what_they_are_for():
    least = Stack(LEAST)
    for action in ("cloudwatch:DescribeAlarms", "dms:StopReplicationTask", "xray:PutTraceSegments"):
        assert functions_that_may(least, action) == set(), action
    assert the_one(allowing(least, "DmsMonitor", "dms:StartReplicationTask"))["Resource"] == [TASK]
    assert allowing(least, "Route53Updater", "dms:StartReplicationTask") == []


def test_a_change_batch_is_limited_to_our_names_our_type_and_compare_and_swap(most):
    assert functions_that_may(most, "route53:ChangeResourceRecordSets") == {"Route53Updater", "AlarmRollback"}
    for function in ("Route53Updater", "AlarmRollback"):
        statement = the_one(allowing(most, function, "route53:ChangeResourceRecordSets"))
        assert as_list(statement["Action"]) == ["route53:ChangeResourceRecordSets"]
        assert statement["Resource"] == "arn:aws:route53:::hostedzone/Z0123456789"
        assert statement["Condition"]["ForAllValues:StringEquals"] == {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["reader.example.com", "writer.example.com"],
            "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"],
            "route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"],
        }
        # ForAllValues holds vacuously for an absent key.
        assert statement["Condition"]["Null"] == dict.fromkeys(RECORD_KEYS, "false")


@pytest.mark.parametrize(
    ("reader", "writer", "names"),
    [("r.x", "", ["r.x"]), ("", "w.x", ["w.x"]), ("one.x", "one.x", ["one.x"]), ("r.x", "w.x", ["r.x", "w.x"])],
)
def test_the_names_are_those_that_are_given(reader, writer, names):
    stack = Stack(LEAST | {"ReaderRecordName": reader, "WriterRecordName": writer, "RecordType": "A,AAAA"})
    condition = the_one(allowing(stack, "AlarmRollback", "route53:ChangeResourceRecordSets"))["Condition"]
    allowed = condition["ForAllValues:StringEquals"]
    assert allowed["route53:ChangeResourceRecordSetsNormalizedRecordNames"] == names
    assert allowed["route53:ChangeResourceRecordSetsRecordTypes"] == ["A", "AAAA"]


@pytest.mark.parametrize("function", MIGRATION.values())
def test_the_journal_can_be_appended_to_and_never_rewritten(most, function):
    state, append = allowing(most, function, "ssm:PutParameter")
    assert (state["Resource"], state.get("Condition")) == (STATE, None)
    assert append["Resource"] == f"{JOURNAL}/*"
    assert append["Condition"] == {"StringNotEquals": {"ssm:Overwrite": "true"}}
    denied = the_one([s for s in statements(most, f"{function}Role") if s["Effect"] == "Deny"])
    assert (denied["Action"], denied["Resource"]) == ("ssm:PutParameter", f"{JOURNAL}/*")
    assert denied["Condition"] == {"StringEquals": {"ssm:Overwrite": "true"}}


@pytest.mark.parametrize("function", MIGRATION.values())
def test_parameters_are_read_only_where_state_and_journal_are(most, function):
    readable = [STATE, f"{STATE}:*", JOURNAL, f"{JOURNAL}/*"]
    for action in ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"):
        assert the_one(allowing(most, function, action))["Resource"] == readable


def test_only_the_updater_deletes_and_only_journal_entries(most):
    deleting = [
        (function, action, statement["Resource"])
        for function, statement in all_statements(most)
        for action in as_list(statement["Action"])
        if action.startswith("ssm:Delete")
    ]
    assert deleting == [("Route53Updater", "ssm:DeleteParameters", f"{JOURNAL}/*")]


def test_tasks_are_started_by_the_monitor_and_only_the_reverse_one_by_the_updater(most):
    running = {
        (function, action): as_list(statement["Resource"])
        for function, statement in all_statements(most)
        for action in as_list(statement["Action"])
        if re.match(r"dms:(?!Describe)", action)
    }
    assert running == {
        ("Route53Updater", "dms:StartReplicationTask"): [REVERSE_TASK],
        ("Route53Updater", "dms:StopReplicationTask"): [REVERSE_TASK],
        ("DmsMonitor", "dms:StartReplicationTask"): [TASK, REVERSE_TASK],
    }


@pytest.mark.parametrize("function", MIGRATION.values())
def test_events_go_to_the_default_bus_and_only_as_ours(most, function):
    statement = the_one(allowing(most, function, "events:PutEvents"))
    assert statement["Resource"] == f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    assert statement["Condition"] == {
        "StringEquals": {"events:source": "cutover", "events:detail-type": "Migration State Change"}
    }


@pytest.mark.parametrize("function", MIGRATION.values())
def test_a_function_writes_only_to_its_own_logs_queue_and_our_topic(most, function):
    assert the_one(allowing(most, function, "logs:PutLogEvents"))["Resource"] == f"{function}Logs.Arn"
    assert the_one(allowing(most, function, "sqs:SendMessage"))["Resource"] == f"{function}DeadLetters.Arn"
    assert the_one(allowing(most, function, "sns:Publish"))["Resource"] == "NotificationTopic"
    key = the_one(allowing(most, function, "kms:Decrypt"))
    assert key["Resource"] == "NotificationKey.Arn"
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}}
