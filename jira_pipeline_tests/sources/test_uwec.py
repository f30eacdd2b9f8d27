"""The counts of a real specification, as the facts about it state them."""

from collections import Counter
from pathlib import Path

import pytest

from jira_pipeline.domain.entities import EntityKind, ReferenceState
from jira_pipeline.domain.findings import Severity, has_errors
from jira_pipeline.sources.drupal_csv import EntityReading, read_entities, read_files, read_folder

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
UWEC, BROKEN = SHARED / "uwec", SHARED / "uwec_broken"

pytestmark = pytest.mark.skipif(
    not UWEC.is_dir(), reason="the real specification is not part of the project"
)

REPLACED = {
    "UWEC_CustomViewsDisplays.csv": "UWEC_CustomViewsDisplays_BROKEN.csv",
    "UWEC_ResponsiveImageStyles.csv": "UWEC_ResponsiveImageStyles_BROKEN.csv",
}


@pytest.fixture(scope="module")
def uwec() -> EntityReading:
    return read_entities(read_folder(UWEC).tables)


def test_all_eleven_sheets_are_recognised_without_error() -> None:
    reading = read_folder(UWEC)

    assert {table.file.sheet: table.file.row_count for table in reading.tables} == {
        EntityKind.BUNDLE: 95,
        EntityKind.FIELD: 546,
        EntityKind.VIEW: 16,
        EntityKind.VIEW_DISPLAY: 42,
        EntityKind.IMAGE_STYLE: 103,
        EntityKind.RESPONSIVE_IMAGE_STYLE: 24,
        EntityKind.VIEW_MODE: 31,
        EntityKind.USER_ROLE: 8,
        EntityKind.WORKFLOW: 2,
        EntityKind.WORKFLOW_STATE: 7,
        EntityKind.WORKFLOW_TRANSITION: 25,
    }
    assert {finding.severity for finding in reading.findings} == {Severity.INFO}


def test_every_row_is_an_entity_and_none_blocks(uwec: EntityReading) -> None:
    bundle_types = Counter(e.bundle_type for e in uwec.entities if e.kind is EntityKind.BUNDLE)

    assert len(uwec.entities) == 899
    assert sorted(bundle_types.values()) == [4, 6, 17, 19, 49]
    assert not has_errors(uwec.findings)


def test_references_of_fields_resolve_but_for_three_names(uwec: EntityReading) -> None:
    fields = [entity for entity in uwec.entities if entity.kind is EntityKind.FIELD]
    references = [reference for entity in fields for reference in entity.references]

    assert all(entity.owner_key for entity in fields)
    assert Counter(reference.state for reference in references) == {
        ReferenceState.RESOLVED: 203,
        ReferenceState.WILDCARD: 2,
        ReferenceState.DANGLING: 1,
    }
    assert len({reference.text for reference in references}) == 46


def test_dangling_references_of_the_other_sheets_are_as_known(uwec: EntityReading) -> None:
    dangling = Counter(
        (entity.kind, reference.column)
        for entity in uwec.entities
        for reference in entity.references
        if reference.state is ReferenceState.DANGLING and entity.kind is not EntityKind.FIELD
    )

    assert dangling == {
        (EntityKind.VIEW_DISPLAY, "View"): 2,
        (EntityKind.RESPONSIVE_IMAGE_STYLE, "Fallback Style"): 2,
        (EntityKind.RESPONSIVE_IMAGE_STYLE, "Image Style Group(s)"): 1,
        (EntityKind.VIEW_MODE, "Entities Used On"): 5,
    }


def test_the_known_oddities_are_warned_of(uwec: EntityReading) -> None:
    places = {(f.code, f.line) for f in uwec.findings if f.file == "UWEC_Fields.csv"}

    assert places >= {
        ("key_repeated", 563),
        ("field_type_missing", 461),
        ("field_type_missing", 462),
        ("cell_unexpected", 266),
        ("label_contradicts_target", 67),
    }
    storages = {f.message.split()[0] for f in uwec.findings if f.code == "field_storage_conflict"}
    assert storages == {
        "field_meta_description",
        "field_hero",
        "field_headline",
        "field_limit_list",
        "field_hours",
    }


def test_no_cell_is_lost_or_changed(uwec: EntityReading) -> None:
    tables = {table.file.name: table for table in read_folder(UWEC).tables}

    read = {(e.source.file, e.source.line): tuple(e.cells.values()) for e in uwec.entities}

    expected = {
        (name, row.line): tuple("" if cell == "#N/A" else cell for cell in row.cells)
        for name, table in tables.items()
        for row in table.rows
    }
    assert read == expected


def test_blanked_reference_columns_are_exactly_fifty_errors() -> None:
    names = [path.name for path in UWEC.glob("*.csv") if path.name not in REPLACED]
    files = {name: (UWEC / name).read_bytes() for name in names}
    files |= {name: (BROKEN / name).read_bytes() for name in REPLACED.values()}

    reading = read_files(files)
    errors = [
        (finding.file, finding.line, finding.column)
        for finding in (*reading.findings, *read_entities(reading.tables).findings)
        if finding.severity is Severity.ERROR
    ]

    assert errors == [
        *[("UWEC_CustomViewsDisplays_BROKEN.csv", line, "View ID") for line in range(2, 44)],
        *[
            ("UWEC_ResponsiveImageStyles_BROKEN.csv", line, "Fallback machine name")
            for line in (5, 6, 7, 8, 9, 10, 20, 21)
        ],
    ]
