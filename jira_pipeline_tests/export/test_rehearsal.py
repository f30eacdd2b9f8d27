"""A rehearsal does what an export does, in the sandbox, and leaves the session as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.errors import GateError, WrongUseError
from jira_pipeline.export import exporting
from jira_pipeline.export.rehearsal import last_rehearsal, rehearse
from jira_pipeline.flow.open_session import OpenSession, open_session
from jira_pipeline.review import decisions
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS, opened

pytestmark = pytest.mark.small_site


@pytest.fixture
def session(reviewed: Path) -> Iterator[OpenSession]:
    """A validated session of a home whose Jira nobody can reach."""
    with (reviewed / ".env").open("a", encoding="utf-8") as settings:
        settings.write("JIRA_BASE_URL=https://jira.invalid\nJIRA_EMAIL=a@b.example\n")
        settings.write("JIRA_API_TOKEN=made-up\nJIRA_CREATE_DELAY_SECONDS=60\n")
    with opened(reviewed) as pipeline:
        yield open_session(pipeline, SESSION)


def test_a_rehearsal_creates_everything_and_the_session_stays_where_it_is(
    session: OpenSession,
) -> None:
    decisions.mark_ready(session, None, by="cd")
    before = session.again()

    found = rehearse(before)

    after = session.again()
    assert (len(found.tickets), found.dependencies_created) == (SMALL_TICKETS, 4)
    assert found.target.is_sandbox
    assert found.target.project_key == "UHRR1"
    assert after.stored == before.stored
    assert after.target is None
    exporting.refuse_at_gate(after)  # an export to Jira may start as before


def test_each_rehearsal_has_a_project_of_its_own(session: OpenSession) -> None:
    """One that found the issues of the one before would show nothing of what was edited since."""
    decisions.mark_ready(session, None, by="cd")

    keys = [rehearse(session.again()).target.project_key for _ in range(2)]
    last = last_rehearsal(session.again())

    assert keys == ["UHRR1", "UHRR2"]
    assert last is not None
    assert last.target.project_key == "UHRR2"
    assert len(last.tickets) == SMALL_TICKETS


def test_a_rehearsal_passes_the_gate_of_an_export(session: OpenSession) -> None:
    with pytest.raises(GateError, match=f"{SMALL_TICKETS} tickets wait for review"):
        rehearse(session)

    assert last_rehearsal(session) is None


def test_where_the_sandbox_is_the_target_an_export_is_the_rehearsal(reviewed: Path) -> None:
    with opened(reviewed) as pipeline, pytest.raises(WrongUseError, match="is the rehearsal"):
        rehearse(open_session(pipeline, SESSION))
