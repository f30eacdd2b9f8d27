"""The columns in which a row differs from an older export."""

from jira_pipeline.drupal.any_kind.changed_columns import (
    ChangedColumns,
    ChangedColumnsFact,
    NoneCompared,
    changed_columns_of,
    facts,
    say,
)
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import (
    field,
    row_of,
    sentences,
    ticket_of,
    ticket_of_list,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

NOTE = "Changed: Field type (was Text)."
CHANGED = field(status="c", note=NOTE)


@each(
    ("row", "fact"),
    [
        (CHANGED, ChangedColumns("Field type (was Text)")),
        (field(status="a", note=NOTE), NoneCompared()),
        (field(status="c", note="As agreed."), NoneCompared()),
    ],
)
def test_a_changed_row_says_its_columns_in_its_note(row: Row, fact: ChangedColumnsFact) -> None:
    assert changed_columns_of(row_of(row)) == fact


def test_rows_of_which_the_same_changes_share_a_sentence() -> None:
    mast = field("field_mast", status="c", note=NOTE)
    keel = field("field_keel", status="c", note="Changed: Help text.")
    ticket = ticket_of(CHANGED, mast, keel, status="x")

    assert sentences(say(ticket)) == [
        "What changes of each of field_hull and field_mast: Field type (was Text).",
        "What changes of field_keel: Help text.",
    ]
    assert len(list(facts(ticket))) == 4


def test_the_note_of_a_field_is_a_note() -> None:
    noted = field(status="c", note="Changed: Notes (more sail).")

    assert sentences(say(ticket_of(noted, status="x"))) == [
        "What changes of field_hull: Notes (more sail)."
    ]


def test_the_note_of_a_role_has_its_permissions() -> None:
    row = {"Name": "Crew", "Machine name": "crew", "X": "c", "Notes": "Changed: Notes (more sail)."}
    ticket = ticket_of_list(EntityKind.USER_ROLE, roles=[row])

    assert sentences(say(ticket)) == ["What changes of crew: permissions (more sail)."]
