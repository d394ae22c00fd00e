"""Writes a bill of materials (CycloneDX) of each function: the crates it is made of, and what depends on what.

It is taken from `cargo tree` of the one package. Tools that read `cargo metadata` report the features of the whole
workspace instead, and with them crates that only the twin has."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from stack import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]

# Depth, name, version, where a crate of ours lies, licence, repository.
LINE = re.compile(r"(\d+)\|(\S+) v(\S+)(?: \(proc-macro\))?( \(/[^)]*\))?\|([^|]*)\|(\S*)(?: \(\*\))?")

# Crates write their licence as SPDX does, but for an old way to say OR.
OLD_OR = re.compile(r"\s*/\s*")


def tree(package: str) -> Iterator[tuple[int, Component]]:
    """Every crate of the package with its depth, as often as it is needed, with its own needs the first time."""
    command = [
        *("cargo", "tree", "--locked", "--package", package, "--target", "x86_64-unknown-linux-gnu"),
        *("--edges", "normal", "--prefix", "depth", "--format", "|{p}|{l}|{r}"),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    checksums = {
        (crate["name"], crate["version"]): crate.get("checksum")
        for crate in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    }
    known: dict[tuple[str, str], Component] = {}
    for line in result.stdout.splitlines():
        match = LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"cargo tree wrote a line that is not understood: {line}")
        depth, name, version, _, licence, repository = match.groups()
        crate = (name, version)
        if crate not in known:
            kind = ComponentType.LIBRARY if int(depth) else ComponentType.APPLICATION
            known[crate] = component(kind, name, version, licence, repository, checksums[crate])
        yield int(depth), known[crate]


def component(
    kind: ComponentType, name: str, version: str, licence: str, repository: str, checksum: str | None
) -> Component:
    return Component(
        type=kind,
        name=name,
        version=version,
        bom_ref=f"{name}@{version}",
        # A crate without a checksum is ours and on no registry.
        purl=PackageURL("cargo", name=name, version=version) if checksum else None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
        licenses=[LicenseFactory().make_from_string(OLD_OR.sub(" OR ", licence))] if licence else [],
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(repository))]
        if repository
        else [],
    )


def bill(package: str) -> Bom:
    bom = Bom()
    above: list[Component] = []
    edges: dict[Component, set[Component]] = {}
    for depth, crate in tree(package):
        del above[depth:]
        edges.setdefault(crate, set())
        if above:
            edges[above[-1]].add(crate)
        above.append(crate)
    root = above[0]
    bom.metadata.component = root
    for crate, needs in edges.items():
        if crate != root:
            bom.components.add(crate)
        bom.register_dependency(crate, needs)
    return bom


def crates(package: str) -> set[tuple[str, str]]:
    """Name and version of each."""
    return {(crate.name, crate.version) for _, crate in tree(package)}


def as_json(package: str) -> str:
    return JsonV1Dot6(bill(package)).output_as_string(indent=2) + "\n"


def check(text: str) -> None:
    """Against CycloneDX's schema."""
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem is not None:
        raise ValueError(problem)


def main(directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True)
    for package in FUNCTIONS:
        text = as_json(package)
        check(text)
        path = directory / f"{package}.cdx.json"
        path.write_text(text)
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
