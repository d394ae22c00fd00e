"""An operator's session: the real AWS CLI against `serve`, from 0 to 100 % and back."""

import base64
import json

import pytest
from botocore.exceptions import ClientError

from cli import FUNCTION, Cli, split
from clients import client
from story import tell


@pytest.fixture(scope="module")
def cli(twin, tmp_path_factory) -> Cli:
    return Cli(twin.url, tmp_path_factory.mktemp("operator"))


@pytest.fixture
def at_the_source(cli) -> Cli:
    """Everything on the source, whatever the test before left."""
    tell(cli.url, "lag 2s", "advance 5m")
    report = cli.answer({"action": "rollback"})
    assert report["outcome"] in ("done", "unchanged"), report
    assert cli.reader() == {"source": 100, "target": 0}
    return cli


def test_a_whole_shift_by_hand_and_back(cli):
    generations = []
    for weight in (20, 50, 80, 100):
        report = cli.answer({"action": "gradual_cutover", "aurora_weight": weight})
        assert report["outcome"] == "done", json.dumps(report, indent=1)
        assert report["traffic"]["reader"] == split(weight)
        assert report["rollback"]["viability"] == "lossless"
        assert cli.reader() == split(weight)
        state = cli.state()
        assert state["traffic"]["reader"] == split(weight)
        assert state["generation"] == report["generation"]
        generations.append(report["generation"])
    assert generations == list(range(generations[0], generations[0] + 4))

    report = cli.answer({"action": "rollback", "reason": "the rehearsal is over"})
    assert report["outcome"] == "done", json.dumps(report, indent=1)
    assert report["generation"] == generations[-1] + 1
    assert cli.reader() == split(0)
    assert cli.writer() == split(0)
    assert cli.state()["traffic"] == {"reader": split(0), "writer": split(0)}


def test_every_transition_left_a_journal_entry(at_the_source):
    names = [
        parameter["Name"]
        for parameter in at_the_source.json(
            "ssm", "get-parameters-by-path", "--path", "/migration/dev/journal"
        )["Parameters"]
    ]
    head = at_the_source.state()["generation"]
    assert sorted(names) == [f"/migration/dev/journal/{number:08}" for number in range(1, head + 1)]


def test_a_dry_run_reports_the_plan_and_changes_nothing(at_the_source):
    before = at_the_source.standing()
    report = at_the_source.answer({"action": "gradual_cutover", "target_weight": 30, "dry_run": True})
    assert report["dry_run"] is True
    assert report["steps"]
    assert at_the_source.standing() == before


def test_status_changes_nothing(at_the_source):
    before = at_the_source.standing()
    report = at_the_source.answer({"action": "status"})
    assert report["outcome"] == "unchanged"
    assert report["environment"] == "dev"
    assert report["traffic"]["reader"] == split(0)
    assert report["replication"]["verdict"] in ("fresh", "idle")
    assert at_the_source.standing() == before


def test_lag_over_the_limit_holds_and_says_the_numbers(at_the_source):
    tell(at_the_source.url, "lag 75s", "advance 5m")
    report = at_the_source.answer({"action": "gradual_cutover", "aurora_weight": 20})
    assert report["outcome"] == "held"
    [blocker] = [blocker for blocker in report["blockers"] if blocker["code"] == "lag-too-high"]
    assert "75" in blocker["message"] and "60" in blocker["message"]
    assert at_the_source.reader() == split(0)

    tell(at_the_source.url, "lag 2s", "advance 5m")
    assert at_the_source.answer({"action": "gradual_cutover", "aurora_weight": 20})["outcome"] == "done"


def test_the_tick_climbs_a_ladder_as_time_passes(at_the_source):
    report = at_the_source.answer({"action": "gradual_cutover", "ladder": [20, 60], "bake_minutes": 30})
    assert report["outcome"] == "done", json.dumps(report, indent=1)
    assert at_the_source.reader() == split(20)
    for line in ("advance 2m", "advance 2m", "advance 31m"):
        tell(at_the_source.url, line)
        at_the_source.answer({"action": "tick"})
    assert at_the_source.reader() == split(60)


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({"action": "gradual_cutover", "aurora_weight": 101}, "aurora_weight"),
        ({"action": "gradual_cutover", "aurora_weight": "20"}, "aurora_weight"),
        ({"action": "sideways"}, "action"),
        ({"action": "rollback", "hurry": True}, "hurry"),
        ([1, 2], ""),
    ],
)
def test_a_bad_payload_is_a_function_error_that_names_the_field(at_the_source, payload, named):
    before = at_the_source.standing()
    metadata, error = at_the_source.invoke(payload)
    assert metadata["FunctionError"] == "Unhandled"
    assert error["errorType"] == "InvalidRequest"
    assert named in error["errorMessage"]
    assert at_the_source.standing() == before


def test_an_unknown_function_is_not_found(cli):
    result = cli.run("lambda", "invoke", "--function-name", "route53-updater-prod", "--payload", "{}", "out.json")
    assert result.returncode != 0
    assert "ResourceNotFoundException" in result.stderr


def test_a_payload_from_a_file_works_too(at_the_source):
    (at_the_source.directory / "payload.json").write_text('{"action":"status"}')
    _, report = at_the_source.invoke("fileb://payload.json")
    assert report["action"] == "status"


# Version 1 of the CLI sends --payload as it was typed. Version 2 either does the same
# (--cli-binary-format raw-in-base64-out) or decodes what was typed from base64 before it sends it.
# So JSON is what arrives in each case. Base64 arrives only when the default spelling of version 2
# is typed into version 1.


def invoked(url: str, body: bytes) -> dict:
    answer = client("lambda", url).invoke(FunctionName=FUNCTION, Payload=body)
    report = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, report
    return report


def test_what_either_version_of_the_cli_sends_is_understood(at_the_source):
    typed_raw = b'{"action":"status"}'
    typed_in_base64 = base64.b64encode(typed_raw)
    for sent in (typed_raw, base64.b64decode(typed_in_base64)):
        assert invoked(at_the_source.url, sent)["action"] == "status"


def test_base64_that_was_never_decoded_is_refused_as_by_lambda(at_the_source):
    with pytest.raises(ClientError) as refused:
        invoked(at_the_source.url, base64.b64encode(b'{"action":"status"}'))
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"
