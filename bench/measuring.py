"""Runs one fresh process of a function in one fresh environment, in one of four ways, and says what it cost."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path

from contenders import MEMORY_MEGABYTES, STATE, STEPS, Contender, variables
from function_process import FunctionProcess
from init_gate import InitGate
from processes import free_port
from quota import Quota, share
from seeding import READER
from surroundings import Certificates, Surroundings


class Way(Enum):
    """What a process finds."""

    PLAIN = "plain"
    # An AWS as far away as the real one. The other ways find one that answers at once.
    DISTANT = "distant"
    # The CPU of a function of 128 MB, from its first instruction on.
    QUOTA = "quota"
    # The same, but only once init is over, as Lambda does.
    QUOTA_AFTER_INIT = "quota-after-init"
    # How long the first call takes without init.
    SPLIT = "split"
    # The same, where every connection is refused during init.
    REFUSED = "refused"


# What each call takes besides its work.
DISTANT_MILLISECONDS = 10


def latency(way: Way) -> int:
    return DISTANT_MILLISECONDS if way is Way.DISTANT else 0


@dataclass
class Sample:
    """What one process cost. Times in seconds."""

    cold: float
    first_call: float | None
    cold_cpu: float
    peak_bytes: int
    cold_round_trips: int
    effects: dict
    warm: list[float] = field(default_factory=list)
    warm_cpu: float | None = None
    warm_round_trips: int | None = None
    warm_calls: int | None = None


@dataclass(frozen=True)
class Bench:
    """What all processes have in common."""

    rehearsal: Path
    certificates: Certificates
    directory: Path
    warm_calls: int

    def run(self, contender: Contender, way: Way) -> Sample:
        around = Surroundings(self.rehearsal, self.certificates, self.directory, latency(way))
        quota = Quota() if way in (Way.QUOTA, Way.QUOTA_AFTER_INIT) else None
        gate = self.gate(way, quota, around)
        try:
            if way is not Way.REFUSED:
                around.open()
            if quota and way is Way.QUOTA:
                quota.limit(share(MEMORY_MEGABYTES))
            within = (quota.around() if quota else []) + (gate.around() if gate else [])
            port = gate.runtime_port if gate else free_port()
            given = variables(contender, around, self.certificates.trusted)
            function = FunctionProcess(contender, given, self.directory, within, port)
            try:
                return self.measure(function, around, gate, way)
            finally:
                function.stop()
        finally:
            if gate:
                gate.stop()
            if quota:
                quota.remove()
            around.stop()

    def gate(self, way: Way, quota: Quota | None, around: Surroundings) -> InitGate | None:
        if way is Way.QUOTA_AFTER_INIT and quota:
            return InitGate(lambda: quota.limit(share(MEMORY_MEGABYTES)))
        if way is Way.SPLIT:
            return InitGate(lambda: None)
        return InitGate(around.open) if way is Way.REFUSED else None

    def measure(self, function: FunctionProcess, around: Surroundings, gate: InitGate | None, way: Way) -> Sample:
        before = len(around.calls())
        cold = function.invoke(STEPS[0])
        answered_at = time.perf_counter()
        cold_cpu = function.cpu_seconds()
        calls = around.calls()[before:]
        sample = Sample(
            cold=cold,
            first_call=answered_at - gate.over_at if gate and gate.over_at else None,
            cold_cpu=cold_cpu,
            peak_bytes=function.peak_bytes(),
            cold_round_trips=sequential(calls),
            effects=effects(around, calls),
        )
        # What is asked of a warm process is asked without a quota too.
        if way in (Way.PLAIN, Way.DISTANT):
            self.call_again(function, around, sample)
        return sample

    def call_again(self, function: FunctionProcess, around: Surroundings, sample: Sample) -> None:
        before = len(around.calls())
        for number in range(1, self.warm_calls + 1):
            sample.warm.append(function.invoke(STEPS[number % len(STEPS)]))
        sample.warm_cpu = (function.cpu_seconds() - sample.cold_cpu) / self.warm_calls
        # They follow each other, so that the chain of all is the sum of each.
        calls = around.calls()[before:]
        sample.warm_calls = len(calls) // self.warm_calls
        sample.warm_round_trips = sequential(calls) // self.warm_calls
        sample.peak_bytes = function.peak_bytes()


def effects(around: Surroundings, calls: list[dict]) -> dict:
    """What people and applications see of a call."""
    state = around.parameter(STATE) or {}
    return {
        "records": around.reader(READER),
        "parameter": state.get("traffic", {}).get("reader"),
        "generation": state.get("generation"),
        "notices": sum(1 for call in calls if call["operation"] == "Publish" and call["ok"]),
    }


def sequential(calls: list[dict]) -> int:
    """The longest chain of calls in which each began after the one before had ended."""
    chain, free_from = 0, 0
    for begun, ended in sorted(times(calls), key=lambda both: both[1]):
        if begun >= free_from:
            chain, free_from = chain + 1, ended
    return chain


def times(calls: list[dict]) -> list[tuple[int, int]]:
    """When each began and ended, in nanoseconds."""
    return [(nanoseconds(call["at"]), nanoseconds(call["ended"])) for call in calls]


def nanoseconds(told: str) -> int:
    """Zeros at the end of a fraction are not written."""
    seconds, _, fraction = told.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(f"{seconds}+00:00").timestamp()) * 10**9 + int(f"{fraction:0<9}")
