"""The example's README tells the truth about its rows, and the sheets have the promised form."""

import csv
import re
from pathlib import Path

from jira_pipeline_tests.tables import each

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDER = EXAMPLES / "uhrenmuseum"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")
CITATION = re.compile(r"\b([A-Z]\w+):(\d+) `([^`]+)`")
SHEETS = sorted(path.name for path in FOLDER.glob("*.csv"))


def records_by_line(file_name: str) -> dict[int, list[str]]:
    """Read a sheet with nothing but the standard library: first physical line to cells."""
    found: dict[int, list[str]] = {}
    with (FOLDER / file_name).open(newline="", encoding="utf-8") as handle:
        reader = csv.reader(handle)
        line = 1
        for cells in reader:
            found[line] = cells
            line = reader.line_num + 1
    return found


def test_a_row_the_readme_cites_holds_what_it_cites() -> None:
    for sheet, line, text in CITATION.findall(README):
        records = records_by_line(f"Uhrenmuseum_{sheet}.csv")

        assert text in "\n".join(records.get(int(line), [])), f"{sheet}:{line}"


def test_every_rule_of_the_readme_cites_a_row() -> None:
    rules = README.split("## Which row shows which rule")[1].split("## ")[0]
    lines = [line for line in rules.splitlines() if line.startswith("| ")][1:]

    without_row = [line for line in lines if not CITATION.search(line)]

    assert len(lines) >= 45
    assert without_row == []


@each("file_name", SHEETS)
def test_a_sheet_is_an_export_of_a_spreadsheet(file_name: str) -> None:
    content = (FOLDER / file_name).read_bytes()
    widths = {len(cells) for cells in records_by_line(file_name).values()}

    assert content.endswith(b"\r\n")
    assert not content.startswith(b"\xef\xbb\xbf")
    assert len(widths) == 1


@each("file_name", SHEETS)
def test_the_readme_names_every_sheet(file_name: str) -> None:
    assert f"`{file_name}`" in README
