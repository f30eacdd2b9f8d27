"""The values that a list offers."""

from jira_pipeline.drupal.comparisons import CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.allowed_values import (
    COUNTERPART,
    NotAList,
    NoValues,
    Values,
    ValuesFact,
    check,
    facts,
    values_of,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.open_questions import Audience, OpenQuestion
from jira_pipeline_tests.drupal.made_rows import compared, field, fields_of, sentences, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

LIST = {"type": "List (text)", "widget": "Select list"}
RIG = "Options: Sloop, Ketch."
ANCHOR = "Anchor (Content type)"
ANCHOR_THERE = bundle("Anchor", "anchor", x="x")
OTHERS = [ANCHOR_THERE, *(bundle(n, n.casefold()) for n in ("Chart", "Dinghy", "Float", "Yard"))]

AFTER_CHART = field(
    "field_chart",
    type="Entity reference",
    widget="Autocomplete",
    target="Chart (Content type)",
    required="y",
)
"""Makes the ticket of *Boat* wait for that of *Chart*."""


def rig(note: str = "", **cells: str) -> Row:
    """Make the row of a list, of *Boat* unless `cells` say otherwise."""
    return field("field_rig", note=note, **LIST | cells)


def values_in(*rows: Row) -> ValuesFact:
    """Read the fact of the first field of *Boat*."""
    ticket = ticket_of(*rows, others=OTHERS)
    return values_of(ticket.group.members[0], ticket.session.index)


def asked_in(*rows: Row, type_: str = "Content type") -> list[OpenQuestion]:
    ticket = ticket_of(*rows, type_=type_, others=OTHERS)
    return [question for question in ticket.left_open if question.kind == "bundles.options"]


def claimed(*rows: Row) -> list[str]:
    return sentences(check(fields_of(*rows, others=OTHERS)))


# The fact.


@each(
    ("rows", "items"),
    [
        ([rig(RIG)], ("Sloop", "Ketch")),
        ([rig(options="Sloop\nKetch")], ("Sloop", "Ketch")),
        ([rig("See the sheet."), rig(RIG, bundle=ANCHOR)], ("Sloop", "Ketch")),
        ([rig("Options: Yawl, Cat.", bundle=ANCHOR), rig(RIG)], ("Sloop", "Ketch")),
        ([rig("Options: see the sheet Rigs.")], ()),  # one text, which may say where they are
    ],
)
def test_the_values_are_those_of_the_row_or_of_its_storage(
    rows: list[Row], items: tuple[str, ...]
) -> None:
    fact = values_in(*rows)

    assert isinstance(fact, Values)
    assert fact.options.items == items


def test_the_first_row_of_a_storage_with_values_counts() -> None:
    fact = values_in(
        rig(), rig(RIG, bundle=ANCHOR), rig("Options: Yawl, Cat.", bundle="Chart (Content type)")
    )

    assert isinstance(fact, Values)
    assert fact.options.items == ("Sloop", "Ketch")


@each(
    ("rows", "fact"),
    [
        ([rig()], NoValues()),
        ([rig("Sloop, Ketch and so on.")], NoValues()),
        ([rig(), rig(RIG, bundle=ANCHOR, status="w")], NoValues()),
        ([rig(), rig(RIG, bundle=ANCHOR, status="d")], NoValues()),
        ([rig(), field("field_mast", note=RIG, bundle=ANCHOR, **LIST)], NoValues()),
        ([field(note=RIG)], NotAList()),
    ],
)
def test_a_list_may_be_without_values_that_are_known(rows: list[Row], fact: ValuesFact) -> None:
    assert values_in(*rows) == fact


def test_the_facts_of_a_ticket_are_those_of_its_lists() -> None:
    assert [stated.fact for stated in facts(fields_of(rig(), field()))] == [NoValues()]


# The question.


def test_the_values_of_a_list_are_asked_for() -> None:
    (question,) = asked_in(rig())

    assert question.question == (
        "Which values should the list “Rig” (`field_rig`) offer? The sheets don’t list any."
    )
    assert question.audience == Audience.CLIENT


@each(
    "note",
    [
        "Options: see the sheet Rigs.",
        "As drawn.",
        "Modules: knots, ropes.",  # in a known form, and of something else
    ],
)
def test_a_note_that_lists_nothing_answers_nothing(note: str) -> None:
    assert len(asked_in(rig(note))) == 1


@each(
    "rows",
    [
        [rig(RIG)],
        [rig(), rig(RIG, bundle=ANCHOR, status="a")],
        [rig(), rig(bundle=ANCHOR, status="x")],  # the site has the list with its values
        [rig("Options: tbc by the master.")],  # asked as what the note leaves open
        [rig("The values are those that rigs() returns.")],
        [rig("A sloop, a ketch")],
        [rig(), rig("A sloop, a ketch", bundle=ANCHOR, status="a")],
        [field()],
        [field("-", label="Rig", **LIST)],
        [field("status", **LIST)],
    ],
)
def test_nothing_is_asked_where_something_is_said_of_values(rows: list[Row]) -> None:
    assert asked_in(*rows) == []


def test_values_that_another_column_may_list_are_not_asked_for() -> None:
    assert asked_in(rig() | {"Rigs of the harbour": "sloop, ketch"}) == []


def test_the_first_new_field_of_a_storage_asks_for_all() -> None:
    chart, yard = "Chart (Content type)", "Yard (Content type)"

    (question,) = asked_in(rig(), rig(bundle=chart), rig(bundle=yard))

    assert question.question.endswith(" The same hold on Chart and Yard.")
    assert asked_in(rig(bundle=chart), rig()) == []


def test_a_list_to_remove_or_of_a_bundle_that_waits_asks_for_none() -> None:
    waiting = bundle("Barge", "barge", x="w")
    ticket = ticket_of(rig(bundle="Barge (Content type)"), rig(), others=[waiting])

    (question,) = [q for q in ticket.left_open if q.kind == "bundles.options"]

    assert "The same hold on" not in question.question
    assert len(asked_in(rig(bundle="Chart (Content type)", status="w"), rig())) == 1


def test_many_other_bundles_are_counted() -> None:
    names = ("Chart", "Dinghy", "Float", "Yard")

    (question,) = asked_in(rig(), *(rig(bundle=f"{name} (Content type)") for name in names))

    assert question.question.endswith(" The same hold on 4 other types.")


def test_a_bundle_that_no_row_names_is_not_named() -> None:
    (question,) = asked_in(rig(), rig(bundle="Buoy (Content type)"))

    assert "The same hold on" not in question.question


def test_another_field_of_the_storage_that_is_no_list_does_not_ask() -> None:
    (question,) = asked_in(field("field_rig", bundle="Chart (Content type)"), rig())

    assert "The same hold on" not in question.question


def test_lines_of_a_note_are_likely_its_values() -> None:
    (question,) = asked_in(rig("As in the register:\n- Sloop\n- Ketch, old"))

    assert "Its notes have a list and do not say of what." in question.question
    assert question.suggested_answer == "Sloop; Ketch, old"


def test_what_the_column_says_instead_is_quoted() -> None:
    (question,) = asked_in(rig(options="See the register"))

    assert "“Allowed values” says “See the register”." in question.question


@each("type_", ["Paragraph type", "Custom block type"])
def test_the_values_of_a_part_of_a_page_are_asked_of_the_agency(type_: str) -> None:
    (question,) = asked_in(rig(), type_=type_)

    assert question.audience == Audience.AGENCY


def test_each_element_of_a_webform_asks_for_itself() -> None:
    assert len(asked_in(rig(), type_="Webform")) == 1


# The sentence.


def test_a_list_on_the_form_offers_its_values() -> None:
    mast = field("field_mast", note="Options: Oak / Pine.", **LIST)

    assert claimed(rig(RIG), mast, field()) == [
        "field_rig offers “Sloop” and “Ketch”; field_mast offers “Oak” and “Pine”."
    ]


def test_a_word_for_a_range_may_be_in_one_of_several_values() -> None:
    assert claimed(rig("Options: Up to 5; Over 5.")) == ["field_rig offers “Up to 5” and “Over 5”."]


def test_the_sentence_states_the_texts_of_the_lists_that_it_quotes() -> None:
    in_markup = field("field_mast", note="Options: <b>Oak</b>, Pine.", **LIST)

    (claim,) = check(fields_of(in_markup, rig(RIG)))

    assert claim.values == ("Sloop, Ketch",)


def test_values_that_nobody_can_tell_apart_are_quoted_as_one_text() -> None:
    assert claimed(rig("Options: Sloop of oak, ketch of pine, Yawl.")) == [
        "field_rig offers “Sloop of oak, ketch of pine, Yawl”."
    ]


@each(
    "rows",
    [
        [rig()],
        [rig("Options: 1 to 10.")],
        [rig("Options: see the sheet Rigs.")],
        [rig("Options: <b>Sloop</b>, Ketch.")],
        [rig(RIG, widget="-- Disabled --")],
        [rig(RIG), rig("Options: Yawl, Cat.", bundle=ANCHOR, status="x")],
        [rig(RIG, type="List (integer)"), rig(RIG, bundle=ANCHOR, status="x")],
        [field(note=RIG)],
    ],
)
def test_no_values_are_claimed_that_are_not_certain(rows: list[Row]) -> None:
    assert claimed(*rows) == []


# The comparison with a site.


@each(
    ("note", "on_site", "result"),
    [
        (RIG, "Options: Ketch, Sloop", Met()),
        (RIG, "Options: Ketch, Yawl", Differs(only_on_site=("Yawl",), only_in_sheet=("Sloop",))),
        ("As drawn.", "Options: Ketch, Yawl", NotComparable("prose")),
        (RIG, "", NotComparable("the export has no such setting")),
    ],
)
def test_the_values_are_compared_in_any_order(note: str, on_site: str, result: CellResult) -> None:
    row = rig(note)
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(row, COUNTERPART, "Settings/notes", site_cell) == result
