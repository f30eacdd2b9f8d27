"""What other forms of a bundle have of a field."""

from jira_pipeline.drupal.comparisons import PROSE, CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.other_forms import (
    COLUMN,
    COUNTERPART,
    NoOtherForms,
    OnOtherForms,
    OtherForm,
    OtherFormsFact,
    OtherWords,
    check,
    is_on_other_form,
    other_forms_of,
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
from jira_pipeline_tests.tables import each

OFF = "-- Disabled --"
GRANT = OtherForm("grant", "Text area (Costs)")


@each(
    ("cell", "fact", "is_on"),
    [
        ("grant: Text area (Costs)", OnOtherForms((GRANT,)), True),
        (
            "grant: Text area (Costs); edit: –",
            OnOtherForms((GRANT, OtherForm("edit", ""))),
            True,
        ),
        ("grant:Text area (Costs)\nedit: -", OnOtherForms((GRANT, OtherForm("edit", ""))), True),
        ("edit: –", OnOtherForms((OtherForm("edit", ""),)), False),
        ("on the form of the crew", OtherWords(), True),
        ("", NoOtherForms(), False),
    ],
)
def test_a_row_says_what_each_other_form_has_of_a_field(
    cell: str, fact: OtherFormsFact, is_on: bool
) -> None:
    row = row_of(field(other_forms=cell))

    assert other_forms_of(row) == fact
    assert is_on_other_form(row) is is_on


def test_a_field_on_another_form_is_not_asked_about() -> None:
    on_form, hidden = field("field_hull"), field("field_mast", widget=OFF)
    elsewhere = field("field_sail", widget=OFF, other_forms="grant: Textfield")
    nowhere = field("field_keel", widget=OFF, other_forms="edit: –")

    (question,) = asked("bundles.off_the_form", ticket_of(on_form, hidden, elsewhere, nowhere))

    assert "field_mast" in question
    assert "field_keel" in question
    assert "field_sail" not in question


def test_a_required_field_on_another_form_is_not_asked_about() -> None:
    elsewhere = field("field_sail", required="y", widget=OFF, other_forms="grant: Textfield")
    nowhere = field("field_keel", required="y", widget=OFF, other_forms="edit: –")

    (question,) = asked("bundles.not_on_the_form", ticket_of(elsewhere, nowhere))

    assert "field_keel" in question
    assert "field_sail" not in question


def test_each_other_form_is_checked_for_what_it_has() -> None:
    fields = fields_of(
        field("field_hull", other_forms="grant: Text area (Costs); edit: –"),
        field("field_mast", other_forms="grant: Textfield"),
        field("field_sail", other_forms="somewhere else"),
    )

    assert sentences(check(fields)) == [
        "On Manage form display, tab grant, field_hull and field_mast have the widgets of their rows.",
        "On Manage form display, tab edit, field_hull is under Disabled.",
    ]


def test_a_form_with_one_such_field_is_checked_for_its_widget() -> None:
    assert sentences(check(fields_of(field(other_forms="grant: Textfield")))) == [
        "On Manage form display, tab grant, field_hull has the widget of its row."
    ]


@each(
    ("cell", "on_site", "result"),
    [
        ("grant: Text area; edit: –", "edit: –; grant: Text area", Met()),
        ("grant: text area\nedit: -", "edit: –; grant: Text area", Met()),
        ("grant: Text area", "edit: –; grant: Text area", Differs()),
        ("grant: Text area", "", Differs()),
        ("grant: Text area", "on every form", Differs()),
        ("-", "", Met()),
        ("-", "edit: –", Differs()),
        ("on the form of the crew", "edit: –", NotComparable(PROSE)),
    ],
)
def test_widgets_are_compared_by_form_mode(cell: str, on_site: str, result: CellResult) -> None:
    row = field(other_forms=cell)

    assert compared(row, COUNTERPART, COLUMN.name, SiteCell(text=on_site, yaml="")) == result
