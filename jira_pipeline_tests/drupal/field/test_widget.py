"""The widget of a field."""

from jira_pipeline.drupal.comparisons import CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.widget import (
    COLUMN,
    COUNTERPART,
    HiddenWidget,
    NotForType,
    NoWidget,
    UnknownWidget,
    Widget,
    WidgetFact,
    check,
    fields_on_form,
    is_on_form,
    widget_of,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    compared,
    field,
    fields_of,
    row_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

WRONG = field(type="Text (plain)", widget="Select list")
HULL = field("field_hull", widget="Textfield")
MAST = field("field_mast", widget="Textfield")
SELECT_LIST = SiteCell(text="Select list", values=("options_select",), yaml="")
DISABLED = SiteCell(text="-- Disabled --", yaml="")
PARAGRAPHS = {"type": "Entity reference", "widget": "Paragraphs Stable"}


def claimed(*rows: Row, status: str = "a") -> list[str]:
    return sentences(check(fields_of(*rows, status=status)))


# The fact.


@each(
    ("row", "fact"),
    [
        (field(widget="Textfield"), Widget("Textfield")),
        (WRONG, NotForType("Select list", "Text (plain)")),
        (field(type="List (text)", widget="Select list"), Widget("Select list")),
        (field(widget="text FIELD"), Widget("text FIELD")),
        (field(type="Link", widget="Link"), Widget("Link")),  # nobody lists what it edits
        (field(widget="Knot picker"), UnknownWidget("Knot picker")),
        (field(widget="-- Disabled --"), HiddenWidget()),
        (field(widget="Hidden"), HiddenWidget()),
        (field(widget=""), NoWidget()),
        (field(widget="-"), NoWidget()),
    ],
)
def test_the_widget_is_what_the_cell_says_beside_the_type(row: Row, fact: WidgetFact) -> None:
    assert widget_of(row_of(row)) == fact


@each(
    "row",
    [
        field(type="Number", widget="Textfield"),  # one of three types, or a text
        field(type="Tide table", widget="Textfield"),  # of a module that nobody knows
        field(type="", widget="Select list"),
    ],
)
def test_a_widget_beside_a_type_that_is_not_certain_is_not_doubted(row: Row) -> None:
    assert isinstance(widget_of(row_of(row)), Widget)


def test_an_element_of_a_webform_has_no_widget_of_core() -> None:
    assert widget_of(row_of(WRONG, "Webform")) == Widget("Select list")


@each(
    ("row", "is_offered"),
    [
        (field(widget="Textfield"), True),
        (field(widget="-- Disabled --"), False),
        (field(note="Hidden on the form."), False),
        (field(note="Hidden on the form until the boat sails."), True),
        (field("layout_builder__layout", type="Layout"), False),
    ],
)
def test_a_form_offers_a_field_that_nothing_hides(row: Row, *, is_offered: bool) -> None:
    assert is_on_form(row_of(row)) is is_offered


def test_fields_on_the_form_are_those_that_no_question_doubts() -> None:
    hidden = field("field_keel", widget="-- Disabled --")
    misnamed = field("Field Sail", widget="Textfield")

    on_form = fields_on_form(fields_of(HULL, hidden, misnamed))

    assert [row.machine_name for row in on_form] == ["field_hull"]


# The question.


def test_which_of_type_and_widget_holds_is_asked_and_the_type_built_meanwhile() -> None:
    (assumption,) = asked("bundles.widget", ticket_of(WRONG))

    assert assumption == (
        "“Hull” (`field_hull`): the field type “Text (plain)” with its usual form widget; "
        "Drupal does not combine “Text (plain)” with “Select list”."
    )


@each("row", [field(widget="Textfield"), field(widget="Knot picker"), field(widget="Disabled")])
def test_nothing_is_asked_about_another_widget(row: Row) -> None:
    assert asked("bundles.widget", ticket_of(row)) == []


@each(
    ("target", "cells", "built"),
    [
        ("Deck (Paragraph type)", PARAGRAPHS, "the form widget “Paragraphs Stable” with its"),
        ("Sail (Content type)", PARAGRAPHS, "the field type “Entity reference” with its usual"),
        ("Deck (Paragraph type), Sail", PARAGRAPHS, "the field type “Entity reference”"),
        ("Deck (Paragraph type)", PARAGRAPHS | {"widget": "Textfield"}, "the field type"),
        # Layout Paragraphs edits paragraphs, too; it is not counted among them yet.
        ("Deck (Paragraph type)", PARAGRAPHS | {"widget": "Layout Paragraphs"}, "the field type"),
    ],
)
def test_a_widget_of_paragraphs_is_built_where_the_row_refers_to_paragraphs_only(
    target: str, cells: dict[str, str], built: str
) -> None:
    others = [bundle("Deck", "deck", "Paragraph type"), bundle("Sail", "sail")]

    (assumption,) = asked("bundles.widget", ticket_of(field(target=target, **cells), others=others))

    assert f": {built}" in assumption


# The sentence.


def test_the_widget_of_a_single_field_is_named() -> None:
    assert claimed(HULL) == ["On Manage form display field_hull has the widget Textfield."]


def test_the_widgets_of_several_fields_are_those_of_the_table() -> None:
    assert claimed(HULL, MAST) == [
        "On Manage form display each field uses the widget of the table."
    ]


def test_fields_under_disabled_are_not_on_the_form() -> None:
    keel = field("field_keel", widget="-- Disabled --")

    assert claimed(HULL, MAST, keel) == [
        "On Manage form display each field on the form uses the widget of the table."
    ]


@each(
    "row",
    [
        field("field_keel", widget=""),
        field("field_keel", widget="Select list"),  # a question asks which of type and widget holds
        field("field_keel", widget="Knot picker"),
        field("field_keel", type="Tide table", widget="Textfield"),
        field("field_keel", type="Number", widget="Link"),  # a question asks for the type
    ],
)
def test_a_field_whose_widget_is_not_certain_is_left_out(row: Row) -> None:
    assert claimed(HULL, MAST, row) == [
        "On Manage form display each field except field_keel uses the widget of the table."
    ]


@each(
    "row",
    [
        field("field_keel", widget="Knot picker", note="Module: knots."),
        field("field_keel", widget="Knot picker on deck"),  # as a field of the site has it
    ],
)
def test_an_unknown_widget_is_certain_where_something_brings_it(row: Row) -> None:
    on_site = field("field_rope", widget="Knot picker on deck", status="x")

    assert claimed(HULL, row, on_site) == [
        "On Manage form display each field uses the widget of the table."
    ]


def test_nothing_is_claimed_where_no_widget_is_certain() -> None:
    assert claimed(field(widget="")) == []


def test_fields_left_out_of_the_sentence_before_are_not_named_again() -> None:
    unknown = [field(f"field_{n}", type="Tide table", widget="Tides") for n in range(4)]
    others = " except field_0, field_1 and field_2"

    assert claimed(HULL, MAST, *unknown) == [
        "On Manage form display each field except these uses the widget of the table."
    ]
    assert claimed(HULL, MAST, *unknown[:3]) == [
        f"On Manage form display each field{others} uses the widget of the table."
    ]


def test_fields_left_out_that_no_sentence_has_named_are_named() -> None:
    unknown = [field(f"field_{n}", widget="Tides") for n in range(4)]

    assert claimed(HULL, MAST, *unknown) == [
        (
            "On Manage form display each field except field_0, field_1, field_2 and field_3 uses the "
            "widget of the table."
        )
    ]


def test_of_a_type_that_is_there_new_and_changed_fields_have_the_widgets_of_the_table() -> None:
    changed = field("field_mast", widget="Textfield", status="c")
    untouched = field("field_keel", widget="Textfield", status="x")

    assert claimed(HULL, changed, untouched, status="c") == [
        "On Manage form display each new or changed field uses the widget of the table."
    ]


# The comparison with a site.


@each(
    ("cell", "on_site", "result"),
    [
        ("Textfield", SELECT_LIST, Differs()),
        ("Select list", SELECT_LIST, Met()),
        ("options_select", SELECT_LIST, Met()),
        ("Disabled", DISABLED, Met()),
        ("Disabled", SELECT_LIST, Differs()),
        ("Select list", DISABLED, Differs()),
        ("A long list", DISABLED, Differs()),
        ("n/a", DISABLED, NotComparable("not applicable")),
        ("A long list", SELECT_LIST, NotComparable("an unknown spelling: A long list")),
    ],
)
def test_a_widget_is_compared_by_its_name_and_disabled_in_any_word(
    cell: str, on_site: SiteCell, result: CellResult
) -> None:
    assert compared(field(widget=cell), COUNTERPART, COLUMN.name, on_site) == result
