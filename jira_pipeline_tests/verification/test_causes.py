"""What explains many rows is said once."""

from copy import deepcopy
from pathlib import Path

import pytest

from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.verification.invented import GONE, SHEETS, Changes, Objects, verified

STORAGE = "field.storage.node.field_subtitle"
RETYPED = {
    f"field.field.node.{bundle}.field_subtitle:field_type": "email" for bundle in ("book", "author")
}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({f"{STORAGE}:cardinality": 2}, ":cardinality"),
        ({"*.field_subtitle": GONE}, ""),
        ({STORAGE: GONE, **RETYPED}, ":type"),
    ],
)
def test_what_two_bundles_share_is_one_cause(tmp_path: Path, changes: Changes, key: str) -> None:
    """A storage that was never made was one cause for each bundle that shares it."""
    (cause,) = verified(tmp_path, changes).causes

    assert cause.yaml == f"field.storage.node.field_subtitle.yml{key}"
    assert [row.line for row in cause.rows] == [3, 8]


def test_what_belongs_to_a_missing_bundle_and_what_names_it_stand_under_it(tmp_path: Path) -> None:
    (cause,) = verified(tmp_path, {"*.author*": GONE}).causes

    assert (cause.yaml, cause.verdict) == ("node.type.author.yml", Verdict.MISSING)
    assert cause.sentence == "The bundle Author (Content type) is missing. Rows below it: 3."


MODERATED = SHEETS["bundles.csv"].replace(
    "Author,author,c,Writes books.,n", "Author,author,c,Writes books.,y"
)
LENDING = "Lending,lending,a,Content moderation,\n"


@pytest.mark.parametrize(
    ("workflows", "place", "rows"),
    [
        pytest.param("", "editing.yml:type_settings.entity_types.node", 1, id="the only one"),
        pytest.param(LENDING, "lending.yml", 2, id="the one that is missing"),
    ],
)
def test_a_type_that_no_workflow_has_stands_under_the_workflow_that_lacks_it(
    tmp_path: Path, workflows: str, place: str, rows: int
) -> None:
    """It stood under another workflow, which has nothing to do with it."""
    sheets = {
        **SHEETS,
        "bundles.csv": MODERATED,
        "workflows.csv": SHEETS["workflows.csv"] + workflows,
    }

    (cause,) = verified(tmp_path, sheets=sheets).causes

    assert SHEETS["bundles.csv"] != MODERATED
    assert cause.yaml == f"workflows.workflow.{place}"
    assert len(cause.rows) == rows


def test_long_texts_are_quoted_from_where_they_differ(tmp_path: Path) -> None:
    long = "All that we know of those who write. " * 5
    changed = {"node.type.author:description": f"{long}Ask Ida."}
    bundles = SHEETS["bundles.csv"].replace("Writes books.", f"{long}Ask Max.")

    (cause,) = verified(tmp_path, changed, sheets={**SHEETS, "bundles.csv": bundles}).causes

    said = "“…hose who write. Ask Max.” in the sheet, “…hose who write. Ask Ida.” on the site."
    assert cause.sentence == f"Description of bundle Author (Content type): {said}"


def test_what_is_called_alike_is_told_apart_by_machine_name(tmp_path: Path) -> None:
    """“The site has “Genre” and lacks “Genre””, and a raw `*` for all, told nobody anything."""
    targets = "field.field.node.book.{}:settings.handler_settings.target_bundles".format
    reopened = {
        "taxonomy.vocabulary.kind": {"name": "Genre", "vid": "kind"},
        "taxonomy.vocabulary.genre": GONE,
        targets("field_genres"): {"kind": "kind"},
        targets("field_authors"): None,
    }

    said = [cause.sentence for cause in verified(tmp_path, reopened).causes]

    assert said[0].endswith("Book (Content type): the site has “All”.")
    assert said[1] == (
        "Ref. bundle of field Genres of Book (Content type): "
        "the site has “Genre (Vocabulary) (kind)” and lacks “Genre (Vocabulary) (genre)”."
    )


def test_states_of_one_name_belong_each_to_their_workflow(tmp_path: Path) -> None:
    def spoil(objects: Objects) -> None:
        second = deepcopy(objects["workflows.workflow.editing"])
        objects["workflows.workflow.selling"] = {**second, "id": "selling", "label": "Selling"}
        objects["workflows.workflow.selling"]["type_settings"]["entity_types"] = {}
        transitions = objects["workflows.workflow.editing"]["type_settings"]["transitions"]
        transitions["create_new_draft"]["to"] = "published"

    sheets = dict(SHEETS)
    for name in ("workflows.csv", "states.csv", "transitions.csv"):
        header, _, rows = SHEETS[name].partition("\n")
        second = rows.replace("Editing", "Selling").replace("editing", "selling")
        sheets[name] = f"{header}\n{rows}{second}"

    (cause,) = verified(tmp_path, spoil, sheets=sheets).causes

    assert cause.yaml.endswith("editing.yml:type_settings.transitions.create_new_draft.to")


def test_a_type_that_one_of_several_workflows_lost_is_one_cause(tmp_path: Path) -> None:
    """Where one workflow moderates, its key says it; where several do, a pattern was a second cause."""

    def second(objects: Objects) -> None:
        copied = deepcopy(objects["workflows.workflow.editing"])
        objects["workflows.workflow.selling"] = {**copied, "id": "selling", "label": "Selling"}
        objects["workflows.workflow.selling"]["type_settings"]["entity_types"] = {}
        objects["workflows.workflow.editing"]["type_settings"]["entity_types"]["node"] = []

    workflows = "Label,Machine name,X,Type,Applies to\nEditing,editing,a,,Book (Content type)\n"

    [cause] = verified(tmp_path, second, sheets={**SHEETS, "workflows.csv": workflows}).causes

    assert cause.yaml == "workflows.workflow.editing.yml:type_settings.entity_types"
    assert cause.sentence.startswith("Mod., Applies to of ")
