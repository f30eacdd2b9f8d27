"""save and load: nothing that was typed is lost, and files can be loaded again."""

import csv
from pathlib import Path

import pytest

from jira_pipeline_tests.cli.terminal import Answer, run, run_json

pytestmark = [pytest.mark.usefixtures("reviewed"), pytest.mark.small_site]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All tickets of the session as Markdown files."""
    path = tmp_path / "tickets"
    run_json("tickets", "save", "museum", path)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """All tickets of the session as one CSV file."""
    path = tmp_path / "tickets.csv"
    run_json("tickets", "save", "museum", path)
    return path


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _third(folder: Path) -> Path:
    (file,) = folder.glob("003-*.md")
    return file


def _set_cell(table: Path, column: str, value: str) -> None:
    """Write a cell of ticket 3."""
    with table.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    rows[2][column] = value
    with table.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rows[2].keys())
        writer.writeheader()
        writer.writerows(rows)


def _shown() -> dict[str, object]:
    found = run_json("tickets", "show", "museum", "3")
    return {name: found[name] for name in ("title", "assignee", "priority", "revision")}


def _is_refused(answer: Answer) -> bool:
    return answer.exit_code == 1 and "what people wrote and nobody loaded" in answer.words


@pytest.mark.whole_site
def test_saving_again_overwrites_no_edit_that_was_not_loaded(folder: Path) -> None:
    """The second save took the edit away without a word."""
    file = _third(folder)
    _replace(file, "there already and stay", "there already and go")
    others = {path: path.read_bytes() for path in folder.iterdir()}

    refused = run("tickets", "save", "museum", folder)

    assert _is_refused(refused)
    assert file.name in refused.words
    assert {path: path.read_bytes() for path in folder.iterdir()} == others
    run_json("tickets", "save", "museum", folder, "--force")
    assert "there already and stay" in file.read_text("utf-8")


def test_saving_a_spreadsheet_again_overwrites_no_edit_that_was_not_loaded(table: Path) -> None:
    _set_cell(table, "notes", "Ask Ada.")
    edited = table.read_bytes()

    refused = run("tickets", "save", "museum", table)

    assert _is_refused(refused)
    assert table.read_bytes() == edited
    run_json("tickets", "save", "museum", table, "--force")
    assert b"Ask Ada" not in table.read_bytes()


def test_a_column_somebody_added_to_the_spreadsheet_is_not_overwritten(table: Path) -> None:
    _set_cell(table, "my remarks", "Ask Ada.")

    assert _is_refused(run("tickets", "save", "museum", table))


def test_files_that_nobody_edited_follow_their_tickets(folder: Path, table: Path) -> None:
    old = _third(folder)
    run_json("tickets", "edit", "museum", "3", "--title", "Another title")

    saved = run_json("tickets", "save", "museum", folder)
    run_json("tickets", "save", "museum", table)

    assert saved["removed"] == [str(old)]
    assert not old.exists()
    assert "# Another title" in (folder / "003-another-title.md").read_text("utf-8")
    assert run_json("tickets", "load", "museum", folder)["changes"] == []
    assert "Another title" in table.read_text("utf-8")


def test_files_of_others_are_left_as_they_are(folder: Path) -> None:
    readme, latin = folder / "readme.md", folder / "latin.md"
    readme.write_text("# Hello", "utf-8")
    latin.write_bytes(b"caf\xe9")

    run_json("tickets", "save", "museum", folder)

    assert (readme.read_text("utf-8"), latin.read_bytes()) == ("# Hello", b"caf\xe9")


def test_a_file_of_another_kind_in_the_place_of_a_ticket_is_not_overwritten(folder: Path) -> None:
    file = _third(folder)
    file.write_text("# My own list", "utf-8")

    assert _is_refused(run("tickets", "save", "museum", folder))
    assert file.read_text("utf-8") == "# My own list"


def test_text_above_the_parts_is_not_lost(folder: Path) -> None:
    """It belonged to no part, so that `load` took it for no change."""
    _replace(_third(folder), "<!-- part user_story", "Do not forget Ada.\n\n<!-- part user_story")

    answer = run("tickets", "load", "museum", folder)

    assert answer.exit_code == 1
    assert "belongs to none: 'Do not forget Ada.'" in answer.words
    assert _is_refused(run("tickets", "save", "museum", folder))


@pytest.mark.whole_site
def test_a_title_that_was_taken_out_is_refused(folder: Path) -> None:
    file = _third(folder)
    _replace(file, "# Update workflow: Simple publishing", "")

    answer = run("tickets", "load", "museum", folder)

    assert answer.exit_code == 1
    assert "A title must not be empty" in answer.words


@pytest.mark.whole_site
def test_loading_the_same_files_twice_changes_nothing(folder: Path, table: Path) -> None:
    """The second time blamed others for what the first had loaded."""
    _replace(_third(folder), "# Update", "# Mend")
    _set_cell(table, "title", "Mend workflow: Simple publishing")
    run_json("tickets", "load", "museum", folder)

    again = run_json("tickets", "load", "museum", folder)
    as_well = run_json("tickets", "load", "museum", table)

    assert again["changes"] == as_well["changes"] == []
    assert _shown()["revision"] == 2


@pytest.mark.whole_site
def test_files_are_loaded_edited_and_loaded_again(folder: Path) -> None:
    file = _third(folder)
    _replace(file, "# Update", "# Mend")
    run_json("tickets", "load", "museum", folder)

    _replace(file, "# Mend", "# Repair")
    further = run_json("tickets", "load", "museum", folder)
    _replace(file, "# Repair", "# Update")
    back = run_json("tickets", "load", "museum", folder)

    assert [c["title"] for c in further["changes"]] == ["Repair workflow: Simple publishing"]
    assert [c["title"] for c in back["changes"]] == ["Update workflow: Simple publishing"]
    assert (_shown()["title"], _shown()["revision"]) == ("Update workflow: Simple publishing", 4)
    run_json("tickets", "save", "museum", folder)


def test_a_spreadsheet_is_loaded_edited_and_loaded_again(table: Path) -> None:
    _set_cell(table, "assignee", "ada@example.org")
    run_json("tickets", "load", "museum", table)

    _set_cell(table, "priority", "High")
    _set_cell(table, "title", "Mend workflow")
    run_json("tickets", "load", "museum", table)
    _set_cell(table, "assignee", "grace@example.org")
    last = run_json("tickets", "load", "museum", table)

    assert last["changes"] == [{"number": 3, "title": None, "parts": [], "fields": ["assignee"]}]
    assert _shown() == {
        "title": "Mend workflow",
        "assignee": "grace@example.org",
        "priority": "High",
        "revision": 2,
    }


@pytest.mark.whole_site
def test_a_loaded_file_takes_nothing_back_that_somebody_else_changed_since(folder: Path) -> None:
    file = _third(folder)
    _replace(file, "# Update", "# Mend")
    run_json("tickets", "load", "museum", folder)
    run_json("tickets", "edit", "museum", "3", "--title", "By somebody else")

    loaded = run_json("tickets", "load", "museum", folder)
    _replace(file, "# Mend", "# Repair")
    refused = run("tickets", "load", "museum", folder)

    assert loaded["changes"] == []
    assert refused.exit_code == 1
    assert "A ticket was changed since its file was written: ticket 3 by" in refused.words
    assert "tickets save museum OTHER" in refused.words
    assert _shown()["title"] == "By somebody else"


def test_what_somebody_else_changed_is_left_out_and_the_others_are_loaded(folder: Path) -> None:
    """One ticket that somebody changed kept the edits of all the others out."""
    run_json("tickets", "edit", "museum", "3", "--title", "By somebody else")
    for file in (_third(folder), *folder.glob("00[45]-*.md")):
        file.write_text(file.read_text("utf-8").replace("\n# ", "\n# Now ", 1), "utf-8")

    whole = run("tickets", "load", "museum", folder, "--all-or-nothing")
    before = {t["number"]: t["revision"] for t in run_json("tickets", "list", "museum", "3-5")}
    planned = run_json("tickets", "load", "museum", folder, "--plan")
    answer = run("tickets", "load", "museum", folder)
    again = run("tickets", "load", "museum", folder, "--json")
    after = {t["number"]: t["revision"] for t in run_json("tickets", "list", "museum", "3-5")}

    assert (whole.exit_code, before) == (1, {3: 2, 4: 1, 5: 1})
    assert [change["number"] for change in planned["changes"]] == [4, 5]
    assert [left["number"] for left in planned["left_out"]] == [3]
    assert (answer.exit_code, after) == (1, {3: 2, 4: 2, 5: 2})
    assert "Left out, changed since its file was written by" in answer.words
    assert "tickets diff museum 3" in answer.words
    assert "tickets save museum OTHER" in answer.words
    assert again.json["error"]["code"] == "input_refused"  # nothing else is left to load


@pytest.mark.whole_site
def test_a_refused_load_reports_no_change_as_if_it_were_made(folder: Path) -> None:
    run_json("tickets", "edit", "museum", "3", "--title", "By somebody else")
    _replace(_third(folder), "# Update", "# Mend")

    people = run("tickets", "load", "museum", folder)
    programs = run("tickets", "load", "museum", folder, "--json")

    assert people.out == ""
    assert programs.json["error"]["code"] == "input_refused"


def test_another_way_to_write_the_same_markdown_is_no_change(folder: Path) -> None:
    file = _third(folder)
    part = file.read_text("utf-8").partition("<!-- part verification")[2].partition("<!-- ")[0]
    assert "\n- " in part
    _replace(file, part, part.replace("\n- ", "\n* "))

    assert run_json("tickets", "load", "museum", folder)["changes"] == []


def test_what_files_became_cannot_be_read_is_stated(folder: Path) -> None:
    (folder / ".loaded.json").write_text("[]", "utf-8")

    answer = run("tickets", "load", "museum", folder)

    assert answer.exit_code == 1
    assert ".loaded.json does not say what these files were loaded into" in answer.words
    assert "Remove it" in answer.words


def test_answers_that_were_not_read_are_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "questions.csv"
    run_json("questions", "museum", "--csv", file)
    run_json("questions", "museum", "--csv", file)
    _set_cell(file, "answer", "Ask Ada.")

    refused = run("questions", "museum", "--csv", file)
    run_json("questions", "museum", "--answers", file)
    run_json("questions", "museum", "--csv", file)
    _set_cell(file, "answer", "Ask Grace.")
    run_json("questions", "museum", "--csv", file, "--force")

    assert _is_refused(refused)
    assert "--answers" in refused.words
    assert "Ask Ada." in file.read_text("utf-8")


def test_a_file_is_written_through_a_link(tmp_path: Path) -> None:
    link, target = tmp_path / "link.csv", tmp_path / "target.csv"
    link.symlink_to(target)

    run_json("tickets", "save", "museum", link)

    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("\ufeffticket_id")
