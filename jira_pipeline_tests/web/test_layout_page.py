"""The page on which people say what worksheets list: a draft by one choice a form, then confirmed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from openpyxl.styles import PatternFill
from selectolax.lexbor import LexborHTMLParser, LexborNode

import jira_pipeline.web
from jira_pipeline.model.people import Role
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.sessions.layouts import LayoutOrigin, LayoutWork, open_layout, save_layout
from jira_pipeline.sheets.layouts.coverage import LayoutFinding, Unsettled
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.layout_findings import CHECKS_OF_ENTITIES, INFORMATIVE_CHECKS
from jira_pipeline.sheets.layouts.word_choices import declared_words
from jira_pipeline.sheets.layouts.worksheet_groups import WorksheetGroup, worksheet_groups
from jira_pipeline.web.context import Web
from jira_pipeline.web.pages.layout_settling import (
    LEFT_TO_SETTLE,
    finding_words,
    settling_questions,
)
from jira_pipeline_tests.web.browsers import (
    NAMES,
    one,
    opened_web,
    opened_with_sheets,
    page_at,
    signed_in,
    value_of,
)

KEY = "shop"
HERE = f"/sessions/{KEY}/layout"
TYPES = "Name,Machine name,Type,X\nWatch,watch,Content type,a\nMaker,maker,Content type,a\n"
REMARKS = "Made by,Asked\nAda,client\nBob,client\n"
LEAVE_OUT = {
    "do": "leave_out_worksheets",
    "worksheets": ["Remarks"],
    "reason": "notes of the workshop",
}


@pytest.fixture
def shop_web(empty_project: Path, tmp_path: Path) -> Iterator[Web]:
    """The web of a project with a session of two sheets, one of which is of no known kind."""
    sheets = {"Bundles": TYPES, "Remarks": REMARKS}
    with opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web:
        yield web


@pytest.fixture
def reviewer(shop_web: Web) -> Iterator[TestClient]:
    with signed_in(shop_web, Role.REVIEWER) as client:
        yield client


def worksheet_groups_of(work: LayoutWork) -> list[WorksheetGroup]:
    checks = work.checks
    checked = checks.reading.checked
    return worksheet_groups(checks.effective, work.grids, checked, unsettled=checks.unsettled)


def work_of(web: Web) -> LayoutWork:
    return open_layout(web.pipeline, KEY)


def choose(client: TestClient, revision: int, **fields: object) -> Response:
    return client.post(HERE, data={"revision": revision, **fields})


def value_of_boxes(form: LexborNode) -> list[str | None]:
    return [box.attributes["value"] for box in form.css("input[type=checkbox]")]


def text_of(answer: Response) -> str:
    return " ".join(one(LexborHTMLParser(answer.text), "main").text().split())


def test_what_is_chosen_on_the_page_is_confirmed_and_read_from_then_on(
    shop_web: Web, reviewer: TestClient
) -> None:
    before = one(page_at(reviewer, HERE), "#worksheets").text()
    chosen = choose(reviewer, 0, **LEAVE_OUT)
    draft = work_of(shop_web)
    confirmed = reviewer.post(f"{HERE}/confirm", data={"revision": 1})

    assert "Not said yet" in before
    assert (chosen.status_code, chosen.headers["location"]) == (303, HERE)
    assert (draft.origin, draft.revision, draft.is_settled) == (LayoutOrigin.DRAFT, 1, True)
    assert confirmed.headers["location"] == f"/sessions/{KEY}"
    after = work_of(shop_web)
    assert after.origin is LayoutOrigin.UPLOADED
    assert after.layout.confirmed is not None
    assert after.layout.confirmed.by == NAMES[Role.REVIEWER]


def test_a_layout_that_was_used_before_is_offered_to_another_site_that_it_fits(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    choose(reviewer, 0, **LEAVE_OUT)
    reviewer.post(f"{HERE}/confirm", data={"revision": 1})
    other = "kiosk"
    folder = shutil.copytree(tmp_path / "sheets" / KEY, tmp_path / other)
    uploading.upload(shop_web.pipeline, folder, session_key=other, auto_approve=False, actor="test")

    page = page_at(reviewer, f"/sessions/{other}/layout")
    offered = value_of(page, "form[action$='/layout/use'] [name=layout_sha256]")
    reviewer.post(f"/sessions/{other}/layout/use", data={"revision": 0, "layout_sha256": offered})

    work = open_layout(shop_web.pipeline, other)
    assert (work.origin, work.is_settled) == (LayoutOrigin.DRAFT, True)


def test_readers_see_what_worksheets_list_and_change_nothing(shop_web: Web) -> None:
    with signed_in(shop_web, Role.READER) as reader:
        page = page_at(reader, HERE)
        refused = choose(reader, 0, **LEAVE_OUT)

    assert "Remarks" in one(page, "#worksheets").text()
    assert page.css("main form") == []
    assert refused.status_code == 403


def test_a_choice_on_a_page_that_is_not_the_newest_is_not_saved_and_names_who_was_faster(
    shop_web: Web, reviewer: TestClient
) -> None:
    choose(reviewer, 0, **LEAVE_OUT)

    stale = choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="own_sheet")

    assert stale.status_code == 409
    assert f"{NAMES[Role.REVIEWER]} changed the layout at" in text_of(stale)
    assert work_of(shop_web).revision == 1


def test_a_choice_that_came_too_late_is_kept_on_the_page_and_saved_with_one_press(
    shop_web: Web, reviewer: TestClient
) -> None:
    """All that was chosen in a long form was lost where somebody else had saved one thing."""
    choose(reviewer, 0, **LEAVE_OUT)
    apart = {"shapes": ["types", "leave_out"], "shapes_shown": ["", "leave_out"]}
    kinds = {"type_kinds": ["", ""], "type_kinds_shown": ["", ""]}
    both = {"worksheets": ["Bundles", "Remarks"], "shown": "Remarks", **apart, **kinds}

    stale = choose(reviewer, 0, do="worksheets", **both)
    page = LexborHTMLParser(stale.text)
    fields: dict[str, list[str]] = {}
    for field in page.css("#unsaved [name]"):
        fields.setdefault(str(field.attributes["name"]), []).append(
            str(field.attributes["value"] or "")
        )
    reviewer.post(HERE, data=fields)

    assert "Bundles" in one(page, "#unsaved h2").text()
    assert "Remarks" in one(page, "#worksheet h2").text()
    assert work_of(shop_web).last_change is not None
    assert work_of(shop_web).revision == 2


def test_a_choice_that_makes_another_kind_of_what_was_only_proposed_is_saved_and_told(
    reviewer: TestClient,
) -> None:
    """People met 8 to 22 warnings about guesses, and pressed on when it was their own words."""
    saved = choose(reviewer, 0, do="set_shape", worksheet="Bundles", shape="roles")

    notice = one(page_at(reviewer, f"{HERE}?worksheet=Bundles"), "#notices").text()
    assert saved.status_code == 303
    assert "This worksheet gives 2 user roles now; it gave 2 types." in notice


def test_a_choice_that_takes_away_what_somebody_said_names_it_on_the_button(
    shop_web: Web, reviewer: TestClient
) -> None:
    said = {"do": "header", "worksheet": "Bundles", "header": "X", "meaning": "bundle|Description"}
    roles = {"do": "set_shape", "worksheet": "Bundles", "shape": "roles"}
    choose(reviewer, 0, do="set_shape", worksheet="Bundles", shape="types")
    choose(reviewer, 1, **said)

    asked = choose(reviewer, 2, **roles)
    saved = choose(reviewer, 2, **roles, is_sure="true")

    button = one(LexborHTMLParser(asked.text), "#change button").text()
    assert button == "Save, and lose what “X” means"
    assert saved.status_code == 303
    assert work_of(shop_web).revision == 3


def test_a_header_that_loses_what_it_was_said_to_mean_to_another_is_named_before_it_is_saved(
    shop_web: Web, reviewer: TestClient
) -> None:
    """Of two headers for machine names, the second pushed out the first without a word."""
    about = {"do": "header", "worksheet": "Bundles", "meaning": "bundle|Machine name"}
    choose(reviewer, 0, do="set_shape", worksheet="Bundles", shape="types")

    proposed_before = choose(reviewer, 1, **about, header="X")
    notice = one(page_at(reviewer, f"{HERE}?worksheet=Bundles"), "#notices").text()
    asked = choose(reviewer, 2, **about, header="Type")

    assert proposed_before.status_code == 303
    assert "Kept as a note now: “Machine name”." in notice
    assert "“X” is “Machine name of the type”" in text_of(asked)
    assert "Go back, and leave it as it is" in text_of(asked)
    assert work_of(shop_web).revision == 2


def test_cells_that_only_a_proposal_reads_are_given_up_without_a_question(
    reviewer: TestClient,
) -> None:
    table = {"do": "add_table", "worksheet": "Bundles", "header_row": "3", "shape": "roles"}

    saved = choose(reviewer, 0, **table)

    notice = one(page_at(reviewer, f"{HERE}?worksheet=Bundles"), "#notices").text()
    assert saved.status_code == 303
    assert "is no longer read: “" in notice or "are no longer read: “" in notice


def test_cells_of_another_worksheet_that_nothing_would_read_any_more_are_always_asked_about(
    empty_project: Path, tmp_path: Path
) -> None:
    """A header ignored in one worksheet was ignored in four, and found by chance."""
    sheets = {"Bundles": TYPES, "Makers": "Name,Country\nAda,NL\n"}
    ignored = {"do": "leave_out_header", "worksheet": "Makers", "header": "Name"}
    with (
        opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web,
        signed_in(web, Role.REVIEWER) as client,
    ):
        choose(client, 0, do="set_shape", worksheet="Makers", shape="roles")
        asked = choose(client, 1, **ignored, reason="not ours", everywhere="true")

        button = one(LexborHTMLParser(asked.text), "#change button").text()
        here = choose(client, 1, **ignored, reason="not ours")

    assert button == "Save, and lose 2 cells of “Bundles”"
    assert here.status_code == 303


def test_every_row_of_a_worksheet_can_be_reached_and_chosen(
    empty_project: Path, tmp_path: Path
) -> None:
    """Once a worksheet was read, its cells were shown to row 16, and a sum in row 35 stayed a thing."""
    rows = [f"Kind {number},k{number},Content type,a" for number in range(2, 121)]
    sheets = {"Bundles": "\n".join([TYPES.splitlines()[0], *rows])}
    with (
        opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web,
        signed_in(web, Role.REVIEWER) as client,
    ):
        first = page_at(client, f"{HERE}?worksheet=Bundles")
        links = [link.attributes["href"] for link in first.css("a[href*='first_row=']")]
        second = page_at(client, str(links[0]).partition("#")[0])
        chosen = page_at(client, f"{HERE}?worksheet=Bundles&row=100")

    numbers = [row.text().strip() for row in second.css(".layout-grid tbody th")]
    near = [row.text().strip() for row in chosen.css(".layout-grid tbody th")]
    assert [row.text().strip() for row in first.css(".layout-grid tbody th")][-1] == "15"
    assert (numbers[0], numbers[-1]) == ("16", "55")
    assert "Show earlier rows: 1–15" in " ".join(one(second, "main").text().split())
    assert "100" in near
    assert "Kind 100" in one(chosen, "#row h3").text()


def test_what_somebody_leaves_out_is_not_asked_about_again(
    shop_web: Web, reviewer: TestClient
) -> None:
    left_out = {"do": "set_rows", "worksheet": "Bundles", "rows": "text", "become": "left_out"}

    saved = choose(reviewer, 0, **left_out, text="Maker", reason="not ours")

    assert saved.status_code == 303
    assert work_of(shop_web).revision == 1


def test_where_a_row_would_be_quoted_is_said_before_and_after_it_is(
    reviewer: TestClient,
) -> None:
    """Rows went to the ticket of the next listing, or to none, and nobody was told."""
    quoted = {"do": "set_rows", "worksheet": "Bundles", "rows": "text", "become": "remarks"}

    before = one(page_at(reviewer, f"{HERE}?worksheet=Bundles&row=3"), "#row").text()
    choose(reviewer, 0, **quoted, text="Maker")
    notice = one(page_at(reviewer, f"{HERE}?worksheet=Bundles&row=3"), "#notices").text()
    after = one(page_at(reviewer, f"{HERE}?worksheet=Bundles&row=3"), "#row").text()
    choose(reviewer, 1, **quoted, text="Watch")
    of_none = one(page_at(reviewer, f"{HERE}?worksheet=Bundles"), "#notices").text()

    assert "It would be quoted in the ticket “" in before
    assert "“Maker | maker | Content type | a” is quoted in the ticket “" in notice
    assert "It is quoted in the ticket “" in after
    assert "is quoted in no ticket" in of_none


def test_what_is_left_is_a_list_of_questions_with_what_costs_most_first(
    shop_web: Web, reviewer: TestClient
) -> None:
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="fields")

    page = page_at(reviewer, f"{HERE}?worksheet=Remarks")
    groups = worksheet_groups_of(work_of(shop_web))
    lines = [" ".join(line.text().split()) for line in page.css("#settle .settle-list > li")]

    codes = [question.code for question in settling_questions(groups)]
    assert codes == sorted(codes, key=[*LEFT_TO_SETTLE].index)
    assert len(lines) == len(codes)
    assert "No header says yet: “Which type the field belongs to”" in " ".join(lines)
    assert not any("_" in line or "{" in line for line in lines)


def worksheets_sent(page: LexborHTMLParser, **changes: tuple[str, str]) -> dict[str, object]:
    """Return what a browser sends of all worksheets; `changes` are what one lists, and its kind."""
    form = next(form for form in page.css("form") if form.css("[name=shapes]"))
    fields: dict[str, object] = {"do": "worksheets", "reason": "about the document"}
    titles = [str(title.attributes["value"]) for title in form.css("[name=worksheets]")]
    fields["worksheets"] = titles
    for name in ("shapes", "type_kinds"):
        shown = [control.attributes["value"] or "" for control in form.css(f"[name={name}_shown]")]
        fields[f"{name}_shown"] = shown
        at = 0 if name == "shapes" else 1
        fields[name] = [
            changes[title][at] if title in changes else value
            for title, value in zip(titles, shown, strict=True)
        ]
    return fields


def test_what_all_worksheets_list_is_saved_at_once_and_the_others_stay(
    shop_web: Web, reviewer: TestClient
) -> None:
    page = page_at(reviewer, HERE)
    changes = {"Bundles": ("types", "Vocabulary"), "Remarks": ("leave_out", "")}

    saved = choose(reviewer, 0, **worksheets_sent(page, **changes))
    work = work_of(shop_web)
    again = choose(reviewer, 1, **worksheets_sent(page_at(reviewer, HERE)))

    rows = work.checks.reading.checked.applied.rows
    assert saved.status_code == again.status_code == 303
    assert {row.cells["Type"] for row in rows} == {"Vocabulary"}
    assert {row.cells["Name"] for row in rows} == {"Watch", "Maker"}, "its headers are as before"
    assert (work.revision, work.is_settled) == (1, True)
    assert work_of(shop_web).revision == 1, "nothing was changed, so nothing is saved"


def test_what_lines_of_worksheets_of_text_are_is_said_with_one_press(
    empty_project: Path, tmp_path: Path
) -> None:
    """They were left out unasked, as about the document."""
    lines = "Do watches tick?\nDo they chime?\n"
    sheets = {"Bundles": TYPES, "Legend": lines, "Open questions": lines}
    with (
        opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web,
        signed_in(web, Role.REVIEWER) as client,
    ):
        page = page_at(client, HERE)
        texts, legends = one(page, "#texts form"), one(page, "#legends form")
        titles = [value_of_boxes(texts), value_of_boxes(legends)]
        answers = [button.attributes["value"] for button in texts.css("button")]
        choose(client, 0, do="texts", worksheets=titles[0], shape="open_questions")
        choose(client, 1, do="texts", worksheets=titles[1], shape="explains")
        work = work_of(web)
        is_card_left = bool(page_at(client, HERE).css("#texts, #legends"))

    rows = work.checks.reading.checked.applied.rows
    assert (titles, answers) == (
        [["Open questions"], ["Legend"]],
        ["explains", "remarks", "open_questions", "leave_out"],
    )
    assert (work.is_settled, is_card_left) == (True, False)
    assert sum(row.kind == "custom" for row in rows) == 2


def test_colours_are_said_once_for_the_workbook_beside_what_its_legend_says(
    empty_project: Path, tmp_path: Path
) -> None:
    """Somebody who found “yellow = open” in a legend could say only “on hold” or “nothing”."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Kinds"
    for row in (["Name", "How far"], ["Watch", "SOON"], ["Clock", "SOON"]):
        sheet.append(row)
    legend = book.create_sheet("Legend")
    legend.append(["yellow", "nobody has decided yet"])
    legend.append(["SOON", "in the second year"])
    for cell in (sheet["A3"], legend["A1"]):
        cell.fill = PatternFill("solid", fgColor="FFFFF2A0")
    path = tmp_path / "shop.xlsx"
    book.save(path)
    with opened_web(shutil.copytree(empty_project, tmp_path / "project")) as web:
        uploading.upload(web.pipeline, path, session_key=KEY, auto_approve=False, actor="test")
        with signed_in(web, Role.REVIEWER) as client:
            kinds = {"worksheet": "Kinds", "shape": "types", "bundle_type": "Content type"}
            choose(client, 0, do="set_shape", **kinds)
            status = {"worksheet": "Kinds", "header": "How far", "meaning": "bundle|X"}
            choose(client, 1, do="header", is_sure=True, **status)
            page_of_looks = page_at(client, HERE)
            looks = one(page_of_looks, "#looks form")
            shown = looks.text()
            words = one(page_at(client, HERE), "#words").text()
            choose(client, 2, do="set_looks", looks=["fill|FFFFF2A0"], looks_mean=["undecided"])
            rows = work_of(web).checks.reading.checked.applied.rows

    assert "Yellow fill" in shown
    assert value_of(page_of_looks, "#looks option[selected]") == ""
    assert "your sheet Legend says: “yellow: nobody has decided yet”" in shown
    assert "your sheet Legend says: “in the second year”" in words
    assert [row.cells.get("Remarks", "")[:9] for row in rows] == ["", "Undecided"]


def test_the_parts_of_a_header_are_chosen_in_one_form(shop_web: Web, reviewer: TestClient) -> None:
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="roles")

    choose(
        reviewer,
        1,
        do="header",
        worksheet="Remarks",
        header="Asked",
        meaning="user_role|Name",
        after="cl",
        also="user_role|Description",
        also_before="ent",
    )

    (record,) = work_of(shop_web).layout.sheets[-1].regions[0].records
    name, description = record.columns["Name"], record.columns["Description"]
    assert [(value.column, value.after) for value in name] == [("Asked", "cl")]
    assert [(value.column, value.before) for value in description] == [("Asked", "ent")]


def test_a_form_that_says_nothing_saves_nothing(shop_web: Web, reviewer: TestClient) -> None:
    answer = choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="aliens")

    assert answer.status_code == 303
    assert "nothing was saved" in one(page_at(reviewer, HERE), "#notices").text()
    assert work_of(shop_web).revision == 0


def test_a_choice_is_undone_where_it_was_made_and_the_page_says_which(
    shop_web: Web, reviewer: TestClient
) -> None:
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="roles")
    choose(reviewer, 1, do="header", worksheet="Remarks", header="Asked", meaning="user_role|Notes")
    offered = one(page_at(reviewer, HERE), "form[action$='/layout/undo']").text()

    undone = reviewer.post(f"{HERE}/undo", data={"revision": 2, "worksheet": "Remarks"})
    once_more = reviewer.post(f"{HERE}/undo", data={"revision": 3})

    assert "Undo: “Asked” means “What they may do (permissions)”" in offered
    assert undone.headers["location"] == f"{HERE}?worksheet=Remarks#worksheet"
    assert once_more.status_code == 303
    work = work_of(shop_web)
    assert (work.origin, work.revision) == (LayoutOrigin.PROPOSED, 4)


def test_what_would_refuse_the_upload_is_shown_before_anybody_confirms(
    shop_web: Web, reviewer: TestClient
) -> None:
    """A layout that was settled met errors of rows when it was confirmed."""
    types = {"shape": "types", "bundle_type": "Content type"}
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", **types)
    about = {"do": "header", "worksheet": "Remarks"}
    choose(reviewer, 1, **about, header="Made by", meaning="bundle|Name")
    choose(reviewer, 2, **about, header="Asked", meaning="bundle|Machine name")

    page = text_of(reviewer.get(f"{HERE}?worksheet=Remarks"))
    work = work_of(shop_web)

    assert not work.is_settled
    assert [finding.file for finding in work.refusals] == ["Remarks.csv"]
    assert "the sheets cannot be used" in page
    assert work.refusals[0].message in page


def test_a_row_that_would_refuse_the_upload_is_shown_in_its_own_worksheet(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """Of two worksheets that look alike, the link led to the row of the first one."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    (folder / "North.csv").write_text("Boat,Sort\nBarge,barge\n", encoding="utf-8")
    (folder / "South.csv").write_text("Boat,Sort\nDinghy,small\nDory,small\n", encoding="utf-8")
    uploading.upload(shop_web.pipeline, folder, session_key="fleet", auto_approve=False, actor="t")
    here = "/sessions/fleet/layout"
    types = {"shape": "types", "bundle_type": "Content type"}
    sheet = {"worksheet": "North", "do": "set_shape", **types}
    reviewer.post(here, data={**sheet, "revision": 0})
    about = {"do": "header", "worksheet": "North"}
    reviewer.post(here, data={**about, "revision": 1, "header": "Boat", "meaning": "bundle|Name"})
    name = {"header": "Sort", "meaning": "bundle|Machine name"}
    reviewer.post(here, data={**about, "revision": 2, **name})

    page = page_at(reviewer, here)

    [finding] = open_layout(shop_web.pipeline, "fleet").refusals
    assert finding.file == "South.csv"
    link = one(page, "#refused-rows li a")
    assert (link.text(), link.attributes["href"]) == (
        "Row 3 of South",
        f"{here}?worksheet=South&row=3#row",
    )
    settle = " ".join(one(page, "#settle").text().split())
    assert "1 error" in one(page, "#settle h2").text()
    assert "North, South: 1 error of rows" in settle


def test_places_that_are_left_as_they_are_are_settled_and_can_be_taken_back(
    shop_web: Web, reviewer: TestClient
) -> None:
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="roles")
    left = {finding.code for finding in work_of(shop_web).checks.unsettled}

    for check in left:
        revision = work_of(shop_web).revision
        data = {"revision": revision, "worksheet": "Remarks", "check": check.value}
        reviewer.post(f"{HERE}/leave", data=data)

    assert left
    assert work_of(shop_web).checks.unsettled == ()


def test_a_worksheet_is_clear_once_what_belongs_to_nothing_is_left_so(
    shop_web: Web, reviewer: TestClient
) -> None:
    """Nothing was left to settle, and the page led back to two things to settle, not to confirming."""
    choose(reviewer, 0, **LEAVE_OUT)
    choose(reviewer, 1, do="set_shape", worksheet="Remarks", shape="fields")
    about = {"do": "header", "worksheet": "Remarks", "is_sure": "true"}
    choose(reviewer, 2, **about, header="Made by", meaning="field|Field label")
    saved = choose(reviewer, 3, **about, header="Asked", meaning="field|Bundle")
    asking = text_of(reviewer.get(saved.headers["location"]))
    for revision, check in enumerate(("column_unsaid", "owner_unlisted"), start=4):
        data = {"revision": revision, "worksheet": "Remarks", "check": check}
        reviewer.post(f"{HERE}/leave", data=data)

    page = page_at(reviewer, HERE)

    assert "Next: Remarks (3 to settle)" in asking
    assert "3 things left to settle in this worksheet." in asking
    assert work_of(shop_web).is_settled
    assert "Nothing is left to settle" in one(page, "section.next").text()


@pytest.mark.parametrize("check", sorted(set(Unsettled) - CHECKS_OF_ENTITIES - INFORMATIVE_CHECKS))
def test_whatever_is_left_to_settle_has_a_place_on_the_page_that_settles_it(
    check: Unsettled,
) -> None:
    parts = Path(jira_pipeline.web.__file__).parent / "templates" / "layout"

    settling = LEFT_TO_SETTLE[check]

    texts = [part.read_text(encoding="utf-8") for part in parts.iterdir()]
    assert any(f'id="{settling.part.value}"' in text for text in texts)
    assert settling.how


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("", "Type: see below", "Type: see below"),
        ("", "Vals.: ask Ada", "Vals.: ask Ada"),
        ("Vals.", "Vals.: “few” is no number", "How many values: “few” is no number"),
    ],
)
def test_a_column_is_called_as_people_do_and_a_cell_is_quoted_as_it_is(
    column: str, text: str, words: str
) -> None:
    """A cell that says “Type: see below” was shown as “Kind: see below”."""
    finding = LayoutFinding(code=Unsettled.WORD_UNREAD, column=column, text=text)

    assert finding_words(finding) == words


def test_what_no_header_says_is_called_as_in_the_list_of_its_headers(
    reviewer: TestClient,
) -> None:
    """Of roles the page missed “Name of the type”, and offered “Name of the role”."""
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="roles")

    page = page_at(reviewer, f"{HERE}?worksheet=Remarks")

    assert "No header says yet: “Name of the role”" in one(page, "#settle").text()


def test_a_renamed_header_is_asked_about_once_and_one_press_settles_it(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """The page led to a dead end (3 of 3 who tried)."""
    choose(reviewer, 0, **LEAVE_OUT)
    choose(reviewer, 1, do="set_shape", worksheet="Bundles", shape="types")
    reviewer.post(f"{HERE}/confirm", data={"revision": 2})
    folder = tmp_path / "sheets" / KEY
    renamed = TYPES.replace("Type,X", "Sort of thing,X")
    (folder / "Bundles.csv").write_text(renamed, encoding="utf-8")
    uploading.upload(shop_web.pipeline, folder, session_key=KEY, auto_approve=False, actor="test")

    page = page_at(reviewer, f"{HERE}?worksheet=Bundles")
    button = one(page, "#misfit button[name=now]")
    data = {"do": "rename_header", "worksheet": "Bundles", "header": "Type"}
    choose(reviewer, work_of(shop_web).revision, **data, now=button.attributes["value"])

    assert button.text() == "“Sort of thing” is what “Type” was"
    assert work_of(shop_web).is_settled


LOST_TABLE = """
version: 1
sheets:
- worksheets: Remarks
  regions:
  - {name: asked, header: [Made by], records: [{into: custom, sheet: asked, columns: {Text: Asked}}]}
  - {name: left, header: [Still open], records: [{into: custom, sheet: left, columns: {Text: A:}}]}
"""


def test_a_further_table_whose_header_is_gone_is_said_to_be_gone_or_elsewhere(
    shop_web: Web, reviewer: TestClient
) -> None:
    """A question that was settled took its table away, and the next version could not be confirmed."""
    layout = read_layout(LOST_TABLE.replace("A:}", '"column A"}').encode())
    save_layout(shop_web.pipeline, KEY, layout, revision=0, by="ada")

    page = page_at(reviewer, f"{HERE}?worksheet=Remarks")
    card = next(card for card in page.css(".misfit") if "has no header any more" in card.text())
    about = {"worksheet": "Remarks", "table": "2"}
    choose(reviewer, 1, do="move_table", **about, shape="remarks", header_row="3")
    moved = work_of(shop_web)
    reviewer.post(f"{HERE}/undo", data={"revision": moved.revision, "worksheet": "Remarks"})
    choose(reviewer, moved.revision + 1, do="remove_table", **about)

    codes = {finding.code for finding in work_of(shop_web).checks.unsettled}
    assert [button.text() for button in card.css("button")] == [
        "The table is gone",
        "Read it from there",
    ]
    assert len(moved.layout.sheets[0].regions) == 2
    assert Unsettled.MISFIT not in codes


def test_all_words_of_a_sort_are_saved_with_one_press(shop_web: Web, reviewer: TestClient) -> None:
    """Each word was a form and a page of its own; words that nobody touched are not declared."""
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="fields")
    meaning = {"worksheet": "Remarks", "do": "header", "is_sure": "true"}
    choose(reviewer, 1, **meaning, header="Made by", meaning="field|Field type")
    choose(reviewer, 2, **meaning, header="Asked", meaning="field|Req'd")
    form = one(page_at(reviewer, HERE), "form.layout-words")

    typed = {
        "holds": "field type",
        "words": ["Ada", "Bob"],
        "meanings": ["", "Media reference"],
        "meanings_shown": ["", ""],
        "quoted_before": ["", ""],
        "quoted": ["1"],
        "counts": ["", "*"],
        "targets": ["1|Media reference|Image (Media type)", "1|Media reference|Audio (Media type)"],
    }
    choose(reviewer, 3, do="set_words", **typed)
    broken = choose(reviewer, 4, do="set_words", **{**typed, "counts": [""]})
    assert "form is not whole" in text_of(reviewer.get(broken.headers["location"]))
    nothing = {**typed, "meanings": ["", ""], "counts": ["", ""], "targets": [], "quoted": []}
    untouched = choose(reviewer, 4, do="set_words", **nothing)

    assert [field.attributes["value"] for field in form.css("[name=words]")] == ["Ada", "Bob"]
    (word,) = declared_words(work_of(shop_web).layout)
    assert (word.word, word.means, word.count, word.is_quoted) == (
        "Bob",
        "Media reference",
        "*",
        True,
    )
    assert word.refers_to == ("Image (Media type)", "Audio (Media type)")
    assert "Nothing was chosen" in text_of(reviewer.get(untouched.headers["location"]))
    assert work_of(shop_web).revision == 4


def test_how_many_values_a_word_says_is_taken_back_on_the_page(
    shop_web: Web, reviewer: TestClient
) -> None:
    """A form without the number was taken for one in which nothing had changed."""
    choose(reviewer, 0, do="set_shape", worksheet="Remarks", shape="fields")
    meaning = {"worksheet": "Remarks", "do": "header", "is_sure": "true"}
    choose(reviewer, 1, **meaning, header="Made by", meaning="field|Field type")
    choose(reviewer, 2, **meaning, header="Asked", meaning="field|Req'd")
    typed = {"holds": "field type", "words": ["Ada"], "meanings": ["Date"], "quoted_before": [""]}
    choose(reviewer, 3, do="set_words", **typed, meanings_shown=[""], counts=["7"])
    page = page_at(reviewer, HERE)
    shown = value_of(page, "form.layout-words [name=counts_shown][value='7']")
    numbers = [option.attributes["value"] for option in page.css("[name=counts] [selected]")]

    again = {**typed, "meanings_shown": ["Date"], "counts": [""], "counts_shown": [shown]}
    choose(reviewer, 4, do="set_words", **again)

    (word,) = declared_words(work_of(shop_web).layout)
    assert numbers == ["7"]
    assert (word.means, word.count) == ("Date", "")


LOFT = "/sessions/loft/layout"


def upload_roles(web: Web, tmp_path: Path, last_rows: str, **other_files: str) -> None:
    """Upload a session `loft` with a worksheet of roles, and further files by their names."""
    folder = tmp_path / "loft"
    folder.mkdir()
    rows = f"Role,Machine name,Notes\nKeeper,keeper,all\n{last_rows}"
    (folder / "People in it.csv").write_text(rows, encoding="utf-8")
    for name, text in other_files.items():
        (folder / name).write_text(text, encoding="utf-8")
    uploading.upload(web.pipeline, folder, session_key="loft", auto_approve=False, actor="t")


def test_a_row_of_one_text_that_is_left_as_it_is_builds_nothing(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """It was accepted as not read, and yet became a role."""
    upload_roles(shop_web, tmp_path, "Cook,cook,none\nsee the plan,,\n")
    sheet = {"worksheet": "People in it", "revision": 0}
    reviewer.post(LOFT, data={**sheet, "do": "set_shape", "shape": "roles"})
    shown = " ".join(one(page_at(reviewer, LOFT), "#settle").text().split())

    reviewer.post(f"{LOFT}/leave", data={**sheet, "revision": 1, "check": "lone_text"})

    work = open_layout(shop_web.pipeline, "loft")
    names = [row.cells["Name"] for row in work.checks.reading.checked.applied.rows]
    assert "The row is left out: it is not read, and builds nothing." in shown
    assert (names, work.checks.unsettled) == (["Keeper", "Cook"], ())


def test_a_line_above_known_headers_that_says_something_is_asked_about_in_its_worksheet(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """Such a line held the workbook up, and the page said that it was about no single worksheet."""
    upload_roles(shop_web, tmp_path, "", **{"Bundles.csv": f"For phase 2,put off\n\n{TYPES}"})
    left_out = {"rows": "text", "text": "For phase 2", "become": "left_out", "reason": "a plan"}

    page = page_at(reviewer, f"{LOFT}?worksheet=Bundles")
    said = {"revision": 0, "do": "set_rows", "worksheet": "Bundles", **left_out}
    reviewer.post(LOFT, data=said)

    assert "“For phase 2”: it is above the table" in one(page, "#unclear").text()
    unsettled = open_layout(shop_web.pipeline, "loft").checks.unsettled
    assert not [finding for finding in unsettled if "For phase 2" in finding.text]


def test_leaving_a_row_of_one_text_declares_no_known_worksheet(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """With `owner_blank` in `session.yaml`, a new column of *Fields* was asked about from then on."""
    fields = "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals.\n"
    field = "Watch (Content type),Hands,field_hands,a,Text (plain),,y,1\n"
    files = {
        "Bundles.csv": TYPES,
        "Fields.csv": fields + field,
        "session.yaml": "owner_blank: fill\n",
    }
    upload_roles(shop_web, tmp_path, "Cook,cook,none\nsee the plan,,\n", **files)
    sheet = {"worksheet": "People in it"}
    reviewer.post(LOFT, data={**sheet, "revision": 0, "do": "set_shape", "shape": "roles"})

    reviewer.post(f"{LOFT}/leave", data={**sheet, "revision": 1, "check": "lone_text"})

    layout = open_layout(shop_web.pipeline, "loft").layout
    assert [declared.worksheets for declared in layout.sheets] == [("People in it",)]


def test_a_row_with_a_text_longer_than_any_choice_takes_is_left_out_too(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """The page answered 500, and its form for that row was refused."""
    upload_roles(shop_web, tmp_path, f"Cook,cook,none\n{'long ' * 500},,\n")
    sheet = {"worksheet": "People in it"}
    reviewer.post(LOFT, data={**sheet, "revision": 0, "do": "set_shape", "shape": "roles"})

    reviewer.post(f"{LOFT}/leave", data={**sheet, "revision": 1, "check": "lone_text"})
    left = open_layout(shop_web.pipeline, "loft").checks.unsettled
    page = page_at(reviewer, f"{LOFT}?worksheet=People+in+it&row=4")
    text = value_of(page, "#row [name=text]")
    kind = one(page, "#row option[value=starts]").attributes["value"]
    of_row = {"do": "set_rows", "rows": kind, "text": text, "become": "things"}
    reviewer.post(LOFT, data={**sheet, "revision": 2, **of_row})

    assert left == ()
    assert len(open_layout(shop_web.pipeline, "loft").checks.unsettled) > 0


def test_what_is_said_of_a_row_is_of_its_text_alone_and_what_else_may_be_meant_is_named(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """Rows with other texts went with it, since the form stood at all with a single filled cell."""
    upload_roles(shop_web, tmp_path, "see the plan,,\nCook,,\nas agreed,,\nCook,cook,none\n")
    sheet = {"worksheet": "People in it", "revision": 0}
    reviewer.post(LOFT, data={**sheet, "do": "set_shape", "shape": "roles"})

    page = page_at(reviewer, f"{LOFT}?worksheet=People+in+it&row=4")
    form = one(page, "#row form").text()

    assert one(page, "#row select[name=rows] option").attributes["value"] == "text"
    assert "“All whose first cell says just this” also means row 6." in form
    assert "“All with a single filled cell” also means “see the plan”, “as agreed”." in form


def test_leaving_a_row_of_one_text_keeps_a_thing_that_begins_with_it(
    shop_web: Web, reviewer: TestClient, tmp_path: Path
) -> None:
    """The thing was left out with it, and nobody was told."""
    upload_roles(shop_web, tmp_path, "Cook,,\nCook,cook,none\n")
    sheet = {"worksheet": "People in it", "revision": 0}
    reviewer.post(LOFT, data={**sheet, "do": "set_shape", "shape": "roles"})

    reviewer.post(f"{LOFT}/leave", data={**sheet, "revision": 1, "check": "lone_text"})

    work = open_layout(shop_web.pipeline, "loft")
    names = [row.cells["Name"] for row in work.checks.reading.checked.applied.rows]
    assert (names, work.checks.unsettled) == (["Keeper", "Cook"], ())

    of_row = {"do": "set_rows", "rows": "text", "text": "Cook", "become": "things"}
    reviewer.post(LOFT, data={**sheet, "revision": 2, **of_row})

    assert len(open_layout(shop_web.pipeline, "loft").checks.unsettled) > 0


def test_a_field_whose_row_says_that_it_is_the_title_is_said_to_be_it_with_one_press(
    empty_project: Path, tmp_path: Path
) -> None:
    sheets = {
        "Details": "Belongs to,Called,Said\nWatch,Model,this is the title\nWatch,Strap,of leather\n"
    }
    with (
        opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web,
        signed_in(web, Role.REVIEWER) as client,
    ):
        choose(client, 0, do="set_shape", worksheet="Details", shape="fields")
        label = {"worksheet": "Details", "header": "Called", "meaning": "field|Field label"}
        choose(client, 1, do="header", is_sure=True, **label)
        offer = one(page_at(client, f"{HERE}?worksheet=Details"), "form:has([value=set_title])")
        of_row = page_at(client, f"{HERE}?worksheet=Details&row=3").css("#row button")
        choose(client, 2, do="set_title", worksheet="Details", rows_of_fields=["Details|2"])
        rows = work_of(web).checks.reading.checked.applied.rows

    assert "its row says “this is the title”" in offer.text()
    assert "“Strap” is the title that every page has anyway" in [b.text() for b in of_row]
    assert [row.cells.get("Field type", "") for row in rows] == ["Entity label", ""]
