"""Sheets that are read in another process: what comes back, and what stops it."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.errors import ReadingLimitError, SheetsRefusedError
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.sessions.composition import READ_FOR_PAGES
from jira_pipeline.sheets.reading_apart import PRELOADED, ReadingApart
from jira_pipeline.sheets.sheet_linting import lint_folder
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.sheets.upload_reading import read_specification
from jira_pipeline_tests.projects import CHECKOUT

EXAMPLE = CHECKOUT / "examples" / "uhrenmuseum"


def source() -> SpecificationSource:
    return UploadedSource(settings=load_settings())


@pytest.fixture
def apart() -> Iterator[ReadingApart]:
    """The usual source, read elsewhere."""
    found = ReadingApart(source(), seconds_max=30)
    yield found
    found.close()


def rule_that_never_ends(entity: Entity) -> None:
    assert entity.label
    while True:
        pass


def read_for_ever(source: SpecificationSource) -> None:
    reading = read_specification(EXAMPLE, manifest=SessionManifest(), source=source)
    rule_that_never_ends(reading.specification.entities[7])


def mark_and_read_for_ever(mark: Path, source: SpecificationSource) -> None:
    mark.touch()
    read_for_ever(source)


def read_too_much(source: SpecificationSource) -> int:
    del source
    return len(bytearray(4_000_000_000))


def fail(error: Exception, source: SpecificationSource) -> None:
    del source
    raise error


def test_what_is_read_apart_is_what_is_read_here(apart: ReadingApart) -> None:
    here = lint_folder(EXAMPLE, manifest=SessionManifest(), source=source())

    assert lint_folder(EXAMPLE, manifest=SessionManifest(), source=apart) == here


def test_what_children_find_imported_is_there() -> None:
    """A name that leads nowhere is passed over in silence, and every child imports for itself."""
    imported = (*PRELOADED, READ_FOR_PAGES)

    assert [name for name in imported if find_spec(name) is None] == []


def test_time_is_limited_and_the_row_is_named() -> None:
    ReadingApart(source()).run_in_subprocess(str)  # what children find imported is, from now on
    hasty = ReadingApart(source(), seconds_max=2)
    reading = read_specification(EXAMPLE, manifest=SessionManifest(), source=source())
    place = reading.specification.entities[7].source

    with pytest.raises(ReadingLimitError) as caught:
        hasty.run_in_subprocess(read_for_ever)

    assert caught.value.message.startswith("The sheets took longer than 2 s: ")
    assert f"{place.file}, {place.citation}" in caught.value.message


def test_memory_is_limited(apart: ReadingApart) -> None:
    with pytest.raises(ReadingLimitError, match="2000 MB of memory"):
        apart.run_in_subprocess(read_too_much)


def test_what_is_wrong_there_is_raised_here(apart: ReadingApart) -> None:
    refusal = SheetsRefusedError(source="site", error_count=2, first="a.csv:3: torn", findings=())

    with pytest.raises(SheetsRefusedError) as caught:
        apart.run_in_subprocess(partial(fail, refusal))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        apart.run_in_subprocess(partial(fail, ZeroDivisionError()))

    assert vars(refusal) == vars(caught.value)


def test_a_program_that_stops_waits_for_no_sheets(apart: ReadingApart, tmp_path: Path) -> None:
    answers, mark = list[str](), tmp_path / "begun"

    def ask() -> None:
        with pytest.raises(ReadingLimitError) as caught:
            apart.run_in_subprocess(partial(mark_and_read_for_ever, mark))
        answers.append(caught.value.message)

    asking = threading.Thread(target=ask)
    asking.start()
    while not mark.exists():
        time.sleep(0.01)
    apart.close()
    asking.join(20)

    assert answers == ["The program is stopping; the sheets were not read."]


def test_what_waited_for_its_turn_is_refused_in_words_when_a_program_stops() -> None:
    """Of twenty uploads those that waited ended as mistakes of ours: no child was there to end."""
    apart = ReadingApart(source())
    apart.close()

    with pytest.raises(ReadingLimitError, match="The program is stopping"):
        apart.run_in_subprocess(read_for_ever)
