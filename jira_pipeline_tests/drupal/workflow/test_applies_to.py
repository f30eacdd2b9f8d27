"""What a workflow applies to."""

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.workflow.applies_to import AppliesTo, applies_to_of, check, say
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import asked, sentences, ticket_of_list
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

GATE = bundle("Lock gate", "lock_gate", x="x")
QUAY = bundle("Quay", "quay")


def ticket_of(cell: str, *bundles: Row) -> TicketRows:
    workflow = {"Label": "Yard", "Machine name": "yard", "X": "a", "Applies to": cell}
    return ticket_of_list(EntityKind.WORKFLOW, workflows=[workflow], bundles=bundles)


def applies_to(cell: str, *bundles: Row) -> AppliesTo:
    ticket = ticket_of(cell, *bundles)
    return applies_to_of(ticket.head, ticket.session.specification)


@each(
    ("cell", "is_meant"),
    [
        ("Lock gate", True),
        ("Harbour, Lock gate", True),
        ("Harbour; lock_gate", True),
        ("Content types: Lock gate and harbour", True),
        ("Lock gate (Content type)", True),
        ("node: lock_gate", True),
        ("Gate", False),
        ("Main lock gate", False),
        ("All but lock gate, quay", False),
        ("Not lock gate", False),
        ("Lock gate, but not quay", False),
        ("-", False),
        ("", False),
    ],
)
def test_a_cell_lists_bundles_by_name_label_or_machine_name(cell: str, *, is_meant: bool) -> None:
    assert is_meant is bool(applies_to(cell, GATE).bundles)


@each("name", ["Not for sale", "Sun & sea", "Deck: aft"])
def test_the_name_of_a_bundle_is_whole_whatever_words_and_marks_it_has(name: str) -> None:
    named = applies_to(f"{name}, Lock gate", bundle(name, "odd"), GATE).bundles

    assert [row.machine_name for row in named] == ["odd", "lock_gate"]


def test_bundles_come_in_the_order_of_their_sheet_without_those_that_go() -> None:
    gone = bundle("Mole", "mole", x="d")

    named = applies_to("Quay, Mole, Lock gate", GATE, gone, QUAY).bundles

    assert [row.label for row in named] == ["Lock gate (Content type)", "Quay (Content type)"]


@each(
    ("cell", "unknown"),
    [
        ("Lock gate, Harbour", ("Harbour",)),
        ("Lock gate, Harbour, Pier", ("Harbour", "Pier")),
        ("Lock gate, -", ()),
        ("Lock gate, lock_gate and Quay", ()),
        ("Lock gate, Lock gate (Content type)", ()),
        ("Harbour, Pier", ()),
        ("-, Harbour", ()),
        ("Sun & sea, Harbour", ("Harbour",)),
        ("Lock gate but not Harbour", ()),
        ("", ()),
    ],
)
def test_a_name_that_no_bundle_has_is_unknown_beside_a_known_one(
    cell: str, unknown: tuple[str, ...]
) -> None:
    beach = bundle("Sun & sea", "beach")

    assert applies_to(cell, GATE, QUAY, beach).unknown_names == unknown


def test_which_bundle_is_meant_by_an_unknown_name_is_asked() -> None:
    ticket = ticket_of("Lock gate, Harbour", GATE)

    (question,) = [q for q in ticket.left_open if q.kind == "lists.unknown"]
    assert question.question == (
        "“Yard” names the type “Harbour”, which no row has: which one is meant?"
    )
    assert question.disputes == "Applies to"
    assert asked("lists.unknown", ticket_of("Lock gate", GATE)) == []


def test_the_workflow_applies_to_what_is_there_by_then() -> None:
    workflow = TicketWorkflow(ticket=ticket_of("Lock gate", GATE))

    assert sentences(check(workflow)) == ["“This workflow applies to” lists Lock gate."]
    assert sentences(say(workflow)) == []


def test_what_a_later_ticket_creates_is_added_then() -> None:
    workflow = TicketWorkflow(ticket=ticket_of("Quay, Lock gate", GATE, QUAY))

    assert sentences(say(workflow)) + sentences(check(workflow)) == [
        "Added to the workflow when the type exists: Quay.",
        "“This workflow applies to” lists Lock gate.",
    ]


def test_nothing_is_said_of_a_workflow_that_lists_nothing() -> None:
    workflow = TicketWorkflow(ticket=ticket_of("", GATE))

    assert sentences(say(workflow)) + sentences(check(workflow)) == []
