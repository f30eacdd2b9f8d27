"""CSV files in code pages: what the letters suggest is shown, and what people say counts."""

import pytest

from jira_pipeline.model.errors import ManifestError
from jira_pipeline.model.sessions import CodePage
from jira_pipeline.sheets.manifest import parse_manifest
from jira_pipeline.sheets.reading.code_pages import (
    CODE_PAGE_LABELS,
    code_pages_to_choose,
    suggested_code_pages,
)
from jira_pipeline.sheets.reading.csv_files import read_records
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.tables import each

HEADER = "Bundle,Field label,Machine name\r\n"
CYRILLIC = HEADER + "Boat,Где стоит,field_home\r\nBoat,Экипаж,field_crew\r\n"


def bytes_in(encoding: str, *labels: str) -> bytes:
    rows = "".join(f"Boat,{label},field_{at}\r\n" for at, label in enumerate(labels))
    return (HEADER + rows).encode(encoding)


@each(
    ("code_page", "labels"),
    [
        (CodePage.CP1250, ["Kotviště lodě", "Posádka"]),
        (CodePage.CP1251, ["Где стоит", "Экипаж"]),
        (CodePage.CP1253, ["Λιμάνι", "Πλήρωμα"]),
        (CodePage.KOI8_R, ["Где стоит", "Экипаж"]),
        (CodePage.CP949, ["정박 위치", "선원"]),
        (CodePage.BIG5, ["停泊位置", "船員"]),
        (CodePage.GB18030, ["停泊位置", "船员", "名称"]),
    ],
)
def test_the_code_page_of_letters_is_suggested_and_shown(
    code_page: CodePage, labels: list[str]
) -> None:
    content = bytes_in(code_page, *labels)

    reading = read_records(content, file="Fields.csv")

    assert code_page in suggested_code_pages(content)
    (finding,) = [f for f in reading.findings if f.code == "encoding_assumed"]
    assert f"“{labels[0]}”" in finding.message or labels[0] in (finding.value or "")
    assert code_page in finding.message or reading.encoding == code_page


def test_a_suggestion_is_never_applied_where_windows_1252_reads_every_byte() -> None:
    content = CYRILLIC.encode("cp1251")

    reading = read_records(content, file="Fields.csv")

    assert reading.encoding == "cp1252"
    assert [finding.code for finding in reading.findings] == ["encoding_assumed"]
    assert "“Где стоит” in Cyrillic (Windows-1251), `cp1251`" in reading.findings[0].message
    assert "`encoding: NAME`" in reading.findings[0].advice


@each("encoding", ["utf-8", "utf-16-le", "utf-16"])
def test_what_people_say_is_not_said_of_unicode(encoding: str) -> None:
    content = CYRILLIC.encode(encoding)

    reading = read_records(content, file="Fields.csv", code_page=CodePage.CP1251)

    assert reading.rows[1].cells[1] == "Где стоит"


def test_the_code_page_that_people_say_is_applied_exactly() -> None:
    content = CYRILLIC.encode("cp1251")

    right = read_records(content, file="Fields.csv", code_page=CodePage.CP1251)
    wrong = read_records(content, file="Fields.csv", code_page=CodePage.CP1253)

    assert (right.encoding, right.rows[1].cells[1]) == ("cp1251", "Где стоит")
    assert [finding.code for finding in right.findings] == ["encoding_is_not_utf8"]
    assert (wrong.encoding, wrong.rows[1].cells[1]) == ("cp1253", "Γδε ρςξθς")


def test_western_letters_are_read_as_before_without_other_readings() -> None:
    content = bytes_in("cp1252", "Größe", "Über uns", "“Straße”")

    reading = read_records(content, file="Fields.csv")

    assert reading.encoding == "cp1252"
    assert "may be wrong" in reading.findings[0].message


@each(
    ("name", "code_page"),
    [
        *((name, CodePage.CP1251) for name in ("cp1251", "windows-1251", "Windows-1251", 1251)),
        *((name, CodePage.CP932) for name in ("Shift-JIS", "shift_jis", "cp932", "sjis")),
        *((name, CodePage.GB18030) for name in ("GBK", "gb2312", "gb18030")),
        *((name, CodePage.MAC_ROMAN) for name in ("MacRoman", "macintosh", "mac_roman")),
        *((name, CodePage.EUC_JP) for name in ("EUC-JP", "euc_jp", "x-euc-jp", "ujis")),
        *((name, CodePage.ISO8859_2) for name in ("ISO-8859-2", "iso8859-2", "latin2")),
        *((name, CodePage.CP874) for name in ("TIS-620", "windows-874", "cp874")),
        *((name, CodePage.MAC_CYRILLIC) for name in ("x-mac-cyrillic", "MacCyrillic")),
        *(("ISO-8859-15", CodePage.ISO8859_15), ("ISO-2022-JP", CodePage.ISO2022_JP)),
        *(("x-sjis", CodePage.CP932), ("x-gbk", CodePage.GB18030)),
        *(("latin-1", CodePage.CP1252), ("EUC-KR", CodePage.CP949), ("KOI8-R", CodePage.KOI8_R)),
    ],
)
def test_a_code_page_has_all_its_usual_names(name: str | int, code_page: CodePage) -> None:
    manifest = parse_manifest(f"encoding: {name}".encode(), file_name="session.yaml")

    assert manifest.encoding == code_page


@each(
    ("name", "encoding"),
    [
        *(("koi8-u", "koi8-u"), ("cp437", "cp437"), ("ISO_8859-16", "iso8859-16")),
        *(("mac_greek", "mac-greek"), ("ptcp154", "ptcp154"), ("KSC5601", CodePage.CP949)),
        *((name, None) for name in ("utf-8", "UTF8", "utf-8-sig", "utf-16", "UTF-16LE")),
    ],
)
def test_any_code_page_that_python_knows_is_taken_and_unicode_needs_none(
    name: str, encoding: str | None
) -> None:
    manifest = parse_manifest(f"encoding: {name}".encode(), file_name="session.yaml")

    assert manifest.encoding == encoding


def test_a_code_page_outside_the_list_is_read_and_stays_on_the_page() -> None:
    content = bytes_in("koi8-u", "Ґанок", "Їжак")

    reading = read_records(content, file="Fields.csv", code_page="koi8-u")

    assert (reading.encoding, reading.rows[1].cells[1]) == ("koi8-u", "Ґанок")
    assert "koi8-u" not in code_pages_to_choose("")
    assert code_pages_to_choose("koi8-u")["koi8-u"] == "koi8-u"


def test_letters_that_begin_by_escapes_are_read_once_people_say_so() -> None:
    """Its bytes are those of plain text, and valid UTF-8."""
    content = bytes_in("iso2022_jp", "港の場所", "乗組員")

    reading = read_records(content, file="Fields.csv", code_page=CodePage.ISO2022_JP)
    other = read_records(content, file="Fields.csv", code_page=CodePage.CP1251)

    assert [row.cells[1] for row in reading.rows[1:]] == ["港の場所", "乗組員"]
    assert (reading.encoding, other.encoding) == ("iso2022_jp", "utf-8")


@each(
    ("code_page", "labels"),
    [
        (CodePage.CP850, ["Équipage", "Début de la saison"]),
        (CodePage.CP850, ["Größe", "Über uns", "Straße"]),
        (CodePage.MAC_ROMAN, ["Größe", "Über uns", "Straße"]),
        (CodePage.ISO8859_15, ["Cœur", "Été"]),
        (CodePage.CP852, ["Łódź", "Załoga"]),
    ],
)
def test_no_code_page_is_offered_that_mixes_scripts_or_signs_within_words(
    code_page: CodePage, labels: list[str]
) -> None:
    """Arabic was offered where the words are French."""
    suggested = suggested_code_pages(bytes_in(code_page, *labels))

    assert suggested[0] == code_page
    assert not {CodePage.CP1251, CodePage.CP1253, CodePage.CP1256} & {*suggested}


def test_cells_of_a_file_in_doubt_are_not_called_damaged_one_by_one() -> None:
    content = bytes_in("euc_jp", *["港の場所", "乗組員"] * 20)

    reading = read_records(content, file="Fields.csv")

    assert [finding.code for finding in reading.findings] == ["encoding_assumed"]


@each("name", ["klingon", "utf-7", "rot13", "base64", "cp037", "unicode_escape", "punycode"])
def test_another_encoding_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(ManifestError, match=r"`encoding`: no known code page.*cp1250, cp1251"):
        parse_manifest(f"encoding: {name}".encode(), file_name="session.yaml")


def test_every_code_page_reads_plain_letters_and_has_a_label() -> None:
    plain = HEADER.encode("ascii")

    assert CODE_PAGE_LABELS.keys() == {*CodePage}
    assert {plain.decode(code_page) for code_page in CodePage} == {HEADER}


@each(
    ("case", "code_page", "label"),
    [
        ("cp1250", CodePage.CP1250, "Kotviště loď"),
        ("cp1251", CodePage.CP1251, "Где стоит"),
        ("shiftjis", CodePage.CP932, "港の場所"),
        ("gb18030", CodePage.GB18030, "停泊地点"),
        ("macroman", CodePage.MAC_ROMAN, "Où se trouve-t-il - café"),
    ],
)
def test_the_code_pages_of_strangers_are_shown_and_read_as_said(
    case: str, code_page: CodePage, label: str
) -> None:
    file = CHECKOUT.parent / "shared" / "cases6" / "15_code_pages" / case / "Fields.csv"
    if not file.is_file():
        pytest.skip("../shared/cases6 is not there")
    content = file.read_bytes()

    alone = read_records(content, file="Fields.csv")
    said = read_records(content, file="Fields.csv", code_page=code_page)

    (finding,) = [f for f in alone.findings if f.code == "encoding_assumed"]
    assert label in f"{finding.message} {finding.value}"
    assert label in said.rows[1].cells
