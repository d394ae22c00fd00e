"""One process of a function under AWS's runtime emulator, and what the kernel counts of it."""

import http.client
import json
import os
import time
from pathlib import Path

import samcli

from clients import CREDENTIALS
from contenders import Contender
from processes import Server, free_port, wait_until

EMULATOR = Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"
INVOKE_PATH = "/2015-03-31/functions/function/invocations"
INVOKE_SECONDS_MAX = 90
# What a process gets to see of the caller's variables.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
# A process whose clock stands still for so long waits for its next event.
IDLE_SECONDS = 0.02
# Linux's clock of a whole process: all of its threads, those that ended too, in nanoseconds (clock_getcpuclockid(3)).
PROCESS_CLOCK = 2


class FunctionProcess:
    """The emulator with one function. It starts the function with the first invocation, as a cold start does."""

    def __init__(
        self, contender: Contender, settings: dict[str, str], directory: Path, within: list[str], runtime_port: int
    ):
        invoke_port = free_port()
        command = [str(EMULATOR), "--runtime-api-address", f"127.0.0.1:{runtime_port}"]
        command += ["--runtime-interface-emulator-address", f"127.0.0.1:{invoke_port}"]
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment = kept | CREDENTIALS | settings
        log = directory / f"{contender.name}.log"
        self.server = Server(command + within + contender.command, invoke_port, log, environment, contender.directory)
        self.process: int | None = None

    def invoke(self, weight: int) -> float:
        """The seconds until the answer was there."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=INVOKE_SECONDS_MAX)
        body = json.dumps({"action": "gradual_cutover", "aurora_weight": weight}).encode()
        begun = time.perf_counter()
        connection.request("POST", INVOKE_PATH, body)
        text = connection.getresponse().read().decode()
        seconds = time.perf_counter() - begun
        connection.close()
        try:
            answer = json.loads(text)
        except json.JSONDecodeError:
            answer = {}
        if answer.get("outcome") != "done":
            raise AssertionError(f"{text}\n{self.server.output()}")
        return seconds

    def cpu_seconds(self) -> float:
        """What the function's process has used so far, once it waits."""
        process = self.process or wait_until(self.find, "the function's process")
        self.process = process
        clock = (~process << 3) | PROCESS_CLOCK
        before = time.clock_gettime(clock)
        while True:
            time.sleep(IDLE_SECONDS)
            now = time.clock_gettime(clock)
            if now == before:
                return now
            before = now

    def peak_bytes(self) -> int:
        [line] = [line for line in self.status() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    def status(self) -> list[str]:
        return Path(f"/proc/{self.process}/status").read_text().splitlines()

    def find(self) -> int | None:
        """The emulator's only child."""
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                fields = (directory / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == self.server.process.pid:
                return int(directory.name)
        return None

    def stop(self) -> None:
        self.server.stop()
