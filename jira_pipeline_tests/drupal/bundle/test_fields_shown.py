"""Fields that view modes show of a type and that it does not have."""

from jira_pipeline.drupal.bundle.fields_shown import KnownFields, UnknownFields, facts
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import asked, field, view_mode
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

CARD = view_mode(used_on="Boat", note="Boat: field_hull (string), field_mast (boolean), flag")


def asked_of(*modes: Row, moderated: str = "") -> list[str]:
    """Return what is asked about the ticket of *Boat*, which has the field `field_hull`."""
    head = boat(moderated=moderated)
    return asked(
        "bundles.shown_unknown", bundles_of(head, fields=[field()], view_modes=modes).ticket
    )


def test_what_is_meant_is_asked_once_for_all_modes() -> None:
    row = view_mode("Row", used_on="Boat", note="Boat: field_mast (string), field_oar (string)")

    assert asked_of(CARD, row) == [
        (
            "By the notes of “Card” and “Row”, “Boat” shows `field_mast` and `field_oar`, and it has no "
            "such field: what is meant?"
        )
    ]


def test_the_state_of_what_is_not_moderated_is_asked_about() -> None:
    mode = view_mode(used_on="Boat", note="Boat: moderation_state (string)")

    assert "`moderation_state`" in asked_of(mode, moderated="n")[0]
    assert asked_of(mode, moderated="y") == asked_of(mode) == []


def test_a_state_is_there_where_another_type_of_content_is_moderated() -> None:
    """Core adds it to all content: a view mode that shows it of another type shows nothing of it."""
    mode = view_mode(used_on="Boat", note="Boat: moderation_state (string)")
    moderated = anchor(moderated="y")
    ticket = bundles_of(boat(moderated="n"), moderated, fields=[field()], view_modes=[mode]).ticket

    assert asked("bundles.shown_unknown", ticket) == []


@each(
    "row",
    [
        view_mode(used_on="Boat", note="Boat: field_hull (string), field_uri of a module (link)"),
        view_mode(used_on="Boat", note="Boat: field_hull (string), flag, drivers"),
        view_mode(used_on="Boat", note="Boat: hull and mast"),
        view_mode(used_on="Boat", note="Crew: field_name (string)"),
        view_mode(used_on="Boat", note="As field_mast of the old site"),  # not by types
        view_mode(used_on="Boat", note="Boat: field_mast?"),  # another question asks
        CARD | {"X": "d"},
        CARD | {"Entities Used On": ""},
    ],
)
def test_nothing_is_asked_where_no_field_of_the_type_is_named_or_all_are_there(row: Row) -> None:
    assert asked_of(row) == []


def test_a_type_whose_fields_have_other_names_is_not_asked_about() -> None:
    ticket = bundles_of(boat(), fields=[field("hull")], view_modes=[CARD]).ticket

    assert asked("bundles.shown_unknown", ticket) == []


def test_the_names_and_their_modes_are_a_fact() -> None:
    (stated,) = facts(bundles_of(boat(), fields=[field()], view_modes=[CARD]))
    (other,) = facts(bundles_of(boat(), fields=[field()]))

    assert isinstance(stated.fact, UnknownFields)
    assert stated.fact.names == ("field_mast",)
    assert other.fact == KnownFields()
