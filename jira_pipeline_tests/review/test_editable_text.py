"""The parts of a ticket as people edit them, and what becomes of a text they typed."""

from dataclasses import replace

import pytest

from jira_pipeline.model.revisions import Revision
from jira_pipeline.review.revisions import (
    EDITED_PARTS,
    TITLE_PART,
    TicketEdit,
    changed_parts,
    merge_texts,
    text_of_part,
)
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import made_ticket

BUNDLE = {"Name": "Event", "Machine name": "event", "Type": "Content type", "X": "a"}
FIELD = {"Bundle": "Event (Content type)", "X": "a", "Field type": "Text (plain)"}
FIELD |= {"Field label": "Room", "Machine name": "field_room"}


@pytest.fixture
def revision() -> Revision:
    made = made_ticket("Configure content type: Event", bundles=[BUNDLE], fields=[FIELD])
    return made.ticket.revision


@each("ending", ["", "  ", "\r\n", "\n\n"])
def test_a_text_that_was_not_edited_changes_nothing(revision: Revision, ending: str) -> None:
    typed = {name: text_of_part(revision, name) + ending.strip("\r\n") for name in EDITED_PARTS}
    typed["analysis"] = f"{ending}\n".join(typed["analysis"].splitlines()) + ending

    merged = merge_texts(typed, base=revision, current=revision)

    assert merged.edit == TicketEdit()
    assert merged.changed == frozenset()


def test_only_what_was_changed_is_in_the_edit(revision: Revision) -> None:
    typed = {name: text_of_part(revision, name) for name in EDITED_PARTS}
    typed |= {TITLE_PART: "Another title ", "analysis": "It *holds* people.\n\n- one\n- two"}
    typed |= {"verification": ""}

    edit = merge_texts(typed, base=revision, current=revision).edit

    assert edit.title == "Another title"
    assert edit.parts.keys() == {"analysis", "verification"} - (
        set() if revision.parts.verification else {"verification"}
    )
    assert edit.parts["analysis"].startswith("<p>It <em>holds</em> people.</p><ul>")


def test_headings_in_a_part_stay_in_it(revision: Revision) -> None:
    changed = changed_parts({"notes": "# Notes\n\n## User story\n\nfine"}, revision)

    assert "<h2>User story</h2>" in changed["notes"]


def test_a_part_that_somebody_else_changed_conflicts_unless_it_says_the_same(
    revision: Revision,
) -> None:
    parts = replace(revision.parts, notes="<p>Theirs.</p>")
    now = replace(revision, number=revision.number + 1, parts=parts)

    [conflict] = merge_texts({"notes": "Mine."}, base=revision, current=now).conflicts
    [unknown] = merge_texts({"notes": "Mine."}, base=None, current=now).conflicts
    same = merge_texts({"notes": "Theirs."}, base=revision, current=now)

    assert (conflict.part, conflict.typed, conflict.current) == ("notes", "Mine.", "Theirs.")
    assert conflict.lines == ("@@ -1 +1 @@", "-Theirs.", "+Mine.")
    assert unknown == conflict
    assert same.changed == frozenset()
