"""Rows that are marked as changed."""

from jira_pipeline.drupal.any_kind.changed import (
    ChangeFact,
    NotChanged,
    StatedChange,
    UnstatedChange,
    change_of,
)
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_bundles import boat
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    style,
    ticket_in,
    ticket_of,
    ticket_of_styles,
    ticket_of_view_modes,
    view_mode,
)
from jira_pipeline_tests.drupal.made_views import display, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row, specification_of
from jira_pipeline_tests.tables import each

UNSTATED = UnstatedChange(new_users=())
CHANGED = field(status="c")


def rows_of(ticket: TicketRows) -> GroupRows:
    return GroupRows(group=ticket.group, index=ticket.session.index)


def ticket_of_workflow(*rows: Row, status: str = "c") -> TicketRows:
    """Return the ticket of the workflow *Mooring* with states and transitions."""
    workflow = {"Label": "Mooring", "Machine name": "mooring", "X": status}
    states = [row for row in rows if "From state" not in row]
    specification = specification_of(
        workflows=[workflow | {"Type": "Content moderation"}],
        states=states,
        transitions=[row for row in rows if "From state" in row],
    )
    return ticket_in(specification, lambda head: head.kind is EntityKind.WORKFLOW)


def state(name: str, status: str = "c", **cells: str) -> Row:
    row = {"Workflow": "Mooring", "Label": name, "Machine name": name.casefold(), "X": status}
    return row | cells


def transition(start: str, status: str = "c") -> Row:
    row = {"Workflow": "Mooring", "Label": "Sail", "Machine name": "sail", "X": status}
    return row | {"From state": start, "To state": "Afloat"}


# The fact.


@each(
    ("row", "fact"),
    [
        (CHANGED, UNSTATED),
        (field(status="c", note="Max length 80."), UNSTATED),
        (field(status="c", note="Now in metres."), StatedChange()),
        (field(status="c", note="Changed: Help text (was None)."), StatedChange()),
        (field(), NotChanged()),
    ],
)
def test_the_note_of_a_field_says_what_changes(row: Row, fact: ChangeFact) -> None:
    ticket = ticket_of(row, status="c")
    (read,) = ticket.group.members

    assert change_of(read, rows_of(ticket)) == fact


@each(
    ("cells", "fact"),
    [({}, UNSTATED), ({"Effect(s)": "Scale"}, StatedChange()), ({"ID": "7"}, UNSTATED)],
)
def test_a_filled_cell_of_a_list_is_what_changes(cells: dict[str, str], fact: ChangeFact) -> None:
    ticket = ticket_of_styles(style("Card", **{"X": "c"} | cells))

    assert change_of(ticket.head, rows_of(ticket)) == fact


def test_new_types_that_use_a_view_mode_are_likely_all_that_changes() -> None:
    mode = view_mode("Card", status="c", used_on="Boat")

    new = ticket_of_view_modes(mode, bundles=[boat()])
    there = ticket_of_view_modes(mode, bundles=[boat(status="x")])

    assert change_of(new.head, rows_of(new)) == UnstatedChange(("Boat (Content type)",))
    assert change_of(there.head, rows_of(there)) == UNSTATED


# Of which rows it is asked.


def test_fields_of_a_type_that_is_there_are_asked_about_and_the_type_beside_them() -> None:
    ticket = ticket_of(CHANGED, status="c")

    assert asked("bundles.changed", ticket) == [
        "What changes in “Hull” (`field_hull`)? The row is marked as changed, and no note says how."
    ]
    assert len(asked("bundles.changed_beside", ticket)) == 1


@each(("status", "is_beside"), [("a", True), ("d", True), ("x", False), ("w", False)])
def test_a_type_is_asked_about_by_itself_where_no_field_has_work(
    status: str, *, is_beside: bool
) -> None:
    ticket = ticket_of(field(status=status), status="c")

    assert bool(asked("bundles.changed_beside", ticket)) is is_beside
    assert bool(asked("bundles.changed", ticket)) is not is_beside


def test_new_users_are_the_likely_answer() -> None:
    modes = [view_mode("Card", status="c", used_on="Boat")]
    ticket = ticket_of_view_modes(*modes, bundles=[boat()])

    (question,) = [q for q in ticket.left_open if q.kind == "bundles.changed"]

    assert question.suggested_answer == (
        "Only its use by Boat (Content type), which other tickets set"
    )


def test_displays_of_a_view_have_a_question_of_their_own() -> None:
    ticket = view_of(display(x="c", plugin=""), head=view(x="c")).ticket

    assert asked("bundles.changed", ticket) == []


def test_without_new_users_no_answer_is_likely() -> None:
    ticket = ticket_of_view_modes(view_mode("Card", status="c"))

    (question,) = [q for q in ticket.left_open if q.kind == "bundles.changed"]

    assert question.suggested_answer == ""


def test_rows_that_say_their_change_or_have_none_are_not_asked_about() -> None:
    stated = field(status="c", note="Now in metres.")

    assert asked("bundles.changed", ticket_of(stated, field("field_mast"), status="c")) == []
    assert asked("bundles.changed", ticket_of_styles(style("Card"))) == []


@each(
    ("rows", "subjects"),
    [
        ([], ["mooring"]),
        ([state("Afloat", "x")], ["mooring"]),
        ([state("Afloat")], ["afloat"]),
        ([state("Afloat"), state("Ashore", "w")], ["afloat"]),
        ([state("Afloat"), state("Afloat")], ["afloat"]),
        ([state("Afloat", "x"), transition("Afloat")], ["sail"]),
        ([state("Afloat", "x"), transition("Afloat"), transition("Ashore")], []),
    ],
)
def test_of_a_workflow_its_members_are_asked_about_and_else_itself(
    rows: list[Row], subjects: list[str]
) -> None:
    ticket = ticket_of_workflow(*rows)

    questions = [q for q in ticket.left_open if q.kind == "bundles.changed"]

    assert [subject for question in questions for subject in question.subjects] == subjects
