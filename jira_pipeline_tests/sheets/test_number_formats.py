"""Numbers look as in a spreadsheet program.

The expected texts are those of SheetJS SSF 0.11.2, which Excel's own files were tested against; the
few that differ on purpose are in tests of their own.
"""

import math

from hypothesis import given
from hypothesis import strategies as st

from jira_pipeline.sheets.reading.number_formats import number_as_shown, text_as_shown
from jira_pipeline_tests.tables import each

SHOWN = [
    ("General", 0, "0"),
    ("General", 1, "1"),
    ("General", -0.5, "-0.5"),
    ("General", 0.30000000000000004, "0.3"),
    ("General", 0.333333333333333, "0.333333333"),
    ("General", 1234567.891234, "1234567.891"),
    ("General", 1e-7, "0.0000001"),
    ("General", 1.23e-5, "0.0000123"),
    ("General", 1.5e20, "1.5E+20"),
    ("0", 2.25, "2"),
    ("0.00", 1234.567, "1234.57"),
    ("#,##0", 1234567, "1,234,567"),
    ("#,##0.00", -1234.5, "-1,234.50"),
    ("0%", 0.125, "13%"),
    ("0.00%", 0.0001, "0.01%"),
    ("0.00E+00", 12345, "1.23E+04"),
    ("##0.0E+0", 12345, "12.3E+3"),
    ("# ?/?", 1.5, "1.5"),
    ("# ??/??", 3.14159265358979, "3.141592654"),
    ("# ?/8", 2.25, "2.25"),
    ("00000", 42, "00042"),
    ("000-00-0000", 123456789, "123-45-6789"),
    ("#.##", 1, "1."),
    ("0.0#", 1.5, "1.5"),
    ("0.0,,", 1234567, "1.2"),
    ('0.0,,"M"', 123456789, "123.5M"),
    ("#,##0,", 1234567, "1,235"),
    ('"Nr. "0', 7, "Nr. 7"),
    ("0\\-00", 1234, "12-34"),
    ("[$€-407]#,##0.00", 12.345, "€12.35"),
    ('#,##0.00 "€"', 12.345, "12.35 €"),
    ("$#,##0.00;[Red]($#,##0.00)", -12.345, "($12.35)"),
    ('0;-0;"none"', 0, "none"),
    ("0;;", -5, ""),
    ("[>100]0.0;0", 123, "123.0"),
    ("[>100]0.0;0", 42, "42"),
    ('[<10]"few";[<100]"some";"many"', 42, "some"),
    ("+0;-0;0", 5, "+5"),
    ("yyyy-mm-dd", 45000, "2023-03-15"),
    ("dd.mm.yyyy", 60, "29.02.1900"),
    ("yyyy-mm-dd", 59, "1900-02-28"),
    ("yyyy-mm-dd", 61, "1900-03-01"),
    ("yyyy-mm-dd", 2958465, "9999-12-31"),
    ("[$-409]mmmm d, yyyy", 43831, "January 1, 2020"),
    ("dddd, mmmm dd, yyyy", 45000, "Wednesday, March 15, 2023"),
    ("ddd d mmm", 44927, "Sun 1 Jan"),
    ("mmmmm", 45000, "M"),
    ("d-mmm-yy", 45000, "15-Mar-23"),
    ("h:mm", 0.4375, "10:30"),
    ("h:mm AM/PM", 0.75, "6:00 PM"),
    ("hh:mm A/P", 0.5, "12:00 P"),
    ("mm:ss", 0.4375, "30:00"),
    ("h:mm:ss", 0.999988425925926, "23:59:59"),
    ("[h]:mm:ss", 1.25, "30:00:00"),
    ("[mm]:ss", 1.25, "1800:00"),
    ("yyyy-mm-dd hh:mm:ss.000", 45000.123456, "2023-03-15 02:57:46.598"),
    ('yyyy"年"m"月"d"日"', 45000, "2023年3月15日"),
]


@each(("code", "number", "expected"), SHOWN)
def test_a_number_looks_as_its_format_says(code: str, number: float, expected: str) -> None:
    assert number_as_shown(number, code).strip() == expected


@each("number", [123456789012, 999999999999999, -123456789012])
def test_an_integer_keeps_all_its_digits(number: int) -> None:
    """Excel shows 1.23457E+11; identifiers of that length would be lost."""
    assert number_as_shown(number, "General") == str(number)


def test_halves_are_rounded_by_their_decimal_digits() -> None:
    """As a binary number 1.005 is a little less; people and Excel see 1.01."""
    assert number_as_shown(1.005, "0.00") == "1.01"


@each("number", [-1, 123456789, -0.5])
def test_what_is_no_date_is_shown_as_a_number(number: float) -> None:
    """Programs show ##### there, which says nothing."""
    assert number_as_shown(number, "yyyy-mm-dd") == number_as_shown(number, "General")


def test_dates_can_count_from_1904() -> None:
    assert number_as_shown(0, "yyyy-mm-dd", is_1904=True) == "1904-01-01"


@each(
    ("code", "expected"),
    [
        ("General", "wide"),
        ("@", "wide"),
        ("0.00", "wide"),
        ('@" px"', "wide px"),
        ('0;0;0;"text: "@', "text: wide"),
        (";;;", ""),
    ],
)
def test_text_looks_as_its_format_says(code: str, expected: str) -> None:
    assert text_as_shown("wide", code) == expected


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text('0#?,.%E+-/;"\\_*[]ymdhs @', max_size=12),
)
def test_no_format_raises(number: float, code: str) -> None:
    assert isinstance(number_as_shown(number, code), str)
    assert isinstance(text_as_shown("text", code), str)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_general_integer_reads_back(number: int) -> None:
    assert number_as_shown(float(number), "General") == str(number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_general_number_is_near_what_it_shows(number: float) -> None:
    shown = float(number_as_shown(number, "General"))

    assert math.isclose(shown, number, rel_tol=1e-4, abs_tol=1e-11)
