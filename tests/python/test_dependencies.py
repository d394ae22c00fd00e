"""What the shipped crates may not depend on, however indirectly."""

import functools
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(path.parent.name for path in ROOT.glob("functions/*/Cargo.toml"))

# A line of the tree begins with the crate's name and version; each pattern has its reason.
FORBIDDEN_IN_FUNCTIONS = {
    r"hyper v0\.": "the old HTTP stack has an open advisory and doubles the size",
    r"h2 v0\.3\.": "the old HTTP stack has an open advisory",
    r"aws-lc-(rs|sys|fips-sys) ": "its entropy source costs most of a second at the first TLS handshake",
    r"native-tls ": "one TLS stack only",
    r"openssl(-sys)? ": "one TLS stack only",
    r"twin ": "the simulated AWS is not shipped",
    r"rehearsal ": "the rehearsal is not shipped",
    r"clusters ": "the throw-away databases are not shipped",
    r"winterbaume-": "the simulated AWS is not shipped",
}

FORBIDDEN_IN_CORE = {
    r"aws-": "the core decides and knows no AWS",
    r"tokio(-[a-z]+)? ": "the core decides and waits for nothing",
    r"lambda_runtime ": "the core does not know where it runs",
    r"metrics(_cloudwatch_embedded)? ": "the core says what is counted, the runtime around it writes it down",
}


def cargo(*arguments: str) -> str:
    result = subprocess.run(
        ["cargo", *arguments], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@functools.cache
def tree(package: str) -> tuple[str, ...]:
    lines = cargo("tree", "--package", package, "--edges", "normal", "--prefix", "none", "--no-dedupe")
    return tuple(sorted({line.removesuffix(" (*)") for line in lines.splitlines() if line}))


def paths_to(package: str, crate: str) -> str:
    name, version = crate.split()[:2]
    spec = f"{name}@{version.removeprefix('v')}"
    return cargo("tree", "--package", package, "--edges", "normal", "--invert", spec)


def assert_absent(package: str, pattern: str, reason: str) -> None:
    for crate in tree(package):
        if re.match(pattern, crate):
            raise AssertionError(f"{package} depends on {crate}: {reason}\n{paths_to(package, crate)}")


def test_every_function_is_looked_at():
    assert SHIPPED == ["alarm-rollback", "dms-monitor", "dr-failover", "route53-updater"]


@pytest.mark.parametrize("package", SHIPPED)
def test_a_function_names_only_the_core_and_the_adapters(package):
    """AWS is reached through the adapters, so what a function itself depends on has no client in it."""
    lines = cargo("tree", "--package", package, "--edges", "normal", "--prefix", "none", "--depth", "1")
    direct = {line.split()[0] for line in lines.splitlines()[1:] if line}
    assert direct == {"cutover-aws", "cutover-core", "tokio"}


@pytest.mark.parametrize("package", SHIPPED)
@pytest.mark.parametrize("pattern", FORBIDDEN_IN_FUNCTIONS)
def test_a_function_does_without(package, pattern):
    assert_absent(package, pattern, FORBIDDEN_IN_FUNCTIONS[pattern])


@pytest.mark.parametrize("package", SHIPPED)
def test_a_function_has_one_http_and_one_tls_stack(package):
    """Also shows that the patterns above look at a tree that has such crates at all."""
    for crate in ("hyper", "rustls"):
        versions = [line for line in tree(package) if line.startswith(f"{crate} v")]
        assert len(versions) == 1, f"{package}: {versions}"


@pytest.mark.parametrize("pattern", FORBIDDEN_IN_CORE)
def test_the_core_does_without(pattern):
    assert_absent("cutover-core", pattern, FORBIDDEN_IN_CORE[pattern])
