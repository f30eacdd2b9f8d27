"""A type that no row lists."""

from collections.abc import Sequence
from dataclasses import replace

from jira_pipeline.drupal.bundle.named_by_fields import ListedBy, ask, facts, listed_by
from jira_pipeline.drupal.specification_index import SpecificationIndex
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity, Specification, Status
from jira_pipeline.model.sheet_names import part_name
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import field, said_by
from jira_pipeline_tests.tables import each

OF_FIELDS = part_name("Fields.csv", "Content type")
OF_BUNDLES = "Bundles.csv"


def read_from(file: str, row: dict[str, str], **properties: object) -> Entity:
    """Return a bundle as an earlier version read it from a file, which its readings have."""
    entity = bundles_of(row).ticket.head
    return replace(entity, source=replace(entity.source, file=file), **properties)  # type: ignore[arg-type]


BLANK = read_from(OF_FIELDS, boat(), is_status_blank=True)
THERE = read_from(OF_FIELDS, anchor(), status=Status.IMPLEMENTED)


@each(
    ("bundle", "others", "fact"),
    [
        (BLANK, [THERE], ListedBy.FIELDS_OF_A_SITE),
        (BLANK, [read_from(OF_FIELDS, anchor())], ListedBy.FIELDS),
        (BLANK, [read_from(OF_BUNDLES, anchor(), status=Status.IMPLEMENTED)], ListedBy.FIELDS),
        (BLANK, [], ListedBy.FIELDS),
        (replace(BLANK, is_status_blank=False), [THERE], ListedBy.FIELDS),
        (
            read_from(OF_BUNDLES, boat(), is_status_blank=True),
            [read_from(OF_BUNDLES, anchor(), status=Status.IMPLEMENTED)],
            ListedBy.ITS_ROW,
        ),
    ],
)
def test_a_type_may_be_there_where_others_that_only_fields_name_are(
    bundle: Entity, others: Sequence[Entity], fact: ListedBy
) -> None:
    assert listed_by(bundle, Specification(entities=(bundle, *others))) is fact


def test_what_lists_a_type_is_a_fact_of_it() -> None:
    assert said_by(facts(bundles_of(boat(), fields=[field()]))) == [(ListedBy.ITS_ROW, "boat")]


@each(("status", "count"), [(Status.IMPLEMENTED, 1), (Status.APPROVED, 0)])
def test_whether_it_is_new_is_asked(status: Status, count: int) -> None:
    specification = Specification(entities=(BLANK, replace(THERE, status=status)))
    group = bundles_of(boat()).ticket.group
    rows = GroupRows(group=group, index=SpecificationIndex(specification=specification))

    assert len([*ask(BLANK, rows)]) == count
