"""What a scenario is, and the world it plays in."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from botocore.exceptions import ClientError

from clients import REGION, client

SCENARIOS: dict[str, "Scenario"] = {}


@dataclass
class World:
    """One implementation. Names are new for every scenario, so that none sees another's leavings."""

    url: str
    # Lets what takes time happen: the twin's clock is moved, the others need no time.
    settle: Callable[[], None]
    counter: itertools.count = field(default_factory=itertools.count)
    prepared: dict = field(default_factory=dict)

    def client(self, service: str, region: str = REGION):
        if (service, region) not in self.prepared:
            self.prepared[service, region] = client(service, self.url, region=region)
        return self.prepared[service, region]

    def fresh(self, stem: str) -> str:
        return f"{stem}-{next(self.counter)}"


@dataclass(frozen=True)
class Scenario:
    name: str
    service: str
    play: Callable[[World], object]
    # Moto plays what ministack plays, as far as it goes.
    moto_too: bool = False


def scenario(play: Callable[[World], object]) -> Callable[[World], object]:
    """Registers a function by its name. Its module, or the package around that, names the service."""
    name = play.__name__
    assert name not in SCENARIOS, name
    service = play.__module__.split(".")[1]
    SCENARIOS[name] = Scenario(name, service, play)
    return play


def moto_too(play: Callable[[World], object]) -> Callable[[World], object]:
    """Marks a registered scenario as one that moto implements as well."""
    SCENARIOS[play.__name__] = replace(SCENARIOS[play.__name__], moto_too=True)
    return play


def outcome(call: Callable[..., dict], **arguments) -> str:
    """`ok`, or the code of the error."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ok"
