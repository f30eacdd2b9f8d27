"""The whole ticket on its page: each cell, its source row, each sentence, what Jira will hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborNode

from jira_pipeline.model.people import Role
from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, one, opened_web, page_at, signed_in

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
    projects.write_rows(folder / "Wide_Bundles.csv", bundles)
    projects.write_rows(folder / "Wide_Fields.csv", fields)
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
    projects.write_rows(folder / "S_Bundles.csv", kinds)
    projects.write_rows(folder / "S_Fields.csv", fields)

    with opened_web(projects.make_reviewed(empty_project, folder, tmp_path)) as web:
        page = page_at(signed_in(web, Role.READER), f"{HERE}/1")

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


def text_of(node: LexborNode) -> str:
    """Its text as it is written, line breaks included."""
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    return node.text()


def test_every_cell_of_a_ticket_over_the_limit_is_on_its_page(
    wide: TestClient, wide_sheets: Path
) -> None:
    """Of 200 fields 136 were nowhere."""
    rows = projects.rows_in(wide_sheets / "Wide_Fields.csv")

    page = page_at(wide, f"{HERE}/1")

    cells = {text_of(cell) for cell in page.css("article .table td")}
    same_for_all = one(page, "article .body").text()
    beside = {text_of(cell) for cell in page.css("#rows dd")}
    written = {cell for row in rows for cell in row.values() if cell}
    assert {cell for cell in written if cell not in cells and cell not in same_for_all} == set()
    assert written <= beside
    assert len(page.css("#rows details.row")) == FIELD_COUNT + 1
    assert page.css_first("article pre") is None, "tables are tables"


def test_a_page_says_what_the_description_holds_and_what_the_file(
    web: Web, client_of: ClientOf
) -> None:
    client, session = client_of(Role.READER), open_session(web.pipeline, SESSION)
    [rendered] = session.rendered_of([session.ticket(CLOCK)])
    assert rendered.attachment is not None
    name, text = rendered.attachment

    page = page_at(client, f"{HERE}/{CLOCK}")
    said = one(page, "#held")
    file = client.get(f"{HERE}/{CLOCK}/file")
    held = one(page_at(client, f"{HERE}/{CLOCK}/description"), ".body")

    shorter = [part.text() for part in said.css("b")]
    assert shorter
    assert all(f"### {part}\n" in text for part in shorter)
    assert name in said.text()
    assert file.text == text
    assert file.headers["content-type"] == "text/markdown; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "Short form; every column is in the attachment." in held.text()
    assert "in the attachment" not in one(page, "article").text()


def test_a_ticket_that_fits_lacks_nothing_and_one_that_an_issue_holds_whole_has_no_file(
    client_of: ClientOf,
) -> None:
    """Notes and help texts were left out while there was room."""
    client = client_of(Role.READER)

    said = one(page_at(client, f"{HERE}/17"), "#held")

    assert "description is complete; long tables become plain lines." in said.text()
    assert said.css("b") == []
    assert page_at(client, f"{HERE}/7").css_first("#held") is None
    assert client.get(f"{HERE}/7/file").status_code >= 400


@each("number", range(1, EXAMPLE_TICKETS + 1))
def test_a_row_of_a_table_leads_to_the_source_rows_that_say_the_same(
    client_of: ClientOf, number: int
) -> None:
    page = page_at(client_of(Role.READER), f"{HERE}/{number}")
    sources = {
        row.attributes["id"]: {
            name.text(): text_of(name.next) for name in row.css("dt") if name.next is not None
        }
        for row in page.css("#rows details.row")
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
    page = page_at(client_of(Role.READER), f"{HERE}/{CLOCK}")
    scattered = page_at(wide, f"{HERE}/1")

    table = one(page, "table:has(.group)")
    shown = [
        (row.attributes["data-rows"], group.text() if group else "-")
        for body in table.css("tbody")
        for group in [body.css_first(".group")]
        for row in body.css("tr[data-rows]")
    ]
    said = [
        ((row.attributes["id"] or "").removeprefix("row-"), name.next.text())
        for row in page.css("#rows details.row")
        for name in row.css("dt")
        if name.text() == "Field group" and name.next
    ]
    assert shown[1:] == [each for each in said if each in shown]
    assert shown[0] == ("2", "-"), "it has no group"
    assert "Field group" not in {head.text() for head in table.css("thead th")}
    assert scattered.css(".group") == []
    assert "<strong>" in {code.text() for code in page.css("td code")}
    assert page.css("td strong") == []


def test_cells_and_prose_that_name_what_another_ticket_makes_link_to_it(
    web: Web, client_of: ClientOf
) -> None:
    listed = open_session(web.pipeline, SESSION).listed
    pages = {one.number: page_at(client_of(Role.READER), f"{HERE}/{one.number}") for one in listed}

    cells = {a.text(): a.attributes["href"] for a in pages[CLOCK].css("article td a[title]")}
    prose = [a for p in pages.values() for a in p.css("article .body > :not(.table) a[title]")]

    [maker] = [one.number for one in listed if "Clockmakers" in one.title]
    assert cells["Clockmakers (Vocabulary)"] == f"{HERE}/{maker}"
    assert prose
    titles = {f"{HERE}/{one.number}": f"Ticket {one.number}, {one.title}" for one in listed}
    assert all(titles[a.attributes["href"] or ""] == a.attributes["title"] for a in prose)
    assert not [a for p in pages.values() for a in p.css("article a a, article code a")]


def sentences_on(client: TestClient, number: int) -> list[str]:
    """The sentences that a template wrote, as the page of a ticket shows them."""
    [body] = page_at(client, f"{HERE}/{number}").css(".whole .body")
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
    kept = opened.reload().ticket(3).revision
    note = TicketEdit(parts={"notes": "<p>Done.</p>"})
    revisions.edit(opened.reload(), opened.reload().ticket(3), note, revision=None, by="ben")

    with signed_in(fresh_web, Role.READER) as client:
        found = client.get(f"/api/sessions/{SESSION}/tickets/3/sentences").json()

    by = {one["text"]: (one["by"], one["at"]) for one in found if one["by"]}
    assert by["Ask first."] == ("anna", kept.created_at.isoformat())
    assert by["Done."][0] == "ben"
    assert set(by) == {"Ask first.", "Done."}
