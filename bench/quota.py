"""A control group, of either version, with as much CPU as a Lambda function of some memory has."""

from pathlib import Path

from processes import wait_until

# "At 1,769 MB, a function has the equivalent of one vCPU": Lambda developer guide, "Configure Lambda function memory".
MEGABYTES_PER_CPU = 1769
# In which Lambda seems to give it: measured by github.com/pwrdrvr/lambda-throttling.
PERIOD_MICROSECONDS = 20_000
NAME = "cutover-bench"
# Of version 2 the controller has to be handed down; of version 1 it is a hierarchy of its own.
UNIFIED = Path("/sys/fs/cgroup")
LEGACY = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup/cpu,cpuacct"))


class Unavailable(Exception):
    """No control group with a CPU quota can be made here."""


def share(memory_megabytes: int) -> float:
    """Of one CPU."""
    return memory_megabytes / MEGABYTES_PER_CPU


class Quota:
    """A control group. It limits nothing until told to."""

    def __init__(self):
        parent = next((parent for parent in parents() if make(parent / NAME)), None)
        if parent is None:
            raise Unavailable("no control group with a CPU quota can be made here (it takes root, or a delegated one)")
        self.directory = parent / NAME
        self.unified = (self.directory / "cpu.max").exists()
        self.lift()

    def limit(self, cpus: float) -> None:
        self.write(str(round(cpus * PERIOD_MICROSECONDS)))

    def lift(self) -> None:
        self.write("max" if self.unified else "-1")

    def write(self, quota: str) -> None:
        if self.unified:
            (self.directory / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
        else:
            (self.directory / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (self.directory / "cpu.cfs_quota_us").write_text(quota)

    def around(self) -> list[str]:
        """What a command is put behind to run in it from its first instruction on."""
        return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.directory / "cgroup.procs")]

    def remove(self) -> None:
        wait_until(self.is_empty, f"{self.directory} without a process")
        self.directory.rmdir()

    def is_empty(self) -> bool:
        return not (self.directory / "cgroup.procs").read_text().strip()


def parents() -> list[Path]:
    """Where a group could be made: beside our own process, at the top, and in the older hierarchies."""
    own = [line.split("::", 1)[1] for line in Path("/proc/self/cgroup").read_text().splitlines() if "::" in line]
    unified = [UNIFIED / path.strip("/") for path in own] + [UNIFIED]
    handed_down = [path for path in unified if "cpu" in words(path / "cgroup.subtree_control")]
    return handed_down + [path for path in LEGACY if (path / "cpu.cfs_quota_us").exists() or path.is_dir()]


def words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def make(directory: Path) -> bool:
    """Whether it can be written to. One of an earlier run is used again."""
    try:
        directory.mkdir(exist_ok=True)
    except OSError:
        return False
    return (directory / "cpu.max").exists() or (directory / "cpu.cfs_quota_us").exists()
