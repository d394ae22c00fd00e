"""What both functions find: a fresh environment `dev` on the simulated AWS, behind TLS, one address per service."""

import datetime
import ipaddress
import json
import os
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import tls_front
from clients import CREDENTIALS, client
from processes import Server, free_port

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# As AWS's endpoints have them.
KEY_BITS = 2048
VALID = datetime.timedelta(days=1)
# The names of `AWS_ENDPOINT_URL_...` that either function calls.
SERVICES = ("SSM", "ROUTE_53", "CLOUDWATCH", "SNS", "DATABASE_MIGRATION_SERVICE", "EVENTBRIDGE")
ADDRESSES = dict(zip(SERVICES, tls_front.addresses(len(SERVICES)), strict=True))
DOOR_SECONDS_MAX = 10


@dataclass(frozen=True)
class Certificates:
    """A throw-away authority, and what it vouches for."""

    trusted: Path
    certificate: Path
    key: Path

    @classmethod
    def make(cls, directory: Path) -> "Certificates":
        authority_key = rsa.generate_private_key(65537, KEY_BITS)
        authority = signed("Cutover benchmark authority", None, authority_key, authority_key)
        key = rsa.generate_private_key(65537, KEY_BITS)
        leaf = signed("Cutover benchmark", authority, key, authority_key)
        made = cls(directory / "trusted.pem", directory / "front.pem", directory / "front.key")
        # A function on AWS trusts the roots of its image: reading all of them is part of a cold start.
        roots = Path(certifi.where()).read_bytes()
        made.trusted.write_bytes(roots + b"\n" + authority.public_bytes(serialization.Encoding.PEM))
        made.certificate.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        made.key.write_bytes(key.private_bytes(*private))
        return made


def signed(name: str, authority: x509.Certificate | None, key: rsa.RSAPrivateKey, by: rsa.RSAPrivateKey):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if authority:
        names = [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES.values()]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(by, hashes.SHA256())


class Surroundings:
    """The simulated AWS as `rehearsal serve` has it, at the addresses `endpoints` once TLS is opened before it."""

    def __init__(self, rehearsal: Path, certificates: Certificates, directory: Path, latency: int):
        self.certificates, self.directory = certificates, directory
        self.environment = {"PATH": os.environ["PATH"]} | CREDENTIALS
        port = free_port()
        # AWS's request rates would be measured otherwise, and not the functions.
        command = [str(rehearsal), "serve", "--port", str(port), "--unthrottled", "--latency", str(latency)]
        self.twin = Server(command, port, directory / "twin.log", self.environment, ROOT)
        self.front: Server | None = None
        self.front_port = free_port()
        self.endpoints = {
            f"AWS_ENDPOINT_URL_{name}": f"https://{address}:{self.front_port}" for name, address in ADDRESSES.items()
        }
        self.route53 = client("route53", self.twin.url)
        self.ssm = client("ssm", self.twin.url)
        try:
            self.known = self.look_around()
        except BaseException:
            self.stop()
            raise

    def open(self) -> None:
        """Puts TLS before the twin. Until then every connection is refused."""
        command = [sys.executable, str(HERE / "tls_front.py"), "--port", str(self.front_port)]
        command += ["--count", str(len(SERVICES)), "--upstream", str(self.twin.port)]
        command += ["--certificate", str(self.certificates.certificate), "--key", str(self.certificates.key)]
        self.front = Server(command, self.front_port, self.directory / "front.log", self.environment, ROOT)

    def look_around(self) -> dict[str, str]:
        """What a stack's parameters would say."""
        dms = client("dms", self.twin.url)
        named = [{"Name": "replication-task-id", "Values": ["onprem-to-aurora"]}]
        [task] = dms.describe_replication_tasks(Filters=named)["ReplicationTasks"]
        [instance] = dms.describe_replication_instances()["ReplicationInstances"]
        [topic] = client("sns", self.twin.url).list_topics()["Topics"]
        [zone] = self.route53.list_hosted_zones()["HostedZones"]
        return {
            "task": task["ReplicationTaskArn"],
            "instance": instance["ReplicationInstanceIdentifier"],
            "topic": topic["TopicArn"],
            "zone": zone["Id"].rsplit("/", 1)[1],
        }

    def calls(self) -> list[dict]:
        """The calls that came over the wire so far: those that the twin's own functions make carry an invocation."""
        request = urllib.request.Request(f"{self.twin.url}/_twin/log", data=b"")
        with urllib.request.urlopen(request, timeout=DOOR_SECONDS_MAX) as answer:
            return [call for call in json.load(answer) if call["invocation"] is None]

    def reader(self, name: str) -> dict[str, int]:
        listing = self.route53.list_resource_record_sets(HostedZoneId=self.known["zone"])
        records = [record for record in listing["ResourceRecordSets"] if record["Name"].rstrip(".") == name]
        return {record["SetIdentifier"]: record["Weight"] for record in records}

    def parameter(self, name: str) -> dict | None:
        found = self.ssm.get_parameters(Names=[name])["Parameters"]
        return json.loads(found[0]["Value"]) if found else None

    def stop(self) -> None:
        if self.front:
            self.front.stop()
        self.twin.stop()
