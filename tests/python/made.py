"""The stack of either role with all that it can make around its functions."""

from functools import cache

from clients import ACCOUNT, REGION
from stack import DR_LEAST, DR_REGION, LEAST, Stack

# Nothing is given that would do instead.
MADE = {
    "CreateNetwork": "true",
    "CreateDatabase": "true",
    "CreateBackups": "true",
    "CreateDatabaseLogs": "true",
    "VpcId": "vpc-0123456789abcdef0",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1,subnet-0123456789abcdef2",
    "DrGlobalClusterId": "orders-global",
    "SourceCidr": "10.1.2.3/32",
    "ApplicationCidr": "10.20.0.0/16",
    "ApplicationSecurityGroupId": "sg-0123456789abcdef0",
    "CreateSecretsEndpoint": "true",
}
MADE_PRIMARY = (
    {name: value for name, value in LEAST.items() if name != "DmsTaskArn"}
    | MADE
    | {
        "DatabaseZones": f"{REGION}a,{REGION}b,{REGION}c",
        "TargetClusterIdentifier": "orders",
        "SecretReplicaRegion": DR_REGION,
        "CreateReplication": "true",
        "CreateDmsRoles": "true",
        "SourceSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:onprem-AbCdEf",
        "SourceSecretKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/source",
        "DmsCertificateArn": f"arn:aws:dms:{REGION}:{ACCOUNT}:cert:AUTHORITIES",
        "CreateRecords": "true",
        "ReaderRecordName": "reader.example.com",
        "WriterRecordName": "writer.example.com",
        "SourceReaderEndpoint": "ro.pg.onprem.example.com",
        "SourceWriterEndpoint": "rw.pg.onprem.example.com",
        "BackupCopyVaultArn": f"arn:aws:backup:{DR_REGION}:{ACCOUNT}:backup-vault:cutover-dr-dev",
        "TargetConnectionsMax": "900",
    }
)
MADE_DR = (
    DR_LEAST
    | MADE
    | {
        "DatabaseZones": f"{DR_REGION}a,{DR_REGION}b,{DR_REGION}c",
        "DrSubnetIds": "subnet-0123456789abcdef0",
        "DrCanaryAlarms": "orders-canary,orders checkout",
    }
)

ROLES = {"migration": MADE_PRIMARY, "dr": MADE_DR}


@cache
def made(role: str) -> Stack:
    """The stack of a role with all that it can make."""
    return Stack(ROLES[role])
