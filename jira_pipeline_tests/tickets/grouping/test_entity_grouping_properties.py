"""What holds for every specification, whatever is in its cells."""

from random import Random

from hypothesis import given, settings, strategies as st

from jira_pipeline.model.entities import BundleType, Specification
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.documents.adf_validation import table_discrepancies
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.sheets.made_readings import read_files
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, files_of

STATUSES = st.sampled_from(["a", "a", "a", "a", "c", "x", "w", "d", ""])
"""Mostly approved: what waits or goes makes no edges."""
NAMES = ["Aa", "Bb", "Cc", "Dd", "Ee", "Long Name"]
TEXTS = st.one_of(
    st.just(""),
    st.sampled_from(["y", "n", "Aa (Content type)", "Use Long Name, always", "a, b", "-", "*"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=90),
    st.just("first line,\nsecond “line” with <b>tags</b> and | pipes " * 2),
)


@st.composite
def sheets(draw: st.DrawFn) -> dict[str, list[Row]]:
    """A site of a few bundles that refer to each other, with every other kind of sheet."""
    types = {name: draw(st.sampled_from(list(BundleType))).value for name in NAMES}
    labels = [f"{name} ({type_})" for name, type_ in types.items()]
    bundles = [
        bundle(name, name.lower().replace(" ", "_"), types[name], draw(STATUSES))
        | {"Mod.": draw(st.sampled_from(["y", "n"])), "Settings/notes": draw(TEXTS)}
        for name in draw(st.permutations(NAMES))
    ]
    fields = [
        field(owner, f"field_{number}", draw(STATUSES), ref=target, req=draw(st.sampled_from("yn")))
        | {"Help text": draw(TEXTS), "Settings/notes": draw(TEXTS), "Form widget": draw(TEXTS)}
        for number in range(draw(st.integers(8, 18)))
        for owner in [draw(st.sampled_from(labels))]
        for target in [draw(st.sampled_from(["", *labels]))]
    ]
    states = [draw(st.sampled_from(["Draft", "Done", "Old", "a, b", ""])) for _ in range(4)]
    return {
        "bundles": bundles,
        "fields": fields,
        "roles": [{"Name": "Chief Editor", "Machine name": "chief", "X": draw(STATUSES)}],
        "workflows": [
            {"Label": "Flow", "Machine name": "flow", "X": draw(STATUSES), "Type": "m"}
            | {"Notes": draw(TEXTS)}
        ],
        "transitions": [
            {"Workflow": "Flow", "Label": "Go", "Machine name": "go", "X": draw(STATUSES)}
            | {"From state": state, "To state": "Done", "Notes": "Chief editors can"}
            for state in states
        ],
        "views": [
            {"View name": "Aa", "Machine name": "aas", "X": draw(STATUSES)}
            | {"Base table": "Content", "Notes": draw(TEXTS)}
        ],
        "displays": [
            {"View": draw(st.sampled_from(["Aa", "Gone"])), "Title": draw(TEXTS)}
            | {"Machine name": f"display_{number}", "X": draw(STATUSES), "Notes": draw(TEXTS)}
            for number in range(draw(st.integers(0, 3)))
        ],
        "custom": [
            {"Label": f"Thing {number}", "Machine name": f"thing_{number}", "X": draw(STATUSES)}
            for number in range(draw(st.integers(0, 3)))
        ],
    }


def specification_from(rows: dict[str, list[Row]], random: Random | None = None) -> Specification:
    """Read the sheets, with files and entities in another order if asked."""
    files = list(files_of(rows).items())
    if random is not None:
        random.shuffle(files)
    entities = list(read_entities(read_files(dict(files)).tables).entities)
    if random is not None:
        random.shuffle(entities)
    return Specification(entities=tuple(entities))


@settings(max_examples=examples(100), deadline=None)
@given(sheets(), st.integers(0, 1_000))
def test_the_order_of_files_and_entities_changes_nothing(
    rows: dict[str, list[Row]], seed: int
) -> None:
    shuffled = specification_from(rows, Random(seed))  # noqa: S311 - no secret

    result, other = group_entities(specification_from(rows)), group_entities(shuffled)

    assert repr(other) == repr(result)


@settings(max_examples=examples(100), deadline=None)
@given(sheets(), st.booleans())
def test_tickets_have_every_row_once_as_it_is_in_an_order_that_works(
    rows: dict[str, list[Row]], include_waiting: bool
) -> None:
    groups = group_entities(specification_from(rows), include_waiting=include_waiting).groups
    number_of = {group.key: group.number for group in groups}
    places = [(row.source.file, row.source.line) for g in groups for row in (*g.heads, *g.members)]
    are_removals = [group.kind is GroupKind.REMOVAL for group in groups]

    assert [line for g in groups for line in table_discrepancies(g, tables_of(g))] == []
    assert [group.number for group in groups] == list(range(1, len(groups) + 1))
    assert len(number_of) == len({group.title for group in groups}) == len(groups)
    for group in groups:
        assert all(number_of[d.group_key] < group.number for d in group.dependencies)
        assert all(r.group_key is None or r.group_key in number_of for r in group.relations)
    assert len(places) == len(set(places))
    assert are_removals == sorted(are_removals)
