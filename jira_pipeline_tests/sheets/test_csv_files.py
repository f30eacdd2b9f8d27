"""How single CSV files are read, and what is said of damaged ones."""

from jira_pipeline.kernel.entities import READ_CHARACTERS_MAX
from jira_pipeline.kernel.findings import Finding, Severity
from jira_pipeline.sheets.reading.csv_files import CsvReading, read_csv
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline_tests.tables import each

HEADER = "Name,Machine name,Notes\n"


def reading_of(text: str, *, encoding: str = "utf-8") -> CsvReading:
    return read_csv(text.encode(encoding), file="Bears.csv")


def cells_of(reading: CsvReading) -> list[tuple[str, ...]]:
    return [row.cells for row in reading.rows]


def only(reading: CsvReading, code: str) -> Finding:
    (finding,) = [finding for finding in reading.findings if finding.code == code]
    return finding


def test_a_cell_with_newlines_moves_lines_but_not_records() -> None:
    reading = reading_of(HEADER + 'Grizzly,grizzly,"two\nlines"\nKodiak,kodiak,\n')

    assert [(row.line, row.record) for row in reading.rows] == [(2, 2), (4, 3)]
    assert reading.rows[0].cells[2] == "two\nlines"


@each("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_make_no_difference(line_end: str) -> None:
    text = HEADER + 'Grizzly,grizzly,"two\nlines"\n'

    reading = reading_of(text.replace("\n", line_end))

    assert cells_of(reading) == [("Grizzly", "grizzly", "two\nlines")]
    assert [row.line for row in reading.rows] == [2]
    assert reading.findings == ()


def test_a_byte_order_mark_is_not_part_of_the_first_header() -> None:
    reading = reading_of(HEADER + "Bär,baer,\n", encoding="utf-8-sig")

    assert reading.columns == ("Name", "Machine name", "Notes")
    assert reading.encoding == "utf-8-sig"
    assert cells_of(reading) == [("Bär", "baer", "")]
    assert reading.findings == ()


@each(
    ("encoding", "prefix"),
    [("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-16-le", ""), ("utf-16-be", "")],
    ids=["LE with mark", "BE with mark", "LE without", "BE without"],
)
def test_utf16_is_read_and_reported(encoding: str, prefix: str) -> None:
    reading = reading_of(prefix + HEADER + "Bär,baer,\n", encoding=encoding)

    assert cells_of(reading) == [("Bär", "baer", "")]
    assert reading.encoding == encoding
    assert only(reading, "encoding_is_not_utf8").severity is Severity.INFO


def test_windows_1252_is_assumed_with_a_warning_that_shows_the_first_line() -> None:
    reading = reading_of(HEADER + "Grizzly,grizzly,\nBär,baer,“quoted”\n", encoding="cp1252")

    finding = only(reading, "encoding_assumed")
    assert cells_of(reading)[1] == ("Bär", "baer", "“quoted”")
    assert reading.encoding == "cp1252"
    assert (finding.severity, finding.line) == (Severity.WARNING, 3)
    assert finding.value == "Bär,baer,“quoted”"


def test_utf16_with_half_a_character_is_an_error() -> None:
    content = "\ufeffName,Machine name\nBär,baer\n".encode("utf-16-le") + b"\n"

    reading = read_csv(content, file="Bears.csv")

    finding = only(reading, "encoding_broken")
    assert (finding.severity, finding.line) == (Severity.ERROR, 3)


@each("delimiter", [";", "\t", "|"], ids=["semicolon", "tab", "pipe"])
def test_other_delimiters_are_found_in_the_header_and_reported(delimiter: str) -> None:
    text = HEADER + 'Grizzly,grizzly,"a;b\tc|d"\n'

    reading = reading_of(text.replace(",", delimiter))

    finding = only(reading, "delimiter_detected")
    assert reading.delimiter == delimiter
    assert cells_of(reading) == [("Grizzly", "grizzly", "a;b\tc|d")]
    assert (finding.severity, finding.line) == (Severity.INFO, 1)


def test_commas_inside_quoted_headers_do_not_choose_the_delimiter() -> None:
    reading = reading_of('"Name, full, as printed";Notes\nGrizzly;fine\n')

    assert reading.columns == ("Name, full, as printed", "Notes")


def test_the_hint_excel_writes_into_the_first_line_is_followed() -> None:
    reading = reading_of("sep=;\nName;Notes\nGrizzly;a,b\n")

    assert reading.columns == ("Name", "Notes")
    assert [(row.line, row.record, row.cells) for row in reading.rows] == [
        (3, 2, ("Grizzly", "a,b"))
    ]


def test_a_short_row_is_padded_and_cited() -> None:
    reading = reading_of(HEADER + "Grizzly,grizzly\nKodiak,kodiak,big\n")

    finding = only(reading, "row_short")
    assert cells_of(reading) == [("Grizzly", "grizzly", ""), ("Kodiak", "kodiak", "big")]
    assert (finding.severity, finding.line, finding.record) == (Severity.WARNING, 2, 2)


def test_a_long_row_is_an_error_that_shows_the_cell_outside() -> None:
    reading = reading_of(HEADER + "Kodiak,kodiak,big\nGrizzly,grizzly,brown,bear\n")

    finding = only(reading, "row_long")
    assert (finding.severity, finding.line, finding.value) == (Severity.ERROR, 3, "bear")
    assert cells_of(reading)[0] == ("Kodiak", "kodiak", "big")


def test_blank_cells_beyond_the_header_are_no_fault_where_every_row_has_them() -> None:
    reading = reading_of(HEADER + "Grizzly,grizzly,brown,,\nKodiak,kodiak,big,,\n,,,,\n\n")

    assert cells_of(reading)[:2] == [("Grizzly", "grizzly", "brown"), ("Kodiak", "kodiak", "big")]
    assert reading.findings == ()


@each(
    "rows",
    [
        "Kodiak,kodiak,big\nGrizzly,Lists of news, events,\n",
        "Kodiak,kodiak,big,\nGrizzly,Lists of news, events,,\n",
    ],
    ids=["in one row only", "one more than in every row"],
)
def test_a_comma_outside_quotes_shows_by_a_blank_cell_too_many(rows: str) -> None:
    """The last cells of the row are blank, so that no cell that holds something is outside."""
    reading = reading_of(HEADER + rows)

    finding = only(reading, "row_long")
    assert (finding.severity, finding.line, finding.record) == (Severity.WARNING, 3, 3)
    assert finding.value == "Grizzly, Lists of news, events"


@each(
    ("cell", "shown"),
    [
        ("Lists\u202efdp.exe", "Lists[U+202E]fdp.exe"),
        ("Ed\u200bitor", "Ed[U+200B]itor"),
        ("Ed\u200ditor", "Ed[U+200D]itor"),
        ("Editor\ufeff", "Editor[U+FEFF]"),
        ("\u2067Editor\u2069", "[U+2067]Editor[U+2069]"),
    ],
    ids=["right to left", "zero width", "joiner", "byte order mark", "isolated"],
)
def test_characters_that_nobody_sees_are_reported_and_shown(cell: str, shown: str) -> None:
    """A label with one matches no other; text after an override reads backwards."""
    reading = reading_of(HEADER + f"{cell},grizzly,\n")

    finding = only(reading, "invisible_character")
    assert cells_of(reading)[0][0] == cell
    assert (finding.severity, finding.line, finding.column, finding.value) == (
        Severity.WARNING,
        2,
        "Name",
        shown,
    )


@each(
    "cell",
    [
        "👩\u200d🔬",
        "\u0645\u06cc\u200c\u062e",
        "\u05d0\u200f!",
        "ภาษา\u200bไทย",
        "Bä\u00adren\u00a0",
        "a\nb",
    ],
    ids=["emoji", "Persian", "Hebrew", "Thai", "hyphen and space", "line feed"],
)
def test_characters_that_a_script_needs_are_no_fault(cell: str) -> None:
    assert reading_of(HEADER + f'"{cell}",grizzly,\n').findings == ()


def test_a_quote_that_never_closes_costs_one_row() -> None:
    reading = reading_of(HEADER + 'Grizzly,"grizzly,brown\nKodiak,kodiak,big\nPanda,panda,\n')

    finding = only(reading, "unterminated_quote")
    assert (finding.severity, finding.line, finding.record) == (Severity.ERROR, 2, 2)
    assert finding.value == '"grizzly,brown'
    assert cells_of(reading)[1:] == [("Kodiak", "kodiak", "big"), ("Panda", "panda", "")]
    assert [row.line for row in reading.rows] == [2, 3, 4]


def test_a_quote_that_runs_into_the_next_quoted_cell_costs_one_row() -> None:
    reading = reading_of(
        HEADER + 'Grizzly,"grizzly,brown\nKodiak,"kodiak",big\nPanda,panda,"black, white"\n'
    )

    assert only(reading, "unterminated_quote").line == 2
    assert cells_of(reading)[1:] == [
        ("Kodiak", "kodiak", "big"),
        ("Panda", "panda", "black, white"),
    ]


def test_a_quote_that_swallowed_whole_records_is_found_by_their_width() -> None:
    reading = reading_of(
        HEADER + '"Grizzly,grizzly,brown\nKodiak,kodiak,big\nPanda,panda,\nPolar,polar,white"\n'
    )

    assert [f.line for f in reading.findings if f.code == "unterminated_quote"] == [2]
    assert cells_of(reading)[1:3] == [("Kodiak", "kodiak", "big"), ("Panda", "panda", "")]


def test_a_stray_quote_in_a_quoted_cell_is_an_error_and_the_next_rows_survive() -> None:
    reading = reading_of(HEADER + 'Grizzly,grizzly,"a "big" bear"\nKodiak,kodiak,\n')

    finding = only(reading, "stray_quote")
    assert (finding.severity, finding.line) == (Severity.ERROR, 2)
    assert cells_of(reading) == [("Grizzly", "grizzly", 'a "big" bear'), ("Kodiak", "kodiak", "")]


def test_a_quote_inside_an_unquoted_cell_is_kept_and_cited() -> None:
    reading = reading_of(HEADER + 'Grizzly,grizzly,9" paws\n')

    finding = only(reading, "quote_in_cell")
    assert (finding.severity, finding.line, finding.value) == (Severity.WARNING, 2, '9" paws')
    assert reading.rows[0].cells[2] == '9" paws'


def test_a_nul_is_an_error_in_its_cell() -> None:
    reading = reading_of(HEADER + "Grizzly,griz\0zly,\nKodiak,kodiak,\n")

    finding = only(reading, "nul_character")
    assert (finding.severity, finding.line, finding.column) == (Severity.ERROR, 2, "Machine name")
    assert cells_of(reading) == [("Grizzly", "grizzly", ""), ("Kodiak", "kodiak", "")]


def test_control_characters_are_left_out_with_a_warning() -> None:
    reading = reading_of(HEADER + "Grizzly,grizzly,big\x07 bear\x0bbrown\n")

    finding = only(reading, "control_character")
    assert reading.rows[0].cells[2] == "big bear\nbrown"
    assert (finding.severity, finding.column) == (Severity.WARNING, "Notes")
    assert "U+0007, U+000B" in finding.message


def test_a_blank_header_over_text_gets_a_name_and_a_warning() -> None:
    reading = reading_of("Name,,Notes\nGrizzly,secret,\n")

    finding = only(reading, "header_blank")
    assert reading.columns == ("Name", "Column 2", "Notes")
    assert cells_of(reading) == [("Grizzly", "secret", "")]
    assert (finding.line, finding.column, finding.value) == (2, "Column 2", "secret")


def test_columns_without_header_and_text_vanish() -> None:
    reading = reading_of("Name,,Notes,,\nGrizzly,,brown,,\n")

    assert reading.columns == ("Name", "Notes")
    assert cells_of(reading) == [("Grizzly", "brown")]
    assert reading.findings == ()


def test_a_repeated_header_is_an_error() -> None:
    reading = reading_of("Name,Notes,notes\nGrizzly,brown,bear\n")

    finding = only(reading, "header_repeated")
    assert (finding.severity, finding.line, finding.column) == (Severity.ERROR, 1, "notes")
    assert len(set(reading.columns)) == 3


@each("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n"])
def test_a_file_without_records_is_an_error(content: bytes) -> None:
    reading = read_csv(content, file="Bears.csv")

    finding = only(reading, "file_empty")
    assert (finding.severity, finding.file) == (Severity.ERROR, "Bears.csv")
    assert reading.columns == ()


def test_formulas_are_reported_once_for_a_column_and_never_changed() -> None:
    reading = reading_of(HEADER + "Grizzly,-,=1+1\nKodiak,-,@SUM(A1)\nPanda,-,-5\n")

    finding = only(reading, "formula_like")
    assert (finding.severity, finding.column, finding.line) == (Severity.INFO, "Notes", 2)
    assert "and 1 more" in finding.message
    assert [row.cells[2] for row in reading.rows] == ["=1+1", "@SUM(A1)", "-5"]


def test_a_line_of_a_million_columns_is_refused_and_the_next_line_survives() -> None:
    content = (HEADER + "," * 1_000_000 + "\nGrizzly,grizzly,\n").encode()

    reading = read_csv(content, file="Bears.csv")

    finding = only(reading, "too_many_columns")
    assert (finding.severity, finding.line) == (Severity.ERROR, 2)
    assert cells_of(reading)[-1] == ("Grizzly", "grizzly", "")


def test_a_cell_beyond_the_limit_names_the_limit() -> None:
    limits = ReadingLimits(cell_max_characters=12)

    reading = read_csv(
        (HEADER + "Grizzly,grizzly,a longer story\n").encode(), file="a", limits=limits
    )

    finding = only(reading, "cell_too_long")
    assert (finding.severity, finding.column) == (Severity.ERROR, "Notes")
    assert "14 characters; at most 12" in finding.message


def test_a_cell_too_long_for_english_is_kept_and_cited() -> None:
    text = "z" * (READ_CHARACTERS_MAX + 1)

    reading = read_csv((HEADER + f"Grizzly,grizzly,{text}\n").encode(), file="Bears.csv")

    finding = only(reading, "cell_not_read")
    assert (finding.severity, finding.column) == (Severity.WARNING, "Notes")
    assert cells_of(reading)[-1] == ("Grizzly", "grizzly", text)


def test_rows_beyond_the_limit_are_not_read() -> None:
    limits = ReadingLimits(rows_max_count=2)

    reading = read_csv((HEADER + "a,a,\n" * 3).encode(), file="Bears.csv", limits=limits)

    assert len(reading.rows) == 2
    assert (only(reading, "too_many_rows").line) == 4


def test_a_flood_of_one_remark_ends_with_its_count() -> None:
    reading = reading_of(HEADER + "a,a\n" * 500)

    short = [finding for finding in reading.findings if finding.code == "row_short"]
    assert len(short) == 201
    assert "500 findings of this sort" in short[-1].message


def test_a_long_value_is_cut_in_the_finding() -> None:
    reading = reading_of(HEADER + "Grizzly,grizzly,brown," + "x" * 500 + "\n")

    assert only(reading, "row_long").value == "x" * 200
