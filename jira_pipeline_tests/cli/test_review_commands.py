"""tickets, validate, generate, status, sessions, errors, audit: what people see, change and mark."""

import re
import shlex
import sys
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import insert

from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.store import tables
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.sheets.made_workbooks import Cells, with_cell, workbook_of
from jira_pipeline_tests.tables import each

pytestmark = [pytest.mark.usefixtures("reviewed"), pytest.mark.small_site]
ANSWER_HEAD = ["ticket", "question_id", "answer"]


def test_tickets_with_a_session_alone_lists_them() -> None:
    listed = run("tickets", "list", "museum", "--title-has", "Configure")

    assert listed.exit_code == 0
    assert run("tickets", "museum", "--title-has", "Configure").out == listed.out
    assert "No such command 'aprove'" in run("tickets", "aprove", "museum").words


@each(
    "command",
    [
        ("status",),
        ("questions",),
        ("tickets", "list"),
        ("tickets", "ready", "--all"),
        ("tickets", "unready", "--all"),
        ("validate",),
        ("generate",),
        ("export", "--plan"),
        ("results",),
        ("fixes",),
        ("errors",),
        ("audit",),
    ],
    ids=" ".join,
)
def test_an_unknown_session_is_wrong_use_and_names_the_known_ones(command: tuple[str, ...]) -> None:
    answer = run(*command, "musem")

    assert answer.exit_code == 2
    assert "musem" in answer.words
    assert "museum" in answer.words


@pytest.mark.whole_site
def test_what_all_views_have_in_common_is_listed_and_its_suggestions_are_accepted() -> None:
    before = run("questions", "museum").words
    kept = run("questions", "museum", "--accept", "site", "--answer", "site.Sort", "by title")
    after = run("questions", "museum").words

    cells = [re.search(r"(\d+) cells of forms to fill in", words) for words in (before, after)]
    counts = [int(found[1]) for found in cells if found]
    assert counts == [60, 32]
    assert "7 answers saved in tickets 19-20, 22." in kept.words
    assert ("by title" in before, "by title" in after) == (False, True)


def test_hours_are_added_up_for_people_programs_and_spreadsheets(tmp_path: Path) -> None:
    run("tickets", "skip", "museum", "3", "--reason", "Later.")
    run("tickets", "assign", "museum", "--group", "Views", "--sprint", "Sprint 2")

    table = tmp_path / "hours.csv"
    shown = run("hours", "museum", "--csv", table)
    answer = run_json("hours", "museum")

    assert answer["skipped"] == 1
    assert [one["name"] for one in answer["by_sprint"]] == ["Sprint 2", None]
    assert f"{answer['hours_low']}-{answer['hours_high']} hours for " in shown.words
    assert ("no sprint" in shown.words, "no epic" in shown.words) == (True, False)
    assert "sprint,Sprint 2," in table.read_text(encoding="utf-8-sig")


@pytest.mark.whole_site
def test_the_rows_of_a_ticket_are_shown_cell_by_cell() -> None:
    ticket = run_json("tickets", "show", "museum", 16)
    shown = run("tickets", "show", "museum", 16, "--rows").words

    rows = ticket["source_rows"]
    lines = {(s["file"], n) for s in ticket["source_files"] for n in s["lines"]}
    assert {(row["file"], row["line"]) for row in rows} == lines
    assert all(row["cells"] for row in rows)
    assert all(f"{row['file']}, line {row['line']}" in shown for row in rows)


def test_a_body_above_the_limit_fails_validation_and_may_not_be_marked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ADF_BODY_MAX_BYTES", "900")

    answer = run("validate", "museum", "--json")
    marked = run("tickets", "ready", "museum", "--all")

    failed = [r for r in answer.json["results"] if r["status"] == "failed"]
    assert (answer.exit_code, answer.json["all_passed"]) == (1, False)
    assert answer.json["failed"] == len(failed) > 0
    assert all("900" in r["error_message"] and r["suggested_fix"] for r in failed)
    assert marked.exit_code == 3
    assert "have not passed validation" in marked.words


def test_validating_what_has_not_changed_starts_no_run_and_says_the_same() -> None:
    run("tickets", "edit", "museum", "1", "--title", "Other")
    first = run_json("validate", "museum")
    with opened_instance() as instance:
        runs = instance.get_runs_count()

    again = run_json("validate", "museum")

    with opened_instance() as instance:
        assert instance.get_runs_count() == runs
    assert again == first


def test_a_dependency_by_hand_that_yields_to_the_sheets_is_named(reviewed: Path) -> None:
    """It was only in the audit trail that what a person decided holds no longer."""
    with projects.opened(reviewed) as pipeline:
        tickets = {t.ticket_id: t for t in pipeline.store.tickets.list_all("museum")}
        later = next(ticket for ticket in tickets.values() if ticket.depends_on)
        number = tickets[later.depends_on[0]].number
        with pipeline.store.database.writing() as connection:  # as if the sheets asked since
            connection.execute(
                insert(tables.dependencies).values(
                    session_key="museum",
                    ticket_id=later.depends_on[0],
                    other_ticket_id=later.ticket_id,
                    kind="blocks",
                    origin="manual",
                )
            )

    regenerated = run("generate", "museum").words

    assert f"Ticket {number} no longer waits for ticket {later.number}" in regenerated
    assert f"jira-pipeline tickets show museum {number}" in regenerated


@pytest.mark.whole_site
def test_a_part_of_a_long_list_names_what_it_waits_for_beyond_it() -> None:
    whole = run_json("tickets", "list", "museum")

    part = run_json("tickets", "list", "museum", "--limit", "2", "--offset", "15")
    regenerated = run("tickets", "list", "museum", "--limit", "2", "--offset", "15").words

    assert whole[15:17] == part
    assert "2 shown of 24 tickets" in regenerated
    assert "2, 4, 10, 11" in regenerated  # what ticket 16 waits for


def test_links_for_the_client_are_made_listed_and_revoked_by_person() -> None:
    made = [run("client-link", "museum", "--for", name).words for name in ("Jo", "Kim", "JO")]
    topic = run("client-link", "museum", "--for", "Ann", "--topic", "Ships")
    listed = run_json("client-link", "museum", "--list")
    run("client-link", "museum", "--for", "jo", "--revoke")
    left = run_json("client-link", "museum", "--list")

    assert ["no longer works" in said for said in made] == [False, False, True]
    assert all("minute" in said for said in made)
    assert (topic.exit_code, "Topics: " in topic.words) == (2, True)
    assert [one["made_for"] for one in listed] == ["JO", "Kim"]
    assert [one["made_for"] for one in left] == ["Kim"]


@pytest.mark.whole_site
def test_some_tickets_are_checked_by_numbers_and_ranges_and_nothing_is_stored() -> None:
    before = len(run_json("audit", "museum"))

    answer = run_json("validate", "museum", "--tickets", "3,7-9, 7")

    assert [result["number"] for result in answer["results"]] == [3, 7, 8, 9]
    assert (answer["tickets_tested"], answer["passed"], answer["failed"]) == (4, 4, 0)
    assert all(len(result["content_hash"]) == 64 for result in answer["results"])
    assert all(result["violations"] == [] for result in answer["results"])
    assert len(run_json("audit", "museum")) == before


def _editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, replace: str, by: str) -> None:
    """Let the editor be a program that replaces text in the file it is given."""
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys, pathlib\n"
        "path = pathlib.Path(sys.argv[1])\n"
        f"path.write_text(path.read_text('utf-8').replace({replace!r}, {by!r}), 'utf-8')\n"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    monkeypatch.chdir(tmp_path)


@pytest.mark.whole_site
def test_a_ticket_is_edited_in_the_editor_unless_nothing_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _editor(tmp_path, monkeypatch, replace="no such text", by="")
    nothing = run("tickets", "edit", "museum", "3", "--part", "analysis")
    _editor(tmp_path, monkeypatch, replace="already and stay", by="already and are kept")

    answer = run("tickets", "edit", "museum", "3", "--part", "analysis")

    assert (nothing.exit_code, nothing.words) == (0, "Nothing was changed.")
    assert answer.exit_code == 0
    assert "Ticket 3 is now at revision 2" in answer.words
    diff = run_json("tickets", "diff", "museum", "3")
    assert [part["part"] for part in diff["parts"]] == ["analysis"]
    added = [line for line in diff["parts"][0]["lines"] if line.startswith("+")]
    assert any("there already and are kept" in line for line in added)


@each("editor", ["false", "no-such-editor", "an 'unclosed quote"])
def test_an_editor_that_fails_is_named_and_leaves_the_ticket_alone(
    editor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended in a stack, which named neither the setting nor the way without an editor."""
    monkeypatch.setenv("VISUAL", editor)

    answer = run("tickets", "edit", "museum", "3", "--part", "analysis")

    assert answer.exit_code == 1
    assert "Ticket 3 is unchanged: " in answer.words
    assert "Set VISUAL or EDITOR to your editor." in answer.words


def test_what_was_typed_while_somebody_else_edited_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text of the second person was gone once the editor had closed."""
    _editor(tmp_path, monkeypatch, replace="\n", by="\nMine.")
    run_json("tickets", "edit", "museum", "3", "--title", "By somebody else")
    (tmp_path / "museum-3.edited.md").write_text("from last time", "utf-8")

    answer = run("tickets", "edit", "museum", "3", "--part", "analysis", "--revision", "1")

    assert answer.exit_code == 1
    assert "Nothing was overwritten" in answer.words
    assert "Mine." in (tmp_path / "museum-3.edited-2.md").read_text("utf-8")
    assert (tmp_path / "museum-3.edited.md").read_text("utf-8") == "from last time"


@pytest.mark.whole_site
def test_all_answers_of_one_command_are_kept_and_their_tickets_named() -> None:
    """Only the last was kept, and `1 answer kept` said nothing of the others."""
    answer = run(
        *("questions", "museum", "--answer", "1.1", "-"),
        *("--answer=16.1", "Draft, as ever.", "--only", "--answer", "16.2", "--all"),
    )

    assert answer.exit_code == 0, answer.words
    assert "3 answers saved in tickets 1, 16." in answer.words
    answers = {
        (q["ticket_number"], q["number"]): q["answer"] for q in run_json("questions", "museum")
    }
    assert [answers[1, 1], answers[16, 1], answers[16, 2]] == ["-", "Draft, as ever.", "--all"]


@pytest.mark.whole_site
def test_answers_that_others_replace_are_named_with_what_puts_them_back() -> None:
    """The outcome said only "1 answer kept"."""
    first = run("questions", "museum", "--answer", "16.1", "Anna's", "--only")
    same = run("questions", "museum", "--answer", "16.1", "Anna's", "--only")
    second = run("questions", "museum", "--answer", "16.1", "Ben's", "--only")
    back = "questions museum --only --answer 16.1 'Anna'\"'\"'s'"
    put_back = run(*shlex.split(back))
    removed = run("questions", "museum", "--answer", "16.1", "", "--only")
    answered = {
        (q["ticket_number"], q["number"]): q["answer"] for q in run_json("questions", "museum")
    }

    assert "Replaced" not in first.words + same.words
    assert "Replaced at 16.1: “Anna's”, answered by " in second.words
    assert f"To put it back: jira-pipeline {back}" in second.words
    assert "Replaced at 16.1: “Ben's”" in put_back.words
    assert "Removed at 16.1: “Anna's”" in removed.words
    assert answered[16, 1] is None


@each(
    ("content", "message"),
    [
        ([["ticket", "answer"], ["1", "x"]], "no column question_id"),
        ([ANSWER_HEAD, ["99", "x", "y"]], "line 2: there is no ticket '99'"),
        ([ANSWER_HEAD, ["2", "nope", "y"]], "no question nope"),
        ([ANSWER_HEAD, ["2", "x", "y" * 5_001]], "line 2: the answer has more than"),
    ],
)
def test_a_file_of_answers_that_cannot_be_used_is_refused_whole(
    tmp_path: Path, content: Cells, message: str
) -> None:
    file = tmp_path / "answers.xlsx"
    file.write_bytes(workbook_of({"Questions": content}))

    answer = run("questions", "museum", "--answers", file)

    assert answer.exit_code == 1
    assert message in answer.words


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "endless.csv"
    file.symlink_to("/dev/zero")

    answer = run("questions", "museum", "--answers", file)

    assert answer.exit_code == 1
    assert "more than 50,000,000 bytes" in answer.words


def test_answers_that_were_not_read_are_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "questions.xlsx"
    run_json("questions", "museum", "--xlsx", file)
    run_json("questions", "museum", "--xlsx", file)
    _answer_first(file, "Ask Ada.")

    refused = run("questions", "museum", "--xlsx", file)
    run_json("questions", "museum", "--answers", file)
    run_json("questions", "museum", "--xlsx", file)
    _answer_first(file, "Ask Grace.")
    run_json("questions", "museum", "--xlsx", file, "--force")

    assert refused.exit_code == 1
    assert "answers that have not been loaded" in refused.words
    assert "--answers" in refused.words
    assert "Ask Ada." in {cell.value for cell in openpyxl.load_workbook(file).worksheets[0][2]}


def _answer_first(file: Path, answer: str) -> None:
    file.write_bytes(with_cell(file.read_bytes(), "Answer", answer))


def test_a_file_is_written_through_a_link(tmp_path: Path) -> None:
    link, target = tmp_path / "link.xlsx", tmp_path / "target.xlsx"
    link.symlink_to(target)

    run_json("questions", "museum", "--xlsx", link)

    assert link.is_symlink()
    assert target.read_bytes().startswith(b"PK")


@pytest.mark.whole_site
def test_what_was_kept_before_a_circle_was_refused_is_reported() -> None:
    answer = run("tickets", "depend", "museum", "4", "2", "17")

    assert answer.exit_code == 1
    assert "2: already saved, nothing to repeat." in answer.words
    listed = {t["number"]: t for t in run_json("tickets", "list", "museum")}
    assert listed[2]["ticket_id"] in listed[4]["depends_on"]


def test_marking_ready_validates_what_changed(reviewed: Path) -> None:
    """It was refused, and named another command to type first."""
    run("tickets", "edit", "museum", "3", "--title", "Another title")
    with projects.opened(reviewed) as pipeline:
        before = pipeline.store.validations.checked("museum")

    other = run_json("tickets", "ready", "museum", "4")
    with projects.opened(reviewed) as pipeline:
        between = pipeline.store.validations.checked("museum")
    marked = run_json("tickets", "ready", "museum", "--all")
    status = run_json("status", "museum")

    assert before == between
    assert (other["marked"], marked["marked"]) == (1, projects.SMALL_TICKETS - 1)
    assert (status["stale"], status["next_command"]) == ([], "jira-pipeline export museum")


def test_what_a_run_is_at_work_on_is_not_validated_beside_it(reviewed: Path) -> None:
    run("tickets", "edit", "museum", "3", "--title", "Another title")
    with projects.opened(reviewed) as pipeline:
        projects.show_run(pipeline, SessionStatus.RUNNING)
        refused = run("tickets", "ready", "museum", "3")

        assert refused.exit_code == 3
        assert pipeline.store.sessions.get("museum").stage is SessionStage.JIRA_EXPORT


@pytest.mark.whole_site
def test_names_that_jira_does_not_know_are_marked_until_they_are_corrected() -> None:
    """13 tickets of 13 were changed to somebody nobody knows, and only the export said so."""
    names = {"assignee": "Nobody Known", "sprint": "Sprint 99"}
    typed = [word for name, value in names.items() for word in (f"--{name}", value)]
    said = run("tickets", "assign", "museum", "7", *typed)
    listed, shown = run("tickets", "list", "museum", "7"), run("tickets", "show", "museum", "7")
    run("tickets", "assign", "museum", "7", "--assignee", "Ada Example", "--sprint", "")
    corrected = run("tickets", "list", "museum", "7")

    for name, value in names.items():
        for answer in (said, shown):
            assert f"Jira has no {name} {value}: " in answer.words
    assert listed.words.count("(unknown)") == 2
    assert "nknow" not in corrected.words


@pytest.mark.whole_site
def test_tickets_are_listed_as_they_are_chosen_elsewhere() -> None:
    fields = {"assignee": "Mara", "sprint": "SBX Sprint 2", "labels": "x", "priority": "Low"}
    typed = [word for name, value in fields.items() for word in (f"--{name}", value)]
    run_json("tickets", "assign", "museum", "7", *typed)
    views = [t["number"] for t in run_json("tickets", "list", "museum", "--group", "views")]

    listed = run_json("tickets", "list", "museum", "3", "7-9", "--limit", "3")
    shown = run("tickets", "list", "museum", "7")
    titled = run_json("tickets", "list", "museum", "--group", "Views", "--title-has", "collection")
    nobody = run("tickets", "list", "museum", "--title-has", "no such title")
    run("tickets", "assign", "museum", "6", "--assignee", "")
    run("tickets", "skip", "museum", "--assigned-to", "Mara", "--reason", "Built already")
    chosen = {
        name: [t["number"] for t in run_json("tickets", "list", "museum", *options)]
        for name, options in {
            "hers": ("--assigned-to", "Mara"),
            "sprint": ("--in-sprint", "SBX Sprint 2"),
            "fields": ("--with-label", "x", "--with-priority", "Low"),
            "skipped": ("--readiness", "skipped", "--state", "skipped"),
            "without": ("--assigned-to", "", "6-8"),
        }.items()
    }

    assert chosen == {"hers": [7], "sprint": [7], "fields": [7], "skipped": [7], "without": [6]}
    assert [t["number"] for t in listed] == [3, 7, 8]
    assert all(t["estimated_hours"] for t in listed)
    words = ("assignee", "sprint", "hours", "Mara", "1 shown of 24 tickets")
    assert [word for word in words if word not in shown.words] == []
    assert {t["number"] for t in titled} < set(views)
    assert nobody.exit_code == 2
