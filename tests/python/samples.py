"""The payloads of events/, as if they told of this very moment and of our own task."""

import re
import uuid
from datetime import datetime, timezone

from conftest import ROOT

FOLDER = ROOT / "events"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))

# What the samples are made of.
ACCOUNT = "111122223333"
REGION = "eu-central-1"
TASK_ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TASK_NAME = "onprem-to-aurora"
ALARM = "migration-dev-target-errors"
ALARMS = (ALARM, "migration-dev-error-rate", "migration-dev-health")
RELATED = [
    f"arn:aws:dms:{REGION}:{ACCOUNT}:{resource}"
    for resource in (
        "rep:INSTANCEABCDEFGHIJKLMNOPQR",
        "replication-config:CONFIGABCDEFGHIJKLMNOPQRST",
        "endpoint:SOURCEABCDEFGHIJKLMNOPQRST",
        "data-migration:MIGRATIONABCDEFGHIJKLMNOPQ",
        # The reverse task of the samples.
        "task:ZYXWVUTSRQPONMLKJIHGFEDCBA",
    )
]
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
EVENT_ID = re.compile(r"7d0f6c1a-52b4-4e8e-9a31-[0-9a-f]{12}")
TIME = re.compile(r"2026-03-02([T ])\d\d:\d\d:\d\d")


def sample(name: str, now: datetime, task_arn: str, alarm: str = ALARM) -> str:
    """What is long ago, or ahead of its time, stays as far away as it was. Every event is a new one."""

    def moved(found: re.Match) -> str:
        told = datetime.strptime(found[0].replace(" ", "T"), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
        return (now + (told - MORNING)).strftime(f"%Y-%m-%d{found[1]}%H:%M:%S")

    text = TIME.sub(moved, (FOLDER / f"{name}.json").read_text())
    text = EVENT_ID.sub(lambda _: str(uuid.uuid4()), text)
    return text.replace(TASK_ID, task_arn.rsplit(":", 1)[1]).replace(ALARM, alarm)


def triggers() -> dict[str, str]:
    """What each sample is to the migration's functions, by the table of its README."""
    rows = re.findall(r"^\| \[`([^`]+)`\]\([^)]*\) \| (.+) \| .+ \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    return dict(rows)
