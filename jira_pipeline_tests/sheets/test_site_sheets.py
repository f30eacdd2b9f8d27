"""Sheets made of a configuration are read as any others, and say what changed."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from jira_pipeline.drupal.columns import columns_holding, columns_of
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS, note_of
from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import READ_CHARACTERS_MAX, Entity, EntityKind, Specification
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.findings import has_errors
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.sheet_kinds import BUNDLE_TYPE, SHEET_RULES
from jira_pipeline.sheets.site_sheets import blank_sheets, files_of, make_sheets
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.drupal.site.exports import CLUB, changed, write_export
from jira_pipeline_tests.sheets.made_readings import read_folder
from jira_pipeline_tests.sheets.made_specifications import specification_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import briefs_of


def rows_of(
    folder: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    since: Mapping[str, Any] | None = None,
    name: str = "sheets",
) -> tuple[Entity, ...]:
    """Make sheets of a site, and of what it was, and read them: no finding is an error."""
    older = None if since is None else write_export(folder / "older", since)
    out = folder / name
    made = make_sheets(write_export(folder / "sync", changes), since=older, out=out)
    for path, content in made.files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    reading = read_folder(out)
    entities = read_entities(reading.tables)
    assert not has_errors([*reading.findings, *entities.findings])
    return entities.entities


@pytest.mark.parametrize("name", ["sheets", "site.xlsx"])
def test_the_reader_reads_what_was_written(tmp_path: Path, name: str) -> None:
    rows = rows_of(tmp_path, name=name)

    site = site_entities(read_configuration(tmp_path / "sync"))
    listed = []
    for entity in site.entities:
        # The notes of an image style list its effects.
        if not entity.is_as_shipped and entity.kind is not EntityKind.IMAGE_EFFECT:
            listed.append(entity)
    assert [row.key for row in rows] == [entity.key for entity in listed]
    for row, entity in zip(rows, listed, strict=True):
        written = {c: cell.text for c, cell in entity.cells.items() if c not in SHAPED_COLUMNS}
        assert {c: row.cell(c) for c in written} == written
        assert row.is_status_blank


def test_a_file_that_cannot_be_read_on_either_side_asks_for_nothing(tmp_path: Path) -> None:
    """One conflict marker in the file of a bundle asked to delete all its fields, or to build them."""
    whole = write_export(tmp_path / "whole")
    asked, lost, out = {}, [], tmp_path / "sheets"
    shown = {s.kind: len(s.rows) for s in make_sheets(whole, since=whole, out=out).sheets}
    for name in CLUB:
        torn = write_export(tmp_path / name, {name: "<<<<<<< HEAD\nname: ["})
        for newer, older in ((torn, whole), (whole, torn)):
            made = make_sheets(newer, since=older, out=out)
            if statuses := {x for sheet in made.sheets for x in sheet.statuses} - {"x", "w"}:
                asked[name, newer is torn] = statuses
            rows = {sheet.kind: len(sheet.rows) for sheet in made.sheets}
            lost += [(name, kind) for kind, count in shown.items() if rows.get(kind, 0) < count]

    assert asked == {}
    assert lost == []
    torn = tmp_path / "node.type.berth"
    (finding,) = make_sheets(whole, since=torn, out=out).findings
    assert finding.file == f"{torn}/node.type.berth.yml"


YACHT = "node.type.yacht"
MAST = "field.field.node.yacht.field_mast"
SAILED: Mapping[str, Any] = {
    YACHT: {"name": "Yacht", "type": "yacht"},
    "field.storage.node.field_mast": {"type": "string", "cardinality": 1},
    MAST: {"field_type": "string", "label": "Mast"},
}
"""A type with a field, which the newer export has beside all of the older one."""
NEEDING_MUCH = [f"rig.mast.n{number}" for number in range(200)]
"""So much that an export which lacks it is a torn one."""


@each(
    ("older", "yacht_x", "mast_x"),
    [
        ({}, "a", "a"),
        # What the older export has names what it has not: a role, and a display left behind.
        ({"user.role.sailor": {"label": "S", "dependencies": {"config": [YACHT]}}}, "a", "a"),
        (
            {"core.entity_view_display.node.gone.default": {"dependencies": {"config": [MAST]}}},
            "a",
            "a",
        ),
        # Its fields were there, so the type was.
        ({MAST: SAILED[MAST]}, "w", "x"),
        ({YACHT: "name: ["}, "w", "a"),
        ({YACHT: SAILED[YACHT], MAST: "label: ["}, "x", "w"),
        # Nobody knows what a torn export had.
        ({"rig.sail": {"dependencies": {"config": [MAST, *NEEDING_MUCH]}}}, "a", "w"),
    ],
)
def test_what_an_older_export_merely_names_is_new(
    tmp_path: Path, older: Mapping[str, Any], yacht_x: str, mast_x: str
) -> None:
    """New paragraph types waited, and nobody built them, because an older field offered them."""
    folder = tmp_path / f"case_{len([*tmp_path.iterdir()])}"
    made = make_sheets(
        write_export(folder / "new", SAILED),
        since=write_export(folder / "older", older),
        out=folder / "sheets",
    )

    rows = [row for sheet in made.sheets for row in sheet.rows]
    asked = {row["Machine name"]: row["X"] for row in rows}
    assert (asked["yacht"], asked["field_mast"]) == (yacht_x, mast_x)


def test_a_role_that_is_to_be_made_lists_its_permissions(tmp_path: Path) -> None:
    rows = rows_of(tmp_path)

    (role,) = (row for row in rows if row.machine_name == "harbourmaster")
    assert role.cell("Notes") == "2 permissions"
    assert note_of(role).endswith("Permissions: create berth content, edit any berth content")


def test_a_workbook_has_filters_heads_that_stay_and_lists(tmp_path: Path) -> None:
    out = tmp_path / "site.xlsx"

    made = make_sheets(write_export(tmp_path / "sync"), out=out)

    book = openpyxl.load_workbook(io.BytesIO(made.files[out]))
    sheet, listed = book["Bundles"], book["Choices"]
    choices = {str(each.sqref): each.formula1 for each in sheet.data_validations.dataValidation}
    assert sheet.auto_filter.ref == "A1:T7"
    assert sheet.freeze_panes == "D2"
    assert choices["D2:D207"] == "Choices!$A$1:$A$5"
    assert [cell.value for cell in listed["A"][:5]] == [*"acxwd"]
    assert listed.sheet_state == "veryHidden"


def test_a_text_that_no_workbook_holds_is_no_text_cut_short(tmp_path: Path) -> None:
    export = write_export(tmp_path, changed("node.type.berth", description="b" * 33_000))

    with pytest.raises(InputError, match="Description of berth in bundles has 33,000 characters"):
        make_sheets(export, out=tmp_path / "site.xlsx")


def test_bundles_of_one_label_are_told_apart_by_machine_name(tmp_path: Path) -> None:
    twin = {"taxonomy.vocabulary.pier_old": {**CLUB["taxonomy.vocabulary.pier"], "vid": "pier_old"}}
    field = changed(
        "field.field.node.berth.field_pier",
        settings={
            "handler": "default:taxonomy_term",
            "handler_settings": {"target_bundles": {"pier_old": "pier_old"}},
        },
    )

    rows = rows_of(tmp_path, {**twin, **field})

    (row,) = (row for row in rows if row.machine_name == "field_pier")
    assert [r.target_key for r in row.references] == ["bundle:Vocabulary/pier_old"]
    assert "bundles.alike" not in kinds_asked(Specification(entities=rows))


def test_a_role_of_many_permissions_is_in_the_tickets_of_what_it_may_do(tmp_path: Path) -> None:
    """Lists of over 10,000 characters were written, then read by nobody, and no ticket said so."""
    many = [
        f"administer moorings.pontoon.{number} by the lock of the harbour" for number in range(250)
    ]
    listed = [*many, "edit any berth content", "use berthing transition publish"]

    rows = rows_of(tmp_path, changed("user.role.harbourmaster", permissions=listed))

    specification = Specification(entities=rows)
    briefs = briefs_of(specification, group_entities(specification).groups)
    naming = {b.group.kind for b in briefs if "Harbourmaster" in str(TemplateWriter().write(b))}
    assert len(", ".join(listed)) > READ_CHARACTERS_MAX
    assert naming == {GroupKind.USER_ROLES, GroupKind.BUNDLE, GroupKind.WORKFLOW}


@pytest.mark.parametrize("name", ["blank", "blank.xlsx"])
def test_blank_sheets_have_every_column_and_have_no_rows(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    for path, content in files_of(tuple(blank_sheets()), out).items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    reading = read_folder(out)

    lacking = {
        (table.file.sheet, column.name)
        for table in reading.tables
        for column in columns_of(table.file.sheet)
        if not (column.name in table.columns or column.is_shared)
    }
    assert not reading.needs_layout
    assert {finding.code for finding in reading.findings} == {"example_row", "sheet_without_rows"}
    assert [table.file.sheet for table in reading.tables] == [rule.kind for rule in SHEET_RULES]
    assert lacking == {(EntityKind.FIELD, BUNDLE_TYPE)}  # Bundle says it, too


def test_every_closed_list_can_be_chosen_from(tmp_path: Path) -> None:
    out = tmp_path / "blank.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(files_of(tuple(blank_sheets()), out)[out]))
    closed = {column for sheet in book for column in headers_to_choose_in(sheet)}

    assert closed == {"X", "Field type", "Form widget", "Type", "Entity Type", "Status"} | {
        *("Base table", "Display plugin"),
        *columns_holding(Holds.FLAG),
    }


def headers_to_choose_in(sheet: Worksheet) -> list[str]:
    rules = sheet.data_validations.dataValidation
    return [sheet[f"{str(rule.sqref).partition('2')[0]}1"].value for rule in rules]


def test_what_an_export_says_is_asked_of_nobody(tmp_path: Path) -> None:
    """Files, targets of views, computed options, modules, states, sizes and modes were all asked."""
    rows = rows_of(tmp_path, HARBOUR)

    assert {row.machine_name: note_of(row) for row in rows if row.machine_name in NOTED} == NOTED
    assert kinds_asked(Specification(entities=rows)) == {
        *("bundles.media_source", "bundles.no_fields", "bundles.terms")
    }


def kinds_asked(specification: Specification) -> set[str]:
    """The kinds of the questions that rows leave open."""
    asked = all_open_questions(group_entities(specification).groups, specification)
    return {question.kind for _, question in asked}


def of_berth(
    name: str, type_: str, *, module: str = "core", storage: Any = None, **settings: Any
) -> dict[str, Any]:
    instance = {"field_name": name, "bundle": "berth", "label": name, "field_type": type_}
    return {
        f"field.storage.node.{name}": {
            "type": type_,
            "cardinality": 1,
            "module": module,
            "settings": storage or {},
        },
        f"field.field.node.berth.{name}": {**instance, "settings": settings},
    }


TERMS = {"handler_settings": {"target_bundles": {"pier": "pier"}}}
BY_VIEW = {"view": {"view_name": "crews", "display_name": "crew_1"}}
WIDGETS = {
    "title": "string_textfield",
    "field_chart": "file_generic",
    "field_lock": "lock_code",
    "field_buoys": "block_field_default",
    "field_ropes": "knots_picker",
    **dict.fromkeys(("field_crew", "field_owner", "field_near"), "entity_reference_autocomplete"),
    **dict.fromkeys(("field_rig", "field_side", "field_pier"), "options_select"),
}
HARBOUR: Mapping[str, Any] = {
    **of_berth("field_chart", "file", file_extensions="pdf svg", max_filesize="3 MB"),
    **of_berth(
        *("field_crew", "entity_reference"),
        storage={"target_type": "node"},
        handler="views",
        handler_settings=BY_VIEW,
    ),
    **of_berth("field_owner", "entity_reference", storage={"target_type": "user"}),
    **of_berth(
        *("field_near", "dynamic_entity_reference"),
        module="dynamic_entity_reference",
        storage={"entity_type_ids": {"taxonomy_term": "taxonomy_term"}},
        taxonomy_term=TERMS,
        node={},
    ),
    **of_berth("field_rig", "list_string", storage={"allowed_values_function": "rigs_of_boats"}),
    **of_berth("field_lock", "lock_code", module="harbour_locks"),
    **of_berth(
        "field_buoys",
        "block_field",
        module="block_field",
        selection_settings={"categories": {"Buoys": "Buoys", "Sea": "0"}},
    ),
    **changed(
        "core.entity_form_display.node.berth.default",
        dependencies={"module": ["knots", "node"]},
        content={name: {"type": widget} for name, widget in WIDGETS.items()},
        hidden={},
    ),
    "core.entity_view_mode.node.search_result": {
        "label": "Search result",
        "targetEntityType": "node",
    },
    "core.entity_view_display.node.berth.teaser": {
        "status": True,
        "content": {
            "title": {"type": "string", "weight": 2},
            "field_pier": {"type": "entity_reference_label", "weight": 1},
        },
    },
    **changed(
        "responsive_image.styles.boats",
        image_style_mappings=[
            {
                "breakpoint_id": "club.any",
                "multiplier": "1x",
                "image_mapping": {"sizes": "50vw", "sizes_image_styles": ["wide_berth", "small"]},
            }
        ],
    ),
    "image.style.small": {**CLUB["image.style.wide_berth"], "name": "small", "label": "Small"},
    "workflows.workflow.berthing": {
        **CLUB["workflows.workflow.berthing"],
        "type_settings": {
            "default_moderation_state": "draft",
            "states": {
                "draft": {"label": "Draft", "published": False, "default_revision": False},
                "published": {"label": "Published", "published": True, "default_revision": True},
                "afloat": {"label": "Afloat", "published": False, "default_revision": True},
            },
            "transitions": {
                "publish": {
                    "label": "Publish",
                    "from": ["draft", "published", "afloat"],
                    "to": "published",
                },
                "float": {"label": "Float", "from": ["published", "draft"], "to": "afloat"},
                "keep": {"label": "Keep", "from": ["draft", "afloat"], "to": "draft"},
            },
            "entity_types": {"node": ["berth"]},
        },
    },
    **changed(
        "user.role.harbourmaster",
        permissions=[f"use berthing transition {name}" for name in ("publish", "float", "keep")]
        + ["edit any berth content"],
    ),
    "views.view.berths": {
        **CLUB["views.view.berths"],
        "base_table": "knots_log",
        "dependencies": {"module": ["knots", "user"]},
    },
}
NOTED = {
    "field_chart": "Allowed file extensions: pdf, svg.\nMax size 3 MB.",
    "field_crew": "Refers to what the view crews lists in its display crew_1.",
    "field_owner": "Refers to items of the type user.",
    "field_near": "Module: dynamic_entity_reference.",
    "field_rig": "The values are those that rigs_of_boats() returns.",
    "field_lock": "Module: harbour_locks.",
    "field_buoys": "Offers the categories Buoys.\nModule: block_field.",
    "field_ropes": "Module: knots.",
    "field_side": "Options: Port, Starboard\nDefault: Port.",
    "teaser": "Berth: field_pier (entity_reference_label), title (string)",
    "boats": "any (1x): wide_berth, small, sizes 50vw",
    "berths": "Modules: knots.",
}


def test_a_column_of_states_that_is_blank_answers_nothing() -> None:
    """Sheets to fill in have the columns; what nobody filled in was taken for an answer."""
    states = [
        {"Workflow": "Berthing", "Label": name, "Machine name": name.casefold(), "X": "a"}
        | {"Published": "", "Default revision": "", "Initial state": ""}
        for name in ("Draft", "Published", "Afloat")
    ]
    head = {"Label": "Berthing", "Machine name": "berthing", "X": "a", "Type": "Content moderation"}

    asked = kinds_asked(specification_of(workflows=[head], states=states))

    assert {"lists.first_state", "lists.flags"} <= asked
