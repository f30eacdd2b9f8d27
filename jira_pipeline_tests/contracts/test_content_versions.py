"""The content version of a session grows with every change of what Jira would get, and only then.

`status` renders nothing while it is the one that was validated; a change it did not count would
show a stale session as fresh.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.model.tickets import question_id_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_validation,
    after,
    an_upload,
    edit,
    hashes_of,
)
from jira_pipeline_tests.tables import each

Change = Callable[[Store], object]


@pytest.fixture(autouse=True)
def _session(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [a_draft(n) for n in (1, 2, 3)], at=after(1))
    edit(store, "Edited")
    store.reviews.set_dependency("site", "t01", "t02", waits=True, by="ab", at=after(2))


def _answer(store: Store) -> None:
    (question,) = store.tickets.get("site", 1).revision.questions
    given = {"t01": {question_id_of(question): "People."}}
    store.reviews.answer("site", given, by="ab", at=START)


CHANGES: dict[str, Change] = {
    "roll back": lambda s: s.reviews.roll_back(
        "site", "t01", to_revision=1, expected_revision=2, by="ab", at=START
    ),
    "edit": lambda store: edit(store, "Edited again"),
    "assign": lambda s: s.reviews.assign(
        "site", ["t01"], fields={"sprint": "One"}, by="ab", at=START
    ),
    "depend": lambda s: s.reviews.set_dependency(
        "site", "t02", "t03", waits=True, by="ab", at=START
    ),
    "no longer depend": lambda s: s.reviews.set_dependency(
        "site", "t01", "t02", waits=False, by="ab", at=START
    ),
    "answer": _answer,
    "generate": lambda s: s.tickets.save_generated(
        "site", [a_draft(n, labels=("x",)) for n in (1, 2, 3)], at=START
    ),
    "upload": lambda s: s.sessions.register(
        replace(an_upload(), content_sha256="b" * 64), at=START, actor="ab"
    ),
}
NO_CHANGES: dict[str, Change] = {
    "ready": lambda s: s.tickets.mark_ready(
        "site", {"t01": hashes_of("a" * 64)}, by="ab", at=after(9)
    ),
    "skip": lambda s: s.tickets.exclude(
        "site", ["t02"], Skipped, reason="No.", by="ab", at=after(9)
    ),
    "order": lambda s: s.reviews.reorder("site", ["t03", "t02"], by="ab", at=after(9)),
    "validate": lambda s: s.validations.record(a_validation(after(9))),
}


@each(
    ("change", "is_counted"),
    [(one, True) for one in CHANGES.values()] + [(one, False) for one in NO_CHANGES.values()],
    ids=[*CHANGES, *NO_CHANGES],
)
def test_what_jira_would_get_is_counted_and_what_people_decide_is_not(
    store: Store, change: Change, is_counted: bool
) -> None:
    before = store.sessions.get("site").content_version

    change(store)

    assert (store.sessions.get("site").content_version > before) == is_counted
