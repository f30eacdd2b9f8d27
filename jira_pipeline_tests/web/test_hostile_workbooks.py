"""A workbook that was made to do harm is refused in words, from the page and over the API alike."""

import io
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.kernel.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.sheets.made_workbooks import changed_part, workbook_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf

pytestmark = pytest.mark.small_site

ROLES = [["Name", "Machine name", "X", "Notes"], ["Keeper", "keeper", "a", ""]]
GOOD = workbook_of({"Roles": ROLES})
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILES = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
GROWTH_MAX_KILOBYTES = 200_000


def archive(**parts: bytes) -> bytes:
    """Make a zip archive of parts; two underscores are a slash."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in parts.items():
            opened.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """Return the good workbook with one more part."""
    stream = io.BytesIO(GOOD)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(name, content)
    return stream.getvalue()


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no archive": lambda: b"Name,Machine name\n",
    "an older format": lambda: b"\xd0\xcf\x11\xe0 an older workbook",
    "cut off": lambda: GOOD[: len(GOOD) // 2],
    "an archive of nothing": archive,
    "an archive of something else": lambda: archive(a__b=b"c"),
    "entities that grow": lambda: changed_part(
        GOOD, STRINGS, lambda text: text.replace("<sst", f"{ENTITIES}<sst", 1)
    ),
    "an entity that reads a file": lambda: changed_part(
        GOOD,
        STRINGS,
        lambda text: text.replace("<sst", f"{FILES}<sst", 1).replace("<t>Keeper", "<t>&a;"),
    ),
    "100 MB of spaces": lambda: changed_part(
        GOOD, STRINGS, lambda text: text.replace("<sst", "<sst" + " " * 100_000_000, 1)
    ),
    "one text in a million cells": lambda: workbook_of(
        {"Roles": [ROLES[0], *([f"R {n}", f"r_{n}", "a", "x" * 30_000] for n in range(200))]}
    ),
    "elements in a hundred thousand others": lambda: changed_part(
        GOOD, SHEET, lambda text: text.replace("<sheetData>", "<x>" * 100_000 + "<sheetData>", 1)
    ),
    "a row twice": lambda: changed_part(
        GOOD, SHEET, lambda text: text.replace('r="2"', 'r="1"', 1)
    ),
}
"""Made in the tests: they take a second, and every worker collects them."""
HARMLESS = {
    "a part outside of it": with_part("../../outside.csv", b"Name\nx\n"),
    "a part with an absolute path": with_part("/tmp/outside.csv", b"Name\nx\n"),  # noqa: S108 - never written
    "formulas as texts": workbook_of(
        {"Roles": [ROLES[0], ["=cmd|' /C calc'!A0", "keeper", "a", '=HYPERLINK("//evil")']]}
    ),
}


@each("made", REFUSED.values(), ids=REFUSED)
def test_a_hostile_workbook_is_refused_with_what_to_do(
    client_of: ClientOf, web: Web, made: Callable[[], bytes]
) -> None:
    client = client_of(Role.REVIEWER)
    file = [("files", ("Spec.xlsx", made(), "application/octet-stream"))]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    sent = client.post("/upload", files=file, data={"session": "hostile"})
    look = client.get(sent.headers["location"]).text
    page = LexborHTMLParser(look)

    assert sent.status_code == 303
    assert "These sheets cannot be taken" in page.css(".notice")[0].text()
    told = "section:has(.tag.error) > p, section:has(.tag.error) [data-label='What to do']"
    assert [advice for one in page.css(told) if (advice := one.text().strip())]
    assert "root:" not in look
    assert web.pipeline.store.sessions.find("hostile") is None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < GROWTH_MAX_KILOBYTES


@each("content", HARMLESS.values(), ids=HARMLESS)
def test_what_a_workbook_brings_along_goes_nowhere(
    client_of: ClientOf, web: Web, content: bytes
) -> None:
    home = Path(web.pipeline.settings.home_path)
    before = set(home.parent.rglob("*outside*"))

    answer = client_of(Role.REVIEWER).post(
        "/upload",
        files=[("files", ("Spec.xlsx", content, "application/octet-stream"))],
        data={"session": "hostile"},
    )

    assert answer.status_code == 303
    assert set(home.parent.rglob("*outside*")) == before
    assert not Path("/tmp/outside.csv").exists()  # noqa: S108 - would be written by a bad reader
