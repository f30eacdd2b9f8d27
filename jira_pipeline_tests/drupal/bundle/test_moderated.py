"""Whether the content of a type is moderated."""

from jira_pipeline.drupal.bundle.moderated import (
    COLUMN,
    COUNTERPART,
    Moderated,
    check,
    facts,
    types_without_workflow,
)
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of, compared, plain
from jira_pipeline_tests.drupal.made_rows import asked, field, said_by, ticket_in, ticket_of_list
from jira_pipeline_tests.sheets.made_specifications import Row, specification_of
from jira_pipeline_tests.tables import each

WORKFLOW = {"Label": "Harbour", "Machine name": "harbour", "X": "a", "Type": "Content moderation"}
DRAFT = {"Workflow": "Harbour", "Label": "Draft", "Machine name": "draft", "X": "a"}
QUAY = WORKFLOW | {"Label": "Quay", "Machine name": "quay"}
MANY = [boat(name=f"Boat{n}", machine_name=f"boat{n}", moderated="y") for n in range(13)]
BOAT = boat(moderated="y")
ANCHOR = anchor(moderated="y")
OF_ANCHOR = field(bundle="Anchor (Content type)")


def moderated(*bundles: Row, workflows: list[Row]) -> TicketBundles:
    states = [DRAFT | {"X": workflow["X"]} for workflow in workflows]
    return bundles_of(*bundles, fields=[field(), OF_ANCHOR], workflows=workflows, states=states)


# The fact.


@each(
    ("bundle", "workflow", "keys"),
    [
        (BOAT, WORKFLOW, ["bundle:Content type/boat"]),
        (BOAT, WORKFLOW | {"Applies to": "Boat (Content type)"}, []),
        (BOAT | {"Settings/notes": "In Harbour."}, WORKFLOW, []),
        (boat(moderated="n"), WORKFLOW, []),
        (
            BOAT,
            WORKFLOW | {"Applies to": "Boat (Content type)", "Type": "Signing"},
            ["bundle:Content type/boat"],
        ),
        (
            BOAT,
            WORKFLOW | {"Applies to": "Boat (Content type)", "X": "d"},
            ["bundle:Content type/boat"],
        ),
    ],
)
def test_a_moderated_type_that_no_workflow_or_note_names_has_none(
    bundle: Row, workflow: Row, keys: list[str]
) -> None:
    index = moderated(bundle, workflows=[workflow]).ticket.session.index

    assert list(types_without_workflow(index)) == keys


# The question.


def test_a_workflow_is_asked_which_types_it_moderates() -> None:
    sheets = {"bundles": [BOAT, ANCHOR], "fields": [field(), OF_ANCHOR], "workflows": [WORKFLOW]}
    sheets["states"] = [DRAFT]
    (question,) = [
        question
        for question in ticket_of_list(EntityKind.WORKFLOW, **sheets).left_open
        if question.kind == "lists.moderates"
    ]

    assert "“Boat (Content type)” and “Anchor (Content type)”" in question.question
    assert question.suggested_answer == "All of them"


@each(
    ("workflows", "words"),
    [([], "Which workflow moderates each of"), ([WORKFLOW | {"X": "x"}], "Which workflow")],
)
def test_the_first_new_type_is_asked_where_no_ticket_makes_a_workflow(
    workflows: list[Row], words: str
) -> None:
    (question,) = asked("lists.moderated", moderated(BOAT, ANCHOR, workflows=workflows).ticket)

    assert question.startswith(words)


@each(
    "workflow",
    [
        WORKFLOW,  # its own ticket asks
        WORKFLOW | {"Notes": "For all boats."},
        WORKFLOW | {"Applies to": "Boat (Content type)"},
    ],
)
def test_a_type_is_not_asked_where_a_workflow_says_or_asks_it(workflow: Row) -> None:
    assert asked("lists.moderated", moderated(BOAT, workflows=[workflow]).ticket) == []


def asked_of_workflow(*bundles: Row, workflows: list[Row]) -> list[str]:
    """Return the question of the first workflow and what is suggested, one after the other."""
    states = [DRAFT | {"X": row["X"], "Workflow": row["Label"]} for row in workflows]
    fields = [field(), OF_ANCHOR]
    specification = specification_of(
        bundles=list(bundles), fields=fields, workflows=workflows, states=states
    )
    ticket = ticket_in(specification, lambda head: head.machine_name == "harbour")
    questions = [q for q in ticket.left_open if q.kind == "lists.moderates"]
    return [text for q in questions for text in (q.question, q.suggested_answer)]


@each(
    ("bundles", "workflows", "types", "answer"),
    [
        ([BOAT, ANCHOR | {"X": "x"}], [WORKFLOW], "“Boat (Content type)”", "All of them"),
        ([BOAT | {"X": "x"}], [WORKFLOW], "“Boat (Content type)”", "All of them"),
        ([BOAT], [WORKFLOW, QUAY], "“Boat (Content type)”", ""),
        ([BOAT], [WORKFLOW | {"X": "c"}], "“Boat (Content type)”", "All of them"),
        (MANY, [WORKFLOW], "13 types", "All of them"),
        (MANY[:12], [WORKFLOW], "“Boat11 (Content type)”", "All of them"),
    ],
)
def test_new_types_are_named_before_those_that_are_there(
    bundles: list[Row], workflows: list[Row], types: str, answer: str
) -> None:
    question, suggested = asked_of_workflow(*bundles, workflows=workflows)

    assert types in question
    assert "Anchor" not in question
    assert suggested == answer


@each(
    ("bundle", "workflow"),
    [
        (BOAT | {"X": "x"}, WORKFLOW | {"X": "c"}),  # nothing is new: it is on the site as it is
        (BOAT, WORKFLOW | {"Notes": "For all boats."}),
        (BOAT, WORKFLOW | {"Applies to": "Anchor (Content type)"}),
        (boat(moderated="n"), WORKFLOW),
    ],
)
def test_a_workflow_is_not_asked_about_what_is_there_or_said(bundle: Row, workflow: Row) -> None:
    assert asked_of_workflow(bundle, ANCHOR | {"Mod.": "n"}, workflows=[workflow]) == []


@each(
    ("workflows", "question", "answer"),
    [
        (
            [WORKFLOW | {"X": "x"}],
            "Which workflow moderates “Boat (Content type)”?",
            "“Harbour”",
        ),
        (
            [WORKFLOW | {"X": "x"}, QUAY | {"X": "x"}],
            "Which of “Harbour” and “Quay” moderates “Boat (Content type)”?",
            "",
        ),
    ],
)
def test_a_type_is_asked_which_of_the_workflows_moderates_it(
    workflows: list[Row], question: str, answer: str
) -> None:
    left_open = moderated(BOAT, workflows=workflows).ticket.left_open
    (asked_of_type,) = [q for q in left_open if q.kind == "lists.moderated"]

    assert asked_of_type.question.startswith(question)
    assert asked_of_type.suggested_answer == answer


def test_a_type_none_of_whose_fields_is_built_does_not_ask() -> None:
    hollow = bundles_of(BOAT, fields=[field(status="w")])

    assert asked("lists.moderated", hollow.ticket) == []


# The sentence.


@each(
    ("workflow", "sentence"),
    [
        (
            WORKFLOW,
            "The form of Boat offers a moderation state (another ticket asks by which workflow).",
        ),
        (
            WORKFLOW | {"Applies to": "Boat (Content type)"},
            "The form of Boat offers a moderation state.",
        ),
        (WORKFLOW | {"X": "x"}, "The form of Boat offers a moderation state."),
        (WORKFLOW | {"Notes": "For boats."}, "The form of Boat offers a moderation state."),
    ],
)
def test_the_form_of_a_moderated_type_offers_a_state(workflow: Row, sentence: str) -> None:
    assert plain(check(moderated(BOAT, workflows=[workflow]))) == [sentence]


@each(
    ("bundle", "workflows"),
    [(BOAT, []), (boat(moderated="n"), [WORKFLOW]), (BOAT | {"X": "c"}, [WORKFLOW])],
)
def test_nothing_is_claimed_without_a_workflow_or_of_another_type(
    bundle: Row, workflows: list[Row]
) -> None:
    assert plain(check(moderated(bundle, workflows=workflows))) == []


# The comparison with a site.


@each(("cell", "verdict"), [("yes", Verdict.MET), ("n", Verdict.DIFFERS)])
def test_the_flag_is_compared_with_the_site(cell: str, verdict: Verdict) -> None:
    row = boat(moderated=cell)

    assert compared(row, COUNTERPART, COLUMN.name, SiteCell(text="y", yaml="")) is verdict


@each(
    ("bundle", "workflow", "fact"),
    [
        (BOAT, WORKFLOW, Moderated.BY_NO_WORKFLOW),
        (BOAT, WORKFLOW | {"Applies to": "Boat (Content type)"}, Moderated.BY_A_WORKFLOW),
        (boat(moderated="n"), WORKFLOW, Moderated.NOT),
        (boat(), WORKFLOW, Moderated.UNSAID),
    ],
)
def test_whether_a_type_is_moderated_is_a_fact(bundle: Row, workflow: Row, fact: Moderated) -> None:
    assert said_by(facts(moderated(bundle, workflows=[workflow]))) == [(fact, "boat")]
