"""The two functions that are compared: how Lambda would start each, with what settings, and what is deployed."""

import io
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from artefact_sizes import zipped_bytes
from settings import migration
from surroundings import HERE, ROOT, Surroundings

FUNCTION = "Route53Updater"
HANDLER = HERE / "boto3_handler"
STATE = "/migration/dev/state"
MEMORY_MEGABYTES = 128
# The percentages that the calls lead to, in turn: each is a step that changes both records.
STEPS = (20, 30)
# What the managed runtime brings, and `make bench` installs beside: AWS's runtime client, and boto3.
PACKAGES = ROOT / "target/bench"


@dataclass(frozen=True)
class Contender:
    """A function as Lambda would start it."""

    name: str
    command: list[str]
    directory: Path
    zip_bytes: int
    # The same zip with what the managed runtime has already.
    vendored_bytes: int | None = None
    settings: dict[str, str] = field(default_factory=dict)


def ours(built: Path) -> Contender:
    """The function as `sam build` made it."""
    binary = built / FUNCTION / "bootstrap"
    if not binary.is_file():
        sys.exit(f"{binary} is missing: run `make build` first")
    return Contender("Cutover", [str(binary)], binary.parent, zipped_bytes(binary))


def other_zips(built: Path) -> list[int]:
    """Of all other functions, in bytes."""
    return [zipped_bytes(binary) for binary in built.glob("*/bootstrap") if binary.parent.name != FUNCTION]


def theirs(python: Path, packages: Path = PACKAGES) -> Contender:
    """The boto3 handler under AWS's runtime client for Python. No virtual environment: Lambda has none."""
    missing = [folder for folder in ("boto3", "runtime") if not (packages / folder).is_dir()]
    if missing:
        sys.exit(f"{packages}/{missing[0]} is missing: `make bench` installs it")
    handler = [HANDLER / "app.py"]
    vendored = handler + [path for path in (packages / "boto3").rglob("*") if is_shipped(path)]
    return Contender(
        "boto3",
        [str(python), "-m", "awslambdaric", "app.handler"],
        HANDLER,
        zip_of(handler),
        zip_of(vendored),
        {
            "PYTHONPATH": f"{packages / 'runtime'}:{packages / 'boto3'}",
            "LAMBDA_TASK_ROOT": str(HANDLER),
            # What is installed is compiled. The handler is not, and stays so: Lambda's file system is read-only.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )


def is_shipped(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"


def zip_of(files: list[Path]) -> int:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            archive.write(path, path.relative_to(path.anchor))
    return len(buffer.getvalue())


def variables(contender: Contender, around: Surroundings, trusted: Path) -> dict[str, str]:
    """All variables of a function, those of the other included: it ignores them."""
    known = around.known
    return (
        contender.settings
        | around.endpoints
        | {
            # Both verify what they connect to, against the same roots.
            "AWS_CA_BUNDLE": str(trusted),
            "SSL_CERT_FILE": str(trusted),
            "AWS_LAMBDA_FUNCTION_NAME": "route53-updater-dev",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MEGABYTES),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        }
        | migration(
            known["zone"],
            known["task"],
            known["topic"],
            STATE_PARAMETER=STATE,
            DMS_TASK_ID=known["task"].rsplit(":", 1)[1],
            DMS_INSTANCE_ID=known["instance"],
        )
    )
