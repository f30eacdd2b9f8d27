"""Texts come back alike from every store, whatever people, models and other systems wrote."""

from dataclasses import replace

import pytest

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.tickets import content_hash_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_fix,
    a_target,
    an_entry,
    an_upload,
)

ODD = [
    pytest.param("a\0b", "a\ufffdb", id="NUL"),
    pytest.param("a\ud800b", "a\ufffdb", id="lone surrogate"),
    pytest.param(
        "a\U0001f600\u200b\x01b\r\n", "a\U0001f600\u200b\x01b\r\n", id="the rest as it is"
    ),
]


@pytest.mark.parametrize(("written", "kept"), ODD)
def test_prose_and_its_hash_are_of_what_is_kept(store: Store, written: str, kept: str) -> None:
    """PostgreSQL refuses NUL, which a model may write."""
    store.sessions.register(an_upload(), at=START, actor="ab")
    draft = a_draft(1, title=written)
    parts = replace(draft.prose.parts, analysis=written)
    draft = replace(draft, prose=replace(draft.prose, parts=parts))

    store.tickets.save_generated("site", [draft], at=START)
    again = store.tickets.save_generated("site", [draft], at=START)

    revision = store.tickets.get("site", 1).revision
    assert (kept, kept) == (revision.title, revision.parts.analysis)
    assert again.unchanged == 1
    assert revision.content_hash == content_hash_of(
        title=revision.title, parts=revision.parts, estimated_hours=revision.estimated_hours
    )


@pytest.mark.parametrize(("written", "kept"), ODD)
def test_words_of_people_and_of_other_systems_are_kept(
    store: Store, written: str, kept: str
) -> None:
    """An outcome that cannot be stored would become a doubt."""
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.ledger.record_target(a_target(), at=START)
    action, details = AuditAction.STAGE_SET, {"reason": written}

    entry = store.ledger.append(an_entry(LedgerEvent.NOTHING_DONE, detail=written))
    error = store.errors.record(RefusedError(written), session_key="site", stage="export", at=START)
    store.manual_fixes.record(a_fix(original_value=written))
    store.audit.append(at=START, session_key="site", actor=written, action=action, details=details)

    (found,) = store.ledger.entries(target_id=entry.target_id, session_key="site")
    (fix,) = store.manual_fixes.list_all("site")
    actor = store.audit.entries("site")[-1].actor
    assert [found.detail, error.message, fix.original_value, actor] == [kept] * 4


def test_a_key_that_cannot_be_stored_names_no_session(store: Store) -> None:
    assert store.sessions.find("si\0te") is None
