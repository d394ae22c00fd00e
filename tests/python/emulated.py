"""A function's real binary under AWS's runtime emulator, and the servers of others that it takes for AWS."""

import json
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import samcli

import samples
import settings
from clients import client
from conftest import binary, environment
from processes import Server, free_port
from seeding import READER, WRITER, Task, seed_alarm, seed_task, seed_zone

EMULATOR = Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"
INVOKE_PATH = "/2015-03-31/functions/function/invocations"
INVOKE_SECONDS_MAX = 90
STATE = "/migration/dev/state"
# moto has no table statistics. What cannot be read is not healthy, so a person has to vouch for it.
VOUCHED = {"force": ["tables-in-error"], "reason": "moto has no table statistics"}
TRANSITIONS = "transitions"


class World:
    """What the functions see: everything on ministack, but DMS on moto."""

    def __init__(self, ministack: Server, moto: Server):
        self.route53 = client("route53", ministack.url)
        self.ssm = client("ssm", ministack.url)
        self.cloudwatch = client("cloudwatch", ministack.url)
        self.zone = seed_zone(self.route53)
        self.topic = client("sns", ministack.url).create_topic(Name="cutover-dev")["TopicArn"]
        self.sqs = client("sqs", ministack.url)
        self.queue = listen(client("events", ministack.url), self.sqs)
        for alarm in samples.ALARMS:
            seed_alarm(self.cloudwatch, alarm)
        self.dms = client("dms", moto.url)
        self.task: Task = seed_task(self.dms, samples.TASK_NAME)
        self.endpoints = {
            "AWS_ENDPOINT_URL": ministack.url,
            "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE": moto.url,
        }

    def variables(self) -> dict[str, str]:
        return settings.migration(
            self.zone,
            self.task.arn,
            self.topic,
            DMS_RELATED_ARNS=",".join(samples.RELATED),
            MIGRATION_ALARMS=",".join(f"{alarm}=rollback" for alarm in samples.ALARMS),
        )

    def set_alarm(self, state: str) -> None:
        self.cloudwatch.set_alarm_state(AlarmName=samples.ALARM, StateValue=state, StateReason="a test")

    def sample(self, name: str) -> bytes:
        return samples.sample(name, datetime.now(timezone.utc), self.task.arn).encode()

    def transitions(self) -> list[dict]:
        """The events that came over the bus since the last look, whole."""
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def pair(self, name: str) -> dict[str, int]:
        records = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return {
            record["SetIdentifier"]: record["Weight"] for record in records if record["Name"].rstrip(".") == name
        }

    def state(self) -> dict | None:
        found = self.ssm.get_parameters(Names=[STATE])["Parameters"]
        return json.loads(found[0]["Value"]) if found else None


class Function:
    """The emulator's only function. The emulator answers 200 to errors too: the body tells them apart."""

    def __init__(self, server: Server):
        self.server = server

    def raw(self, body: bytes) -> dict:
        request = urllib.request.Request(self.server.url + INVOKE_PATH, data=body, method="POST")
        with urllib.request.urlopen(request, timeout=INVOKE_SECONDS_MAX) as answer:
            text = answer.read().decode()
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise AssertionError(f"{text!r}\n{self.server.output()}") from error

    def invoke(self, **payload) -> dict:
        return self.event(json.dumps(payload).encode())

    def event(self, payload: bytes) -> dict:
        report = self.raw(payload)
        assert "errorType" not in report, f"{report}\n{self.server.output()}"
        return report

    def error(self, payload: object) -> dict:
        error = self.raw(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
        assert "errorType" in error, error
        return error

    def emitted(self) -> list[dict]:
        """The lines in CloudWatch's embedded metric format that the function has written so far."""
        lines = self.server.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith('{"_aws"')]


def listen(events, sqs) -> str:
    """A queue for what our functions put on the bus."""
    queue = sqs.create_queue(QueueName=TRANSITIONS)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=TRANSITIONS, EventPattern=json.dumps({"source": ["cutover"]}))
    events.put_targets(Rule=TRANSITIONS, Targets=[{"Id": "queue", "Arn": arn}])
    return queue


def emulate(name: str, world: World, directory: Path) -> Server:
    """A function's own binary under the emulator, as Lambda would start it."""
    runtime_port, invoke_port = free_port(), free_port()
    command = [
        str(EMULATOR),
        "--runtime-api-address",
        f"127.0.0.1:{runtime_port}",
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{invoke_port}",
        str(binary(name, ("debug", "release"))),
    ]
    settings = world.variables() | world.endpoints | {
        "AWS_LAMBDA_FUNCTION_NAME": f"{name}-dev",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
    }
    return Server(command, invoke_port, directory / f"{name}.log", environment(**settings), directory)
