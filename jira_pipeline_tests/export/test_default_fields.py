"""Fields that a project requires beyond ours: `defaults.fields` of session.yaml fills them."""

from collections.abc import Sequence

import pytest
from pydantic import JsonValue

from jira_pipeline.export.create_screen import way_to_fill
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.default_fields import (
    OUR_FIELDS,
    default_fields,
    example_of,
    offered_values,
)
from jira_pipeline.export.jira_names import JiraNames
from jira_pipeline.export.project_check import screen_fields
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.issue_tracker import Account, CreateField, FieldOption
from jira_pipeline.model.sessions import RawFieldValue
from jira_pipeline.sheets.manifest import parse_manifest
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.export.whole_exports import set_rules
from jira_pipeline_tests.jira.rules_of_sites import CustomField, ProjectRules
from jira_pipeline_tests.tables import each

ADA = Account(account_id="a1", display_name="Ada", email="ada@example.org")
TEXTAREA = "com.atlassian.jira.plugin.system.customfieldtypes:textarea"


def options(*names: str) -> tuple[FieldOption, ...]:
    return tuple(FieldOption(option_id=str(n), name=name) for n, name in enumerate(names, start=1))


def a_field(field_id: str, name: str, kind: str, **more: object) -> CreateField:
    usual: dict[str, object] = {"is_required": True, "has_default": False}
    return CreateField(field_id=field_id, name=name, kind=kind, **{**usual, **more})  # type: ignore[arg-type]


WATERS = (
    FieldOption(option_id="11", name="Water", children=options("Salt", "Fresh")),
    FieldOption(option_id="21", name="Land > sea", children=options("Marsh")),
    FieldOption(option_id="31", name="Air"),
)
"""The first list of a cascading select, with the second of each."""
SCREEN = (
    a_field("summary", "Summary", "string"),
    a_field("assignee", "Assignee", "user"),
    a_field("customfield_1", "Team", "option", options=options("Red", "Blue")),
    a_field("customfield_2", "Areas", "array", item_kind="option", options=options("Web", "App")),
    a_field("components", "Components", "array", item_kind="component", options=options("Site")),
    a_field("fixVersions", "Fix versions", "array", item_kind="version", options=options("1.0")),
    a_field("customfield_3", "Budget", "number"),
    a_field("customfield_4", "Code", "string"),
    a_field("customfield_5", "Reason", "string", custom_type=TEXTAREA),
    a_field("customfield_6", "Owner", "user"),
    a_field("duedate", "Due date", "date"),
    a_field("customfield_11", "Starts", "datetime"),
    a_field("customfield_7", "Tags", "array", item_kind="string"),
    a_field("customfield_8", "Twice", "string"),
    a_field("customfield_9", "Twice", "string"),
    a_field("customfield_10", "Object", "any", custom_type="com.example:object-field"),
    a_field("customfield_12", "Squad", "team", custom_type="com.example:squads"),
    a_field("customfield_13", "Area", "option-with-child", options=WATERS),
)


def find(asked: str) -> Sequence[Account]:
    return [ADA] if asked in {"Ada", "ada@example.org"} else []


def test_each_kind_of_field_gets_its_value_in_the_form_of_jira() -> None:
    given = {
        "team": ("blue",),
        "customfield_2": ("Web", "2"),
        "Components": ("Site",),
        "Fix versions": ("1.0",),
        "Budget": ("12.5",),
        "Code": ("A-1",),
        "Owner": ("ada@example.org",),
        "Due date": ("2026-12-31",),
        "Starts": ("2026-12-31T09:00:00+01:00",),
        "Tags": ("one", "two"),
        "Squad": ("https://home.atlassian.com/o/77/people/team/8f3c2d10-12?ref=jira",),
    }

    values, faults = default_fields(given, SCREEN, find=find)

    assert faults == []
    assert values == {
        "customfield_1": {"id": "2"},
        "customfield_2": [{"id": "1"}, {"id": "2"}],
        "components": [{"id": "1"}],
        "fixVersions": [{"id": "1"}],
        "customfield_3": 12.5,
        "customfield_4": "A-1",
        "customfield_6": {"id": "a1"},
        "duedate": "2026-12-31",
        "customfield_11": "2026-12-31T09:00:00.000+0100",
        "customfield_7": ["one", "two"],
        "customfield_12": "8f3c2d10-12",
    }
    text = default_fields({"Reason": ("As *agreed*.",)}, SCREEN, find=find)[0]["customfield_5"]
    assert isinstance(text, dict)
    assert text["type"] == "doc"


def test_what_no_field_takes_is_named_with_what_it_takes() -> None:
    wrong = {
        "Team": ("Green",),
        "Areas": ("Web", "Print"),
        "Budget": ("much",),
        "Due date": ("2026-02-30",),
        "Starts": ("2026-12-31",),
        "Owner": ("Bob",),
        "Code": ("one", "two"),
        "Nothing": ("x",),
        "Twice": ("x",),
        "Object": ("x",),
        "Squad": ("one", "two"),
        "Area": ("Water > Mud",),
        "assignee": ("Ada",),
    }

    values, faults = default_fields(wrong, SCREEN, find=find)

    assert values == {}
    assert len(faults) == len(wrong)
    text = "\n".join(faults)
    for part in (
        "Team: “Green” is not one of Blue, Red",
        "Areas: “Print” is not one of App, Web",
        "“much” is not a number, such as 1.5",
        "“2026-02-30” is not a date, such as 2026-12-31",
        "“2026-12-31” is not a datetime, such as 2026-12-31T09",
        "“Bob”: no one with that address or name",
        "Code: the field takes one value",
        "Nothing: the create screen has no such field; it has Area, Areas,",
        "use an id: customfield_8, customfield_9",
        "no text fills a field of the type any, com.example:object-field; give what Jira",
        "{Object: {raw:",
        "Squad: the field takes one value",
        "Area: below “Water”, “Mud” is not one of Fresh, Salt",
        "assignee: name them as defaults.assignee",
    ):
        assert part in text
    missing = default_fields({"Nothing": ("x",)}, SCREEN, find=find, may_lack=True)
    assert missing == ({}, [])


@each(
    ("given", "value"),
    [
        (("Water > Salt",), {"id": "11", "child": {"id": "1"}}),
        (("water>fresh",), {"id": "11", "child": {"id": "2"}}),
        (("Water", "2"), {"id": "11", "child": {"id": "2"}}),
        (("Land > sea", "Marsh"), {"id": "21", "child": {"id": "1"}}),
        (("Land > sea",), {"id": "21"}),
        (("Land > sea > Marsh",), {"id": "21", "child": {"id": "1"}}),
        (("land > sea>marsh",), {"id": "21", "child": {"id": "1"}}),
        (("Water",), {"id": "11"}),
    ],
)
def test_a_cascading_select_takes_its_parent_with_or_without_a_child(
    given: tuple[str, ...], value: object
) -> None:
    values, faults = default_fields({"Area": given}, SCREEN, find=find)

    assert (values, faults) == ({"customfield_13": value}, [])


@each(
    ("given", "words"),
    [
        (("Fire > Salt",), "“Fire” is not one of Air, Land > sea, Water"),
        (("Air > Salt",), "“Air” has no second list, so not “Salt” either"),
        (("Water > Salt > Deep",), "“Salt” has no second list"),
        (("Land > sea > Mud",), "below “Land > sea”, “Mud” is not one of Marsh"),
    ],
)
def test_what_a_cascading_select_lacks_is_named_with_the_list_it_is_not_in(
    given: tuple[str, ...], words: str
) -> None:
    values, faults = default_fields({"Area": given}, SCREEN, find=find)

    assert values == {}
    assert words in faults[0]


def test_a_text_that_may_be_two_paths_is_refused_with_both() -> None:
    inner = (FieldOption(option_id="4", name="B > C"),)
    outer = (
        FieldOption(option_id="1", name="A", children=inner),
        FieldOption(option_id="2", name="A > B", children=options("C")),
    )
    screen = [a_field("customfield_1", "Area", "option-with-child", options=outer)]

    values, faults = default_fields({"Area": ("A > B > C",)}, screen, find=find)

    assert values == {}
    assert "may mean [A, B > C] or [A > B, C]; write it as such a list" in faults[0]


@each(
    ("field", "raw"),
    [
        (a_field("timetracking", "Time tracking", "timetracking"), {"originalEstimate": "2d"}),
        (a_field("versions", "Versions", "array", item_kind="version"), [{"name": "1.0"}]),
        (a_field("customfield_1", "Groups", "array", item_kind="group"), [{"name": "site-users"}]),
        (
            a_field(
                "customfield_2",
                "Sprint",
                "array",
                item_kind="json",
                custom_type="com.pyxis.greenhopper.jira:gh-sprint",
            ),
            7,
        ),
    ],
)
def test_the_example_of_a_field_that_no_text_fills_is_one_that_jira_takes(
    field: CreateField, raw: JsonValue
) -> None:
    """The example was a sentence, which Jira refuses."""
    text = f"defaults: {{fields: {example_of(field)}}}"

    given = parse_manifest(text.encode(), file_name="session.yaml").defaults.fields

    assert default_fields(given, [field], find=find) == ({field.field_id: raw}, [])


def test_a_field_that_takes_no_value_at_creation_is_neither_listed_nor_advised() -> None:
    """Links, work and comments are added to an issue that is there, says createmeta."""
    links = a_field("customfield_1", "Hulls", "array", item_kind="issuelinks", is_settable=False)

    faults = default_fields({"Hulls": ("ABC-1",)}, [links], find=find)[1]

    assert screen_fields([links], ()) == ()
    assert "takes no value for it when an issue is created" in faults[0]
    assert "defaults.fields" not in way_to_fill([links])


@each("raw", [7, "scn/get-it", [{"workspaceId": "w", "id": "w:1"}], {"id": "5"}, None])
def test_a_raw_value_goes_to_jira_as_it_is_whatever_the_field(raw: JsonValue) -> None:
    given = {"Object": RawFieldValue(raw=raw), "Budget": RawFieldValue(raw=raw)}

    values, faults = default_fields(given, SCREEN, find=find)

    assert (values, faults) == ({"customfield_10": raw, "customfield_3": raw}, [])


def test_what_the_export_fills_itself_takes_no_raw_value_either() -> None:
    given = {"Summary": RawFieldValue(raw="x"), "assignee": RawFieldValue(raw={"id": "a1"})}

    assert default_fields(given, SCREEN, find=find)[0] == {}


def test_the_example_of_a_field_is_a_line_of_the_manifest_that_fills_it() -> None:
    without_values = {"Owner", "Squad", "Object", "Twice"}
    for field in SCREEN:
        if field.field_id in OUR_FIELDS or field.name in without_values:
            continue
        text = f"defaults: {{fields: {example_of(field)}}}"
        given = parse_manifest(text.encode(), file_name="session.yaml").defaults.fields
        values, faults = default_fields(given, SCREEN, find=find)
        assert (list(values), faults) == ([field.field_id], [])
    assert example_of(SCREEN[-1]) == "{Area: Water > Salt}"
    assert (
        offered_values(SCREEN[-1])
        == "Air, Land > sea, Water; Water: Fresh, Salt; Land > sea: Marsh"
    )


TEAM = CustomField(id="customfield_10050", name="Team", kind="option", options=("Red", "Blue"))


def teams_in(world: ExportWorld) -> list[str]:
    """The team of every issue that was created, as stored."""
    rows = world.rows("SELECT value FROM issue_custom_value")
    return [str(row["value"]) for row in rows]


@pytest.fixture
def demanding(world: ExportWorld) -> ExportWorld:
    """A site whose project requires a team."""
    rules = ProjectRules(required_fields=(TEAM.id,))
    set_rules(world, projects={"SBX": rules}, custom_fields=(TEAM,))
    return world


def test_a_required_field_is_filled_on_every_issue(demanding: ExportWorld) -> None:
    demanding.names = JiraNames(fields={"Team": ("Blue",)})

    demanding.export()

    assert demanding.violations() == []
    assert len(teams_in(demanding)) > 1
    assert all("Blue" in team for team in teams_in(demanding))


@pytest.mark.parametrize(
    ("fields", "message", "advice"),
    [
        ({}, "requires fields that are not filled: Team", "defaults.fields in session.yaml"),
        ({"Team": ("Green",)}, "“Green” is not one of Blue, Red", "Correct defaults.fields"),
    ],
)
def test_nothing_is_created_without_it(
    demanding: ExportWorld, fields: dict[str, tuple[str, ...]], message: str, advice: str
) -> None:
    demanding.names = JiraNames(fields=fields)

    with demanding.process() as (tools, order), pytest.raises(RefusedError) as caught:
        create_issues(tools, order)

    assert message in caught.value.message
    assert advice in action_text(caught.value.recovery_actions[0])
    assert teams_in(demanding) == []
