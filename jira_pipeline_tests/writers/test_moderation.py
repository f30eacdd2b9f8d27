"""What moderates a content type: concluded from the notes, asked once where they leave it open."""

import pytest

from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.writers.rubric import items_of, plain
from jira_pipeline_tests.writers.test_template_writer import written

LABEL = "Types with 'Library' in the title."
OTHERS = "Used on all other types."


def moderated(title: str, *notes: str, states: tuple[str, ...] = (), x: str = "a") -> TicketProse:
    """A ticket of a site with two moderated types and a workflow for each note."""
    names = ("Tips Library", "Page", "Quay")
    return written(
        title,
        bundles=[
            bundle(n, n[0].casefold()) | {"Mod.": "y", "Description": "Add it."} for n in names
        ],
        fields=[field(f"{n} (Content type)", "field_a") for n in names],
        workflows=[
            {"Label": label, "Machine name": label.casefold(), "X": x, "Notes": note}
            for label, note in zip(("Editing", "Plain"), notes, strict=False)
        ],
        states=[{"Workflow": "Plain", "Label": s, "Machine name": s, "X": "a"} for s in states],
    )


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("Tips Library", f"Moderation: By the workflow “Editing”: “{LABEL[:-1]}”."),
        ("Page", f"Moderation: By the workflow “Plain”: “{OTHERS[:-1]}”."),
    ],
)
def test_a_type_says_which_note_settles_its_workflow(name: str, item: str) -> None:
    prose = moderated(f"Configure content type: {name}", LABEL, OTHERS)

    assert item in items_of(prose.parts.analysis)
    assert not any("Which workflow" in question.question for question in prose.questions)


def test_all_others_are_those_that_no_other_workflow_means() -> None:
    prose = moderated("Configure workflow: Plain", LABEL, OTHERS, states=("Draft",))

    applies = "Applies to: Checked once they exist: Page (ticket 4) and Quay (ticket 5)."
    assert applies in items_of(prose.parts.analysis)
    assert f"As noted: “{OTHERS[:-1]}”" in items_of(prose.parts.verification)
    assert not any("use Plain" in check for check in items_of(prose.parts.verification))


@pytest.mark.parametrize("title", ["Page", "Quay"])
def test_what_no_note_settles_is_asked_in_the_same_words_of_each_type(title: str) -> None:
    prose = moderated(f"Configure content type: {title}", LABEL, "")

    assert [q.question for q in prose.questions if q.column == "Mod."] == [
        "Mod. is y, but the notes of Editing and Plain do not name it: which workflow moderates it?"
    ]


def test_without_a_roles_sheet_a_note_for_all_roles_is_quoted_once_and_whole() -> None:
    """Its sentence ended with `covers .`, and another bullet repeated the same quotation."""
    transition: Row = {
        "Workflow": "Plain",
        "Label": "Launch",
        "Machine name": "launch",
        "X": "a",
        "From state": "Draft",
        "To state": "Draft",
        "Notes": "All roles except intern can use. Mail to the harbour master.",
    }

    prose = written(
        "Configure workflow: Plain",
        workflows=[{"Label": "Plain", "Machine name": "plain", "X": "a"}],
        states=[{"Workflow": "Plain", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[transition],
    )

    whole = plain(prose.parts.analysis + prose.parts.verification)
    assert whole.count("Note: “All roles except intern can use. Mail to the harbour master”") == 1
    assert "covers" not in whole


def test_a_role_that_is_only_notified_gets_no_permission() -> None:
    prose = written(
        "Configure workflow: Plain",
        roles=[{"Name": n, "Machine name": n.casefold(), "X": "a"} for n in ("Mate", "Captain")],
        workflows=[{"Label": "Plain", "Machine name": "plain", "X": "a"}],
        states=[{"Workflow": "Plain", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[
            {"Workflow": "Plain", "Label": "Launch", "Machine name": "launch", "X": "a"}
            | {"From state": "Draft", "To state": "Draft"}
            | {"Notes": "Mate can use. Mail to all captains."}
        ],
    )

    assert "With the role mate: Launch can be used" in items_of(prose.parts.verification)
    assert "captain may use no transition of Plain" in items_of(prose.parts.verification)


def test_what_notes_say_of_types_and_states_is_not_asked() -> None:
    notes = ("Page only.", "All content types except Page. Default state is Draft.")
    row = {"Workflow": "Plain", "X": "a"}
    named = {name: {"Label": name, "Machine name": name.casefold()} for name in ("Draft", "Out")}
    prose = written(
        "Configure workflow: Plain",
        bundles=[
            bundle(n, n.casefold()) | {"Mod.": "y", "Description": "Add it."}
            for n in ("Page", "Quay")
        ],
        fields=[field(f"{n} (Content type)", "field_a") for n in ("Page", "Quay")],
        workflows=[
            {"Label": label, "Machine name": label.casefold(), "X": "a", "Notes": note}
            for label, note in zip(("Editing", "Plain"), notes, strict=True)
        ],
        states=[
            row | named["Draft"] | {"Notes": "Unpublished, not shown"},
            row | named["Out"] | {"Notes": "Published, default revision"},
        ],
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "x"}],
        transitions=[
            row
            | {"Label": "Send out", "Machine name": "send", "From state": "Draft"}
            | {"To state": "Out", "Notes": "Pilot. Ask for confirmation if the tide is low."},
            row
            | {"Label": "Mend", "Machine name": "mend", "From state": "Out", "To state": "Out"}
            | {"Notes": "Same people as Send out"},
            row
            | {"Label": "Keep", "Machine name": "keep", "From state": "Draft", "To state": "Draft"}
            | {"Notes": "Pilot"},
        ],
    )

    assert prose.questions == ()
    checks = items_of(prose.parts.verification)
    applies = "Applies to: Checked once it exists: Quay (ticket 4)."
    assert applies in items_of(prose.parts.analysis)
    assert "With the role pilot: Send out, Mend and Keep can be used" in checks
    assert any("Ask for confirmation if the tide is low" in check for check in checks)


def test_a_role_that_may_do_what_another_may_is_not_shut_out() -> None:
    mate = {"Name": "Mate", "Machine name": "mate", "X": "a"}
    prose = written(
        "Configure workflow: Plain",
        roles=[
            mate,
            mate | {"Name": "Pilot", "Machine name": "pilot", "Notes": "Everything a mate may do"},
        ],
        workflows=[{"Label": "Plain", "Machine name": "plain", "X": "a"}],
        states=[{"Workflow": "Plain", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[
            {"Workflow": "Plain", "Label": "Launch", "Machine name": "launch", "X": "a"}
            | {"From state": "Draft", "To state": "Draft", "Notes": "Mate can use."}
        ],
    )

    assert "use no transition" not in plain(prose.parts.verification)


def test_the_column_of_a_workflow_says_what_it_moderates_and_its_note_is_kept_apart() -> None:
    sheets: dict[str, list[Row]] = {
        "bundles": [bundle(n, n.casefold()) | {"Mod.": "y"} for n in ("Page", "Quay")],
        "fields": [field(f"{n} (Content type)", "field_a") for n in ("Page", "Quay")],
        "workflows": [
            {"Label": "Yard", "Machine name": "yard", "X": "a", "Applies to": "Quay"}
            | {"Notes": "Only pilots see drafts"},
            {"Label": "Sea", "Machine name": "sea", "X": "a", "Applies to": "Page"},
        ],
        "states": [{"Workflow": "Yard", "Label": "Draft", "Machine name": "draft", "X": "a"}],
    }

    quay = written("Configure content type: Quay", **sheets)
    yard = written("Configure workflow: Yard", **sheets)

    item = "Moderation: By Yard, which applies to this content type."
    assert item in items_of(quay.parts.analysis)
    assert not any(question.column == "Mod." for question in quay.questions)
    assert "Sea" not in plain(quay.parts.analysis)
    assert "Applies to: Checked once it exists: Quay (ticket 4)." in items_of(yard.parts.analysis)
    assert "As noted: “Only pilots see drafts”" in items_of(yard.parts.verification)


def test_the_workflow_that_the_note_of_a_type_names_moderates_it() -> None:
    quay = written(
        "Configure content type: Quay",
        bundles=[bundle("Quay", "quay") | {"Mod.": "y", "Settings/notes": "wf yard"}],
        fields=[field("Quay (Content type)", "field_a")],
        workflows=[
            {"Label": label, "Machine name": label.casefold(), "X": "a"}
            for label in ("Yard", "Sea")
        ],
    )

    assert "Moderation: By Yard, which its note names." in items_of(quay.parts.analysis)
    assert quay.questions == ()
