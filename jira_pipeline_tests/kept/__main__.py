"""Makes the table of kept words and shows it, with the reason of each cell that is not kept.

`python -m jira_pipeline_tests.kept` compares it with `verdicts.txt`; `write` writes it
and the page of docs/operations.md; names of takers
carry only these out; `loop COUNT` does it so often, to be left alone while something is attacked.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.kept.giving import make_home
from jira_pipeline_tests.kept.judging import Verdict
from jira_pipeline_tests.kept.table import (
    DOCUMENT_PATH,
    VERDICTS_PATH,
    Column,
    read_table,
    take,
    with_page,
    write_page,
    write_table,
)
from jira_pipeline_tests.kept.takers import TAKERS, Taker


def find_columns(takers: Sequence[Taker], folder: Path) -> dict[str, Column]:
    """Make a home, give it everything, and carry the takers out one after another."""
    with pytest.MonkeyPatch.context() as environment:
        (folder / "empty").mkdir()
        empty = projects.make_empty(folder / "empty" / "project")
        (folder / "given").mkdir()
        given = make_home(empty, folder / "given", environment)
        columns = {}
        for number, taker in enumerate(takers):
            (folder / str(number)).mkdir()
            columns[taker.name] = take(given, taker, folder / str(number))
        return columns


def main(arguments: Sequence[str]) -> int:
    """Show the table; return whether it differs from the one that is kept."""
    words = [word for word in arguments if word not in {"write", "loop"} and not word.isdecimal()]
    takers = [taker for taker in TAKERS if not words or taker.name in words]
    count = next((int(word) for word in arguments if word.isdecimal()), 1)
    differing = 0
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            columns = find_columns(takers, Path(folder))
        differing += _shown(columns, is_written="write" in arguments)
    return int(differing > 0)


def _shown(columns: dict[str, Column], *, is_written: bool) -> int:
    """Show why cells are not kept; return how many differ from the table that is kept."""
    before = read_table(VERDICTS_PATH.read_text(encoding="utf-8")) if VERDICTS_PATH.exists() else {}
    differing = 0
    for taker, column in columns.items():
        for gift, finding in column.items():
            expected = before.get(taker, {}).get(gift, "")
            differs = expected != finding.verdict
            differing += differs
            if differs or finding.verdict is not Verdict.KEPT:
                was = f" (was {expected or 'nothing'})" if differs else ""
                print(f"{taker} · {gift}: {finding.verdict}{was}: {finding.reason}")  # noqa: T201 - a tool
    verdicts = {
        taker: {gift: finding.verdict.value for gift, finding in column.items()}
        for taker, column in columns.items()
    }
    if is_written:
        names = [taker.name for taker in TAKERS]
        both = {**before, **verdicts}
        table = write_table({name: both[name] for name in names if name in both})
        VERDICTS_PATH.write_text(table, encoding="utf-8")
        document = DOCUMENT_PATH.read_text(encoding="utf-8")
        page = write_page(read_table(table))
        DOCUMENT_PATH.write_text(with_page(document, page), encoding="utf-8")
    print(f"{differing} cells differ from the table.")  # noqa: T201 - as above
    return differing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
