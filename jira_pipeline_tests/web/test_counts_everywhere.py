"""What a comparison counts is the same in the terminal, JSON, JUnit, on the page and in Dagster."""

import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.defs.tickets.site_assets import built
from jira_pipeline.model.people import Role
from jira_pipeline.model.site_verifications import NOT_COMPARED
from jira_pipeline.review.open_session import open_session
from jira_pipeline.verification.reports import TICKET_LABELS, VERDICT_LABELS
from jira_pipeline.web.context import Web
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.projects import EXAMPLE, SESSION
from jira_pipeline_tests.web.browsers import signed_in

pytestmark = pytest.mark.small_site
CONFIG = EXAMPLE.with_name("uhrenmuseum.config.zip")
SITES: Mapping[str, tuple[str, str, str | None]] = {
    "as it is": ("none", "", ""),
    "without one field": ("field.field.media.image.field_credit", ".*", None),
    "without fields": ("field.*", ".*", None),
    "without forms": ("core.entity_form_display.*", ".*", None),
    "every field relabelled": ("field.field.*", r"^label: .*", "label: x"),
    "nothing required": ("field.field.*", "required: true", "required: false"),
    "every role an administrator": ("user.role.*", r"^label", "is_admin: true\nlabel"),
    "without a type": ("media.type.image", ".*", None),
    "views off": ("views.view.*", r"^base_table", "status: false\nbase_table"),
    "a broken file": ("field.storage.*", r"^", "<<<<<<< HEAD\n"),
    "without roles": ("user.role.*", ".*", None),
    "hardly anything": ("[!c]*", ".*", None),
}
"""Which files of the export, what in them, and what it becomes; None: the files go."""
_AMOUNT = re.compile(r"([\d,]+)(?: of [\d,]+ (?:rows?|tickets?))? ([a-z ]+)")


def _spoilt(folder: Path, name: str) -> Path:
    with zipfile.ZipFile(CONFIG) as packed:
        packed.extractall(folder)
    pattern, old, new = SITES[name]
    for file in (folder / "config").glob(f"{pattern}.yml"):
        if new is None:
            file.unlink()
        else:
            text = re.sub(old, new, file.read_text("utf-8"), count=1, flags=re.MULTILINE)
            file.write_text(text, "utf-8")
    return folder / "config"


def _amounts(sentence: str, labels: Mapping[Any, str]) -> dict[str, int]:
    words = {label.removesuffix("s"): verdict for verdict, label in labels.items()}
    found = _AMOUNT.findall(sentence)
    return {words[said.removesuffix("s")]: int(n.replace(",", "")) for n, said in found}


def _but_none(counts: Mapping[str, int]) -> dict[str, int]:
    return {verdict: count for verdict, count in counts.items() if count}


def test_every_surface_counts_alike(fresh_web: Web, tmp_path: Path) -> None:
    """Dagster's checks passed with no ticket compared while the run's own report had contradictions."""
    tickets = {verdict or NOT_COMPARED: label for verdict, label in TICKET_LABELS.items()}
    client = signed_in(fresh_web, Role.READER)
    wrong: dict[str, object] = {}
    for name in SITES:
        junit = tmp_path / "junit.xml"
        config = _spoilt(tmp_path / name, name)
        compare = ("verify", SESSION, "--config", config, "--anyway")
        answer = run(*compare, "--junit", junit, "--json").json
        counts = {kind: _but_none(answer["counts"][kind]) for kind in ("rows", "tickets")}

        terminal = run(*compare).words
        sentence = re.findall(r"(\d+ of \d+ tickets? [^.;]*); (\d+ of \d+ rows? [^.;]*)", terminal)[
            -1
        ]
        page = LexborHTMLParser(client.get(f"/sessions/{SESSION}/site").text)
        totals = ", ".join(
            f"{(one.css_first('b') or one).text()} {(one.css_first('.state') or one).text().lower()}"
            for one in page.css(".totals > span")
        )
        suites = ET.fromstring(junit.read_bytes())  # noqa: S314 - we wrote it
        of_junit = [sum(int(s.attrib[n]) for s in suites) for n in ("failures", "skipped", "tests")]
        checks = Counter[str]()
        for result in built(open_session(fresh_web.pipeline, SESSION)):
            checks.update({v: int(str(result.metadata[v].value)) for v in tickets})

        failing = sum(counts["rows"].get(v, 0) for v in ("differs", "missing", "left_over"))
        skipped = sum(counts["rows"].get(v, 0) for v in ("on_hold", "not_comparable"))
        surfaces = {
            "terminal, tickets": (_but_none(_amounts(sentence[0], tickets)), counts["tickets"]),
            "terminal, rows": (_but_none(_amounts(sentence[1], VERDICT_LABELS)), counts["rows"]),
            "page": (_amounts(totals, VERDICT_LABELS), counts["rows"]),
            "JUnit": (of_junit, [failing, skipped, sum(counts["rows"].values())]),
            "Dagster": (_but_none(checks), counts["tickets"]),
        }
        wrong |= {
            f"{name}: {surface}": two for surface, two in surfaces.items() if two[0] != two[1]
        }

    assert wrong == {}
