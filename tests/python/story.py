"""Drives a running twin by story lines and reads what it recorded."""

import json
import urllib.error
import urllib.request

ANSWER_SECONDS_MAX = 60


def _ask(request: urllib.request.Request) -> str:
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{request.full_url}: {error.code} {error.read().decode()}") from error


def tell(url: str, *lines: str) -> str:
    """Lets things happen, such as `lag 75s` or `advance 31m`."""
    body = "".join(f"{line}\n" for line in lines).encode()
    return _ask(urllib.request.Request(f"{url}/_twin/story", data=body, method="POST"))


def inject(url: str, event: str) -> None:
    """Puts an event on the bus whoever it claims to be from, which AWS lets nobody do."""
    _ask(urllib.request.Request(f"{url}/_twin/event", data=event.encode(), method="POST"))


def recorded(url: str, what: str):
    """What the twin keeps: `log` for its calls, `bus` for its events, `history` for the zone after every change."""
    return json.loads(_ask(urllib.request.Request(f"{url}/_twin/{what}", data=b"", method="POST")))
