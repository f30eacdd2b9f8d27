"""estimate, check-writer: what writers take and whether they are there, before anything is spent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.cli.generate import fallback_line
from jira_pipeline.review.marks import REMARKED
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.scripted_models import (
    Act,
    Asked,
    Fail,
    Say,
    ScriptedServer,
    always,
    scripted_server,
)

pytestmark = [
    pytest.mark.usefixtures("reviewed"),
    pytest.mark.xdist_group("models"),
    pytest.mark.small_site,
]


def test_a_named_model_is_estimated_alone_with_its_range_and_limits() -> None:
    found = run_json("estimate", "museum", "--writer", "openai:gpt-4o")
    shown = run("estimate", "museum", "--writer", "openai:gpt-4o")

    assert found["tokens_in"] > SMALL_TICKETS * 700
    assert 0 < found["cost_low"] < found["cost_high"]
    assert (found["budget"], found["spent"], found["providers"]) == (20, 0, [])
    assert "20 US dollars and 2,000 requests for the session; 0.00 spent so far" in shown.words


@pytest.mark.parametrize("chosen", ["all", "notes"])
def test_an_estimate_shows_what_each_choice_of_tickets_costs(
    monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.setenv("WRITER_FOR", chosen)
    run("upload", str(projects.EXAMPLE.parent / "lanterne"))

    found = run_json("estimate", "lanterne", "--writer", "openai:gpt-4o")
    shown = run("estimate", "lanterne", "--writer", "openai:gpt-4o")

    of_all, of_notes = found["writer_for"]["all"], found["writer_for"]["notes"]
    other = {"all": of_notes, "notes": of_all}[chosen]
    assert (of_all["asked"], of_all["kept"], of_notes["kept"]) == (found["tickets"], 0, 0)
    assert 0 < of_notes["asked"] < found["tickets"]
    assert of_notes["cost_high"] < of_all["cost_high"]
    assert found["writer_for"][chosen].items() <= found.items()
    assert f"{other['asked']} ticket" in shown.words


MODEL = "qwen3:14b"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server(always(Say())) as listening:
        monkeypatch.setenv("WRITER_MODEL", MODEL)
        monkeypatch.setenv("WRITER_BASE_URL", listening.base_url("compatible"))
        yield listening


@each(
    ("act", "status", "exit_code", "words"),
    [
        pytest.param(Say(), "healthy", 0, "authentication ok", id="it answers"),
        pytest.param(Fail(status=429), "degraded", 0, "quota limited", id="throttled is usable"),
        pytest.param(Fail(status=401), "unavailable", 1, "authentication failed", id="access"),
        pytest.param(Fail(status=503), "unavailable", 75, "availability failed", id="temporary"),
    ],
)
def test_how_a_model_is_is_reported_with_the_next_step_and_an_exit_code(
    server: ScriptedServer, act: Act, status: str, exit_code: int, words: str
) -> None:
    server.script = always(act)

    answer = run("check-writer")
    found = run("check-writer", "--json").json

    assert answer.exit_code == exit_code
    assert words in answer.words
    assert (found["writer"], found["status"]) == (MODEL, status)
    assert (found["next_steps"] == []) is (status == "healthy")


def test_check_writer_forgets_what_a_server_refused_once(server: ScriptedServer) -> None:
    """The server may be set up otherwise since: what it refused then is tried again."""
    limits: list[int] = []

    def script(asked: Asked) -> Act:
        limits.append(int(asked.body.get("max_tokens", 0)))
        if limits[-1] > 4_096:
            return Fail(status=400, message="max_tokens must be at most 4096")
        return Say()

    server.script = script
    run("check-writer")
    run("check-writer")

    assert [limit for limit in limits if limit > 256] == [8_000, 4_096] * 2


def test_a_model_that_is_well_writes_and_the_next_estimate_is_of_nothing(
    server: ScriptedServer,
) -> None:
    run_json("generate", "museum", "--writer", MODEL)
    asked = len(server.asked)

    run_json("generate", "museum")
    found = run_json("estimate", "museum")

    assert asked == len(server.asked) == 2 + SMALL_TICKETS
    assert (found["writer"], found["kept"], found["tokens_in"]) == (MODEL, SMALL_TICKETS, 0)
    assert found["cost_high"] == 0


@each(
    ("reasons", "line"),
    [
        (["", ""], ""),
        (["Nothing.", ""], "1 of 2 tickets is by the template"),
        (["Nothing.", "No.", "", "Nothing."], "3 of 4 tickets are by the template"),
        (["Nothing.", "Nothing."], "All 2 tickets are by the template"),
    ],
)
def test_tickets_that_a_model_did_not_write_are_told(reasons: list[str], line: str) -> None:
    """A model that wrote none of three tickets was thought to have written them all."""
    said = fallback_line(reasons)

    assert said.startswith(line)
    assert bool(said) is bool(line)
    assert said.endswith("to use: Nothing." if line else "")


REMARK = "Say what the archive filters by."


def test_named_tickets_are_written_again_with_a_remark_until_it_is_taken_back(
    server: ScriptedServer,
) -> None:
    before = [run_json("tickets", "show", "museum", str(n))["revisions"] for n in (1, 2, 3)]

    written = run_json(
        "generate", "museum", "--writer", MODEL, "--tickets", "2-3", "--remark", f" {REMARK}\n"
    )
    after = [run_json("tickets", "show", "museum", str(n)) for n in (1, 2, 3)]
    asked = [one.last for one in server.asked if "<ticket>" in one.last]
    who = [one["actor"] for one in run_json("audit", "museum") if one["action"] == REMARKED]
    run_json("generate", "museum")
    later = [REMARK in one.last for one in server.asked if "<ticket>" in one.last]
    run_json("generate", "museum", "--tickets", "3", "--remark", "")
    without = run_json("tickets", "show", "museum", "3")

    assert written["started"]["estimated_tickets"] == 2
    assert written["changes"]["rewritten"] == 2
    assert len(asked) == 2
    assert all(REMARK in one for one in asked)
    assert after[0]["revisions"] == before[0]
    assert [len(one["revisions"]) - len(were) for one, were in zip(after, before, strict=True)] == [
        0,
        1,
        1,
    ]
    assert [one["remark"] and one["remark"]["text"] for one in after] == [None, REMARK, REMARK]
    assert [after[1]["remark"]["by"]] == who
    assert later == [True] * 2 + [False] * (SMALL_TICKETS - 2)
    assert (REMARK in server.asked[-1].last, without["remark"]) == (False, None)


@each(
    ("asked", "words"),
    [
        pytest.param(("--tickets", "3"), "reads no remarks", id="the template writes"),
        pytest.param(("--writer", MODEL), "none is named", id="of no ticket"),
        pytest.param(("--writer", MODEL, "--tickets", "99"), "no ticket 99", id="unknown"),
        pytest.param(("--writer", MODEL, "--tickets", "2"), "edited by people", id="edited"),
    ],
)
def test_a_remark_that_nobody_would_read_is_refused_with_the_next_step(
    server: ScriptedServer, asked: tuple[str, ...], words: str
) -> None:
    run("tickets", "edit", "museum", "2", "--title", "Mine")
    before = run_json("audit", "museum")

    refused = run("generate", "museum", *asked, "--remark", REMARK)
    long = run("generate", "museum", *asked, "--remark", "x" * 501)

    assert words in refused.words
    assert "501 characters; the limit is 500" in long.words
    assert (refused.exit_code in {1, 2}, long.exit_code) == (True, 1)
    assert run_json("audit", "museum") == before
    assert server.asked == []


def test_after_other_sheets_all_tickets_are_written_before_some(
    server: ScriptedServer, tmp_path: Path
) -> None:
    sheets = projects.leave_a_type_open(projects.copy_small_sheets(tmp_path / "others"))
    run("upload", str(sheets), "--session", "museum")

    refused = run("generate", "museum", "--tickets", "3")

    assert "all of them are to be written first" in refused.words
    assert (refused.exit_code, server.asked) == (3, [])


@pytest.mark.parametrize(
    ("act", "exit_code", "code"),
    [
        pytest.param(Fail(status=401), 1, "writer_access", id="access"),
        pytest.param(Fail(status=503), 75, "writer_unavailable", id="temporary"),
    ],
)
def test_a_model_that_is_not_well_is_asked_one_small_thing_before_anything_starts(
    server: ScriptedServer, act: Act, exit_code: int, code: str
) -> None:
    """`generate` was still retrying after 200 s, with 24 requests booked on the session."""
    server.script = always(act)
    before = run_json("status", "museum")

    answer = run("generate", "museum", "--writer", MODEL, "--json")

    assert (answer.exit_code, answer.json["error"]["code"]) == (exit_code, code)
    assert len(server.asked) == 1
    assert "specification" not in str(server.asked[0].body)
    assert run_json("status", "museum") == before
    assert before["writer_requests"] == 0


def test_all_tickets_are_written_anew_only_once_somebody_agrees() -> None:
    refused = run("generate", "museum", "--all-anew")

    assert refused.exit_code != 0
    assert f"{SMALL_TICKETS} tickets would be written anew by template" in refused.words
    assert "jira-pipeline generate museum --all-anew --yes" in refused.words
