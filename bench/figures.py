"""The rows of the table: what was measured of both functions, and what has to be reached."""

import math
from dataclasses import dataclass
from statistics import median

from measuring import DISTANT_MILLISECONDS, Sample, Way

# At most as much, by the unit of the row.
ZIP_MEGABYTES_MAX = 2.5
PEAK_MEGABYTES_MAX = 16
COLD_CPU_MILLISECONDS_MAX = 10
# Sequential round trips of a step, by the design.
ROUND_TRIPS_MAX = 4
# At least so many times less than boto3.
COLD_TIMES = 10
COLD_CPU_TIMES = 20
QUOTA_TIMES = 3
WARM_CPU_TIMES = 4

OURS, THEIRS = "Cutover", "boto3"
MISSED = "MISSED"
Samples = dict[tuple[Way, str], list[Sample]]


@dataclass(frozen=True)
class Row:
    """One figure of both. What could not be measured, or has no equal on the other side, is None."""

    name: str
    unit: str
    ours: float | None
    theirs: float | None
    at_most: float | None = None
    times_less: float | None = None

    def times(self) -> float | None:
        return self.theirs / self.ours if self.ours and self.theirs else None

    def must(self) -> str:
        absolute = [f"at most {number(self.at_most)} {self.unit}".strip()] if self.at_most is not None else []
        relative = [f"{self.times_less:g}× less"] if self.times_less is not None else []
        return ", ".join(absolute + relative)

    def verdict(self) -> str:
        """Reached, or by how much not."""
        if self.ours is None or not self.must():
            return "not measured" if self.must() else ""
        missed = []
        if self.at_most is not None and self.ours > self.at_most:
            missed.append(f"by {number(self.ours - self.at_most)} {self.unit}".strip())
        times = self.times()
        if self.times_less is not None and (times is None or times < self.times_less):
            missed.append("of unknown size" if times is None else f"{times:.1f}× instead of {self.times_less:g}×")
        return f"{MISSED} {', '.join(missed)}" if missed else "reached"


def number(value: float | None) -> str:
    """Three digits, whatever the size; a count is whole."""
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{min(digits, 4)}f}"


def percentile(values: list[float], percent: int) -> float | None:
    """By nearest rank: of twenty values the 99th percentile is the greatest."""
    if not values:
        return None
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


class Figures:
    """All rows of a run."""

    def __init__(self, samples: Samples, zips: dict[str, float], largest_zip: float):
        self.samples, self.zips, self.largest_zip = samples, zips, largest_zip

    def rows(self) -> list[Row]:
        return self.cold() + self.small() + self.warm() + self.size() + self.trips() + self.init()

    def both(self, way: Way, read) -> tuple[list[float], list[float]]:
        """The values of both functions, in milliseconds."""
        ours, theirs = (
            [read(sample) * 1000 for sample in self.samples.get((way, name), [])] for name in (OURS, THEIRS)
        )
        return ours, theirs

    def percentiles(self, name: str, way: Way, read, **goals) -> list[Row]:
        ours, theirs = self.both(way, read)
        return [
            Row(f"{name}, p{percent}", "ms", percentile(ours, percent), percentile(theirs, percent), **goals)
            for percent in (50, 99)
        ]

    def cold(self) -> list[Row]:
        rows = self.percentiles("cold first answer", Way.PLAIN, lambda sample: sample.cold, times_less=COLD_TIMES)
        name = f"the same, each call {DISTANT_MILLISECONDS} ms away"
        distant = self.percentiles(name, Way.DISTANT, lambda sample: sample.cold)
        goals = {"at_most": COLD_CPU_MILLISECONDS_MAX, "times_less": COLD_CPU_TIMES}
        return rows + distant + self.percentiles("CPU of a cold start", Way.PLAIN, lambda sample: sample.cold_cpu, **goals)

    def small(self) -> list[Row]:
        """Under the quota of 128 MB."""
        name = "first answer at 128 MB"
        rows = self.percentiles(name, Way.QUOTA, lambda sample: sample.cold, times_less=QUOTA_TIMES)
        after = Way.QUOTA_AFTER_INIT
        return rows + self.percentiles(f"{name}, init at full speed", after, lambda sample: sample.cold)

    def warm(self) -> list[Row]:
        ours, theirs = (
            [seconds * 1000 for sample in self.samples.get((Way.PLAIN, name), []) for seconds in sample.warm]
            for name in (OURS, THEIRS)
        )
        answers = [
            Row(f"warm answer, p{percent}", "ms", percentile(ours, percent), percentile(theirs, percent))
            for percent in (50, 99)
        ]
        cpu = self.both(Way.PLAIN, lambda sample: sample.warm_cpu)
        used = [percentile(values, 50) for values in cpu]
        return answers + [Row("CPU of a warm call", "ms", *used, times_less=WARM_CPU_TIMES)]

    def size(self) -> list[Row]:
        peaks = [
            max((sample.peak_bytes / 1e6 for sample in self.samples.get((Way.PLAIN, name), [])), default=None)
            for name in (OURS, THEIRS)
        ]
        return [
            Row("peak memory, greatest", "MB", *peaks, at_most=PEAK_MEGABYTES_MAX),
            Row("zip", "MB", self.zips["ours"], self.zips["theirs"], at_most=ZIP_MEGABYTES_MAX),
            Row("zip, boto3 in it", "MB", None, self.zips["vendored"]),
            Row("zip, greatest of all functions", "MB", self.largest_zip, None, at_most=ZIP_MEGABYTES_MAX),
        ]

    def trips(self) -> list[Row]:
        """Of calls that take long enough to overlap. Where the machine is busy, some of a first call's do not."""
        first, again, calls = (
            [
                median(read(sample) for sample in self.samples[Way.DISTANT, name])
                if self.samples.get((Way.DISTANT, name))
                else None
                for name in (OURS, THEIRS)
            ]
            for read in (
                lambda sample: sample.cold_round_trips,
                lambda sample: sample.warm_round_trips,
                lambda sample: sample.warm_calls,
            )
        )
        return [
            Row("sequential round trips, warm", "", *again, at_most=ROUND_TRIPS_MAX),
            Row("sequential round trips, init and first call", "", *first),
            Row("calls to AWS, warm", "", *calls),
        ]

    def init(self) -> list[Row]:
        """The first call alone, with and without what init has connected. boto3 connects nothing in init."""
        connected, theirs = self.both(Way.SPLIT, lambda sample: sample.first_call)
        refused, _ = self.both(Way.REFUSED, lambda sample: sample.first_call)
        name = "first call without its init, p50"
        return [
            Row(name, "ms", percentile(connected, 50), percentile(theirs, 50)),
            Row(f"{name}, init could not connect", "ms", percentile(refused, 50), None),
        ]
