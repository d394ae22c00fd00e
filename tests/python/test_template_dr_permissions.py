"""What template.yaml permits dr-failover: what its code calls, on the two clusters and what belongs to them."""

import pytest

from clients import ACCOUNT, REGION
from permissions import allowed, allowing, calls_in_code, is_of_dr, the_one
from stack import (
    DR_CLUSTER,
    DR_LEAST,
    DR_MOST,
    DR_REGION,
    DR_REPLICA,
    GLOBAL_CLUSTER,
    PRIMARY_CLUSTER,
    Stack,
    as_list,
    statements,
)

# What it always calls.
ALWAYS = {
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:PutMetricData",
    "rds:CopyDBClusterSnapshot",
    "rds:DescribeDBClusterSnapshots",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstances",
    "rds:FailoverDBCluster",
    "sns:Publish",
    "ssm:DeleteParameters",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:PutParameter",
}
BETWEEN_REGIONS = {
    "rds:DescribeGlobalClusters",
    "rds:FailoverGlobalCluster",
    "rds:RemoveFromGlobalCluster",
    "rds:SwitchoverGlobalCluster",
}
OF_A_REPLICA = {"rds:PromoteReadReplicaDBCluster"}
OF_RECORDS = {"route53:ListResourceRecordSets"}
OF_OTHERS_RECORDS = {"route53:ChangeResourceRecordSets"}
OF_THE_APPLICATION = {"autoscaling:StartInstanceRefresh", "lambda:InvokeFunction"}
EVERYTHING = ALWAYS | BETWEEN_REGIONS | OF_A_REPLICA | OF_RECORDS | OF_OTHERS_RECORDS | OF_THE_APPLICATION

# What AWS does in its name: copies keep their tags, notices are encrypted, logs and dead letters are written.
RUNNING = {
    "kms:Decrypt",
    "kms:GenerateDataKey*",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "rds:AddTagsToResource",
    "sqs:SendMessage",
}
# What it does besides, where it is given secrets, keys, a network and tracing.
RUNNING_WITH_MORE = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "kms:CreateGrant",
    "kms:DescribeKey",
    "secretsmanager:GetSecretValue",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}

STATE = f"arn:aws:ssm:{DR_REGION}:{ACCOUNT}:parameter/dr/dev/state"
JOURNAL = f"arn:aws:ssm:{DR_REGION}:{ACCOUNT}:parameter/dr/dev/journal"


def rds(region, what):
    return f"arn:aws:rds:{region}:{ACCOUNT}:{what}"


def resources(stack, action):
    return as_list(the_one(allowing(stack, "DrFailover", action))["Resource"])


def by_sid(stack, sid):
    return the_one([statement for statement in statements(stack, "DrFailoverRole") if statement["Sid"] == sid])


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (DR_LEAST, ALWAYS | BETWEEN_REGIONS | RUNNING),
        (DR_REPLICA, ALWAYS | OF_A_REPLICA | OF_RECORDS | OF_OTHERS_RECORDS | RUNNING),
        (DR_MOST, (EVERYTHING - OF_A_REPLICA - OF_OTHERS_RECORDS) | RUNNING | RUNNING_WITH_MORE),
    ],
)
def test_it_may_call_what_its_parameters_ask_for_and_nothing_else(parameters, expected):
    assert allowed(Stack(parameters), "DrFailover") == expected


def test_it_may_call_what_its_code_calls():
    by_file = calls_in_code()
    own = set().union(*(calls for path, calls in by_file.items() if is_of_dr(path)))
    assert own - EVERYTHING == set(), "called but not listed"
    assert EVERYTHING - set().union(*by_file.values()) == set(), "listed but not called"


@pytest.mark.parametrize("action", sorted(BETWEEN_REGIONS - {"rds:DescribeGlobalClusters"}))
def test_the_writer_moves_between_our_clusters_of_our_global_cluster(dr_most, action):
    assert resources(dr_most, action) == [GLOBAL_CLUSTER, PRIMARY_CLUSTER, DR_CLUSTER]


def test_clusters_are_read_by_name_and_their_instances_in_both_regions(dr_most):
    assert resources(dr_most, "rds:DescribeGlobalClusters") == [GLOBAL_CLUSTER]
    assert resources(dr_most, "rds:DescribeDBClusters") == [PRIMARY_CLUSTER, DR_CLUSTER]
    assert resources(dr_most, "rds:DescribeDBInstances") == [rds(DR_REGION, "db:*"), rds(REGION, "db:*")]


def test_a_read_replica_is_promoted_and_has_no_global_cluster():
    stack = Stack(DR_REPLICA)
    assert resources(stack, "rds:PromoteReadReplicaDBCluster") == [PRIMARY_CLUSTER, DR_CLUSTER]
    assert "global-cluster" not in str(statements(stack, "DrFailoverRole"))


def test_within_a_cluster_only_ours_fail_over(dr_most):
    clusters = [arn for arn in resources(dr_most, "rds:FailoverDBCluster") if ":cluster:" in arn]
    assert clusters == [PRIMARY_CLUSTER, DR_CLUSTER]


def test_only_snapshots_of_lost_writes_are_copied_and_only_to_our_names(dr_most):
    assert resources(dr_most, "rds:CopyDBClusterSnapshot") == [
        rds(REGION, "cluster-snapshot:rds:unplanned-global-failover-orders-*"),
        rds(REGION, "cluster-snapshot:cutover-lost-tail-orders-*"),
        rds(DR_REGION, "cluster-snapshot:rds:unplanned-global-failover-orders-dr-*"),
        rds(DR_REGION, "cluster-snapshot:cutover-lost-tail-orders-dr-*"),
    ]


def test_keys_of_snapshots_are_granted_to_aws_alone(dr_most):
    grant = the_one(allowing(dr_most, "DrFailover", "kms:CreateGrant"))
    assert grant["Resource"] == DR_MOST["ClusterKeyArns"].split(",")
    assert grant["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    describe = the_one(allowing(dr_most, "DrFailover", "kms:DescribeKey"))
    services = [f"rds.{DR_REGION}.amazonaws.com", f"rds.{REGION}.amazonaws.com"]
    assert describe["Condition"] == {"StringEquals": {"kms:ViaService": services}}


def test_nothing_is_deleted_but_journal_entries(dr_most):
    deleting = [
        (action, statement["Resource"])
        for statement in statements(dr_most, "DrFailoverRole")
        for action in as_list(statement["Action"])
        if statement["Effect"] == "Allow" and "Delete" in action and not action.startswith("ec2:")
    ]
    assert deleting == [("ssm:DeleteParameters", f"{JOURNAL}/*")]


def test_the_journal_can_be_appended_to_and_never_rewritten(dr_least):
    state, append = allowing(dr_least, "DrFailover", "ssm:PutParameter")
    assert (state["Resource"], state.get("Condition")) == (STATE, None)
    assert append["Resource"] == f"{JOURNAL}/*"
    assert append["Condition"] == {"StringNotEquals": {"ssm:Overwrite": "true"}}
    denied = by_sid(dr_least, "NeverRewriteJournal")
    assert (denied["Effect"], denied["Action"], denied["Resource"]) == ("Deny", "ssm:PutParameter", f"{JOURNAL}/*")
    assert denied["Condition"] == {"StringEquals": {"ssm:Overwrite": "true"}}


def test_the_state_is_in_the_dr_region_and_the_migrations_is_only_read_where_it_is(dr_least, dr_most):
    readable = [STATE, f"{STATE}:*", JOURNAL, f"{JOURNAL}/*"]
    assert resources(dr_least, "ssm:GetParameter") == readable
    assert resources(dr_most, "ssm:GetParametersByPath") == readable
    beside = by_sid(dr_most, "ReadMigration")
    assert beside["Action"] == "ssm:GetParameter"
    assert beside["Resource"] == f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/migration/dev/state"


def test_the_application_has_two_parameters_and_no_more_are_set(dr_most):
    statement = by_sid(dr_most, "ConfigureApplication")
    path = f"arn:aws:ssm:{DR_REGION}:{ACCOUNT}:parameter/app/orders/database"
    assert statement["Action"] == "ssm:PutParameter"
    assert statement["Resource"] == [f"{path}/endpoint", f"{path}/secret"]


def test_secrets_need_both_permissions_and_only_ours_have_both(dr_most):
    assert resources(dr_most, "secretsmanager:GetSecretValue") == [DR_MOST["PrimarySecretArn"], DR_MOST["DrSecretArn"]]
    reference = by_sid(dr_most, "ReadSecretsByReference")
    assert reference["Resource"] == f"arn:aws:ssm:{DR_REGION}:{ACCOUNT}:parameter/aws/reference/secretsmanager/*"
    key = by_sid(dr_most, "DecryptSecrets")
    assert key["Resource"] == DR_MOST["SecretKeyArn"]
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{DR_REGION}.amazonaws.com"}}


def test_one_secret_is_permission_for_one():
    stack = Stack(DR_LEAST | {"DrSecretArn": DR_MOST["DrSecretArn"]})
    assert resources(stack, "secretsmanager:GetSecretValue") == [DR_MOST["DrSecretArn"]]


@pytest.mark.parametrize("groups", ["one", "one,two", "one,two,three", "1,2,3,4", "1,2,3,4,5"])
def test_instances_are_replaced_of_the_named_groups_alone(groups):
    stack = Stack(DR_LEAST | {"RefreshAutoScalingGroups": groups})
    named = {arn.rpartition("/")[2] for arn in resources(stack, "autoscaling:StartInstanceRefresh")}
    assert named == set(groups.split(","))
    for arn in resources(stack, "autoscaling:StartInstanceRefresh"):
        assert arn.startswith(f"arn:aws:autoscaling:{DR_REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/")


def test_functions_that_are_called_are_the_hooks_and_the_migrations(dr_most):
    named = [DR_MOST[name] for name in ("PreHookArn", "PostHookArn", "MigrationFunctionArn")]
    assert resources(dr_most, "lambda:InvokeFunction") == named
    assert resources(Stack(DR_LEAST | {"PostHookArn": named[1]}), "lambda:InvokeFunction") == [named[1]]


def test_a_change_batch_is_limited_to_our_name_our_type_and_compare_and_swap():
    statement = the_one(allowing(Stack(DR_REPLICA), "DrFailover", "route53:ChangeResourceRecordSets"))
    assert statement["Resource"] == "arn:aws:route53:::hostedzone/Z9876543210"
    limits = {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["db.example.com"],
        "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"],
        "route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"],
    }
    assert statement["Condition"]["ForAllValues:StringEquals"] == limits
    # ForAllValues holds vacuously for an absent key.
    assert statement["Condition"]["Null"] == dict.fromkeys(limits, "false")


def test_metrics_are_published_in_our_namespace_alone(dr_least):
    statement = the_one(allowing(dr_least, "DrFailover", "cloudwatch:PutMetricData"))
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Cutover/DR"}}


def test_lambda_may_join_the_network_and_the_functions_code_may_not(dr_most):
    denied = by_sid(dr_most, "LeaveNetworkAlone")
    joining = as_list(by_sid(dr_most, "JoinNetwork")["Action"]) + as_list(by_sid(dr_most, "SeeNetwork")["Action"])
    assert denied["Effect"] == "Deny"
    assert sorted(denied["Action"]) == sorted(joining)
    function = f"arn:aws:lambda:{DR_REGION}:{ACCOUNT}:function:dr-failover-dev"
    assert denied["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": function}}


def test_it_writes_only_to_its_own_logs_queue_and_topic(dr_least):
    assert resources(dr_least, "logs:PutLogEvents") == ["DrFailoverLogs.Arn"]
    assert resources(dr_least, "sqs:SendMessage") == ["DrFailoverDeadLetters.Arn"]
    assert resources(dr_least, "sns:Publish") == ["NotificationTopic"]
    key = by_sid(dr_least, "EncryptNotices")
    assert key["Resource"] == "NotificationKey.Arn"
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": f"sns.{DR_REGION}.amazonaws.com"}}
