"""A cell of a closed set is read once: tickets are the same in every spelling, tables keep it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import chain

import pytest

from jira_pipeline.drupal.columns import FLAG_COLUMNS, columns_holding
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import UNLIMITED, CellText, EntityKind, Specification, Status
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.model.ticket_hashes import facts_hash_of
from jira_pipeline.sheets.reading.cells import count_spelled, flag_spelled, status_spelled
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.sheets.made_readings import read_files, read_folder
from jira_pipeline_tests.sheets.made_specifications import bundle, field, specification_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import FOLDERS, briefs_of

CASES = CHECKOUT.parent / "shared" / "cases"
FLAGS = {
    "Yes": "No",
    "TRUE": "FALSE",
    "x": "",
    "1": "0",
    "✓": "✗",
    "☑": "☐",
    "on": "off",
    "Y": "N",
    "ja": "nein",
    "oui": "non",
    "sí": "no",
    "Required": "optional",
    "Translatable": "not translatable",
    "[x]": "[ ]",
    "X.": "( )",
    "1.0": "0.0",
    "VRAI": "FAUX",
    "WAHR": "FALSCH",
    "Yes (as before)": "No.",
    "\u200bY": "N\u00a0",
}
COUNTS = (
    *("-1", "∞", "unlimited", "Unlimited", "0..n", "0..*", "1..∞", "1-n", "1+", "unbegrenzt"),
    *("-1.0", "[1..*]", "≥ 1", "1 or more", "No maximum", "unbounded", "unlimited (∞)", "\uff0a"),
    *("at least 2", "Min. 3"),
)
TYPES = {
    "ids": {
        "Entity reference": "entity_reference",
        "Number (integer)": "integer",
        "Image": "image",
    },
    "core's page": {"Entity reference": "Reference"},
    "words": {"Number (integer)": "whole number"},
}
COUNTED = columns_holding(Holds.COUNT)
SHOP = {
    "bundles.csv": "Name,Machine name,X,Type,Mod.,Layout,Trns.,Cmnt.,Migr.,Meta,Sched.,Srch.\n"
    "Boat,boat,a,Content type,y,y,n,n,y,y,y,y\n"
    "Kind,kind,a,Vocabulary,n,n,y,n,n,n,n,y\n",
    "fields.csv": "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals.,Trns.,"
    "Reused Field\n"
    "Boat (Content type),Kind,field_kind,a,Entity reference,Kind (Vocabulary),y,*,y,n\n"
    "Boat (Content type),Sails,field_sails,a,Number (integer),,y,1,y,n\n"
    "Boat (Content type),Photos,field_photos,a,Image,,n,3,n,y\n",
    "views.csv": "View name,Machine name,X,Base table,Status\nBoats,boats,a,Content,Disabled\n",
    "workflows.csv": "Label,Machine name,X,Type\nReview,review,a,Content moderation\n",
    "states.csv": "Workflow,Label,Machine name,X\nReview,Draft,draft,a\n",
}


def tickets_of(tables: tuple[SourceTable, ...]) -> Mapping[str, tuple[object, ...]]:
    """Return what every ticket says beside its tables, by key."""
    specification = Specification(entities=read_entities(tables).entities)
    groups = group_entities(specification, include_waiting=True).groups
    writer = TemplateWriter()
    found = {}
    for brief in briefs_of(specification, groups):
        prose, group = writer.write(brief), brief.group
        links = (group.title, group.dependencies, group.relations, facts_hash_of(group))
        found[group.key] = (links, prose.parts, prose.questions, prose.estimated_hours)
    return found


def spelled(
    tables: tuple[SourceTable, ...], columns: frozenset[str], words: Mapping[str, str]
) -> tuple[SourceTable, ...]:
    """Spell cells of some columns otherwise."""
    return tuple(
        replace(
            table,
            rows=tuple(
                replace(
                    row,
                    cells=tuple(
                        words.get(cell, cell) if column in columns else cell
                        for column, cell in zip(table.columns, row.cells, strict=True)
                    ),
                )
                for row in table.rows
            ),
        )
        for table in tables
    )


@cache
def shop() -> tuple[SourceTable, ...]:
    return read_files({name: text.encode() for name, text in SHOP.items()}).tables


@cache
def museum() -> tuple[SourceTable, ...]:
    return read_folder(FOLDERS["uhrenmuseum"]).tables


@each("tables", [shop, museum] if IS_LONG else [shop])
@each("yes, no", FLAGS.items())
def test_tickets_are_the_same_however_yes_and_no_are_spelled(
    tables: Callable[[], tuple[SourceTable, ...]], yes: str, no: str
) -> None:
    before = spelled(tables(), FLAG_COLUMNS, {} if no else {"n": ""})

    after = spelled(before, FLAG_COLUMNS, {"y": yes, "n": no})

    assert before != after
    assert tickets_of(before) == tickets_of(after)
    assert [f for f in read_entities(after).findings if f.code == "spelling_unknown"] == []


IDS = {label: words[0] for label, words in facts_of("field_types").items() if words}


@each("label, id_", IDS.items())
def test_ids_of_field_types_are_their_labels(label: str, id_: str) -> None:
    sheet = (
        "Bundle,Field label,Machine name,X,Field type\n"
        f"Boat (Content type),Sails,field_sails,a,{id_}\n"
        "Boat (Content type),Name,field_name,a,string\n"
    )

    tables = read_files({"fields.csv": sheet.encode()}).tables
    (sails, _) = read_entities(tables).entities

    assert sails.cell("Field type") == label
    assert sails.as_in_sheet.cell("Field type") == id_


@each("words", TYPES.values())
def test_tickets_are_the_same_by_whatever_word_field_types_are_named(
    words: Mapping[str, str],
) -> None:
    after = spelled(shop(), frozenset({"Field type"}), words)

    assert shop() != after
    assert tickets_of(shop()) == tickets_of(after)


@each("tables", [shop, museum] if IS_LONG else [shop])
@each("unlimited", COUNTS)
def test_tickets_are_the_same_however_any_number_is_spelled(
    tables: Callable[[], tuple[SourceTable, ...]], unlimited: str
) -> None:
    after = spelled(tables(), frozenset(COUNTED), {"*": unlimited, "3": "0..3"})

    assert tables() != after
    assert tickets_of(tables()) == tickets_of(after)
    assert read_entities(after).findings == read_entities(tables()).findings


def test_the_table_keeps_the_cell_as_it_is_written() -> None:
    tables = spelled(shop(), FLAG_COLUMNS, {"y": "TRUE", "n": "FALSE"})
    tables = spelled(tables, frozenset(COUNTED), {"*": "-1"})
    specification = Specification(entities=read_entities(tables).entities)
    (boat,) = (
        group
        for group in group_entities(specification, include_waiting=True).groups
        if group.key == "bundle:Content type/boat"
    )

    shown = chain.from_iterable(
        (*chain.from_iterable(row.cells for row in table.rows), *dict(table.same_for_all).values())
        for table in tables_of(boat)
    )

    assert {"TRUE", "FALSE", "-1"} <= {*shown}
    assert boat.heads[0].cell("Mod.") == CellText.YES
    assert boat.members[0].count("Vals.") == UNLIMITED


def test_a_spelling_nobody_knows_is_one_finding_for_its_column() -> None:
    sheet = "Bundle,Field label,Machine name,X,Field type,Req'd,Vals.\n" + "".join(
        f"Boat (Content type),{name},field_{name},a,Text,{required},{count}\n"
        for name, required, count in (("a", "maybe", "1"), ("b", "y", "lots"), ("c", "?", "n/a"))
    )
    tables = read_files({"bundles.csv": SHOP["bundles.csv"].encode(), "f.csv": sheet.encode()})

    found = [f for f in read_entities(tables.tables).findings if f.code == "spelling_unknown"]

    assert [(f.file, f.line, f.column, f.value) for f in found] == [
        ("f.csv", 2, "Req'd", "maybe"),
        ("f.csv", 3, "Vals.", "lots"),
    ]
    assert "“maybe”, “?”" in found[0].message
    assert "(lines 2, 4)" in found[0].message
    assert "y or n" in found[0].advice


@each("text", ["-", "", "n/a", "o", "s", "maybe", "yn", "-1", "2", "×", "(x)", "(yes)", "(ja)"])
def test_what_may_mean_anything_is_neither_yes_nor_no(text: str) -> None:
    """A letter that is a word of one language only is one in a sheet of that language.

    In brackets it is inherited, or perhaps so.
    """
    assert flag_spelled(text) is None


@each(
    "text, count",
    [
        *(("3", 3), ("3.0", 3), ("0..3", 3), ("1 to 5", 5), ("max 4", 4), ("up to 2", 2)),
        *(("≤ 4", 4), ("Max: 2", 2), ("3 values", 3), ("single", 1), ("[0..1]", 1)),
        *((text, None) for text in ("0", "n", "a few", "x", "1998-", "0..lots")),
        ("many", -1),
    ],
)
def test_a_count_is_its_largest_number(text: str, count: int | None) -> None:
    assert count_spelled(text) == count


@each(
    ("text", "status"),
    [
        ("New", Status.APPROVED),
        ("update", Status.CHANGED),
        ("Existing", Status.IMPLEMENTED),
        ("On hold", Status.WAITING),
        ("REMOVE", Status.DELETED),
        ("Out of scope", Status.WAITING),
        ("Phase 2, after the fair", Status.WAITING),
        ("Sprint 2", None),
        ("(x)", None),
    ],
)
def test_a_status_may_be_a_word(text: str, status: Status | None) -> None:
    assert status_spelled(text) is status


@pytest.mark.parametrize(
    ("control", "others"),
    [
        ("01_flags_spelled_out/control_y_n", ("yes_no", "true_false")),
        ("12_cardinality_minus_one/control", ("minus_one",)),
    ],
)
def test_the_specifications_of_strangers_say_the_same(
    control: str, others: tuple[str, ...]
) -> None:
    folder = CASES / control
    if not folder.is_dir():
        pytest.skip("../shared/cases is not there")
    expected = tickets_of(read_folder(folder).tables)

    for other in others:
        tables = read_folder(folder.parent / other).tables
        assert tickets_of(tables) == expected
        assert any(table.file.sheet is EntityKind.FIELD for table in tables)


@each(
    "cell, pattern",
    [
        *((text, "-") for text in ("n/a", "N/A.", "n/a (no page)", "n/a, internal", "none", "–")),
        *((text, text) for text in ("/about", "blog/[node:title]", "na/[node:title]", "[x:y]")),
    ],
)
def test_an_address_pattern_is_a_path_or_a_token(cell: str, pattern: str) -> None:
    (row,) = specification_of(bundles=[bundle("A", "a") | {"URL alias pattern": cell}]).entities

    assert row.cell("URL alias pattern") == pattern
    assert row.as_in_sheet.cell("URL alias pattern") == cell


def test_cells_where_nothing_applies_say_nothing_in_any_setting_and_remarks_stay() -> None:
    silent = {"Field group": "N/A", "Help text": "not applicable", "Wireframe": "n.a."}
    note = {"Settings/notes": "- (ask Dana)"}
    (row,) = specification_of(fields=[field("A", "field_a") | silent | note]).entities

    assert not any(row.states(column) for column in silent)
    assert row.as_in_sheet.cell("Help text") == "not applicable"
    assert row.cell("Settings/notes") == "- (ask Dana)"


@each("machine_name", ["na", "none"])
def test_a_machine_name_that_drupal_takes_is_a_name(machine_name: str) -> None:
    (row,) = specification_of(bundles=[bundle("A", machine_name)]).entities

    assert row.machine_name == machine_name
