"""Two hundred pairs of concurrent invocations: someone shifts while someone else takes it all back."""

import collections
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from clients import client
from journal import outcomes, read_entries, read_state
from story import recorded, tell

FUNCTION = "route53-updater-dev"
PAIRS = 200
# Errors that say "look again" rather than "something is wrong".
PASSING = {"Conflict", "Retryable"}
ENDED = {"finished", "superseded", "undone"}
# So many ticks at most until nothing is open any more.
TICKS_MAX = 10


def invoke(url: str, payload: dict) -> tuple[str, dict]:
    """The outcome, or the type of the error, and the whole answer."""
    # A client each: they must not share a connection, or they would not race.
    answer = client("lambda", url).invoke(FunctionName=FUNCTION, Payload=json.dumps(payload).encode())
    report = json.loads(answer["Payload"].read())
    return report.get("outcome") or report["errorType"], report


@pytest.fixture(scope="module")
def raced(twin) -> collections.Counter:
    """The races are run once; each test looks at another side of what they left."""
    counted: collections.Counter = collections.Counter()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for number in range(PAIRS):
            shift = {"action": "gradual_cutover", "aurora_weight": 1 + number % 100}
            rollback = {"action": "rollback"}
            # Who comes first changes from pair to pair.
            payloads = (shift, rollback) if number % 2 else (rollback, shift)
            for payload, (outcome, report) in zip(
                payloads, pool.map(lambda payload: invoke(twin.url, payload), payloads), strict=True
            ):
                counted[payload["action"], outcome] += 1
                if "errorType" in report:
                    assert outcome in PASSING, report
            # Lets the twin's rate limits recover without anybody waiting for it.
            tell(twin.url, "advance 10s")

    ssm = client("ssm", twin.url)
    for _ in range(TICKS_MAX):
        tell(twin.url, "advance 2m")
        outcome, report = invoke(twin.url, {"action": "tick"})
        assert "errorType" not in report, report
        if read_state(ssm)["outcome"] in ENDED:
            break
    return counted


@pytest.fixture(scope="module")
def entries(raced, twin) -> dict[int, dict]:
    return read_entries(client("ssm", twin.url))


@pytest.fixture(scope="module")
def state(raced, twin) -> dict:
    return read_state(client("ssm", twin.url))


def test_both_commands_won_and_lost(raced):
    """Otherwise nothing was raced for."""
    print()
    for (action, outcome), count in sorted(raced.items()):
        print(f"  {action:<16} {outcome:<12} {count:>4}")
    assert sum(raced.values()) == 2 * PAIRS
    assert raced["gradual_cutover", "done"] > 0
    assert raced["rollback", "done"] > 0
    assert sum(count for (_, outcome), count in raced.items() if outcome != "done") > 0


def test_generations_have_no_gap(entries, state):
    assert sorted(entries) == list(range(1, state["generation"] + 1))
    assert [entries[number]["generation"] for number in sorted(entries)] == sorted(entries)


def test_every_generation_has_an_outcome(entries, state):
    ended = outcomes(entries, state)
    print("\n ", dict(collections.Counter(ended.values())))
    assert {number: outcome for number, outcome in ended.items() if outcome not in ENDED} == {}


def test_no_invocation_claimed_two_generations_with_one_command(entries):
    claims = collections.Counter((entry["invocation"], entry["action"]) for entry in entries.values())
    assert [claim for claim, count in claims.items() if count > 1 and claim[1] != "tick"] == []


def test_the_records_are_as_the_state_says(twin, state):
    route53 = client("route53", twin.url)
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    found: dict[str, dict[str, int]] = collections.defaultdict(dict)
    for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]:
        if "Weight" in record:
            found[record["Name"].split(".")[0]][record["SetIdentifier"]] = record["Weight"]
    assert dict(found) == state["traffic"]


def test_nobody_was_ever_without_an_answer(raced, twin):
    # Moments without a change are the zone's own setting up.
    history = [moment for moment in recorded(twin.url, "history") if moment["change"]]
    assert len(history) > PAIRS / 2, "hardly anything moved"
    for moment in history:
        for pair in moment["pairs"]:
            weights = [weight for _, weight in pair["weights"]]
            assert len(weights) == 2 and any(weights), f"{pair['name']} led nowhere: {moment}"


def test_the_request_log_shows_no_batch_to_nowhere(raced, twin):
    batches = [
        call["detail"]
        for call in recorded(twin.url, "log")
        if call["operation"] == "ChangeResourceRecordSets"
    ]
    assert batches
    for changes in batches:
        created: dict[str, list[int]] = collections.defaultdict(list)
        for change in changes:
            if change["action"] != "DELETE":
                created[change["name"]].append(change["weight"])
        for name, weights in created.items():
            assert len(weights) == 2 and any(weights), f"{name}: {changes}"
