"""Names of worksheets and templates are fitted to texts without patterns, in linear time."""

import pytest

from jira_pipeline.sheets.layouts.texts import is_called, template_of


@pytest.mark.parametrize(
    ("title", "name", "expected"),
    [
        ("Fields", "fields", True),
        ("Fields (Node)", "Fields (*)", True),
        ("Fields", "Fields (*)", False),
        ("v4 - Read me", "* - Read me", True),
        ("abc", "ab*bc", False),
        ("a-b-c", "a*b*c", True),
        ("a-c-b", "a*b*c", False),
    ],
)
def test_a_worksheet_is_called_by_its_name_or_by_one_with_any_text(
    title: str, name: str, expected: bool
) -> None:
    assert is_called(title, name) is expected


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("{label} ({key})", "Boat (boat)", {"label": "Boat", "key": "boat"}),
        ("{label} ({key})", "Boat", None),
        ("{label} ({key})", "Boat (of wood) (boat)", {"label": "Boat", "key": "of wood) (boat"}),
        ("Type: {label}", "Type: ", None),
        ("{}: {label}", "Type: Boat", {"label": "Boat"}),
        ("Boat", "Boat", {}),
        ("Boat", "Boats", None),
    ],
)
def test_a_template_names_the_parts_of_a_text(
    template: str, text: str, expected: dict[str, str] | None
) -> None:
    assert template_of(template).parts_in(text) == expected


@pytest.mark.parametrize("template", ["{label", "{a}{b}", "{a} {a}", "{not a word}"])
def test_a_template_that_could_fit_in_several_ways_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="“"):
        template_of(template)


def test_a_template_with_many_ways_to_fail_tries_one() -> None:
    """A pattern would try each choice of 49 of 20,000 places: the limit of the suite would end it."""
    parts = " a ".join(f"{{part{number}}}" for number in range(50))
    template = template_of(f"{parts} b {{last}}!")

    assert template.parts_in("x a " * 20_000 + "!") is None
    assert template.parts_in("x a " * 20_000 + " b x!") is not None
