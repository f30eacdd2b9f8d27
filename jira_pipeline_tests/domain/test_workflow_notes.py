"""Which workflow means a content type, read out of the notes of all of them."""

import pytest

from jira_pipeline.domain.entities import EntityKind
from jira_pipeline.domain.workflow_notes import (
    Meaning,
    is_listed,
    workflows_named_by,
    workflows_of,
)
from jira_pipeline_tests.stages.made_specifications import bundle, specification_of

TYPES = ("Boat", "Tips Library", "Log Library", "Page")
LABEL = "Used on types with 'Library' in the title (except log)."
OTHERS = "Used on all other content types."


@pytest.mark.parametrize(
    ("notes", "meant"),
    [
        pytest.param(
            {"review": LABEL, "plain": OTHERS},
            {
                "Boat": ("plain", Meaning.LEFT),
                "Tips Library": ("review", Meaning.BY_LABEL),
                "Log Library": ("plain", Meaning.LEFT),
                "Page": ("plain", Meaning.LEFT),
            },
            id="by label, and all others",
        ),
        pytest.param(
            {"review": "Used on Boat (Content type) and Page.", "plain": ""},
            {"Boat": ("review", Meaning.NAMED), "Page": ("review", Meaning.NAMED)},
            id="by name",
        ),
        pytest.param({"review": "", "plain": OTHERS}, {}, id="others than what nobody knows"),
        pytest.param({"review": OTHERS, "plain": OTHERS}, {}, id="two for all others"),
        pytest.param(
            {"review": "Used on Boat.", "plain": "Used on Boat and Page."},
            {"Page": ("plain", Meaning.NAMED)},
            id="claimed twice",
        ),
        pytest.param(
            {"review": "Used on types with 'Library' in the title and on Log Library."},
            {
                "Tips Library": ("review", Meaning.BY_LABEL),
                "Log Library": ("review", Meaning.NAMED),
            },
            id="a name is more than a label",
        ),
        pytest.param(
            {"review": "All types except Boat and Page."},
            {
                "Tips Library": ("review", Meaning.LEFT),
                "Log Library": ("review", Meaning.LEFT),
            },
            id="all but what is excepted",
        ),
    ],
)
def test_a_type_belongs_to_the_one_workflow_whose_note_means_it(
    notes: dict[str, str], meant: dict[str, tuple[str, Meaning]]
) -> None:
    found = workflows_of(TYPES, notes)

    assert {name: (way.workflow, way.meaning) for name, way in found.items()} == meant


@pytest.mark.parametrize(
    ("cell", "is_meant"),
    [
        ("Quay, Lock gate", True),
        ("Quay; lock_gate", True),
        ("Content types: Lock gates and quays", True),
        ("Lock gate (Content type)", True),
        ("Gate", False),
        ("Main lock gate", False),
        ("", False),
    ],
)
def test_a_column_lists_bundles_by_name_label_or_machine_name(cell: str, *, is_meant: bool) -> None:
    rows = specification_of(
        bundles=[bundle("Lock gate", "lock_gate")],
        workflows=[{"Label": "Yard", "Machine name": "yard", "Applies to": cell}],
    ).by_kind

    assert is_meant == is_listed(rows[EntityKind.BUNDLE][0], rows[EntityKind.WORKFLOW][0])


@pytest.mark.parametrize(
    ("note", "named"),
    [
        ("Wide images. wf yard", ("dock",)),
        ("Workflow: Open water.", ("sea",)),
        ("Moderated by the sea workflow", ("sea",)),
        ("Without the yard workflow", ()),
        ("wf yard?", ()),
        ("Lies in the yard", ()),
    ],
)
def test_the_note_of_a_bundle_names_its_workflow(note: str, named: tuple[str, ...]) -> None:
    rows = specification_of(
        bundles=[bundle("Lock gate", "lock_gate") | {"Settings/notes": note}],
        workflows=[
            {"Label": "Yard work", "Machine name": "dock"},
            {"Label": "Open water", "Machine name": "sea"},
        ],
    ).by_kind

    found = workflows_named_by(rows[EntityKind.BUNDLE][0], rows[EntityKind.WORKFLOW])

    assert named == tuple(key.removeprefix("workflow:") for key in found)
