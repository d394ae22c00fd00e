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
SETTINGS = Config(
    retries={"mode": "standard", "total_max_attempts": 12},
    connect_timeout=5,
    read_timeout=120,
    max_pool_connections=8,
    # What is out of range must reach the server.
    parameter_validation=False,
    # Nothing here has metadata to ask about.
    inject_host_prefix=False,
)


def client(service: str, url: str):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=SETTINGS,
    )
