"""Small forms are checked field by field, in plain words; large ones by what fields share."""

import pytest

from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.writers.rubric import items_of
from jira_pipeline_tests.writers.test_template_writer import written

PAGE = "Page (Content type)"


def statements_on(*rows: Row, notes: str = "") -> list[str]:
    """The statements of a content type with these fields."""
    prose = written(
        "Configure content type: Page",
        bundles=[
            bundle("Page", "page") | {"Settings/notes": notes},
            bundle("Tag", "tag", "Vocabulary", x="x"),
        ],
        fields=[*rows, field("Tag (Vocabulary)", "field_z", "x")],
    )
    return items_of(prose.parts.verification)


@pytest.mark.parametrize(
    ("cells", "statement"),
    [
        (
            {"Field type": "Link", "Req'd": "y", "Vals.": "1"},
            "Source field_a must be filled with one link",
        ),
        (
            {"Field type": "Link", "Req'd": "y", "Vals.": "*"},
            "Source field_a must be filled with at least one link",
        ),
        (
            {"Field type": "Link", "Req'd": "y", "Vals.": "4"},
            "Source field_a must be filled with one to 4 links",
        ),
        (
            {"Field type": "Email", "Req'd": "n", "Vals.": "1"},
            "Source field_a takes one e-mail address and may stay empty",
        ),
        (
            {"Field type": "Email", "Req'd": "n", "Vals.": "Unlimited"},
            "Source field_a takes any number of e-mail addresses and may stay empty",
        ),
        (
            {"Field type": "Date", "Req'd": "", "Vals.": ""},
            "Source field_a takes a date",
        ),
        (
            {"Field type": "Date", "Req'd": "y", "Vals.": "1", "Settings/notes": "Date only"},
            "Source field_a must be filled with one date without a time",
        ),
        (
            {"Field type": "Date range", "Req'd": "y", "Vals.": "1", "Settings/notes": "Date only"},
            "Source field_a must be filled with one date range without times",
        ),
        (
            {
                "Field type": "Image",
                "Vals.": "1",
                "Settings/notes": "Render as card and use object fit",
            },
            "Source field_a takes one image, may stay empty and is rendered as card, using object fit",
        ),
        (
            {"Field type": "List (text)", "Settings/notes": "Default: Left"},
            "Source field_a takes one option, may stay empty and starts with Left",
        ),
        (
            {"Field type": "Boolean", "Req'd": "y", "Vals.": "1"},
            "Source field_a can be switched on and off",
        ),
        (
            {"Field type": "Text (formatted, long)", "Req'd": "y", "Vals.": "1"},
            "Source field_a must be filled with formatted text",
        ),
        (
            {"Field type": "Colour", "Req'd": "y", "Vals.": "1"},
            "Source field_a must be filled with one value of type Colour",
        ),
        (
            {"Field type": "Entity reference", "Ref. bundle": "Tag (Vocabulary)", "Vals.": "2"},
            "Source field_a takes up to 2 items of Tag (Vocabulary) and may stay empty",
        ),
        (
            {"Field type": "Entity reference", "Req'd": "y", "Vals.": "1"},
            "Source field_a must be filled with one reference",
        ),
        (
            {"Field type": "List (text)", "Req'd": "y", "Settings/notes": "Options: Left, Right."},
            "Source field_a must be filled with one option of “Left, Right”",
        ),
        (
            {"Field type": "List (text)", "Settings/notes": "Options: every view is an option."},
            (
                "Source field_a takes one option and may stay empty; as noted: “Options: every "
                "view is an option”"
            ),
        ),
    ],
)
def test_a_field_is_told_by_what_it_takes(cells: Row, statement: str) -> None:
    row = field(PAGE, "field_a") | {"Field label": "Source", "Vals.": "1"} | cells

    assert statement in statements_on(row)


def test_what_a_note_promises_is_said_in_words_and_what_no_phrase_fits_is_quoted() -> None:
    row = field(PAGE, "field_a", req="y") | {
        "Field label": "Button",
        "Field type": "Link",
        "Vals.": "1",
        "Settings/notes": "External only, text required. Only two fit beside each other.",
    }

    assert (
        "Button field_a must be filled with one link, refuses internal paths and asks for a link "
        "text; as noted: “Only two fit beside each other”"
    ) in statements_on(row)


def test_a_field_that_is_not_on_the_form_is_not_said_to_be_filled_there() -> None:
    row = field(PAGE, "field_a", req="y", ref="Tag (Vocabulary)") | {
        "Field label": "List",
        "Vals.": "1",
        "Settings/notes": "Page term selected by default. Field hidden from node form.",
    }

    assert (
        "List field_a keeps one item of Tag (Vocabulary), starts with the term Page and is not on "
        "the form"
    ) in statements_on(row)


def test_the_label_of_an_item_names_it() -> None:
    row = field(PAGE, "-") | {"Field label": "Title", "Field type": "Entity label"}

    assert "“Title” names each item" in statements_on(row, field(PAGE, "field_a"))


def test_a_field_whose_machine_name_is_missing_is_told_by_its_label() -> None:
    row = field(PAGE, "-") | {"Field label": "Source", "Field type": "Link", "Vals.": "*"}

    assert "“Source” takes any number of links and may stay empty" in statements_on(row)


@pytest.mark.parametrize(("count", "is_single"), [(6, True), (7, False)])
def test_up_to_six_fields_are_told_one_by_one(count: int, *, is_single: bool) -> None:
    rows = [field(PAGE, f"field_{n}", req="y") for n in range(count)]

    told = statements_on(*rows)

    assert any("must be filled with" in statement for statement in told) is is_single
    assert any(statement.startswith("Every field is required") for statement in told) is (
        not is_single
    )


@pytest.mark.parametrize(
    ("note", "statement"),
    [
        (
            "Only site admins can create, all can delete and edit.",
            "site admins can create it, others cannot; all can delete and edit it",
        ),
        (
            "Site admins can add/edit/delete only",
            "site admins can add/edit/delete it, others cannot",
        ),
        (
            "Market editors and admins only",
            "market editors and admins can work with it, others cannot",
        ),
        (
            "Add page template to restrict access to logged in users",
            "logged in users can open its pages, others cannot",
        ),
        ("Admins may see more of it.", "“Admins may see more of it”"),
        ("Terms are created by admins only", "“Terms are created by admins only”"),
    ],
)
def test_who_may_is_said_with_who_may_not(note: str, statement: str) -> None:
    assert f"Access, tried out: {statement}" in statements_on(field(PAGE, "field_a"), notes=note)
