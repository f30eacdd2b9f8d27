"""What a project refuses to every ticket is said of the project, and before the first ticket if it is known."""

import json
from collections.abc import Callable

import httpx
import pytest

from jira_pipeline.export.create_screen import CreateScreen
from jira_pipeline.export.jira_names import JiraNames
from jira_pipeline.export.refused_creation import named_fields
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import PipelineError, RefusedError
from jira_pipeline.model.issue_tracker import CreateField
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.export.whole_exports import fields_sent, planned, set_rules, where
from jira_pipeline_tests.jira.rules_of_sites import CustomField, ProjectRules
from jira_pipeline_tests.tables import each

CREATION = "/rest/api/3/issue"
CRAFT = CustomField(id="customfield_10070", name="Craft", kind="option", options=("Rope", "Sail"))
WATER = CustomField(
    id="customfield_10071",
    name="Area",
    kind="cascade",
    options=("Water", "Air"),
    children={"Water": ("Salt", "Fresh")},
)


def refusing(*messages: str, **fields: str) -> httpx.Response:
    return httpx.Response(400, json={"errorMessages": [*messages], "errors": fields})


def creations_answered(
    answers: list[httpx.Response | None],
) -> Callable[[httpx.Request, httpx.BaseTransport], httpx.Response]:
    """Answer one creation after the other, with None as the site does; each answer is taken out."""

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        is_creation = request.url.path == CREATION and json.loads(request.read())["fields"]
        answer = answers.pop(0) if is_creation and answers else None
        return answer or site.handle_request(request)

    return answering


def refusal_of(world: ExportWorld) -> tuple[PipelineError, str]:
    """Export, and return the error with its ways out as one text."""
    with pytest.raises(RefusedError) as caught:
        world.export()
    return caught.value, " ".join(map(action_text, caught.value.recovery_actions))


def test_a_description_that_is_not_on_the_screen_is_told_before_anything_is_sent(
    world: ExportWorld,
) -> None:
    set_rules(world, projects={"SBX": ProjectRules(off_create_screen=("description",))})
    sent = fields_sent(world)

    error, ways = refusal_of(world)

    assert sent == []
    assert "The description is not on the create screen" in error.message
    assert "project administrator" in ways
    assert "skip" not in ways
    assert "Correct the sheet" not in ways


def test_the_plan_says_so_too(world: ExportWorld) -> None:
    set_rules(world, projects={"SBX": ProjectRules(off_create_screen=("description",))})

    blocked = planned(world).blocked

    assert blocked is not None
    assert "not on the create screen" in blocked.message


def test_a_description_that_only_the_creation_refuses_is_the_projects_matter_too(
    world: ExportWorld,
) -> None:
    off = "Field 'description' cannot be set. It is not on the appropriate screen, or unknown."
    world.answering = where(CREATION, refusing(description=off))

    error, ways = refusal_of(world)

    assert "The description is not on the create screen" in error.message
    assert "skip" not in ways


@each(
    ("answer", "named"),
    [
        (refusing("Please choose a craft before you create this work item."), "{Craft: Rope}"),
        (refusing("Bitte Crafts angeben."), "{Craft: Rope}"),
        (refusing(customfield_10070="Das fehlt."), "{Craft: Rope}"),
        (refusing("The moon is not full."), "defaults.fields"),
        (refusing(assignee="Assignee is required."), "name them as defaults.assignee"),
    ],
)
def test_a_rule_that_createmeta_does_not_tell_is_the_projects_matter(
    world: ExportWorld, answer: httpx.Response, named: str
) -> None:
    rules = ProjectRules(on_create_screen=(CRAFT.id,))
    set_rules(world, projects={"SBX": rules}, custom_fields=(CRAFT,))
    world.answering = where(CREATION, answer)

    error, ways = refusal_of(world)

    assert "refuses new issues, whatever the ticket" in error.message
    assert named in ways
    assert "check-project --fields" in ways
    assert "skip" not in ways


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(None, id="it is created"),
        pytest.param(refusing("Only sailors may create this."), id="it is refused otherwise"),
    ],
)
def test_a_refusal_of_the_first_ticket_alone_is_that_tickets(
    world: ExportWorld, later: httpx.Response | None
) -> None:
    """It was told as the project's matter, whose workflow somebody should change."""
    answers = [refusing("The harbour of this item is closed."), later]
    world.answering = creations_answered(answers)

    error, ways = refusal_of(world)

    assert "Ticket 2 (Create content type 2) was refused." in error.message
    assert "The harbour of this item is closed." in error.message
    assert "tickets skip site 2" in ways
    assert answers == []


def test_a_refusal_that_names_what_the_ticket_says_is_the_tickets(world: ExportWorld) -> None:
    world.answering = where(CREATION, refusing(summary="The summary is too long."))

    error, ways = refusal_of(world)

    assert "Ticket 2 (Create content type 2) was refused." in error.message
    assert "tickets skip site 2" in ways


def test_once_an_issue_is_there_a_refusal_may_be_of_one_ticket(world: ExportWorld) -> None:
    world.answering = creations_answered([None, refusing("Only one a day.")])
    world.batch_size = 1

    error, ways = refusal_of(world)

    assert "was refused. " in error.message
    assert "tickets skip site" in ways


def test_a_value_that_jira_refuses_is_corrected_with_what_its_field_takes(
    world: ExportWorld,
) -> None:
    rules = ProjectRules(required_fields=(WATER.id,))
    set_rules(world, projects={"SBX": rules}, custom_fields=(WATER,))
    world.names = JiraNames(fields={"Area": ("Water",)})
    world.answering = where(CREATION, refusing(customfield_10071="Choose from the second list."))

    _, ways = refusal_of(world)

    assert "Correct Area (option-with-child, " in ways
    assert "`{Area: Water > Salt}`" in ways
    assert "Water: Fresh, Salt" in ways


def test_a_parent_and_its_child_reach_every_issue(world: ExportWorld) -> None:
    rules = ProjectRules(required_fields=(WATER.id,))
    set_rules(world, projects={"SBX": rules}, custom_fields=(WATER,))
    world.names = JiraNames(fields={"Area": ("Water > Fresh",)})

    world.export()

    stored = [
        json.loads(row["value"]) for row in world.rows("SELECT value FROM issue_custom_value")
    ]
    assert world.violations() == []
    assert len(stored) > 1
    assert all((v["value"], v["child"]["value"]) == ("Water", "Fresh") for v in stored)


@each("rules", [{"is_archived": True}, {"is_deleted": True}])
def test_nothing_is_sent_to_a_project_that_is_archived_or_in_the_trash(
    world: ExportWorld, rules: dict[str, bool]
) -> None:
    set_rules(world, projects={"SBX": ProjectRules(**rules)})
    sent = fields_sent(world)

    error, ways = refusal_of(world)

    assert sent == []
    assert "The project SBX is" in error.message
    assert "restore it" in ways


@each(
    ("message", "names"),
    [
        ("Please choose a Component first.", ["Components"]),
        ("Fix version is required.", ["Fix versions"]),
        ("You cannot fix this.", []),
        ("Summary: too long.", []),
        ("Cost centre and Components", ["Components", "Cost centre"]),
    ],
)
def test_a_field_is_named_by_all_its_words_whatever_their_endings(
    message: str, names: list[str]
) -> None:
    fields = [
        CreateField(field_id=f"customfield_{n}", name=name, is_required=False, has_default=False)
        for n, name in enumerate(("Components", "Cost centre", "Fix versions"))
    ]
    summary = CreateField(field_id="summary", name="Summary", is_required=True, has_default=False)
    screen = CreateScreen(fields=(*fields, summary))

    assert [field.name for field in named_fields(screen, message, {})] == names
