"""The elements of a webform."""

from jira_pipeline.drupal.bundle.elements import Elements, check, facts
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of, plain
from jira_pipeline_tests.drupal.made_rows import said_by
from jira_pipeline_tests.tables import each

LISTED = "Elements: name, email."


def test_a_webform_has_the_elements_of_its_row() -> None:
    forms = bundles_of(boat(type="Webform", note=LISTED), anchor(type="Webform"))

    assert plain(check(forms)) == [
        (
            "Build of Boat lists the elements of its row; "
            "Settings > Emails / Handlers lists its handlers."
        )
    ]


@each(("type_", "note"), [("Webform", "Asks for the harbour."), ("Vocabulary", LISTED)])
def test_nothing_is_claimed_of_other_notes_and_bundles(type_: str, note: str) -> None:
    assert plain(check(bundles_of(boat(type=type_, note=note)))) == []


@each(
    ("type_", "note", "fact"),
    [
        ("Webform", LISTED, Elements.IN_NOTE),
        ("Webform", "Asks for the harbour.", Elements.ELSEWHERE),
        ("Vocabulary", LISTED, Elements.NONE),
    ],
)
def test_where_elements_are_said_is_a_fact(type_: str, note: str, fact: Elements) -> None:
    assert said_by(facts(bundles_of(boat(type=type_, note=note)))) == [(fact, "boat")]
