"""Which of the targets of a session the settings mean."""

from pathlib import Path

import pytest

from jira_pipeline.domain.export_ledger import Target
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.settings import load_settings
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry, an_upload

SANDBOX = a_target("sandbox/10000", site_id="sandbox", base_url="http://127.0.0.1:8765")
ACME = a_target("acme/1", site_id="acme", base_url="https://acme.atlassian.net", is_sandbox=False)
OTHER = a_target(
    "other/1", site_id="other", base_url="https://other.atlassian.net", is_sandbox=False
)


@pytest.mark.parametrize(
    ("base_url", "used", "expected"),
    [
        pytest.param("", (SANDBOX, ACME), SANDBOX, id="the sandbox where no Jira is set"),
        pytest.param(ACME.base_url, (SANDBOX, ACME, OTHER), ACME, id="by its address"),
        pytest.param("https://jira.acme.example", (SANDBOX, ACME), ACME, id="another address"),
        pytest.param("https://jira.acme.example", (ACME, OTHER), None, id="one of two sites"),
        pytest.param(ACME.base_url, (SANDBOX,), None, id="a rehearsal counts for nothing"),
        pytest.param(ACME.base_url, (), None, id="never exported"),
    ],
)
def test_the_current_target_is_the_one_the_settings_mean(
    tmp_path: Path, base_url: str, used: tuple[Target, ...], expected: Target | None
) -> None:
    (tmp_path / ".env").write_text(f"JIRA_BASE_URL={base_url}\n", encoding="utf-8")
    pipeline = open_pipeline(load_settings(tmp_path))
    with pipeline.store as store:
        session = store.sessions.register(an_upload(), at=START, actor="test")
        for target in used:
            store.ledger.record_target(target, at=START)
            store.ledger.append(an_entry(target_id=target.target_id))

        assert expected == OpenSession(pipeline=pipeline, stored=session).target
