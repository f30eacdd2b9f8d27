"""The door of layouts: what is taken, and what is said of the rest."""

import pytest

from jira_pipeline.model.errors import LayoutRefusedError
from jira_pipeline.sheets.layout_beside import LAYOUT_MAX_BYTES
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout

LAYOUT = b"""
version: 1
confirmed: {by: ada, at: 2026-11-30T10:15:00Z}
left: [Total 1]
sheets:
- {worksheets: Cover, ignore: cover of the document}
- worksheets: Roles
  regions:
  - name: roles
    skip: [{starts: [Total], reason: totals}]
    records:
    - into: user_role
      columns: {Name: Role, Notes: [{column: May, split: ",", as: "Permissions: {}"}, Remark]}
"""


def refusal_of(text: str) -> str:
    with pytest.raises(LayoutRefusedError) as refused:
        read_layout(text.encode())
    return str(refused.value)


def region(text: str) -> str:
    return f"{{version: 1, sheets: [{{worksheets: Roles, regions: [{text}]}}]}}"


def record(text: str) -> str:
    return region(f"{{name: r, records: [{text}]}}")


def test_a_layout_is_written_as_it_was_read_in_yaml_and_json() -> None:
    layout = read_layout(LAYOUT.replace(b"2026-11-30T10:15:00Z", b'"2026-11-30T10:15:00Z"'))

    assert read_layout(layout_yaml(layout).encode()) == layout
    assert read_layout(layout.model_dump_json(by_alias=True).encode()) == layout


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2]", "it must be `key: value` lines"),
        ("{version: 2, sheets: []}", "`version`: 2 is not known; 1 is"),
        (
            "{version: 1, sheet: []}",
            "`sheet`: unknown key; there are accepted, all_worksheets, confirmed, divided, left,",
        ),
        ("{a: 1, a: 2}", "not YAML: `a` appears twice"),
        ("{a: &x 1, b: *x}", "not YAML: aliases are not taken"),
        (region("{}"), "`sheets.0.regions.0.name`: it is missing"),
        (record("{into: boat, columns: {Name: A}}"), "“boat” is no kind of sheet"),
        (record("{into: field, columns: {Colour: A}}"), "field has no column Colour; it has"),
        (record("{into: user_role, columns: {Name: {column: A, text: B}}}"), "name one source"),
        (record("{into: user_role, columns: {Name: {fill: above}}}"), "name one source"),
        (record("{into: user_role, columns: {Name: {cell: 2B}}}"), "“2B” is no address"),
        (record("{into: user_role, columns: {Name: {column: A, as: x}}}"), "`as` needs one {}"),
        (record("{into: user_role, columns: {Name: 2026}}"), "it has to be `key: value` lines"),
        (
            record("{into: user_role, columns: {Name: {column: A, words: {yes: y}}}}"),
            "it has to be text; write numbers, yes and no in quotes",
        ),
        (record("{into: user_role, per: mark, columns: {Name: A}}"), "needs `marks`"),
        (record("{into: user_role, per: item, columns: {Name: A}}"), "`per: item` and `items`"),
        (
            region("{name: r, turned: 1, records: [{into: user_role, columns: {Name: A}}]}"),
            "turned`: it has to be true or false",
        ),
        (
            record("{into: user_role, columns: {Name: {colum: A}}}"),
            "`sheets.0.regions.0.records.0.columns.Name.0.colum`: unknown key; there are after, as,",
        ),
        (
            region("{name: r, ends: {begin: A}, records: [{into: user_role, columns: {Name: A}}]}"),
            "`sheets.0.regions.0.ends.begin`: unknown key; there are after_alone, after_blank, alone, below,",
        ),
        (region("{name: r, records: []}"), "`sheets.0.regions.0.records`: it is empty"),
        ("{version: 1, sheets: [{worksheets: Roles}]}", "either `ignore` with a reason"),
        ("[" * 30, "brackets are open"),
        pytest.param(" " * (LAYOUT_MAX_BYTES + 1), "500,001 bytes, the limit is", id="large"),
    ],
)
def test_what_is_no_layout_is_refused_where_it_is_wrong(text: str, expected: str) -> None:
    assert expected in refusal_of(text)


def test_what_is_wrong_because_of_another_fault_is_not_said() -> None:
    refusal = refusal_of(record("{into: boat, columns: {Name: {column: A, fill: abov}}}"))

    assert "“boat” is no kind of sheet" in refusal
    assert "'above', 'merged', 'left' or 'none'" in refusal
    assert "records`:" not in refusal
