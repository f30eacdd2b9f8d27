"""Six workbooks of strangers, read by what a person chooses on the page of a layout, and nothing else.

The choices are data, in `layout_choices.yaml`; they are replayed from the draft that is proposed,
through the functions of the page. Printed are the choices, and what is read right by the layout that
they make. More choices than wanted fail, and things or fields that are not read.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.declared_layouts import BOOKS, NAMES, Book, entities_of, read_book, score_of
from benchmarks.specifications import is_absent
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import LeaveOutWorksheets, choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_findings import unsettled_findings
from jira_pipeline.sheets.layouts.proposing import ABOUT_THE_DOCUMENT, propose
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.text_worksheets import is_text

CHOICES_FILE: Final = Path(__file__).with_suffix(".yaml")
WANTED: Final[Mapping[str, int]] = {
    "a_museum": 24,
    "b_health": 16,
    "c_college": 4,
    "d_council": 12,
    "e_trust": 28,
    "f_orchestra": 40,
}
"""At most so many choices for each. Half of it is what a simulation by another program needed.

Source: the table of choices in the report on six strangers, 2026-11.
"""


def choices_by_book() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    said: Mapping[str, Sequence[Mapping[str, Any]]] = yaml.safe_load(
        CHOICES_FILE.read_text(encoding="utf-8")
    )
    return said


def count_of(said: Mapping[str, Any]) -> int:
    """Return how many things a person chooses by one choice: each input that is not left as it is."""
    chosen = said["worksheets"] if said["do"] == "leave_out_worksheets" else [said["do"]]
    others = [said.get("bundle_type"), said.get("header_rows", 1) > 1]
    further_meanings = [*said.get("meanings", ())][1:]
    parts = [name for meaning in said.get("meanings", ()) for name in meaning if name in _PARTS]
    return len(chosen) + sum(map(bool, others)) + len(further_meanings) + len(parts)


_PARTS: Final = {"after", "before", "split", "look_up"}


def book_by_choices(name: str, choices: Sequence[Mapping[str, Any]]) -> Book:
    """Return a workbook with the layout that choices make of the draft that is proposed.

    Its worksheets of text are left out: all of them by one press, where nobody says otherwise.
    """
    book = read_book(name)
    layout = propose(book.grids)
    texts = _texts_unsaid(layout, book.grids)
    if texts:
        layout = with_choice(
            layout, book.grids, LeaveOutWorksheets(worksheets=texts, reason=ABOUT_THE_DOCUMENT)
        )
    for said in choices:
        layout = with_choice(layout, book.grids, choice_of(said))
    return replace(book, layout=layout)


def _texts_unsaid(layout: Layout, grids: Sequence[Grid]) -> tuple[str, ...]:
    return tuple(
        grid.title
        for grid in grids
        if is_text(grid) and sheet_layout_of(layout, grid.title) is None
    )


def faults_of(name: str, choices: Sequence[Mapping[str, Any]]) -> list[str]:
    """Print what choices make of a workbook; return what is not as it has to be."""
    book = book_by_choices(name, choices)
    score = score_of(book, entities_of(book))
    declared = read_book(name)
    of_declared = score_of(declared, entities_of(declared))
    checked = apply_and_check(book.layout, book.grids)
    findings = checked.findings
    left = unsettled_findings(checked, declared=book.layout, grids=book.grids)
    # What may be accepted as it is, such as a word that is wrong in the sheet, is ticked at the end.
    unsettled = [finding for finding in left if finding.accepted_as is None]
    count = sum(map(count_of, choices))
    count += bool(_texts_unsaid(propose(book.grids), book.grids))
    print(
        f"{name}: {count} choices in {len(choices)} steps (at most {WANTED[name]}), "
        f"{score.things['right']} things, {score.fields['found']} fields, cells {dict(score.cells)} "
        f"(by a layout written by hand {dict(of_declared.cells)}), "
        f"{len(unsettled)} left to settle, {len(left) - len(unsettled)} to accept as they are, "
        f"{len(findings) - len(left)} faults of the sheet named",
        flush=True,
    )
    faults: list[str] = []
    if count > WANTED[name]:
        faults.append(f"{name}: {count} choices")
    if score.things != of_declared.things:
        faults.append(f"{name}: things {dict(score.things)}, not {dict(of_declared.things)}")
    if score.fields != of_declared.fields:
        faults.append(f"{name}: fields {dict(score.fields)}, not {dict(of_declared.fields)}")
    faults += [f"{name}: {finding.code}, {finding.where}: {finding.text}" for finding in unsettled]
    return faults


def main() -> None:
    """Print the choices for each workbook, and fail if they are too many or not enough."""
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks layout_choices", description=__doc__
    )
    arguments.add_argument("names", nargs="*", help=argparse.SUPPRESS)  # that of the benchmark
    arguments.parse_args()
    if is_absent(BOOKS):
        return
    choices = choices_by_book()
    faults = [fault for name in NAMES for fault in faults_of(name, choices[name])]
    print(f"{sum(count_of(said) for of_book in choices.values() for said in of_book)} choices")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
