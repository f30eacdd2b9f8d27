"""Suggestions as people decide on them."""

from dataclasses import replace

from jira_pipeline.kernel.tickets import DependencySuggestion, Ticket, Withdrawal
from jira_pipeline.review.suggestions import accepting, suggested_dependencies
from jira_pipeline.session.commands import command_of
from jira_pipeline_tests.documents.made_tickets import made_tickets
from jira_pipeline_tests.sheets.made_specifications import bundle, field


def two_tickets() -> tuple[Ticket, Ticket]:
    """Return the tickets of two content types; a model says the first may wait for the second."""
    made = made_tickets(
        bundles=[bundle("Boat", "boat"), bundle("Crew", "crew")],
        fields=[
            field("Boat (Content type)", "field_a"),
            field("Crew (Content type)", "field_b"),
        ],
    )
    boat, crew = (m.ticket for m in made)
    suggestion = DependencySuggestion(
        group_key=crew.group_key, reason="The crew boards it.", proposed_by="a-model/1"
    )
    return replace(boat, revision=replace(boat.revision, suggestions=(suggestion,))), crew


def test_a_suggestion_names_ticket_reason_and_who_says_so() -> None:
    boat, crew = two_tickets()

    (found,) = suggested_dependencies(boat, [boat, crew])

    assert found.to_json() == {
        "number": crew.number,
        "ticket_id": crew.ticket_id,
        "title": crew.title,
        "reason": "The crew boards it.",
        "proposed_by": "a-model/1",
    }
    assert found.proposer == "proposed by a-model/1"


def test_a_suggestion_that_was_accepted_is_not_shown_again() -> None:
    boat, crew = two_tickets()
    accepted = replace(boat, depends_on=(crew.ticket_id,))

    assert suggested_dependencies(accepted, [accepted, crew]) == ()


def test_a_suggestion_that_would_close_a_circle_is_not_shown() -> None:
    """People made the crew wait for the boat after the suggestion was written."""
    boat, crew = two_tickets()
    waiting = replace(crew, depends_on=(boat.ticket_id,))

    assert suggested_dependencies(boat, [boat, waiting]) == ()


def test_a_suggestion_of_a_ticket_that_is_gone_is_not_shown() -> None:
    boat, crew = two_tickets()
    withdrawn = replace(crew, withdrawal=Withdrawal.PROPOSED)

    assert suggested_dependencies(boat, [boat, withdrawn]) == ()
    assert suggested_dependencies(boat, [boat]) == ()


def test_the_command_that_accepts_suggestions_is_one_people_can_type() -> None:
    boat, crew = two_tickets()

    command = command_of(accepting("site", boat, [crew]))

    assert command == f"jira-pipeline tickets depend site {boat.number} {crew.number}"
