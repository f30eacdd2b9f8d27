"""What Jira calls things differs; which one is meant is found by id, name or words, never guessed."""

from jira_pipeline.export.jira_names import (
    LINK_TEXTS,
    LinkKind,
    Unresolved,
    choose_issue_type,
    choose_link_type,
    choose_option,
)
from jira_pipeline.model.issue_tracker import FieldOption, IssueType, LinkType
from jira_pipeline_tests.tables import each


def kind(own_id: str, name: str, *, shipped: str | None = None, level: int | None = 0) -> IssueType:
    return IssueType(
        issue_type_id=own_id,
        name=name,
        is_subtask=level is not None and level < 0,
        untranslated_name=shipped,
        hierarchy_level=level,
    )


EPIC = kind("1", "Epic", level=1)
STORY = kind("2", "Story")
TASK = kind("3", "Task")
SUBTASK = kind("4", "Task", level=-1)
AUFGABE = kind("5", "Aufgabe", shipped="Task")
ANFORDERUNG = kind("6", "Anforderung", shipped="Story")


@each(
    ("issue_types", "asked", "chosen"),
    [
        ((EPIC, STORY, TASK, SUBTASK), None, "3"),
        ((EPIC, ANFORDERUNG, AUFGABE, SUBTASK), None, "5"),
        ((EPIC, kind("7", "Arbeit"), SUBTASK), None, "7"),
        ((kind("8", "Task", shipped="Story"), AUFGABE), None, "5"),
        ((EPIC, STORY, TASK), "story", "2"),
        ((EPIC, STORY, TASK), "2", "2"),
        ((EPIC, STORY, TASK), "Epic", "1"),
        ((EPIC, ANFORDERUNG, AUFGABE), "Task", "5"),
        ((EPIC, STORY, kind("2000", "3"), TASK), "3", "3"),
        ((EPIC, kind("9", "Task", level=None)), None, "9"),
    ],
)
def test_an_issue_type_is_chosen_where_one_is_meant(
    issue_types: tuple[IssueType, ...], asked: str | None, chosen: str
) -> None:
    found = choose_issue_type(issue_types, name=asked)

    assert isinstance(found, IssueType)
    assert found.issue_type_id == chosen


@each(
    ("issue_types", "asked"),
    [
        ((EPIC, STORY, kind("7", "Arbeit")), None),
        ((EPIC,), None),
        ((kind("1", "Idea", level=None),), None),
        ((SUBTASK,), None),
        ((), None),
        ((TASK, kind("30", "Task")), None),
        ((TASK, kind("30", "Task")), "Task"),
        ((TASK, SUBTASK), "4"),
        ((EPIC, STORY, TASK), "Bug"),
    ],
)
def test_an_issue_type_that_could_be_another_is_asked_for(
    issue_types: tuple[IssueType, ...], asked: str | None
) -> None:
    found = choose_issue_type(issue_types, name=asked)

    assert isinstance(found, Unresolved)
    own = [one for one in issue_types if not one.is_subtask]
    assert all(f"{one.name} ({one.issue_type_id})" in found.reason for one in own)


def test_the_sandbox_need_not_have_what_people_named_for_their_jira() -> None:
    assert choose_issue_type((EPIC, TASK), name="Aufgabe", is_sandbox=True) == TASK


HIGH = FieldOption(option_id="2", name="Hoch", untranslated_name="High")
LOW = FieldOption(option_id="4", name="Niedrig")


@each("asked", ["Hoch", "hoch", "2", "High"])
def test_a_priority_is_found_by_name_id_or_what_jira_ships(asked: str) -> None:
    assert choose_option((HIGH, LOW), asked) == HIGH


@each(
    ("options", "asked"),
    [
        ((HIGH, LOW), "Low"),
        ((), "Low"),
        ((LOW, FieldOption(option_id="9", name="niedrig")), "Niedrig"),
    ],
)
def test_a_priority_is_never_guessed(options: tuple[FieldOption, ...], asked: str) -> None:
    assert isinstance(choose_option(options, asked), Unresolved)


def link(own_id: str, name: str, inward: str, outward: str) -> LinkType:
    return LinkType(link_type_id=own_id, name=name, inward=inward, outward=outward)


BLOCKS = link("1", "Blocks", "is blocked by", "blocks")
BLOCKIERT = link("2", "Blockiert", "wird blockiert von", "blockiert")
RENAMED = link("3", "Dependency", "Is Blocked By", "blocks")
RELATES = link("4", "Relates", "relates to", "relates to")
DEPENDS = link("5", "Depends", "is needed by", "depends on")
BACKWARDS = link("6", "Blocked", "blocks", "is blocked by")


@each(
    ("link_types", "asked", "chosen"),
    [
        ((BLOCKS, BLOCKIERT, RELATES), None, "1"),
        ((BLOCKIERT, RELATES), None, "2"),
        ((RENAMED, RELATES), None, "3"),
        ((BLOCKS, DEPENDS), "depends", "5"),
        ((BLOCKS, DEPENDS), "5", "5"),
    ],
)
def test_a_link_type_is_chosen_by_setting_then_name_then_words(
    link_types: tuple[LinkType, ...], asked: str | None, chosen: str
) -> None:
    found = choose_link_type(LinkKind.BLOCKS, link_types, name=asked)

    assert isinstance(found, LinkType)
    assert found.link_type_id == chosen


@each(
    ("link_types", "asked"),
    [
        ((), None),
        ((RELATES, DEPENDS), None),
        ((BLOCKIERT, RENAMED), None),
        ((BLOCKS,), "Depends"),
        ((link("7", "Half", "is blocked by", "stops"),), None),
        ((BACKWARDS,), None),
        ((BACKWARDS,), "Blocked"),
        ((link("8", "Blocks", "blocks", "is blocked by"),), None),
    ],
)
def test_a_link_type_is_never_guessed_and_never_turned_round(
    link_types: tuple[LinkType, ...], asked: str | None
) -> None:
    """A link the wrong way round says the opposite of what the sheets say."""
    assert isinstance(choose_link_type(LinkKind.BLOCKS, link_types, name=asked), Unresolved)


def test_no_pair_of_words_is_its_own_opposite() -> None:
    pairs = LINK_TEXTS[LinkKind.BLOCKS]

    assert not pairs & {pair[::-1] for pair in pairs}
