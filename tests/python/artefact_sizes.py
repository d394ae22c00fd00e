"""Prints how large each built function is, unpacked and as the zip that is deployed; each has to list its crates."""

import io
import sys
import zipfile
from pathlib import Path

import auditable
import sbom
from stack import FUNCTIONS


def zipped_bytes(binary: Path) -> int:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(binary, binary.name)
    return len(buffer.getvalue())


def main(build_directory: Path) -> int:
    binaries = sorted(build_directory.glob("*/bootstrap"))
    missing = set(FUNCTIONS.values()) - {binary.parent.name for binary in binaries}
    if missing:
        print(f"not in {build_directory}: {', '.join(sorted(missing))}", file=sys.stderr)
        return 1
    packages = {function: package for package, function in FUNCTIONS.items()}
    for binary in binaries:
        unlisted = sbom.crates(packages[binary.parent.name]) - auditable.crates(binary)
        if unlisted:
            print(f"{binary} does not list {sorted(unlisted)}", file=sys.stderr)
            return 1
        unpacked = binary.stat().st_size / 1e6
        print(f"{binary.parent.name:<24} {unpacked:6.2f} MB   zip {zipped_bytes(binary) / 1e6:6.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
