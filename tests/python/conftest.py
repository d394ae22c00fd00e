"""What is under test: servers, binaries, and the stack."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import ACCOUNT, CREDENTIALS, REGION
from processes import Server, free_port
from stack import DR_LEAST, DR_MOST, LEAST, MOST, Stack

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
TOOLS = Path(sys.executable).parent

# What the cross-check found, for the summary at the end: a property of its tests, whichever process ran them.
FINDING = "agrees with others"


def tool(name: str) -> str:
    """A program of the virtual environment."""
    return str(TOOLS / name)


def environment(**more: str) -> dict[str, str]:
    """What a process gets to see: enough to run, and nothing of the caller's AWS settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | CREDENTIALS | {"NO_COLOR": "1"} | more


def binary(name: str, profiles: tuple[str, ...] = ("debug",)) -> Path:
    for profile in profiles:
        path = TARGET / profile / name
        if path.is_file():
            return path
    pytest.fail(f"{TARGET}/{profiles[0]}/{name} is missing: cargo build --workspace")


@pytest.fixture(scope="module")
def least() -> Stack:
    """A migration's stack with no more parameters than it needs."""
    return Stack(LEAST)


@pytest.fixture(scope="module")
def most() -> Stack:
    """A migration's stack with every parameter given."""
    return Stack(MOST)


@pytest.fixture(scope="module")
def dr_least() -> Stack:
    """The DR region's stack with no more parameters than it needs."""
    return Stack(DR_LEAST)


@pytest.fixture(scope="module")
def dr_most() -> Stack:
    """The DR region's stack with every parameter given."""
    return Stack(DR_MOST)


@pytest.fixture(scope="module")
def server_directory(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="module")
def twin(server_directory) -> Iterator[Server]:
    """The simulated AWS with its seeded environment `dev`."""
    port = free_port()
    command = [str(binary("rehearsal")), "serve", "--port", str(port)]
    server = Server(command, port, server_directory / "twin.log", environment(), ROOT)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ministack(server_directory) -> Iterator[Server]:
    """Everything but DMS, written by others."""
    port = free_port()
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "SERVICES": "route53,ssm,sns,sqs,cloudwatch,sts,events,rds",
        "LOG_LEVEL": "WARNING",
    }
    server = Server(
        [tool("ministack")], port, server_directory / "ministack.log", environment(**settings), server_directory
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def moto(server_directory) -> Iterator[Server]:
    """DMS, and what it has of RDS, written by others."""
    port = free_port()
    server = Server(
        [sys.executable, str(HERE / "moto_with_timestamps.py"), "--host", "127.0.0.1", "--port", str(port)],
        port,
        server_directory / "moto.log",
        environment(MOTO_ACCOUNT_ID=ACCOUNT),
        server_directory,
    )
    yield server
    server.stop()


def pytest_terminal_summary(terminalreporter) -> None:
    passed = [report for report in terminalreporter.stats.get("passed", []) if report.when == "call"]
    findings = [told for report in passed for name, told in report.user_properties if name == FINDING]
    if not findings:
        return
    agreements = [name for name, agrees in findings if agrees]
    differences = [name for name, agrees in findings if not agrees]
    terminalreporter.section("cross-check")
    terminalreporter.line(f"{len(agreements)} scenarios agree: {', '.join(agreements)}")
    terminalreporter.line(f"{len(differences)} known differences: {', '.join(differences)}")
