"""Matrices, lines and names on the page of a layout, said by the forms that the page itself shows."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.people import Role
from jira_pipeline.sessions.layouts import open_layout
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import one, opened_with_sheets, page_at, signed_in, value_of

KEY = "shop"
HERE = f"/sessions/{KEY}/layout"
SHEETS = {
    "Bundles": "Name,Machine name,Type,X\nWatch,watch,Content type,a\nMaker,maker,Content type,a\n",
    "Which": "Thing,Watch,The maker\nWeight,M,-\nStory,may,M\n",
    "Rooms": "M,must\nO,may\n\nCalled,Code,Sort\nHall,ha,a,so it is\nYard,ya,b\n",
    "Pairs": "Called,Wide,,Called,Wide\nHall,9,,Yard,7\nRoom,4,,,\n",
    "Pieces": 'Part,It holds\nHero,"1. Heading (short)\n2. Picture"\nQuote,"1. Words\n2. Name"\n',
    "Parts": "What is told,How\nP1 Watch\nYear,Number\nP2 Maker\nBorn,Date\n",
}


@pytest.fixture
def shop_web(empty_project: Path, tmp_path: Path) -> Iterator[Web]:
    """The web of a project with a matrix, and a sheet with lines above its fields."""
    with opened_with_sheets(empty_project, tmp_path, KEY, SHEETS) as web:
        yield web


@pytest.fixture
def reviewer(shop_web: Web) -> Iterator[TestClient]:
    with signed_in(shop_web, Role.REVIEWER) as client:
        yield client


def form_of(page: LexborHTMLParser, do: str, **hidden: str) -> LexborNode:
    """Return the first form for a choice whose hidden fields say this, too."""
    for form in page.css("main form"):
        fields = hidden_fields(form)
        if fields.get("do") == do and hidden.items() <= fields.items():
            return form
    raise AssertionError(f"no form for {do} with {hidden}")


def hidden_fields(form: LexborNode) -> dict[str, str]:
    inputs = form.css("input[type=hidden]")
    return {str(one.attributes["name"]): one.attributes.get("value") or "" for one in inputs}


def save(
    client: TestClient, worksheet: str, do: str, *, said: dict[str, str], **hidden: str
) -> None:
    """Send a form of the page as a browser does, with what somebody chose; a select has to offer it."""
    form = form_of(page_at(client, f"{HERE}?worksheet={worksheet}"), do, **hidden)
    for name, value in said.items():
        options = form.css(f"select[name={name}] option")
        assert not options or value in {option.attributes.get("value") for option in options}
    answer = client.post(HERE, data={**hidden_fields(form), **said})
    assert answer.status_code == 303, answer.text


def save_headers(
    client: TestClient, worksheet: str, meanings: Mapping[str, str], *, name: str = "meanings"
) -> None:
    """Choose what headers of the first table mean, and send all of its headers as a browser does."""
    page = page_at(client, f"{HERE}?worksheet={worksheet}")
    answer = client.post(
        HERE, data=sent_headers(page, form_of(page, "headers"), meanings, name=name)
    )
    assert answer.status_code == 303, answer.text


def sent_headers(
    page: LexborHTMLParser, form: LexborNode, meanings: Mapping[str, str], *, name: str = "meanings"
) -> dict[str, Any]:
    """Return what a browser sends of all headers of a table."""
    sent: dict[str, Any] = dict(hidden_fields(form))
    header = ""
    for control in page.css(f"[form={form.attributes['id']}][name]"):
        value = control.attributes.get("value") or ""
        if control.tag == "select":
            options = control.css("option")
            selected = [option for option in options if "selected" in option.attributes]
            value = [*selected, *options][0].attributes.get("value") or ""
            if control.attributes["name"] == name and header in meanings:
                value = meanings[header]
                assert value in {option.attributes.get("value") for option in options}
        elif control.attributes["name"] == "headers":
            header = value
        elif control.attributes["name"] == name and header in meanings:
            value = meanings[header]
        sent.setdefault(str(control.attributes["name"]), []).append(value)
    return sent


def test_what_all_headers_of_a_table_mean_is_saved_at_once_and_the_others_stay(
    shop_web: Web, reviewer: TestClient
) -> None:
    """Somebody with eight worksheets pressed 82 times, once for each header."""
    save(reviewer, "Parts", "set_shape", said={"shape": "fields", "header_row": "1"})
    save_headers(
        reviewer, "Parts", {"What is told": "field|Field label", "How": "field|Field type"}
    )
    revision = open_layout(shop_web.pipeline, KEY).revision
    save_headers(reviewer, "Parts", {"How": "field|Form widget"}, name="further")
    save_headers(reviewer, "Parts", {})

    work = open_layout(shop_web.pipeline, KEY)
    region = work.layout.sheets[-1].regions[0]
    assert revision == 2
    assert work.revision == 3, "what nobody changed is not saved again"
    headers = {name: values[0].column for name, values in region.records[0].columns.items()}
    assert headers == {"Field label": "What is told", "Form widget": "How"}


def test_why_a_header_is_ignored_is_said_anew_and_shown(
    shop_web: Web, reviewer: TestClient
) -> None:
    """Another reason was not saved, and the form showed the usual one again."""
    save(reviewer, "Parts", "set_shape", said={"shape": "fields", "header_row": "1"})
    save_headers(reviewer, "Parts", {"How": "unused"})

    save_headers(reviewer, "Parts", {"How": "a note of ours"}, name="reasons")
    save_headers(reviewer, "Parts", {})

    page = page_at(reviewer, f"{HERE}?worksheet=Parts")
    shown = [field.attributes["value"] for field in page.css("[name=reasons]")]
    assert "a note of ours" in shown
    assert open_layout(shop_web.pipeline, KEY).revision == 3


def test_the_first_column_is_proposed_as_the_name_and_read_so_once_it_is_saved(
    shop_web: Web, reviewer: TestClient
) -> None:
    save(reviewer, "Parts", "set_shape", said={"shape": "roles", "header_row": "1"})
    before = open_layout(shop_web.pipeline, KEY).layout.sheets[-1].regions[0].records[0]

    save_headers(reviewer, "Parts", {})

    after = open_layout(shop_web.pipeline, KEY).layout.sheets[-1].regions[0].records[0]
    assert all(value.column is None for value in before.columns.get("Name", ()))
    assert [value.column for value in after.columns["Name"]] == ["What is told"]


def test_headers_that_were_sent_in_part_are_not_saved(shop_web: Web, reviewer: TestClient) -> None:
    choice = {"do": "headers", "revision": 0, "worksheet": "Parts", "headers": ["How"]}

    reviewer.post(HERE, data={**choice, "meanings": ["keep", "keep"]})

    assert open_layout(shop_web.pipeline, KEY).revision == 0


def test_a_matrix_and_lines_are_said_by_the_forms_of_the_page(
    shop_web: Web, reviewer: TestClient
) -> None:
    matrix = {"shape": "matrix", "rows": "fields", "across": "types", "marks_in": "B:C"}
    save(reviewer, "Which", "set_shape", said={**matrix, "header_row": "1"})
    form = form_of(page_at(reviewer, f"{HERE}?worksheet=Which"), "set_marks")
    marks = [one.attributes["value"] for one in form.css("input[name=mark]")]
    proposed = [one.attributes["value"] for one in form.css("select[name=mark_means] [selected]")]
    answer = reviewer.post(
        HERE, data={**hidden_fields(form), "mark": marks, "mark_means": proposed}
    )
    assert answer.status_code == 303, answer.text
    names = form_of(page_at(reviewer, f"{HERE}?worksheet=Which"), "names")
    said = {"kinds": ["bundle"], "texts": ["The maker"], "meanings": ["Maker"]}
    assert reviewer.post(HERE, data={**hidden_fields(names), **said}).status_code == 303
    save(reviewer, "Parts", "set_blocks", said={"names": "What is told"}, says="owners")
    constant = {"meaning": "field|Field type", "text": "Text (plain)"}
    save(reviewer, "Which", "set_constant", said=constant)

    rows = open_layout(shop_web.pipeline, KEY).checks.reading.checked.applied.rows
    fields = [row.cells for row in rows if row.kind == "field"]
    assert [
        (cells["Bundle"], cells["Field label"], cells.get("Req'd", "")) for cells in fields
    ] == [
        ("Watch", "Year", ""),
        ("Maker", "Born", ""),
        ("Watch", "Weight", "y"),
        ("Watch", "Story", "n"),
        ("Maker", "Story", "y"),
    ]


def test_what_a_matrix_names_is_saved_as_the_page_proposes_it_and_is_shown_then(
    empty_project: Path, tmp_path: Path
) -> None:
    """The boxes of a matrix were empty again once it was saved."""
    sheets = {"Plants": "Detail,Tree,Herb,Fern\n,tree,herb,fern\nHeight,M,may,M\nSmell,M,M,-\n"}
    with opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web:
        with signed_in(web, Role.REVIEWER) as client:
            assert page_at(client, HERE).css_first("#mark-grid") is not None
            sides = {"rows": "fields", "across": "types"}
            save(client, "Plants", "set_shape", said=sides, shape="matrix", marks_in="B:D")
            form = form_of(page_at(client, HERE), "matrix")
            boxes = form.css("input[name=sides][checked]")
            proposed = [box.attributes["value"] for box in boxes]
            lines = form.css("select[name=line_column] option[selected]")
            said = {
                **hidden_fields(form),
                "sides": proposed,
                "type_of_across": "Content type",
                "line_column": [line.attributes["value"] for line in lines],
            }
            assert client.post(HERE, data=said).status_code == 303
            page = page_at(client, HERE)
            shown = form_of(page, "set_shape").css("select option[selected]")
        rows = open_layout(web.pipeline, KEY).checks.reading.checked.applied.rows

    assert [
        (row.cells["Name"], row.cells["Machine name"], row.cells["Type"])
        for row in rows
        if row.kind == "bundle"
    ] == [
        ("Tree", "tree", "Content type"),
        ("Herb", "herb", "Content type"),
        ("Fern", "fern", "Content type"),
    ]
    assert {"fields", "types"} <= {option.attributes.get("value") for option in shown}
    assert not form_of(page, "matrix").css("input[name=sides]")
    assert page.css_first("#mark-grid") is None


def test_what_is_ignored_or_read_otherwise_elsewhere_stays_so_there(
    empty_project: Path, tmp_path: Path
) -> None:
    """A box that was ticked beforehand ignored a header in four worksheets, and undid a setting."""
    sheets = {
        "Trees": "Called,Code,Soil,Tall\nOak,oak,wet,9\n",
        "Keepers": "Person,Code\nAda,ada\n",
        "Herbs": "Called,Code,Soil\nDill,dill,dry\n",
    }
    with (
        opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web,
        signed_in(web, Role.REVIEWER) as client,
    ):
        for worksheet, code in (("Trees", "bundle|Machine name"), ("Herbs", "unused")):
            said = {"shape": "types", "bundle_type": "Content type", "header_row": "1"}
            save(client, worksheet, "set_shape", said=said)
            save_headers(client, worksheet, {"Called": "bundle|Name", "Code": code})
        roles = {"shape": "roles", "header_row": "1"}
        save(client, "Keepers", "set_shape", said=roles)
        page = page_at(client, f"{HERE}?worksheet=Herbs")
        rows = open_layout(web.pipeline, KEY).checks.reading.checked.applied.rows
        header = {"do": "header", "worksheet": "Herbs", "header": "Code"}
        described = {**header, "meaning": "bundle|Description", "everywhere": "true"}
        revision = open_layout(web.pipeline, KEY).revision
        asked = client.post(HERE, data={**described, "revision": revision})
        sure = {"revision": revision, "is_sure": "true"}
        client.post(HERE, data={**described, **sure})
        notice = page_at(client, f"{HERE}?worksheet=Herbs").css_first("#notices")

    codes = {
        row.cells["Name"]: row.cells.get("Machine name", "") for row in rows if row.kind == "bundle"
    }
    assert codes == {"Oak": "oak", "Dill": ""}
    boxes = page.css("input[name=everywhere_at]")
    assert ["checked" in box.attributes for box in boxes] == [False, False, False]
    # What lists roles has no column for what a header of types means.
    assert "also in 2 other" not in one(page, "#worksheet").text()
    machine_name = "Machine name of the type of 1 type (“oak” is nothing now)"
    assert f"“Trees” would change, too: {machine_name}" in asked.text
    assert notice is not None
    assert f"“Trees” changed, too: {machine_name}" in notice.text()


def test_tables_beside_each_other_are_parted_with_one_press_and_joined_with_another(
    shop_web: Web, reviewer: TestClient
) -> None:
    """What stood right of a blank column could not be said: four worksheets of nine lost it."""
    page = page_at(reviewer, f"{HERE}?worksheet=Pairs")
    ticked = [box.attributes["value"] for box in page.css("#all-areas [name=worksheets]")]
    form = form_of(page, "divide_worksheet")
    columns = [field.attributes["value"] for field in form.css("[name=columns]")]
    reviewer.post(HERE, data={**hidden_fields(form), "columns": columns})
    parted = open_layout(shop_web.pipeline, KEY)
    save(reviewer, "Pairs (left)", "set_shape", said={"shape": "own_sheet", "header_row": "1"})
    listed = open_layout(shop_web.pipeline, KEY)
    rows = listed.checks.reading.checked.applied.rows
    joining = form_of(page_at(reviewer, f"{HERE}?worksheet=Pairs (right)"), "join_worksheet")
    reviewer.post(HERE, data={**hidden_fields(joining), "is_sure": "true"})
    form = form_of(page_at(reviewer, HERE), "divide_worksheets")
    joined = open_layout(shop_web.pipeline, KEY)
    reviewer.post(HERE, data={**hidden_fields(form), "worksheets": ticked})

    assert ticked == ["Pairs||A:B,D:E"]
    assert "Pairs" in [grid.title for grid in joined.grids]
    assert columns == ["A:B", "D:E"]
    titles = [grid.title for grid in parted.grids]
    assert titles[1:3] == ["Pairs (left)", "Pairs (right)"]
    assert [(row.worksheet, row.cells["Called"]) for row in rows if "Called" in row.cells] == [
        ("Pairs (left)", "Hall"),
        ("Pairs (left)", "Room"),
        ("Pairs (right)", "Yard"),
    ]
    assert "Pairs (left)" in [grid.title for grid in open_layout(shop_web.pipeline, KEY).grids]


def test_lists_of_words_are_shown_as_they_would_be_read_and_said_with_one_press(
    empty_project: Path, tmp_path: Path
) -> None:
    """Nothing on the page said lists with their names above, and levels were lost in all others."""
    below = "Crop,,chosen often\nFruit,,\n,Apple,\n\nSoil,,\nSand,,\nClay,,\n"
    steps = (
        "Steps of “Showing”,,\n,,\nfrom,Sketch,Shown\nSketch,,Show (Keeper)\nShown,Hide (Keeper),\n"
    )
    in_lines = 'from,Drawn,Built\nDrawn,,"Build\nKeeper"\nBuilt,"Take down\nKeeper",\n'
    sheets = {"Word lists": below, "Steps": steps, "Ways": in_lines}
    with opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web:
        with signed_in(web, Role.REVIEWER) as client:
            page = page_at(client, f"{HERE}?worksheet=Word%20lists")
            offered = " ".join(one(page, "#word-lists").text().split())
            save(client, "Word%20lists", "set_shape", said={}, shape="terms_below")
            after = page_at(client, f"{HERE}?worksheet=Word%20lists")
            matrix = {"shape": "matrix", "rows": "from_states", "across": "to_states"}
            proposed = value_of(page_at(client, f"{HERE}?worksheet=Steps"), "#called")
            named = {**matrix, "header_row": "3", "called": proposed}
            save(client, "Steps", "set_shape", said=named)
            save(client, "Steps", "set_mark_parts", said={})
            save(client, "Ways", "set_shape", said={**matrix, "header_row": "1", "called": "Ways"})
            first_line = form_of(page_at(client, f"{HERE}?worksheet=Ways"), "set_mark_parts")
            client.post(HERE, data=hidden_fields(first_line))
        rows = open_layout(web.pipeline, KEY).checks.reading.checked.applied.rows

    assert "Crop: Fruit; Fruit > Apple" in offered
    assert after.css_first("#word-lists") is None
    assert [row.cells["Settings/notes"] for row in rows if row.kind == "bundle"] == [
        "Terms:\nFruit\nFruit > Apple",
        "Terms:\nSand\nClay",
    ]
    assert [
        (row.cells["Workflow"], row.cells["Label"], row.cells["Notes"])
        for row in rows
        if row.kind == "workflow_transition"
    ] == [
        ("Showing", "Show", "Keeper"),
        ("Showing", "Hide", "Keeper"),
        ("Ways", "Build", "Keeper"),
        ("Ways", "Take down", "Keeper"),
    ]


def test_what_is_above_and_beside_a_table_is_offered_with_one_press_each(
    shop_web: Web, reviewer: TestClient
) -> None:
    """A remark beside a table could only be given up, and a legend above it was not read."""
    save(reviewer, "Rooms", "set_shape", said={"shape": "own_sheet", "header_row": "4"})
    save(reviewer, "Rooms", "divide_worksheet", said={}, row="4")
    save(reviewer, "Rooms (below)", "header", said={}, header="$D")

    page = page_at(reviewer, f"{HERE}?worksheet=Rooms (below)")
    work = open_layout(shop_web.pipeline, KEY)
    assert "column D" in page.css(".layout-headers")[0].text()
    hall, yard = [row.cells for row in work.checks.reading.checked.applied.rows][-2:]
    titles = [grid.title for grid in work.grids]
    assert titles[-3:-1] == ["Rooms (above)", "Rooms (below)"]
    assert "so it is" in hall.values()
    assert "so it is" not in yard.values()


def test_a_row_that_is_chosen_for_open_questions_takes_nothing_above_it(
    shop_web: Web, reviewer: TestClient
) -> None:
    """A legend above open questions was asked about, line by line."""
    save(reviewer, "Rooms", "set_shape", said={"shape": "open_questions", "header_row": "4"})

    work = open_layout(shop_web.pipeline, KEY)
    asked = {row.worksheet for row in work.checks.reading.checked.applied.rows}
    assert "Rooms (below)" in asked
    assert "Rooms (above)" not in asked


def test_what_was_chosen_in_a_form_stays_in_it_where_its_saving_asks_first(
    shop_web: Web, reviewer: TestClient
) -> None:
    """Who went back found all headers as they were, after choosing what a dozen of them mean."""
    said = {"shape": "types", "bundle_type": "", "header_row": "1"}
    save(reviewer, "Bundles", "set_shape", said=said)
    save_headers(reviewer, "Bundles", {"X": "bundle|Machine name"})

    page = page_at(reviewer, f"{HERE}?worksheet=Bundles")
    form = form_of(page, "headers")
    sent = sent_headers(page, form, {"Type": "bundle|Machine name"})
    sent["afters"][0] = 'after "x'
    asked = LexborHTMLParser(reviewer.post(HERE, data=sent).text)

    form = one(asked, f"main #{form.attributes['id']}")
    assert sent_headers(asked, form, {}) == sent
    back = one(asked, "#change a").attributes["href"]
    above = form.prev
    while above is not None and above.tag == "-text":
        above = above.prev
    assert above is not None
    assert back == f"#{above.attributes['id']}"
    assert "autofocus" in one(asked, "#change").attributes
    parts = one(asked, "#worksheet .layout-meaning").css("details")
    assert ["open" in part.attributes for part in parts] == [True]
    assert open_layout(shop_web.pipeline, KEY).revision == 2


def test_a_row_that_was_chosen_is_still_shown_with_what_was_chosen_for_it(
    reviewer: TestClient,
) -> None:
    said = {"shape": "types", "bundle_type": "Content type", "header_row": "1"}
    save(reviewer, "Bundles", "set_shape", said=said)
    save_headers(reviewer, "Bundles", {"X": "bundle|Description"})
    page = page_at(reviewer, f"{HERE}?worksheet=Bundles&row=3")

    sent = hidden_fields(form_of(page, "set_shape", row_shown="3", header_row="3"))
    asked = LexborHTMLParser(reviewer.post(HERE, data=sent).text)

    assert one(asked, "#change") is not None
    assert one(asked, "#row h3").text().startswith("Row 3")
    assert sent.items() <= hidden_fields(form_of(asked, "set_shape", row_shown="3")).items()


def test_a_proposal_that_nobody_saved_is_among_what_is_left_and_holds_nothing_up(
    empty_project: Path, tmp_path: Path
) -> None:
    """It stood chosen in a form of a worksheet that was called clear, and was never read."""
    sheets = {
        "Lists": "what,Colour,Shape\ncode,ink_colour,ink_shape\nwords,red,round\n,blue,square\n"
    }
    with (
        opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web,
        signed_in(web, Role.REVIEWER) as client,
    ):
        save(client, "Lists", "set_shape", said={"shape": "terms", "header_row": "1"})
        before = page_at(client, HERE)
        form = form_of(before, "matrix")
        line = one(form, "select[name=line_column] option[selected]").attributes["value"]
        work = open_layout(web.pipeline, KEY)
        client.post(HERE, data={**hidden_fields(form), "line_column": line})
        after = page_at(client, HERE)

    assert "proposed, and not saved yet" in form.text()
    assert work.is_settled
    assert "proposed: save or change" in one(before, "#worksheets").text()
    assert "what row 2 says: save or change it" in one(before, "#settle").text()
    assert "Confirm how this workbook is read" in one(before, ".next").text()
    assert "proposed" not in one(after, "#worksheets").text()
    assert "Nothing." in one(after, "#settle").text()


def test_lines_of_cells_are_made_fields_with_one_press_and_nobody_has_to(
    shop_web: Web, reviewer: TestClient
) -> None:
    """All fields of a type were one note of it, and no word warned of that."""
    shape = {"shape": "types", "bundle_type": "Paragraph type"}
    save(reviewer, "Pieces", "set_shape", said=shape)
    save_headers(reviewer, "Pieces", {"Part": "bundle|Name"})
    unsettled = [finding.text for finding in open_layout(shop_web.pipeline, KEY).checks.unsettled]
    page = page_at(reviewer, f"{HERE}?worksheet=Pieces")
    shown = page.css("main")[0].text()

    assert "2 cells below “It holds” hold several lines" in shown
    assert "4 fields: “Heading (short)”, “Picture”, “Words”, …" in shown
    assert not [text for text in unsettled if "It holds" in text]

    pressed = form_of(page, "set_listed_fields")
    # Browsers send a line break as two characters.
    fields = {name: text.replace("\n", "\r\n") for name, text in hidden_fields(pressed).items()}
    assert reviewer.post(HERE, data=fields).status_code == 303
    save(reviewer, "Pieces", "set_listed_fields", said={})

    rows = open_layout(shop_web.pipeline, KEY).checks.reading.checked.applied.rows
    given = [
        (row.cells["Field label"], row.cells.get("Settings/notes", ""))
        for row in rows
        if row.worksheet == "Pieces" and row.kind == "field"
    ]
    assert given == [("Heading", "(short)"), ("Picture", ""), ("Words", ""), ("Name", "")]


def test_names_that_lead_nowhere_are_shown_with_where_they_are(
    empty_project: Path, tmp_path: Path
) -> None:
    """They were folded among remarks, and seventeen fields asked the same in their tickets."""
    sheets = {
        "Bundles": "Name,Machine name,Type\nOak,oak,Content type\nDill,dill,Content type\n",
        "Fields": "Bundle,Field label,Machine name,Field type,Ref. bundle\n"
        "Oak,Beside,field_beside,Entity reference,set: Herbs\n"
        "Dill,Beside,field_beside,Entity reference,set: Herbs\n"
        "Dill,Below,field_below,Entity reference,Oak\n",
        "Other": "Called,Code\nFern,fern\n",
    }
    with (
        opened_with_sheets(empty_project, tmp_path, KEY, sheets) as web,
        signed_in(web, Role.REVIEWER) as client,
    ):
        page = page_at(client, HERE)

    heading = one(page, "#lost-names")
    rows = page.css("#lost-names ~ .scroll tbody tr")
    assert heading.text() == "Names that lead nowhere: 1"
    (row,) = [row.text() for row in rows]
    assert "set: Herbs" in row
    assert "Fields!" in row
