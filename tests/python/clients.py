"""boto3 clients for a server on this machine."""

import boto3
from botocore.config import Config

ACCOUNT = "111122223333"
REGION = "eu-central-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}

# Throttled calls are tried again; any other refusal is handed back at once.
ATTEMPTS = 12


def client(service: str, url: str, attempts: int = ATTEMPTS, region: str = REGION):
    settings = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=120,
        # What is out of range must reach the server.
        parameter_validation=False,
        inject_host_prefix=False,
    )
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=settings,
    )
