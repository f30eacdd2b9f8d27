"""What a ticket is recognised by: the hash of all Jira gets, and a file by its name."""

from dataclasses import replace

from jira_pipeline.model.rendered_tickets import hashed_file_name
from jira_pipeline.model.ticket_decisions import GIVEN_REASONS
from jira_pipeline.model.ticket_hashes import rendered_hash_of, says_the_same
from jira_pipeline.model.tickets import Ticket, canonical_hash, canonical_json
from jira_pipeline_tests.sheets.made_specifications import bundle, field, specification_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import tickets_for


@each("attachment", [None, ("full.md", "# Ünïcode “all”\n")])
def test_the_hash_is_that_of_all_jira_gets(attachment: tuple[str, str] | None) -> None:
    """Ready marks and the ledger hold it: a store would be stale as a whole with another one."""
    page = [field("Page (Content type)", "field_a")]
    made = tickets_for(specification_of(bundles=[bundle("Page", "page")], fields=page))[0]
    ticket = replace(made.ticket, sprint="Größe 1", labels=("b", "a"), depends_on=("t2",))
    document = {"type": "doc", "version": 1, "content": [{"type": "rule"}]}

    found = rendered_hash_of(ticket, canonical_json(document), attachment=attachment)

    assert found == canonical_hash(
        {
            "summary": ticket.title,
            "description": document,
            "attachment": attachment,
            "fields": [ticket.assignee, "Größe 1", ticket.priority, ticket.parent],
            "labels": ["a", "b"],
            "links": [ticket.depends_on, ticket.relates_to],
        }
    )


def test_every_field_of_a_ticket_but_the_decisions_is_what_it_says() -> None:
    """A field that is added and missing there would keep an old document."""
    page = [field("Page (Content type)", "field_a")]
    ticket = tickets_for(specification_of(bundles=[bundle("Page", "page")], fields=page))[0].ticket

    same = {
        name
        for name in Ticket.__dataclass_fields__
        if says_the_same(ticket, replace(ticket, **{name: "another"}))  # type: ignore[arg-type] # whatever its type
    }

    assert same == {
        *("ready_hash", "approved_hash", "ready_by"),
        *("position", "assigned_fields", "source_changes"),
        *(kind.column for kind in GIVEN_REASONS),
        *(name for kind in GIVEN_REASONS for name in kind.word_columns),
    }


@each(
    ("file_name", "expected"),
    [
        ("full text.md", "full text-ba7816bf.md"),
        ("full text-ba7816bf.md", "full text-ba7816bf.md"),
        ("notes", "notes-ba7816bf"),
        ("a.b.md", "a.b-ba7816bf.md"),
    ],
)
def test_the_name_carries_eight_digits_of_the_hash_once(file_name: str, expected: str) -> None:
    assert hashed_file_name(file_name, "abc") == expected
