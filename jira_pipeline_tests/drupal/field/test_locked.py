"""A field that its module adds and locks."""

from jira_pipeline.drupal.field.locked import Lock, lock_of, say
from jira_pipeline_tests.drupal.made_rows import field, fields_of, row_of, sentences
from jira_pipeline_tests.tables import each

LOCKED = field("layout_builder__layout", type="Layout Section")


@each(("name", "lock"), [("layout_builder__layout", Lock.LOCKED), ("field_hull", Lock.OPEN)])
def test_a_field_is_locked_by_its_name(name: str, lock: Lock) -> None:
    assert lock_of(row_of(field(name))) is lock


def test_a_locked_field_is_not_added_by_hand() -> None:
    assert sentences(say(fields_of(LOCKED, field()))) == [
        "layout_builder__layout is added and locked by its module: do not add it by hand."
    ]


def test_other_fields_are_not_spoken_of() -> None:
    assert sentences(say(fields_of(field()))) == []
