"""layout show, propose, check, save, discard; lint and upload with a layout."""

import json
from pathlib import Path

import pytest
import yaml

from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.writing.scripted_models import Asked, Say, scripted_server

pytestmark = pytest.mark.usefixtures("project")
KINDS = "What,Code,Hint\nWatch,watch,Of a museum\nMaker,maker,Of watches\n"
ROLES = "Name,Machine name,Description,X\nEditor,editor,Edits,a\n"
"""Known headers, of which a layout need not say anything."""
LAYOUT = """
version: 1
sheets:
- worksheets: Kinds
  regions:
  - name: kinds
    records:
    - into: bundle
      columns: {Name: What, Machine name: Code, Description: Hint, Type: {text: Content type}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "Kinds.csv").write_text(KINDS, encoding="utf-8")
    (folder / "User roles.csv").write_text(ROLES, encoding="utf-8")
    return folder


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    file = tmp_path / "ours.yaml"
    file.write_text(LAYOUT, encoding="utf-8")
    return file


def test_a_layout_is_tried_on_a_folder_before_there_is_a_session(
    folder: Path, layout: Path
) -> None:
    proposed = run("layout", "propose", "--folder", folder)
    checked = run("layout", "check", layout, "--folder", folder)
    linted = run("lint", folder, "--layout", layout)

    (sheet,) = yaml.safe_load(proposed.out)["sheets"]
    assert sheet["worksheets"] == ["User roles"]
    assert "1 thing left to settle." in proposed.err
    assert (checked.exit_code, linted.exit_code) == (0, 0)
    assert "Nothing is left to settle." in checked.out
    assert "2 tickets" in linted.out


def test_what_is_left_to_settle_ends_with_the_code_of_what_a_person_must_do(
    folder: Path, layout: Path
) -> None:
    (folder / "Other.csv").write_text("Colour,Hex\nRed,#f00\n", encoding="utf-8")

    checked = run("layout", "check", layout, "--folder", folder)
    linted = run("lint", folder, "--layout", layout)

    assert (checked.exit_code, linted.exit_code) == (3, 3)
    assert "Other.csv" in checked.out
    assert f"layout propose --folder {folder} --out layout.yaml" in linted.words


def test_a_draft_is_saved_shown_and_confirmed(folder: Path, layout: Path) -> None:
    assert run("upload", folder, "--layout", layout).exit_code == 0
    text = LAYOUT.replace("Description: Hint", "Description: [Hint, Code]")
    layout.write_text(text, encoding="utf-8")

    saved = run_json("layout", "save", "shop", layout)
    shown = run("layout", "show", "shop")
    confirmed = run_json("layout", "save", "shop", "--confirm")

    assert (saved["revision"], saved["origin"], saved["is_settled"]) == (1, "draft", True)
    assert read_layout(shown.out.encode()) == read_layout(text.encode())
    assert "revision 1" in shown.err
    assert confirmed["is_replaced"]
    assert [change["becomes"] for change in confirmed["changes"]]
    of_session = run_json("layout", "show", "shop")
    assert of_session["origin"] == "uploaded"
    assert of_session["layout"]["confirmed"]["by"]


def test_newer_sheets_that_wait_lead_to_what_was_confirmed(folder: Path, layout: Path) -> None:
    assert run("upload", folder, "--layout", layout).exit_code == 0
    kinds = folder / "Kinds.csv"
    kinds.write_text(KINDS.replace("Hint", "Note"), encoding="utf-8")

    uploaded = run("upload", folder)
    shown = run("layout", "show", "shop")

    assert uploaded.exit_code == 3
    assert "layout show shop" in uploaded.words
    assert read_layout(shown.out.encode()).sheets[0].worksheets == ("Kinds",)


def test_nobody_saves_over_the_draft_of_another_by_accident(
    folder: Path, layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("upload", folder, "--layout", layout)
    monkeypatch.setenv("JIRA_PIPELINE_PERSON", "Ada")
    run("layout", "save", "shop", layout)
    monkeypatch.setenv("JIRA_PIPELINE_PERSON", "Bob")

    by_accident = run("layout", "save", "shop", layout)
    on_purpose = run("layout", "save", "shop", layout, "--revision", 1)
    too_late = run("layout", "discard", "shop", "--revision", 1)
    discarded = run("layout", "discard", "shop")
    brought_back = run_json("layout", "undo", "shop")
    undone = run("layout", "undo", "shop")
    draft = run_json("layout", "show", "shop")

    assert by_accident.exit_code == 1
    assert "Ada saved revision 1" in by_accident.err
    assert "--revision 1" in by_accident.words
    assert on_purpose.exit_code == 0
    assert too_late.exit_code == 1
    assert "now at revision 2, by Bob" in too_late.words
    assert discarded.exit_code == 0
    assert "layout undo shop" in discarded.words
    assert brought_back["undone"] == "discard the draft"
    assert undone.exit_code == 0
    assert draft["revision"] == 5


def test_a_layout_that_leaves_something_is_confirmed_with_each_cell_named(
    folder: Path, layout: Path
) -> None:
    run("upload", folder, "--layout", layout)
    layout.write_text(LAYOUT.replace("Description: Hint, ", ""), encoding="utf-8")
    run("layout", "save", "shop", layout)

    refused = run("layout", "save", "shop", "--confirm")
    cells = [f"--not-read=Kinds!C{row}" for row in (1, 2, 3)]
    confirmed = run("layout", "save", "shop", "--confirm", *cells)

    assert refused.exit_code == 3
    assert "3 things left to settle. The first: Kinds!C1: Hint" in refused.words
    assert confirmed.exit_code == 0, confirmed.words
    assert run_json("layout", "show", "shop")["is_settled"]


def test_a_file_that_is_no_layout_is_refused_with_its_path_everywhere(
    folder: Path, layout: Path
) -> None:
    run("upload", folder, "--layout", layout)
    layout.write_text(LAYOUT.replace("into: bundle", "into: bundles"), encoding="utf-8")

    for command in (
        ("layout", "save", "shop", layout),
        ("layout", "check", layout, "shop"),
        ("lint", folder, "--layout", layout),
        ("upload", folder, "--layout", layout),
    ):
        refused = run(*command)
        assert refused.exit_code == 1
        assert "`sheets.0.regions.0.records.0.into`: “bundles” is no kind of sheet" in refused.words


def test_one_session_or_folder_is_named(folder: Path, layout: Path) -> None:
    assert run("layout", "check", layout).exit_code == 2
    assert run("layout", "propose", "shop", "--folder", folder).exit_code == 2
    assert run("layout", "save", "shop").exit_code == 2
    assert run("layout", "show", "shop").exit_code == 2


@pytest.mark.xdist_group("models")
def test_the_model_of_a_session_proposes_its_layout_and_costs_are_told(
    folder: Path, layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("upload", folder, "--layout", layout).exit_code == 0
    columns = {"Name": "What", "Machine name": "Code", "Type": {"text": "Content type"}}
    record = {"into": "bundle", "columns": columns}
    region = {"name": "kinds", "header": ["What"], "records": [record]}
    partly = {"sheets": [{"worksheets": ["Kinds"], "regions": [region]}]}
    columns_of_all = {**columns, "Description": "Hint", "X": {"text": "w"}}
    whole = {**region, "records": [{**record, "columns": columns_of_all}]}
    answers = [partly, {"sheets": [{"worksheets": ["Kinds"], "regions": [whole]}]}]

    def script(asked: Asked) -> Say:
        answer = answers[min(asked.number, len(answers)) - 1]
        return Say(text=json.dumps(answer), tokens_in=9_000)

    with scripted_server(script) as server:
        monkeypatch.setenv("WRITER_MODEL", "qwen3:14b")
        monkeypatch.setenv("WRITER_BASE_URL", server.base_url("compatible"))
        proposed = run("layout", "propose", "shop")
        without = run("layout", "propose", "shop", "--without-model")
        as_json = run_json("layout", "propose", "shop")

    taken = read_layout(proposed.out.encode())
    assert proposed.exit_code == 0
    assert [sheet.worksheets for sheet in taken.sheets] == [("Kinds",), ("User roles",)]
    assert "Asking qwen3:14b about 1 worksheet" in proposed.err
    assert "Round 1 of 3: 3 things left to settle." in proposed.err
    assert "Type of every bundle is “Content type”." in proposed.err
    assert "“w” is in no cell, and no word of a closed column" in proposed.words
    assert "Proposing it took 3 requests to models, 27,000 tokens in" in proposed.words
    assert "Kinds" not in without.out
    assert (as_json["origin"], as_json["model"]) == ("proposed by a model", "qwen3:14b")
    assert (as_json["round_count"], as_json["writer_requests"]) == (3, 3)
    assert run_json("layout", "show", "shop")["origin"] == "uploaded"
