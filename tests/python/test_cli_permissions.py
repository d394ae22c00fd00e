"""boto3 with a function's own credentials against `serve`: what its role in template.yaml does not allow is refused."""

import json
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from clients import ACCOUNT, REGION, client

STATE = "/migration/dev/state"
ENTRY = "/migration/dev/journal/00000001"
REFUSED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def credentials(url: str, function: str) -> dict[str, str]:
    request = urllib.request.Request(f"{url}/_twin/credentials", data=function.encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


@pytest.fixture
def as_function(twin):
    def made(function: str, service: str):
        own = credentials(twin.url, function)
        return boto3.client(
            service,
            endpoint_url=twin.url,
            region_name=REGION,
            aws_access_key_id=own["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=own["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=own["AWS_SESSION_TOKEN"],
            config=Config(retries={"total_max_attempts": 4, "mode": "standard"}),
        )

    return made


def refusal(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert error["Code"] in REFUSED, error
    return error["Message"]


def change(name: str, kind: str, action: str) -> dict:
    record = {"Name": name, "Type": kind, "SetIdentifier": "source", "Weight": 1, "TTL": 60}
    return {"Action": action, "ResourceRecordSet": record | {"ResourceRecords": [{"Value": "x.example.com"}]}}


def test_nobody_has_credentials_who_has_no_role(twin):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        credentials(twin.url, "payroll")


def test_a_function_reads_and_creates_but_never_rewrites_its_journal(twin, as_function):
    ssm = as_function("route53-updater-dev", "ssm")
    assert ssm.get_parameters(Names=[STATE])["InvalidParameters"] in ([], [STATE])
    message = refusal(ssm.put_parameter, Name=ENTRY, Value="{}", Type="String", Overwrite=True)
    assert message == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/cutover-dev-Route53UpdaterRole/route53-updater-dev is not authorized to "
        f"perform: ssm:PutParameter on resource: arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{ENTRY} with an explicit deny in "
        "an identity-based policy"
    )
    refusal(ssm.delete_parameter, Name=STATE)
    refusal(ssm.get_parameter, Name="/app/orders/database/endpoint")


@pytest.mark.parametrize("function", ["route53-updater-dev", "alarm-rollback-dev", "dms-monitor-dev"])
def test_a_function_changes_no_record_but_its_own(twin, as_function, function):
    zone = client("route53", twin.url).list_hosted_zones()["HostedZones"][0]["Id"]
    route53 = as_function(function, "route53")
    assert route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    for one in [
        change("www.db.example.com", "CNAME", "CREATE"),
        change("reader.db.example.com", "TXT", "CREATE"),
        change("reader.db.example.com", "CNAME", "UPSERT"),
    ]:
        message = refusal(
            route53.change_resource_record_sets, HostedZoneId=zone, ChangeBatch={"Changes": [one]}
        )
        assert "no identity-based policy allows the route53:ChangeResourceRecordSets action" in message


def test_what_the_twin_does_not_play_is_refused_as_well(twin, as_function):
    refusal(as_function("dms-monitor-dev", "dms").delete_replication_task, ReplicationTaskArn=f"arn:aws:dms:{REGION}:{ACCOUNT}:task:X")
    refusal(as_function("dms-monitor-dev", "lambda").invoke, FunctionName="route53-updater-dev", Payload=b"{}")


def test_anybody_else_is_the_administrator(twin):
    assert client("sts", twin.url).get_caller_identity()["Account"] == ACCOUNT
    client("ssm", twin.url).put_parameter(Name="/somebody/else", Value="x", Type="String", Overwrite=True)
