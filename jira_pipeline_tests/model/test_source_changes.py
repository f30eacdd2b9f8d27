"""What two readings of the sheets say differently about one group."""

from jira_pipeline.model.changed_cells import WHOLE_ROW, changed_cells, changed_facts
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.ticket_hashes import facts_hash_of, rows_hash_of
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import made_tickets

EVENT = bundle("Event", "event")


def _group(*fields: Row, before: tuple[Row, ...] = (), head: Row = EVENT) -> EntityGroup:
    made = made_tickets(bundles=[*before, head], fields=list(fields))
    (found,) = (m.group for m in made if m.group.key == "bundle:Content type/event")
    return found


def _field(name: str = "field_room", **cells: str) -> Row:
    return field("Event (Content type)", name) | cells


def test_the_same_rows_on_other_lines_are_the_same_facts() -> None:
    alone = _group(_field())
    later = _group(
        field("Page (Content type)", "field_body"), _field(), before=(bundle("Page", "page"),)
    )

    assert facts_hash_of(alone) == facts_hash_of(later)
    assert changed_cells(alone, later) == ()


def test_a_changed_cell_changes_the_facts_and_is_named() -> None:
    old, new = _group(_field()), _group(_field(**{"Help text": "Which room?"}))

    (cell,) = changed_cells(old, new)

    assert facts_hash_of(old) != facts_hash_of(new)
    assert (cell.file, cell.line, cell.column) == ("fields.csv", 2, "Help text")
    assert (cell.before, cell.after) == ("", "Which room?")


@each(
    "column, cell",
    [("Dev", "ab"), ("QA", "cd"), ("ID", "7"), ("X", "approved"), ("Req'd", "FALSE")],
)
def test_a_cell_that_no_sentence_says_changes_the_table_and_not_the_facts(
    column: str, cell: str
) -> None:
    old, new = _group(_field(**{"Req'd": "n"})), _group(_field(**{"Req'd": "n"} | {column: cell}))

    assert (facts_hash_of(old), changed_facts(old, new)) == (facts_hash_of(new), ())
    assert [c.after for c in changed_cells(old, new)] == [cell]
    assert rows_hash_of(old) != rows_hash_of(new)


def test_a_changed_status_and_a_sentence_below_initials_are_facts() -> None:
    old = _group(_field())
    new = _group(_field(X="c", Dev="Only members see this room."))

    assert facts_hash_of(old) != facts_hash_of(new)
    assert [c.column for c in changed_facts(old, new)] == ["X", "Dev"]


def test_a_row_that_is_new_and_one_that_is_gone_are_named_as_rows() -> None:
    old, new = _group(_field()), _group(_field("field_seats"))

    added, removed = changed_cells(old, new)

    assert (added.column, added.before, added.after) == (WHOLE_ROW, None, "Seats")
    assert (removed.column, removed.before, removed.after) == (WHOLE_ROW, "Room", None)


def test_of_two_rows_with_one_key_each_is_compared_with_its_own() -> None:
    old = _group(_field(), _field(**{"Help text": "b"}))
    new = _group(_field(**{"Help text": "a"}), _field(**{"Help text": "b"}))

    (cell,) = changed_cells(old, new)

    assert (cell.line, cell.before, cell.after) == (2, "", "a")


def test_a_group_that_was_not_there_is_new_whole() -> None:
    group = _group(_field())

    assert [c.after for c in changed_cells(None, group)] == ["Event (Content type)", "Room"]
