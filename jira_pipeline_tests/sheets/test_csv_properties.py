"""What holds for any table and any bytes."""

import csv
import io
import re
from typing import Literal

from hypothesis import given, settings, strategies as st

from jira_pipeline.sheets.reading.csv_files import read_records
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.sheets.made_readings import read_files

# Control characters are cited and left out, so they cannot come back. A lone carriage return is
# left out because csv.writer does not quote it before Python 3.13.
CELL = st.lists(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
    | st.sampled_from([*'",;|\t\n "', "\r\n"]),
    max_size=12,
).map("".join)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(min_value=2, max_value=5))
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8))
    return [[f"Header {position}" for position in range(width)], *rows]


def normal(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def line_after(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text)) + 1


@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(deadline=None, max_examples=examples(300))
def test_whatever_a_csv_writer_wrote_is_read_back(
    table: list[list[str]], delimiter: str, quoting: Literal[0, 1, 2], line_end: str, encoding: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    lines = []
    for row in table:
        lines.append(line_after(buffer.getvalue()))
        writer.writerow(row)

    reading = read_records(buffer.getvalue().encode(encoding), file="any.csv")

    assert [row.cells for row in reading.rows] == [
        tuple(normal(cell) for cell in row) for row in table
    ]
    assert [row.line for row in reading.rows] == lines
    assert [row.record for row in reading.rows] == list(range(1, len(table) + 1))
    assert {f.code for f in reading.findings} <= {
        "delimiter_detected",
        "encoding_is_not_utf8",
        "invisible_character",
        "text_damaged",
    }


def is_valid(text: str, *, width: int) -> bool:
    """Tell whether a strict reader has nothing to say: the damage made another valid table."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return False
    return all(len(record) == width for record in records) and "\0" not in text


WORD = st.text(alphabet="abc", min_size=1, max_size=4)
PROSE = st.builds("{}{}{}".format, WORD, st.sampled_from(["", ", ", " ", '" ', "\n"]), WORD)


@given(
    rows=st.lists(st.tuples(WORD, PROSE, WORD), min_size=3, max_size=8),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    damage=st.sampled_from(['"', ",", "\0"]),
    share=st.floats(min_value=0, max_value=1, exclude_max=True),
    at=st.integers(min_value=0),
)
@settings(deadline=None, max_examples=examples(300))
def test_a_character_too_many_in_one_row_is_cited_and_spares_every_other_row(
    rows: list[tuple[str, str, str]], quoting: Literal[0, 1], damage: str, share: float, at: int
) -> None:
    texts = []
    for row in rows:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, quoting=quoting, lineterminator="\n").writerow(row)
        texts.append(buffer.getvalue())
    hit = at % len(rows)
    position = int(share * len(texts[hit]))
    damaged = texts[hit][:position] + damage + texts[hit][position:]
    text = "".join(["H1,H2,H3\n", *texts[:hit], damaged, *texts[hit + 1 :]])

    reading = read_records(text.encode(), file="any.csv")

    found = {row.line: row.cells for row in reading.rows}
    starts = [line_after("H1,H2,H3\n" + "".join(texts[:number])) for number in range(len(rows))]
    spared = [number for number in range(len(rows)) if number != hit]
    assert [found.get(starts[number]) for number in spared] == [rows[number] for number in spared]
    is_of_other_width = any(len(row.cells) != 3 for row in reading.rows)
    assert reading.findings or is_of_other_width or is_valid(text, width=3)


@given(content=st.binary(max_size=400))
@settings(deadline=None, max_examples=examples(300))
def test_random_bytes_never_raise(content: bytes) -> None:
    reading = read_files({"any.csv": content})

    read_entities(reading.tables)

    assert all(finding.message and finding.advice for finding in reading.findings)


@given(
    header=st.sampled_from(
        [
            b"Name,Machine name,X,Type",
            b"Bundle,Field label,Machine name,Field type,Ref. bundle",
            b"View,Title,Machine name,Display plugin,View ID",
            b"Workflow,Label,Machine name,From state,To state",
            b"Responsive style,Machine name,Fallback Style,Image Style Group(s)",
            b"View Modes,Entity Type,Entities Used On",
        ]
    ),
    body=st.text(alphabet='abx-#N/A(),;"\n\r\0 =', max_size=200),
)
@settings(deadline=None, max_examples=examples(300))
def test_known_headers_over_rubbish_never_raise(header: bytes, body: str) -> None:
    reading = read_files({"any.csv": header + b"\n" + body.encode()})

    entities = read_entities(reading.tables)

    assert len(entities.entities) == sum(table.file.row_count for table in reading.tables)


SHEETS = {
    "bundles.csv": b"Name,Machine name,X,Type\nBear,bear,a,Content type\nCave,cave,,Media type\n",
    "fields.csv": (
        b"Bundle,Field label,Machine name,X,Field type,Ref. bundle\n"
        b"Bear (Content type),Home,field_home,a,Entity reference,Caves (Media type)\n"
        b"Bear (Content type),Den,field_den,q,Entity reference,Cave (Media type)\n"
    ),
    "more bundles.csv": b"Name,Machine name,X,Type\nBear,bear,a,Content type\n",
    "roles.csv": b"Name,Machine name\nKeeper,keeper\n",
    "odd.csv": b"Colour,Weight\nbrown,12 t\n",
    "workbook.csv": b"PK\x03\x04",
}


@given(names=st.permutations(sorted(SHEETS)))
@settings(deadline=None, max_examples=examples(80))
def test_the_order_of_files_changes_nothing(names: list[str]) -> None:
    expected = read_files(SHEETS)

    reading = read_files({name: SHEETS[name] for name in names})

    assert reading == expected
    assert read_entities(reading.tables) == read_entities(expected.tables)
    assert read_entities(tuple(reversed(reading.tables))) == read_entities(expected.tables)
