"""What an upload was read to, written as bytes and read again: nothing is lost, nothing is guessed."""

import base64
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.sheets.stored_readings import (
    FORMAT,
    UnreadableReadingError,
    read_reading,
    write_reading,
)
from jira_pipeline_tests import projects
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.shared_data import DATA
from jira_pipeline_tests.sheets.made_folder_readings import SMALL, folder_readings

WRITTEN_IN_FORMAT_1 = (
    "eJytk01r4zAQhv+K0Vktcb4oueypLAulhy7sFlJjFHtci8qaIMlOusb/fWesuAmBnHaNwdbMK+mZr14EtTPgxWbb"
    "i0obEJteWNXQV/zcQ3F/NP64eXlrZ7NqyTo5qvJrCdl9DRDI1npwuUM6SgqHh7zA1pI9ZYWar9YkUf/48G36D+S7"
    "z8DoD+lcCrAFltq+M0Go7h5IU4LRjQ7gyCbFIEWBpm0sByteIuBv7aByHEwmRQ2qBDe5b/lzoy3FvhijY/F2KRdy"
    "Kx5LHdC9WW2TotZQ0W6RZadtBDZK13JF0ifFUJNf7bADdqYyJecvQtBok3n0FrjXUOaVw4Y14rIWC9lfEG7SgdZj"
    "YNfCuZzxWa/kyIaMXi6jnah64aEDp8MnJeqgnOU08s0l19gHFVqf74yyH6fy326OmJsl5QYKdOWYpph12vNKgk6Z"
    "lvd/o/8GvFfvvPoRklr5xGISb7snryo7XbDzu+4g0SFBC6PdeBxrwOgruc446osAtK3wgp67Mm+09zGoiG9bYybY"
    "+D/xxtWEHFcn5rg4Qz9PQBPoNdyY59Z+WDzY/Nxc/deo3EhilJL/XFvq76Nq9nFSBV1MlnBA7sq9wz16KCNAUSPB"
    "jL02TmLCk0iHfnX8M/LMZFMT0CxT5mve0V+M83+Y0WH4C+UecrI="
)
"""`SMALL`, as the first program wrote it that kept readings: what was written stays readable."""
BESIDE = DATA.parent
INPUTS = sorted(
    [
        *(path for path in (projects.CHECKOUT / "examples").iterdir() if path.is_dir()),
        *BESIDE.glob("cases*/*/sheets"),
        *BESIDE.glob("books/[a-f]_*"),
        *BESIDE.glob("data/uwec*"),
        *BESIDE.glob("data/sites/*/sheets"),
    ]
)
"""Every specification that is at hand: ours, and those beside the checkout where they are."""


@pytest.mark.parametrize(
    "path",
    [path for path in INPUTS if path.suffix != ".json"],
    ids=lambda path: path.as_posix()[-40:],
)
def test_what_a_specification_is_read_to_is_kept_to_the_letter(path: Path, tmp_path: Path) -> None:
    source = UploadedSource(settings=load_settings(tmp_path))
    manifest = read_manifest(path)
    reading = source.read_folder(path, columns=manifest.columns, owner_blank=manifest.owner_blank)

    kept = read_reading(write_reading(reading), stored_format=FORMAT)

    # Of an upload that needs a layout no reading is kept as one that counts.
    assert kept == replace(reading, needs_layout=False)


@settings(deadline=None, max_examples=examples(60))
@given(reading=folder_readings)
def test_any_reading_is_kept_to_the_letter(reading: FolderReading) -> None:
    kept = read_reading(write_reading(reading), stored_format=FORMAT)

    assert kept == reading


def test_a_reading_of_the_first_format_stays_readable() -> None:
    """A field that is renamed, or read otherwise, would change the tickets of kept uploads."""
    stored = base64.b64decode(WRITTEN_IN_FORMAT_1)

    assert read_reading(stored, stored_format=1) == SMALL


@pytest.mark.parametrize(
    ("stored", "stored_format", "expected"),
    [
        (write_reading(SMALL), FORMAT + 1, "format 2 is not known"),
        (write_reading(SMALL)[:-9], FORMAT, "ends too early"),
        (b"no zlib", FORMAT, "damaged"),
        (b"", FORMAT, "ends too early"),
        (zlib.compress(b"{}"), FORMAT, "damaged"),
        (zlib.compress(b'{"tables": [[]], "findings": []}'), FORMAT, "damaged"),
        (zlib.compress(b"[" * 100_000), FORMAT, "damaged"),
        (zlib.compress(b"0" * 2_000_000), FORMAT, "more than 1,000,000 bytes"),
    ],
)
def test_what_is_damaged_or_of_another_format_is_refused(
    stored: bytes, stored_format: int, expected: str
) -> None:
    with pytest.raises(UnreadableReadingError, match=expected):
        read_reading(stored, stored_format=stored_format, text_max_bytes=1_000_000)
