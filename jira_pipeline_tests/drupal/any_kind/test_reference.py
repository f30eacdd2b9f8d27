"""Names in cells that stand for other rows."""

from dataclasses import replace

from jira_pipeline.drupal.any_kind.reference import (
    AbsentRow,
    Found,
    NoRow,
    SeveralBundles,
    names_several_bundles,
    target_of,
)
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    responsive_style,
    style,
    ticket_of_list,
    ticket_of_responsive_styles,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

SMALL = style("Small")


def hero(fallback: str = "Small", **cells: str) -> Row:
    row = responsive_style(breakpoint_group="Harbour", styles="Small", fallback=fallback)
    return row | cells


def ticket_of(row: Row, *image_styles: Row) -> TicketRows:
    return ticket_of_responsive_styles(row, image_styles=image_styles)


def test_a_name_is_found() -> None:
    ticket = ticket_of(hero(), SMALL)

    assert {target_of(r, ticket.session.index) for r in ticket.head.references} == {Found()}
    assert asked("lists.unknown", ticket) == []


def test_a_name_that_no_row_has_is_asked_about_with_the_nearest() -> None:
    ticket = ticket_of(hero("Smal"), SMALL)

    dangling = [r for r in ticket.head.references if r.text == "Smal"]
    assert target_of(dangling[0], ticket.session.index) == NoRow(("Small",))
    (question,) = [q for q in ticket.left_open if q.kind == "lists.unknown"]
    assert question.question == (
        "“Hero” names the fallback image style “Smal”, which no row has: which one is meant?"
    )
    assert question.suggested_answer == "Small"
    assert question.disputes == "Fallback Style"


def test_a_name_like_no_other_has_no_answer() -> None:
    ticket = ticket_of(hero("Quay"), SMALL)

    (question,) = [q for q in ticket.left_open if q.kind == "lists.unknown"]
    assert question.suggested_answer == ""
    assert question.choices == ()


def test_only_labels_of_rows_are_proposed() -> None:
    ticket = ticket_of(hero("Smal"), SMALL)
    dangling = [r for r in ticket.head.references if r.text == "Smal"]
    reference = replace(dangling[0], candidates=("Quay", "Small"))

    assert target_of(reference, ticket.session.index) == NoRow(("Small",))


def test_a_fallback_without_a_label_is_asked_about_by_its_machine_name() -> None:
    (question,) = asked(
        "lists.unknown", ticket_of(hero("", **{"Fallback machine name": "quay"}), SMALL)
    )

    assert question.startswith("“Hero” names the fallback image style “quay”")


def test_a_fallback_is_asked_about_by_its_label() -> None:
    ticket = ticket_of(hero("Quay wall", **{"Fallback machine name": "quay"}), SMALL)

    assert {question for question in asked("lists.unknown", ticket)} == {
        "“Hero” names the fallback image style “Quay wall”, which no row has: which one is meant?"
    }


@each(("status", "fate"), [("w", "on hold"), ("d", "to be removed")])
def test_a_name_of_what_is_not_to_be_there_is_asked_about(status: str, fate: str) -> None:
    gone = SMALL | {"X": status}
    ticket = ticket_of(hero(), gone, style("Wide"))

    (reference, *_) = ticket.head.references
    fact = target_of(reference, ticket.session.index)
    assert isinstance(fact, AbsentRow)
    assert fact.row.label == "Small"
    question, *_ = [q for q in ticket.left_open if q.kind == "lists.unknown"]
    assert f"“Small”, which is {fate}:" in question.question
    assert [source.file for source in question.compared] == ["image_styles.csv"]


def test_a_name_that_comes_and_goes_is_found() -> None:
    ticket = ticket_of(hero(), SMALL | {"X": "d"}, SMALL)

    assert asked("lists.unknown", ticket) == []


def step(begin: str) -> Row:
    row = {"Workflow": "Plain", "Label": "Send", "Machine name": "send", "X": "a"}
    return row | {"From state": begin, "To state": "Draft"}


def state(workflow: str, label: str) -> Row:
    return {"Workflow": workflow, "Label": label, "Machine name": label.casefold(), "X": "a"}


@each(("begin", "is_asked"), [("waiting", False), ("moored", True), ("Any", False)])
def test_a_machine_name_of_another_owner_is_no_unknown_name(begin: str, *, is_asked: bool) -> None:
    ticket = ticket_of_list(
        EntityKind.WORKFLOW,
        workflows=[{"Label": "Plain", "Machine name": "plain", "X": "a"}],
        states=[state("Plain", "Draft"), state("Odd", "Waiting")],
        transitions=[step(begin)],
    )

    assert bool(asked("lists.unknown", ticket)) is is_asked


def mode(used_on: str, entity_type: str = "") -> Row:
    return {"View Modes": "Card", "Entity Type": entity_type, "X": "a", "Entities Used On": used_on}


BOATS = [bundle("Boat", "boat"), bundle("Boat", "boat_list", "Vocabulary")]


def test_a_name_of_several_bundles_is_asked_about_without_an_answer() -> None:
    ticket = ticket_of_list(EntityKind.VIEW_MODE, view_modes=[mode("Boat")], bundles=BOATS)

    (reference,) = ticket.head.references
    assert names_several_bundles(reference, ticket.session.index)
    fact = target_of(reference, ticket.session.index)
    assert isinstance(fact, SeveralBundles)
    (question,) = [q for q in ticket.left_open if q.kind == "lists.unknown"]
    assert "names the type “Boat”, which several rows have" in question.question
    assert question.suggested_answer == ""
    assert set(question.choices) == {*fact.nearest}


def test_one_bundle_of_a_name_is_not_several() -> None:
    ticket = ticket_of_list(EntityKind.VIEW_MODE, view_modes=[mode("Boats")], bundles=BOATS[:1])

    (reference,) = ticket.head.references
    assert not names_several_bundles(reference, ticket.session.index)


def test_a_name_with_its_entity_type_is_of_one_bundle() -> None:
    sheets = {"view_modes": [mode("Boat", "Content type")], "bundles": BOATS}
    ticket = ticket_of_list(EntityKind.VIEW_MODE, **sheets)

    (reference,) = ticket.head.references
    assert not names_several_bundles(reference, ticket.session.index)
    assert target_of(reference, ticket.session.index) == Found()


def test_bundles_do_not_have_the_name_of_an_image_style() -> None:
    ticket = ticket_of_list(
        EntityKind.RESPONSIVE_IMAGE_STYLE, responsive=[hero("Boat")], bundles=BOATS
    )

    facts = [target_of(r, ticket.session.index) for r in ticket.head.references if r.text == "Boat"]
    assert facts == [NoRow(())]


@each(("owner", "is_asked"), [("Boat", True), ("Harbour", False)])
def test_the_owner_of_an_ownerless_row_is_asked_about_where_several_have_its_name(
    owner: str, *, is_asked: bool
) -> None:
    hull = {"Bundle": owner, "Field label": "Hull", "Machine name": "field_hull", "X": "a"}
    ticket = ticket_of_list(EntityKind.FIELD, bundles=BOATS, fields=[hull])

    assert bool(asked("lists.unknown", ticket)) is is_asked
