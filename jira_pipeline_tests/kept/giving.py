"""Gives everything of the table of gifts to one site, by the commands and forms that people use.

Belongs here: the acts, in an order in which none undoes another, and the export that follows. Does not:
what each is and where it must stand (`gifts`).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline_tests import projects
from jira_pipeline_tests.kept import gifts
from jira_pipeline_tests.kept.homes import (
    SESSION,
    KeptHome,
    browsing,
    client_page,
    fields_of,
    posted,
)
from jira_pipeline_tests.web.browsers import one, page_at

LINK_DAYS = 366
COLLEAGUE = "Clara"
"""Who does at a terminal what is given there."""


def make_home(empty: Path, folder: Path, environment: pytest.MonkeyPatch) -> KeptHome:
    """Make a site in an empty project, give it everything, and export it."""
    home = KeptHome(
        project=projects.adopt(empty, folder / "project", environment),
        sheets=projects.copy_sheets(folder / "sheets"),
    )
    environment.setenv("JIRA_PIPELINE_PERSON", COLLEAGUE)
    _leave_a_vocabulary_open(home.sheets)
    home.run("upload", home.sheets, "--session", SESSION)
    home.run("generate", SESSION)
    ids = {ticket["title"]: ticket_id for ticket_id, ticket in home.tickets().items()}
    home.ids_path.write_text(json.dumps(ids), encoding="utf-8")
    _leave_out_view_modes_of_media(home.sheets)
    home.run("upload", home.sheets, "--session", SESSION)
    give_all(home, folder / "text.md", environment)
    home.run("tickets", "ready", SESSION, "--all")
    home.run("export", SESSION, "--yes")
    for fix in home.json("fixes", SESSION):
        if fix["title"] == gifts.FIX.words:
            home.run("fixes", SESSION, "--done", fix["fix_id"])
    return home


def _leave_a_vocabulary_open(folder: Path) -> None:
    """Let something be asked about a row that shares its ticket with another one."""
    path = folder / "Uhrenmuseum_Bundles.csv"
    rows = projects.rows_in(path)
    for row in rows:
        if row["Machine name"] == gifts.SHARED_ROW.row:
            row["Settings/notes"] = "TBD whether Jugendstil is one of them"
    projects.write_rows(path, rows)


def _leave_out_view_modes_of_media(folder: Path) -> None:
    """Take the rows of a ticket away, which people then agree to withdraw."""
    path = folder / "Uhrenmuseum_CustomViewModes.csv"
    rows = projects.rows_in(path)
    projects.write_rows(path, [row for row in rows if "Media type" not in row.values()])


def give_all(home: KeptHome, text_path: Path, environment: pytest.MonkeyPatch) -> None:
    """Give every gift once."""
    ids = home.ids

    def tickets(verb: str, title: str, *more: object) -> None:
        home.run("tickets", verb, SESSION, home.number_of(ids[title]), *more)

    def place(gift: gifts.Gift) -> str:
        return home.place_of(ids[gift.ticket], gift.row)

    def edited(gift: gifts.Gift, part: str) -> None:
        text_path.write_text(f"{gift.words}\n", encoding="utf-8")
        tickets("edit", gift.ticket, "--part", part, "--file", text_path)

    _give_layouts(home, text_path.with_name("layout.yaml"))
    _give_on_pages(home, ids)
    home.run("generate", SESSION)
    home.run("tickets", "withdraw", SESSION, "--all", "--reason", gifts.WITHDRAWAL.words)
    _give_as_client(home, ids)
    home.run(
        "questions",
        SESSION,
        *("--answer", place(gifts.ANSWER), gifts.ANSWER.words),
        *("--answer", place(gifts.SHARED_ROW), gifts.SHARED_ROW.words),
        *("--not-relevant", place(gifts.NOT_RELEVANT), gifts.NOT_RELEVANT.words),
        *("--object", place(gifts.OBJECTION), gifts.OBJECTION.words),
        *("--answer", f"{home.number_of(ids[gifts.CELL.ticket])}.page_all.Lists", gifts.CELL.words),
        *("--answer", "site.When empty", gifts.OF_SITE.words),
    )
    tickets(
        "request-changes",
        gifts.REQUEST.ticket,
        *("--reason", gifts.REQUEST.words),
        *("--about", gifts.REQUEST_PLACE.words),
        *("--to", gifts.REQUEST_WHO.words),
    )
    tickets("request-changes", gifts.RESOLVED.ticket, "--reason", "Say which widths.")
    tickets("resolve", gifts.RESOLVED.ticket, "--answer", gifts.RESOLVED.words)
    edited(gifts.NOTE, "notes")
    edited(gifts.EDIT, "analysis")
    tickets("edit", gifts.TITLE.ticket, "--title", gifts.TITLE.words)
    tickets("skip", gifts.SKIP.ticket, "--reason", gifts.SKIP.words)
    tickets("order", gifts.ORDER.ticket, home.number_of(ids[gifts.SHARED]))
    tickets(
        "assign",
        gifts.ASSIGNEE.ticket,
        *("--assignee", gifts.ASSIGNEE.words),
        *("--sprint", gifts.SPRINT.words),
        *("--priority", gifts.PRIORITY.words),
    )
    tickets("assign", gifts.PARENT.ticket, "--parent", gifts.PARENT.words)
    tickets("labels", gifts.LABEL.ticket, "--added", gifts.LABEL.words)
    tickets("depend", gifts.DEPENDENCY.ticket, home.number_of(ids[gifts.DEPENDENCY_OTHER]))
    home.run("people", "add", gifts.ROLE.words, "--role", "exporter")
    environment.setenv("JIRA_PIPELINE_PERSON", gifts.APPROVAL.words)
    tickets("ready", gifts.APPROVAL.ticket)
    environment.setenv("JIRA_PIPELINE_PERSON", COLLEAGUE)


def _give_layouts(home: KeptHome, path: Path) -> None:
    """Confirm a layout that leaves rows of one worksheet out, and save a draft that leaves out others."""
    proposed = home.json("layout", "propose", SESSION)["layout"]
    for gift, options in ((gifts.LAYOUT, ["--confirm"]), (gifts.LAYOUT_DRAFT, [])):
        for sheet in proposed["sheets"]:
            for region in sheet.get("regions", ()):
                if region["records"][0]["into"] == "responsive_image_style":
                    rule = {"starts": [gift.words], "reason": gift.words}
                    region["skip"] = [*region.get("skip", ()), rule]
        path.write_text(json.dumps(proposed), encoding="utf-8")
        home.run("layout", "save", SESSION, path, *options)


def _give_on_pages(home: KeptHome, ids: Mapping[str, str]) -> None:
    with browsing(home) as client:
        page = page_at(client, f"/sessions/{SESSION}/settings")
        fields = fields_of(one(page, "main form[method=post]"))
        preview = posted(
            client, f"/sessions/{SESSION}/settings", **fields | {"agency": gifts.SETTING.words}
        )
        taking = one(preview, "form[action$='/take']")
        posted(client, str(taking.attributes["action"]), **fields_of(taking))
        address = f"/sessions/{SESSION}/tickets/{home.number_of(ids[gifts.COMMENT.ticket])}"
        commenting = one(page_at(client, address), "form[action$='/comments']")
        given = fields_of(commenting) | {"text": gifts.COMMENT.words}
        posted(client, str(commenting.attributes["action"]), **given)


def _give_as_client(home: KeptHome, ids: Mapping[str, str]) -> None:
    """Let a client answer by a link of their own, and take over what they said to one card."""
    lender = home.place_of(ids[gifts.ROUTE.ticket], gifts.ROUTE.row)
    home.run(
        "tickets", "ask", SESSION, lender, "--audience", "client", "--words", gifts.ROUTE.words
    )
    made = home.run("client-link", SESSION, "--for", gifts.LINK.words, "--days", LINK_DAYS).words
    link = re.search(r"/client/\S+", made)
    assert link, made
    home.link_path.write_text(link.group(), encoding="utf-8")
    with client_page(home) as client:
        rows = _rows_on(page_at(client, link.group()))
        said: dict[str, Any] = {
            f"text-{rows['“Editor”']}": gifts.TAKEN_EDITOR.words,
            f"text-{rows['“Curator”']}": gifts.TAKEN_CURATOR.words,
            f"choice-{rows['“Registrar”']}": gifts.TICKS.words.split(", "),
            f"text-{rows['Clock: Attribution']}": gifts.PROPOSAL.words,
            f"call-{rows['Clock: Lender']}": "1",
        }
        posted(client, link.group(), **said, do="send")
    with browsing(home) as reviewer:
        for gift in (gifts.TAKEN_EDITOR, gifts.TAKEN_CURATOR, gifts.TICKS):
            _accept(reviewer, gift)


def _accept(reviewer: TestClient, gift: gifts.Gift) -> None:
    """Accept what a client proposed, where the page still offers it: if not, the judge will tell."""
    page = page_at(reviewer, f"/sessions/{SESSION}/questions?only=proposed")
    for form in page.css("form:has(.proposed)"):
        for proposed in form.css(".proposed"):
            button = proposed.css_first("button.take")
            if button is not None and gift.words in proposed.text():
                pressed = {str(button.attributes["name"]): button.attributes["value"]}
                posted(reviewer, f"/sessions/{SESSION}/questions", **fields_of(form) | pressed)
                return


def _rows_on(page: LexborHTMLParser) -> Mapping[str, str]:
    """Return the name that a form gives each row, by what the client reads of it."""
    return {
        one(row, "legend").text().strip(): str(
            one(row, "textarea").attributes["name"]
        ).removeprefix("text-")
        for row in page.css("[data-card] fieldset")
    }
