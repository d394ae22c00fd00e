"""Moves a share of the reads to the target, the way public samples of such handlers are written."""

import json
import os
from datetime import datetime, timedelta, timezone

import boto3
from botocore.config import Config

STANDARD = Config(retries={"mode": "standard"})

ssm = boto3.client("ssm", config=STANDARD)
route53 = boto3.client("route53", config=STANDARD)
cloudwatch = boto3.client("cloudwatch", config=STANDARD)
sns = boto3.client("sns", config=STANDARD)

STATE_PARAMETER = os.environ["STATE_PARAMETER"]
HOSTED_ZONE_ID = os.environ["HOSTED_ZONE_ID"]
READER_RECORD_NAME = os.environ["READER_RECORD_NAME"]
TOPIC_ARN = os.environ["NOTIFICATION_TOPIC_ARN"]
READY_LAG_SECONDS = float(os.environ["READY_LAG_SECONDS"])
DIMENSIONS = [
    {"Name": "ReplicationInstanceIdentifier", "Value": os.environ["DMS_INSTANCE_ID"]},
    {"Name": "ReplicationTaskIdentifier", "Value": os.environ["DMS_TASK_ID"]},
]


def read_state():
    try:
        return json.loads(ssm.get_parameter(Name=STATE_PARAMETER)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return {}


def read_records():
    listing = route53.list_resource_record_sets(
        HostedZoneId=HOSTED_ZONE_ID, StartRecordName=READER_RECORD_NAME, StartRecordType="CNAME"
    )
    name = READER_RECORD_NAME.rstrip(".")
    return [
        record
        for record in listing["ResourceRecordSets"]
        if record["Name"].rstrip(".") == name and record["Type"] == "CNAME" and "SetIdentifier" in record
    ]


def read_lag():
    now = datetime.now(timezone.utc)
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "lag",
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/DMS", "MetricName": "CDCLatencyTarget", "Dimensions": DIMENSIONS},
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
        ],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        ScanBy="TimestampDescending",
    )
    values = answer["MetricDataResults"][0]["Values"]
    return values[0] if values else None


def change_weights(records, weights):
    changes = [
        {"Action": "UPSERT", "ResourceRecordSet": record | {"Weight": weights[record["SetIdentifier"]]}}
        for record in records
    ]
    route53.change_resource_record_sets(HostedZoneId=HOSTED_ZONE_ID, ChangeBatch={"Changes": changes})


def handler(event, context):
    weight = event["aurora_weight"]
    state = read_state()
    records = read_records()
    lag = read_lag()
    if lag is None or lag > READY_LAG_SECONDS:
        return {"outcome": "held", "lag_seconds": lag}

    weights = {"source": 100 - weight, "target": weight}
    change_weights(records, weights)

    generation = state.get("generation", 0) + 1
    state = {
        "generation": generation,
        "phase": "shifting",
        "traffic": {"reader": weights},
        "lag_seconds": lag,
        "updated_at": datetime.now(timezone.utc).isoformat(),
    }
    ssm.put_parameter(Name=STATE_PARAMETER, Value=json.dumps(state), Type="String", Overwrite=True)
    sns.publish(
        TopicArn=TOPIC_ARN,
        Subject=f"{weight} % of reads on the target",
        Message=json.dumps(state),
    )
    print(json.dumps({"message": f"{weight} % of reads on the target", "generation": generation}))
    return {"outcome": "done", "generation": generation, "traffic": {"reader": weights}}
