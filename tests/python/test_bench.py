"""`bench` measures both functions at the same work, leaves out no figure, and draws what it found."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import HERE, ROOT, binary

BENCH_SECONDS_MAX = 500
SVG = "{http://www.w3.org/2000/svg}"
FIGURES = (
    "cold first answer, p50",
    "cold first answer, p99",
    "the same, each call 10 ms away, p50",
    "CPU of a cold start, p50",
    "CPU of a cold start, p99",
    "first answer at 128 MB, p50",
    "first answer at 128 MB, p99",
    "warm answer, p50",
    "CPU of a warm call",
    "peak memory, greatest",
    "zip",
    "zip, greatest of all functions",
    "sequential round trips, warm",
    "first call without its init, p50",
    "first call without its init, p50, init could not connect",
)


class Ran:
    """One short run. What it would say of speed is nobody's concern here."""

    def __init__(self, folder: Path):
        built = folder / "built/Route53Updater"
        built.mkdir(parents=True)
        # What is deployed is built later than what is tested.
        (built / "bootstrap").symlink_to(binary("route53-updater", ("debug", "release")))
        self.samples_file, self.chart = folder / "samples.json", folder / "chart.svg"
        command = [sys.executable, str(ROOT / "bench"), "--processes", "1", "--warm-calls", "2"]
        command += ["--built", str(built.parent), "--rehearsal", str(binary("rehearsal"))]
        command += ["--json", str(self.samples_file), "--chart", str(self.chart)]
        self.ended = subprocess.run(
            command,
            env=os.environ | {"PYTHONPATH": str(HERE)},
            capture_output=True,
            text=True,
            timeout=BENCH_SECONDS_MAX,
            check=False,
        )
        assert self.ended.returncode == 0, self.ended.stderr
        self.samples = json.loads(self.samples_file.read_text())

    def of(self, name: str) -> list[dict]:
        return [sample for sample in self.samples if sample["of"] == name]

    def lines(self) -> list[str]:
        return self.ended.stdout.splitlines()


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Ran:
    return Ran(tmp_path_factory.mktemp("bench"))


def test_both_functions_do_the_same_to_the_world(ran):
    assert ran.of("Cutover") and ran.of("boto3")
    for sample in ran.samples:
        assert sample["effects"] == {
            "records": {"source": 80, "target": 20},
            "parameter": {"source": 80, "target": 20},
            "generation": 1,
            "notices": 1,
        }, sample


def test_each_is_asked_again_while_warm(ran):
    [ours] = [sample for sample in ran.of("Cutover") if sample["way"] == "distant"]
    [theirs] = [sample for sample in ran.of("boto3") if sample["way"] == "distant"]
    assert len(ours["warm"]) == len(theirs["warm"]) == 2
    # Six calls, one after the other; ours are more, but overlap.
    assert (theirs["warm_calls"], theirs["warm_round_trips"]) == (6, 6)
    assert ours["warm_calls"] > theirs["warm_calls"]


def test_the_table_has_every_figure(ran):
    for figure in FIGURES:
        assert any(line.startswith(f"{figure}  ") for line in ran.lines()), figure


def test_a_quota_that_cannot_be_had_is_told(ran):
    at_128 = [sample for sample in ran.samples if sample["way"].startswith("quota")]
    skipped = any(line.startswith("Skipped at 128 MB") for line in ran.lines())
    assert skipped is not bool(at_128)


def test_a_first_call_is_answered_though_init_could_connect_to_nobody(ran):
    [refused] = [sample for sample in ran.samples if sample["way"] == "refused"]
    assert refused["effects"]["generation"] == 1


def test_the_chart_has_two_bars_for_each_figure(ran):
    drawing = ElementTree.parse(ran.chart).getroot()
    assert drawing.tag == f"{SVG}svg"
    kinds = [bar.get("class") for bar in drawing.iter(f"{SVG}rect")]
    assert kinds.count("ours") == kinds.count("theirs") > 1


def test_a_build_that_is_not_there_is_told(tmp_path):
    ended = subprocess.run(
        [sys.executable, str(ROOT / "bench"), "--built", str(tmp_path), "--rehearsal", str(binary("rehearsal"))],
        env=os.environ | {"PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=BENCH_SECONDS_MAX,
        check=False,
    )
    assert ended.returncode != 0
    assert "run `make build` first" in ended.stderr
