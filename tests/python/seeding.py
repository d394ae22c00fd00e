"""A migration's surroundings on servers of others: zone, pairs, topic, task, lag, alarms."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

ZONE_NAME = "db.example.com."
READER = "reader.db.example.com"
WRITER = "writer.db.example.com"
TTL_SECONDS = 60
LAG_METRICS = {"CDCLatencySource": 1.0, "CDCLatencyTarget": 1.0, "CDCIncomingChanges": 3.0}
LAG_MINUTES = 10


@dataclass(frozen=True)
class Task:
    arn: str
    instance: str

    @property
    def dimensions(self) -> list[dict]:
        """As DMS names them: the task by the last part of its ARN."""
        return [
            {"Name": "ReplicationInstanceIdentifier", "Value": self.instance},
            {"Name": "ReplicationTaskIdentifier", "Value": self.arn.rsplit(":", 1)[1]},
        ]


def weighted(name: str, identifier: str, weight: int) -> dict:
    return {
        "Name": name,
        "Type": "CNAME",
        "TTL": TTL_SECONDS,
        "SetIdentifier": identifier,
        "Weight": weight,
        "ResourceRecords": [{"Value": f"{identifier}.db.example.net"}],
    }


def seed_zone(route53) -> str:
    """The id of a zone whose two pairs lead to the source."""
    zone = route53.create_hosted_zone(Name=ZONE_NAME, CallerReference="cutover")["HostedZone"]["Id"]
    records = [
        weighted(name, identifier, weight)
        for name in (READER, WRITER)
        for identifier, weight in (("source", 100), ("target", 0))
    ]
    changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return zone.removeprefix("/hostedzone/")


def seed_task(dms, identifier: str) -> Task:
    """A running full-load-and-cdc task with its endpoints and instance."""
    instance = dms.create_replication_instance(
        ReplicationInstanceIdentifier=f"{identifier}-instance", ReplicationInstanceClass="dms.t3.medium"
    )["ReplicationInstance"]
    endpoints = {
        kind: dms.create_endpoint(
            EndpointIdentifier=f"{identifier}-{kind}", EndpointType=kind, EngineName="postgres"
        )["Endpoint"]["EndpointArn"]
        for kind in ("source", "target")
    }
    task = dms.create_replication_task(
        ReplicationTaskIdentifier=identifier,
        SourceEndpointArn=endpoints["source"],
        TargetEndpointArn=endpoints["target"],
        ReplicationInstanceArn=instance["ReplicationInstanceArn"],
        MigrationType="full-load-and-cdc",
        TableMappings='{"rules":[]}',
        ReplicationTaskSettings="{}",
    )["ReplicationTask"]
    dms.start_replication_task(
        ReplicationTaskArn=task["ReplicationTaskArn"], StartReplicationTaskType="start-replication"
    )
    return Task(task["ReplicationTaskArn"], instance["ReplicationInstanceIdentifier"])


def seed_lag(cloudwatch, task: Task) -> None:
    """A reading a minute, up to now, so that the lag is known and young."""
    now = datetime.now(timezone.utc)
    data = [
        {
            "MetricName": name,
            "Dimensions": task.dimensions,
            "Timestamp": now - timedelta(minutes=minutes),
            "Value": value,
        }
        for name, value in LAG_METRICS.items()
        for minutes in range(LAG_MINUTES)
    ]
    cloudwatch.put_metric_data(Namespace="AWS/DMS", MetricData=data)


def seed_alarm(cloudwatch, name: str) -> None:
    """An alarm that is OK until it is set."""
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Orders",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="nothing is wrong yet")
