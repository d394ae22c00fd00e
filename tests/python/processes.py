"""Starts the servers that the tests talk to, waits until they answer, and stops them again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10
POLL_SECONDS = 0.05


class DidNotHappen(AssertionError):
    """What was waited for did not come before the deadline."""


def wait_until(happened: Callable[[], object], what: str, seconds_max: float = START_SECONDS_MAX):
    """Polls until `happened` returns something true, which is handed back."""
    deadline = time.monotonic() + seconds_max
    while True:
        result = happened()
        if result:
            return result
        if time.monotonic() > deadline:
            raise DidNotHappen(f"{what}: not within {seconds_max} s")
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A process of its own session, whose output goes to a file, ready once its port accepts."""

    def __init__(self, command: list[str], port: int, log: Path, environment: dict[str, str], cwd: Path):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until(self.accepts, f"{command[0]} accepting on port {port}")
        except BaseException:
            self.stop()
            raise

    def accepts(self) -> bool:
        code = self.process.poll()
        if code is not None:
            raise AssertionError(f"{self.process.args} ended with {code}:\n{self.output()}")
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-8000:]

    def stop(self) -> None:
        """Ends the process and everything it started."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, signal_number)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(STOP_SECONDS_MAX)
                break
            except subprocess.TimeoutExpired:
                continue
