"""Reads the list of crates that cargo-auditable writes into a binary: compressed JSON in an ELF section of its own."""

import json
import struct
import zlib
from pathlib import Path

SECTION = b".dep-v0"

# ELF, 64 bits, little endian: where the sections' headers are, how large, how many, and which of them has the names.
SECTION_HEADERS = struct.Struct("<40xQ10xHHH")
# Of a section header: the name's offset, the section's offset, its size.
SECTION_HEADER = struct.Struct("<I20xQQ")


def section(binary: bytes, wanted: bytes) -> bytes | None:
    start, size, count, names_at = SECTION_HEADERS.unpack_from(binary)
    headers = [SECTION_HEADER.unpack_from(binary, start + size * number) for number in range(count)]
    names = headers[names_at][1]
    for name, offset, length in headers:
        if binary.startswith(wanted + b"\0", names + name):
            return binary[offset : offset + length]
    return None


def crates(binary: Path) -> set[tuple[str, str]]:
    """Name and version of each; none if the binary has no list."""
    listed = section(binary.read_bytes(), SECTION)
    if listed is None:
        return set()
    return {(crate["name"], crate["version"]) for crate in json.loads(zlib.decompress(listed))["packages"]}
