"""What may have to come first although no sheet says so."""

from jira_pipeline.kernel.tickets import DependencySuggestion
from jira_pipeline.writing.suggestions import mentioned_groups, sensible, waiting_for
from jira_pipeline_tests.sheets.made_specifications import bundle, field
from jira_pipeline_tests.writing.harbour import facts_of_sheets

BOAT = "Configure content type: Boat"


def facts_with_note(note: str, x: str = "a"):
    notes = [field("Boat (Content type)", "field_crew", x) | {"Settings/notes": note}]
    crew = [field("Crew List (Paragraph type)", "field_name")]
    bundles = [bundle("Boat", "boat"), bundle("Crew List", "crew_list", "Paragraph type")]
    other = [field("Boat (Content type)", "field_other")]
    return facts_of_sheets({"bundles": bundles, "fields": [*notes, *other, *crew]})[BOAT]


def test_what_a_note_speaks_of_is_suggested_with_the_words_of_the_cell() -> None:
    facts = facts_with_note("Required on save. Shown above the crew list.")

    assert mentioned_groups(facts) == (
        DependencySuggestion(
            group_key="bundle:Paragraph type/crew_list",
            reason="Settings/notes of `field_crew`: “Shown above the crew list”.",
        ),
    )


def test_what_a_note_excepts_is_not_waited_for() -> None:
    facts = facts_with_note("All paragraphs allowed except crew list.")

    assert mentioned_groups(facts) == ()


def test_a_row_that_is_to_be_removed_suggests_nothing() -> None:
    facts = facts_with_note("Shown above the crew list.", x="d")

    assert mentioned_groups(facts) == ()


def test_what_a_ticket_waits_for_anyway_is_not_suggested() -> None:
    crew = field("Boat (Content type)", "field_crew", ref="Crew List (Paragraph type)")
    sheets = {
        "bundles": [bundle("Boat", "boat"), bundle("Crew List", "crew_list", "Paragraph type")],
        "fields": [
            crew | {"Settings/notes": "Opens the crew list."},
            field("Crew List (Paragraph type)", "field_name"),
        ],
    }
    facts = facts_of_sheets(sheets)[BOAT]

    assert [d.group_key for d in facts.group.dependencies] == ["bundle:Paragraph type/crew_list"]
    assert mentioned_groups(facts) == ()


def test_only_the_first_of_several_reasons_is_kept() -> None:
    facts = facts_with_note("Plain.")
    key = "bundle:Paragraph type/crew_list"
    reasons = ("One.", "Two.")

    found = sensible(facts, (DependencySuggestion(group_key=key, reason=r) for r in reasons))

    assert [s.reason for s in found] == ["One."]


def test_all_that_wait_are_found_over_several_steps() -> None:
    chain = ["Anchor", "Boat", "Crew"]
    sheets = {
        "bundles": [bundle(name, name.casefold()) for name in chain],
        "fields": [
            field("Anchor (Content type)", "field_weight"),
            field("Boat (Content type)", "field_anchor", ref="Anchor (Content type)"),
            field("Crew (Content type)", "field_boat", ref="Boat (Content type)"),
        ],
    }
    facts = facts_of_sheets(sheets)["Configure content type: Anchor"]

    assert waiting_for(facts) == {
        "bundle:Content type/anchor",
        "bundle:Content type/boat",
        "bundle:Content type/crew",
    }
