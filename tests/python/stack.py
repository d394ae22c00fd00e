"""template.yaml as AWS would have it: SAM's shorthand written out, conditions decided, functions resolved."""

import json
import re
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import boto3
import cfnlint.decode
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from clients import ACCOUNT, REGION

ROOT = Path(__file__).resolve().parents[2]

# The functions of each role of the stack.
MIGRATION = {"route53-updater": "Route53Updater", "dms-monitor": "DmsMonitor", "alarm-rollback": "AlarmRollback"}
DR = {"dr-failover": "DrFailover"}
FUNCTIONS = MIGRATION | DR

DR_REGION = "eu-west-1"

TASK = f"arn:aws:dms:{REGION}:{ACCOUNT}:task:FORWARDTASK"
REVERSE_TASK = f"arn:aws:dms:{REGION}:{ACCOUNT}:task:REVERSETASK"
INSTANCE = f"arn:aws:dms:{REGION}:{ACCOUNT}:rep:INSTANCE"
ENDPOINT = f"arn:aws:dms:{REGION}:{ACCOUNT}:endpoint:SOURCE"

PRIMARY_CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:orders"
DR_CLUSTER = f"arn:aws:rds:{DR_REGION}:{ACCOUNT}:cluster:orders-dr"
GLOBAL_CLUSTER = f"arn:aws:rds::{ACCOUNT}:global-cluster:orders-global"

# What a migration needs, and nothing else.
LEAST = {"Environment": "dev", "HostedZoneId": "Z0123456789", "WriterRecordName": "db.example.com", "DmsTaskArn": TASK}

# Everything that can be switched on.
MOST = LEAST | {
    "ReaderRecordName": "reader.example.com",
    "WriterRecordName": "writer.example.com",
    "ReverseDmsTaskArn": REVERSE_TASK,
    "DmsRelatedArns": f"{INSTANCE},{ENDPOINT}",
    "DmsEventTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:dms-events",
    "AlarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
    "RollbackAlarms": "orders-5xx,orders errors",
    "HoldAlarms": "orders-latency",
    "NotifyAlarms": "orders-disk",
    "DmsInstanceIdentifier": "orders-replication",
    "TargetClusterIdentifier": "orders-v2",
    "TargetConnectionsMax": "800",
    "NotificationEmail": "people@example.com",
    "Tracing": "Active",
}

# What the DR region needs, and nothing else.
DR_LEAST = {
    "Role": "dr",
    "Environment": "dev",
    "DrGlobalClusterId": "orders-global",
    "PrimaryClusterArn": PRIMARY_CLUSTER,
    "DrClusterArn": DR_CLUSTER,
}

# Everything that can be switched on there, but the read replica and the records of somebody else.
DR_MOST = DR_LEAST | {
    "AlarmTopicArn": f"arn:aws:sns:{DR_REGION}:{ACCOUNT}:alarms",
    "ApplicationParameterPath": "/app/orders/database",
    "ClusterKeyArns": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one,arn:aws:kms:{DR_REGION}:{ACCOUNT}:key/two",
    "DatabaseCaFile": "/opt/rds.pem",
    "DatabaseCaLayerArn": f"arn:aws:lambda:{DR_REGION}:{ACCOUNT}:layer:rds-ca:3",
    "DatabaseName": "orders",
    "DrCanaryAlarms": "orders-canary,orders checkout",
    "DrEndpoint": f"orders-dr.cluster-abc.{DR_REGION}.rds.amazonaws.com",
    "DrHostedZoneId": "Z9876543210",
    "DrillBlockedWindows": "mon-fri 08:00-18:00",
    "DrillEnabled": "true",
    "DrRecordName": "db.example.com",
    "DrSecretArn": f"arn:aws:secretsmanager:{DR_REGION}:{ACCOUNT}:secret:probe-dr-AbCdEf",
    "DrSecretName": "orders/dr",
    "DrSecurityGroupIds": "sg-0123456789abcdef0",
    "DrSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "DrWitnessAlarmArn": f"arn:aws:cloudwatch:us-west-2:{ACCOUNT}:alarm:orders-from-afar",
    "GlobalWriterEndpoint": "true",
    "MigrationFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:route53-updater-dev",
    "MigrationStateParameter": "/migration/dev/state",
    "NotificationEmail": "people@example.com",
    "PostHookArn": f"arn:aws:lambda:{DR_REGION}:{ACCOUNT}:function:after",
    "PreHookArn": f"arn:aws:lambda:{DR_REGION}:{ACCOUNT}:function:before:live",
    "PrimaryEndpoint": f"orders.cluster-abc.{REGION}.rds.amazonaws.com",
    "PrimarySecretArn": f"arn:aws:secretsmanager:{DR_REGION}:{ACCOUNT}:secret:probe-primary-AbCdEf",
    "PrimarySecretName": "orders/primary",
    "RefreshAutoScalingGroups": "orders-web,orders-worker",
    "SecretKeyArn": f"arn:aws:kms:{DR_REGION}:{ACCOUNT}:key/three",
    "Tracing": "Active",
}

# The DR cluster as a read replica, and a pair of records that the stack did not make.
DR_REPLICA = {name: value for name, value in DR_LEAST.items() if name != "DrGlobalClusterId"} | {
    "DrClusterId": "orders-dr",
    "DrHostedZoneId": "Z9876543210",
    "DrRecordName": "db.example.com",
}

PSEUDO_PARAMETERS = {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

NOTHING = object()


@cache
def text_of_template(path: str = "template.yaml") -> str:
    """A template as JSON, every short form written out."""
    decoded, problems = cfnlint.decode.decode(str(ROOT / path))
    assert not problems, problems
    return json.dumps(decoded)


def as_written() -> dict:
    return json.loads(text_of_template())


@cache
def text_without_sam(gradual: str) -> str:
    """With CodeDeploy or without: that SAM decides itself, by the parameter."""
    template = as_written()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name=REGION))
    return json.dumps(translator.translate(template, {"GradualDeployment": gradual}, get_managed_policy_map=dict))


class Stack:
    """The stack for some parameters, in its role's region. A resource's reference is its logical name, an attribute
    `Name.Attribute`, and a nested stack's output what it is in there."""

    def __init__(self, parameters: dict[str, str], text: str | None = None, region: str | None = None):
        region = region or (DR_REGION if parameters.get("Role") == "dr" else REGION)
        self.template = json.loads(text or text_without_sam(parameters.get("GradualDeployment", "false")))
        self.inner: dict[str, Stack] = {}
        declared = self.template.get("Parameters", {})
        assert set(parameters) <= set(declared), set(parameters) - set(declared)
        given = {name: str(body["Default"]) for name, body in declared.items() if "Default" in body} | parameters
        assert set(given) == set(declared), set(declared) - set(given)
        self.values = given | PSEUDO_PARAMETERS | {"AWS::Region": region}

    @cached_property
    def resources(self) -> dict[str, dict]:
        """Only when asked for: parameters that break a rule may not make a stack."""
        return {
            name: body | {"Properties": self.resolve(body.get("Properties", {}))}
            for name, body in self.template["Resources"].items()
            if "Condition" not in body or self.holds(body["Condition"])
        }

    def of_type(self, kind: str) -> dict[str, dict]:
        """Properties by logical name."""
        return {name: body["Properties"] for name, body in self.resources.items() if body["Type"] == kind}

    def properties(self, name: str) -> dict:
        return self.resources[name]["Properties"]

    def nested(self, name: str) -> "Stack":
        """A nested stack, given what this one gives it."""
        if name not in self.inner:
            properties = self.resolve(self.template["Resources"][name]["Properties"])
            parameters = {key: str(value) for key, value in properties.get("Parameters", {}).items()}
            text = text_of_template(properties["TemplateURL"])
            self.inner[name] = Stack(parameters, text, self.values["AWS::Region"])
        return self.inner[name]

    def all_nested(self) -> dict[str, "Stack"]:
        return {name: self.nested(name) for name in self.of_type("AWS::CloudFormation::Stack")}

    def every_resource(self) -> list[tuple[str, dict]]:
        """Type and properties, those of nested stacks among them."""
        own = [(body["Type"], body["Properties"]) for body in self.resources.values()]
        return own + [found for inner in self.all_nested().values() for found in inner.every_resource()]

    def output(self, name: str) -> Any:
        body = self.template["Outputs"][name]
        assert "Condition" not in body or self.holds(body["Condition"]), f"there is no output {name}"
        return self.resolve(body["Value"])

    def holds(self, condition: str) -> bool:
        return self.resolve(self.template["Conditions"][condition])

    def failed_rules(self) -> list[str]:
        return [
            assertion["AssertDescription"]
            for rule in self.template["Rules"].values()
            if self.resolve(rule.get("RuleCondition", True))
            for assertion in rule["Assertions"]
            if not self.resolve(assertion["Assert"])
        ]

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [found for found in map(self.resolve, value) if found is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument) = next(iter(value.items()))
            if name in {"Ref", "Condition"} and isinstance(argument, str) or name.startswith("Fn::"):
                return self.call(name, argument)
        resolved = {key: self.resolve(inner) for key, inner in value.items()}
        return {key: inner for key, inner in resolved.items() if inner is not NOTHING}

    def call(self, function: str, argument: Any) -> Any:
        match function:
            case "Ref":
                return self.reference(argument)
            case "Condition":
                return self.holds(argument)
            case "Fn::GetAtt":
                name, attribute = argument
                if attribute.startswith("Outputs."):
                    return self.nested(name).output(attribute.removeprefix("Outputs."))
                return f"{name}.{attribute}"
            case "Fn::Sub":
                return self.substitute(argument)
            case "Fn::If":
                condition, then, otherwise = argument
                return self.resolve(then if self.holds(condition) else otherwise)
        arguments = self.resolve(argument)
        match function:
            case "Fn::Equals":
                return arguments[0] == arguments[1]
            case "Fn::Not":
                return not arguments[0]
            case "Fn::And":
                return all(arguments)
            case "Fn::Or":
                return any(arguments)
            case "Fn::Join":
                return arguments[0].join(arguments[1])
            case "Fn::Split":
                return arguments[1].split(arguments[0])
            case "Fn::Select":
                return arguments[1][int(arguments[0])]
        raise AssertionError(f"{function} is not known here")

    def reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in self.values:
            return self.values[name]
        assert name in self.template["Resources"], f"nothing is called {name}"
        if self.template["Resources"][name]["Type"] == "AWS::DMS::ReplicationTask":
            # Taken apart by who asks for its metrics.
            return f"arn:aws:dms:{self.values['AWS::Region']}:{ACCOUNT}:task:{name.upper()}TASK"
        return name

    def substitute(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        own = self.resolve(own)
        return re.sub(
            r"\$\{([^}]+)\}", lambda found: own[found[1]] if found[1] in own else self.reference(found[1]), text
        )


@cache
def bare(function: str) -> Stack:
    """The stack that has this function, with no more parameters than it needs."""
    return Stack(DR_LEAST if function in DR.values() else LEAST)


@cache
def full(function: str) -> Stack:
    """The same with every parameter given."""
    return Stack(DR_MOST if function in DR.values() else MOST)


def statements(stack: Stack, role: str) -> list[dict]:
    """All that a role may and may not do, its own policies' and the shared ones'."""
    properties = stack.properties(role)
    documents = [policy["PolicyDocument"] for policy in properties["Policies"]]
    documents += [stack.properties(policy)["PolicyDocument"] for policy in properties.get("ManagedPolicyArns", [])]
    return [statement for document in documents for statement in document["Statement"]]


def as_list(value: Any) -> list:
    return value if isinstance(value, list) else [value]
