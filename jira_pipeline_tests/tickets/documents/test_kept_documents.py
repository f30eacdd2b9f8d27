"""Documents in the store: never of something else, made once where absent.

That they are what a ticket says after any sequence of changes is in `test_following_changes`.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import text
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import GateError, StoreError
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sheets.kept_uploads import earlier_groups
from jira_pipeline.tickets.code_version import ROOT
from jira_pipeline.tickets.documents.kept_documents import ROOMS
from jira_pipeline.tickets.documents.rendering import render_ticket
from jira_pipeline.writing import generation
from jira_pipeline_tests.growth import calls_of
from jira_pipeline_tests.tickets.documents.kept_sessions import (
    BUNDLES,
    FIELDS,
    KEY,
    edited,
    home,
    opened,
    rendering,
    uploaded,
    written,
)

__all__ = ["home"]


class NothingToRead(SpecificationSource):
    """A source that must not be asked."""

    @override
    def read_folder(
        self,
        folder: Path,
        *,
        columns: ColumnMeanings,
        owner_blank: OwnerBlank | None = None,
        encoding: str | None = None,
        layout: bytes | None = None,
    ) -> FolderReading:
        raise AssertionError(folder)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        raise AssertionError(tables)


@pytest.fixture
def pipeline(home: Path) -> Iterator[Pipeline]:
    """A home whose session has its tickets and their documents."""
    with opened(home) as pipeline:
        written(pipeline, BUNDLES, FIELDS)
        assert open_session(pipeline, KEY).rendered
        yield pipeline


def kept(pipeline: Pipeline) -> dict[str, str]:
    """Return the rendered hashes of the documents that are there now, by ticket id."""
    hashes = pipeline.store.documents.hashes(KEY, rendering=rendering(pipeline))
    return {ticket_id: of_ticket.rendered for ticket_id, of_ticket in hashes.items()}


def test_an_edit_leaves_its_document_to_who_needs_it_and_reads_no_sheet(
    pipeline: Pipeline, home: Path
) -> None:
    with opened(home) as terminal:
        blind = replace(terminal, source=NothingToRead())
        ticket = blind.store.tickets.get(KEY, 1)
        edited(blind, ticket, "Ask the museum.")
        absent = ticket.ticket_id not in kept(pipeline)

        judged = open_session(blind, KEY).hashed_tickets
        (rendered, other) = open_session(blind, KEY).rendered

    assert absent
    assert "Ask the museum." in rendered.kept_text
    assert [one.rendered_hash for one in judged] == [rendered.rendered_hash, other.rendered_hash]
    assert kept(pipeline) == {one.ticket.ticket_id: one.rendered_hash for one in (rendered, other)}


def test_another_version_of_the_program_makes_all_documents_anew(
    pipeline: Pipeline, home: Path
) -> None:
    """A store that was written before documents were kept is one of another version, too."""
    before = open_session(pipeline, KEY).rendered

    with opened(home, adf_body_max_bytes=30_000) as newer:
        absent = kept(newer)
        after = open_session(newer, KEY).rendered

        assert absent == {}
        assert after == before
        assert kept(newer) == {one.ticket.ticket_id: one.rendered_hash for one in before}
    assert kept(pipeline) == {}


@pytest.mark.usefixtures("pipeline")
def test_a_file_of_a_document_that_is_absent_is_planned_like_one_of_a_kept_document(
    home: Path,
) -> None:
    """Which documents come with a file was looked up before those that are absent were made."""
    with opened(home, adf_body_max_bytes=2_000) as newer:
        absent = kept(newer)
        first = open_session(newer, KEY).rendered_for_export
        second = open_session(newer, KEY).rendered_for_export

    assert absent == {}
    assert all(rendered.attachment is not None for rendered in second)
    assert first == second


def test_an_edit_by_another_version_leaves_no_document_of_the_text_before(
    pipeline: Pipeline, home: Path
) -> None:
    ticket = pipeline.store.tickets.get(KEY, 1)

    with opened(home, adf_body_max_bytes=30_000) as newer:
        edited(newer, ticket, "By the newer one.")

    assert ticket.ticket_id not in kept(pipeline)
    assert "By the newer one." in open_session(pipeline, KEY).rendered[0].kept_text


def test_other_sheets_show_in_the_documents_before_the_tickets_are_written_again(
    pipeline: Pipeline,
) -> None:
    changed = [FIELDS[0] | {"Help text": "Changed"}, FIELDS[1]]

    uploaded(pipeline, BUNDLES, changed)
    other = open_session(pipeline, KEY).rendered
    uploaded(pipeline, BUNDLES, FIELDS)
    back = open_session(pipeline, KEY).rendered

    assert ["Changed" in "".join(r.kept_text for r in some) for some in (other, back)] == [
        True,
        False,
    ]


def calls_of_rendering(pipeline: Pipeline) -> int:
    """Count how many documents are made to have all of the session."""
    calls = calls_of(lambda: open_session(pipeline, KEY).rendered)
    return calls[render_ticket.__code__]


def test_an_upload_leaves_the_documents_whose_rows_it_does_not_change(pipeline: Pipeline) -> None:
    uploaded(pipeline, BUNDLES, [FIELDS[0], FIELDS[1] | {"Help text": "Changed"}])

    assert calls_of_rendering(pipeline) == 1


def test_the_groups_of_an_earlier_upload_are_those_of_its_sheets(pipeline: Pipeline) -> None:
    before = open_session(pipeline, KEY)
    groups = dict(before.groups)

    uploaded(pipeline, BUNDLES, FIELDS[:1])

    again = open_session(pipeline, KEY).earlier_groups(before.stored.content_sha256)
    assert again == groups


def test_an_upload_with_another_name_leaves_no_document_that_may_show_it(
    pipeline: Pipeline,
) -> None:
    """The ticket of a page names that of the news, whose row alone is changed."""
    uploaded(pipeline, [BUNDLES[0], BUNDLES[1] | {"X": "c"}], FIELDS)

    assert calls_of_rendering(pipeline) == len(BUNDLES)


def test_writing_after_an_upload_makes_one_document_for_each_changed_ticket(
    pipeline: Pipeline,
) -> None:
    """Which ready marks stay is known without a document: they cover rows and prose."""
    approvals.mark_ready(open_session(pipeline, KEY), None, by="ab")
    uploaded(pipeline, BUNDLES, [FIELDS[0], FIELDS[1] | {"Help text": "Changed"}])

    calls = calls_of(lambda: generation.generate(open_session(pipeline, KEY), run_id=None))

    assert (calls[render_ticket.__code__], calls[earlier_groups.__code__]) == (0, 0)
    assert calls_of_rendering(pipeline) == 1
    assert [ticket.is_ready for ticket in open_session(pipeline, KEY).tickets] == [False, True]


def test_a_ticket_whose_rows_are_gone_is_reported(pipeline: Pipeline) -> None:
    uploaded(pipeline, BUNDLES[1:], FIELDS[1:])

    with pytest.raises(GateError, match="Re-validation required: the sheets no longer contain"):
        _ = open_session(pipeline, KEY).rendered
    with pytest.raises(GateError, match="Re-validation required: the sheets no longer contain"):
        _ = open_session(pipeline, KEY).hashed_tickets


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE documents SET document = replace(document, 'field_a', 'field_x')",
        "UPDATE documents SET rendered_hash = 'x'",
        "UPDATE documents SET attachment_name = 'a.md', attachment_text = 'other'",
        "DELETE FROM documents",
    ],
)
def test_a_document_that_is_not_what_its_hash_says_counts_as_absent(
    pipeline: Pipeline, damage: str
) -> None:
    before = open_session(pipeline, KEY).rendered
    with pipeline.store.database.writing() as connection:
        connection.execute(text(damage))

    again = open_session(pipeline, KEY).rendered

    assert again == before
    assert kept(pipeline) == {one.ticket.ticket_id: one.rendered_hash for one in before}


def test_what_changed_while_documents_were_made_is_not_kept(pipeline: Pipeline) -> None:
    old = open_session(pipeline, KEY).rendered
    edited(pipeline, old[0].ticket, "Meanwhile.")

    made = [(one, ()) for one in old]
    pipeline.store.documents.keep(KEY, made, rendering=rendering(pipeline))

    assert kept(pipeline) == {old[1].ticket.ticket_id: old[1].rendered_hash}
    assert "Meanwhile." in open_session(pipeline, KEY).rendered[0].kept_text


def test_an_account_that_only_reads_is_shown_documents_that_are_absent(
    pipeline: Pipeline, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_session(pipeline, KEY).rendered
    with opened(home, adf_body_max_bytes=30_000) as reading:

        def refused() -> None:
            raise StoreError("The store cannot be used: it is read-only.")

        monkeypatch.setattr(reading.store.database, "writing", refused)

        assert open_session(reading, KEY).rendered == before
    assert kept(pipeline) == {one.ticket.ticket_id: one.rendered_hash for one in before}


def test_all_code_that_decides_what_a_document_says_is_part_of_its_name() -> None:
    """A document that is kept would else outlive the code that made it."""
    doors = (
        "tickets.documents.rendering",
        "tickets.documents.passages",
        "tickets.grouping.grouping",
        "sheets.upload_reading",
    )
    read = ("sheets.upload_reading", "sharedo.reading.reading")
    names = {f"{ROOT}.{door}" for door in (*doors, *read)}
    seen: set[str] = set()
    while names:
        seen |= names
        names = {found for name in names for found in imported_by(name)} - seen

    parts = {tuple(name.split(".")[1:]) for name in seen}
    assert {p[0] if p[0] in ROOMS else "/".join(p[:2]) for p in parts} == set(ROOMS)


def imported_by(name: str) -> Iterator[str]:
    """Yield the modules of ours that one imports at once."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{ROOT}."):
            yield str(node.module)
