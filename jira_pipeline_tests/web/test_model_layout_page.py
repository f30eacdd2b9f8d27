"""The model of a session is asked for its layout on a page: told before, listed after, a draft."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from jira_pipeline.model.people import Role
from jira_pipeline.sessions.layouts import LayoutOrigin, open_layout
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import (
    NAMES,
    opened_with_sheets,
    page_at,
    signed_in,
)
from jira_pipeline_tests.writing.scripted_models import (
    NO_CREDIT,
    Act,
    Asked,
    Say,
    ScriptedServer,
    scripted_server,
)

pytestmark = pytest.mark.xdist_group("models")
KEY = "shop"
HERE = f"/sessions/{KEY}/layout/model"
TYPES = "Name,Machine name,Type,X\nWatch,watch,Content type,a\n"
PARTS = "Of,Caption,Key,Kind\nWatch,Year,field_year,Whole number\nWatch,<script>x</script>,field_x,Link\n"
COLUMNS = {"Bundle": "Of", "Field label": "Caption", "Machine name": "Key", "Field type": "Kind"}
REGION = {
    "name": "fields",
    "header": ["Of", "Caption"],
    "records": [{"into": "field", "columns": {**COLUMNS, "Help text": {"text": "Backdoor"}}}],
}
ANSWER = {"sheets": [{"worksheets": ["Parts"], "regions": [REGION]}]}


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    acts: list[Act] = [Say(text=json.dumps(ANSWER), tokens_in=9_000)]

    def script(asked: Asked) -> Act:
        return acts[min(asked.number, len(acts)) - 1]

    with scripted_server(script) as listening:
        monkeypatch.setenv("WRITER_MODEL", "qwen3:14b")
        monkeypatch.setenv("WRITER_BASE_URL", listening.base_url("compatible"))
        yield listening


@pytest.fixture
def shop_web(empty_project: Path, tmp_path: Path) -> Iterator[Web]:
    """The web of a project with a model, and a session of two sheets, one of no known headers."""
    sheets = {"Bundles": TYPES, "Parts": PARTS}
    with opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web:
        yield web


@pytest.fixture
def reviewer(shop_web: Web) -> Iterator[TestClient]:
    with signed_in(shop_web, Role.REVIEWER) as client:
        yield client


def test_a_model_is_asked_on_the_page_and_its_best_draft_is_saved(
    shop_web: Web, reviewer: TestClient, server: ScriptedServer
) -> None:
    offered = page_at(reviewer, f"/sessions/{KEY}/layout").css_first(f'a[href="{HERE}"]')
    before = page_at(reviewer, HERE).text()
    asked_before = len(server.asked)
    answer = reviewer.post(HERE, data={"revision": 0})

    work = open_layout(shop_web.pipeline, KEY)
    assert offered is not None
    assert offered.text() == "Ask qwen3:14b for a draft"
    assert asked_before == 0
    assert "some " in before
    assert "tokens a round, 3 rounds at most" in before
    assert (answer.status_code, work.origin, work.revision) == (200, LayoutOrigin.DRAFT, 1)
    assert work.draft is not None
    assert work.draft.saved_by == NAMES[Role.REVIEWER]
    fields = [t for t in work.checks.reading.tables if t.file.name == "Parts.csv"]
    assert len(fields[0].rows) == 2
    assert "“Backdoor” is in no cell" in answer.text
    assert "<script>x" not in answer.text
    assert "requests to models, 27,000 tokens in" in answer.text


def test_nothing_is_asked_where_somebody_changed_the_layout_meanwhile(
    reviewer: TestClient, server: ScriptedServer
) -> None:
    answer = reviewer.post(HERE, data={"revision": 7})

    assert (answer.status_code, server.asked) == (303, [])


def test_a_model_that_cannot_be_asked_leaves_the_layout_as_it_is(
    shop_web: Web, reviewer: TestClient, server: ScriptedServer
) -> None:
    server.script = lambda _: NO_CREDIT

    answer = reviewer.post(HERE, data={"revision": 0})

    assert answer.status_code == 303
    assert open_layout(shop_web.pipeline, KEY).origin is LayoutOrigin.PROPOSED
