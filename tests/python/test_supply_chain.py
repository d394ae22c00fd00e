"""What the crates may be (deny.toml), and what the functions are made of (the bill of materials)."""

import functools
import json
import re
import subprocess
from pathlib import Path

import pytest

import auditable
import sbom
from conftest import binary, tool
from stack import FUNCTIONS
from test_dependencies import tree

ROOT = Path(__file__).resolve().parents[2]
DENY = (ROOT / "deny.toml").read_text()


def deny(configuration: Path) -> subprocess.CompletedProcess:
    command = [tool("cargo-deny"), "--color", "never", "--config", str(configuration)]
    command += ["check", "bans", "licenses", "sources"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def test_the_crates_are_as_deny_toml_wants_them():
    result = deny(ROOT / "deny.toml")
    assert result.returncode == 0, result.stderr
    assert "bans ok, licenses ok, sources ok" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("allowed", "forbidden", "failed"),
    [
        ('"ISC", ', "", "licenses FAILED"),
        ("base64@0.22", "base64@0.1", "bans FAILED"),
        ("hyper:<1", "hyper:<2", "bans FAILED"),
        ('unknown-registry = "deny"', 'unknown-registry = "deny"\nallow-registry = []', "sources FAILED"),
    ],
)
def test_a_crate_that_is_not_is_found(tmp_path, allowed, forbidden, failed):
    assert allowed in DENY
    changed = tmp_path / "deny.toml"
    changed.write_text(DENY.replace(allowed, forbidden, 1))
    result = deny(changed)
    assert result.returncode != 0
    assert failed in result.stdout + result.stderr


@functools.cache
def bill(package: str) -> dict:
    return json.loads(sbom.as_json(package))


def names(package: str) -> set[str]:
    return {f"{part['name']} v{part['version']}" for part in bill(package)["components"]}


def test_a_bill_is_as_the_schema_wants_it_and_another_is_not():
    good = sbom.as_json("dr-failover")
    sbom.check(good)
    with pytest.raises(ValueError, match="licences"):
        sbom.check(good.replace('"licenses"', '"licences"', 1))


@pytest.mark.parametrize("package", FUNCTIONS)
def test_a_bill_has_every_crate_of_its_function_and_no_other(package):
    crates = {" ".join(re.match(r"(\S+) (v\S+)", line).groups()) for line in tree(package)}
    root = bill(package)["metadata"]["component"]
    assert names(package) | {f"{root['name']} v{root['version']}"} == crates
    assert root["name"] == package


@pytest.mark.parametrize("package", FUNCTIONS)
def test_every_crate_of_others_has_its_checksum_its_address_and_its_licence(package):
    for part in bill(package)["components"]:
        assert part["licenses"], part["name"]
        if part["name"].startswith("cutover-"):
            continue
        assert part["purl"] == f"pkg:cargo/{part['name']}@{part['version']}".replace("+", "%2B"), part["name"]
        assert [entry["alg"] for entry in part["hashes"]] == ["SHA-256"], part["name"]


@pytest.mark.parametrize("package", FUNCTIONS)
def test_a_bill_says_what_needs_what(package):
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in bill(package)["dependencies"]}
    root = bill(package)["metadata"]["component"]["bom-ref"]
    assert {reference.split("@")[0] for reference in needs[root]} == {"cutover-aws", "cutover-core", "tokio"}
    reached, waiting = set(), [root]
    while waiting:
        reference = waiting.pop()
        if reference not in reached:
            reached.add(reference)
            waiting += needs[reference]
    assert reached == set(needs)


def test_a_build_of_the_functions_takes_none_of_the_twins_features():
    """`sam build` names only a binary; what is compiled with which features, cargo chooses by the default members."""
    command = ["cargo", "tree", "--locked", "--edges", "normal", "--prefix", "none", "--no-dedupe"]
    chosen = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in chosen.splitlines() if "/functions/" in line} == set(FUNCTIONS)
    assert [line for line in chosen.splitlines() if re.match(r"(aws-lc|twin |rehearsal |winterbaume)", line)] == []


def test_a_binary_that_was_built_without_its_list_is_not_taken_for_one_that_has_it():
    plain = binary("route53-updater")
    assert auditable.section(plain.read_bytes(), b".text")
    assert auditable.crates(plain) == set()
