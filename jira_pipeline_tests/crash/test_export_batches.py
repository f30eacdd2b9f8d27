"""Creation in bulk: one issue per ticket, whatever the answer says, shuffles or leaves out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.model.tickets import TicketDraft
from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.export_faults import (
    bent,
    error_at,
    in_bulk,
    limited_by_gateway,
)
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.jira.journals import journal_of

Body = dict[str, Any]
DRAFTS = (
    a_draft(1),
    *(a_draft(number, depends_on=("t01",), priority="High") for number in range(2, 7)),
    a_draft(7, depends_on=("t03", "t05")),
)
"""With one that may go first where the first is lost."""


@pytest.fixture
def wide(ready_folder: Path, tmp_path: Path) -> Iterator[ExportWorld]:
    """Five tickets that wait for one, and one that waits for two of these, to be created in bulk."""
    with open_wide(ready_folder, tmp_path / "world") as world:
        yield world


def bulk_sizes(world: ExportWorld) -> list[int]:
    return [
        sum(change.change == "issue_created" for change in entry.changes)
        for entry in journal_of(world.sandbox)
        if entry.path == "/rest/api/3/issue/bulk"
    ]


def single_creations(world: ExportWorld) -> int:
    return sum(
        entry.path == "/rest/api/3/issue" and entry.method == "POST"
        for entry in journal_of(world.sandbox)
    )


def test_tickets_that_wait_for_none_are_created_together(wide: ExportWorld) -> None:
    """The first is sent alone: it shows that this site keeps markers."""
    wide.export()

    assert wide.violations() == []
    assert (single_creations(wide), bulk_sizes(wide)) == (2, [5])


@pytest.mark.parametrize("is_committed", [True, False], ids=["done", "not done"])
def test_a_bulk_that_a_gateway_limits_is_looked_up_before_it_is_sent_again(
    wide: ExportWorld, *, is_committed: bool
) -> None:
    """It limited the answer: Jira had created five issues, and five more were created."""
    wide.horizon_seconds = 600.0
    wide.answering = in_bulk(limited_by_gateway(is_committed=is_committed))

    wide.export()

    assert wide.violations() == []
    assert bulk_sizes(wide) == [5]
    assert sum(wide.time.slept) < wide.horizon_seconds


def test_no_bulk_holds_more_than_was_set(wide: ExportWorld) -> None:
    wide.batch_size = 3

    wide.export()

    assert wide.violations() == []
    assert bulk_sizes(wide) == [3, 2]


ODD_ANSWERS: dict[str, Callable[[Body], Body]] = {
    "shuffled": lambda body: {**body, "issues": body["issues"][::-1]},
    "one left out": lambda body: {**body, "issues": body["issues"][1:]},
    "one twice": lambda body: {**body, "issues": [*body["issues"], body["issues"][0]]},
    "a foreign one": lambda body: {
        **body,
        "issues": [{"id": "99", "key": "SBX-99"}, *body["issues"][1:]],
    },
    "created but also refused": lambda body: {**body, "errors": [error_at(0, 400, summary="No.")]},
    "left out and refused at another place": lambda body: {
        "issues": body["issues"][1:],
        "errors": [error_at(3, 400, priority="No.")],
    },
    "refused beyond the end": lambda body: {
        "issues": body["issues"][1:],
        "errors": [error_at(17, 400, priority="No.")],
    },
    "nothing at all": lambda _body: {"issues": [], "errors": []},
    "all lost inside": lambda _body: {
        "issues": [],
        "errors": [error_at(number, 500) for number in range(5)],
    },
}


def test_an_answer_that_does_not_account_for_all_leaves_doubts_and_no_duplicates(
    ready_folder: Path, tmp_path: Path
) -> None:
    wrong: dict[str, list[object]] = {}

    for name, change in ODD_ANSWERS.items():
        with open_wide(ready_folder, tmp_path / name) as wide:
            wide.answering = in_bulk(bent(change))
            wide.export()
            wrong[name] = [*wide.violations(), *wide.fixes()]

    assert not any(wrong.values()), wrong


@contextmanager
def open_wide(
    folder: Path, copy: Path, drafts: tuple[TicketDraft, ...] = DRAFTS
) -> Iterator[ExportWorld]:
    """Open a copy of a world with a session that is created in bulk."""
    with open_world(folder, copy) as world:
        world.fill(drafts)
        world.batch_size = 50
        yield world
