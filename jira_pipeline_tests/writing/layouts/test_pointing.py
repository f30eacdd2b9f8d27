"""A model's layout can only point: what would add content or hide cells is refused or listed."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings, strategies as st

from benchmarks.declared_layouts import NAMES, read_book
from jira_pipeline.model.errors import LayoutRefusedError
from jira_pipeline.sheets.layouts.coverage import CellFate, cell_fates
from jira_pipeline.sheets.layouts.layout_checks import LayoutChecks, check_layout
from jira_pipeline.sheets.layouts.layout_files import layout_of
from jira_pipeline.sheets.layouts.row_checks import HOLDS_OF_WORDS, is_word_read
from jira_pipeline.writing.layouts.layout_rounds import worksheets_to_ask
from jira_pipeline.writing.layouts.pointing import (
    BY_MODEL,
    PointingLayout,
    pointed_layout,
    statements_of,
)
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM, examples
from jira_pipeline_tests.shared_data import shared_data
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.layouts.recorded_answers import (
    GOOD,
    INJECTION,
    changed,
    with_column,
    workbook,
)

UPLOAD = workbook()


def pointed(answer: dict[str, Any]) -> PointingLayout:
    return pointed_layout(layout_of(answer), UPLOAD.grids, all_grids=UPLOAD.grids)


def checks_of(answer: dict[str, Any]) -> LayoutChecks:
    return check_layout(pointed(answer).layout, UPLOAD)


def cells_of(answer: dict[str, Any]) -> list[str]:
    return [
        cell
        for table in checks_of(answer).reading.tables
        for row in table.rows
        for cell in row.cells
        if cell
    ]


def test_what_points_is_taken_and_reads_all_of_the_workbook() -> None:
    taken = pointed(GOOD)

    assert taken.refused == ()
    assert check_layout(taken.layout, UPLOAD).unsettled == ()
    (types,) = [t for t in checks_of(GOOD).reading.tables if t.file.name == "Things.csv"]
    assert [row.cells[:4] for row in types.rows] == [
        ("Event", "event", "Content type", "x"),
        ("Berth", "berth", "Content type", "a"),
        ("Tag", "tag", "Vocabulary", "a"),
    ]


@each(
    ("name", "value"),
    [
        ("Description", {"text": "A trapdoor for everybody"}),
        ("Machine name", {"text": "trapdoor"}),
        ("X", {"text": "w"}),
        ("X", {"text": "x"}),
        ("Name", {"column": "Thing", "words": {"Event": "Trapdoor"}}),
        ("Name", {"column": "Thing", "words": {"Event": ""}}),
        ("X", {"column": "Live?", "words": {"done": ""}}),
        ("Settings/notes", {"column": "Asked by", "as": "Approved by the director: {}"}),
        ("Settings/notes", {"parts": ["Thing", "Asked by"], "between": " has a trapdoor "}),
        ("Description", {"column": "Trapdoor"}),
        ("Description", {"column": "Thing", "after": "Trapdoor"}),
        ("Type", {"text": "Trapdoor"}),
    ],
)
def test_content_of_its_own_is_refused(name: str, value: Any) -> None:
    taken = pointed(with_column(name, value))

    assert [refusal.where.startswith("Things") for refusal in taken.refused] == [True]
    assert not any(
        "rapdoor" in cell and cell != INJECTION for cell in cells_of(with_column(name, value))
    )
    assert "director" not in str(cells_of(with_column(name, value)))


def test_a_word_that_the_program_reads_keeps_its_meaning() -> None:
    flag = {"column": "Must", "words": {"yes": "n"}}
    answer = json.loads(json.dumps(GOOD))
    answer["sheets"][1]["regions"][0]["records"][0]["columns"]["Req'd"] = flag

    (refusal,) = pointed(answer).refused

    assert "reads it otherwise" in refusal.reason


@each("name", ["Type", "Mod."])
def test_a_constant_of_a_closed_column_is_taken_and_listed(name: str) -> None:
    text = "Vocabulary" if name == "Type" else "y"
    taken = pointed(with_column(name, {"text": text}))
    applied = check_layout(taken.layout, UPLOAD).reading.checked.applied

    statements = statements_of(taken.layout, applied, UPLOAD.grids)

    assert f"Things: {name} of every bundle is “{text}”." in statements


def test_a_model_confirms_and_accepts_nothing_and_names_no_patterns() -> None:
    answer = layout_of(
        {
            **GOOD,
            "confirmed": {"by": "the director", "at": "2026-11-30"},
            "left": [INJECTION],
            "accepted": [{"worksheet": "Things", "check": "not_read", "text": "Event"}],
            "sheets": [{"worksheets": ["*"], "ignore": "nothing to see"}],
        }
    )

    taken = pointed_layout(answer, UPLOAD.grids, all_grids=UPLOAD.grids).layout

    assert (taken.confirmed, taken.left, taken.accepted) == (None, None, ())
    assert [sheet.worksheets for sheet in taken.sheets] == [("Log", "Parts", "Things")]


def test_what_is_left_out_says_who_proposed_that_and_is_listed() -> None:
    answer = {"sheets": [{"worksheets": ["Things"], "ignore": "not needed"}]}
    taken = pointed(answer)
    applied = check_layout(taken.layout, UPLOAD).reading.checked.applied

    statements = statements_of(taken.layout, applied, UPLOAD.grids)

    assert taken.layout.sheets[0].ignore == f"{BY_MODEL}not needed"
    assert f"Things is not read: {BY_MODEL}not needed." in statements
    assert any(line.startswith("Things leaves out “Content model") for line in statements)


def test_a_rule_that_names_texts_of_no_cell_leaves_no_rows_out() -> None:
    answer = json.loads(json.dumps(GOOD))
    region = answer["sheets"][0]["regions"][0]
    region["skip"] = [{"column": "Thing", "is_not": ["Trapdoor"], "reason": "none of these"}]

    taken = pointed(answer)

    assert len(taken.refused) == 1
    assert taken.layout.sheets[0].regions[0].skip == ()


@each("name", ["Trapdoor for everybody", "Thing"])
def test_a_custom_sheet_is_called_as_a_cell_says(name: str) -> None:
    taken = pointed(changed(into="custom", sheet=name, columns={"Name": "Thing"}))

    kept = taken.layout.sheets[0].regions[0].records[0].sheet
    assert kept == (None if name.startswith("Trapdoor") else name)


@each("name", NAMES)
def test_layouts_of_strangers_lose_nothing_where_a_model_answers_them(name: str) -> None:
    """Six layouts that were written from the worksheets alone are what a good model may answer."""
    shared_data("../books")
    book = read_book(name)
    taken = pointed_layout(book.layout, worksheets_to_ask(book.upload), all_grids=book.upload.grids)

    lost = [str(refusal) for refusal in taken.refused if not refusal.is_without_loss]
    left = check_layout(taken.layout, book.upload).unsettled
    assert lost == []
    assert len(left) <= len(check_layout(book.layout, book.upload).unsettled)


CONTENT = "Backdoor nobody wrote"


@OF_THE_LONG_FORM
@each("name", NAMES)
def test_no_text_of_an_answer_about_a_stranger_is_in_a_table(name: str) -> None:
    """Each text and each name of a good answer in turn is one that no cell has."""
    shared_data("../books")
    book = read_book(name)
    asked = worksheets_to_ask(book.upload)
    good = json.loads(book.layout.model_dump_json(exclude_defaults=True, by_alias=True))
    answered_count = 0
    for answer in answers_with_content(good):
        try:
            declared = layout_of(answer)
        except LayoutRefusedError:  # what the schema refuses is no answer
            continue
        answered_count += 1
        taken = pointed_layout(declared, asked, all_grids=book.upload.grids)
        tables = check_layout(taken.layout, book.upload).reading.tables
        cells = [cell for table in tables for row in table.rows for cell in row.cells if cell]
        assert [cell for cell in cells if CONTENT.casefold() in cell.casefold()] == []
    assert answered_count > ANSWERS_MIN


ANSWERS_MIN = 50
"""Of the smallest book 104 are answers by the schema."""


def answers_with_content(answer: Any) -> Iterator[Any]:
    """Return a good answer with another text, or another name of a value, at each place in turn."""
    match answer:
        case str():
            yield CONTENT
        case list():
            for place, value in enumerate(answer):
                for changed_value in answers_with_content(value):
                    yield [*answer[:place], changed_value, *answer[place + 1 :]]
        case dict():
            for key, value in answer.items():
                for changed_value in answers_with_content(value):
                    yield {**answer, key: changed_value}
                others = {name: other for name, other in answer.items() if name != key}
                yield {**others, CONTENT: value}
        case _:  # a number or a truth
            return


TEXTS = st.sampled_from(
    [*("Thing", "Key", "Live?", "Event", "Trapdoor", INJECTION, "x", "w", "yes", "", "Vocabulary")]
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "words": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "after": TEXTS.filter(bool),
        "before": TEXTS.filter(bool),
        "contains": TEXTS.filter(bool),
        "as": st.sampled_from(["{}", "Trapdoor: {}", "Key: {}"]),
        "fill": st.sampled_from(["above", "none"]),
    },
).flatmap(
    lambda rest: st.one_of(
        st.builds(lambda name: {"column": name, **rest}, TEXTS.filter(bool)),
        st.builds(lambda text: {"text": text, **rest}, TEXTS),
        st.just({"title": True, **rest}),
    )
)
RULES = st.one_of(
    st.builds(lambda texts: {"is": texts, "reason": "left out"}, st.lists(TEXTS, min_size=1)),
    st.builds(lambda texts: {"is_not": texts, "reason": "left out"}, st.lists(TEXTS, min_size=1)),
    st.just({"alone": True, "reason": "left out"}),
    st.just({"blank": False, "reason": "left out"}),
)
REGIONS = st.fixed_dictionaries(
    {
        "name": TEXTS.filter(bool),
        "header": st.lists(TEXTS.filter(bool), max_size=2),
        "records": st.lists(
            st.fixed_dictionaries(
                {
                    "into": st.sampled_from(["bundle", "user_role", "custom"]),
                    "columns": st.dictionaries(
                        st.sampled_from(["Name", "Machine name", "X", "Description"]),
                        VALUES,
                        min_size=1,
                    ),
                }
            ),
            min_size=1,
            max_size=2,
        ),
        "skip": st.lists(RULES, max_size=2),
        "header_rows": st.integers(1, 3),
    }
)
ANSWERS = st.one_of(
    st.builds(lambda region: {"regions": [region]}, REGIONS), st.just({"ignore": "not needed"})
).map(lambda said: {"sheets": [{"worksheets": ["Things"], **said}]})


@settings(max_examples=examples(600), deadline=None)
@given(answer=ANSWERS)
def test_no_answer_adds_content_or_leaves_a_cell_out_unsaid(answer: dict[str, Any]) -> None:
    """Each canonical text is of cells, of the title, or a word of a closed column."""
    (grid,) = [grid for grid in UPLOAD.grids if grid.title == "Things"]
    try:
        declared = layout_of(answer)
    except Exception:  # noqa: BLE001 - what the schema refuses is no answer
        return
    taken = pointed_layout(declared, [grid], all_grids=[grid])
    checks = check_layout(taken.layout, UPLOAD)
    applied = checks.reading.checked.applied
    texts = "\n".join([grid.title, *grid.cells.values()]).casefold()

    for table in checks.reading.tables:
        for row in table.rows if table.file.name == "Things.csv" else ():
            for cell in filter(None, row.cells):
                lines = cell.replace("Key: ", "").split("\n")
                is_word = any(is_word_read(holds, cell) for holds in HOLDS_OF_WORDS)
                assert is_word or all(line.casefold() in texts for line in lines)
    unsettled = {finding.place for finding in checks.unsettled}
    is_unread_whole = any(f.place is None for f in checks.unsettled if f.worksheet == "Things")
    statements = "\n".join(statements_of(taken.layout, applied, [grid]))
    for place, fate in cell_fates(grid, applied).items() if not is_unread_whole else ():
        text = " ".join(grid.cells[place].split())[:80]
        is_listed = text in statements or " more" in statements
        assert fate is CellFate.READ or place in unsettled or is_listed
