"""The table, on the terminal and in docs/benchmarks.md with what it was measured on."""

import os
import platform
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import distributions, version
from pathlib import Path

from figures import MISSED, OURS, THEIRS, Row, number

HEADINGS = ("figure", "unit", OURS, THEIRS, "times less", "must be", "verdict")
# Less says nothing more.
TIMES_MIN = 0.1
# What a run writes stands between these. The rest of the page is written by hand.
BEGIN, END = "<!-- written by `make bench` -->", "<!-- as far as here -->"

METHOD = """\
Both functions run under AWS's runtime emulator, process by process in turn, each in an environment of its own on the simulated AWS: `rehearsal serve` behind
TLS 1.3, with one address per service. It answers at once, but for the rows `each call 10 ms away` and the round trips; both verify the certificate against the public roots and a throw-away one, and request
rates are off. The command is `gradual_cutover` to 20 % of reads, then to 30 and 20 in turn. A process of each that is not counted goes before.

- **cold first answer**: from the HTTP request to the emulator until its answer. The emulator is up by then; it starts the function's process with the first request. So: process start, init, first call.
- **CPU**: user and system time of the function's process, from the kernel's clock of that process, once it waits for its next event. The emulator, the TLS front and the simulated AWS are not in it, but they use the same processors.
- **at 128 MB**: the process is in a control group with 128/1769 of one CPU in periods of 20 ms, as [Lambda gives it](https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html),
  from its first instruction on. Lambda lets init run [at full speed](https://serverlessland.com/content/service/lambda/guides/effectively-running-java-on-serverless/init-heavy-lifting); the rows `init at full speed` do so too, and limit the first call alone.
- **peak memory**: the greatest resident set (`VmHWM`) of any process, after its last call.
- **zip**: as deployed. boto3 comes with Lambda's Python, so its handler's zip has the handler alone; with boto3 in it, it would be what the next row says.
- **sequential round trips**: the longest chain of calls in the request log of the simulated AWS in which each began after the one before had ended.
- **first call without its init**: from the moment in which the function first asks for an event. In the row `init could not connect` every connection was refused until then.
- **p99** is by nearest rank: of fewer than 100 processes it is the slowest. Ratios are between figures of the same row.

Cutover does more in a call than the other, and is measured with it: it reads the replication tasks, their tables and both pairs of records, claims a generation
in its journal, checks it again afterwards, and puts an event on the bus. The boto3 handler reads a parameter, the records and a metric, changes the weights, puts the parameter and publishes; it does
one thing after the other, on boto3's defaults with standard retries, with clients at module level.

Not measured: AWS itself, the network to it, DNS, how long Lambda takes to fetch a zip and start a sandbox, arm64."""


@dataclass(frozen=True)
class Run:
    """What was run, and on what."""

    processes: int
    warm_calls: int
    packages: Path
    remarks: list[str]

    def summary(self) -> str:
        fresh, warm = plural(self.processes, "fresh process", "es"), plural(self.warm_calls, "warm call", "s")
        return f"{fresh} of each, and {warm} in each"


def plural(count: int, what: str, ending: str) -> str:
    return f"{count} {what}{ending if count != 1 else ''}"


def table(rows: list[Row], run: Run) -> str:
    lines = [HEADINGS, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = [
        "  ".join(
            cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([*text, "", f"{run.summary()}.", *run.remarks])


def cells(row: Row) -> tuple[str, ...]:
    times = row.times()
    shown = "" if times is None else f"{times:.1f}×" if times >= TIMES_MIN else f"under {TIMES_MIN}×"
    return (row.name, row.unit, number(row.ours), number(row.theirs), shown, row.must(), row.verdict())


def section(rows: list[Row], run: Run, command: str) -> str:
    table_lines = ["| " + " | ".join(HEADINGS) + " |", "|---|---|--:|--:|--:|---|---|"]
    table_lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    missed = [f"- {row.name}: {row.verdict().removeprefix(MISSED)[1:]}" for row in rows if row.verdict().startswith(MISSED)]
    return "\n".join(
        [
            BEGIN,
            "## Against boto3",
            "",
            f"`{command}`, on {machine()}, {datetime.now(timezone.utc):%Y-%m-%d}: {run.summary()}. {versions(run)}.",
            *run.remarks,
            "",
            *table_lines,
            "",
            "![The same as a chart](benchmarks.svg)",
            "",
            *(["Missed:", "", *missed] if missed else ["Nothing was missed."]),
            "",
            "### How",
            "",
            METHOD,
            END,
        ]
    )


def write(page: Path, text: str) -> None:
    """Replaces what an earlier run wrote, and leaves the rest of the page as it is."""
    old = page.read_text() if page.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
    if BEGIN not in old or END not in old:
        raise SystemExit(f"{page} has no place for the table: {BEGIN} ... {END}")
    before, rest = old.split(BEGIN, 1)
    page.write_text(before + text + rest.split(END, 1)[1])


def machine() -> str:
    models = [line.split(":", 1)[1].strip() for line in words("/proc/cpuinfo") if line.startswith("model name")]
    total = next(line.split()[1] for line in words("/proc/meminfo") if line.startswith("MemTotal:"))
    processors = f"{os.cpu_count()} processors ({models[0] if models else platform.machine()})"
    return f"{processors}, {int(total) / 1e6:.0f} GB, Linux {platform.release()}"


def words(file: str) -> list[str]:
    return Path(file).read_text().splitlines()


def versions(run: Run) -> str:
    found = {
        package.metadata["Name"]: package.version
        for folder in ("boto3", "runtime")
        for package in distributions(path=[str(run.packages / folder)])
    }
    named = [f"{name} {found[name]}" for name in ("boto3", "botocore", "awslambdaric") if name in found]
    python = ".".join(str(part) for part in sys.version_info[:3])
    return ", ".join([f"Python {python}", *named, f"the emulator of aws-sam-cli {version('aws-sam-cli')}"])
