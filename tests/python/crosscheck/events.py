"""EventBridge: what patterns match, which are refused, and how entries are judged."""

import json

from botocore.exceptions import ClientError

from crosscheck.scenario import SCENARIOS, Scenario, World, outcome, scenario

DETAIL = {
    "state": "running",
    "file": "dir/Lag.PNG",
    "lag": 75,
    "ratio": 0.5,
    "nothing": None,
    "on": True,
    "empty": "",
    "tags": ["red", "blue"],
    "inner": {"deep": [1, 2]},
    "tables": [{"name": "orders", "rows": 5}, {"name": "items", "rows": 9}],
}
EVENT = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "Migration State Change",
    "source": "cutover",
    "account": "111122223333",
    "time": "2026-03-02T09:00:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:dms:eu-central-1:111122223333:task:ORDERS"],
    "detail": DETAIL,
}

# Patterns for the detail, each tried on the event above.
PATTERNS = {
    "a_text_equals": {"state": ["running"]},
    "a_text_equals_in_its_own_case": {"state": ["Running"]},
    "one_of_several_is_enough": {"state": ["stopped", "running"]},
    "all_fields_must_match": {"state": ["running"], "lag": [76]},
    "a_number_equals": {"lag": [75]},
    "a_number_equals_however_it_is_written": {"lag": [75.0]},
    "a_number_is_no_text": {"lag": ["75"]},
    "true_is_true": {"on": [True]},
    "true_is_not_false": {"on": [False]},
    "null_is_null": {"nothing": [None]},
    "a_missing_field_is_not_null": {"missing": [None]},
    "an_empty_text_equals": {"empty": [""]},
    "a_prefix": {"state": [{"prefix": "run"}]},
    "a_prefix_in_its_own_case": {"state": [{"prefix": "Run"}]},
    "a_prefix_in_any_case": {"state": [{"prefix": {"equals-ignore-case": "RUN"}}]},
    "a_suffix": {"file": [{"suffix": ".PNG"}]},
    "a_suffix_in_any_case": {"file": [{"suffix": {"equals-ignore-case": ".png"}}]},
    "a_text_in_any_case": {"file": [{"equals-ignore-case": "DIR/LAG.png"}]},
    "a_wildcard": {"file": [{"wildcard": "dir/*.PNG"}]},
    "a_wildcard_elsewhere": {"file": [{"wildcard": "*/lib/*"}]},
    "anything_but_this_text": {"state": [{"anything-but": "running"}]},
    "anything_but_another_text": {"state": [{"anything-but": "stopped"}]},
    "anything_but_these_texts": {"state": [{"anything-but": ["stopped", "failed"]}]},
    "anything_but_these_numbers": {"lag": [{"anything-but": [75, 76]}]},
    "anything_but_a_text_for_a_number": {"lag": [{"anything-but": "75"}]},
    "anything_but_needs_a_field": {"missing": [{"anything-but": "x"}]},
    "anything_but_a_prefix": {"state": [{"anything-but": {"prefix": "run"}}]},
    "anything_but_suffixes": {"state": [{"anything-but": {"suffix": ["ped", "led"]}}]},
    "anything_but_texts_in_any_case": {"state": [{"anything-but": {"equals-ignore-case": ["RUNNING"]}}]},
    "anything_but_a_wildcard": {"file": [{"anything-but": {"wildcard": "dir/*"}}]},
    "a_range_with_its_end": {"lag": [{"numeric": [">", 60, "<=", 75]}]},
    "a_range_without_its_end": {"lag": [{"numeric": [">", 60, "<", 75]}]},
    "a_numeric_equality": {"ratio": [{"numeric": ["=", 0.5]}]},
    "a_range_is_not_for_texts": {"state": [{"numeric": [">", 0]}]},
    "a_field_exists": {"state": [{"exists": True}]},
    "a_null_exists": {"nothing": [{"exists": True}]},
    "a_field_does_not_exist": {"missing": [{"exists": False}]},
    "only_leaves_exist": {"inner": [{"exists": True}]},
    "a_field_of_nothing_does_not_exist": {"missing": {"deeper": [{"exists": False}]}},
    "one_element_is_enough": {"tags": ["blue"]},
    "no_element_is_not": {"tags": ["green"]},
    "one_element_is_anything_but": {"tags": [{"anything-but": "red"}]},
    "an_element_further_down": {"inner": {"deep": [2]}},
    "fields_of_one_element": {"tables": {"name": ["items"], "rows": [9]}},
    "fields_of_two_elements": {"tables": {"name": ["items"], "rows": [5]}},
    "one_alternative_is_enough": {"$or": [{"state": ["stopped"]}, {"lag": [75]}]},
    "no_alternative_is_not": {"$or": [{"state": ["stopped"]}, {"lag": [1]}]},
    "alternatives_are_not_all": {"state": ["stopped"], "$or": [{"lag": [75]}, {"lag": [1]}]},
    "nothing_in_an_array_is_refused": {"state": []},
    "a_bare_text_is_refused": {"state": "running"},
    "nothing_in_an_object_is_refused": {"inner": {}},
    "an_array_in_an_array_is_refused": {"state": [["running"]]},
    "an_unknown_operator_is_refused": {"state": [{"contains": "run"}]},
    "two_operators_at_once_are_refused": {"state": [{"prefix": "a", "suffix": "b"}]},
    "a_prefix_of_a_number_is_refused": {"lag": [{"prefix": 7}]},
    "a_word_for_a_truth_is_refused": {"state": [{"exists": "yes"}]},
    "an_operator_without_its_number_is_refused": {"lag": [{"numeric": [">"]}]},
    "a_range_upside_down_is_refused": {"lag": [{"numeric": [">", 5, "<", 1]}]},
    "two_asterisks_in_a_row_are_refused": {"file": [{"wildcard": "a**"}]},
}


class MotoMatcher:
    """moto's matcher of patterns. It has no TestEventPattern in front of it."""

    def client(self, _service: str):
        return self

    def test_event_pattern(self, EventPattern: str, Event: str) -> dict:  # noqa: N803 (boto3's names)
        from moto.events.exceptions import InvalidEventPatternException
        from moto.events.models import EventPattern as Pattern
        from moto.events.models import EventPatternParser

        try:
            parsed = EventPatternParser(EventPattern).parse()
        except InvalidEventPatternException:
            refusal = {"Error": {"Code": "InvalidEventPatternException"}}
            raise ClientError(refusal, "TestEventPattern") from None
        return {"Result": Pattern(EventPattern, parsed).matches_event(json.loads(Event))}


def tried(world: World, pattern: dict) -> object:
    """Whether the event matches, or the code of the refusal."""
    try:
        answer = world.client("events").test_event_pattern(
            EventPattern=json.dumps({"detail": pattern}), Event=json.dumps(EVENT)
        )
    except ClientError as error:
        return error.response["Error"]["Code"]
    return answer["Result"]


def register(case: str, pattern: dict) -> None:
    for service, suffix in (("events", ""), ("events_of_moto", "_says_moto")):
        name = f"pattern_{case}{suffix}"
        SCENARIOS[name] = Scenario(name, service, lambda world: tried(world, pattern))


for _case, _pattern in PATTERNS.items():
    register(_case, _pattern)


def entry(**more) -> dict:
    return {"Source": "cutover", "DetailType": "Migration State Change", "Detail": "{}"} | more


def put(world: World, *entries: dict) -> list:
    answer = world.client("events").put_events(Entries=list(entries))
    judged = [result.get("ErrorCode", "ok") for result in answer["Entries"]]
    return [answer["FailedEntryCount"], judged]


@scenario
def an_event_is_taken(world: World):
    return put(world, entry())


@scenario
def events_of_aws_itself_are_put_by_nobody(world: World):
    return put(world, entry(Source="aws.dms"), entry())


@scenario
def a_detail_is_an_object(world: World):
    return put(world, entry(Detail="{"), entry(Detail="[]"))


@scenario
def ten_entries_fit_and_eleven_do_not(world: World):
    events = world.client("events")
    return [outcome(events.put_events, Entries=[entry()] * count) for count in (10, 11)]


@scenario
def an_event_to_try_has_all_its_fields(world: World):
    events = world.client("events")
    pattern, event = json.dumps({"source": ["cutover"]}), json.dumps({"source": "cutover"})
    return outcome(events.test_event_pattern, EventPattern=pattern, Event=event)
