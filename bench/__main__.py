"""`python bench`: measures the built function against a boto3 handler that does the same, and prints one table."""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import chart
import contenders
import report
from contenders import Contender
from figures import OURS, Figures, Samples
from measuring import Bench, Sample, Way
from quota import Quota, Unavailable
from surroundings import ROOT, Certificates

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
DOCUMENTS = ROOT / "docs"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--built", type=Path, default=ROOT / ".aws-sam/build", help="what `make build` made")
    parser.add_argument("--rehearsal", type=Path, default=TARGET / "debug/rehearsal", help="the program that serves")
    parser.add_argument("--packages", type=Path, default=contenders.PACKAGES, help="boto3 and AWS's runtime client")
    parser.add_argument("--processes", type=int, default=20, help="fresh processes of each, for each way of running")
    parser.add_argument("--warm-calls", type=int, default=20, help="further calls in each process")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks.md and .svg")
    parser.add_argument("--chart", type=Path, help="write the chart there")
    parser.add_argument("--json", type=Path, help="write every sample there")
    asked = parser.parse_args()
    if min(asked.processes, asked.warm_calls) < 1:
        parser.error("at least one process and one warm call")
    if not asked.rehearsal.is_file():
        parser.error(f"{asked.rehearsal} is missing: cargo build -p rehearsal")
    return asked


def ways() -> tuple[list[Way], list[str]]:
    """How processes can be run here, and what cannot be had."""
    try:
        Quota().remove()
    except Unavailable as reason:
        return [way for way in Way if way not in (Way.QUOTA, Way.QUOTA_AFTER_INIT)], [f"Skipped at 128 MB: {reason}."]
    return list(Way), []


def runs(functions: list[Contender], possible: list[Way]) -> list[tuple[Contender, Way]]:
    """One round: ours and theirs in turn. boto3 does not connect in init, so there is nothing to refuse it."""
    pairs = [(function, way) for way in possible for function in functions]
    return [(function, way) for function, way in pairs if way is not Way.REFUSED or function.name == OURS]


def measure(bench: Bench, functions: list[Contender], possible: list[Way], processes: int) -> Samples:
    for function in functions:
        tell("a process that is not counted", function, Way.PLAIN)
        bench.run(function, Way.PLAIN)
    samples: Samples = {}
    for number in range(1, processes + 1):
        for function, way in runs(functions, possible):
            tell(f"{number} of {processes}", function, way)
            samples.setdefault((way, function.name), []).append(bench.run(function, way))
    return samples


def tell(what: str, function: Contender, way: Way) -> None:
    print(f"{what}: {function.name}, {way.value}", file=sys.stderr, flush=True)


def differences(samples: Samples) -> list[dict]:
    """What the calls did to the world, if not all did the same."""
    all_samples: list[Sample] = [sample for some in samples.values() for sample in some]
    first = all_samples[0].effects
    return [first] + [sample.effects for sample in all_samples if sample.effects != first]


def main() -> int:
    asked = arguments()
    python = Path(sys._base_executable)
    ours, theirs = contenders.ours(asked.built), contenders.theirs(python, asked.packages)
    possible, remarks = ways()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        bench = Bench(asked.rehearsal, Certificates.make(folder), folder, asked.warm_calls)
        samples = measure(bench, [ours, theirs], possible, asked.processes)
    if asked.json:
        flat = [asdict(one) | {"way": way.value, "of": name} for (way, name), some in samples.items() for one in some]
        asked.json.write_text(json.dumps(flat, indent=1))
    found = differences(samples)
    if len(found) > 1:
        print(f"the functions did not do the same: {found}", file=sys.stderr)
        return 1
    zips = {
        "ours": ours.zip_bytes / 1e6,
        "theirs": theirs.zip_bytes / 1e6,
        "vendored": (theirs.vendored_bytes or 0) / 1e6,
    }
    largest = max([ours.zip_bytes, *contenders.other_zips(asked.built)]) / 1e6
    rows = Figures(samples, zips, largest).rows()
    run = report.Run(asked.processes, asked.warm_calls, asked.packages, remarks)
    print(report.table(rows, run))
    if asked.write:
        report.write(DOCUMENTS / "benchmarks.md", report.section(rows, run, "make bench"))
        chart.write(DOCUMENTS / "benchmarks.svg", rows, run.summary())
    if asked.chart:
        chart.write(asked.chart, rows, run.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
