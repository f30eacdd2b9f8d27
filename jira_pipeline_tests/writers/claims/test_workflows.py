"""What tickets of workflows claim, over sheets of a few rows."""

from pathlib import Path

import pytest

from jira_pipeline_tests.writers.sites import FOLDERS, tickets_of
from jira_pipeline_tests.writers.small_sheets import SmallSite, items_of, small_site

WORKFLOWS = """Label,Machine name,X,Type,Applies to,Notes
Reviewed,reviewed,a,Content moderation,"Notice, Leaflet (Content type)",
"""
STATES = """Workflow,Label,Machine name,X,Notes
Reviewed,Draft,draft,a,
Reviewed,In review,in_review,a,
Reviewed,Published,published,a,
"""
TRANSITIONS = """Workflow,Label,Machine name,X,From state,To state,Roles,Notes
Reviewed,Keep,keep,a,Draft,Draft,,
Reviewed,Send,send,a,Draft,In review,"Clerk, Chief clerk",
Reviewed,Publish,publish,a,In review,Published,Chief clerk,
Reviewed,Publish,publish,a,Published,Published,Chief clerk,
Reviewed,Back,back,a,Any,Draft,Chief clerk,
"""
ROLES = """Name,Machine name,X,Notes
Clerk,clerk,x,
Chief clerk,chief_clerk,x,use reviewed transition keep
"""
BUNDLES = """Name,Machine name,X,Description,Mod.,Type
Notice,notice,x,,y,Content type
Leaflet,leaflet,a,,y,Content type
"""
TITLE = "Configure workflow: Reviewed"


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    return small_site(
        tmp_path,
        workflows=WORKFLOWS,
        workflow_states=STATES,
        workflow_transitions=TRANSITIONS,
        roles=ROLES,
        bundles=BUNDLES,
    )


def test_the_story_names_the_states(site: SmallSite) -> None:
    expected = (
        "The site needs the workflow “Reviewed” with the states Draft, In review and Published."
    )

    assert expected == site.story(TITLE)


def test_what_content_moderation_brings_is_told_from_what_is_added(site: SmallSite) -> None:
    assert site.analysis(TITLE)[:3] == (
        (
            "`draft` and `published` come with Content Moderation, with fixed settings; `in_review` is "
            "added."
        ),
        "A new workflow of this type also has the transition `create_new_draft`: remove it.",
        "`publish` comes with Content Moderation and leads from `draft` there: take that out.",
    )


def test_a_transition_leads_from_all_its_states(site: SmallSite) -> None:
    checks = site.checks(TITLE)

    assert "“Publish” (`publish`) leads from In review and Published to Published." in checks
    assert "“Back” (`back`) leads from each of the three states to Draft." in checks
    assert "The workflow has no transitions but these four." in checks


def test_cells_of_nothing_but_roles_say_who_may_use_a_transition(site: SmallSite) -> None:
    checks = site.checks(TITLE)

    assert "On People \u203a Permissions, Clerk has “Send” of “Reviewed”." in checks
    assert "On People \u203a Permissions, Chief clerk has all transitions of “Reviewed”." in checks


def test_a_type_that_comes_later_is_added_later_and_not_checked(site: SmallSite) -> None:
    assert "Added to the workflow when the type exists: Leaflet." in site.analysis(TITLE)
    assert "“This workflow applies to” lists Notice." in site.checks(TITLE)


def test_a_note_in_prose_grants_nothing(tmp_path: Path) -> None:
    noted = TRANSITIONS.replace('"Clerk, Chief clerk",', ",Only a clerk may do this")

    found = small_site(
        tmp_path,
        workflows=WORKFLOWS,
        workflow_states=STATES,
        workflow_transitions=noted,
        roles=ROLES,
    )

    assert not any("Clerk has" in check for check in found.checks(TITLE))


def test_an_update_claims_what_is_new_and_what_goes(tmp_path: Path) -> None:
    states = STATES.replace(",a,", ",x,").replace("in_review,x", "in_review,d")
    transitions = """Workflow,Label,Machine name,X,From state,To state,Notes
        Reviewed,Publish,publish,x,Draft,Published,
        Reviewed,Publish,publish,a,Published,Published,
        Reviewed,Send,send,d,Draft,In review,
        """

    found = small_site(
        tmp_path,
        workflows=WORKFLOWS.replace(",a,", ",x,"),
        workflow_states=states,
        workflow_transitions=transitions,
    )

    title = "Update workflow: Reviewed"
    assert found.story(title) == (
        "The workflow “Reviewed” needs changes to the transition “Publish”, the removal of the "
        "state “In review” and the removal of the transition “Send”."
    )
    assert "“Publish” (`publish`) leads from each of the two states to Published." in found.checks(
        title
    )
    assert "The workflow does not have In review `in_review` or Send `send`." in found.checks(title)
    assert any(
        "only when no content is in that state" in values for values in found.analysis(title)
    )


def test_a_transition_to_a_state_that_no_row_has_is_not_claimed(tmp_path: Path) -> None:
    unknown = TRANSITIONS.replace("In review,Published", "In revue,Published")

    found = small_site(
        tmp_path, workflows=WORKFLOWS, workflow_states=STATES, workflow_transitions=unknown
    )

    assert not any(check.startswith("“Publish”") for check in found.checks(TITLE))
    assert not any("no transitions but" in check for check in found.checks(TITLE))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_claimed_transition_is_in_the_rows(name: str) -> None:
    for brief, prose in tickets_of(name):
        if not brief.group.key.startswith("workflow:"):
            continue
        labels = {row.label for row in brief.group.members}
        for check in items_of(prose.parts.verification):
            before, leads, _ = check.partition("” (`")
            if leads and " leads from " in check:
                assert before.removeprefix("“") in labels
