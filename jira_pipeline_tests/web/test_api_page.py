"""The lines of docs/api.md, sent as they are written there."""

import re
import shlex
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from jira_pipeline.kernel.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline.web.limits import STATUS_SECONDS, StatusPace
from jira_pipeline_tests.web.browsers import signed_in

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
KEPT = re.compile(r"(?P<name>\w+)=\$\((?P<line>.*) \| jq -r \.(?P<field>\w+)\)")
LINES = re.findall(r"^(?:curl|\w+=\$\(curl).*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_lines_of_the_page_lead_to_issues(fresh_web: Web, sheets: Path) -> None:
    seconds = count(step=3)  # between the lines that a person sends
    pace = StatusPace(monotonic=lambda: float(next(seconds)))
    client = signed_in(replace(fresh_web, status_pace=pace), Role.EXPORTER)
    variables = {"BASE": "", "AUTH": "X-Signed-In: yes"}
    answers = []

    for line in LINES:
        kept = KEPT.fullmatch(line)
        answer = _sent(client, kept["line"] if kept else line, variables, sheets)
        assert answer.is_success, f"{line}\n{answer.text}"
        if kept:
            variables[kept["name"]] = answer.json()[kept["field"]]
        answers.append(answer)

    assert len(LINES) > 10
    assert answers[-1].json()["total_tickets_created"] > 0
    assert answers[-2].json()["status"] == "completed"


def _sent(client: TestClient, line: str, variables: dict[str, str], sheets: Path) -> Any:
    for name, value in variables.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line)[1:]
    method, headers, files, address, body = "GET", {}, [], "", None
    while words:
        match words.pop(0):
            case "-s":
                pass
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = words.pop(0)
            case "-F":
                method = "POST"
                path = sheets / f"Uhrenmuseum_{words.pop(0).partition('@')[2]}"
                files.append(("files", (path.name, path.read_bytes())))
            case other:
                address = other
    return client.request(method, address, headers=headers, content=body, files=files or None)


def test_the_pace_the_page_names_is_the_one_that_holds() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert "once in two seconds" in text
    assert STATUS_SECONDS == 2.0
