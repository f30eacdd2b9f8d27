"""The whole ticket on its page: each cell, its source row, each sentence, what Jira will hold."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.people import Role
from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, opened_web, signed_in

HERE = f"/sessions/{SESSION}/tickets"
FIELD_COUNT = 200
CLOCK = 16
"""Of the example: its ticket is larger than a description may be."""
PARTS = ("user_story", "analysis", "verification")


@pytest.fixture(scope="module")
def wide_sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content type of many fields, of which no cell is like another."""
    folder = tmp_path_factory.mktemp("wide") / "sheets"
    folder.mkdir()
    fields = [
        {
            "Bundle": "Wide (Content type)",
            "Field label": f"Label <{number}> & more",
            "Machine name": f"field_of_a_wide_type_{number}",
            "X": "a",
            "Field type": ("Text (plain)", "Boolean", "Link")[number % 3],
            "Field group": f"Group {number % 7}",
            "Req'd": "yn"[number % 2],
            "Vals.": "1",
            "Settings/notes": f"Note {number}: at most {number * 3} characters,\nand no line more.",
            "Help text": f"Help of field {number}, for editors." if number % 4 else "",
        }
        for number in range(FIELD_COUNT)
    ]
    bundles = [{"Name": "Wide", "Machine name": "wide", "X": "a", "Type": "Content type"}]
    for name, rows in (("Wide_Bundles.csv", bundles), ("Wide_Fields.csv", fields)):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def wide(
    empty_project: Path, wide_sheets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """A browser of a reader, where that ticket is written."""
    folder = tmp_path_factory.mktemp("wide_project")
    with opened_web(projects.make_reviewed(empty_project, wide_sheets, folder)) as web:
        yield signed_in(web, Role.READER)


def test_rows_that_other_types_have_too_are_folded_with_how_many_have_each(
    empty_project: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "sheets"
    folder.mkdir()
    kinds = [
        {"Name": n, "Machine name": n.lower(), "X": "a", "Type": "Content type"} for n in "ABC"
    ]
    fields = [
        {
            "Bundle": f"{kind} (Content type)",
            "Field label": label,
            "Machine name": f"field_{label.lower()}",
            "X": "a",
            "Field type": "Text (plain)",
            "Vals.": str("ABC".index(kind) + 1 if label == "Own" else 1),
        }
        for kind in "ABC"
        for label in ("Lead", "Teaser", "Own", "Credit")
    ]
    for name, rows in (("S_Bundles.csv", kinds), ("S_Fields.csv", fields)):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    with opened_web(projects.make_reviewed(empty_project, folder, tmp_path)) as web:
        page = LexborHTMLParser(signed_in(web, Role.READER).get(f"{HERE}/1").text)

    fold = one(page, ".body details.same:has(table)")
    assert "Lead (2), Teaser (2), Credit (2)" in one(fold, "summary").text()
    assert [row.css("td")[0].text() for row in fold.css("tr[data-rows]")] == [
        *("Lead", "Teaser", "Credit")
    ]
    own = [
        row.css("td")[0].text()
        for row in page.css(".body > .table table[data-row-count] tr[data-rows]")
    ]
    assert own == ["Own"]


def one(page: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """What is there once."""
    found = page.css_first(selector)
    assert found is not None, selector
    return found


def text_of(node: LexborNode) -> str:
    """Its text as it is written, line breaks included."""
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    return node.text()


def test_every_cell_of_a_ticket_over_the_limit_is_on_its_page(
    wide: TestClient, wide_sheets: Path
) -> None:
    """Of 200 fields 136 were nowhere."""
    with (wide_sheets / "Wide_Fields.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    page = LexborHTMLParser(wide.get(f"{HERE}/1").text)

    cells = {text_of(cell) for cell in page.css("article .table td")}
    same_for_all = one(page, "article .body").text()
    beside = {text_of(cell) for cell in page.css("#rows dd")}
    written = {cell for row in rows for cell in row.values() if cell}
    assert {cell for cell in written if cell not in cells and cell not in same_for_all} == set()
    assert written <= beside
    assert len(page.css("#rows details")) == FIELD_COUNT + 1
    assert page.css_first("article pre") is None, "tables are tables"


def test_a_page_says_what_the_description_holds_and_what_the_file(
    web: Web, client_of: ClientOf
) -> None:
    client, session = client_of(Role.READER), open_session(web.pipeline, SESSION)
    [rendered] = session.rendered_of([session.ticket(CLOCK)])
    assert rendered.attachment is not None
    name, text = rendered.attachment

    page = LexborHTMLParser(client.get(f"{HERE}/{CLOCK}").text)
    said = one(page, "#held")
    file = client.get(f"{HERE}/{CLOCK}/file")
    held = one(LexborHTMLParser(client.get(f"{HERE}/{CLOCK}/description").text), ".body")

    shorter = [part.text() for part in said.css("b")]
    assert shorter
    assert all(f"### {part}\n" in text for part in shorter)
    assert name in said.text()
    assert file.text == text
    assert file.headers["content-type"] == "text/markdown; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "Short form; every column is in the attachment." in held.text()
    assert "in the attachment" not in one(page, "article").text()


def test_a_ticket_that_fits_with_its_tables_as_lines_of_text_lacks_nothing(
    client_of: ClientOf,
) -> None:
    """Its notes and help texts were left out while there was room."""
    page = LexborHTMLParser(client_of(Role.READER).get(f"{HERE}/17").text)

    said = one(page, "#held")

    assert "description has everything, long tables as lines of text;" in said.text()
    assert said.css("b") == []


def test_the_ticket_that_an_issue_holds_whole_has_no_file(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    page = LexborHTMLParser(client.get(f"{HERE}/7").text)

    assert page.css_first("#held") is None
    assert client.get(f"{HERE}/7/file").status_code >= 400


@each("number", range(1, EXAMPLE_TICKETS + 1))
def test_a_row_of_a_table_leads_to_the_source_rows_that_say_the_same(
    client_of: ClientOf, number: int
) -> None:
    page = LexborHTMLParser(client_of(Role.READER).get(f"{HERE}/{number}").text)
    sources = {
        row.attributes["id"]: {
            name.text(): text_of(name.next) for name in row.css("dt") if name.next is not None
        }
        for row in page.css("#rows details")
    }

    rows = page.css("article .table tr[data-rows]")
    assert rows
    for row in rows:
        heads = row.parent.parent.css("thead th") if row.parent and row.parent.parent else []
        names = [head.text() for head in heads] or [one(row, "th").text()]
        places = (row.attributes["data-rows"] or "").split()
        found = [sources[f"row-{place}"] for place in places]
        if chips := row.css(".chip"):
            said = {"On": "y", "Off": "n"}[names[0]]
            assert [found[0][chip.attributes["title"] or ""] for chip in chips] == [said] * len(
                chips
            )
            continue
        for name, cell in zip(names, row.css("td"), strict=True):
            if name.startswith("Line"):
                assert one(cell, "a").attributes["href"] == f"#row-{places[0]}"
                continue
            shown = text_of(cell)
            told = list(dict.fromkeys(source.get(name, "") for source in found))
            assert shown in {told[0], ", ".join(told)}, (name, shown)
    assert {f"row-{p}" for row in rows for p in (row.attributes["data-rows"] or "").split()} == set(
        sources
    )


def test_fields_are_below_their_groups_as_in_the_sheet_and_html_in_cells_is_code(
    wide: TestClient, client_of: ClientOf
) -> None:
    page = LexborHTMLParser(client_of(Role.READER).get(f"{HERE}/{CLOCK}").text)
    scattered = LexborHTMLParser(wide.get(f"{HERE}/1").text)

    table = one(page, "table:has(.group)")
    shown = [
        (row.attributes["data-rows"], group.text() if group else "-")
        for body in table.css("tbody")
        for group in [body.css_first(".group")]
        for row in body.css("tr[data-rows]")
    ]
    said = [
        ((row.attributes["id"] or "").removeprefix("row-"), name.next.text())
        for row in page.css("#rows details")
        for name in row.css("dt")
        if name.text() == "Field group" and name.next
    ]
    assert shown[1:] == [each for each in said if each in shown]
    assert shown[0] == ("2", "-"), "it has no group"
    assert "Field group" not in {head.text() for head in table.css("thead th")}
    assert scattered.css(".group") == []
    assert "<strong>" in {code.text() for code in page.css("td code")}
    assert page.css("td strong") == []


def test_a_cell_that_names_what_another_ticket_makes_links_to_it(
    web: Web, client_of: ClientOf
) -> None:
    numbers = {one.title: one.number for one in open_session(web.pipeline, SESSION).listed}

    page = LexborHTMLParser(client_of(Role.READER).get(f"{HERE}/{CLOCK}").text)

    links = {a.text(): a.attributes["href"] for a in page.css("article td a[title]")}
    [maker] = [number for title, number in numbers.items() if "Clockmakers" in title]
    assert links["Clockmakers (Vocabulary)"] == f"{HERE}/{maker}"


def test_prose_that_names_what_another_ticket_makes_links_to_it(
    web: Web, client_of: ClientOf
) -> None:
    client = client_of(Role.READER)
    session = open_session(web.pipeline, SESSION)
    pages = [LexborHTMLParser(client.get(f"{HERE}/{one.number}").text) for one in session.listed]

    links = [a for page in pages for a in page.css("article .body > :not(.table) a[title]")]

    assert links
    titles = {f"{HERE}/{one.number}": f"Ticket {one.number}, {one.title}" for one in session.listed}
    assert all(titles[a.attributes["href"] or ""] == a.attributes["title"] for a in links)
    assert not [a for page in pages for a in page.css("article a a, article code a")]


def sentences_on(client: TestClient, number: int) -> list[str]:
    """The sentences that a template wrote, as the page of a ticket shows them."""
    page = LexborHTMLParser(client.get(f"/sessions/{SESSION}/tickets/{number}").text)
    [body] = page.css(".whole .body")
    found, part = [], ""
    for node in body.iter():
        if node.tag in {"h3", "details"}:
            part = node.attributes.get("data-part") or ""
        elif part in PARTS:
            items = node.css("li") or ([node] if node.tag == "p" else [])
            found += [" ".join(item.text().split()) for item in items]
    return [text for text in found if text != "Form" and not text.startswith(("Source:", "Esti"))]


@each("number", [1, 11, 16, 19, 23])
def test_every_sentence_of_the_template_rests_on_cells(client_of: ClientOf, number: int) -> None:
    client = client_of(Role.READER)

    found = client.get(f"/api/sessions/{SESSION}/tickets/{number}/sentences").json()

    cells = {one["text"]: one["cells"] for one in found}
    shown = sentences_on(client, number)
    assert shown
    assert [text for text in shown if not cells.get(text)] == []
    assert {"place", "file", "line", "record", "column"} == set(cells[shown[0]][0])


@pytest.mark.small_site
def test_what_a_person_wrote_names_them_and_the_rest_its_cells_still(fresh_web: Web) -> None:
    opened = open_session(fresh_web.pipeline, SESSION)
    ticket = opened.ticket(3)
    wanted = TicketEdit(parts={"analysis": f"{ticket.analysis}<ul><li>Ask <b>first</b>.</li></ul>"})
    revisions.edit(opened, ticket, wanted, revision=None, by="anna")
    kept = opened.again().ticket(3).revision
    note = TicketEdit(parts={"notes": "<p>Done.</p>"})
    revisions.edit(opened.again(), opened.again().ticket(3), note, revision=None, by="ben")

    with signed_in(fresh_web, Role.READER) as client:
        found = client.get(f"/api/sessions/{SESSION}/tickets/3/sentences").json()

    by = {one["text"]: (one["by"], one["at"]) for one in found if one["by"]}
    assert by["Ask first."] == ("anna", kept.created_at.isoformat())
    assert by["Done."][0] == "ben"
    assert set(by) == {"Ask first.", "Done."}
