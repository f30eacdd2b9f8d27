"""Renderings kept between processes: used where nothing changed, never where they are not right."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.domain.rendered_tickets import (
    RenderedTicket,
    content_digest_of,
    hash_with_fields,
)
from jira_pipeline.domain.tickets import Ticket, canonical_json
from jira_pipeline.sessions.memory import (
    KEY_CHARACTERS,
    content_key_of,
    read_renderings,
    write_renderings,
)
from jira_pipeline_tests.stages.made_specifications import bundle, field, specification_of
from jira_pipeline_tests.stages.made_tickets import tickets_for

MADE_BY = "sheets and code"


@pytest.fixture(scope="module")
def rendered() -> RenderedTicket:
    """A rendered ticket with an attachment."""
    fields = [field("Page (Content type)", f"field_{n}") for n in range(3)]
    made = tickets_for(specification_of(bundles=[bundle("Page", "page")], fields=fields))[0]
    ticket, document = made.ticket, {"type": "doc", "version": 1, "content": []}
    attachment = ("full.md", "# Ünïcode “all”\n")
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        description_adf=document,
        attachment=attachment,
        whole_characters=7,
        rendered_hash=hash_with_fields(
            ticket, content_digest_of(canonical_json(document), attachment=attachment)
        ),
    )


@pytest.fixture
def kept(tmp_path: Path, rendered: RenderedTicket) -> Path:
    """The file that holds it."""
    path = tmp_path / "rendered" / "site.json"
    write_renderings(path, {content_key_of(rendered.ticket): rendered}, made_by=MADE_BY)
    return path


def read(path: Path, ticket: Ticket, *, made_by: str = MADE_BY) -> RenderedTicket | None:
    """Return what the file holds of a ticket."""
    key = content_key_of(ticket)
    return read_renderings(path, {key: ticket}, made_by=made_by).get(key)


def test_what_is_kept_comes_back_as_it_was(kept: Path, rendered: RenderedTicket) -> None:
    assert read(kept, rendered.ticket) == rendered


def test_decisions_make_no_other_content(kept: Path, rendered: RenderedTicket) -> None:
    decided = replace(rendered.ticket, ready_hash="x", ready_by="ab", position=4, skipped_reason="")

    assert read(kept, decided) == replace(rendered, ticket=decided)


def test_every_field_of_a_ticket_but_the_decisions_is_in_its_key(rendered: RenderedTicket) -> None:
    """A field that is added and missing there would show an old text."""
    ticket = rendered.ticket
    decisions = {
        *("ready_hash", "ready_by", "skipped_reason", "position"),
        *("assigned_fields", "source_changes"),
    }

    same = {
        name
        for name in Ticket.__dataclass_fields__
        if name != "revision"
        and content_key_of(replace(ticket, **{name: "another"})) == content_key_of(ticket)  # type: ignore[arg-type] # whatever its type
    }

    assert same == decisions


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: text[: len(text) // 2], id="cut off"),
        pytest.param(lambda text: text.replace("full.md", "other.md"), id="another attachment"),
        pytest.param(lambda text: text.replace('"version":1', '"version":2'), id="a document"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda text: text.replace("[", "", 1), id="no JSON"),
    ],
)
def test_what_is_damaged_counts_as_absent(
    kept: Path, rendered: RenderedTicket, damage: Callable[[str], str]
) -> None:
    kept.write_text(damage(kept.read_text(encoding="utf-8")), encoding="utf-8")

    assert read(kept, rendered.ticket) is None


def test_other_sheets_or_other_code_find_nothing(kept: Path, rendered: RenderedTicket) -> None:
    assert read(kept, rendered.ticket, made_by="other code") is None


def test_a_folder_nobody_may_write_to_keeps_nothing_and_fails_nothing(
    tmp_path: Path, rendered: RenderedTicket
) -> None:
    (tmp_path / "rendered").write_text("a file where the folder would be", encoding="utf-8")

    write_renderings(tmp_path / "rendered" / "site.json", {"k": rendered}, made_by=MADE_BY)

    assert read(tmp_path / "rendered" / "site.json", rendered.ticket) is None


def test_documents_are_kept_as_lines_so_that_few_are_read(kept: Path) -> None:
    first, line = kept.read_text(encoding="utf-8").splitlines()

    assert first == MADE_BY
    beside, document = line[KEY_CHARACTERS:].split("\t")
    assert json.loads(beside)[1] == 7
    assert json.loads(document)["type"] == "doc"
