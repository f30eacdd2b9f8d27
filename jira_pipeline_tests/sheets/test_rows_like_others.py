"""Fields that say that they are as another row, as people write it who list each storage once."""

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Finding
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.tables import each

HEADER = "Key,Bundle,Field label,Machine name,Field type,Vals.,Help text,Remark,More\n"
BUNDLES = "Name,Machine name,Type\nPier,pier,Content type\nBoat,boat,Content type\n"
FIRST = "K-1,Pier,Keeper,field_keeper,Email,3,Who has the keys,Ask Ada,\n"


def read(*rows: str) -> tuple[list[dict[str, str]], list[Finding]]:
    fields = HEADER + FIRST + "".join(f"{row}\n" for row in rows)
    reading = Reading({"Things.csv": BUNDLES, "Fields.csv": fields})
    fields_in = reading.of(EntityKind.FIELD)
    return [{c: t for c, t in e.cells.items() if t} for e in fields_in], [*reading.findings]


@each("cell", ["↺ K-1", "as K-1", "K-1", "see K-1", "Same as row K-1", "= k-1"])
def test_a_row_that_is_like_another_takes_what_it_leaves_blank_and_keeps_what_it_says(
    cell: str,
) -> None:
    """Its type contradicted that of the other, and all else that it has was missing."""
    (_, second), findings = read(f"K-2,Boat,Captain,,{cell},,Who steers,,")

    taken = {"Machine name": "field_keeper", "Field type": "Email", "Vals.": "3", "As row": cell}
    own = {"Key": "K-2", "Bundle": "Boat", "Field label": "Captain", "Help text": "Who steers"}
    assert second == {**taken, **own}
    assert [f.line for f in findings if f.code == "rows_alike"] == [3]


def test_a_row_that_is_like_another_is_not_put_off_with_it() -> None:
    """What puts off the other row is said of that one alone."""
    later = '"later, with the shop"'

    cells, _ = read("K-2,Boat,Captain,,as K-3,,,,", f"K-3,Pier,Mate,,Link,,,,{later}")

    assert [row.get("More") for row in cells[1:]] == [None, later.strip('"')]


def test_a_row_may_be_like_one_that_is_like_another_and_none_like_itself() -> None:
    cells, _ = read("K-2,Boat,Captain,,as K-1,2,,,", "K-3,Boat,Mate,,as K-2,,,,", "K-4,Boat,Cook,,as K-4,,,,")  # fmt: skip

    assert [row.get("Field type") for row in cells] == ["Email", "Email", "Email", "as K-4"]
    assert [row.get("Vals.") for row in cells] == ["3", "2", "2", None]


@each("remark", ["see K-1", "K-1", "longer than K-1"])
def test_a_row_with_a_type_that_only_mentions_another_is_not_like_it(remark: str) -> None:
    (_, second), _ = read(f"K-2,Boat,Length,field_length,Link,,,,{remark}")

    assert "Vals." not in second
    assert "As row" not in second


def test_a_number_in_a_row_without_a_type_names_no_row() -> None:
    rows = "1,Pier,Keeper,field_keeper,Email,3,,,\n2,Boat,Mate,,,1,,,\n3,Boat,Cook,,Link,2,,,\n"

    reading = Reading({"Things.csv": BUNDLES, "Fields.csv": f"{HEADER}{rows}"})

    types = [field.cell("Field type") for field in reading.of(EntityKind.FIELD)]
    assert types == ["Email", "", "Link"]


def test_a_field_may_be_as_in_another_bundle_that_has_it() -> None:
    (_, second), _ = read("K-2,Boat,Keeper,field_keeper,as Pier,,,,")

    assert (second["Field type"], second["Vals."]) == ("Email", "3")
