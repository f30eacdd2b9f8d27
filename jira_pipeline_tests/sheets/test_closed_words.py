"""Words of closed sets with signs, codes and remarks, names in any form: read the same in each column."""

from collections.abc import Mapping

import pytest

from jira_pipeline.model.entities import UNLIMITED, BundleType, EntityKind, Status
from jira_pipeline.sheets.reading.cells import count_spelled, flag_spelled, status_spelled
from jira_pipeline.sheets.reading.labels import bundle_type_of
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.tables import each

CASES = CHECKOUT.parent / "shared" / "cases6"


@each(
    ("status", "spellings"),
    [
        (Status.APPROVED, "🟢 Approved; a - Approved; A) Approved; 1️⃣ Approved; a - Approved - MVP"),
        (Status.APPROVED, "to_build; a-Approved; a (approved); Approved 👍; a\tApproved"),
        (
            Status.WAITING,
            "🟡 On hold; w – Wait; (w) Wait; W→Wait; on-hold; w | Wait; w. Wait (client)",
        ),
        (
            Status.DELETED,
            "🔴 Delete; d: Delete; D. Delete; [Delete]; Ⓓ Delete; :red_circle: Delete",
        ),
        (
            Status.DELETED,
            "Delete (d); d 🔴 Delete; 🗑\ufe0f Remove; 🔴 Löschen; d\u200b:\u200fDelete; 【Delete】",
        ),
        (Status.IMPLEMENTED, "✅ Built; x = Exists; X/existing; x – vorhanden"),
        (Status.CHANGED, "🔵 Changed; C/Changed; c、Changed"),
    ],
)
def test_a_sign_or_code_beside_a_status_is_no_part_of_it(status: Status, spellings: str) -> None:
    read = {spelling: status_spelled(spelling) for spelling in spellings.split("; ")}

    assert read == dict.fromkeys(read, status)


@each(
    "text",
    [
        *("a - Delete", "Approved (w)", "a (phase 2)", "d / Approved", "a or w", "a - phase 2"),
        *("1 - Approved", "Delete?", "❓ Delete", "(d)", "[x]", "[d]", "✓", "🔴", "a - Draft"),
    ],
)
def test_halves_that_differ_and_doubts_are_no_status(text: str) -> None:
    assert status_spelled(text) is None


@each(
    ("text", "flag"),
    [
        *((text, True) for text in ("y - Yes", "✅ Yes", "Y = required", "1 - Yes", "[x] yes")),
        *((text, True) for text in ("🟢 y", "Yes (required)", "true (t)", "✔ ja", "x – required")),
        *((text, True) for text in ("✅ / yes", "yes | ✔", "☑: y", "🟢 – yes")),
        *((text, False) for text in ("n - No", "❌ No", "N – optional", "0 = false", "🔴 nein")),
        *((text, None) for text in ("❌ Yes", "☐ Yes", "y (optional)", "yes/no", "y?", "y - No")),
    ],
)
def test_a_sign_or_code_beside_yes_and_no_means_the_same(text: str, *, flag: bool | None) -> None:
    assert flag_spelled(text) is flag


@each(
    ("text", "count"),
    [
        *((text, UNLIMITED) for text in ("∞ unlimited", "*: Unlimited", "♾\ufe0f unlimited")),
        *(("1 - single", 1), ("🔢 3", 3), ("2 / 3", None), ("n – many", None)),
    ],
)
def test_a_sign_or_code_beside_a_number_of_values(text: str, count: int | None) -> None:
    assert count_spelled(text) == count


@each(
    ("text", "kind"),
    [
        ("📄 Content type", BundleType.CONTENT),
        ("CT – Content type", BundleType.CONTENT),
        ("Vocabulary (term)", BundleType.VOCABULARY),
        ("V: Vocabulary", BundleType.VOCABULARY),
        ("voc – Vocabulary", BundleType.VOCABULARY),
        ("M. Media type", BundleType.MEDIA),
        ("P: Vocabulary", None),
        ("Paragraph / Block", None),
    ],
)
def test_a_sign_or_code_beside_a_type_of_bundles(text: str, kind: BundleType | None) -> None:
    assert bundle_type_of(text) is kind


TYPES = """\
Name,Machine name,Type,X
Boat,boat,Content type,a
Harbour,harbour,Content type,a
Crew,crew,Vocabulary,a
"""
FIELDS = "Bundle,Field label,Machine name,Field type,Ref. bundle,X\n"


def fields_of(rows: str) -> Reading:
    return Reading({"Bundles.csv": TYPES, "Fields.csv": FIELDS + rows})


@each(
    "owner",
    [
        *("node.harbour", "node:harbour", "node/harbour", "node.type.harbour", "node--harbour"),
        *(
            "Content type: Harbour",
            "Harbour content type",
            "Content type Harbour",
            "Harbour [node]",
        ),
        *(
            "Harbour – Content type",
            "Content type > Harbour",
            "Harbour {Content type}",
            "⚓ Harbour",
        ),
        *("Harbour(Content type)", "\u200fHarbour\u200b (Content type)", "Content type “Harbour”"),
        "⚓ Harbour (Content type)",
        *("Harbour (harbour)", "harbour – Harbour", "Harbour [node.harbour]", "harbour: Harbour"),
        *("entity:node/harbour", "entity:node:harbour", "Harbour (entity:node/harbour)"),
    ],
)
def test_an_owner_may_be_written_as_drupal_or_a_list_writes_it(owner: str) -> None:
    reading = fields_of(f"{owner},Depth,field_depth,Text (plain),,a\n")

    (field,) = reading.of(EntityKind.FIELD)
    assert field.owner_key == "bundle:Content type/harbour"
    assert not reading.found("reference_dangling")


@each(
    "owner",
    [
        "node.yacht",
        "taxonomy_term.harbour",
        "Vocabulary: Harbour",
        "Harbour price",
        "Harbour (boat)",
    ],
)
def test_a_name_that_no_type_has_is_no_owner(owner: str) -> None:
    reading = fields_of(f"{owner},Depth,field_depth,Text (plain),,a\n")

    assert [finding.value for finding in reading.found("reference_dangling")] == [owner]


def test_references_are_written_like_owners() -> None:
    reading = fields_of(
        'Boat,Both,field_both,Entity reference,"node.harbour, Vocabulary: Crew",a\n'
    )

    (field,) = reading.of(EntityKind.FIELD)
    assert [reference.target_key for reference in field.references] == [
        "bundle:Content type/harbour",
        "bundle:Vocabulary/crew",
    ]


def test_characters_that_nobody_sees_are_no_part_of_machine_names_and_labels() -> None:
    """The key keeps them, so that a ticket of before is the same ticket."""
    reading = fields_of("Boat,\ufeffDepth\u2060,field_depth\u200b,Text (plain),,\u200ea\n")

    (field,) = reading.of(EntityKind.FIELD)
    assert field.key == "field:Content type/boat/field_depth\u200b"
    assert (field.label, field.machine_name, field.status) == ("Depth", "field_depth", "a")
    assert field.as_in_sheet.cell("Machine name") == "field_depth\u200b"
    assert not reading.found("machine_name_invalid")
    assert reading.found("invisible_character")


@each(
    ("text", "type_", "targets"),
    [
        ("Entity reference → Harbour", "Entity reference", ["bundle:Content type/harbour"]),
        ("Reference: Harbour", "Entity reference", ["bundle:Content type/harbour"]),
        ("Taxonomy term: Crew", "Taxonomy term reference", ["bundle:Vocabulary/crew"]),
        ("Entity reference (node.harbour)", "Entity reference", ["bundle:Content type/harbour"]),
        ("Entity reference [Crew]", "Entity reference", ["bundle:Vocabulary/crew"]),
        ("Entity reference to Crew", "Entity reference", ["bundle:Vocabulary/crew"]),
        ("Reference auf Harbour", "Entity reference", ["bundle:Content type/harbour"]),
        ("Entity reference Crew", "Entity reference", ["bundle:Vocabulary/crew"]),
        *((text, "Number (decimal)", []) for text in ("Number (decimal; 2)", "decimal(10/2)")),
        *((text, "Text (plain)", []) for text in ("Text (plain): 80", "Text (plain) 80")),
    ],
)
def test_a_type_may_have_its_target_or_setting_beside_it(
    text: str, type_: str, targets: list[str]
) -> None:
    reading = fields_of(f"Boat,Home,field_home,{text},,a\n")

    (field,) = reading.of(EntityKind.FIELD)
    assert field.cell("Field type") == type_
    assert field.as_in_sheet.cell("Field type") == text
    assert [reference.target_key for reference in field.references] == targets
    assert not reading.found("cell_unexpected")


def test_the_target_in_its_own_column_counts() -> None:
    reading = fields_of("Boat,Home,field_home,Entity reference → Crew,Harbour,a\n")

    (field,) = reading.of(EntityKind.FIELD)
    assert [reference.text for reference in field.references] == ["Harbour"]


@each(
    "text",
    [
        "Entity reference → Quay",
        "Text (plain) – one line",
        "Link -> Harbour",
        "Entity reference to Quay",
    ],
)
def test_what_a_type_has_beside_it_and_nobody_can_read_is_named(text: str) -> None:
    reading = fields_of(f"Boat,Home,field_home,{text},,a\n")

    assert [finding.value for finding in reading.found("cell_unexpected")] == [text]
    assert reading.of(EntityKind.FIELD)[0].cell("Field type") == text


STATUSES: Mapping[str, Status] = {
    "": Status.APPROVED,
    "Kill it": Status.WAITING,
    "d": Status.DELETED,
}


def test_a_row_whose_status_nobody_can_read_is_on_hold_and_each_word_is_named_once() -> None:
    """What was to be deleted was listed under what to build."""
    types = "Name,Machine name,Type,X\n" + "".join(
        f"Boat {at},boat_{at},Content type,{word}\n" for at, word in enumerate(STATUSES)
    )
    fields = FIELDS + "Boat 0,Home,field_home,Text (plain),,kill it\n"

    reading = Reading({"Bundles.csv": types, "Fields.csv": fields})

    assert [row.status for row in reading.of(EntityKind.BUNDLE)] == [*STATUSES.values()]
    (field,) = reading.of(EntityKind.FIELD)
    assert (field.status, field.unread_status) == (Status.WAITING, "kill it")
    (finding,) = reading.found("status_unknown")
    assert "2 rows: Bundles.csv:3; Fields.csv:2" in finding.message


def test_a_line_above_the_table_says_what_the_word_of_a_status_means() -> None:
    types = '"rigged = to be built"\n\nName,Machine name,Type,X\nBoat,boat,Content type,rigged\n'

    reading = Reading({"Bundles.csv": types, "Fields.csv": FIELDS})

    assert [row.status for row in reading.of(EntityKind.BUNDLE)] == [Status.APPROVED]
    assert not reading.found("status_unknown")


@each(
    "case",
    [
        *("06_status_with_sign_or_word/emoji", "06_status_with_sign_or_word/coded"),
        *("06_status_with_sign_or_word/yes_no", "07_owner_forms/sheets", "08_invisible_marks/rtl"),
        *("08_invisible_marks/zero_width", "16_first_row_taken_for_an_explanation/sheets"),
        *("16_first_row_taken_for_an_explanation/second", "18_type_with_its_target/sheets"),
    ],
)
def test_the_sheets_of_strangers_are_read(case: str) -> None:
    if not CASES.is_dir():
        pytest.skip("../shared/cases6 is not there")
    files = {path.name: path.read_bytes() for path in (CASES / case).glob("*.csv")}

    reading = Reading(files)

    assert not reading.folder.needs_layout
    unread = {"usual_column_missing", "invisible_character", "on_hold_with_approved_members"}
    assert {finding.code for finding in reading.findings} <= unread
    fields = reading.of(EntityKind.FIELD)
    assert len(fields) == files["Fields.csv"].count(b"\r\n") - 1
    assert all(field.owner_key for field in fields)


def test_codes_and_signs_say_which_rows_are_built_in_the_sheets_of_strangers() -> None:
    if not CASES.is_dir():
        pytest.skip("../shared/cases6 is not there")
    for name in ("emoji", "coded"):
        folder = CASES / "06_status_with_sign_or_word" / name
        reading = Reading({path.name: path.read_bytes() for path in folder.glob("*.csv")})

        statuses = "".join(row.status for row in reading.entities)

        assert statuses == "awd" + "axwdc"
