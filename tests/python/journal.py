"""Reads a migration's journal and state back, and says how each generation ended."""

import json

PREFIX = "/migration/dev"


def read_state(ssm, prefix: str = PREFIX) -> dict:
    return json.loads(ssm.get_parameter(Name=f"{prefix}/state")["Parameter"]["Value"])


def read_entries(ssm, prefix: str = PREFIX) -> dict[int, dict]:
    """Every journal entry by the generation in its name."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"{prefix}/journal")
    return {
        int(parameter["Name"].rsplit("/", 1)[1]): json.loads(parameter["Value"])
        for page in pages
        for parameter in page["Parameters"]
    }


def outcomes(entries: dict[int, dict], state: dict) -> dict[int, str | None]:
    """How each generation ended: its successor says so, and for the last one the state does."""
    ended: dict[int, str | None] = {}
    for generation in entries:
        successor = entries.get(generation + 1)
        if successor is not None:
            previous = successor["previous"]
            ended[generation] = previous["outcome"] if previous["generation"] == generation else None
        else:
            ended[generation] = state["outcome"] if state["generation"] == generation else None
    return ended
